"""How far an import is: a bar on a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from countenance.doors.cli.outcomes import tell
from countenance.doors.cli.tables import stderr_console
from countenance.errors import CountenanceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from countenance.operations.imports.start_import import Job

_LOOK_SECONDS = 0.5
_LINE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How far an import is, and how fast since it was looked at first."""

    settled: int
    total: int | None
    faces: int
    faces_per_second: float
    seconds_left: float | None


class Speedometer:
    """Tells an import's pace from what its job says now and then."""

    def __init__(self) -> None:
        self._first: tuple[float, int, int] | None = None

    def pace(self, job: Job, now: float) -> Pace:
        """Return the pace; ``now`` is any clock's time in seconds."""
        progress = job.progress
        faces = sum(progress.counts.get(name, 0) for name in ("faces", "faces_there"))
        if self._first is None:
            self._first = (now, progress.settled, faces)
        began, settled_then, faces_then = self._first
        seconds, settled = now - began, progress.settled - settled_then
        left = None
        if progress.total is not None and settled:
            left = (progress.total - progress.settled) * seconds / settled
        speed = (faces - faces_then) / seconds if seconds > 0 else 0.0
        return Pace(progress.settled, progress.total, faces, speed, left)


@contextlib.contextmanager
def showing_import(look: Callable[[], Job]) -> Iterator[None]:
    """Show how far an import is for as long as the block runs; ``look`` reads its job."""
    finished = threading.Event()
    show = _show_bar if sys.stderr.isatty() else _show_lines
    thread = threading.Thread(target=show, args=(look, finished), name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        finished.set()
        thread.join()


def _show_bar(look: Callable[[], Job], finished: threading.Event) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("pictures, {task.fields[faces]:,} faces, {task.fields[speed]:.0f} faces/s"),
        TimeRemainingColumn(),
    )
    speedometer = Speedometer()
    with Progress(*columns, console=stderr_console(), transient=True) as shown:
        task = shown.add_task("importing", total=None, faces=0, speed=0.0)
        while not finished.wait(_LOOK_SECONDS):
            with contextlib.suppress(CountenanceError):
                job = look()
                pace = speedometer.pace(job, time.monotonic())
                listing = pace.total is None
                shown.update(
                    task,
                    description="listing" if listing else "importing",
                    completed=int(job.checkpoint.get("items", 0)) if listing else pace.settled,
                    total=pace.total,
                    faces=pace.faces,
                    speed=pace.faces_per_second,
                )


def _show_lines(look: Callable[[], Job], finished: threading.Event) -> None:
    speedometer, last = Speedometer(), time.monotonic()
    while not finished.wait(_LOOK_SECONDS):
        with contextlib.suppress(CountenanceError):
            job, now = look(), time.monotonic()
            pace = speedometer.pace(job, now)
            if now - last >= _LINE_SECONDS:
                last = now
                tell(in_a_line(pace, int(job.checkpoint.get("items", 0))))


def in_a_line(pace: Pace, listed: int) -> str:
    """Return how far an import is: "1,200 of 4,992 pictures, 1,310 faces, 55 faces/s, 1 min left"."""
    if pace.total is None:
        return f"listing: {listed:,} pictures found"
    parts = [f"{pace.settled:,} of {pace.total:,} pictures", f"{pace.faces:,} faces"]
    parts.append(f"{pace.faces_per_second:.0f} faces/s")
    if pace.seconds_left is not None:
        parts.append(f"{_duration(pace.seconds_left)} left")
    return ", ".join(parts)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5_400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
