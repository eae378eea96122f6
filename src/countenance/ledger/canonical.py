"""Entries as bytes, the same for the same content: canonical JSON (RFC 8785) without fractions.

Fractions are left out because the RFC writes them as ECMAScript does and Python's fast encoder does not;
whoever records one writes it as text.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    Recorded = str | int | bool | None | list["Recorded"] | Mapping[str, "Recorded"]


def canonical(record: Mapping[str, Recorded]) -> bytes:
    """Return the canonical form; names of members must be ASCII.

    Raises:
        ValueError: a value is a fraction or no text that can be encoded.
    """
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_refuse)
    if _holds_fraction(record):
        raise ValueError("a fraction is recorded as text")
    return text.encode()


def in_hundredths(value: float) -> str:
    """Return a number with two decimals, as text."""
    return f"{value:.2f}"


def _holds_fraction(value: Recorded) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_fraction, value.values()))
    if isinstance(value, list):
        return any(map(_holds_fraction, value))
    return isinstance(value, float)


def _refuse(value: object) -> None:
    raise ValueError(f"{type(value).__name__} cannot be recorded")
