"""The work of those ``countenance groups …`` commands that change groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.doors.cli.group_records import edit_record
from countenance.doors.cli.records import json_line
from countenance.doors.cli.words import count
from countenance.doors.cli.work import at_work
from countenance.operations.groups.edit_groups import (
    confirm_group,
    merge_groups,
    move_faces,
    reject_faces,
    split_group,
)
from countenance.operations.groups.name_group import name_group
from countenance.operations.groups.undo_edit import undo_group_edit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from countenance.operations.groups.edit_groups import GroupEdit

_EDITS: dict[str, Callable[..., GroupEdit]] = {
    "merge": merge_groups,
    "split": split_group,
    "move": move_faces,
    "reject": reject_faces,
    "confirm": confirm_group,
    "name": name_group,
    "undo": undo_group_edit,
}


def change(
    file: Path | None,
    data_dir: Path | None,
    command: str,
    collection_id: str,
    *what: object,
    as_json: bool,
) -> None:
    """Do what a command says to a collection's groups, and print the edit.

    Args:
        file: the file of settings that was named, if any.
        data_dir: the folder of data that was named, if any.
        command: its name.
        collection_id: the collection.
        what: the command's arguments, those of the operation after the collection.
        as_json: whether to print JSON.
    """
    with at_work(file, data_dir) as work:
        edit = _EDITS[command](work.office.gallery, work.act, collection_id, *what)
    if as_json:
        print(json_line(edit_record(edit)))
        return
    undone = f" of {edit.undoes}" if edit.undoes is not None else ""
    print(f"{edit.edit_id}  {edit.kind}{undone}: {count(edit.faces, 'face')}")
