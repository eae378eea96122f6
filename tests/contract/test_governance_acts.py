"""Each request asks for leave before anything else, and leaves one entry, whatever became of it."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest

from contract.offices import BOSS, CLERK, acting, create, enrol, entries, key, office_on, tags, vision
from countenance.access import AccessKey
from countenance.errors import (
    CollectionExists,
    CollectionNotFound,
    NotPermitted,
    PolicyForbids,
    PolicyInvalid,
    SettingsInvalid,
)
from countenance.operations.acts import unrecorded_act
from countenance.operations.create_collection import create_collection
from countenance.operations.create_user import create_user
from countenance.operations.delete_faces import delete_faces
from countenance.operations.list_faces import list_faces
from countenance.operations.list_tags import list_tags
from countenance.operations.manage_keys import create_key, revoke_key
from countenance.operations.show_policy import show_policy
from countenance.operations.tag_collection import tag_collection
from countenance.operations.untag_collection import untag_collection
from countenance.store import SqlStore
from countenance.wiring import Office
from new_faces import face_id, new_face


@pytest.fixture
def office(store: SqlStore) -> Office:
    return office_on(store)


def tag(office: Office, by: AccessKey, collection_id: str = "staff", **names: str) -> None:
    with acting(office, by) as act:
        tag_collection(office.gallery, act, collection_id, tags(**names))


def tags_of(office: Office, collection_id: str = "staff") -> dict[str, str]:
    with acting(office, CLERK) as act:
        return list_tags(office.gallery, act, collection_id)


def test_what_changes_the_policy_needs_an_administrators_key(office: Office) -> None:
    create(office, "staff", purpose="entry", retention="P1Y")
    for change in ({"purpose": "boarding"}, {"retention": "P2Y"}, {"basis": "contract"}, {"purpose": ""}):
        with pytest.raises(NotPermitted, match="needs an administrator's access key"):
            tag(office, CLERK, **change)
    for names in (["countenance:purpose"], ["countenance:retention", "team"]):
        with pytest.raises(NotPermitted, match="needs an administrator's"), acting(office, CLERK) as act:
            untag_collection(office.gallery, act, "staff", names)
    assert tags_of(office) == tags(purpose="entry", retention="P1Y")
    tag(office, BOSS, retention="P2Y")
    with acting(office) as act:
        untag_collection(office.gallery, act, "staff", ["countenance:purpose"])
    assert tags_of(office) == tags(retention="P2Y")
    changed, removed = entries(office, key="boss")
    assert (changed["tags"], removed["removed"]) == (tags(retention="P2Y"), ["countenance:purpose"])


def test_other_tags_need_none_and_neither_do_lines_that_stay_as_they_are(office: Office) -> None:
    create(office, "staff", purpose="entry")
    with acting(office, CLERK) as act:
        tag_collection(office.gallery, act, "staff", {"team": "Ann's", **tags(purpose="entry")})
    with acting(office, CLERK) as act:
        untag_collection(office.gallery, act, "staff", ["team", "countenance:basis"])
    assert tags_of(office) == tags(purpose="entry")
    assert "Ann" not in str(entries(office))


def test_tags_that_are_no_policy_change_nothing(office: Office) -> None:
    create(office, "staff", purpose="entry")
    for change in ({"colour": "red"}, {"retention": "long"}):
        with pytest.raises(PolicyInvalid):
            tag(office, BOSS, **change)
    with pytest.raises(PolicyInvalid), acting(office) as act:
        create_collection(vision(), office.gallery, act, "guests", tags(consent="maybe"))
    assert tags_of(office) == tags(purpose="entry")
    assert [entry["outcome"] for entry in entries(office, key="boss")] == ["PolicyInvalid"] * 3


def test_a_collection_is_created_with_what_must_be_declared_or_not_at_all(store: SqlStore) -> None:
    office = office_on(store, jurisdiction="washington", required_tags=("basis",))
    with pytest.raises(PolicyForbids, match="countenance:purpose, countenance:basis"), acting(office) as act:
        create_collection(vision(), office.gallery, act, "staff", {})
    with pytest.raises(PolicyForbids, match=r"tags: countenance:basis$"), acting(office) as act:
        create_collection(vision(), office.gallery, act, "staff", tags(purpose="entry", basis=" "))
    with acting(office, CLERK) as act:
        create_collection(
            vision(), office.gallery, act, "staff", tags(purpose="entry", basis="contract") | {"team": "red"}
        )
    with acting(office, CLERK) as act:
        policy = show_policy(act, "staff")
    assert (policy.jurisdiction, policy.purpose, policy.review) == ("washington", "entry", "one")
    assert entries(office, key="clerk", operation="create_collection")[0]["tags"] == tags(
        purpose="entry", basis="contract"
    )
    with pytest.raises(PolicyForbids, match="must declare"):
        tag(office, BOSS, basis="")
    with pytest.raises(PolicyForbids, match="must declare"), acting(office) as act:
        untag_collection(office.gallery, act, "staff", ["countenance:basis"])


def test_what_is_there_already_is_not_created_again(office: Office) -> None:
    create(office, "staff", purpose="entry")
    with pytest.raises(CollectionExists), acting(office, CLERK) as act:
        create_collection(vision(), office.gallery, act, "staff", tags(purpose="entry"))


def test_a_setting_that_is_no_policy_is_told_at_the_start(store: SqlStore) -> None:
    with pytest.raises(SettingsInvalid, match="'colour' is not one of"):
        office_on(store, required_tags=("colour",))


def test_the_policy_of_a_collection_that_is_not_there_is_not_shown(office: Office) -> None:
    with pytest.raises(CollectionNotFound), acting(office) as act:
        show_policy(act, "nobody")


GOOD_FOR: list[tuple[tuple[str, ...], str | None, str, bool]] = [
    (("entry",), "staff", "list_faces", True),
    (("entry",), "staff", "search_faces", True),
    (("entry",), "flights", "search_faces", False),
    (("entry",), "flights", "list_faces", False),
    (("entry",), "flights", "delete_faces", False),
    (("entry",), "undeclared", "list_faces", False),
    (("b*", "entry"), "flights", "search_faces", True),
    (("*",), "undeclared", "search_faces", True),
    (("entry", "*"), "undeclared", "search_faces", True),
    (("entry",), None, "list_collections", True),
    (("entry",), None, "compare_faces", False),
    (("entry",), None, "make_templates", False),
    (("testing",), None, "compare_faces", True),
    (("testing",), None, "detect_faces", True),
    (("testing",), None, "make_templates", False),
    (("testing", "entry"), None, "compare_faces", False),
    (("testing",), "undeclared", "search_faces", False),
    ((), "staff", "search_faces", False),
]


def test_a_key_is_good_for_its_purposes(office: Office) -> None:
    create(office, "staff", purpose="entry")
    create(office, "flights", purpose="boarding")
    create(office, "undeclared")
    for purposes, collection_id, operation, may in GOOD_FOR:
        with suppress(PolicyForbids), acting(office, key("porter", purposes=purposes)) as act:
            act.permit(operation, collection_id)
        assert entries(office)[-1]["outcome"] == ("done" if may else "PolicyForbids"), (
            purposes,
            collection_id,
        )


def test_a_key_that_may_not_do_it_is_refused_before_anything_is_looked_up(office: Office) -> None:
    reader = key("reader", operations=("list_*",), collections=("staff",))
    with pytest.raises(NotPermitted, match="may not do delete_faces"), acting(office, reader) as act:
        act.permit("delete_faces", "staff")
    with pytest.raises(NotPermitted, match="may not use the collection other"), acting(office, reader) as act:
        act.permit("list_faces", "other")
    assert [entry["outcome"] for entry in entries(office)] == ["NotPermitted"] * 2


def test_keys_are_made_and_revoked_by_administrators_and_no_secret_is_recorded(office: Office) -> None:
    with acting(office) as act:
        made = create_key(act, "the porter's", operations=("search_*",), purposes=("entry",))
    with pytest.raises(NotPermitted), acting(office, made) as act:
        create_key(act, "another")
    with acting(office) as act:
        revoke_key(act, made.key_id)
    kept = office.store.key(made.key_id)
    assert kept is not None
    assert kept.revoked_at is not None
    created, _, revoked = entries(office)
    assert (created["created"], revoked["revoked"]) == (made.key_id, made.key_id)
    assert created["purposes"] == ["entry"]
    assert made.secret not in str(entries(office))
    assert "porter" not in str(entries(office))


class Interrupted(Exception):
    """What no act expects."""


def interrupted(office: Office) -> None:
    with acting(office, CLERK) as act:
        act.permit("list_faces", "staff")
        raise Interrupted


def test_each_act_leaves_one_entry_that_says_what_became_of_it(office: Office) -> None:
    staff = create(office, "staff")
    enrol(office, staff, new_face(1, "ann"))
    before = datetime.now(UTC).isoformat(timespec="microseconds")
    with acting(office, CLERK, "request-1") as act:
        list_faces(office.gallery, act, "staff", most=9)
    with pytest.raises(CollectionNotFound), acting(office, CLERK, "request-2") as act:
        list_faces(office.gallery, act, "nobody", most=9)
    with pytest.raises(Interrupted):
        interrupted(office)
    with acting(office, CLERK, "request-3") as act:
        delete_faces(office.gallery, act, "staff", [face_id(1)])
    found = entries(office, key="clerk")
    assert [(entry["operation"], entry["outcome"]) for entry in found] == [
        ("list_faces", "done"),
        ("list_faces", "CollectionNotFound"),
        ("list_faces", "failed"),
        ("delete_faces", "done"),
    ]
    assert [found[place]["request"] for place in (0, 1, 3)] == ["request-1", "request-2", "request-3"]
    assert [entry["time"] for entry in found] == sorted(entry["time"] for entry in found)
    assert found[0]["time"] >= before
    assert {entry["v"] for entry in found} == {1}


def test_an_act_that_asks_for_nothing_leaves_nothing(office: Office) -> None:
    with acting(office):
        pass
    assert entries(office) == []


def test_a_change_and_its_entry_are_there_together_or_not_at_all(office: Office) -> None:
    create(office, "staff")

    def broken_off() -> None:
        with acting(office, CLERK) as act:
            act.permit("create_user", "staff")
            with act.changing(office.gallery) as change:
                change.writer.create_user(change.writer.collection("staff"), "ann")
                raise Interrupted

    with pytest.raises(Interrupted):
        broken_off()
    with office.gallery.reading() as reader:
        assert reader.count_users(reader.collection("staff")) == 0
    assert [entry["outcome"] for entry in entries(office)] == ["failed"]
    with acting(office, CLERK) as act:
        create_user(office.gallery, act, "staff", "ann")
        assert entries(office)[-1]["outcome"] == "done"  # before the act is over
    assert len(entries(office)) == 2


def test_users_and_faces_are_told_by_pseudonyms_that_stay_the_same(office: Office) -> None:
    staff = create(office, "staff")
    enrol(office, staff, new_face(1, "ann"), new_face(2, "ann"), new_face(3, "bob"), new_face(4))
    with office.gallery.reading() as reader, acting(office) as act:
        act.permit("list_faces", "staff")
        one, two, bob, nobody = act.subjects(reader, staff, reader.faces(staff, after_key=0, most=9))
        assert one == two
        assert len({one, bob, nobody}) == 3
        assert act.users(reader, staff, ["carol"]) == ["erased"]


def test_who_works_on_files_of_his_own_is_not_recorded(office: Office) -> None:
    act = unrecorded_act()
    act.permit("detect_faces")
    act.note(pictures=[])
    assert entries(office) == []
