"""How much a server takes on at a time: more is refused at once, not queued until all wait too long."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import anyio
import anyio.to_thread

from countenance.errors import RequestTooLarge, RequestTooSlow, ServerBusy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request

Answer = TypeVar("Answer")

# Bodies of waiting requests may hold so many of the largest.
_BODIES = 32


class Admission:
    """Bounds the requests of one server process; used within its event loop only.

    Args:
        workers: requests that are worked on at the same time, each in a thread.
        most_waiting: requests that may wait for a worker.
        max_request_bytes: the largest body.
        body_seconds: how long a body may take to arrive.
    """

    def __init__(
        self, workers: int, most_waiting: int, max_request_bytes: int, body_seconds: float = 60.0
    ) -> None:
        self._workers = workers
        self._most_waiting = most_waiting
        self._max_request_bytes = max_request_bytes
        self._body_seconds = body_seconds
        self._limiter: anyio.CapacityLimiter | None = None
        self._admitted = 0
        self._held_bytes = 0

    @property
    def admitted(self) -> int:
        """How many requests are worked on or wait."""
        return self._admitted

    @asynccontextmanager
    async def body(self, http: Request) -> AsyncIterator[bytes]:
        """Read a request's body and hold it, within all limits, for as long as the block runs.

        Raises:
            RequestTooLarge: the body is larger than allowed.
            RequestTooSlow: it did not arrive in time.
            ServerBusy: the bodies held already are too many.
        """
        chunks: list[bytes] = []
        size = 0
        try:
            try:
                async with asyncio.timeout(self._body_seconds):
                    async for chunk in http.stream():
                        size += len(chunk)
                        self._held_bytes += len(chunk)
                        chunks.append(chunk)
                        self._check_bytes(size)
            except TimeoutError:
                raise RequestTooSlow(f"the body did not arrive in {self._body_seconds:g} seconds") from None
            yield b"".join(chunks)
        finally:
            self._held_bytes -= size

    async def run(self, work: Callable[..., Answer], *arguments: object) -> Answer:
        """Run work in a thread as soon as a worker is free.

        Raises:
            ServerBusy: too many requests wait already.
        """
        if self._admitted >= self._workers + self._most_waiting:
            raise ServerBusy(f"{self._admitted} requests are worked on or wait; try again in a moment")
        if self._limiter is None:  # it belongs to the running event loop
            self._limiter = anyio.CapacityLimiter(self._workers)
        self._admitted += 1
        try:
            return await anyio.to_thread.run_sync(partial(work, *arguments), limiter=self._limiter)
        finally:
            self._admitted -= 1

    def _check_bytes(self, size: int) -> None:
        if size > self._max_request_bytes:
            raise RequestTooLarge(
                f"the body is larger than {self._max_request_bytes:,} bytes (max_request_bytes)"
            )
        if self._held_bytes > _BODIES * self._max_request_bytes:
            raise ServerBusy("the bodies of waiting requests fill their memory; try again in a moment")
