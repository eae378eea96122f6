"""The policy of a collection, with the law that each line comes from; lines are changed one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.doors.console.galleries import opened
from countenance.doors.console.marking import N_
from countenance.doors.console.pages.collections import problems_of
from countenance.doors.console.paths import at
from countenance.doors.console.places import collection_in
from countenance.doors.console.policy_form import PREFIX, Filled, declared, filled, tags_of
from countenance.doors.console.policy_words import LINES, line_shown, value_shown
from countenance.doors.console.routing import page
from countenance.errors import PolicyForbids, PolicyInvalid
from countenance.operations.tag_collection import tag_collection
from countenance.operations.untag_collection import untag_collection

if TYPE_CHECKING:
    from starlette.responses import Response

    from countenance.doors.console.visit import Visit
    from countenance.governance import Policy
    from countenance.operations.acts import Act


async def show(visit: Visit) -> Response:
    """Show all lines of a policy, and where each is changed."""
    collection = await opened(visit, collection_in(visit))
    lines = [line_shown(visit, line) for line in collection.policy.lines] if collection.policy else []
    return visit.page("collections/policy.html", collection=collection, lines=lines)


async def show_line(visit: Visit) -> Response:
    """Show the form that changes one line."""
    return await _line(visit, None, "")


async def change_line(visit: Visit) -> Response:
    """Declare a line, or leave it as the law asks."""
    collection_id, name = collection_in(visit), _name_in(visit)
    given = filled(visit.form, [name])
    tags, problems = tags_of(given)
    if problems:
        return await _line(visit, given[name], visit.say(problems[name]), 400)
    tag, value = f"{PREFIX}{name}", tags[f"{PREFIX}{name}"]

    def change(act: Act) -> None:
        if value is None:
            untag_collection(visit.desk.gallery, act, collection_id, [tag])
        else:
            tag_collection(visit.desk.gallery, act, collection_id, {tag: value})

    try:
        await visit.do(change)
    except (PolicyForbids, PolicyInvalid) as error:
        told = problems_of(visit, error)
        return await _line(visit, given[name], told.get(name) or str(error), 400)
    return visit.go(at("collections", collection_id, "settings"), done="changed")


async def _line(visit: Visit, given: Filled | None, problem: str, status: int = 200) -> Response:
    name = _name_in(visit)
    collection = await opened(visit, collection_in(visit))
    policy = collection.policy
    if policy is None:
        raise PolicyInvalid("the policy cannot be seen with this access key")
    (line,) = (each for each in policy.lines if each.name == name)
    return visit.page(
        "collections/line.html",
        status,
        collection=collection,
        words=LINES[name],
        line=line_shown(visit, line),
        given=given if given is not None else declared([line])[name],
        as_asked=_without(visit, policy, name),
        problem=problem,
    )


def _without(visit: Visit, policy: Policy, name: str) -> str:
    """Return what a line would say if nobody declared it."""
    tags = {
        f"{PREFIX}{line.name}": line.value
        for line in policy.lines
        if line.origin == "tag" and line.name != name
    }
    lines = visit.desk.register.policy_of(tags).lines
    (value,) = (line.value for line in lines if line.name == name)
    return value_shown(visit, name, value) or visit.say(N_("nothing"))


def _name_in(visit: Visit) -> str:
    name = str(visit.http.path_params["line"])
    if name not in LINES:
        raise PolicyInvalid(f"a policy has no line {name}")
    return name


_CHANGING = ("tag_collection", "untag_collection")
ROUTES = (
    page("/collections/{collection_id}/settings", show, needs=("show_policy",)),
    page("/collections/{collection_id}/settings/{line}", show_line, needs=_CHANGING),
    page("/collections/{collection_id}/settings/{line}", change_line, methods=("POST",), needs=_CHANGING),
)
