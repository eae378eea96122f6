"""The work of ``countenance monitors …``."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.access import machine_operator
from countenance.doors.cli.outcomes import tell
from countenance.doors.cli.records import json_line
from countenance.doors.cli.tables import print_rows
from countenance.doors.cli.watching import address_of
from countenance.doors.cli.words import percent, time_in_words
from countenance.doors.cli.work import warn_in_lines
from countenance.operations.monitors.manage import (
    Monitor,
    NewMonitor,
    create_monitor,
    delete_monitor,
    list_monitors,
    shown_source,
    start_monitor,
    stop_monitor,
)
from countenance.settings import read_settings
from countenance.wiring import monitor_rooms, open_office

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from countenance.operations.acts import Act
    from countenance.operations.monitors.rooms import MonitorRooms

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """A monitor as the user asks for it."""

    name: str
    source: str
    collection_id: str
    least_similarity: float
    webhook: str | None
    preview: bool


@dataclass(frozen=True, slots=True)
class _Work:
    rooms: MonitorRooms
    act: Act


def create(file: Path | None, data_dir: Path | None, wanted: Wanted, *, as_json: bool) -> None:
    """Make a monitor and print its id."""
    new = NewMonitor(
        name=wanted.name,
        source=address_of(wanted.source),
        collection_id=wanted.collection_id,
        least_similarity=wanted.least_similarity,
        webhook=wanted.webhook,
        preview=wanted.preview,
    )
    with _at_work(file, data_dir) as work:
        made = create_monitor(work.rooms, work.act, new)
    print(json_line(_record(made)) if as_json else made.monitor_id)
    tell(f"the server watches {shown_source(made)} from the next second on")


def show_list(file: Path | None, data_dir: Path | None, *, as_json: bool) -> None:
    """Print all monitors."""
    monitors: list[Monitor] = []
    with _at_work(file, data_dir) as work:
        after_key: int | None = 0
        while after_key is not None:
            page = list_monitors(work.rooms.store, work.act, most=_PAGE, after_key=after_key)
            monitors += page.items
            after_key = page.next_after
    if as_json:
        for monitor in monitors:
            print(json_line(_record(monitor)))
        return
    print_rows(
        ("id", "name", "source", "collection", "from", "state", "last event", "message"),
        [
            (
                each.monitor_id,
                each.asked.name,
                shown_source(each),
                each.asked.collection_id,
                percent(each.asked.least_similarity),
                each.state,
                time_in_words(each.last_event_at),
                each.message or None,
            )
            for each in monitors
        ],
    )


def start(file: Path | None, data_dir: Path | None, monitor_id: str) -> None:
    """Let the server run a monitor."""
    with _at_work(file, data_dir) as work:
        started = start_monitor(work.rooms, work.act, monitor_id)
    tell(f"the server watches {shown_source(started)} from the next second on")


def stop(file: Path | None, data_dir: Path | None, monitor_id: str) -> None:
    """Stop a monitor."""
    with _at_work(file, data_dir) as work:
        stopped = stop_monitor(work.rooms.store, work.act, monitor_id)
    tell(f"the server does not watch {shown_source(stopped)} from the next second on")


def delete(file: Path | None, data_dir: Path | None, monitor_id: str) -> None:
    """Forget a monitor."""
    with _at_work(file, data_dir) as work:
        delete_monitor(work.rooms.store, work.act, monitor_id)
    tell(f"the monitor {monitor_id} is deleted")


@contextmanager
def _at_work(file: Path | None, data_dir: Path | None) -> Iterator[_Work]:
    warn_in_lines()
    settings = read_settings(file, data_dir=data_dir)
    with open_office(settings) as office, office.register.act(machine_operator()) as act:
        yield _Work(monitor_rooms(settings, office.store), act)


def _record(monitor: Monitor) -> dict[str, object]:
    asked = monitor.asked
    return {
        "monitor_id": monitor.monitor_id,
        "name": asked.name,
        "source": shown_source(monitor),
        "collection_id": asked.collection_id,
        "least_similarity": asked.least_similarity,
        "webhook": asked.webhook,
        "preview": asked.preview,
        "state": monitor.state.value,
        "created_by": monitor.created_by,
        "created_at": time_in_words(monitor.created_at),
        "works_for": monitor.works_for,
        "last_event_at": time_in_words(monitor.last_event_at),
        "message": monitor.message,
    }
