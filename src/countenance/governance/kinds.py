"""What kinds of operation there are, as far as rules tell them apart."""

from __future__ import annotations

import enum


class Kind(enum.Enum):
    """What an operation does to people's faces."""

    ENROL = "enrol"
    SEARCH = "search"
    WATCH = "watch"
    """A search that goes on by itself, for everybody who comes before a camera."""
    COMPARE = "compare"
    ANALYSE = "analyse"
    TEMPLATE = "template"
    READ = "read"
    MANAGE = "manage"
    ERASE = "erase"
    ADMINISTER = "administer"
    """Only an administrator's key may."""


RECOGNITION = frozenset({Kind.ENROL, Kind.SEARCH, Kind.WATCH, Kind.COMPARE, Kind.ANALYSE, Kind.TEMPLATE})
"""What uses faces, and so may be forbidden; reading, managing and erasing records never is."""
