"""Enrolling from a file: whose face it is, and what became of each face of the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.doors.console.galleries import opened
from countenance.doors.console.marking import N_
from countenance.doors.console.pictures import Taken, drawn_faces
from countenance.doors.console.places import EXTERNAL_ID, collection_in
from countenance.doors.console.policy_words import LINES
from countenance.doors.console.quality_words import LEVELS, REASONS
from countenance.doors.console.routing import page
from countenance.doors.console.told_errors import title_of
from countenance.errors import ConsentMissing, GalleryFull, ImageError, PacksDiffer, PolicyForbids
from countenance.operations.detect_faces import QualityLevel
from countenance.operations.index_faces import index_faces

if TYPE_CHECKING:
    from starlette.responses import Response

    from countenance.doors.console.pictures import DrawnPicture
    from countenance.doors.console.visit import Visit
    from countenance.errors import CountenanceError
    from countenance.operations.acts import Act
    from countenance.operations.index_faces import IndexedFaces

_LEVELS = frozenset(level.value for level, _, _ in LEVELS)
_SOURCES = frozenset(choice.value for choice in LINES["source"].choices)


async def show(visit: Visit) -> Response:
    """Show the form."""
    return await _form(visit, visit.query.get("external_id", ""))


async def enrol(visit: Visit) -> Response:
    """Enrol the faces of a picture, and show what became of each."""
    collection_id, external_id = collection_in(visit), visit.form.text("external_id")
    upload, source, level = visit.form.file("picture"), visit.form.text("source"), visit.form.text("level")
    problems = {}
    if external_id and EXTERNAL_ID.fullmatch(external_id) is None:
        problems["external_id"] = visit.say(
            N_("Use letters, digits, dots, hyphens, colons and underscores only, at most 255.")
        )
    if upload is None:
        problems["picture"] = visit.say(N_("Choose a picture."))
    if source and source not in _SOURCES:
        problems["source"] = visit.say(N_("Choose one of these."))
    if upload is None or problems:
        return await _form(visit, external_id, problems, status=400)
    desk, taken = visit.desk, Taken(visit.desk, upload)

    def index(act: Act) -> tuple[IndexedFaces, DrawnPicture | None]:
        found = index_faces(
            desk.vision,
            desk.gallery,
            desk.identifiers,
            act,
            collection_id,
            taken,
            external_image_id=external_id or None,
            source=source or None,
            most=None if visit.form.text("faces") == "all" else 1,
            level=QualityLevel(level) if level in _LEVELS else QualityLevel.AUTO,
        )
        return found, taken.drawn(drawn_faces([face for _, face in found.enrolled], found.rejected))

    try:
        indexed, picture = await visit.do(index)
    except ImageError as error:
        told = {"picture": f"{visit.say(title_of(error))}: {error}"}
        return await _form(visit, external_id, told, status=400)
    except (ConsentMissing, PolicyForbids, PacksDiffer, GalleryFull) as error:
        return await _form(visit, external_id, refused=error, status=403)
    return visit.page(
        "faces/enrolled.html",
        collection_id=collection_id,
        external_id=external_id,
        indexed=indexed,
        picture=picture,
        reasons=REASONS,
    )


async def _form(
    visit: Visit,
    external_id: str,
    problems: dict[str, str] | None = None,
    *,
    refused: CountenanceError | None = None,
    status: int = 200,
) -> Response:
    collection = await opened(visit, collection_in(visit))
    policy = collection.policy
    sources = [
        choice
        for choice in LINES["source"].choices
        if policy is None or choice.value in {each.value for each in policy.sources}
    ]
    usual = policy.source.value if policy is not None else ""
    form = visit.form
    return visit.page(
        "faces/enrol.html",
        status,
        collection=collection,
        policy=policy,
        sources=sources,
        source=form.text("source", usual),
        levels=LEVELS,
        level=form.text("level", QualityLevel.AUTO.value),
        faces=form.text("faces", "one"),
        external_id=external_id,
        problems=problems or {},
        refused=refused,
        refusal=visit.say(title_of(refused)) if refused is not None else "",
        needs_consent=isinstance(refused, ConsentMissing),
        most_bytes=visit.desk.limits.max_bytes,
    )


ROUTES = (
    page("/collections/{collection_id}/enrol", show, needs=("index_faces",)),
    page("/collections/{collection_id}/enrol", enrol, methods=("POST",), needs=("index_faces",)),
)
