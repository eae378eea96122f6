"""A collection is gone from the next request on; what was in it is erased in batches, to the end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from contract.databases import Database
from contract.erasing import tree_of
from contract.offices import (
    BOSS,
    CLERK,
    acting,
    create,
    enrol,
    entries,
    found,
    make_user,
    names_in,
    office_on,
    receipt,
    swept,
)
from countenance.errors import CollectionNotFound, HoldInForce, NotPermitted
from countenance.gallery.values import Collection
from countenance.operations import delete_collection as deleting
from countenance.operations.delete_collection import delete_collection, finish_deletions
from countenance.operations.erase_everything import erase_everything
from countenance.operations.list_collections import list_collections
from countenance.operations.manage_holds import place_hold
from countenance.store import SqlStore
from countenance.wiring import Office
from new_faces import new_face

MANY = 10


class Interrupted(Exception):
    """A server that is stopped."""


@pytest.fixture
def office(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office that erases three faces at a time."""
    monkeypatch.setattr(deleting, "BATCH", 3)
    return office_on(store)


@pytest.fixture
def staff(office: Office) -> Collection:
    """A collection of ten people, some of whom are users."""
    staff = create(office, "staff", purpose="entry")
    faces = enrol(office, staff, *(new_face(number, f"person-{number}") for number in range(MANY)))
    make_user(office, staff, "first", faces[:2])
    make_user(office, staff, "middle", faces[2:5])
    make_user(office, staff, "nobody")
    return staff


def delete(office: Office, collection_id: str = "staff", request_id: str | None = None) -> None:
    with acting(office, CLERK, request_id) as act:
        delete_collection(office.gallery, act, collection_id)


def hide(office: Office, collection: Collection, request_id: str) -> None:
    """Delete a collection in a process that is killed right after."""
    with acting(office, CLERK, request_id) as act:
        act.permit("delete_collection", collection.collection_id)
        with act.changing(office.gallery) as change:
            deleting.hide(act, change.writer, collection)
            change.hide_collection(collection, request_id)


def after(batches: int) -> Callable[[int], None]:
    """Return a progress that breaks off after so many batches."""
    left = [batches]

    def progress(_: int) -> None:
        left[0] -= 1
        if not left[0]:
            raise Interrupted

    return progress


def rows(database: Database) -> dict[str, int]:
    content = database.content()
    tables = ("collections", "faces", "users", "subjects", "tags", "dead_leaves")
    return {table: len(content[table]) for table in tables}


def test_nothing_is_left_of_a_collection(office: Office, staff: Collection, database: Database) -> None:
    assert found(office, "staff", 1) == ["person-1"]
    leaves = [leaf for (leaf,) in database.statement("SELECT leaf FROM subjects")]
    delete(office)
    assert rows(database) == dict.fromkeys(rows(database), 0)
    assert not any(tree_of(database).is_live(leaf) for leaf in leaves)
    with pytest.raises(CollectionNotFound):
        found(office, "staff", 1)
    with pytest.raises(CollectionNotFound):
        delete(office)
    with office.gallery.reading() as reader:
        assert reader.hidden_collections() == []
    assert staff.key > 0


@pytest.mark.usefixtures("staff")
def test_its_receipt_counts_every_batch(office: Office) -> None:
    delete(office, request_id="the-request")
    proved = receipt(office, "the-request", CLERK)
    assert proved.erased_faces == MANY
    assert proved.keys_destroyed == MANY + 3
    asked, *batches = (entry for entry in proved.entries if entry["operation"] != "destroy_keys")
    assert (asked["operation"], asked["key"]) == ("delete_collection", "clerk")
    assert asked["deleted"] == [{"collection": "staff", "faces": MANY}]
    assert [entry["erased"][0]["faces"] for entry in batches] == [3, 3, 3, 1]
    assert {entry["key"] for entry in batches} == {"system"}
    assert [entry.get("finished") for entry in batches] == [None, None, None, True]
    assert "person" not in str(proved.entries)


def test_its_id_is_free_while_it_is_still_being_emptied(office: Office, staff: Collection) -> None:
    hide(office, staff, "the-request")
    another = create(office, "staff", purpose="boarding")
    enrol(office, another, new_face(1, "person-1"))
    assert found(office, "staff", 1) == ["person-1"]
    assert found(office, "staff", 2) == []
    with acting(office, CLERK) as act:
        assert [each.key for each in list_collections(office.gallery, act, most=9).items] == [another.key]
    assert swept(office) == MANY
    assert found(office, "staff", 1) == ["person-1"]
    assert names_in(office, another) == ["person-1"]


def test_others_get_in_between_the_batches(office: Office, staff: Collection) -> None:
    guests = create(office, "guests")
    hide(office, staff, "the-request")
    told = []

    def progress(count: int) -> None:
        told.append(count)
        enrol(office, guests, new_face(100 + len(told), f"guest-{len(told)}"))
        assert found(office, "guests", 100 + len(told)) == [f"guest-{len(told)}"]

    assert finish_deletions(office.gallery, office.register, progress) == MANY
    assert told == [3, 3, 3, 1]
    assert len(names_in(office, guests)) == 4


@pytest.mark.parametrize("batches", [1, 3])
def test_what_was_broken_off_goes_on_under_the_same_request(
    office: Office, staff: Collection, database: Database, batches: int
) -> None:
    hide(office, staff, "the-request")
    with pytest.raises(Interrupted):
        finish_deletions(office.gallery, office.register, after(batches))
    assert rows(database)["faces"] == MANY - 3 * batches
    assert receipt(office, "the-request", CLERK).erased_faces == 3 * batches
    with database.opened() as another:
        assert swept(office_on(another)) == MANY - 3 * batches
    assert rows(database) == dict.fromkeys(rows(database), 0)
    proved = receipt(office, "the-request", CLERK)
    assert (proved.erased_faces, proved.keys_destroyed) == (MANY, MANY + 3)
    assert finish_deletions(office.gallery, office.register) == 0


def test_a_batch_that_fails_erases_nothing_of_itself(
    office: Office, staff: Collection, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide(office, staff, "the-request")
    with monkeypatch.context() as broken:
        broken.setattr(deleting, "commitment", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            finish_deletions(office.gallery, office.register)
    assert rows(database)["faces"] == MANY
    assert entries(office, operation="erase_collection")[-1]["outcome"] == "failed"
    assert finish_deletions(office.gallery, office.register) == MANY


@pytest.mark.usefixtures("staff")
def test_everything_is_emptied_with_one_receipt(office: Office, database: Database) -> None:
    for number, many in enumerate((0, 1, 4)):
        guests = create(office, f"guests-{number}")
        enrol(office, guests, *(new_face(100 + each) for each in range(many)))
    begun, told = list[int](), list[int]()

    def see(count: int) -> None:
        begun.append(count)
        with acting(office) as act:
            assert list_collections(office.gallery, act, most=9).items == []

    with acting(office, BOSS, "the-request") as act:
        assert erase_everything(office.gallery, act, see, told.append) == MANY + 5
    assert begun == [MANY + 5]
    assert sum(told) == MANY + 5
    assert rows(database) == dict.fromkeys(rows(database), 0)
    proved = receipt(office, "the-request")
    assert (proved.erased_faces, proved.keys_destroyed) == (MANY + 5, MANY + 5 + 3)
    assert [part["collection"] for part in proved.entries[0]["deleted"]] == [
        "staff",
        "guests-0",
        "guests-1",
        "guests-2",
    ]


def test_nobody_but_an_administrator_empties_everything(office: Office, staff: Collection) -> None:
    with pytest.raises(NotPermitted, match="needs an administrator's"), acting(office, CLERK) as act:
        erase_everything(office.gallery, act)
    assert len(names_in(office, staff)) == MANY


def test_a_hold_on_anybody_keeps_everything(office: Office, staff: Collection) -> None:
    create(office, "aaa-first")
    with acting(office) as act:
        place_hold(act, "person-7", "warrant 7")
    with pytest.raises(HoldInForce), acting(office) as act:
        erase_everything(office.gallery, act)
    assert len(names_in(office, staff)) == MANY
    with acting(office) as act:
        assert len(list_collections(office.gallery, act, most=9).items) == 2


def test_everything_of_nothing_is_nothing(office: Office) -> None:
    with acting(office) as act:
        assert erase_everything(office.gallery, act) == 0
    (entry,) = entries(office)
    assert (entry["operation"], entry["outcome"]) == ("erase_everything", "done")
