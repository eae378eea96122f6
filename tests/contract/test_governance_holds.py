"""A legal hold keeps everything of a subject from whatever way there is of erasing, until it is released."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from contract.offices import (
    CLERK,
    acting,
    consent,
    create,
    enrol,
    entries,
    make_user,
    names_in,
    office_on,
    swept,
    withdrawn,
)
from countenance.errors import (
    CollectionNotFound,
    HoldInForce,
    HoldNotFound,
    NotPermitted,
    PolicyInvalid,
    SubjectNotFound,
    UserNotFound,
)
from countenance.governance import Hold
from countenance.operations.acts import Act
from countenance.operations.delete_collection import delete_collection
from countenance.operations.delete_faces import delete_faces
from countenance.operations.delete_user import delete_user
from countenance.operations.disassociate_faces import disassociate_faces
from countenance.operations.erase_everything import erase_everything
from countenance.operations.erase_subject import erase_subject
from countenance.operations.manage_holds import list_holds, place_hold, release_hold
from countenance.store import SqlStore
from countenance.wiring import Office
from new_faces import face_id, new_face

NAMES = ["ann", None, None, "bob"]


@pytest.fixture
def office(store: SqlStore) -> Office:
    """An office with a collection of Ann, of two nameless faces of the user Carol, and of Bob."""
    office = office_on(store)
    staff = create(office, "staff", purpose="entry", consent="required")
    faces = enrol(office, staff, new_face(1, "ann"), new_face(2), new_face(3), new_face(4, "bob"))
    make_user(office, staff, "carol", faces[1:3])
    return office


def placed(office: Office, subject: str, reference: str = "warrant 7") -> Hold:
    with acting(office) as act:
        return place_hold(act, subject, reference)


def released(office: Office, hold: Hold) -> None:
    with acting(office) as act:
        release_hold(act, hold.hold_id)


def left(office: Office) -> list[str | None]:
    with office.gallery.reading() as reader:
        return names_in(office, reader.collection("staff"))


Erasing = Callable[[Office, Act], object]
OF_ANN: dict[str, Erasing] = {
    "deleting her face": lambda office, act: delete_faces(office.gallery, act, "staff", [face_id(1)]),
    "deleting her face with others": lambda office, act: delete_faces(
        office.gallery, act, "staff", [face_id(4), face_id(1)]
    ),
    "erasing her": lambda office, act: erase_subject(office.gallery, act, "ann"),
}
OF_CAROL: dict[str, Erasing] = {
    "erasing her": lambda office, act: erase_subject(office.gallery, act, "carol"),
    "deleting the user": lambda office, act: delete_user(office.gallery, act, "staff", "carol"),
    "taking her faces away": lambda office, act: disassociate_faces(
        office.gallery, act, "staff", "carol", [face_id(2)]
    ),
}
OF_ANYBODY: dict[str, Erasing] = {
    "deleting the collection": lambda office, act: delete_collection(office.gallery, act, "staff"),
    "erasing everything": lambda office, act: erase_everything(office.gallery, act),
}


@pytest.mark.parametrize(("who", "ways"), [("ann", OF_ANN), ("carol", OF_CAROL)])
def test_a_hold_refuses_every_way_of_erasing_and_names_its_reference(
    office: Office, who: str, ways: dict[str, Erasing]
) -> None:
    hold = placed(office, who)
    for erase in (*ways.values(), *OF_ANYBODY.values()):
        with pytest.raises(HoldInForce, match=r"a legal hold \(warrant 7\)"), acting(office) as act:
            erase(office, act)
        assert left(office) == NAMES
        assert entries(office)[-1]["outcome"] == "HoldInForce"
    with office.gallery.reading() as reader:
        assert reader.user(reader.collection("staff"), "carol").face_count == 2
    released(office, hold)
    for erase in (*reversed(ways.values()), *OF_ANYBODY.values()):
        with suppress(SubjectNotFound, UserNotFound, CollectionNotFound), acting(office) as act:
            erase(office, act)
    with office.gallery.reading() as reader:
        assert reader.collections(after_key=0, most=9) == []


@pytest.mark.parametrize("who", ["ann", "carol"])
def test_what_is_due_under_a_hold_is_erased_when_it_is_released(office: Office, who: str) -> None:
    recorded, hold = consent(office, who), placed(office, who)
    assert withdrawn(office, recorded.consent_id).held
    assert swept(office) == 0
    assert left(office) == NAMES
    released(office, hold)
    assert swept(office) == (1 if who == "ann" else 2)
    assert left(office) == [name for name in NAMES if (name == "ann") != (who == "ann") or name == "bob"]


def test_others_are_erased_meanwhile(office: Office) -> None:
    placed(office, "ann")
    placed(office, "carol")
    with acting(office) as act:
        delete_faces(office.gallery, act, "staff", [face_id(4)])
    create(office, "guests")
    with acting(office) as act:
        delete_collection(office.gallery, act, "guests")
    assert left(office) == ["ann", None, None]


def test_a_hold_on_a_user_without_faces_keeps_the_user_and_the_collection(office: Office) -> None:
    with office.gallery.reading() as reader:
        make_user(office, reader.collection("staff"), "dora")
    placed(office, "dora")
    ways: list[Erasing] = [*OF_ANYBODY.values(), delete_dora]
    for erase in ways:
        with pytest.raises(HoldInForce), acting(office) as act:
            erase(office, act)
    assert left(office) == NAMES


def delete_dora(office: Office, act: Act) -> None:
    delete_user(office.gallery, act, "staff", "dora")


def test_a_hold_that_is_on_a_user_holds_faces_that_others_are_named_in(office: Office) -> None:
    with office.gallery.changing() as change:
        staff = change.writer.collection("staff")
        bobs = change.writer.face(staff, face_id(4))
        change.associate(staff, change.writer.user(staff, "carol"), [bobs.key])
    placed(office, "carol")
    with pytest.raises(HoldInForce), acting(office) as act:
        erase_subject(office.gallery, act, "bob")
    assert left(office) == NAMES


def test_holds_are_listed_by_themselves_and_with_those_released(office: Office) -> None:
    first, second = placed(office, "ann", " warrant 7 "), placed(office, "somebody else", "case 12")
    released(office, first)
    with acting(office, CLERK) as act:
        assert list_holds(act) == [second]
    with acting(office, CLERK) as act:
        old, now = list_holds(act, released=True)
    assert (old.reference, old.released_by, now) == ("warrant 7", "boss", second)
    assert old.released_at is not None
    assert old.released_at > old.placed_at


def test_a_hold_is_released_once(office: Office) -> None:
    hold = placed(office, "ann")
    released(office, hold)
    with pytest.raises(HoldNotFound):
        released(office, hold)


def test_only_an_administrator_places_and_releases_holds(office: Office) -> None:
    with pytest.raises(NotPermitted, match="needs an administrator's"), acting(office, CLERK) as act:
        place_hold(act, "ann", "warrant 7")
    hold = placed(office, "ann")
    with pytest.raises(NotPermitted, match="needs an administrator's"), acting(office, CLERK) as act:
        release_hold(act, hold.hold_id)
    with acting(office) as act:
        assert list_holds(act) == [hold]


def test_a_hold_names_a_subject_and_what_demands_it(office: Office) -> None:
    for subject, reference in (
        *(("ann", ""), ("ann", " "), ("ann", "x" * 201), ("ann", "a\0")),
        *(("", "w"), ("a" * 256, "w"), ("\0", "w")),
    ):
        with pytest.raises(PolicyInvalid, match="a hold names a subject and the warrant"):
            placed(office, subject, reference)
    with acting(office) as act:
        assert list_holds(act, released=True) == []


def test_the_ledger_names_a_hold_by_its_id_alone(office: Office) -> None:
    hold = placed(office, "ann-collins", "the warrant of judge Smith")
    (entry,) = entries(office, operation="place_hold")
    assert entry["hold"] == hold.hold_id
    assert "collins" not in str(entry)
    assert "Smith" not in str(entry)
