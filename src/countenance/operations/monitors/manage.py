"""Make, list, show, start, stop and delete monitors.

A monitor works for the access key that started it last: what that may not do, the monitor may not either.
"""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from countenance.errors import MonitorNotFound, PolicyInvalid, TooManyMonitors
from countenance.operations.monitors.values import Monitor, MonitorState, NewMonitor
from countenance.operations.pages import Page, page_of
from countenance.operations.texts import is_line
from countenance.video.live_sources import LiveSource, require_allowed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from countenance.governance import GovernanceWriter
    from countenance.operations.acts import Act
    from countenance.operations.monitors.ports import MonitorReader, MonitorStore, MonitorWriter
    from countenance.operations.monitors.rooms import MonitorRooms

__all__ = [
    "Monitor",
    "MonitorState",
    "NewMonitor",
    "create_monitor",
    "delete_monitor",
    "list_monitors",
    "show_monitor",
    "shown_source",
    "start_monitor",
    "stop_monitor",
]

_ID_BYTES = 16
_MOST_NAME = 200
_BATCH = 500


def create_monitor(rooms: MonitorRooms, act: Act, new: NewMonitor) -> Monitor:
    """Make a monitor; a server runs it from the next second on, until it is stopped.

    Raises:
        NotPermitted: the caller's key, a moratorium or the policy of the collection does not allow it.
        PolicyInvalid: the name is no line of text, or the similarity not 0–100.
        SourceRefused: the source is of no kind that is watched, or the settings do not allow it.
        NotificationRefused: there is no webhook of that name.
        TooManyMonitors: as many run as may.
        CollectionNotFound: there is no such collection.
    """
    act.permit("create_monitor", new.collection_id)
    _require_watching(act, new.collection_id)
    if not is_line(new.name, _MOST_NAME):
        raise PolicyInvalid(f"the name of a monitor is one line of at most {_MOST_NAME} characters")
    if not 0 <= new.least_similarity <= 100:
        raise PolicyInvalid("a similarity is 0 to 100")
    require_allowed(LiveSource.parse(new.source), rooms.sources)
    if new.webhook is not None:
        rooms.channels.require(new.webhook)
    key_id, now = act.caller.key_id, datetime.now(UTC)
    made = Monitor(0, secrets.token_hex(_ID_BYTES), new, MonitorState.RUNNING, key_id, now, key_id)
    act.note(
        monitor=made.monitor_id,
        source=act.register.digest(f"source\n{shown_source(made)}"),
        webhook=new.webhook is not None,
        preview=new.preview,
    )
    with _changing(act) as writer:
        _require_room(writer, rooms.most)
        writer.add_monitor(made)
        return writer.monitor(made.monitor_id)


def list_monitors(store: MonitorStore, act: Act, *, most: int, after_key: int = 0) -> Page[Monitor]:
    """Return monitors of the collections that the caller's key may use, oldest first.

    Raises:
        NotPermitted: the caller's key does not allow it.
    """
    act.permit("list_monitors")
    with store.reading() as reader:
        return page_of(lambda count: _visible(reader, act, count, after_key), most, after_key)


def show_monitor(store: MonitorStore, act: Act, monitor_id: str) -> Monitor:
    """Return one.

    Raises:
        NotPermitted: the caller's key does not allow it.
        MonitorNotFound: there is no such monitor.
    """
    return permitted_monitor(store, act, "show_monitor", monitor_id)


def start_monitor(rooms: MonitorRooms, act: Act, monitor_id: str) -> Monitor:
    """Let a server run a monitor from the next second on, for who asks now.

    Raises:
        NotPermitted: the caller's key, a moratorium or the policy of the collection does not allow it.
        MonitorNotFound: there is no such monitor.
        SourceRefused: the settings do not allow its source any more.
        TooManyMonitors: as many run as may.
    """
    monitor = permitted_monitor(rooms.store, act, "start_monitor", monitor_id)
    _require_watching(act, monitor.asked.collection_id)
    require_allowed(LiveSource.parse(monitor.asked.source), rooms.sources)
    with _changing(act) as writer:
        if writer.monitor(monitor_id).state is not MonitorState.RUNNING:
            _require_room(writer, rooms.most)
        writer.set_monitor_state(monitor_id, MonitorState.RUNNING, act.caller.key_id)
        return writer.monitor(monitor_id)


def stop_monitor(store: MonitorStore, act: Act, monitor_id: str) -> Monitor:
    """Let no server run a monitor from the next second on.

    Raises:
        NotPermitted: the caller's key does not allow it.
        MonitorNotFound: there is no such monitor.
    """
    monitor = permitted_monitor(store, act, "stop_monitor", monitor_id)
    with _changing(act) as writer:
        writer.set_monitor_state(monitor_id, MonitorState.STOPPED, monitor.works_for)
        return writer.monitor(monitor_id)


def delete_monitor(store: MonitorStore, act: Act, monitor_id: str) -> None:
    """Stop a monitor and forget it.

    Raises:
        NotPermitted: the caller's key does not allow it.
        MonitorNotFound: there is no such monitor.
    """
    permitted_monitor(store, act, "delete_monitor", monitor_id)
    with _changing(act) as writer:
        writer.delete_monitor(monitor_id)


def permitted_monitor(store: MonitorStore, act: Act, operation: str, monitor_id: str) -> Monitor:
    """Return a monitor where the caller may do this with it.

    Raises:
        NotPermitted: the caller may not.
        MonitorNotFound: there is no such monitor, or none that the caller's key may see.
    """
    act.go_on(operation)  # what fails from here on is recorded, too
    act.note(monitor=monitor_id)
    act.caller.permit(operation)
    with store.reading() as reader:
        monitor = reader.monitor(monitor_id)
    if not act.caller.sees(monitor.asked.collection_id):
        raise MonitorNotFound(f"there is no monitor {monitor_id}")
    act.permit(operation, monitor.asked.collection_id)
    return monitor


def monitor_writer(writer: GovernanceWriter) -> MonitorWriter:
    """Return the writer of a change of the records as that of monitors, which it also is."""
    return cast("MonitorWriter", writer)


def shown_source(monitor: Monitor) -> str:
    """Return what a monitor watches, without a password."""
    return LiveSource.parse(monitor.asked.source).shown


def _require_watching(act: Act, collection_id: str) -> None:
    """Do nothing where the caller's key may do all that a monitor will do for it."""
    for operation in ("watch", "search_live"):
        act.caller.permit(operation, collection_id)


def _require_room(reader: MonitorReader, most: int) -> None:
    running = len(reader.running_monitors())
    if running >= most:
        raise TooManyMonitors(
            f"{running} monitors run already, which is the limit (most_monitors); stop one first"
        )


@contextmanager
def _changing(act: Act) -> Iterator[MonitorWriter]:
    """Open a change of monitors; the entry becomes durable with it."""
    with act.recording() as writer:
        yield monitor_writer(writer)


def _visible(reader: MonitorReader, act: Act, most: int, after_key: int) -> list[Monitor]:
    seen: list[Monitor] = []
    while len(seen) < most:
        batch = reader.monitors(after_key=after_key, most=_BATCH)
        seen += [monitor for monitor in batch if act.caller.sees(monitor.asked.collection_id)]
        if len(batch) < _BATCH:
            break
        after_key = batch[-1].key
    return seen[:most]
