"""Groups are made and named only where that is permitted, and nothing is left there of who is erased."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from contract.databases import Database
from contract.grouping import Album
from contract.offices import (
    BOSS,
    CLERK,
    acting,
    consent,
    create,
    enrol,
    entries,
    key,
    office_on,
    swept,
    tags,
    withdrawn,
)
from countenance.errors import (
    ConsentMissing,
    HoldInForce,
    MoratoriumInForce,
    NotPermitted,
    PolicyForbids,
    SubjectNotFound,
)
from countenance.operations.delete_collection import delete_collection
from countenance.operations.delete_user import delete_user
from countenance.operations.erase_subject import erase_subject
from countenance.operations.groups.look_at_groups import list_group_edits, list_groups, show_group
from countenance.operations.groups.start_grouping import start_grouping
from countenance.operations.manage_holds import place_hold, release_hold
from countenance.operations.manage_moratoria import begin_moratorium
from countenance.operations.names import OF_GROUPS
from countenance.operations.tag_collection import tag_collection
from countenance.store import SqlStore
from countenance.store.governance_tables import consents
from countenance.wiring import Office
from new_faces import new_face

TABLES = ("grouped_faces", "faces_apart", "faces_not_in", "group_changes")


@pytest.fixture
def office(store: SqlStore) -> Office:
    return office_on(store)


@pytest.fixture
def album(office: Office) -> Album:
    """Nine faces; 1 to 3 are suggested to be one person, 4 and 5 another, 6 to 8 a third."""
    made = Album.made(office, *range(1, 10))
    made.suggest([1, 2, 3], [4, 5], [6, 7, 8])
    return made


def rows(database: Database, *tables: str) -> int:
    return sum(database.statement(f"SELECT count(*) FROM {table}")[0][0] for table in tables)  # noqa: S608


@pytest.mark.parametrize("jurisdiction", ["none", "bipa", "cubi", "gdpr", "washington"])
def test_no_policy_allows_groups_unless_it_says_so(office: Office, jurisdiction: str) -> None:
    lines = {"purpose": "archive", "basis": "interest", "retention": "P1Y", "search": "allowed"}
    create(office, "staff", jurisdiction=jurisdiction, **lines)
    for operation in sorted(OF_GROUPS):
        with acting(office) as act, pytest.raises(PolicyForbids, match="tag it countenance:grouping=allowed"):
            act.permit(operation, "staff")
    with acting(office) as act:
        tag_collection(office.gallery, act, "staff", tags(grouping="allowed"))
    for operation in sorted(OF_GROUPS):
        with acting(office) as act:
            act.permit(operation, "staff")


def test_a_refusal_names_the_law(office: Office) -> None:
    create(office, "staff", jurisdiction="bipa")
    with (
        acting(office) as act,
        pytest.raises(PolicyForbids, match=r"740 ILCS 14/15\(b\); Patel v\. Facebook"),
    ):
        start_grouping(office.gallery, act, "staff")
    create(office, "guests")
    with acting(office) as act, pytest.raises(PolicyForbids, match=r"refused by its policy \(by default\)"):
        start_grouping(office.gallery, act, "guests")


def test_a_collection_that_may_not_be_searched_is_not_grouped(office: Office) -> None:
    album = Album.made(office, 1, 2, search="refused")
    with acting(office) as act, pytest.raises(PolicyForbids, match="searching this collection is refused"):
        start_grouping(office.gallery, act, album.name)


def test_a_policy_that_is_taken_back_leaves_nothing_but_undoing(album: Album, office: Office) -> None:
    group = album.of(1).group_id
    album.confirm(1)
    with acting(office) as act:
        tag_collection(office.gallery, act, "album", tags(grouping="refused"))
    with pytest.raises(PolicyForbids):
        album.merge(1, 4)
    with acting(office) as act, pytest.raises(PolicyForbids):
        list_groups(office.gallery, act, "album", most=9)
    with acting(office) as act, pytest.raises(PolicyForbids):
        show_group(office.gallery, act, "album", group, most=9)
    album.undo()
    album.undo()
    with acting(office) as act:
        history = list_group_edits(office.gallery, act, "album", most=9).items
    assert [edit.kind for edit in history] == ["undo", "undo", "confirm", "grouping"]
    assert album.people() == []


def test_nobody_is_named_without_a_consent_of_theirs_whatever_the_policy_says(
    album: Album, office: Office
) -> None:
    with pytest.raises(ConsentMissing, match="consent to archive is required and there is none of theirs"):
        album.call(1, "ann")
    consent(office, "ann", "boarding")
    with pytest.raises(ConsentMissing, match="there is none of theirs"):
        album.call(1, "ann")
    withdrawn(office, consent(office, "ann", "archive").consent_id)
    with pytest.raises(ConsentMissing, match="what there is of theirs is withdrawn"):
        album.call(1, "ann")
    assert album.users() == {}
    consent(office, "ann", "archive")
    album.call(1, "ann")
    assert album.users() == {"ann": {1, 2, 3}}


def test_a_collection_that_says_no_purpose_has_no_names(office: Office) -> None:
    album = Album(office, create(office, "album", grouping="allowed"))
    album.enrol(1, 2)
    album.suggest([1, 2])
    with pytest.raises(ConsentMissing, match="tag it countenance:purpose"):
        album.call(1, "ann")


def expire(database: Database, subject: str) -> None:
    """Let the consents of somebody end, as if an hour had passed."""
    theirs = update(consents).where(consents.c.subject == subject)
    database.statement(theirs.values(expires_at=datetime.now(UTC) - timedelta(minutes=1)))


def test_faces_do_not_come_to_a_name_whose_consent_has_ended(
    album: Album, office: Office, database: Database
) -> None:
    consent(office, "ann", "archive")
    album.call(1, "ann")
    expire(database, "ann")
    with pytest.raises(ConsentMissing, match="what there is of theirs is expired"):
        album.move(1, 9)
    with pytest.raises(ConsentMissing, match="what there is of theirs is expired"):
        album.merge(1, 4)
    assert album.users() == {"ann": {1, 2, 3}}


def test_who_may_not_name_may_not_bring_faces_to_a_name(album: Album, office: Office) -> None:
    consent(office, "ann", "archive")
    album.call(1, "ann")
    tidier = key("tidier", operations=("merge_groups", "move_faces", "undo_group_edit"))
    with pytest.raises(NotPermitted, match="may not do name_group"):
        album.merge(1, 4, by=tidier)
    with pytest.raises(NotPermitted, match="may not do name_group"):
        album.move(1, 9, by=tidier)
    album.merge(4, 6, by=tidier)
    assert album.users() == {"ann": {1, 2, 3}}
    refused = entries(office, key="tidier", outcome="NotPermitted")
    assert [entry["operation"] for entry in refused] == ["merge_groups", "move_faces"]


def test_a_moratorium_on_enrolling_stops_naming_and_one_on_searching_stops_grouping(
    album: Album, office: Office
) -> None:
    consent(office, "ann", "archive")
    album.call(1, "ann")
    with acting(office) as act:
        begin_moratorium(act, "enrol", "a test", None)
    with pytest.raises(MoratoriumInForce):
        album.call(4, "ann")
    with pytest.raises(MoratoriumInForce):
        album.merge(1, 6)
    album.merge(4, 6)
    with acting(office) as act:
        begin_moratorium(act, "search", "a test", None)
    with acting(office) as act, pytest.raises(MoratoriumInForce):
        start_grouping(office.gallery, act, "album")


def test_a_key_that_is_limited_to_other_purposes_does_not_see_groups(album: Album, office: Office) -> None:
    assert album.groups()
    with acting(office, key("clerk", purposes=("entry",))) as act, pytest.raises(PolicyForbids):
        list_groups(office.gallery, act, "album", most=9)


def test_a_withdrawal_ends_the_name_and_the_groups_of_that_person(
    album: Album, office: Office, database: Database
) -> None:
    anns = consent(office, "ann", "archive")
    consent(office, "bob", "archive")
    album.call(1, "ann")
    album.call(4, "bob")
    album.merge(1, 6)
    before = album.history()
    withdrawal = withdrawn(office, anns.consent_id)
    assert (withdrawal.erased_faces, withdrawal.held) == (0, False)
    assert album.users() == {"bob": {4, 5}}
    assert album.people() == [{4, 5}]
    assert [edit.edit_id for edit in album.history()] == [edit.edit_id for edit in before]
    assert {edit.faces for edit in album.history()} == {0, 2}
    with office.gallery.reading() as reader:
        bobs = {face.key for face in reader.faces(album.collection, after_key=0, most=99) if face.user_id}
    assert {row[3] for row in database.content()["group_changes"]} - {0} == bobs
    (entry,) = entries(office, operation="end_name")
    assert entry["ended_names"][0]["collection"] == "album"
    assert (entry["key"], "ann" in str(entry)) == ("boss", False)


def test_a_sweep_ends_names_whose_consents_expired(album: Album, office: Office, database: Database) -> None:
    consent(office, "ann", "archive")
    album.call(1, "ann")
    swept(office)
    assert album.users() == {"ann": {1, 2, 3}}
    assert entries(office, operation="end_name") == []
    expire(database, "ann")
    swept(office)
    assert album.users() == {}
    assert album.people() == [{4, 5}, {6, 7, 8}]
    swept(office)
    assert len(entries(office, operation="end_name")) == 1


def test_a_hold_keeps_a_name_until_it_is_released(album: Album, office: Office) -> None:
    anns = consent(office, "ann", "archive")
    album.call(1, "ann")
    with acting(office) as act:
        hold = place_hold(act, "ann", "case 7")
    with pytest.raises(HoldInForce):
        album.reject(3)
    with pytest.raises(HoldInForce):
        album.undo()
    assert withdrawn(office, anns.consent_id).held
    assert album.users() == {"ann": {1, 2, 3}}
    with acting(office) as act:
        release_hold(act, hold.hold_id)
    swept(office)
    assert album.users() == {}


def test_a_user_that_has_other_faces_keeps_them_when_the_name_ends(album: Album, office: Office) -> None:
    anns = consent(office, "ann", "archive")
    with office.gallery.changing() as change:
        user = change.writer.create_user(album.collection, "ann")
        (face,) = change.enrol(album.collection, [new_face(20)])
        change.associate(album.collection, user, [face.key])
    album.call(1, "ann")
    assert album.users() == {"ann": {1, 2, 3, 20}}
    withdrawn(office, anns.consent_id)
    assert album.users() == {"ann": {20}}


def test_where_consent_is_required_the_faces_go_too(office: Office, database: Database) -> None:
    staff = create(office, "staff", purpose="archive", grouping="allowed", consent="required")
    enrol(office, staff, new_face(1, "ann"), new_face(2, "ann"), new_face(3, "bob"))
    album = Album(office, staff)
    album.suggest([1, 2, 3])
    anns, _ = consent(office, "ann", "archive"), consent(office, "bob", "archive")
    album.reject(3)
    album.call(1, "ann")
    assert withdrawn(office, anns.consent_id).erased_faces == 2
    assert album.users() == {}
    assert album.people() == []
    assert rows(database, "grouped_faces", "faces_apart", "faces_not_in") == 0
    assert {edit.faces for edit in album.history()} == {0, 1}


def test_an_erased_person_is_in_no_group_no_constraint_and_no_history(
    album: Album, office: Office, database: Database
) -> None:
    consent(office, "ann", "archive")
    album.reject(1)
    album.call(2, "ann")
    album.reject(5)
    album.split(8)
    with acting(office) as act:
        assert erase_subject(office.gallery, act, "ann").faces == 2
    assert album.people() == [{4}, {6, 7}, {8}]
    content = database.content()
    assert content["users"] == []
    assert {row[3] for row in content["face_groups"]} == {None}
    with office.gallery.reading() as reader:
        left = {face.key for face in reader.faces(album.collection, after_key=0, most=99)}
    mentioned = {row[3] for row in content["group_changes"]}
    others = {row[4] for row in content["group_changes"] if row[2] == "apart"}
    assert mentioned | others <= left | {0}
    assert {row[2] for row in content["group_changes"]}.isdisjoint({"user", "name", "made"})
    with acting(office) as act, pytest.raises(SubjectNotFound):
        erase_subject(office.gallery, act, "nobody")


def test_a_user_that_is_deleted_takes_its_name_from_the_group_and_from_history(
    album: Album, office: Office, database: Database
) -> None:
    consent(office, "ann", "archive")
    edit = album.call(1, "ann")
    with acting(office) as act:
        delete_user(office.gallery, act, "album", "ann")
    assert album.of(1).user_id is None
    assert {row[2] for row in database.content()["group_changes"]} == {"member"}
    album.undo(edit)
    assert album.faces_of(album.of(1), confirmed=False) == {1, 2, 3}


def test_nothing_is_left_of_the_groups_of_a_deleted_collection(
    album: Album, office: Office, database: Database
) -> None:
    consent(office, "ann", "archive")
    album.reject(3)
    album.call(1, "ann")
    album.undo()
    album.confirm(4)
    album.reject(5)
    with acting(office) as act:
        delete_collection(office.gallery, act, "album")
    assert rows(database, *TABLES, "face_groups", "group_edits") == 0


def test_an_older_database_that_is_put_back_has_nobody_in_groups_who_was_erased(
    album: Album, office: Office, database: Database
) -> None:
    consent(office, "ann", "archive")
    album.call(1, "ann")
    album.reject(5)
    backup = database.copy()
    with acting(office) as act:
        erase_subject(office.gallery, act, "ann")
    office.store.close()
    database.put_back(backup)
    with database.opened() as store:
        again = Album(office_on(store), album.collection)
        assert again.people() == [{4}, {6, 7, 8}]
        assert again.users() == {}


def test_another_key_may_undo_what_somebody_did_and_that_is_told(album: Album) -> None:
    album.confirm(1, by=CLERK)
    undo = album.undo(by=BOSS)
    assert (album.history()[1].made_by, undo.made_by) == ("clerk", "boss")
