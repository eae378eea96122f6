"""Legal holds: what must not be erased, because a court or an authority says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.doors.console.lists import part_of
from countenance.doors.console.paths import at
from countenance.doors.console.routing import page
from countenance.errors import HoldNotFound, PolicyInvalid
from countenance.operations.manage_holds import list_holds, place_hold, release_hold

if TYPE_CHECKING:
    from starlette.responses import Response

    from countenance.doors.console.visit import Visit


async def show_holds(visit: Visit) -> Response:
    """Show the holds, of one person or of all, and the form that places one."""
    subject = visit.query.get("subject", "")
    return await _shown(visit, {"subject": subject, "reference": ""}, problem=False, status=200)


async def place(visit: Visit) -> Response:
    """Place a hold."""
    values = {name: visit.form.text(name) for name in ("subject", "reference")}
    try:
        await visit.do(lambda act: place_hold(act, values["subject"], values["reference"]))
    except PolicyInvalid:
        return await _shown(visit, values, problem=True, status=422)
    return visit.go(at("govern", "holds"), done="placed")


async def ask_release(visit: Visit) -> Response:
    """Say what follows when a hold is released, and ask again."""
    wanted = str(visit.http.path_params["hold_id"])
    found = await visit.do(list_holds)
    hold = next((each for each in found if each.hold_id == wanted), None)
    if hold is None:
        raise HoldNotFound(f"there is no hold {wanted} that could be released")
    others = sum(each.subject == hold.subject for each in found) - 1
    return visit.page("govern/release.html", hold=hold, others=others)


async def release(visit: Visit) -> Response:
    """End a hold."""
    await visit.do(lambda act: release_hold(act, str(visit.http.path_params["hold_id"])))
    return visit.go(at("govern", "holds"), done="released")


async def _shown(visit: Visit, values: dict[str, str], *, problem: bool, status: int) -> Response:
    found = await visit.do(lambda act: list_holds(act, released=True))
    wanted = visit.query.get("subject", "")
    theirs = [each for each in found if not wanted or each.subject == wanted]
    theirs.sort(key=lambda each: each.released_at is not None)
    shown, following = part_of(visit.paging("holds", subject=wanted), theirs)
    return visit.page(
        "govern/holds.html",
        status,
        holds=shown,
        next=following,
        wanted=wanted,
        values=values,
        problem=problem,
    )


ROUTES = (
    page("/govern/holds", show_holds, needs=("list_holds",)),
    page("/govern/holds", place, methods=("POST",), needs=("place_hold",)),
    page("/govern/holds/{hold_id}/release", ask_release, needs=("release_hold",)),
    page("/govern/holds/{hold_id}/release", release, methods=("POST",), needs=("release_hold",)),
)
