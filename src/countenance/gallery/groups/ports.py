"""What groups need of a database. `store` implements it, in the transactions of `GalleryStore`.

All methods raise `StoreUnavailable` when the database does not answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from countenance.gallery.groups.cells import CellChange, Changes
    from countenance.gallery.groups.values import (
        Constraints,
        Group,
        GroupedFace,
        GroupEdit,
        GroupState,
        Membership,
        NewGroupEdit,
    )
    from countenance.gallery.values import Collection, User


class GroupReader(Protocol):
    """Reads of one consistent state of the database; a group without faces is not there."""

    def count_groups(self, collection: Collection, state: GroupState | None = None) -> int:
        """Return how many groups the collection has, of one state or of any."""

    def groups(
        self, collection: Collection, *, after_key: int, most: int, state: GroupState | None = None
    ) -> list[Group]:
        """Return groups by ascending key, from the first greater than ``after_key``."""

    def group(self, collection: Collection, group_id: str) -> Group:
        """Return one; raises GroupNotFound."""

    def groups_by_key(self, collection: Collection, keys: Sequence[int]) -> dict[int, Group]:
        """Return those of the groups that are there."""

    def grouped_faces(
        self, collection: Collection, group: Group, *, after_key: int, most: int
    ) -> list[GroupedFace]:
        """Return a group's faces by ascending key, from the first greater than ``after_key``."""

    def memberships(
        self,
        collection: Collection,
        *,
        groups: Sequence[int] | None = None,
        faces: Sequence[int] | None = None,
    ) -> list[Membership]:
        """Return which face is in which group, by ascending face; of some groups or some faces, or of all."""

    def users_of_faces(self, collection: Collection, keys: Sequence[int]) -> dict[int, int]:
        """Return, of those of the faces that exist, the key of their user, 0 for none."""

    def group_constraints(
        self, collection: Collection, *, groups: Sequence[int], faces: Sequence[int]
    ) -> Constraints:
        """Return what is said of any of the faces and another of them, or of any of them and a group."""

    def all_group_constraints(self, collection: Collection) -> Constraints:
        """Return all that was said."""

    def members_of_named(self, collection: Collection, user: User) -> list[Membership]:
        """Return who is in the groups that a user is."""

    def is_named(self, user: User) -> bool:
        """Tell whether any group is said to be a user, also one that has no faces at the moment."""

    def named_groups(self, user_id: str | None = None) -> list[tuple[Collection, User]]:
        """Return the users, or the one of an id, who groups are said to be, in all collections."""

    def group_edits(self, collection: Collection, *, before_key: int | None, most: int) -> list[GroupEdit]:
        """Return edits, the newest first, from the first smaller than ``before_key``."""

    def group_edit(self, collection: Collection, edit_id: str) -> GroupEdit:
        """Return one; raises GroupEditNotFound."""

    def newest_standing_edit(self, collection: Collection) -> GroupEdit | None:
        """Return the newest edit that can be undone and is not; None where nothing is left of any."""

    def standing_changes(self, edit: GroupEdit) -> list[CellChange]:
        """Return what an edit changed, without what was taken back or erased since."""

    def edits_upon(self, edit: GroupEdit, most: int) -> list[GroupEdit]:
        """Return the newest of the later edits that must be taken back before an edit can be.

        They stand on a cell that it wrote, or have named a group that its faces would come back to. What the
        machine did later does not stand in the way of taking back what a person did.
        """


class GroupWriter(GroupReader, Protocol):
    """Changes that become durable together with whatever else the same transaction holds."""

    def create_group(self, collection: Collection, now: datetime) -> int:
        """Make a group without faces; returns its key."""

    def add_group_edit(
        self, collection: Collection, new: NewGroupEdit, changes: Changes, now: datetime
    ) -> GroupEdit:
        """Keep an edit, and do what it changes of groups; users are the caller's to change.

        Where it takes one back, that one counts as undone, and so does what the machine put on its cells.
        """

    def forget_groups_of(self, collection: Collection, user: User) -> None:
        """Dissolve the groups that a user is, and forget whatever the history says of their faces."""
