"""What the names of picture files end in."""

from __future__ import annotations

import os.path

PICTURE_SUFFIXES = frozenset((".jpg", ".jpeg", ".jpe", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif"))
"""In small letters; files are known by them only where nobody names them one by one."""


def has_picture_suffix(name: str) -> bool:
    """Tell whether a file's name ends as those of pictures do."""
    return os.path.splitext(name)[1].lower() in PICTURE_SUFFIXES  # noqa: PTH122 - object names are no paths
