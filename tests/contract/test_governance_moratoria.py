"""A moratorium holds from the next request on, in every process, until it is lifted or passes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from contract.databases import Database
from contract.offices import (
    BOSS,
    CLERK,
    acting,
    asked_until,
    consent,
    create,
    enrol,
    entries,
    found,
    key,
    office_on,
    withdrawn,
)
from countenance.access import AccessKey
from countenance.errors import (
    MoratoriumInForce,
    MoratoriumNotFound,
    NotPermitted,
    PolicyInvalid,
    SettingsInvalid,
)
from countenance.governance import Moratorium
from countenance.operations.delete_faces import delete_faces
from countenance.operations.list_faces import list_faces
from countenance.operations.manage_moratoria import begin_moratorium, lift_moratorium, list_moratoria
from countenance.operations.names import KINDS
from countenance.store import SqlStore
from countenance.wiring import Office
from new_faces import face_id, new_face

DAY = timedelta(days=1)
WHY = "the council said so"


@pytest.fixture
def office(store: SqlStore) -> Office:
    return office_on(store)


def begun(office: Office, scope: str, until: datetime | None = None, by: AccessKey = BOSS) -> Moratorium:
    with acting(office, by) as act:
        return begin_moratorium(act, scope, WHY, until)


def lifted(office: Office, moratorium: Moratorium, by: AccessKey = BOSS) -> None:
    with acting(office, by) as act:
        lift_moratorium(act, str(moratorium.moratorium_id))


def listed(office: Office, *, ended: bool = False) -> list[Moratorium]:
    with acting(office, CLERK) as act:
        return list_moratoria(act, ended=ended)


def permitted(
    office: Office, operation: str, collection_id: str | None = None, by: AccessKey = CLERK
) -> bool:
    try:
        with acting(office, by) as act:
            act.permit(operation, collection_id)
    except MoratoriumInForce:
        return False
    return True


def test_it_holds_in_another_process_from_its_next_request_on(office: Office, database: Database) -> None:
    enrol(office, create(office, "staff"), new_face(1, "ann"))
    with database.opened() as another:
        elsewhere = office_on(another)
        assert found(elsewhere, "staff", 1) == ["ann"]
        moratorium = begun(office, "search")
        for everywhere in (elsewhere, office):
            with pytest.raises(MoratoriumInForce, match=f"on search is in force: {WHY}"):
                found(everywhere, "staff", 1)
            with pytest.raises(MoratoriumInForce):
                found(everywhere, "staff", 1, by=BOSS)
        lifted(elsewhere, moratorium)
        assert found(office, "staff", 1) == ["ann"]


def test_a_refusal_is_recorded_with_its_reason(office: Office) -> None:
    create(office, "staff", purpose="entry")
    moratorium = begun(office, "search")
    assert not permitted(office, "search_faces", "staff")
    lifted(office, moratorium)
    assert permitted(office, "search_faces", "staff")
    began, refused, ended, done = entries(office)
    assert (began["operation"], began["scope"]) == ("begin_moratorium", "search")
    assert began["moratorium"] == ended["moratorium"] == moratorium.moratorium_id
    assert refused["outcome"] == "MoratoriumInForce"
    assert refused["reasons"] == ["purpose:entry", "refused:MoratoriumInForce"]
    assert (ended["operation"], done["outcome"]) == ("lift_moratorium", "done")


SEARCHES = {
    "group_faces",
    "start_grouping",
    "start_face_search",
    "watch",
    "create_monitor",
    "start_monitor",
    "preview_monitor",
}
SCOPES: dict[str, Callable[[str], bool]] = {
    "search": lambda operation: operation.startswith("search_") or operation in SEARCHES,
    "enrol": lambda operation: operation in {"index_faces", "import_faces", "associate_faces", "name_group"},
    "all": lambda operation: (
        operation.startswith("search_")
        or operation in SEARCHES
        or operation
        in {
            "index_faces",
            "import_faces",
            "export_collection",
            "associate_faces",
            "name_group",
            "calibrate",
            "compare_faces",
            "detect_faces",
            "evaluate",
            "group_pictures",
            "make_templates",
            "start_face_detection",
        }
    ),
    "purpose:boarding": lambda _: False,
}


@pytest.mark.parametrize("scope", SCOPES)
def test_its_scope_says_which_operations_it_refuses(office: Office, scope: str) -> None:
    create(office, "staff", purpose="entry", grouping="allowed")
    begun(office, scope)
    about_collections = {name: None if name in ABOUT_NO_COLLECTION else "staff" for name in KINDS}
    refused = {name for name, about in about_collections.items() if not permitted(office, name, about, BOSS)}
    assert refused == {name for name in KINDS if SCOPES[scope](name)}


ABOUT_NO_COLLECTION = {
    "calibrate",
    "compare_faces",
    "detect_faces",
    "evaluate",
    "group_pictures",
    "make_templates",
    "start_face_detection",
}


def test_a_purpose_is_refused_wherever_it_is_declared_and_no_other_is(office: Office) -> None:
    create(office, "cameras", purpose="law-enforcement")
    create(office, "staff", purpose="entry")
    create(office, "undeclared")
    begun(office, "purpose:law-enforcement")
    assert not permitted(office, "search_faces", "cameras")
    assert not permitted(office, "index_faces", "cameras")
    assert permitted(office, "delete_faces", "cameras")
    assert permitted(office, "search_faces", "staff")
    assert permitted(office, "search_faces", "undeclared")


def test_people_are_let_go_during_any_moratorium(office: Office) -> None:
    staff = create(office, "staff", purpose="entry", consent="required")
    enrol(office, staff, new_face(1, "ann"), new_face(2, "bob"))
    anns, _ = consent(office, "ann"), consent(office, "bob")
    begun(office, "all")
    assert withdrawn(office, anns.consent_id).erased_faces == 1
    with acting(office, CLERK) as act:
        assert delete_faces(office.gallery, act, "staff", [face_id(2)]).deleted == [face_id(2)]
    with acting(office, CLERK) as act:
        assert list_faces(office.gallery, act, "staff", most=9).page.items == []


@pytest.mark.parametrize("hours", [-7, 0, 7])
def test_it_ends_by_itself_at_its_time_in_whatever_zone_that_was_told(office: Office, hours: int) -> None:
    create(office, "staff")
    until = datetime.now(timezone(timedelta(hours=hours))) + timedelta(seconds=0.5)
    moratorium = begun(office, "all", until)
    before, after = asked_until(
        until, lambda: (permitted(office, "search_faces", "staff"), [each.until for each in listed(office)])
    )
    assert before == [(False, [until])] * len(before)
    assert after == [(True, [])]
    assert [each.moratorium_id for each in listed(office, ended=True)] == [moratorium.moratorium_id]


def test_of_several_each_must_be_lifted(office: Office) -> None:
    create(office, "staff")
    first, second = begun(office, "all"), begun(office, "search")
    lifted(office, first)
    assert not permitted(office, "search_faces", "staff")
    assert permitted(office, "index_faces", "staff")
    lifted(office, second)
    assert permitted(office, "search_faces", "staff")
    assert listed(office) == []
    ended = listed(office, ended=True)
    assert [(each.scope.text, each.lifted_by) for each in ended] == [("all", "boss"), ("search", "boss")]
    assert all(each.lifted_at is not None and each.lifted_at > each.began_at for each in ended)


def test_only_an_administrators_key_begins_or_lifts_one(office: Office) -> None:
    with pytest.raises(NotPermitted, match="needs an administrator's access key"):
        begun(office, "all", by=CLERK)
    assert listed(office) == []
    moratorium = begun(office, "all")
    with pytest.raises(NotPermitted, match="needs an administrator's access key"):
        lifted(office, moratorium, CLERK)
    with pytest.raises(NotPermitted, match="may not do lift_moratorium"):
        lifted(office, moratorium, key("another", administrator=True, operations=("begin_*",)))
    assert [each.moratorium_id for each in listed(office)] == [moratorium.moratorium_id]


def test_what_is_lifted_or_never_began_cannot_be_lifted(office: Office) -> None:
    moratorium = begun(office, "all")
    lifted(office, moratorium)
    with pytest.raises(MoratoriumNotFound):
        lifted(office, moratorium)
    with acting(office) as act, pytest.raises(MoratoriumNotFound):
        lift_moratorium(act, "None")


def test_one_that_is_not_well_formed_does_not_begin(office: Office) -> None:
    malformed = [
        *(("everything", WHY, None), ("purpose:Police", WHY, None), ("", WHY, None)),
        *(("all", "", None), ("all", " ", None), ("all", "x" * 501, None), ("all", "\0", None)),
        ("all", WHY, datetime.now(UTC) - DAY),
    ]
    for scope, reason, until in malformed:
        with pytest.raises(PolicyInvalid), acting(office) as act:
            begin_moratorium(act, scope, reason, until)
    assert listed(office, ended=True) == []
    assert [entry["outcome"] for entry in entries(office)][: len(malformed)] == ["PolicyInvalid"] * len(
        malformed
    )


def test_one_given_at_the_start_is_lifted_by_nobody(store: SqlStore) -> None:
    office = office_on(store, moratorium="search")
    create(office, "staff")
    (given,) = listed(office)
    assert (given.moratorium_id, given.scope.text, given.begun_by) == (None, "search", "the settings")
    another = begun(office, "enrol")
    assert listed(office) == [given, another]
    with pytest.raises(MoratoriumNotFound):
        lifted(office, given)
    lifted(office, another)
    assert not permitted(office, "search_faces", "staff", BOSS)
    assert permitted(office, "index_faces", "staff")
    assert permitted(office_on(store), "search_faces", "staff")


def test_a_server_is_not_started_with_one_that_makes_no_sense(store: SqlStore) -> None:
    with pytest.raises(SettingsInvalid, match="is no scope"):
        office_on(store, moratorium="searching")
