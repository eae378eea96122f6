"""`/v1/holds`: what must not be erased, because a court or an authority says so."""

from typing import Annotated

from fastapi import Path, Query

from countenance.doors.rest.calls import TheCall, new_router
from countenance.doors.rest.description import problems
from countenance.doors.rest.models.fields import ID_EXAMPLE, Uuid
from countenance.doors.rest.models.holds import Hold, HoldPage, NewHold
from countenance.doors.rest.paging import ThePaging
from countenance.operations import manage_holds

router = new_router("legal holds")


@router.post("/holds", status_code=201)
async def place_hold(call: TheCall, new: NewHold) -> Hold:
    """Keep everything of a subject from being erased; an administrator's key may."""
    placed = await call.do(lambda act: manage_holds.place_hold(act, new.subject, new.reference))
    return Hold.model_validate(placed)


@router.get("/holds")
async def list_holds(
    call: TheCall,
    paging: ThePaging,
    released: Annotated[bool, Query(description="Whether released ones are listed, too.")] = False,
) -> HoldPage:
    """List the holds in force, oldest first."""
    found = await call.do(lambda act: manage_holds.list_holds(act, released=True))
    belongs_to = {"list": "holds", "released": released}
    return paging.cut(
        HoldPage, found, belongs_to, Hold.model_validate, lambda hold: released or hold.released_at is None
    )


@router.delete(
    "/holds/{hold_id}",
    status_code=204,
    responses=problems(_404="There is no such hold that could be released."),
)
async def release_hold(
    call: TheCall, hold_id: Annotated[Uuid, Path(description="The hold's id.", examples=[ID_EXAMPLE])]
) -> None:
    """End a hold; what is due is erased from then on. An administrator's key may."""
    await call.do(lambda act: manage_holds.release_hold(act, hold_id))
