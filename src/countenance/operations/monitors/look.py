"""Look at a monitor: what it does, its last events, and what it sees at the moment.

Whoever looks for longer is asked again every two seconds whether they may.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.errors import NotPermitted
from countenance.operations.callers import caller_of
from countenance.operations.monitors.feed import MOST_EVENTS
from countenance.operations.monitors.manage import permitted_monitor
from countenance.operations.monitors.run import Activity
from countenance.operations.watch import ASK_AGAIN_SECONDS, still_permitted

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from contextlib import AbstractContextManager

    from countenance.operations.acts import Act
    from countenance.operations.monitors.feed import NumberedEvent
    from countenance.operations.monitors.run import MonitorRun
    from countenance.operations.monitors.supervisor import Monitors
    from countenance.operations.monitors.values import Monitor

_LONGEST_WAIT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Doing:
    """What a monitor does at the moment.

    Attributes:
        activity: in a word.
        message: why it does not watch; empty where there is nothing to say.
        events_not_posted: how many events its webhook did not get since the last that it got.
    """

    activity: Activity
    message: str
    events_not_posted: int


def doing(monitors: Monitors, monitor: Monitor) -> Doing:
    """Return what a monitor does at the moment; who asks has been shown the monitor."""
    run = monitors.run_of(monitor.monitor_id)
    if run is None:
        return Doing(Activity.STOPPED, monitor.message, 0)
    return Doing(run.activity, run.message or monitor.message, run.events_not_posted)


def last_events(
    monitors: Monitors, act: Act, monitor_id: str, *, after: int | None, most: int
) -> list[NumberedEvent]:
    """Return the last events of a monitor, oldest first; those after a number, or simply the newest.

    Raises:
        NotPermitted: the caller's key does not allow it.
        MonitorNotFound: there is no such monitor.
    """
    permitted_monitor(monitors.rooms.store, act, "show_monitor", monitor_id)
    run = monitors.run_of(monitor_id)
    if run is None:
        return []
    run.forget_the_erased()
    return run.feed.last(most) if after is None else run.feed.after(after, most)


class Look:
    """Somebody who looks at a monitor, for as long as they may and it is there."""

    def __init__(self, monitors: Monitors, act: Act, monitor: Monitor, operation: str) -> None:
        self._monitors = monitors
        self._register = act.register
        self._key_id = act.caller.key_id
        self._monitor = monitor
        self._operation = operation
        self._asked_at = time.monotonic()

    @property
    def looked_at(self) -> AbstractContextManager[bool]:
        """Look, for as long as a block runs; tells whether there is room for one more."""
        return self._monitors.looked_at()

    @property
    def run(self) -> MonitorRun | None:
        """The monitor's run; None where it has not run, or is gone."""
        return self._monitors.run_of(self._monitor.monitor_id)

    def goes_on(self) -> bool:
        """Tell whether there is more to see, and whoever looks still may."""
        if self._monitors.ending.is_set() or self.run is None:
            return False
        if time.monotonic() - self._asked_at < ASK_AGAIN_SECONDS:
            return True
        self._asked_at = time.monotonic()
        try:
            caller = caller_of(self._monitors.rooms.store, self._key_id)
            still_permitted(self._register, caller, self._monitor.asked.collection_id, self._operation)
        except NotPermitted:
            return False
        return True


def look_at_events(monitors: Monitors, act: Act, monitor_id: str) -> Look:
    """Begin to look at events as they come.

    Raises:
        NotPermitted: the caller's key does not allow it.
        MonitorNotFound: there is no such monitor.
    """
    monitor = permitted_monitor(monitors.rooms.store, act, "show_monitor", monitor_id)
    return Look(monitors, act, monitor, "show_monitor")


def events_as_they_come(look: Look, after: int | None) -> Iterator[list[NumberedEvent]]:
    """Yield events, oldest first, as long as there may be more; nothing of a second is an empty list.

    Where too many look already there is nothing to see.
    """
    run = look.run
    number = run.feed.number if run is not None and after is None else after or 0
    with look.looked_at as may:
        while may and look.goes_on():
            run = look.run
            if run is None:
                return
            run.feed.wait(number, _LONGEST_WAIT_SECONDS)
            events = run.feed.after(number, most=MOST_EVENTS)
            number = events[-1].number if events else number
            yield events


def look_at_picture(monitors: Monitors, act: Act, monitor_id: str) -> Look:
    """Begin to look at what a monitor sees.

    Raises:
        NotPermitted: the caller's key, a moratorium, the policy, or the monitor itself does not allow it.
        MonitorNotFound: there is no such monitor.
    """
    monitor = permitted_monitor(monitors.rooms.store, act, "preview_monitor", monitor_id)
    if not monitor.asked.preview:
        raise NotPermitted("nobody may look at what this monitor sees; it was made without preview")
    return Look(monitors, act, monitor, "preview_monitor")


def pictures_as_they_come(look: Look) -> Generator[bytes | None]:
    """Yield JPEGs as long as there may be more; None where none came for a second.

    Where too many look already there is nothing to see.
    """
    run, number = look.run, 0
    if run is None:
        return
    with look.looked_at as may, run.preview.looking():
        while may and look.goes_on():
            number, jpeg = run.preview.next(number, _LONGEST_WAIT_SECONDS)
            yield jpeg
