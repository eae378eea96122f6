"""The ledger is browsed newest first, under filters, and no page looks at more of it than it may."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from contract.databases import Database
from contract.offices import BOSS, CLERK, acting, create, enrol, found, key, office_on
from countenance.access import AccessKey
from countenance.errors import LedgerBroken, LedgerEntryNotFound, NotPermitted
from countenance.ledger import VerifierKey, canonical, read_checkpoint, verify_consistency
from countenance.operations.acts import unrecorded_act
from countenance.operations.browse_ledger import EntriesWanted, LedgerPage, browse_ledger
from countenance.operations.look_into_ledger import show_checkpoint, show_consistency
from countenance.operations.show_request import ShownRequest, show_request
from countenance.operations.sweep import do_sweep
from countenance.store import SqlStore
from countenance.store.tables import ledger_entries
from countenance.wiring import Office
from new_faces import new_face

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)

_EXAMPLES = count(1)


@pytest.fixture
def office(store: SqlStore) -> Office:
    return office_on(store)


def add(office: Office, *operations: str, **members: Any) -> None:
    for operation in operations:
        record = {"request": "r", "key": "clerk", "operation": operation, "outcome": "done"} | members
        office.store.append(record)


def page(
    office: Office,
    wanted: EntriesWanted | None = None,
    *,
    by: AccessKey = BOSS,
    most: int = 50,
    before: int | None = None,
    looked_at: int = 1000,
) -> LedgerPage:
    with acting(office, by) as act, office.store.reading_ledger() as ledger:
        return browse_ledger(
            ledger, act, wanted or EntriesWanted(), most=most, before=before, most_looked_at=looked_at
        )


def places(shown: LedgerPage) -> list[int]:
    return [entry.place for entry in shown.entries]


def dated(office: Office, database: Database, days: list[int]) -> None:
    """Add an entry for each number of days after ``NOW``, which is when it then says that it was added."""
    for place, after in enumerate(days):
        add(office, "list_faces")
        record = {"time": (NOW + after * DAY).isoformat(timespec="microseconds"), "operation": "list_faces"}
        values = {"entry": canonical(record | {"key": "clerk", "request": "r", "outcome": "done"})}
        database.statement(update(ledger_entries).where(ledger_entries.c.place == place).values(**values))


def test_all_entries_come_newest_first_in_pages(office: Office) -> None:
    add(office, *(f"op_{number}" for number in range(7)))
    first = page(office, most=3)
    assert places(first) == [6, 5, 4]
    assert [entry.record["operation"] for entry in first.entries] == ["op_6", "op_5", "op_4"]
    assert (first.go_on_before, first.size) == (4, 7)
    second = page(office, most=3, before=4)
    assert (places(second), second.go_on_before) == ([3, 2, 1], 1)
    last = page(office, most=3, before=1)
    assert (places(last), last.go_on_before) == ([0], None)


def test_an_empty_ledger_has_one_empty_page(office: Office) -> None:
    assert page(office) == LedgerPage((), 0, None, 0)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (EntriesWanted(operation="delete_faces"), [3, 1]),
        (EntriesWanted(outcome="NotPermitted"), [1]),
        (EntriesWanted(key_id="boss"), [2]),
        (EntriesWanted(collection_id='staff "A"\\'), [3]),
        (EntriesWanted(request_id="other"), [2]),
        (EntriesWanted(operation="delete_faces", outcome="done"), [3]),
        (EntriesWanted(operation="delete_faces", request_id="other"), []),
        (EntriesWanted(operation="no_such"), []),
        (EntriesWanted(operation="no\0such"), []),
        (EntriesWanted(request_id="no\0such"), []),
    ],
)
def test_entries_are_chosen_by_what_they_say(
    office: Office, wanted: EntriesWanted, expected: list[int]
) -> None:
    add(office, "list_faces")
    add(office, "delete_faces", outcome="NotPermitted")
    add(office, "list_faces", key="boss", request="other")
    add(office, "delete_faces", collection='staff "A"\\')
    shown = page(office, wanted)
    assert places(shown) == expected
    assert shown.go_on_before is None


def test_what_stands_deeper_in_an_entry_does_not_count(office: Office) -> None:
    add(office, "list_faces", about={"outcome": "failed"})
    add(office, "list_users", outcome="failed")
    assert places(page(office, EntriesWanted(outcome="failed"), most=1)) == [1]
    assert places(page(office, EntriesWanted(outcome="failed"))) == [1]


def test_a_filtered_page_looks_at_so_many_and_says_where_to_go_on(office: Office) -> None:
    add(office, "delete_faces", *["list_faces"] * 19)
    wanted = EntriesWanted(operation="delete_faces")
    shown, looks = page(office, wanted, looked_at=8), 1
    assert (places(shown), shown.looked_at, shown.go_on_before) == ([], 8, 12)
    while not shown.entries:
        shown, looks = page(office, wanted, before=shown.go_on_before, looked_at=8), looks + 1
    assert (places(shown), shown.go_on_before, looks) == ([0], None, 3)


@given(
    said=st.lists(st.sampled_from("abc"), max_size=12), most=st.integers(1, 4), looked_at=st.integers(1, 5)
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_together_have_each_entry_once_newest_first(
    office: Office, said: list[str], most: int, looked_at: int
) -> None:
    key_id = f"key-{next(_EXAMPLES)}"
    add(office, *said, key=key_id)
    wanted, seen, before = EntriesWanted(key_id=key_id, operation="b"), list[str](), None
    with office.store.reading_ledger() as ledger:
        while True:
            shown = browse_ledger(
                ledger, unrecorded_act(), wanted, most=most, before=before, most_looked_at=looked_at
            )
            seen += [entry.record["operation"] for entry in shown.entries]
            before = shown.go_on_before
            if before is None:
                break
    assert seen == ["b"] * said.count("b")


def test_days_are_whole_and_both_included(office: Office, database: Database) -> None:
    dated(office, database, [0, 0, 1, 1, 3])
    the_tenth = NOW.date()
    for since, until, expected in (
        (the_tenth, the_tenth, [1, 0]),
        (the_tenth + DAY, the_tenth + DAY, [3, 2]),
        (the_tenth + 2 * DAY, None, [4]),
        (None, the_tenth + 2 * DAY, [3, 2, 1, 0]),
        (the_tenth + 2 * DAY, the_tenth + 2 * DAY, []),
        (the_tenth + DAY, the_tenth, []),
        (date.min, date.max, [4, 3, 2, 1, 0]),
    ):
        with office.store.reading_ledger() as ledger:
            shown = browse_ledger(ledger, unrecorded_act(), EntriesWanted(since=since, until=until), most=50)
        assert places(shown) == expected, (since, until)


def test_who_is_no_administrator_sees_what_their_key_asked(office: Office) -> None:
    add(office, "list_faces")
    add(office, "list_faces", key="another")
    add(office, "erase_due", key="system")
    assert places(page(office, by=CLERK)) == [0]
    assert places(page(office, EntriesWanted(key_id="another"), by=CLERK)) == []
    assert places(page(office, EntriesWanted(request_id="r"), by=key("third"))) == []
    with pytest.raises(NotPermitted):
        page(office, by=key("fourth", operations=("list_faces",)))


def test_an_entry_that_is_none_is_told(office: Office, database: Database) -> None:
    add(office, "list_faces")
    database.statement(update(ledger_entries).values(entry=b"[1]"))
    with pytest.raises(LedgerBroken, match="entry 0 is no entry"):
        page(office)


def shown(office: Office, request_id: str, by: AccessKey = BOSS) -> ShownRequest:
    with acting(office, by) as act, office.store.reading_ledger() as ledger:
        return show_request(ledger, act, request_id)


def searched(office: Office) -> str:
    enrol(office, create(office, "staff", purpose="entry"), new_face(1, "ann"))
    found(office, "staff", 1)
    with office.store.reading_ledger() as ledger:
        ((_, content),) = ledger.newest(["search_faces_by_image"], first=0, before=9, most=1)
    return str(json.loads(content)["request"])


def test_a_request_is_shown_with_receipt_and_explanation(office: Office) -> None:
    request_id = searched(office)
    request = shown(office, request_id)
    assert request.receipt["request"] == request_id
    assert request.explanation is not None
    assert (request.explanation.gallery_size, request.explanation.asked["key"]) == (1, "clerk")
    limited = key("boss", administrator=True, operations=("show_receipt",))
    assert shown(office, request_id, limited).explanation is None
    with pytest.raises(NotPermitted):
        shown(office, request_id, key("another"))


def test_what_the_server_did_by_itself_has_a_receipt_and_nothing_to_explain(office: Office) -> None:
    staff = create(office, "staff", purpose="entry", purpose_met=(NOW - DAY).isoformat())
    enrol(office, staff, new_face(1, "ann"))
    assert do_sweep(office.gallery, office.register, DAY, "a-sweep") == 1
    request = shown(office, "a-sweep")
    assert request.explanation is None
    assert request.receipt["entries"][0]["entry"]["operation"] == "erase_due"


@pytest.mark.parametrize("size", [0, 1, 3, 4, 6])
def test_a_ledger_is_shown_to_have_only_grown(office: Office, size: int) -> None:
    add(office, *["list_faces"] * size)
    verifier = VerifierKey.parse(str(office.store.verifier_key))
    with office.store.reading_ledger() as ledger, acting(office) as act:
        kept = show_checkpoint(ledger, act)
    add(office, *["list_users"] * 5)
    with office.store.reading_ledger() as ledger, acting(office) as act:
        growth = show_consistency(ledger, act, size)
        with pytest.raises(LedgerEntryNotFound):
            show_consistency(ledger, act, 100)
    now = read_checkpoint(growth.checkpoint, verifier)
    if size:
        then = read_checkpoint(kept, verifier)
        verify_consistency(then.size, now.size, then.root, now.root, growth.proof)
        assert base64.b64encode(then.root).decode() in kept
