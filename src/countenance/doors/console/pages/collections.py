"""Collections: which there are, how one is made with its policy, what it holds, and how it is deleted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.doors.console.galleries import opened
from countenance.doors.console.marking import N_
from countenance.doors.console.paths import at
from countenance.doors.console.places import COLLECTION_ID, collection_in
from countenance.doors.console.policy_form import Filled, filled, lines_named_in, tags_of
from countenance.doors.console.policy_words import ASKED_AT_FIRST, LINES, line_shown
from countenance.doors.console.routing import page
from countenance.doors.console.told_errors import title_of
from countenance.errors import CollectionExists, HoldInForce, PolicyForbids, PolicyInvalid
from countenance.operations.create_collection import create_collection
from countenance.operations.delete_collection import delete_collection
from countenance.operations.describe_collections import describe_collections

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from countenance.doors.console.visit import Visit
    from countenance.errors import CountenanceError

_MOST = 50
_MUST_DECLARE = N_("The law that you chose, or this server, asks that this is declared.")


async def list_all(visit: Visit) -> Response:
    """Show which collections there are, and what is in force in each."""
    paging = visit.paging("collections")
    found = await visit.do(
        lambda act: describe_collections(
            visit.desk.gallery, act, datetime.now(UTC), most=_MOST, after_key=paging.position
        )
    )
    shown = [
        (each, {line.name: line_shown(visit, line) for line in each.policy.lines} if each.policy else {})
        for each in found.items
    ]
    return visit.page("collections/list.html", shown=shown, next=paging.next_of(found))


async def show_new(visit: Visit) -> Response:
    """Show the form for a new collection."""
    return _new(visit, "", {name: Filled() for name in ASKED_AT_FIRST}, {})


async def create(visit: Visit) -> Response:
    """Make a collection, or say by each field what is wrong with it."""
    collection_id = visit.form.text("collection_id")
    given = filled(visit.form, ASKED_AT_FIRST)
    tags, problems = tags_of(given)
    told = {name: visit.say(problem) for name, problem in problems.items()}
    if COLLECTION_ID.fullmatch(collection_id) is None:
        told["collection_id"] = visit.say(
            N_("Use letters, digits, dots, hyphens and underscores only, at most 255.")
        )
    if told:
        return _new(visit, collection_id, given, told, 400)
    desk = visit.desk
    try:
        await visit.do(
            lambda act: create_collection(
                desk.vision,
                desk.gallery,
                act,
                collection_id,
                {name: value for name, value in tags.items() if value is not None},
            )
        )
    except CollectionExists as error:
        told["collection_id"] = visit.say(title_of(error))
        return _new(visit, collection_id, given, told, 409)
    except (PolicyForbids, PolicyInvalid) as error:
        told = problems_of(visit, error)
        return _new(visit, collection_id, given, told, 400, "" if told else str(error))
    return visit.go(at("collections", collection_id), done="created")


async def show(visit: Visit) -> Response:
    """Show one collection: what it holds, and what may be done with it."""
    collection = await opened(visit, collection_in(visit))
    policy = collection.policy if visit.may("show_policy") else None
    known = {line.name: line for line in policy.lines} if policy is not None else {}
    lines = [line_shown(visit, known[name]) for name in ASKED_AT_FIRST if name in known]
    undeclared = lines_named_in(" ".join(policy.undeclared)) if policy is not None else []
    return visit.page(
        "collections/collection.html",
        collection=collection,
        lines=lines,
        undeclared=[LINES[name].label for name in undeclared],
        pack=visit.desk.vision.pack,
    )


async def ask_to_delete(visit: Visit) -> Response:
    """Ask whether a collection is really to be deleted."""
    return visit.page(
        "collections/delete.html", collection=await opened(visit, collection_in(visit)), problem="", typed=""
    )


async def delete(visit: Visit) -> Response:
    """Delete a collection whose name was typed."""
    collection_id, typed = collection_in(visit), visit.form.text("typed")
    problem, status = visit.say(N_("That is not the name of this collection.")), 400
    if typed == collection_id:
        try:
            await visit.do(lambda act: delete_collection(visit.desk.gallery, act, collection_id))
        except HoldInForce as error:
            problem, status = visit.say(title_of(error)), 403
        else:
            return visit.go("/collections", done="deleted", request=visit.request_id)
    return visit.page(
        "collections/delete.html",
        status,
        collection=await opened(visit, collection_id),
        problem=problem,
        typed=typed,
    )


def problems_of(visit: Visit, error: CountenanceError) -> dict[str, str]:
    """Return by line what an error of the policy says of it."""
    if isinstance(error, PolicyForbids):
        return {name: visit.say(_MUST_DECLARE) for name in lines_named_in(str(error))}
    return {name: visit.say(N_("This cannot be so.")) for name in lines_named_in(str(error))[:1]}


def _new(
    visit: Visit,
    collection_id: str,
    given: Mapping[str, Filled],
    problems: Mapping[str, str],
    status: int = 200,
    refused: str = "",
) -> Response:
    register = visit.desk.register
    usual = register.policy_of({}).jurisdiction
    asked = {
        law.value: [
            line_shown(visit, line)
            for line in register.policy_of({"countenance:jurisdiction": law.value}).lines
            if line.law is not None
        ]
        for law in LINES["jurisdiction"].choices
    }
    return visit.page(
        "collections/new.html",
        status,
        fields=[LINES[name] for name in ASKED_AT_FIRST],
        collection_id=collection_id,
        given=given,
        problems=problems,
        refused=refused,
        asked=asked,
        usual=next(law.label for law in LINES["jurisdiction"].choices if law.value == usual),
    )


ROUTES = (
    page("/collections", list_all, needs=("list_collections",)),
    page("/new-collection", show_new, needs=("create_collection",)),
    page("/new-collection", create, methods=("POST",), needs=("create_collection",)),
    page("/collections/{collection_id}", show, needs=("describe_collection", "show_policy")),
    page("/collections/{collection_id}/delete", ask_to_delete, needs=("delete_collection",)),
    page("/collections/{collection_id}/delete", delete, methods=("POST",), needs=("delete_collection",)),
)
