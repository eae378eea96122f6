"""What a monitor sees, for who looks at the moment; nobody looks, nothing is drawn, and nothing is kept."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from countenance.video.live_preview import marked_jpeg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from countenance.video.live_values import Looked

_LEAST_SECONDS = 0.2


class Preview:
    """The newest picture of one monitor, a JPEG, for any number of threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._viewers = self._number = 0
        self._jpeg: bytes | None = None
        self._shown_at = 0.0

    def show(self, looked: Looked) -> None:
        """Take the newest picture, where somebody looks and the last one was not just now."""
        if not self._viewers or time.monotonic() - self._shown_at < _LEAST_SECONDS:
            return
        jpeg, self._shown_at = marked_jpeg(looked), time.monotonic()
        with self._changed:
            if self._viewers:
                self._jpeg, self._number = jpeg, self._number + 1
                self._changed.notify_all()

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Look, for as long as the block runs."""
        with self._changed:
            self._viewers += 1
        try:
            yield
        finally:
            with self._changed:
                self._viewers -= 1
                if not self._viewers:
                    self._jpeg = None

    def next(self, number: int, seconds: float) -> tuple[int, bytes | None]:
        """Return the number of a picture newer than that, and the picture; None where none comes in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._number > number, seconds)
            return self._number, self._jpeg if self._number > number else None
