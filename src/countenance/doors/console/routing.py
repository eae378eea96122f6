"""How a page says where it is and who may see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.routing import compile_path

if TYPE_CHECKING:
    import re
    from collections.abc import Awaitable, Callable, Iterable

    from starlette.convertors import Convertor
    from starlette.responses import Response

    from countenance.doors.console.visit import Arrival, Visit


@dataclass(frozen=True, slots=True)
class PageRoute:
    """A page, or what a form is sent to.

    Attributes:
        path: under ``/console``, such as ``/reviews/{review_id}``.
        methods: GET or POST or both.
        needs: operations any of which the reader's key must be allowed; none: everybody's.
        answer: makes the answer for somebody who has signed in.
        pattern: what matches the path.
        convertors: by name, what reads the path's parameters.
    """

    path: str
    methods: tuple[str, ...]
    needs: tuple[str, ...]
    answer: Callable[[Visit], Awaitable[Response]]
    pattern: re.Pattern[str]
    convertors: dict[str, Convertor[object]]


@dataclass(frozen=True, slots=True)
class OpenRoute:
    """A page for whoever comes, signed in or not."""

    path: str
    methods: tuple[str, ...]
    answer: Callable[[Arrival], Awaitable[Response]]
    pattern: re.Pattern[str]
    convertors: dict[str, Convertor[object]]


@dataclass(frozen=True, slots=True)
class Found:
    """The route of a path and the path's parameters; no route where there is none for the method."""

    route: PageRoute | OpenRoute | None
    parameters: dict[str, object]
    methods: tuple[str, ...]


def page(
    path: str,
    answer: Callable[[Visit], Awaitable[Response]],
    methods: tuple[str, ...] = ("GET",),
    needs: tuple[str, ...] = (),
) -> PageRoute:
    """Return the route of a page for those who have signed in."""
    pattern, _, convertors = compile_path(path)
    return PageRoute(path, methods, needs, answer, pattern, convertors)


def open_page(
    path: str, answer: Callable[[Arrival], Awaitable[Response]], methods: tuple[str, ...] = ("GET",)
) -> OpenRoute:
    """Return the route of a page for everybody."""
    pattern, _, convertors = compile_path(path)
    return OpenRoute(path, methods, answer, pattern, convertors)


def find(routes: Iterable[PageRoute | OpenRoute], path: str, method: str) -> Found:
    """Return the route of a path, or which methods it has."""
    methods: list[str] = []
    for route in routes:
        match = route.pattern.match(path)
        if match is None:
            continue
        if method in route.methods:
            given = {name: route.convertors[name].convert(value) for name, value in match.groupdict().items()}
            return Found(route, given, route.methods)
        methods += route.methods
    return Found(None, {}, tuple(methods))
