"""Whatever people and groupings do to groups in whatever order: undone, each leaves what it found."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from contract.databases import Database
from contract.grouping import Album
from contract.offices import acting, consent, office_on
from countenance.errors import FaceNotFound, GroupEditInvalid
from countenance.gallery.groups import CellValue, EditKind
from countenance.operations.delete_faces import delete_faces
from countenance.operations.delete_user import delete_user
from countenance.operations.disassociate_faces import disassociate_faces
from countenance.operations.groups.keep_suggestions import keep_suggestions
from countenance.operations.groups.suggesting import Suggestion
from countenance.store import SqlStore
from countenance.store.engines import open_engine
from new_faces import face_id

if TYPE_CHECKING:
    from collections.abc import Iterator

FACES = range(1, 9)
FACE = st.sampled_from(FACES)
SOME = st.lists(FACE, min_size=1, max_size=3, unique=True)
# Where a grouping puts each face: into none, into a new group, or into that of another face.
PLACES = st.lists(st.integers(-3, len(FACES)), min_size=len(FACES), max_size=len(FACES))
PEOPLE = ("ann", "bob")

State = dict[tuple[Any, ...], Any]
_numbers = count(1)


@dataclass
class Made:
    """An edit that stands, and what it changed: by cell what was there before and after."""

    edit_id: str
    is_grouping: bool
    changed: dict[tuple[Any, ...], tuple[Any, Any]]


class GroupsMachine(RuleBasedStateMachine):
    """Does things to an album of its own, and remembers how it was before each."""

    def __init__(self, store: SqlStore, database: Database) -> None:
        super().__init__()
        self.engine = open_engine(database.url)
        self.office = office_on(store)

    def statement(self, sql: str, **values: object) -> list[tuple[Any, ...]]:
        """Run a query behind the store's back."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql), values)]

    @initialize()
    def start(self) -> None:
        self.album = Album.made(self.office, *FACES, name=f"album-{next(_numbers)}")
        self.made: list[Made] = []
        with self.office.gallery.reading() as reader:
            faces = reader.faces(self.album.collection, after_key=0, most=99)
        self.number = {face.key: int(face.face_id[-2:], 16) for face in faces}

    def state(self) -> State:
        """Return what is in each cell, as the tables have it."""
        key, found, statement = self.album.collection.key, State(), self.statement
        for face, group, confirmed in statement("SELECT face_key, group_key, confirmed FROM grouped_faces"):
            if face in self.number:
                found["member", face] = (group, bool(confirmed))
        for face, user in statement("SELECT key, user_key FROM faces WHERE collection_key = :c", c=key):
            if user is not None:
                found["user", face] = user
        for group, user in statement(
            "SELECT key, user_key FROM face_groups WHERE collection_key = :c", c=key
        ):
            if user is not None:
                found["name", group] = user
        for kind, table in (("apart", "faces_apart"), ("not_in", "faces_not_in")):
            for one, other in statement(f"SELECT * FROM {table}"):  # noqa: S608
                if one in self.number:
                    found[kind, one, other] = True
        return found

    def there(self, number: int) -> bool:
        return any(number in people for people in self.album.people())

    @contextmanager
    def edited(self) -> Iterator[None]:
        """Remember what the edit in the block changed; one that makes no sense changes nothing."""
        before, history = self.state(), [edit.edit_id for edit in self.album.history()]
        try:
            yield
        except (GroupEditInvalid, FaceNotFound):
            assert self.state() == before
        edits = self.album.history()
        after = self.state()
        if [edit.edit_id for edit in edits] == history:
            assert after == before
            return
        changed = {
            cell: (before.get(cell), after.get(cell))
            for cell in before.keys() | after.keys()
            if before.get(cell) != after.get(cell)
        }
        assert changed
        self.made.append(Made(edits[0].edit_id, edits[0].kind is EditKind.GROUPING, changed))

    @rule(into=FACE, other=FACE)
    def merge(self, into: int, other: int) -> None:
        if self.there(into) and self.there(other):
            with self.edited():
                self.album.merge(into, other)

    @rule(faces=SOME)
    def split(self, faces: list[int]) -> None:
        if self.there(faces[0]):
            with self.edited():
                self.album.split(*faces)

    @rule(faces=SOME)
    def reject(self, faces: list[int]) -> None:
        if self.there(faces[0]):
            with self.edited():
                self.album.reject(*faces)

    @rule(to=FACE, faces=SOME)
    def move(self, to: int, faces: list[int]) -> None:
        if self.there(to) and set(faces) <= set(self.number.values()):
            with self.edited():
                self.album.move(to, *faces)

    @rule(face=FACE)
    def confirm(self, face: int) -> None:
        if self.there(face):
            with self.edited():
                self.album.confirm(face)

    @rule(face=FACE, name=st.sampled_from(PEOPLE))
    def call(self, face: int, name: str) -> None:
        if self.there(face):
            with self.edited():
                self.album.call(face, name)

    @rule(places=PLACES)
    def group(self, places: list[int]) -> None:
        """Suggest anything for faces that nobody has confirmed."""
        state, suggestions = self.state(), []
        for face, number in self.number.items():
            place = places[number - 1]
            group, confirmed = state.get(("member", face), (0, False))
            target, _ = state.get(("member", self.key(place)), (0, False))
            new = -place if place < 0 else None
            if not confirmed and (new is not None or target != group):
                wanted = 0 if new is not None else target
                suggestions.append(Suggestion(face, CellValue(group), wanted, new))
        with self.edited(), acting(self.office) as act:
            act.permit("group_faces", self.album.name)
            with act.changing(self.office.gallery) as change:
                keep_suggestions(act, change.writer, self.album.collection, suggestions)

    def key(self, number: int) -> int:
        return next((key for key, each in self.number.items() if each == number), 0)

    @precondition(lambda self: self.made)
    @rule(place=st.integers(0, 50))
    def undo(self, place: int) -> None:
        self.take_back(self.made[place % len(self.made)])

    @precondition(lambda self: self.made)
    @rule()
    def undo_last(self) -> None:
        self.take_back(None)

    def take_back(self, made: Made | None) -> None:
        """Undo an edit, or the last of which anything is left."""
        before, left = self.state(), [each for each in self.made if each.changed]
        edits = {edit.edit_id: edit for edit in self.album.history()}
        wanted = made or (left[-1] if left else self.made[-1])
        later = [each for each in left if each.edit_id != wanted.edit_id][self.place_of(wanted, left) :]
        try:
            undo = self.album.undo(edits[made.edit_id] if made is not None else None)
        except GroupEditInvalid:
            assert self.state() == before
            assert not wanted.changed or later, "the last edit can always be undone"
            if not wanted.changed:
                self.made = [each for each in self.made if each.changed or each is not wanted]
            return
        assert undo.undoes == wanted.edit_id
        found = {cell: value for cell, (value, _) in wanted.changed.items()}
        expected = {cell: value for cell, value in (before | found).items() if value is not None}
        assert self.state() == expected
        for each in later:
            assert each.is_grouping or not each.changed.keys() & wanted.changed.keys()
            each.changed = {
                cell: values for cell, values in each.changed.items() if cell not in wanted.changed
            }
        self.made = [each for each in self.made if each.edit_id != wanted.edit_id]

    def place_of(self, wanted: Made, left: list[Made]) -> int:
        order = [each.edit_id for each in self.made]
        return sum(order.index(each.edit_id) < order.index(wanted.edit_id) for each in left)

    @rule(number=FACE)
    def erase(self, number: int) -> None:
        """Erase a face; what was remembered of it is forgotten."""
        key = self.key(number)
        if not key:
            return
        user = next((name for name, faces in self.album.users().items() if number in faces), None)
        with acting(self.office) as act:
            if user is not None:
                self.forget(("user", key))
                disassociate_faces(self.office.gallery, act, self.album.name, user, [face_id(number)])
        with acting(self.office) as act:
            delete_faces(self.office.gallery, act, self.album.name, [face_id(number)])
        del self.number[key]
        self.forget(("member", key), ("user", key))
        for each in self.made:
            each.changed = {
                cell: values
                for cell, values in each.changed.items()
                if not (cell[0] in {"apart", "not_in"} and cell[1] == key)
                and not (cell[0] == "apart" and cell[2] == key)
            }

    @rule(name=st.sampled_from(PEOPLE))
    def delete_user(self, name: str) -> None:
        """Delete a user, as Amazon's API can; what was remembered of it is forgotten."""
        if name in self.album.users():
            with acting(self.office) as act:
                delete_user(self.office.gallery, act, self.album.name, name)
            for each in self.made:
                each.changed = {
                    cell: values for cell, values in each.changed.items() if cell[0] not in {"user", "name"}
                } | {
                    cell: values
                    for cell, values in each.changed.items()
                    if cell[0] in {"user", "name"} and self.is_there(values)
                }

    def is_there(self, users: tuple[int | None, int | None]) -> bool:
        there = {key for (key,) in self.statement("SELECT key FROM users")}
        return {user for user in users if user} <= there

    def forget(self, *cells: tuple[Any, ...]) -> None:
        for each in self.made:
            each.changed = {cell: values for cell, values in each.changed.items() if cell not in cells}

    @invariant()
    def faces_of_a_named_group_are_that_users(self) -> None:
        if not hasattr(self, "album"):
            return
        state = self.state()
        for (kind, *rest), value in state.items():
            if kind == "member" and value[1]:
                name = state.get(("name", value[0]))
                assert state.get(("user", rest[0])) == name
            if kind == "user":
                group, confirmed = state["member", rest[0]]
                assert confirmed
                assert state["name", group] == value

    @invariant()
    def each_edit_found_what_the_one_before_it_left(self) -> None:
        if not hasattr(self, "album"):
            return
        piles: dict[tuple[Any, ...], Any] = {}
        rows = self.statement(
            "SELECT c.kind, face_key, other_key, before_key, before_confirmed, after_key, after_confirmed "
            "FROM group_changes c JOIN group_edits e ON c.edit_key = e.key "
            "WHERE c.undone_by IS NULL AND collection_key = :collection ORDER BY c.key",
            collection=self.album.collection.key,
        )
        for kind, face, other, *values in rows:
            before, after = tuple(values[:2]), tuple(values[2:])
            assert piles.get((kind, face, other), (0, False)) == before
            piles[kind, face, other] = after
        members = {face: value for (kind, face, _), value in piles.items() if kind == "member" and value[0]}
        state = self.state()
        assert members == {cell[1]: value for cell, value in state.items() if cell[0] == "member"}

    def teardown(self) -> None:
        try:
            self.undo_everything()
        finally:
            self.engine.dispose()

    def undo_everything(self) -> None:
        if not hasattr(self, "album"):
            return
        while any(edit.changed for edit in self.made):
            self.take_back(None)
        assert self.state() == {}
        assert self.album.people() == []
        if self.number:
            assert self.album.users() == {}


def test_any_sequence_of_edits_and_undos_leaves_what_was_there_before(
    store: SqlStore, database: Database
) -> None:
    office = office_on(store)
    for name in PEOPLE:
        consent(office, name, "archive")

    class OnThisStore(GroupsMachine):
        def __init__(self) -> None:
            super().__init__(store, database)

    run_state_machine_as_test(
        OnThisStore, settings=settings(max_examples=10, stateful_step_count=20, deadline=None)
    )
