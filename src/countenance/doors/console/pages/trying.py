"""Trying the server on pictures that are not kept: what it sees, how alike two are, who is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.doors.console.marking import N_
from countenance.doors.console.pages.collection_search import (
    MOST_MATCHES,
    SIMILARITIES,
    USUAL_SIMILARITY,
    answered,
    similarity_of,
)
from countenance.doors.console.pictures import Taken, drawn_faces
from countenance.doors.console.places import COLLECTION_ID
from countenance.doors.console.quality_words import LEVELS, REASONS, pose_words
from countenance.doors.console.routing import page
from countenance.doors.console.told_errors import title_of
from countenance.doors.console.weights import rate_told
from countenance.errors import (
    CollectionNotFound,
    ConsentMissing,
    ImageError,
    NoFaceFound,
    PackNotCalibrated,
    PacksDiffer,
    PolicyForbids,
)
from countenance.operations.compare_faces import compare_faces
from countenance.operations.detect_faces import QualityLevel, detect_faces
from countenance.operations.list_collections import list_collections
from countenance.operations.weigh_answers import least_false_match_rate, weigh_search_by_picture

if TYPE_CHECKING:
    from starlette.responses import Response

    from countenance.doors.console.pictures import DrawnPicture
    from countenance.doors.console.visit import Visit
    from countenance.doors.console.weights import Rate
    from countenance.errors import CountenanceError
    from countenance.operations.acts import Act
    from countenance.operations.weigh_answers import WeighedAnswer

_LEVELS = frozenset(level.value for level, _, _ in LEVELS)
_MOST_COLLECTIONS = 200
_REFUSALS = (ConsentMissing, PolicyForbids, PacksDiffer, PackNotCalibrated)


@dataclass(frozen=True, slots=True)
class ComparedFace:
    """A face of the second picture, by its number, and how alike it is to the largest of the first."""

    number: int
    percent: float
    rate: Rate


async def show_see(visit: Visit) -> Response:
    """Show the form for one picture; who may only compare or search is sent there."""
    if not visit.may("detect_faces"):
        return visit.go("/try/compare" if visit.may("compare_faces") else "/try/search")
    return _see(visit)


async def see(visit: Visit) -> Response:
    """Show the faces of a picture, and which of them could be recognised."""
    upload, level = visit.form.file("picture"), visit.form.text("level", QualityLevel.AUTO.value)
    if upload is None:
        return _see(visit, {"picture": visit.say(N_("Choose a picture."))}, 400)
    taken, wanted = Taken(visit.desk, upload), QualityLevel(level if level in _LEVELS else "AUTO")

    def look(act: Act) -> DrawnPicture | None:
        found = detect_faces(visit.desk.vision, act, taken, level=wanted)
        return taken.drawn(drawn_faces(found.faces, found.rejected))

    try:
        picture = await visit.do(look)
    except ImageError as error:
        return _see(visit, {"picture": f"{visit.say(title_of(error))}: {error}"}, 400)
    return _see(visit, {}, 200, picture)


async def show_compare(visit: Visit) -> Response:
    """Show the form for two pictures."""
    return _compare(visit)


async def compare(visit: Visit) -> Response:
    """Compare the largest face of one picture with each face of another."""
    first, second = visit.form.file("first"), visit.form.file("second")
    missing = visit.say(N_("Choose a picture."))
    problems = {name: missing for name, upload in (("first", first), ("second", second)) if upload is None}
    if first is None or second is None:
        return _compare(visit, problems, status=400)
    desk, source, target = visit.desk, Taken(visit.desk, first), Taken(visit.desk, second)

    def look(act: Act) -> tuple[DrawnPicture | None, DrawnPicture | None, list[ComparedFace]]:
        found = compare_faces(desk.vision, act, source, target)
        least = least_false_match_rate(desk.vision)
        compared = [
            ComparedFace(
                number, match.similarity.percent, rate_told(match.similarity.false_match_rate, least)
            )
            for number, match in enumerate(found.matches, 1)
        ]
        faces = drawn_faces([match.face for match in found.matches])
        return source.drawn(drawn_faces([found.source])), target.drawn(faces), compared

    try:
        answer = await visit.do(look)
    except ImageError as error:
        if source.opened and target.opened:  # of one of them the pixels cannot be read
            return _compare(visit, refused=error, status=400)
        name = "second" if source.opened else "first"
        return _compare(visit, {name: f"{visit.say(title_of(error))}: {error}"}, status=400)
    except (NoFaceFound, PackNotCalibrated) as error:
        return _compare(visit, refused=error, status=400)
    return _compare(visit, answer=answer)


async def show_search(visit: Visit) -> Response:
    """Show the form for one picture and a collection."""
    return await _search(visit, "", USUAL_SIMILARITY)


async def search(visit: Visit) -> Response:
    """Search a collection for who is in a picture."""
    form, desk = visit.form, visit.desk
    collection_id, typed = form.text("collection_id"), form.text("similarity", USUAL_SIMILARITY)
    upload, least = form.file("picture"), similarity_of(typed)
    problems = {}
    if COLLECTION_ID.fullmatch(collection_id) is None:
        problems["collection_id"] = visit.say(N_("Choose a collection."))
    if upload is None:
        problems["picture"] = visit.say(N_("Choose a picture."))
    if least is None:
        problems["similarity"] = visit.say(N_("Give a number from 0 to 100."))
    if upload is None or least is None or problems:
        return await _search(visit, collection_id, typed, problems, status=400)
    taken = Taken(desk, upload)

    def look(act: Act) -> tuple[WeighedAnswer, DrawnPicture | None]:
        found = weigh_search_by_picture(
            desk.vision, desk.gallery, act, collection_id, taken, most=MOST_MATCHES, least_similarity=least
        )
        return found, taken.drawn(drawn_faces([found.searched] if found.searched is not None else []))

    try:
        answer, picture = await visit.do(look)
    except (ImageError, NoFaceFound) as error:
        told = {"picture": f"{visit.say(title_of(error))}: {error}"}
        return await _search(visit, collection_id, typed, told, status=400)
    except CollectionNotFound as error:
        told = {"collection_id": visit.say(title_of(error))}
        return await _search(visit, collection_id, typed, told, status=404)
    except _REFUSALS as error:
        return await _search(visit, collection_id, typed, refused=error, status=403)
    return answered(visit, collection_id, answer, picture)


def _see(
    visit: Visit,
    problems: dict[str, str] | None = None,
    status: int = 200,
    picture: DrawnPicture | None = None,
) -> Response:
    faces = picture.faces if picture is not None else ()
    return visit.page(
        "try/see.html",
        status,
        picture=picture,
        poses={each.number: pose_words(each.face.pose) for each in faces},
        reasons=REASONS,
        levels=LEVELS,
        level=visit.form.text("level", QualityLevel.AUTO.value),
        problems=problems or {},
        most_bytes=visit.desk.limits.max_bytes,
    )


def _compare(
    visit: Visit,
    problems: dict[str, str] | None = None,
    *,
    refused: CountenanceError | None = None,
    answer: tuple[DrawnPicture | None, DrawnPicture | None, list[ComparedFace]] | None = None,
    status: int = 200,
) -> Response:
    return visit.page(
        "try/compare.html",
        status,
        problems=problems or {},
        refused=refused,
        refusal=visit.say(title_of(refused)) if refused is not None else "",
        answer=answer,
        most_bytes=visit.desk.limits.max_bytes,
    )


async def _search(
    visit: Visit,
    collection_id: str,
    similarity: str,
    problems: dict[str, str] | None = None,
    *,
    refused: CountenanceError | None = None,
    status: int = 200,
) -> Response:
    known = []
    if visit.may("list_collections"):
        found = await visit.do(lambda act: list_collections(visit.desk.gallery, act, most=_MOST_COLLECTIONS))
        known = [each.collection_id for each in found.items]
    return visit.page(
        "try/search.html",
        status,
        collections=known,
        collection_id=collection_id,
        similarity=similarity,
        similarities=SIMILARITIES,
        problems=problems or {},
        refused=refused,
        refusal=visit.say(title_of(refused)) if refused is not None else "",
        most_bytes=visit.desk.limits.max_bytes,
    )


ROUTES = (
    page("/try", show_see, needs=("detect_faces", "compare_faces", "search_faces_by_image")),
    page("/try", see, methods=("POST",), needs=("detect_faces",)),
    page("/try/compare", show_compare, needs=("compare_faces",)),
    page("/try/compare", compare, methods=("POST",), needs=("compare_faces",)),
    page("/try/search", show_search, needs=("search_faces_by_image",)),
    page("/try/search", search, methods=("POST",), needs=("search_faces_by_image",)),
)
