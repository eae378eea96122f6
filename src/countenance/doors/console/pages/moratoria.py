"""Moratoria: uses of faces that are forbidden for everybody, begun and lifted."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.doors.console.days import day_of, read_day
from countenance.doors.console.lists import part_of
from countenance.doors.console.paths import at
from countenance.doors.console.routing import page
from countenance.errors import MoratoriumNotFound, PolicyInvalid
from countenance.operations.manage_moratoria import begin_moratorium, lift_moratorium, list_moratoria

if TYPE_CHECKING:
    from starlette.responses import Response

    from countenance.doors.console.visit import Visit

_MOST_REASON = 500
_PURPOSE = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_SCOPES = ("search", "enrol", "all", "purpose")
_NOTHING = {"scope": "search", "purpose": "", "reason": "", "until": ""}


async def go_in(visit: Visit) -> Response:
    """Go to whichever of moratoria and holds the reader may see."""
    return visit.go(at("govern", "moratoria" if visit.may("list_moratoria") else "holds"))


async def show_moratoria(visit: Visit) -> Response:
    """Show the moratoria in force, those that have ended, and the form that begins one."""
    return await _shown(visit, _NOTHING, {}, 200)


async def begin(visit: Visit) -> Response:
    """Say what a moratorium stops and ask again; begin it once that is confirmed."""
    values = {name: visit.form.text(name) for name in _NOTHING}
    problems = _problems(values)
    if problems:
        return await _shown(visit, values, problems, 422)
    scope = f"purpose:{values['purpose']}" if values["scope"] == "purpose" else values["scope"]
    until = read_day(values["until"])
    if not visit.form.checked("confirmed"):
        await visit.require("begin_moratorium")
        return visit.page("govern/begin.html", values=values, scope=scope, until=until)
    try:
        await visit.do(lambda act: begin_moratorium(act, scope, values["reason"], until))
    except PolicyInvalid:
        return await _shown(visit, values, {"reason": "invalid"}, 422)
    return visit.go(at("govern", "moratoria"), done="begun")


async def ask_lifting(visit: Visit) -> Response:
    """Say what is possible again when a moratorium is lifted, and ask again."""
    found = await visit.do(list_moratoria)
    wanted = str(visit.http.path_params["moratorium_id"])
    moratorium = next((each for each in found if each.moratorium_id == wanted), None)
    if moratorium is None:
        raise MoratoriumNotFound(f"there is no moratorium {wanted} that could be lifted")
    return visit.page("govern/lift.html", moratorium=moratorium)


async def lift(visit: Visit) -> Response:
    """End a moratorium."""
    await visit.do(lambda act: lift_moratorium(act, str(visit.http.path_params["moratorium_id"])))
    return visit.go(at("govern", "moratoria"), done="lifted")


async def _shown(visit: Visit, values: dict[str, str], problems: dict[str, str], status: int) -> Response:
    now = datetime.now(UTC)
    found = await visit.do(lambda act: list_moratoria(act, ended=True))
    ended = [each for each in reversed(found) if not each.in_force(now)]
    past, following = part_of(visit.paging("moratoria"), ended)
    return visit.page(
        "govern/moratoria.html",
        status,
        in_force=[each for each in found if each.in_force(now)],
        past=past,
        next=following,
        values=values,
        problems=problems,
    )


def _problems(values: dict[str, str]) -> dict[str, str]:
    problems = {}
    if values["scope"] not in _SCOPES:
        problems["scope"] = "choice"
    if values["scope"] == "purpose" and _PURPOSE.fullmatch(values["purpose"]) is None:
        problems["purpose"] = "characters"
    if not values["reason"] or len(values["reason"]) > _MOST_REASON:
        problems["reason"] = "length"
    if values["until"] and (
        read_day(values["until"]) is None or values["until"] <= day_of(datetime.now(UTC))
    ):
        problems["until"] = "day"
    return problems


ROUTES = (
    page("/govern", go_in, needs=("list_moratoria", "list_holds")),
    page("/govern/moratoria", show_moratoria, needs=("list_moratoria",)),
    page("/govern/moratoria", begin, methods=("POST",), needs=("begin_moratorium",)),
    page("/govern/moratoria/{moratorium_id}/lift", ask_lifting, needs=("lift_moratorium",)),
    page("/govern/moratoria/{moratorium_id}/lift", lift, methods=("POST",), needs=("lift_moratorium",)),
)
