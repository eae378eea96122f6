"""People merge, split, confirm and name groups, move and reject faces, and take any of it back."""

from __future__ import annotations

import pytest

from contract.grouping import Album
from contract.offices import acting, consent, entries, office_on
from countenance.errors import (
    CollectionNotFound,
    FaceNotFound,
    GalleryFull,
    GroupEditInvalid,
    GroupEditNotFound,
    GroupNotFound,
)
from countenance.gallery.groups import EditKind, GroupState
from countenance.operations.delete_faces import delete_faces
from countenance.operations.disassociate_faces import disassociate_faces
from countenance.operations.groups.edit_groups import merge_groups
from countenance.operations.groups.undo_edit import undo_group_edit
from countenance.store import SqlStore
from countenance.wiring import Office
from new_faces import face_id


@pytest.fixture
def office(store: SqlStore) -> Office:
    return office_on(store)


@pytest.fixture
def album(office: Office) -> Album:
    """Ten faces; 1 to 3 are suggested to be one person, 4 and 5 another, 6 to 8 a third."""
    made = Album.made(office, *range(1, 11))
    made.suggest([1, 2, 3], [4, 5], [6, 7, 8])
    return made


def constraints(album: Album) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """Return which faces are said to be apart, by the last digit of their ids, and how many not in groups."""
    with album.office.gallery.reading() as reader:
        said = reader.all_group_constraints(album.collection)
        faces = reader.faces(album.collection, after_key=0, most=100)
    number = {face.key: int(face.face_id[-2:], 16) for face in faces}
    key_of = {group.key: min(album.faces_of(group)) for group in album.groups()}
    return (
        {(number[one], number[other]) for one, other in said.apart},
        {(number[face], key_of[group]) for face, group in said.not_in},
    )


def test_a_group_is_a_suggestion_until_somebody_confirms_it(album: Album) -> None:
    assert album.of(1).state is GroupState.SUGGESTED
    album.confirm(1)
    assert (album.of(1).state, album.of(1).confirmed_count) == (GroupState.CONFIRMED, 3)
    assert album.of(4).state is GroupState.SUGGESTED
    with album.office.gallery.reading() as reader:
        by_state = [
            len(reader.groups(album.collection, after_key=0, most=9, state=state)) for state in GroupState
        ]
        assert by_state == [reader.count_groups(album.collection, state) for state in GroupState] == [2, 1]
        assert reader.count_groups(album.collection) == 3
    with pytest.raises(GroupEditInvalid, match=r"all faces of the group .* are confirmed already"):
        album.confirm(1)


def test_merged_groups_are_one_and_confirmed(album: Album) -> None:
    group = album.of(1).group_id
    edit = album.merge(1, 4, 6)
    assert album.people() == [{1, 2, 3, 4, 5, 6, 7, 8}]
    assert album.of(8).group_id == group
    assert album.of(8).confirmed_count == 8
    assert (edit.kind, edit.faces, edit.made_by) == (EditKind.MERGE, 8, "boss")
    album.undo(edit)
    assert album.people() == [{1, 2, 3}, {4, 5}, {6, 7, 8}]
    assert all(found.state is GroupState.SUGGESTED for found in album.groups())


def test_faces_that_are_split_off_are_another_person_than_the_rest(album: Album) -> None:
    album.split(2, 3)
    assert album.people() == [{1}, {2, 3}, {4, 5}, {6, 7, 8}]
    assert album.faces_of(album.of(2), confirmed=True) == {2, 3}
    assert constraints(album) == (set(), {(1, 2)})
    album.merge(2, 1)
    assert album.people()[0] == {1, 2, 3}
    assert constraints(album) == (set(), set())
    album.undo()
    album.undo()
    assert album.people() == [{1, 2, 3}, {4, 5}, {6, 7, 8}]
    assert constraints(album) == (set(), set())


def test_who_is_rejected_from_a_suggestion_is_apart_from_each_of_its_faces(album: Album) -> None:
    edit = album.reject(3)
    assert album.people() == [{1, 2}, {4, 5}, {6, 7, 8}]
    assert constraints(album) == ({(1, 3), (2, 3)}, set())
    album.undo(edit)
    assert constraints(album) == (set(), set())
    assert album.people()[0] == {1, 2, 3}


def test_who_is_rejected_from_a_confirmed_group_is_not_that_person(album: Album) -> None:
    album.confirm(1)
    album.reject(3)
    assert constraints(album) == (set(), {(3, 1)})
    album.move(4, 3)
    assert album.people() == [{1, 2}, {3, 4, 5}, {6, 7, 8}]
    assert constraints(album) == (set(), {(3, 1)})
    album.move(1, 3)
    assert constraints(album) == (set(), set())


def test_a_face_can_be_moved_from_a_group_or_from_none(album: Album) -> None:
    album.move(4, 1, 9)
    assert album.people() == [{1, 4, 5, 9}, {2, 3}, {6, 7, 8}]
    assert album.of(1).confirmed_count == 4, "it was said of the others, too, that they are this person"
    assert album.of(2).state is GroupState.SUGGESTED
    album.undo()
    assert album.people() == [{1, 2, 3}, {4, 5}, {6, 7, 8}]


def test_a_suggestion_that_joined_a_confirmed_group_is_confirmed_by_itself(album: Album) -> None:
    album.confirm(1)
    with album.office.gallery.changing() as change:
        from countenance.gallery.groups import Cell, CellValue, Changes, NewGroupEdit  # noqa: PLC0415

        changes = Changes()
        face = change.writer.face(album.collection, face_id(9))
        changes.put(Cell.member(face.key), CellValue(), CellValue(album.of(1).key))
        new = NewGroupEdit(EditKind.GROUPING, "machine", "r")
        change.writer.add_group_edit(album.collection, new, changes, face.enrolled_at)
    album.move(1, 10)
    assert album.faces_of(album.of(1), confirmed=False) == {9}
    album.confirm(1)
    assert album.faces_of(album.of(1), confirmed=True) == {1, 2, 3, 9, 10}


@pytest.mark.parametrize("how", ["split", "reject"])
def test_somebody_must_be_left_of_a_group(album: Album, how: str) -> None:
    with pytest.raises(GroupEditInvalid, match="these are all faces of the group"):
        getattr(album, how)(4, 5)
    with pytest.raises(GroupEditInvalid, match="1 of these faces are not in the group"):
        getattr(album, how)(4, 1)
    assert album.people() == [{1, 2, 3}, {4, 5}, {6, 7, 8}]


def test_what_is_not_there_cannot_be_changed(album: Album, office: Office) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    ended = album.of(4)
    album.merge(1, 4)
    for group_id in (nobody, ended.group_id):
        with acting(office) as act, pytest.raises(GroupNotFound, match="no group"):
            merge_groups(office.gallery, act, "album", album.of(1).group_id, [group_id])
    with acting(office) as act, pytest.raises(CollectionNotFound):
        merge_groups(office.gallery, act, "nothing", nobody, [nobody])
    with pytest.raises(FaceNotFound, match="was not found in the collection album"):
        album.move(1, 99)
    with pytest.raises(GroupEditInvalid, match="confirmed to be in this group already"):
        album.move(1, 2)
    with pytest.raises(GroupEditInvalid, match="1 to 100 other groups"):
        album.merge(1, 2)
    with pytest.raises(GroupEditInvalid, match="an edit names 1 to 1,000 faces, not 0"):
        album.move(1)
    with acting(office) as act, pytest.raises(GroupEditNotFound, match="no edit"):
        undo_group_edit(office.gallery, act, "album", nobody)


def test_groups_of_another_collection_are_not_found(album: Album, office: Office) -> None:
    other = Album.made(office, 21, 22, name="other")
    other.suggest([21, 22])
    with acting(office) as act, pytest.raises(GroupNotFound):
        merge_groups(office.gallery, act, "other", other.of(21).group_id, [album.of(1).group_id])
    edit = album.confirm(1)
    with acting(office) as act, pytest.raises(GroupEditNotFound):
        undo_group_edit(office.gallery, act, "other", edit.edit_id)


def test_an_edit_on_which_a_later_one_builds_is_not_undone_before_it(album: Album) -> None:
    merged = album.merge(1, 4)
    elsewhere = album.confirm(6)
    moved = album.move(6, 4)
    with pytest.raises(GroupEditInvalid, match=f"undo them first, the newest first: move {moved.edit_id}"):
        album.undo(merged)
    album.undo(moved)
    album.undo(merged)
    assert album.people() == [{1, 2, 3}, {4, 5}, {6, 7, 8}]
    assert album.of(6).state is GroupState.CONFIRMED
    album.undo(elsewhere)
    assert album.of(6).state is GroupState.SUGGESTED


def test_undoing_is_in_the_history_and_is_not_undone(album: Album) -> None:
    edit = album.confirm(1)
    undo = album.undo()
    assert (undo.kind, undo.undoes) == (EditKind.UNDO, edit.edit_id)
    newest, before, _ = album.history()
    assert (newest.edit_id, before.undone_by) == (undo.edit_id, undo.edit_id)
    with pytest.raises(GroupEditInvalid, match="make that edit again"):
        album.undo(undo)
    with pytest.raises(GroupEditInvalid, match="is undone already"):
        album.undo(edit)


def test_everything_can_be_undone_step_by_step_down_to_the_suggestions(album: Album) -> None:
    album.confirm(1)
    album.merge(1, 4)
    album.reject(3)
    album.split(7)
    for _ in range(5):
        album.undo()
    assert album.people() == []
    with pytest.raises(GroupEditInvalid, match="nothing left to be undone"):
        album.undo()


def test_a_grouping_does_not_stand_in_the_way_of_undoing_what_a_person_did(album: Album) -> None:
    edit = album.reject(3)
    album.suggest([3, 9])
    assert album.people()[1] == {3, 9}
    album.undo(edit)
    assert album.people() == [{1, 2, 3}, {4, 5}, {6, 7, 8}, {9}]
    album.undo()
    assert album.people() == [{1, 2, 3}, {4, 5}, {6, 7, 8}]
    album.undo()
    assert album.people() == []


def test_a_name_makes_a_user_of_the_groups_faces(album: Album, office: Office) -> None:
    consent(office, "ann", "archive")
    edit = album.call(1, "ann")
    assert album.users() == {"ann": {1, 2, 3}}
    assert (album.of(1).user_id, album.of(1).confirmed_count) == ("ann", 3)
    album.undo(edit)
    assert album.users() == {}
    assert album.of(1).user_id is None


def test_a_user_that_was_there_before_stays_when_the_name_is_undone(album: Album, office: Office) -> None:
    consent(office, "ann", "archive")
    with office.gallery.changing() as change:
        change.writer.create_user(album.collection, "ann")
    album.call(1, "ann")
    album.call(4, "ann")
    assert album.users() == {"ann": {1, 2, 3, 4, 5}}
    album.undo()
    album.undo()
    assert album.users() == {"ann": set()}


def test_faces_that_come_to_a_named_group_are_the_persons_and_those_that_leave_are_not(
    album: Album, office: Office
) -> None:
    for name in ("ann", "bob"):
        consent(office, name, "archive")
    named = album.call(1, "ann")
    album.call(4, "bob")
    merged = album.merge(1, 6)
    assert album.users() == {"ann": {1, 2, 3, 6, 7, 8}, "bob": {4, 5}}
    moved = album.move(4, 6, 10)
    assert album.users() == {"ann": {1, 2, 3, 7, 8}, "bob": {4, 5, 6, 10}}
    album.reject(7)
    album.split(8)
    assert album.users() == {"ann": {1, 2, 3}, "bob": {4, 5, 6, 10}}
    for relied_on in (named, merged):
        with pytest.raises(GroupEditInvalid, match="later edits build on this one"):
            album.undo(relied_on)
    album.undo(moved)
    assert album.users() == {"ann": {1, 2, 3, 6}, "bob": {4, 5}}
    for _ in range(5):
        album.undo()
    assert album.users() == {}
    assert album.people() == [{1, 2, 3}, {4, 5}, {6, 7, 8}]


def test_a_group_that_was_named_after_a_face_left_it_is_unnamed_before_the_face_comes_back(
    album: Album, office: Office
) -> None:
    consent(office, "ann", "archive")
    album.confirm(1)
    moved = album.move(4, 3)
    named = album.call(1, "ann")
    with pytest.raises(GroupEditInvalid, match=f"name {named.edit_id}"):
        album.undo(moved)
    album.undo(named)
    album.undo(moved)
    assert album.people()[0] == {1, 2, 3}


def test_a_face_that_went_to_another_group_of_that_name_holds_on_to_the_name(
    album: Album, office: Office
) -> None:
    consent(office, "ann", "archive")
    album.confirm(1)
    named = album.call(1, "ann")
    album.call(4, "ann")
    moved = album.move(4, 2)
    with pytest.raises(GroupEditInvalid, match=f"move {moved.edit_id}"):
        album.undo(named)
    album.undo(moved)
    album.undo(named)
    assert album.users() == {"ann": {4, 5}}


def test_a_group_with_a_name_is_not_named_again_nor_lost_in_another(album: Album, office: Office) -> None:
    for name in ("ann", "bob"):
        consent(office, name, "archive")
    album.call(1, "ann")
    with pytest.raises(GroupEditInvalid, match="has a name already"):
        album.call(1, "bob")
    with pytest.raises(GroupEditInvalid, match="has a name, which would be lost"):
        album.merge(4, 1)
    album.call(4, "ann")
    album.merge(4, 1)
    assert album.users() == {"ann": {1, 2, 3, 4, 5}}


def test_a_face_of_another_user_does_not_come_to_a_named_group(album: Album, office: Office) -> None:
    consent(office, "ann", "archive")
    with office.gallery.changing() as change:
        user = change.writer.create_user(album.collection, "bob")
        face = change.writer.face(album.collection, face_id(2))
        change.associate(album.collection, user, [face.key])
    with pytest.raises(GroupEditInvalid, match="is another user's already"):
        album.call(1, "ann")
    assert album.users() == {"bob": {2}}


def test_what_amazons_api_changed_meanwhile_stays_when_an_edit_is_undone(
    album: Album, office: Office
) -> None:
    consent(office, "ann", "archive")
    album.call(1, "ann")
    with acting(office) as act:
        disassociate_faces(office.gallery, act, "album", "ann", [face_id(2)])
    with office.gallery.changing() as change:
        user = change.writer.create_user(album.collection, "bob")
        change.associate(album.collection, user, [change.writer.face(album.collection, face_id(2)).key])
    album.undo()
    assert album.users() == {"bob": {2}}
    assert album.people()[0] == {1, 2, 3}


def test_a_user_has_at_most_a_hundred_faces(office: Office) -> None:
    album = Album.made(office, *range(1, 104))
    consent(office, "ann", "archive")
    album.suggest(range(1, 102))
    with pytest.raises(GalleryFull, match="has 101 faces and a user has at most 100; split off"):
        album.call(1, "ann")
    album.reject(101)
    album.call(1, "ann")
    with pytest.raises(GalleryFull, match="the limit is 100"):
        album.move(1, 103)
    assert len(album.users()["ann"]) == 100


@pytest.mark.parametrize("user_id", ["", "ann b", "ann\n", "é", "a" * 129, "../ann", "ann\0"])
def test_a_name_is_a_user_id(album: Album, user_id: str) -> None:
    with pytest.raises(GroupEditInvalid, match="a user's id has 1 to 128 letters"):
        album.call(1, user_id)


def test_every_edit_is_in_the_ledger_and_names_nobody(album: Album, office: Office) -> None:
    consent(office, "ann-the-first", "archive")
    edits = [album.confirm(1), album.reject(3), album.call(1, "ann-the-first"), album.undo()]
    made = [entry for entry in entries(office) if "edit" in entry]
    assert [entry["edit"] for entry in made] == [edit.edit_id for edit in edits]
    assert [entry["operation"] for entry in made] == [
        "confirm_group",
        "reject_faces",
        "name_group",
        "undo_group_edit",
    ]
    assert [entry["request"] for entry in made] == [edit.request_id for edit in edits]
    assert "consent:valid" in made[2]["reasons"]
    assert len(made[2]["subjects"]) == 1
    assert "ann-the-first" not in str(entries(office))


def test_an_edit_whose_faces_were_deleted_is_undone_for_the_rest(album: Album, office: Office) -> None:
    edit = album.reject(2, 3)
    with acting(office) as act:
        delete_faces(office.gallery, act, "album", [face_id(1), face_id(3)])
    assert album.people() == [{4, 5}, {6, 7, 8}]
    album.undo(edit)
    assert album.people() == [{2}, {4, 5}, {6, 7, 8}]
    with acting(office) as act:
        delete_faces(office.gallery, act, "album", [face_id(4), face_id(5)])
    merged = album.merge(6, 2)
    with acting(office) as act:
        delete_faces(office.gallery, act, "album", [*map(face_id, (2, 6, 7, 8))])
    with pytest.raises(GroupEditInvalid, match="nothing is left of this edit"):
        album.undo(merged)
