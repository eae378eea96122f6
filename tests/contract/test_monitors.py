"""Monitors are made, shown, started, stopped and deleted by who may, and their passwords are encrypted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contract.databases import Database
from contract.offices import BOSS, CLERK, acting, create, entries, key, office_on
from countenance.access import AccessKey
from countenance.errors import (
    CollectionNotFound,
    MonitorNotFound,
    MoratoriumInForce,
    NotificationRefused,
    NotPermitted,
    PolicyForbids,
    PolicyInvalid,
    SourceRefused,
    TemplateBroken,
    TooManyMonitors,
)
from countenance.operations.delete_collection import delete_collection
from countenance.operations.manage_moratoria import begin_moratorium
from countenance.operations.monitors.manage import (
    Monitor,
    MonitorState,
    NewMonitor,
    create_monitor,
    delete_monitor,
    list_monitors,
    show_monitor,
    shown_source,
    start_monitor,
    stop_monitor,
)
from countenance.operations.monitors.rooms import MonitorRooms
from countenance.settings import Settings
from countenance.store import SqlStore
from countenance.wiring import Office, monitor_rooms

PASSWORD = "p4ssw0rd-of-the-door"  # noqa: S105 - a made-up one
DOOR = NewMonitor("front door", f"rtsp://viewer:{PASSWORD}@door.local/live", "staff", 99.0)
SECRET = "whsec_" + "A" * 43 + "="


@pytest.fixture
def office(store: SqlStore) -> Office:
    opened = office_on(store)
    create(opened, "staff", purpose="entry")
    return opened


def rooms_of(office: Office, **settings: Any) -> MonitorRooms:
    usual: dict[str, Any] = {"monitor_sources": ("rtsp://*.local/*",), "most_monitors": 2}
    return monitor_rooms(Settings(**usual | settings), office.store)


def made(office: Office, new: NewMonitor = DOOR, by: AccessKey = CLERK, **settings: Any) -> Monitor:
    with acting(office, by) as act:
        return create_monitor(rooms_of(office, **settings), act, new)


def shown(office: Office, monitor: Monitor, by: AccessKey = CLERK) -> Monitor:
    with acting(office, by) as act:
        return show_monitor(office.store, act, monitor.monitor_id)


def listed(office: Office, by: AccessKey = CLERK, **page: int) -> list[str]:
    with acting(office, by) as act:
        return [each.monitor_id for each in list_monitors(office.store, act, **{"most": 9} | page).items]


def test_a_monitor_is_what_was_asked_for(office: Office) -> None:
    monitor = made(office)
    assert monitor.asked == DOOR
    assert (monitor.state, monitor.created_by, monitor.works_for) == (MonitorState.RUNNING, "clerk", "clerk")
    assert datetime.now(UTC) - monitor.created_at < timedelta(minutes=1)
    assert shown(office, monitor) == monitor
    assert shown_source(monitor) == "rtsp://door.local/live"
    (entry,) = entries(office, operation="create_monitor")
    assert (entry["monitor"], entry["collection"], entry["outcome"]) == (monitor.monitor_id, "staff", "done")


def test_a_password_is_nowhere_in_the_clear(office: Office, database: Database) -> None:
    monitor = made(office)
    (row,) = database.statement("SELECT * FROM monitors")
    assert PASSWORD not in repr(row)
    assert PASSWORD.encode() not in bytes(row[3])
    assert PASSWORD not in repr(monitor)
    assert PASSWORD not in repr(entries(office))


def test_a_source_that_was_moved_to_another_monitor_does_not_open(office: Office, database: Database) -> None:
    one, other = made(office), made(office, replace(DOOR, source="rtsp://back.local/live"))
    database.statement(
        "UPDATE monitors SET source = (SELECT source FROM monitors WHERE monitor_id = :one) "
        "WHERE monitor_id = :other",
        one=one.monitor_id,
        other=other.monitor_id,
    )
    with pytest.raises(TemplateBroken, match="the source of a monitor"):
        shown(office, other)
    assert shown(office, one) == one


def test_it_is_stopped_started_and_deleted(office: Office) -> None:
    monitor = made(office)
    with acting(office, BOSS) as act:
        stopped = stop_monitor(office.store, act, monitor.monitor_id)
    assert (stopped.state, stopped.works_for) == (MonitorState.STOPPED, "clerk")
    with office.store.writing() as writer:
        writer.note_monitor(monitor.monitor_id, datetime(2026, 7, 1, 12, tzinfo=UTC), "the camera is gone")
        writer.note_monitor(monitor.monitor_id, None, "the camera is gone for good")
    noted = shown(office, monitor)
    assert noted.last_event_at == datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert noted.message == "the camera is gone for good"
    with acting(office, BOSS) as act:
        started = start_monitor(rooms_of(office), act, monitor.monitor_id)
    assert (started.state, started.works_for, started.message) == (MonitorState.RUNNING, "boss", "")
    with acting(office, BOSS) as act:
        delete_monitor(office.store, act, monitor.monitor_id)
    with pytest.raises(MonitorNotFound):
        shown(office, monitor)
    operations = [entry["operation"] for entry in entries(office) if entry["outcome"] == "done"]
    assert operations == [
        *("create_monitor", "stop_monitor", "show_monitor", "start_monitor", "delete_monitor")
    ]


def test_monitors_are_listed_in_pages_to_who_may_use_their_collections(office: Office) -> None:
    create(office, "guests", purpose="entry")
    ours = [made(office).monitor_id, made(office).monitor_id]
    guests = made(office, replace(DOOR, collection_id="guests"), most_monitors=3).monitor_id
    assert listed(office) == [*ours, guests]
    assert listed(office, most=1) == ours[:1]
    assert listed(office, key("staff-only", collections=("staff",))) == ours
    limited = key("guests-only", collections=("guests",))
    assert listed(office, limited) == [guests]
    for operation in (
        lambda act: show_monitor(office.store, act, ours[0]),
        lambda act: stop_monitor(office.store, act, ours[0]),
        lambda act: start_monitor(rooms_of(office), act, ours[0]),
        lambda act: delete_monitor(office.store, act, ours[0]),
    ):
        with pytest.raises(MonitorNotFound), acting(office, limited) as act:
            operation(act)
    assert listed(office) == [*ours, guests]


def test_no_more_run_than_the_settings_allow(office: Office) -> None:
    one, _ = made(office), made(office)
    with pytest.raises(TooManyMonitors, match=r"2 monitors run already.*most_monitors"):
        made(office)
    with acting(office) as act:
        stop_monitor(office.store, act, one.monitor_id)
    made(office)
    with pytest.raises(TooManyMonitors), acting(office) as act:
        start_monitor(rooms_of(office), act, one.monitor_id)
    with acting(office) as act:  # what runs already is taken over without room for one more
        running = [each for each in listed(office) if each != one.monitor_id]
        assert start_monitor(rooms_of(office), act, running[0]).works_for == "boss"


REFUSED: dict[str, tuple[NewMonitor, type[Exception]]] = {
    "another host": (replace(DOOR, source="rtsp://door.example/live"), SourceRefused),
    "a file": (replace(DOOR, source="/etc/passwd"), SourceRefused),
    "another protocol": (replace(DOOR, source="http://door.local/live"), SourceRefused),
    "no such webhook": (replace(DOOR, webhook="doorman"), NotificationRefused),
    "a name of two lines": (replace(DOOR, name="a\nb"), PolicyInvalid),
    "no name": (replace(DOOR, name=" "), PolicyInvalid),
    "no similarity": (replace(DOOR, least_similarity=100.5), PolicyInvalid),
    "not a number": (replace(DOOR, least_similarity=float("nan")), PolicyInvalid),
    "no such collection": (replace(DOOR, collection_id="nowhere"), CollectionNotFound),
    "no purpose": (replace(DOOR, collection_id="undeclared"), PolicyForbids),
    "public space": (replace(DOOR, collection_id="square"), PolicyForbids),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_may_not_be_watched_is_refused_and_that_is_recorded(office: Office, case: str) -> None:
    create(office, "undeclared")
    create(office, "square", purpose="public-space")
    new, kind = REFUSED[case]
    with pytest.raises(kind):
        made(office, new, BOSS)
    assert [entry["outcome"] for entry in entries(office)] == [kind.__name__]
    assert listed(office) == []


def test_nothing_may_be_watched_where_no_setting_allows_it(office: Office) -> None:
    with pytest.raises(SourceRefused, match="who runs it allows that in the setting monitor_sources"):
        made(office, monitor_sources=())


def test_a_webhook_that_is_named_in_the_settings_may_be_told(office: Office) -> None:
    settings: dict[str, Any] = {"webhooks": {"doorman": "https://door.example/"}, "webhook_secret": SECRET}
    monitor = made(office, replace(DOOR, webhook="doorman", preview=True), **settings)
    assert (monitor.asked.webhook, monitor.asked.preview) == ("doorman", True)


@pytest.mark.parametrize("missing", ["create_monitor", "watch", "search_live"])
def test_a_key_must_be_allowed_all_that_a_monitor_does(office: Office, missing: str) -> None:
    operations = {"create_monitor", "watch", "search_live"} - {missing}
    with pytest.raises(NotPermitted, match=missing):
        made(office, by=key("limited", operations=tuple(operations)))
    with pytest.raises(NotPermitted):
        made(office, by=key("elsewhere", collections=("guests",)))


def test_none_is_made_or_started_during_a_moratorium(office: Office) -> None:
    monitor = made(office)
    with acting(office) as act:
        stop_monitor(office.store, act, monitor.monitor_id)
    with acting(office) as act:
        begin_moratorium(act, "search", "the council said so")
    with pytest.raises(MoratoriumInForce):
        made(office)
    with pytest.raises(MoratoriumInForce), acting(office) as act:
        start_monitor(rooms_of(office), act, monitor.monitor_id)


def test_monitors_go_with_their_collection(office: Office) -> None:
    monitor = made(office)
    with acting(office) as act:
        delete_collection(office.gallery, act, "staff")
    with pytest.raises(MonitorNotFound):
        shown(office, monitor)
    create(office, "staff", purpose="entry")
    assert listed(office) == []
