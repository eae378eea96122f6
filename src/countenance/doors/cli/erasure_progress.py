"""How far an erasure of everything is: a bar on a terminal, elsewhere a line now and then."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from countenance.doors.cli.outcomes import tell
from countenance.doors.cli.tables import stderr_console
from countenance.doors.cli.words import count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Task

_SECONDS_BETWEEN_LINES = 5.0


class ErasureProgress(Protocol):
    """What is told how far an erasure is."""

    def begun(self, faces: int) -> None:
        """Take note of how many faces there are."""

    def erased(self, faces: int) -> None:
        """Take note of how many were erased since this was told last."""


@contextmanager
def showing_progress() -> Iterator[ErasureProgress]:
    """Show on stderr how far an erasure is, for as long as the block runs."""
    console = stderr_console()
    if not console.is_terminal:
        yield Lines()
        return
    columns = (TextColumn("erasing"), BarColumn(), MofNCompleteColumn(), _Speed(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        yield _Bar(progress)


class Lines:
    """Tells it in lines; ``clock`` in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._total = self._done = 0
        self._started = self._told = clock()

    def begun(self, faces: int) -> None:
        """Say how many there are; nobody can find them any more."""
        self._total = faces
        self._started = self._told = self._clock()
        tell(f"nobody can be found any more; erasing {count(faces, 'face')}")

    def erased(self, faces: int) -> None:
        """Say how far it is, if that was not said just now."""
        self._done += faces
        now = self._clock()
        if now - self._told < _SECONDS_BETWEEN_LINES:
            return
        self._told = now
        speed = self._done / (now - self._started)
        left = max(self._total - self._done, 0) / speed if speed else 0.0
        tell(
            f"{self._done:,} of {count(self._total, 'face')} erased, {speed:,.0f} faces/s, {left:,.0f} s left"
        )


class _Bar:
    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=None)

    def begun(self, faces: int) -> None:
        self._progress.update(self._task, total=faces)

    def erased(self, faces: int) -> None:
        self._progress.advance(self._task, faces)


class _Speed(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f} faces/s")
