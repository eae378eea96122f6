"""Searching within a collection: for whom a picture shows, for a face of it, or for a user of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.doors.console.downloads import picture_address
from countenance.doors.console.galleries import opened
from countenance.doors.console.marking import N_
from countenance.doors.console.pictures import Taken, drawn_faces
from countenance.doors.console.places import FACE_ID, USER_ID, collection_in
from countenance.doors.console.routing import page
from countenance.doors.console.told_errors import title_of
from countenance.doors.console.weights import expected_told, small_number
from countenance.errors import (
    ConsentMissing,
    FaceNotFound,
    ImageError,
    NoFaceFound,
    PackNotCalibrated,
    PacksDiffer,
    PolicyForbids,
    UserNotFound,
)
from countenance.operations.weigh_answers import (
    weigh_search_by_face,
    weigh_search_by_picture,
    weigh_search_by_user,
)

if TYPE_CHECKING:
    from starlette.responses import Response

    from countenance.doors.console.pictures import DrawnPicture
    from countenance.doors.console.visit import Visit
    from countenance.errors import CountenanceError
    from countenance.operations.acts import Act
    from countenance.operations.weigh_answers import WeighedAnswer

SIMILARITIES = (
    ("99", N_("Very alike: 1 in 100,000 strangers is")),
    ("90", N_("Alike: about 1 in 11,000 strangers is")),
    ("80", N_("Somewhat alike: 1 in 1,000 strangers is")),
    ("60", N_("Hardly alike: 1 in 100 strangers is")),
)
"""How alike a match must be, as a similarity, and how many strangers are."""

USUAL_SIMILARITY = "99"
MOST_MATCHES = 20
_REFUSALS = (ConsentMissing, PolicyForbids, PacksDiffer, PackNotCalibrated)
_WAYS = {
    "picture": "search_faces_by_image",
    "face": "search_faces",
    "user": "search_users",
}
"""By what is searched for, the operation that does."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is searched for in which collection."""

    collection_id: str
    way: str
    face_id: str
    user_id: str
    similarity: str


async def show(visit: Visit) -> Response:
    """Show the form, filled in where a face or a user was said."""
    face_id, user_id = visit.query.get("face", ""), visit.query.get("user", "")
    way = "face" if face_id else "user" if user_id else "picture"
    return await _form(visit, Asked(collection_in(visit), way, face_id, user_id, USUAL_SIMILARITY))


async def search(visit: Visit) -> Response:
    """Search, and say with each match what it is worth."""
    form = visit.form
    asked = Asked(
        collection_in(visit),
        form.text("way", "picture"),
        form.text("face_id"),
        form.text("user_id"),
        form.text("similarity", USUAL_SIMILARITY),
    )
    problems = _problems(visit, asked)
    if problems:
        return await _form(visit, asked, problems, status=400)
    try:
        answer, picture = await visit.do(lambda act: _searched(visit, act, asked))
    except (ImageError, NoFaceFound) as error:
        told = {"picture": f"{visit.say(title_of(error))}: {error}"}
        return await _form(visit, asked, told, status=400)
    except (FaceNotFound, UserNotFound) as error:
        return await _form(visit, asked, {f"{asked.way}_id": visit.say(title_of(error))}, status=404)
    except _REFUSALS as error:
        return await _form(visit, asked, refused=error, status=403)
    return answered(visit, asked.collection_id, answer, picture, asked)


def answered(
    visit: Visit,
    collection_id: str,
    answer: WeighedAnswer,
    picture: DrawnPicture | None,
    asked: Asked | None = None,
) -> Response:
    """Return the page that shows an answer."""
    matches = [
        (
            match,
            expected_told(match.weight, answer.least_rate),
            picture_address(match.portrait) if match.portrait is not None else None,
        )
        for match in answer.matches
    ]
    return visit.page(
        "collections/answer.html",
        collection_id=collection_id,
        answer=answer,
        asked=asked,
        threshold=expected_told(answer.threshold, answer.least_rate),
        matches=matches,
        most=MOST_MATCHES,
        picture=picture,
        exact=lambda value: small_number(value, visit.language.code),
    )


def similarity_of(text: str) -> float | None:
    """Return a similarity, 0–100, that somebody typed; None where it is none."""
    try:
        similarity = float(text)
    except ValueError:
        return None
    return similarity if math.isfinite(similarity) and 0 <= similarity <= 100 else None


def _searched(visit: Visit, act: Act, asked: Asked) -> tuple[WeighedAnswer, DrawnPicture | None]:
    desk, least = visit.desk, similarity_of(asked.similarity) or 0.0
    rooms = (desk.vision, desk.gallery, act, asked.collection_id)
    if asked.way == "face":
        found = weigh_search_by_face(*rooms, asked.face_id, most=MOST_MATCHES, least_similarity=least)
        return found, None
    if asked.way == "user":
        found = weigh_search_by_user(*rooms, asked.user_id, most=MOST_MATCHES, least_similarity=least)
        return found, None
    upload = visit.form.file("picture")
    assert upload is not None  # noqa: S101 - `_problems` has looked
    taken = Taken(desk, upload)
    found = weigh_search_by_picture(*rooms, taken, most=MOST_MATCHES, least_similarity=least)
    return found, taken.drawn(drawn_faces([found.searched] if found.searched is not None else []))


def _problems(visit: Visit, asked: Asked) -> dict[str, str]:
    problems = {}
    if asked.way not in _WAYS:
        problems["way"] = visit.say(N_("Choose one of these."))
    if asked.way == "picture" and visit.form.file("picture") is None:
        problems["picture"] = visit.say(N_("Choose a picture."))
    if asked.way == "face" and FACE_ID.fullmatch(asked.face_id) is None:
        problems["face_id"] = visit.say(N_("That is no face id; copy it from the page of the face."))
    if asked.way == "user" and USER_ID.fullmatch(asked.user_id) is None:
        problems["user_id"] = visit.say(N_("Nobody can be called that."))
    if similarity_of(asked.similarity) is None:
        problems["similarity"] = visit.say(N_("Give a number from 0 to 100."))
    return problems


async def _form(
    visit: Visit,
    asked: Asked,
    problems: dict[str, str] | None = None,
    *,
    refused: CountenanceError | None = None,
    status: int = 200,
) -> Response:
    collection = await opened(visit, asked.collection_id)
    return visit.page(
        "collections/search.html",
        status,
        collection=collection,
        policy=collection.policy,
        ways=[way for way, operation in _WAYS.items() if visit.may(operation)],
        asked=asked,
        similarities=SIMILARITIES,
        problems=problems or {},
        refused=refused,
        refusal=visit.say(title_of(refused)) if refused is not None else "",
        most_bytes=visit.desk.limits.max_bytes,
    )


_NEEDS = tuple(_WAYS.values())
ROUTES = (
    page("/collections/{collection_id}/search", show, needs=_NEEDS),
    page("/collections/{collection_id}/search", search, methods=("POST",), needs=_NEEDS),
)
