"""How far long work is, on a terminal."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from countenance.doors.cli.tables import stderr_console

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextlib.contextmanager
def showing_progress(of: str = "measuring") -> Iterator[Callable[[int, int], None]]:
    """Show a bar while the block runs, and yield what is told how many of how many steps are done.

    Where there is no terminal nothing is shown.
    """
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=stderr_console(), transient=True) as shown:
        task = shown.add_task(of, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)
