"""The work of those ``countenance groups …`` commands that show groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.doors.cli.group_records import edit_record, group_record, grouped_face_record
from countenance.doors.cli.records import json_line
from countenance.doors.cli.tables import print_facts, print_rows
from countenance.doors.cli.words import time_in_words
from countenance.doors.cli.work import at_work
from countenance.operations.groups.look_at_groups import (
    GroupState,
    list_group_edits,
    list_groups,
    show_group,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from countenance.operations.groups.look_at_groups import Group, GroupedFace, GroupEdit

_PAGE = 1000


def show_list(
    file: Path | None, data_dir: Path | None, collection_id: str, state: str | None, *, as_json: bool
) -> None:
    """Print groups."""
    found: list[Group] = []
    after: int | None = 0
    with at_work(file, data_dir) as work:
        while after is not None:
            wanted = GroupState(state) if state is not None else None
            page = list_groups(
                work.office.gallery, work.act, collection_id, state=wanted, most=_PAGE, after_key=after
            )
            found += page.items
            after = page.next_after
    print_groups(found, as_json=as_json)


def print_groups(groups: Iterable[Group], *, as_json: bool) -> None:
    """Print groups, the largest first."""
    in_order = sorted(groups, key=lambda group: (-group.face_count, group.key))
    if as_json:
        for group in in_order:
            print(json_line(group_record(group)))
        return
    print_rows(
        ("group", "state", "user", "faces", "confirmed"),
        [
            (group.group_id, group.state, group.user_id, group.face_count, group.confirmed_count)
            for group in in_order
        ],
    )


def show(
    file: Path | None, data_dir: Path | None, collection_id: str, group_id: str, *, as_json: bool
) -> None:
    """Print a group and its faces."""
    faces: list[GroupedFace] = []
    after: int | None = 0
    with at_work(file, data_dir) as work:
        while after is not None:
            shown = show_group(
                work.office.gallery, work.act, collection_id, group_id, most=_PAGE, after_key=after
            )
            faces += shown.faces.items
            after = shown.faces.next_after
    group = shown.group
    if as_json:
        print(json_line({**group_record(group), "faces": [grouped_face_record(face) for face in faces]}))
        return
    print_facts(
        {
            "group": group.group_id,
            "state": group.state,
            "user": group.user_id,
            "faces": f"{group.face_count:,}, {group.confirmed_count:,} of them confirmed",
            "since": time_in_words(group.created_at),
        }
    )
    print_rows(
        ("face", "confirmed", "external image id", "picture"),
        [
            (
                each.face.face_id,
                "yes" if each.confirmed else "no",
                each.face.external_image_id,
                each.face.image_id,
            )
            for each in faces
        ],
    )


def show_history(file: Path | None, data_dir: Path | None, collection_id: str, *, as_json: bool) -> None:
    """Print the history of a collection's groups."""
    edits: list[GroupEdit] = []
    before: int | None = None
    with at_work(file, data_dir) as work:
        while True:
            page = list_group_edits(
                work.office.gallery, work.act, collection_id, most=_PAGE, before_key=before
            )
            edits += page.items
            before = page.next_after
            if before is None:
                break
    if as_json:
        for edit in edits:
            print(json_line(edit_record(edit)))
        return
    print_rows(
        ("edit", "kind", "faces", "when", "by", "undone"),
        [
            (
                edit.edit_id,
                edit.kind,
                edit.faces,
                time_in_words(edit.made_at),
                edit.made_by,
                "yes" if edit.undone_by is not None else None,
            )
            for edit in edits
        ],
    )
