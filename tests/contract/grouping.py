"""What the tests of groups share: people's edits by numbers of faces, and groups as sets of such numbers."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from contract.offices import BOSS, acting, create, enrol, vision
from countenance.gallery.groups import Cell, CellValue, Changes, EditKind, NewGroupEdit
from countenance.gallery.groups.cells import NOTHING
from countenance.jobs.run import JobRun
from countenance.jobs.values import Runner
from countenance.operations.callers import caller_of
from countenance.operations.groups.edit_groups import (
    confirm_group,
    merge_groups,
    move_faces,
    reject_faces,
    split_group,
)
from countenance.operations.groups.group_faces import GroupingRooms, group_faces
from countenance.operations.groups.name_group import name_group
from countenance.operations.groups.start_grouping import start_grouping
from countenance.operations.groups.undo_edit import undo_group_edit
from new_faces import face_id, new_face

if TYPE_CHECKING:
    from collections.abc import Iterable

    from countenance.access import AccessKey
    from countenance.gallery.groups import Group, GroupEdit
    from countenance.gallery.values import Collection
    from countenance.wiring import Office

ALLOWED = {"grouping": "allowed", "purpose": "archive"}


class Album:
    """A collection of numbered faces whose groups are looked at and changed."""

    def __init__(self, office: Office, collection: Collection) -> None:
        self.office = office
        self.collection = collection
        self.name = collection.collection_id

    @classmethod
    def made(cls, office: Office, *numbers: int, name: str = "album", **lines: str) -> Album:
        """Make a collection with faces that nobody has named."""
        album = cls(office, create(office, name, **(ALLOWED | lines)))
        album.enrol(*numbers)
        return album

    def enrol(self, *numbers: int) -> None:
        """Enrol more faces."""
        enrol(self.office, self.collection, *map(new_face, numbers))

    def suggest(self, *groups: Iterable[int]) -> None:
        """Suggest groups of faces that are in none, as a grouping does."""
        changes = Changes()
        with self.office.gallery.changing() as change:
            for group in groups:
                key = change.writer.create_group(self.collection, datetime.now(UTC))
                for number in group:
                    face = change.writer.face(self.collection, face_id(number))
                    changes.put(Cell.member(face.key), NOTHING, CellValue(key))
            new = NewGroupEdit(EditKind.GROUPING, "machine", str(uuid.uuid4()))
            change.writer.add_group_edit(self.collection, new, changes, datetime.now(UTC))

    def claimed(self, by: AccessKey = BOSS) -> JobRun:
        """Ask for a grouping, and claim the job as a worker does."""
        with self.office.store.writing() as writer:
            if self.office.store.key(by.key_id) is None:
                writer.add_key(by)
        with acting(self.office, by) as act:
            job = start_grouping(self.office.gallery, act, self.name)
        taken = self.office.store.claim_job(
            "claim",
            datetime.now(UTC),
            kinds=["group_faces"],
            runner=Runner.WORKERS,
            held_for=timedelta(minutes=1),
            job_id=job.job_id,
        )
        assert taken is not None
        return JobRun(taken, "claim", self.office.store, partial(caller_of, self.office.store))

    def group(self, run: JobRun | None = None) -> dict[str, int]:
        """Group the faces, as a worker does; returns what the job counted."""
        run = run or self.claimed()
        group_faces(GroupingRooms(vision(), self.office.gallery, self.office.register), run)
        with self.office.store.reading() as reader:
            return dict(reader.job(run.job.job_id).progress.counts)

    def groups(self) -> list[Group]:
        """Return all groups, the oldest first."""
        with self.office.gallery.reading() as reader:
            return reader.groups(self.collection, after_key=0, most=1000)

    def faces_of(self, group: Group, *, confirmed: bool | None = None) -> set[int]:
        """Return the numbers of a group's faces, of all or of those that are confirmed, or are not."""
        with self.office.gallery.reading() as reader:
            found = reader.grouped_faces(self.collection, group, after_key=0, most=1000)
        return {uuid.UUID(each.face.face_id).int for each in found if confirmed in (None, each.confirmed)}

    def people(self) -> list[set[int]]:
        """Return the groups as the numbers of their faces, the lowest first."""
        return sorted((self.faces_of(group) for group in self.groups()), key=min)

    def of(self, number: int) -> Group:
        """Return the group that a face is in."""
        (found,) = (group for group in self.groups() if number in self.faces_of(group))
        return found

    def users(self) -> dict[str, set[int]]:
        """Return the users, and which faces are theirs."""
        with self.office.gallery.reading() as reader:
            users = reader.users(self.collection, after_key=0, most=1000)
            faces = reader.faces(self.collection, after_key=0, most=1000)
        return {
            user.user_id: {uuid.UUID(face.face_id).int for face in faces if face.user_id == user.user_id}
            for user in users
        }

    def history(self) -> list[GroupEdit]:
        """Return the history, the newest edit first."""
        with self.office.gallery.reading() as reader:
            return reader.group_edits(self.collection, before_key=None, most=1000)

    def merge(self, into: int, *others: int, by: AccessKey = BOSS) -> GroupEdit:
        """Merge the groups of some faces into that of one."""
        with acting(self.office, by) as act:
            groups = [self.of(other).group_id for other in others]
            return merge_groups(self.office.gallery, act, self.name, self.of(into).group_id, groups)

    def split(self, *numbers: int, by: AccessKey = BOSS) -> GroupEdit:
        """Split faces off the group that the first is in."""
        with acting(self.office, by) as act:
            group = self.of(numbers[0]).group_id
            return split_group(self.office.gallery, act, self.name, group, [*map(face_id, numbers)])

    def move(self, to: int, *numbers: int, by: AccessKey = BOSS) -> GroupEdit:
        """Move faces into the group that one is in."""
        with acting(self.office, by) as act:
            group = self.of(to).group_id
            return move_faces(self.office.gallery, act, self.name, group, [*map(face_id, numbers)])

    def reject(self, *numbers: int, by: AccessKey = BOSS) -> GroupEdit:
        """Say that faces are not of the person that the first is grouped with."""
        with acting(self.office, by) as act:
            group = self.of(numbers[0]).group_id
            return reject_faces(self.office.gallery, act, self.name, group, [*map(face_id, numbers)])

    def confirm(self, number: int, by: AccessKey = BOSS) -> GroupEdit:
        """Confirm the group that a face is in."""
        with acting(self.office, by) as act:
            return confirm_group(self.office.gallery, act, self.name, self.of(number).group_id)

    def call(self, number: int, user_id: str, by: AccessKey = BOSS) -> GroupEdit:
        """Name the group that a face is in."""
        with acting(self.office, by) as act:
            return name_group(self.office.gallery, act, self.name, self.of(number).group_id, user_id)

    def undo(self, edit: GroupEdit | None = None, by: AccessKey = BOSS) -> GroupEdit:
        """Undo an edit, or the last one."""
        with acting(self.office, by) as act:
            edit_id = edit.edit_id if edit is not None else None
            return undo_group_edit(self.office.gallery, act, self.name, edit_id)
