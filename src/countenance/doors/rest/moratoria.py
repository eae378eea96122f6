"""`/v1/moratoria`: uses of faces that are forbidden for everybody."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import Path, Query

from countenance.doors.rest.calls import TheCall, new_router
from countenance.doors.rest.description import problems
from countenance.doors.rest.models.fields import ID_EXAMPLE, Uuid
from countenance.doors.rest.models.moratoria import Moratorium, MoratoriumPage, NewMoratorium
from countenance.doors.rest.paging import ThePaging
from countenance.operations import manage_moratoria

if TYPE_CHECKING:
    from countenance import governance

router = new_router("moratoria")


@router.post("/moratoria", status_code=201)
async def begin_moratorium(call: TheCall, new: NewMoratorium) -> Moratorium:
    """Forbid a use of faces from the next request on; an administrator's key may."""
    begun = await call.do(
        lambda act: manage_moratoria.begin_moratorium(act, new.scope, new.reason, new.until)
    )
    return _shown(begun)


@router.get("/moratoria")
async def list_moratoria(
    call: TheCall,
    paging: ThePaging,
    ended: Annotated[bool, Query(description="Whether those that have ended are listed, too.")] = False,
) -> MoratoriumPage:
    """List the moratoria in force, those that the server was started with first."""
    found = await call.do(lambda act: manage_moratoria.list_moratoria(act, ended=True))
    now = datetime.now(UTC)
    belongs_to = {"list": "moratoria", "ended": ended}
    return paging.cut(MoratoriumPage, found, belongs_to, _shown, lambda each: ended or each.in_force(now))


@router.delete(
    "/moratoria/{moratorium_id}",
    status_code=204,
    responses=problems(_404="There is no such moratorium that could be lifted."),
)
async def lift_moratorium(
    call: TheCall,
    moratorium_id: Annotated[Uuid, Path(description="The moratorium's id.", examples=[ID_EXAMPLE])],
) -> None:
    """End a moratorium; an administrator's key may."""
    await call.do(lambda act: manage_moratoria.lift_moratorium(act, moratorium_id))


def _shown(moratorium: "governance.Moratorium") -> Moratorium:
    return Moratorium(
        moratorium_id=moratorium.moratorium_id,
        scope=moratorium.scope.text,
        reason=moratorium.reason,
        began_at=moratorium.began_at,
        begun_by=moratorium.begun_by,
        until=moratorium.until,
        lifted_at=moratorium.lifted_at,
        lifted_by=moratorium.lifted_by,
    )
