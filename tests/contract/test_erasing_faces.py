"""What is erased is gone from rows, index, users and keys at once, and the receipt proves it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from contract.databases import Database
from contract.erasing import leaf_of, names, read, tree_of
from contract.offices import (
    CLERK,
    acting,
    consent,
    create,
    enrol,
    entries,
    found,
    key,
    looking_like,
    make_user,
    names_in,
    office_on,
    receipt,
    vision,
)
from countenance.access import AccessKey
from countenance.errors import ConsentMissing, NotPermitted, ReceiptBroken, SubjectNotFound, TemplateBroken
from countenance.gallery.values import Collection
from countenance.ledger import GrowingTree, VerifierKey, leaf_hash
from countenance.operations.delete_faces import DeletedFaces, DeletionFailure, delete_faces
from countenance.operations.erase_subject import ErasedSubject, erase_subject
from countenance.operations.keep_consents import list_consents
from countenance.operations.look_into_ledger import check_receipt, show_receipt
from countenance.operations.search_users import search_users_by_face
from countenance.store import SqlStore
from countenance.wiring import Office
from new_faces import face_id, new_face


@pytest.fixture
def office(store: SqlStore) -> Office:
    return office_on(store)


@pytest.fixture
def staff(office: Office) -> Collection:
    """A collection with two faces of Ann, one of Bob and one of nobody."""
    staff = create(office, "staff")
    enrol(office, staff, new_face(1, "ann"), new_face(2, "ann"), new_face(3, "bob"), new_face(4))
    return staff


def deleted(office: Office, *numbers: int, request_id: str | None = None) -> DeletedFaces:
    with acting(office, CLERK, request_id) as act:
        return delete_faces(office.gallery, act, "staff", [face_id(number) for number in numbers])


def erased(
    office: Office, subject: str, request_id: str | None = None, by: AccessKey = CLERK
) -> ErasedSubject:
    with acting(office, by, request_id) as act:
        return erase_subject(office.gallery, act, subject)


def pseudonyms(office: Office, collection: Collection, *subjects: str) -> dict[str, str]:
    with office.gallery.reading() as reader:
        return reader.pseudonyms(collection, subjects)


def commitment_to(templates: list[bytes]) -> str:
    tree = GrowingTree()
    for template in templates:
        tree.append(leaf_hash(hashlib.sha256(template).digest()))
    return tree.root().hex()


def test_a_deleted_face_is_nowhere_and_the_others_are_where_they_were(
    office: Office, staff: Collection, database: Database
) -> None:
    assert found(office, "staff", 3) == ["bob"]
    leaf = leaf_of(database, "external:bob")
    done = deleted(office, 3, 9, 3)
    assert done.deleted == [face_id(3)]
    assert [(each.face_id, each.reason) for each in done.failures] == [
        (face_id(9), DeletionFailure.FACE_NOT_FOUND)
    ]
    assert found(office, "staff", 3) == []
    assert found(office, "staff", 1) == ["ann"]
    assert office.gallery.count_searched(staff) == (3, 0)
    assert names_in(office, staff) == ["ann", "ann", None]
    assert names(database) == {"external:ann", f"face:{face_id(4)}"}
    assert sorted(read(office.store, staff)) == [face_id(1), face_id(2), face_id(4)]
    with pytest.raises(TemplateBroken):
        tree_of(database).key(leaf)


def test_the_key_goes_with_the_last_face(office: Office, staff: Collection, database: Database) -> None:
    leaf = leaf_of(database, "external:ann")
    deleted(office, 1, request_id="first")
    assert tree_of(database).is_live(leaf)
    assert receipt(office, "first").keys_destroyed == 0
    deleted(office, 2, request_id="second")
    assert not tree_of(database).is_live(leaf)
    assert receipt(office, "second").keys_destroyed == 1
    assert names_in(office, staff) == ["bob", None]


def test_a_receipt_proves_what_was_erased_to_who_has_the_public_key_alone(
    office: Office, staff: Collection, database: Database
) -> None:
    sealed = [bytes(row[0]) for row in database.statement("SELECT template FROM faces ORDER BY key")]
    known = pseudonyms(office, staff, "external:ann", f"face:{face_id(4)}")
    deleted(office, 4, 2, 1, request_id="the-request")
    proved = receipt(office, "the-request", CLERK)
    assert (proved.erased_faces, proved.keys_destroyed) == (3, 2)
    first, second = proved.entries
    assert (first["operation"], first["key"], first["outcome"]) == ("delete_faces", "clerk", "done")
    (part,) = first["erased"]
    assert (part["collection"], part["clause"], part["faces"]) == ("staff", "request", 3)
    assert part["commitment"] == commitment_to([sealed[0], sealed[1], sealed[3]])
    assert sorted(part["subjects"]) == sorted(known.values())
    assert (second["operation"], second["key"], second["keys"]) == ("destroy_keys", "system", 2)
    assert "backups_expire" not in first


def test_no_other_public_key_verifies_the_receipt(office: Office, staff: Collection) -> None:
    deleted(office, 1, request_id="the-request")
    with acting(office, CLERK) as act, office.store.reading_ledger() as ledger:
        shown = show_receipt(ledger, act, "the-request")
    another = VerifierKey("countenance", bytes(32))
    with pytest.raises(ReceiptBroken):
        check_receipt(shown, str(another))
    assert check_receipt(shown, str(office.store.verifier_key)).erased_faces == 1
    assert staff.collection_id == "staff"


@pytest.mark.usefixtures("staff")
def test_a_receipt_is_for_who_asked_and_for_administrators(office: Office) -> None:
    deleted(office, 1, request_id="the-request")
    assert receipt(office, "the-request").erased_faces == 1
    with pytest.raises(NotPermitted, match="another access key asked that"):
        receipt(office, "the-request", key("another"))


@pytest.mark.usefixtures("staff")
def test_a_receipt_says_when_the_last_backup_expires_where_that_is_known(store: SqlStore) -> None:
    office = office_on(store, backups_kept=timedelta(days=30))
    before = datetime.now(UTC).replace(microsecond=0)
    deleted(office, 1, request_id="the-request")
    (entry,) = receipt(office, "the-request").entries
    expire = datetime.fromisoformat(entry["backups_expire"])
    assert before <= expire - timedelta(days=30) <= datetime.now(UTC)


def test_a_user_is_searched_by_the_faces_that_are_left(office: Office, staff: Collection) -> None:
    with office.gallery.reading() as reader:
        make_user(office, staff, "team", reader.faces(staff, after_key=0, most=2))
    with office.gallery.reading() as reader:
        faces = reader.faces(staff, after_key=0, most=2)
    enrol(office, staff, looking_like(5, 1), looking_like(6, 2))

    def like(number: int) -> list[str]:
        with acting(office, CLERK) as act:
            answer = search_users_by_face(
                vision(), office.gallery, act, "staff", face_id(number), most=9, least_similarity=80
            )
        return [match.user.user_id for match in answer.matches]

    assert like(5) == like(6) == []  # the mean of two strangers is like neither
    with office.gallery.changing() as change:
        change.delete_faces(staff, faces[:1])
    assert (like(5), like(6)) == ([], ["team"])
    with office.gallery.changing() as change:
        change.delete_faces(staff, faces[1:])
    assert (like(5), like(6)) == ([], [])


def test_a_face_of_a_user_is_not_deleted_by_its_id(office: Office, staff: Collection) -> None:
    with office.gallery.reading() as reader:
        face = reader.face(staff, face_id(4))
    make_user(office, staff, "carol", [face])
    done = deleted(office, 4, 1)
    assert done.deleted == [face_id(1)]
    assert [(each.face_id, each.user_id) for each in done.failures] == [(face_id(4), "carol")]


def test_who_is_enrolled_again_cannot_be_linked_to_what_was_recorded_before(
    office: Office, staff: Collection
) -> None:
    before = pseudonyms(office, staff, "external:ann")["external:ann"]
    erased(office, "ann", "first")
    assert pseudonyms(office, staff, "external:ann") == {}
    enrol(office, staff, new_face(1, "ann"))
    after = pseudonyms(office, staff, "external:ann")["external:ann"]
    erased(office, "ann", "second")
    assert before != after
    (first,), (second,) = (receipt(office, each).entries[0]["erased"] for each in ("first", "second"))
    assert (first["subjects"], second["subjects"]) == ([before], [after])
    assert first["commitment"] != second["commitment"]


def test_everything_of_a_subject_is_erased_in_all_collections(office: Office, database: Database) -> None:
    staff, guests, others = (create(office, name) for name in ("staff", "guests", "others"))
    for place, collection in enumerate((staff, guests)):
        _, nobodys, _ = enrol(
            office,
            collection,
            new_face(10 * place + 1, "ann"),
            new_face(10 * place + 2),
            new_face(10 * place + 3, "bob"),
        )
        make_user(office, collection, "ann", [nobodys])
    enrol(office, others, new_face(31, "bob"))
    consent(office, "ann")
    consent(office, "ann", "boarding")
    bobs = consent(office, "bob")
    done = erased(office, "ann", "the-request")
    assert done == ErasedSubject("the-request", faces=4, users=2, consents_ended=2)
    assert [names_in(office, each) for each in (staff, guests, others)] == [["bob"], ["bob"], ["bob"]]
    assert names(database) == {"external:bob"}
    with office.gallery.reading() as reader:
        assert [reader.count_users(each) for each in (staff, guests)] == [0, 0]
    with acting(office) as act:
        left = list_consents(act, subject=None, most=9).items
    assert [(each.subject, each.withdrawn_at is None) for each in left] == [
        ("ann", False),
        ("ann", False),
        ("bob", True),
    ]
    assert left[2].consent_id == bobs.consent_id
    assert "ann" not in str(entries(office, request="the-request"))


def test_the_receipt_of_a_subject_tells_all_that_was_done(office: Office) -> None:
    staff, guests = create(office, "staff"), create(office, "guests")
    for place, collection in enumerate((staff, guests)):
        enrol(office, collection, new_face(10 * place + 1, "ann"))
    make_user(office, staff, "ann")
    mine = pseudonyms(office, staff, "external:ann", "user:ann")
    consent(office, "ann")
    erased(office, "ann", "the-request")
    proved = receipt(office, "the-request", CLERK)
    assert (proved.erased_faces, proved.keys_destroyed) == (2, 3)
    ended, done, destroyed = proved.entries
    assert (ended["operation"], len(ended["consents"]), ended["key"]) == ("end_consents", 1, "clerk")
    assert [(part["collection"], part["faces"]) for part in done["erased"]] == [("staff", 1), ("guests", 1)]
    assert done["erased"][0]["subjects"] == [mine["external:ann"]]
    assert done["erased_users"] == [{"collection": "staff", "subjects": [mine["user:ann"]]}]
    assert destroyed["operation"] == "destroy_keys"


def test_nothing_is_erased_of_whom_nothing_is_held(office: Office, staff: Collection) -> None:
    with pytest.raises(SubjectNotFound, match="nothing is held of a subject eve"):
        erased(office, "eve")
    assert len(names_in(office, staff)) == 4
    (entry,) = entries(office)
    assert (entry["outcome"], "erased" in entry) == ("SubjectNotFound", False)


def test_who_only_consented_can_be_erased_too(office: Office) -> None:
    consent(office, "eve")
    assert erased(office, "eve").consents_ended == 1
    assert erased(office, "eve") == ErasedSubject(entries(office)[-1]["request"], 0, 0, 0)


def test_a_key_erases_nobody_in_collections_that_it_may_not_use(office: Office, staff: Collection) -> None:
    guests = create(office, "guests")
    enrol(office, guests, new_face(11, "ann"))
    porter = key("porter", collections=("staff",))
    with pytest.raises(NotPermitted, match="may not use all collections that know this subject") as refused:
        erased(office, "ann", by=porter)
    assert "guests" not in str(refused.value)
    assert (names_in(office, staff).count("ann"), names_in(office, guests)) == (2, ["ann"])
    assert erased(office, "bob", by=porter).faces == 1


def test_what_is_erased_can_be_searched_for_no_more(office: Office) -> None:
    staff = create(office, "staff", purpose="entry", consent="required")
    enrol(office, staff, new_face(1, "ann"))
    consent(office, "ann")
    assert found(office, "staff", 1) == ["ann"]
    erased(office, "ann")
    enrol(office, staff, new_face(1, "ann"))
    assert found(office, "staff", 1) == []
    with pytest.raises(ConsentMissing), acting(office, CLERK) as act:
        search_users_by_face(vision(), office.gallery, act, "staff", face_id(1), most=9, least_similarity=80)
