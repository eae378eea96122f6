"""A door whose libraries are loaded by its first request, so that no start of the server waits for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute, Match

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send


class LateDoor(BaseRoute):
    """A route of the server's: all paths at and under one.

    Args:
        prefix: the path.
        load: returns what answers.
    """

    def __init__(self, prefix: str, load: Callable[[], ASGIApp]) -> None:
        self._prefix = prefix
        self._load = load
        self._app: ASGIApp | None = None

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Take what is under the path, also what a pattern would not match, such as a line break."""
        is_ours = scope["type"] == "http" and f"{scope['path']}/".startswith(f"{self._prefix}/")
        return (Match.FULL if is_ours else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if self._app is None:  # two first requests may both load it, which does no harm
            self._app = await run_in_threadpool(self._load)
        await self._app(scope, receive, send)
