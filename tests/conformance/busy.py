"""A server with one worker and no queue, and what keeps it occupied."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conformance import pictures
from conformance.clients import checked_client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serving import RunningServer


@dataclass(frozen=True)
class BusyServer:
    """A server that works on one request at a time and throttles all that come meanwhile."""

    server: RunningServer
    picture: bytes = field(default_factory=pictures.large)

    @contextmanager
    def occupied(self, most_seconds: float = 60) -> Iterator[None]:
        """Keep it at work, request after request, until the block is left or the time is over."""
        started, stop = threading.Event(), threading.Event()
        clock = threading.Timer(most_seconds, stop.set)

        def occupy() -> None:
            client = checked_client(
                self.server.endpoint_url, self.server.access_key_id, self.server.secret_access_key
            )
            while not stop.is_set():
                started.set()
                try:
                    client.detect_faces(Image={"Bytes": self.picture})
                except client.exceptions.ProvisionedThroughputExceededException:
                    continue
            client.close()

        worker = threading.Thread(target=occupy)
        worker.start()
        started.wait()
        clock.start()
        try:
            yield
        finally:
            clock.cancel()
            stop.set()
            worker.join()
