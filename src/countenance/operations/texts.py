"""What a text must be like to be kept where people read it."""

from __future__ import annotations

import unicodedata

_UNREADABLE = {"Cc", "Cs"}


def is_line(text: str, most: int) -> bool:
    """Tell whether a text is one line of at most so many characters, and says something."""
    readable = _UNREADABLE.isdisjoint(map(unicodedata.category, text))
    return readable and len(text) <= most and bool(text.strip())
