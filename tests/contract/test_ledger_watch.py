"""The ledger is verified part by part beside other work; what was altered is told, and when it was found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from contract.databases import Database
from countenance.operations.overview.ledger_watch import LedgerWatch
from countenance.store import SqlStore
from countenance.store.tables import ledger_entries

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def added(store: SqlStore, count: int) -> None:
    for number in range(count):
        store.append({"request": f"r{number}", "key": "k", "operation": "list_faces", "outcome": "done"})


def watching(store: SqlStore, at_once: int = 4) -> tuple[LedgerWatch, Clock]:
    clock = Clock()
    return LedgerWatch(store, at_once, clock), clock


def alter(database: Database, place: int) -> None:
    [(entry,)] = database.statement(
        ledger_entries.select()
        .with_only_columns(ledger_entries.c.entry)
        .where(ledger_entries.c.place == place)
    )
    changed = bytes(entry).replace(b"list_faces", b"list_users")
    database.statement(update(ledger_entries).where(ledger_entries.c.place == place).values(entry=changed))


def is_broken(watch: LedgerWatch) -> bool:
    return watch.finding.broken is not None


def test_an_empty_ledger_is_whole(store: SqlStore) -> None:
    watch, _ = watching(store)
    watch.go_on()
    assert (watch.finding.whole_at, watch.finding.whole_size) == (START, 0)


def test_it_takes_as_many_parts_as_there_are_and_tells_how_far_it_is(store: SqlStore) -> None:
    added(store, 10)
    watch, _ = watching(store)
    looked_at = []
    while watch.finding.whole_at is None:
        watch.go_on()
        looked_at.append(watch.finding.looked_at)
    assert looked_at == [4, 8, 10]
    assert (watch.finding.whole_size, watch.finding.latest_size) == (10, 10)


def test_what_is_added_is_verified_a_minute_later_and_everything_again_a_day_later(store: SqlStore) -> None:
    added(store, 3)
    watch, clock = watching(store)
    watch.go_on()
    added(store, 9)
    watch.go_on()
    assert watch.finding.latest_size == 3
    clock.now += MINUTE
    for _ in range(4):
        watch.go_on()
    assert (watch.finding.latest_at, watch.finding.latest_size) == (clock.now, 12)
    assert (watch.finding.whole_at, watch.finding.whole_size) == (START, 3)
    clock.now = START + DAY
    for _ in range(4):
        watch.go_on()
    assert (watch.finding.whole_at, watch.finding.whole_size) == (clock.now, 12)


def test_an_entry_that_is_altered_before_it_is_looked_at_is_found(
    store: SqlStore, database: Database
) -> None:
    added(store, 10)
    alter(database, 6)
    watch, _ = watching(store)
    for _ in range(5):
        watch.go_on()
    found = watch.finding
    assert (found.whole_at, found.broken_at) == (None, START)
    assert found.broken is not None
    assert "an entry up to 7 was altered" in found.broken


def test_an_entry_that_is_altered_later_is_found_the_next_day(store: SqlStore, database: Database) -> None:
    added(store, 3)
    watch, clock = watching(store)
    watch.go_on()
    alter(database, 0)
    clock.now += MINUTE
    watch.go_on()
    assert not is_broken(watch)
    clock.now = START + DAY
    watch.go_on()
    assert is_broken(watch)
    assert watch.finding.whole_at == START


def test_once_it_is_mended_the_next_look_at_everything_says_so(store: SqlStore, database: Database) -> None:
    added(store, 3)
    [(entry,)] = database.statement(
        ledger_entries.select().with_only_columns(ledger_entries.c.entry).where(ledger_entries.c.place == 1)
    )
    alter(database, 1)
    watch, clock = watching(store)
    watch.go_on()
    assert is_broken(watch)
    database.statement(update(ledger_entries).where(ledger_entries.c.place == 1).values(entry=bytes(entry)))
    watch.go_on()
    assert is_broken(watch)
    clock.now += DAY
    watch.go_on()
    assert not is_broken(watch)
    assert watch.finding.whole_at == clock.now
