"""`EditInMaking`: what every edit of groups is made of, and how it becomes durable.

An edit says which face is to be where. Whose faces the users' are follows from that: a face that comes to a
group which has a name becomes the user's, which takes that person's consent; one that leaves it stops being.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.errors import FaceNotFound, GroupEditInvalid
from countenance.gallery.groups import Cell, CellKind, CellValue, Changes, NewGroupEdit
from countenance.gallery.groups.cells import NOTHING, SO
from countenance.operations.associate_faces import give_faces
from countenance.operations.erase_faces import require_no_hold
from countenance.operations.questions import Enrolling

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from countenance.gallery import Change
    from countenance.gallery.groups import EditKind, Group, GroupEdit, Membership
    from countenance.gallery.groups.cells import CellChange
    from countenance.gallery.values import Collection
    from countenance.operations.acts import Act

MOST_FACES_SAID = 1000
"""How many faces an edit may name."""


class EditInMaking:
    """An edit of a collection's groups, within a change of the gallery that has begun.

    Attributes:
        changes: what it changes so far.
    """

    def __init__(self, act: Act, change: Change, collection: Collection) -> None:
        self.changes = Changes()
        self.writer = change.writer
        self.collection = collection
        self._act = act
        self._change = change

    def group(self, group_id: str) -> Group:
        """Return a group; raises GroupNotFound."""
        return self.writer.group(self.collection, group_id)

    def members(self, *groups: Group) -> list[Membership]:
        """Return who is in groups."""
        return self.writer.memberships(self.collection, groups=[group.key for group in groups])

    def memberships(self, face_keys: Sequence[int]) -> list[Membership]:
        """Return where faces are; those in no group are left out."""
        return self.writer.memberships(self.collection, faces=face_keys)

    def new_group(self) -> int:
        """Make a group, which is there as soon as a face comes to it; returns its key."""
        return self.writer.create_group(self.collection, datetime.now(UTC))

    def said(self, face_ids: Sequence[str]) -> list[int]:
        """Return the keys of faces.

        Raises:
            GroupEditInvalid: there are none, or more than 1,000.
            FaceNotFound: one is not in the collection.
        """
        wanted = list(dict.fromkeys(face_ids))
        if not 0 < len(wanted) <= MOST_FACES_SAID:
            raise GroupEditInvalid(f"an edit names 1 to {MOST_FACES_SAID:,} faces, not {len(wanted):,}")
        found = self.writer.faces(self.collection, after_key=0, most=len(wanted), face_ids=wanted)
        missing = set(wanted) - {face.face_id for face in found}
        if missing:
            where = self.collection.collection_id
            raise FaceNotFound(f"faceId {min(missing)} was not found in the collection {where}")
        return [face.key for face in found]

    def put(self, memberships: Iterable[Membership], group_key: int) -> None:
        """Put faces that are in groups into one, as confirmed; 0 takes them out of theirs."""
        after = CellValue(group_key, confirmed=True) if group_key else NOTHING
        for each in memberships:
            self._put(each.face_key, CellValue(each.group_key, each.confirmed), after)

    def put_alone(self, face_keys: Iterable[int], group_key: int) -> None:
        """Put faces that are in no group into one, as confirmed."""
        for face_key in face_keys:
            self._put(face_key, NOTHING, CellValue(group_key, confirmed=True))

    def say_not_in(self, members: Sequence[Membership], group_key: int) -> None:
        """Say that faces are not of the person that a group is."""
        faces = [each.face_key for each in members]
        said = self.writer.group_constraints(self.collection, groups=[group_key], faces=faces)
        self._say(
            {Cell.not_in(face, group_key) for face in faces}, {Cell.not_in(*each) for each in said.not_in}
        )

    def say_apart(self, some: Sequence[Membership], others: Sequence[Membership]) -> None:
        """Say that some faces are not of one person with any of the others."""
        faces = [each.face_key for each in (*some, *others)]
        said = self.writer.group_constraints(self.collection, groups=(), faces=faces)
        cells = {Cell.apart(one.face_key, other.face_key) for one in some for other in others}
        self._say(cells, {Cell.apart(*each) for each in said.apart})

    def unsay(self, face_keys: Sequence[int], groups: Sequence[Group]) -> None:
        """Take back what was said against faces and groups that are one person now."""
        keys = [group.key for group in groups]
        said = self.writer.group_constraints(self.collection, groups=keys, faces=face_keys)
        for one, other in said.apart:
            self.changes.put(Cell.apart(one, other), SO, NOTHING)
        for face_key, group_key in said.not_in:
            self.changes.put(Cell.not_in(face_key, group_key), SO, NOTHING)

    def settle_users(self) -> None:
        """Give faces to the users whose groups they come to, and take them from those whose they leave.

        Raises:
            GroupEditInvalid: a face that comes to a named group is another user's.
        """
        moves = [change for change in self.changes if change.cell.kind is CellKind.MEMBER]
        names = self._names(moves)
        if not any(names.values()):
            return
        users = self.writer.users_of_faces(self.collection, [move.cell.face_key for move in moves])
        for move in moves:
            self._settle(move, users.get(move.cell.face_key, 0), names)

    def keep(self, kind: EditKind, undoes: int | None = None) -> GroupEdit:
        """Make the edit: change users and groups, and note it in the history and for the ledger.

        Raises:
            NotPermitted: faces would become somebody's who has not consented, or nobody may be named now.
            HoldInForce: a legal hold is on somebody whose faces would stop being theirs.
            GalleryFull: a user would have more than 100 faces.
        """
        self._change_users(self.changes.of_kind(CellKind.USER))
        new = NewGroupEdit(kind, self._act.caller.key_id, self._act.request_id, undoes)
        edit = self.writer.add_group_edit(self.collection, new, self.changes, datetime.now(UTC))
        self._act.note(edit=edit.edit_id, edit_kind=kind.value, faces=edit.faces)
        return edit

    def delete_unused_user(self, user_key: int) -> None:
        """Delete a user who has no faces and who no group is; raises HoldInForce."""
        user = self.writer.users_by_key(self.collection, [user_key]).get(user_key)
        if user is None or user.face_count or self.writer.is_named(user):
            return
        require_no_hold(self._act, (), [user.user_id])
        self._change.delete_user(self.collection, user)

    def _put(self, face_key: int, before: CellValue, after: CellValue) -> None:
        if before != after:
            self.changes.put(Cell.member(face_key), before, after)
        else:
            self.changes.rely_on(Cell.member(face_key), after)

    def _say(self, cells: set[Cell], said: set[Cell]) -> None:
        for cell in sorted(cells, key=lambda cell: (cell.face_key, cell.other_key)):
            if cell in said:
                self.changes.rely_on(cell, SO)
            else:
                self.changes.put(cell, NOTHING, SO)

    def _names(self, moves: Iterable[CellChange]) -> dict[int, int]:
        """Return, by the groups of moves, the key of the user that each is, 0 for none."""
        keys = {value.key for move in moves for value in (move.before, move.after)} - {0}
        found = self.writer.groups_by_key(self.collection, sorted(keys))
        names = {key: group.user_key or 0 for key, group in found.items()}
        given = {each.cell.other_key: each.after.key for each in self.changes.of_kind(CellKind.NAME)}
        return names | given

    def _settle(self, move: CellChange, user: int, names: dict[int, int]) -> None:
        face_key = move.cell.face_key
        left = names.get(move.before.key, 0) if move.before.confirmed else 0
        come_to = names.get(move.after.key, 0) if move.after.confirmed else 0
        if come_to:
            if user not in (0, left, come_to):
                raise GroupEditInvalid(
                    "a face that would come to a named group is another user's already; take it from that "
                    "user first (DisassociateFaces)"
                )
            self._give(face_key, user, come_to)
            self.changes.rely_on(Cell.name(move.after.key), CellValue(come_to))
        elif left and user == left:
            self.changes.put(Cell.user(face_key), CellValue(user), NOTHING)

    def _give(self, face_key: int, user: int, come_to: int) -> None:
        if user == come_to:
            self.changes.rely_on(Cell.user(face_key), CellValue(user))
        else:
            self.changes.put(Cell.user(face_key), CellValue(user), CellValue(come_to))

    def _change_users(self, changes: list[CellChange]) -> None:
        taken: dict[int, list[int]] = {}
        given: dict[int, list[int]] = {}
        for each in changes:
            for by_user, user in ((taken, each.before.key), (given, each.after.key)):
                if user:
                    by_user.setdefault(user, []).append(each.cell.face_key)
        if not taken and not given:
            return
        users = self.writer.users_by_key(self.collection, sorted({*taken, *given}))
        names = [user.user_id for user in users.values()]
        self._act.note(subjects=self._act.users(self.writer, self.collection, names))
        for user_key, faces in taken.items():
            require_no_hold(self._act, (), [users[user_key].user_id])
            self._change.disassociate(self.collection, users[user_key], faces)
        for user_key, faces in given.items():
            permit_name(self._act, self.collection, users[user_key].user_id)
            give_faces(self._change, self.collection, users[user_key], faces)


def permit_name(act: Act, collection: Collection, user_id: str) -> None:
    """Do nothing where faces may be said to be a person's who has a name; the entry stays that of the edit.

    Raises:
        NotPermitted: the caller's key does not allow it, or a moratorium, or the policy.
        ConsentMissing: the person has not consented to the collection's purpose.
    """
    operation = act.operation
    try:
        act.permit("name_group", collection.collection_id, enrolling=Enrolling(user_id, names=True))
    finally:
        act.note(operation=operation)
