"""`/v1/collections/…/groups`: people without names, as faces are grouped, and what people say of them."""

from typing import TYPE_CHECKING, Annotated

from fastapi import Path, Query

from countenance.doors.rest.calls import TheCall, new_router
from countenance.doors.rest.collections import Named
from countenance.doors.rest.description import problems
from countenance.doors.rest.jobs import job_shown
from countenance.doors.rest.models.fields import ID_EXAMPLE, Uuid
from countenance.doors.rest.models.groups import (
    EditToUndo,
    FacesOfGroup,
    Group,
    GroupedFace,
    GroupEdit,
    GroupEditPage,
    GroupName,
    GroupPage,
    GroupsToMerge,
    GroupWithFaces,
)
from countenance.doors.rest.models.jobs import Job
from countenance.doors.rest.paging import ThePaging
from countenance.operations.groups import edit_groups, look_at_groups
from countenance.operations.groups import name_group as naming
from countenance.operations.groups import start_grouping as starting
from countenance.operations.groups import undo_edit as undoing

if TYPE_CHECKING:
    from countenance.operations.groups.look_at_groups import ShownGroup

GroupId = Annotated[Uuid, Path(description="The group's id.", examples=[ID_EXAMPLE])]

router = new_router("groups")
_NO_COLLECTION = problems(_404="There is no such collection.")
_NO_GROUP = problems(_404="There is no such collection or group.")
_EDIT = problems(
    _404="There is no such collection, group or face.",
    _409="It makes no sense as the groups are now, a user is full, or a legal hold forbids it.",
)


@router.post(
    "/collections/{collection_id}/groupings",
    status_code=201,
    responses=_NO_COLLECTION,
)
async def start_grouping(call: TheCall, collection_id: Named) -> Job:
    """Have the faces of a collection grouped, by a job; where its policy allows groups."""
    gallery = call.desk.gallery
    return job_shown(await call.do(lambda act: starting.start_grouping(gallery, act, collection_id)))


@router.get("/collections/{collection_id}/groups", responses=_NO_COLLECTION)
async def list_groups(
    call: TheCall,
    collection_id: Named,
    paging: ThePaging,
    state: Annotated[
        look_at_groups.GroupState | None, Query(description="Only those of this state; all without it.")
    ] = None,
) -> GroupPage:
    """List groups, the oldest first."""
    belongs_to = {"list": "groups", "collection": collection_id, "state": state}
    after_key = paging.position(belongs_to)
    page = await call.do(
        lambda act: look_at_groups.list_groups(
            call.desk.gallery, act, collection_id, state=state, most=paging.limit, after_key=after_key
        )
    )
    return paging.listed(GroupPage, page, belongs_to, Group.model_validate)


@router.get("/collections/{collection_id}/groups/{group_id}", responses=_NO_GROUP)
async def show_group(
    call: TheCall, collection_id: Named, group_id: GroupId, paging: ThePaging
) -> GroupWithFaces:
    """Show a group with its faces, in the order they were enrolled."""
    belongs_to = {"list": "group", "collection": collection_id, "group": group_id}
    after_key = paging.position(belongs_to)
    shown: ShownGroup = await call.do(
        lambda act: look_at_groups.show_group(
            call.desk.gallery, act, collection_id, group_id, most=paging.limit, after_key=after_key
        )
    )
    return GroupWithFaces(
        **Group.model_validate(shown.group).model_dump(),
        faces=tuple(_face(each) for each in shown.faces.items),
        next=call.desk.tokens.following(shown.faces, belongs_to),
    )


@router.post("/collections/{collection_id}/groups/{group_id}/merges", status_code=201, responses=_EDIT)
async def merge_groups(
    call: TheCall, collection_id: Named, group_id: GroupId, new: GroupsToMerge
) -> GroupEdit:
    """Say that other groups are the same person: their faces come to this one."""
    gallery = call.desk.gallery
    edit = await call.do(
        lambda act: edit_groups.merge_groups(gallery, act, collection_id, group_id, new.group_ids)
    )
    return GroupEdit.model_validate(edit)


@router.post("/collections/{collection_id}/groups/{group_id}/splits", status_code=201, responses=_EDIT)
async def split_group(call: TheCall, collection_id: Named, group_id: GroupId, new: FacesOfGroup) -> GroupEdit:
    """Say that some faces are one person and the rest is another: they come to a new group."""
    gallery = call.desk.gallery
    edit = await call.do(
        lambda act: edit_groups.split_group(gallery, act, collection_id, group_id, new.face_ids)
    )
    return GroupEdit.model_validate(edit)


@router.post("/collections/{collection_id}/groups/{group_id}/moves", status_code=201, responses=_EDIT)
async def move_faces(call: TheCall, collection_id: Named, group_id: GroupId, new: FacesOfGroup) -> GroupEdit:
    """Put faces into this group, from another one or from none."""
    gallery = call.desk.gallery
    edit = await call.do(
        lambda act: edit_groups.move_faces(gallery, act, collection_id, group_id, new.face_ids)
    )
    return GroupEdit.model_validate(edit)


@router.post("/collections/{collection_id}/groups/{group_id}/rejections", status_code=201, responses=_EDIT)
async def reject_faces(
    call: TheCall, collection_id: Named, group_id: GroupId, new: FacesOfGroup
) -> GroupEdit:
    """Say that faces are not this person; no grouping puts them there again."""
    gallery = call.desk.gallery
    edit = await call.do(
        lambda act: edit_groups.reject_faces(gallery, act, collection_id, group_id, new.face_ids)
    )
    return GroupEdit.model_validate(edit)


@router.post("/collections/{collection_id}/groups/{group_id}/confirmation", status_code=201, responses=_EDIT)
async def confirm_group(call: TheCall, collection_id: Named, group_id: GroupId) -> GroupEdit:
    """Say that all faces of a group are one person's."""
    gallery = call.desk.gallery
    edit = await call.do(lambda act: edit_groups.confirm_group(gallery, act, collection_id, group_id))
    return GroupEdit.model_validate(edit)


@router.post("/collections/{collection_id}/groups/{group_id}/name", status_code=201, responses=_EDIT)
async def name_group(call: TheCall, collection_id: Named, group_id: GroupId, new: GroupName) -> GroupEdit:
    """Say who a group is: its faces become a user's, which takes a valid consent of that person."""
    gallery = call.desk.gallery
    edit = await call.do(lambda act: naming.name_group(gallery, act, collection_id, group_id, new.user_id))
    return GroupEdit.model_validate(edit)


@router.get("/collections/{collection_id}/group-edits", responses=_NO_COLLECTION)
async def list_group_edits(call: TheCall, collection_id: Named, paging: ThePaging) -> GroupEditPage:
    """List the history of a collection's groups, the newest edit first."""
    belongs_to = {"list": "group_edits", "collection": collection_id}
    before_key = paging.position(belongs_to) or None
    page = await call.do(
        lambda act: look_at_groups.list_group_edits(
            call.desk.gallery, act, collection_id, most=paging.limit, before_key=before_key
        )
    )
    return paging.listed(GroupEditPage, page, belongs_to, GroupEdit.model_validate)


@router.post(
    "/collections/{collection_id}/group-edits/undo",
    status_code=201,
    responses=problems(
        _404="There is no such collection or edit.",
        _409="Later edits build on it, it is undone already, or nothing is left of it.",
    ),
)
async def undo_group_edit(call: TheCall, collection_id: Named, new: EditToUndo) -> GroupEdit:
    """Take an edit back, or the last one; that is an edit, too."""
    gallery = call.desk.gallery
    edit = await call.do(lambda act: undoing.undo_group_edit(gallery, act, collection_id, new.edit_id))
    return GroupEdit.model_validate(edit)


def _face(grouped: look_at_groups.GroupedFace) -> GroupedFace:
    return GroupedFace(
        face_id=grouped.face.face_id,
        image_id=grouped.face.image_id,
        external_image_id=grouped.face.external_image_id,
        confirmed=grouped.confirmed,
    )
