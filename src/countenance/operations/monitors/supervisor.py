"""`Monitors`: runs what the records say is to be run, in the one server of a database.

The records are the truth: a monitor that is made, stopped or deleted by whatever process is noticed within a
second, and a server that was killed goes on with all of them when it starts again.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

from countenance.errors import CountenanceError, MonitorNotFound
from countenance.operations.monitors.run import MonitorRun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from countenance.operations.monitors.ports import MonitorReader
    from countenance.operations.monitors.run import RunningRooms

MOST_LOOKERS = 24
"""How many may look at events or pictures as they come, of all monitors; each keeps a thread busy."""

_TICK_SECONDS = 1.0
_TICKS_BETWEEN_FORGETTING = 10
_ENDING_SECONDS = 10.0
_log = structlog.get_logger("countenance.monitors")


class Monitors:
    """Runs monitors, each in threads of its own.

    Attributes:
        rooms: their records, and what a server lets them do.
        ending: is set when the server ends, so that whoever looks at a monitor is let go.
    """

    def __init__(self, rooms: RunningRooms) -> None:
        self.rooms = rooms.monitors
        self.ending = threading.Event()
        self._rooms = rooms
        self._runs: dict[str, MonitorRun] = {}
        self._lookers = threading.BoundedSemaphore(MOST_LOOKERS)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Run them for as long as the block runs."""
        thread = threading.Thread(target=self._work, name="monitors", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.ending.set()
            thread.join(_ENDING_SECONDS)

    def run_of(self, monitor_id: str) -> MonitorRun | None:
        """Return the run of a monitor; None where it has not run since the server started."""
        return self._runs.get(monitor_id)

    @contextmanager
    def looked_at(self) -> Iterator[bool]:
        """Let somebody look at a monitor for as long as the block runs; tells whether they may."""
        may = self._lookers.acquire(blocking=False)
        try:
            yield may
        finally:
            if may:
                self._lookers.release()

    def _work(self) -> None:
        ticks = 0
        while not self.ending.is_set():
            try:
                self._follow_the_records()
                if ticks % _TICKS_BETWEEN_FORGETTING == 0:
                    for run in list(self._runs.values()):
                        run.forget_the_erased()
            except CountenanceError as error:
                _log.error("monitors could not be looked after and are again", reason=str(error))
            except Exception:
                _log.exception("monitors could not be looked after and are again")
            ticks += 1
            self.ending.wait(_TICK_SECONDS)
        for run in self._runs.values():
            run.stop()
        for run in self._runs.values():
            run.join(_ENDING_SECONDS / 2)

    def _follow_the_records(self) -> None:
        """Start, end and forget runs until they are what the records say."""
        with self.rooms.store.reading() as reader:
            wanted = {each.monitor_id: each for each in reader.running_monitors()[: self.rooms.most]}
            for monitor_id in [each for each, run in self._runs.items() if run.has_ended]:
                if monitor_id not in wanted and not _is_kept(reader, monitor_id):
                    del self._runs[monitor_id]
        for monitor_id, run in self._runs.items():
            is_wanted = monitor_id in wanted and wanted[monitor_id].works_for == run.monitor.works_for
            if not is_wanted:
                run.stop()
        for monitor_id, monitor in wanted.items():
            before = self._runs.get(monitor_id)
            if before is None or before.has_ended:
                self._runs[monitor_id] = MonitorRun(self._rooms, monitor, before)
                self._runs[monitor_id].start()


def _is_kept(reader: MonitorReader, monitor_id: str) -> bool:
    try:
        reader.monitor(monitor_id)
    except MonitorNotFound:
        return False
    return True
