"""Groups and their history as JSON; docs/reference/command-line.md describes every field."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from countenance.doors.cli.records import Record
    from countenance.operations.groups.look_at_groups import Group, GroupedFace, GroupEdit


def group_record(group: Group) -> Record:
    """Return a group, without its faces."""
    return {
        "group_id": group.group_id,
        "state": group.state.value,
        "user_id": group.user_id,
        "face_count": group.face_count,
        "confirmed_count": group.confirmed_count,
        "created_at": group.created_at.isoformat(),
    }


def grouped_face_record(grouped: GroupedFace) -> Record:
    """Return a face of a group."""
    return {
        "face_id": grouped.face.face_id,
        "image_id": grouped.face.image_id,
        "external_image_id": grouped.face.external_image_id,
        "confirmed": grouped.confirmed,
    }


def edit_record(edit: GroupEdit) -> Record:
    """Return an edit."""
    return {
        "edit_id": edit.edit_id,
        "kind": edit.kind.value,
        "made_at": edit.made_at.isoformat(),
        "made_by": edit.made_by,
        "request_id": edit.request_id,
        "faces": edit.faces,
        "undoes": edit.undoes,
        "undone_by": edit.undone_by,
    }
