"""The users of a collection: people made of faces, which are found as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.doors.console.downloads import picture_address
from countenance.doors.console.marking import N_
from countenance.doors.console.pages.faces import chosen_in, named_user
from countenance.doors.console.paths import at
from countenance.doors.console.places import collection_in, user_in
from countenance.doors.console.routing import page
from countenance.doors.console.told_errors import title_of
from countenance.errors import GalleryFull, HoldInForce, PacksDiffer, UserExists, UserNotFound
from countenance.operations.associate_faces import AssociationFailure, associate_faces
from countenance.operations.create_user import create_user
from countenance.operations.delete_user import delete_user
from countenance.operations.disassociate_faces import disassociate_faces
from countenance.operations.list_users import list_users
from countenance.operations.see_faces import see_faces

if TYPE_CHECKING:
    from starlette.responses import Response

    from countenance.doors.console.visit import Visit

_MOST = 50
_MOST_FACES = 24
_LEAST_SIMILARITY = 75.0
WHY_NOT = {
    AssociationFailure.FACE_NOT_FOUND: N_("It is not there any more."),
    AssociationFailure.ASSOCIATED_TO_A_DIFFERENT_USER: N_("It belongs to another user already."),
    AssociationFailure.LOW_MATCH_CONFIDENCE: N_("It is too unlike the other faces of this user."),
}
"""Why a face was not made a user's."""


async def list_all(visit: Visit) -> Response:
    """Show a page of users."""
    return await _list(visit, "", "")


async def create(visit: Visit) -> Response:
    """Make a user without faces."""
    collection_id, typed = collection_in(visit), visit.form.text("user_id")
    try:
        user_id = named_user(visit)
        await visit.do(lambda act: create_user(visit.desk.gallery, act, collection_id, user_id))
    except UserNotFound as error:
        return await _list(visit, typed, str(error), 400)
    except UserExists as error:
        return await _list(visit, typed, visit.say(title_of(error)), 409)
    return visit.go(at("collections", collection_id, "users", user_id), done="created")


async def show(visit: Visit) -> Response:
    """Show a user's faces."""
    collection_id, user_id = collection_in(visit), user_in(visit)
    paging = visit.paging("faces", collection=collection_id, user=user_id)
    seen = await visit.do(
        lambda act: see_faces(
            visit.desk.gallery,
            act,
            collection_id,
            most=_MOST_FACES,
            after_key=paging.position,
            user_id=user_id,
        )
    )
    return visit.page(
        "users/user.html",
        collection_id=collection_id,
        user_id=user_id,
        seen=seen,
        portraits={face_id: picture_address(content) for face_id, content in seen.portraits.items()},
        next=paging.next_of(seen.page),
    )


async def assign(visit: Visit) -> Response:
    """Make faces a user's; say of each that is refused why."""
    desk, collection_id, chosen = visit.desk, collection_in(visit), chosen_in(visit)
    problem, refused, status = "", "", 400
    try:
        user_id = named_user(visit)
        outcome = await visit.do(
            lambda act: associate_faces(
                desk.vision,
                desk.gallery,
                act,
                collection_id,
                user_id,
                chosen,
                least_similarity=_LEAST_SIMILARITY,
            )
        )
    except UserNotFound as error:
        problem = visit.say(title_of(error))
    except (GalleryFull, PacksDiffer) as error:
        refused, status = f"{visit.say(title_of(error))}: {error}", 409
    else:
        if not outcome.failures:
            to = at("collections", collection_id, "users", user_id)
            return visit.go(to, done="assigned", count=len(outcome.associated))
        return visit.page(
            "users/assigned.html",
            collection_id=collection_id,
            user_id=user_id,
            outcome=outcome,
            why=WHY_NOT,
        )
    return visit.page(
        "users/assign.html",
        status,
        collection_id=collection_id,
        chosen=chosen,
        problem=problem,
        refused=refused,
        user_id=visit.form.text("user_id"),
    )


async def take_from(visit: Visit) -> Response:
    """Take faces from a user; they stay in the collection."""
    collection_id, user_id, chosen = collection_in(visit), user_in(visit), chosen_in(visit)
    to = at("collections", collection_id, "users", user_id)
    if not chosen:
        return visit.go(to, done="nothing-chosen")
    outcome = await visit.do(
        lambda act: disassociate_faces(visit.desk.gallery, act, collection_id, user_id, chosen)
    )
    return visit.go(to, done="taken", count=len(outcome.disassociated))


async def ask_to_delete(visit: Visit) -> Response:
    """Ask whether a user is really to be deleted."""
    return visit.page(
        "users/delete.html", collection_id=collection_in(visit), user_id=user_in(visit), problem=""
    )


async def delete(visit: Visit) -> Response:
    """Delete a user; their faces stay."""
    collection_id, user_id = collection_in(visit), user_in(visit)
    try:
        await visit.do(lambda act: delete_user(visit.desk.gallery, act, collection_id, user_id))
    except HoldInForce as error:
        return visit.page(
            "users/delete.html",
            403,
            collection_id=collection_id,
            user_id=user_id,
            problem=visit.say(title_of(error)),
        )
    return visit.go(at("collections", collection_id, "users"), done="deleted")


async def _list(visit: Visit, typed: str, problem: str, status: int = 200) -> Response:
    collection_id = collection_in(visit)
    paging = visit.paging("users", collection=collection_id)
    found = await visit.do(
        lambda act: list_users(visit.desk.gallery, act, collection_id, most=_MOST, after_key=paging.position)
    )
    return visit.page(
        "users/list.html",
        status,
        collection_id=collection_id,
        users=found.items,
        next=paging.next_of(found),
        typed=typed,
        problem=problem,
    )


_LIST, _ONE = "/collections/{collection_id}/users", "/collections/{collection_id}/users/{user_id}"
ROUTES = (
    page(_LIST, list_all, needs=("list_users",)),
    page(_LIST, create, methods=("POST",), needs=("create_user",)),
    page(_ONE, show, needs=("list_faces",)),
    page(_ONE, take_from, methods=("POST",), needs=("disassociate_faces",)),
    page(f"{_ONE}/delete", ask_to_delete, needs=("delete_user",)),
    page(f"{_ONE}/delete", delete, methods=("POST",), needs=("delete_user",)),
    page("/collections/{collection_id}/assign-faces", assign, methods=("POST",), needs=("associate_faces",)),
)
