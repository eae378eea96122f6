"""The faces of a collection, in pages and one by one; faces are erased or made a user's here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.doors.console.downloads import picture_address
from countenance.doors.console.marking import N_
from countenance.doors.console.paths import at
from countenance.doors.console.places import FACE_ID, USER_ID, collection_in, face_in
from countenance.doors.console.policy_words import value_shown
from countenance.doors.console.routing import page
from countenance.doors.console.told_errors import title_of
from countenance.errors import FormInvalid, HoldInForce, UserNotFound
from countenance.operations.delete_faces import delete_faces
from countenance.operations.see_faces import see_face, see_faces

if TYPE_CHECKING:
    from starlette.responses import Response

    from countenance.doors.console.visit import Visit

_MOST = 24
_MOST_CHOSEN = 200


async def list_all(visit: Visit) -> Response:
    """Show a page of faces, with portraits where the collection keeps them; a user's are on their page."""
    collection_id, user_id = collection_in(visit), visit.query.get("user")
    if user_id is not None and USER_ID.fullmatch(user_id):
        return visit.go(at("collections", collection_id, "users", user_id))
    paging = visit.paging("faces", collection=collection_id)
    seen = await visit.do(
        lambda act: see_faces(visit.desk.gallery, act, collection_id, most=_MOST, after_key=paging.position)
    )
    return visit.page(
        "faces/list.html",
        collection_id=collection_id,
        seen=seen,
        portraits={face_id: picture_address(content) for face_id, content in seen.portraits.items()},
        next=paging.next_of(seen.page),
    )


async def show(visit: Visit) -> Response:
    """Show one face: what was measured of it, how long it stays, and where its picture comes from."""
    collection_id, face_id = collection_in(visit), face_in(visit)
    seen = await visit.do(lambda act: see_face(visit.desk.gallery, act, collection_id, face_id))
    return visit.page(
        "faces/face.html",
        collection_id=collection_id,
        seen=seen,
        source=value_shown(visit, "source", seen.face.source),
        portrait=picture_address(seen.portrait) if seen.portrait is not None else None,
    )


async def ask_what_to_do(visit: Visit) -> Response:
    """Ask whether the faces that were chosen are really to be erased, or whose they are to be."""
    collection_id, chosen = collection_in(visit), chosen_in(visit)
    if not chosen:
        return visit.go(at("collections", collection_id, "faces"), done="nothing-chosen")
    template = "users/assign.html" if visit.form.text("to") == "assign" else "faces/erase.html"
    return visit.page(
        template, collection_id=collection_id, chosen=chosen, problem="", refused="", user_id=""
    )


async def erase(visit: Visit) -> Response:
    """Erase faces, and tell how many are gone and how many stay because they are a user's."""
    collection_id, chosen = collection_in(visit), chosen_in(visit)
    try:
        outcome = await visit.do(lambda act: delete_faces(visit.desk.gallery, act, collection_id, chosen))
    except HoldInForce as error:
        problem = visit.say(title_of(error))
        return visit.page(
            "faces/erase.html", 403, collection_id=collection_id, chosen=chosen, problem=problem, refused=""
        )
    return visit.go(
        at("collections", collection_id, "faces"),
        done="erased",
        count=len(outcome.deleted),
        kept=sum(failure.user_id is not None for failure in outcome.failures),
        request=visit.request_id,
    )


def chosen_in(visit: Visit) -> list[str]:
    """Return the ids of the faces that a form names; raises FormInvalid."""
    chosen = list(dict.fromkeys(visit.form.texts("face")))
    if len(chosen) > _MOST_CHOSEN or not all(FACE_ID.fullmatch(face_id) for face_id in chosen):
        raise FormInvalid(f"at most {_MOST_CHOSEN} faces can be chosen at a time, by their ids")
    return chosen


def named_user(visit: Visit) -> str:
    """Return the user that a form names; raises UserNotFound where nobody can be called that."""
    user_id = visit.form.text("user_id")
    if USER_ID.fullmatch(user_id) is None:
        raise UserNotFound(
            visit.say(N_("Use letters, digits, dots, hyphens, colons and underscores only, at most 128."))
        )
    return user_id


ROUTES = (
    page("/collections/{collection_id}/faces", list_all, needs=("list_faces",)),
    page(
        "/collections/{collection_id}/faces",
        ask_what_to_do,
        methods=("POST",),
        needs=("delete_faces", "associate_faces"),
    ),
    page("/collections/{collection_id}/faces/{face_id}", show, needs=("list_faces",)),
    page("/collections/{collection_id}/erase-faces", erase, methods=("POST",), needs=("delete_faces",)),
)
