"""Paths of the console's pages."""

from __future__ import annotations

from urllib.parse import quote, urlencode

PREFIX = "/console"

ESCAPE = "~"
"""What begins a part that would else be nothing but one or two dots, which browsers take out of a path."""

_DOTS = frozenset({".", ".."})


def at(*parts: object, **query: object) -> str:
    """Return the path of a page under ``/console``, whatever its parts hold; ``query`` without what is None.

    A part must not hold a slash, so what people name goes into the query.

        >>> at("collections", "staff", after=None)
        '/collections/staff'
        >>> at("collections", "..")
        '/collections/~..'
    """
    path = "".join(f"/{ESCAPE if part in _DOTS else ''}{quote(str(part), safe='')}" for part in parts)
    asked = urlencode({name: value for name, value in query.items() if value is not None})
    return f"{path}?{asked}" if asked else path
