"""Look through a video of a bucket, by a job, and see when people or faces appear in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from countenance.doors.console.buckets import buckets_of
from countenance.doors.console.choosing import collections_offered
from countenance.doors.console.marking import N_
from countenance.doors.console.paths import PREFIX, at
from countenance.doors.console.routing import page
from countenance.doors.console.told_errors import belongs_in_form
from countenance.doors.console.visit import PAGE_SIZE
from countenance.doors.console.weights import rate_told
from countenance.doors.statuses import status_of
from countenance.doors.timelines import clock, merged_bars, span_in_words, ticks_of
from countenance.errors import CountenanceError
from countenance.images.sources import StoredObject
from countenance.operations.pages import Page
from countenance.operations.videos.start_jobs import start_face_detection_in_video, start_face_search_in_video
from countenance.operations.videos.timeline import show_detection_timeline, show_search_timeline
from countenance.operations.videos.values import JobState, VideoAsked

if TYPE_CHECKING:
    from starlette.responses import Response

    from countenance.doors.console.visit import Visit
    from countenance.doors.console.weights import Rate
    from countenance.doors.timelines import Bar
    from countenance.operations.search_faces import FaceMatch
    from countenance.operations.videos.timeline import SeenPerson, VideoTimeline

_FACES = "faces"
_FIELDS = ("what", "collection", "bucket", "name", "similarity")
_LEAST_SIMILARITY = 80
_MOST_SPANS = 12
_MOST_OTHERS = 4
_SHOWN_OF_AN_ID = 8


@dataclass(frozen=True, slots=True)
class ShownMatch:
    """Whose face somebody's is like: the page of the face, the similarity and what it is worth.

    ``name`` is that of the user, else the external image id, else nothing but the beginning of the face's id.
    """

    name: str
    is_named: bool
    href: str
    percent: float
    rate: Rate


@dataclass(frozen=True, slots=True)
class ShownRow:
    """Somebody, or a face, on a timeline.

    Attributes:
        number: counts them from 1.
        best: whom they are most like; None where nobody is known.
        others: whom else.
        bars: when they are seen, to be drawn.
        when: the same in words.
        more: how many spans are not told in words.
        seen_for: how long in all, in words.
    """

    number: int
    best: ShownMatch | None
    others: tuple[ShownMatch, ...]
    bars: tuple[Bar, ...]
    when: tuple[str, ...]
    more: int
    seen_for: str


async def ask(visit: Visit) -> Response:
    """Show the form."""
    return await _form(visit, {"collection": visit.query.get("collection", "")})


async def start(visit: Visit) -> Response:
    """Queue the job."""
    form = visit.form
    given = {name: form.text(name) for name in _FIELDS}
    problems = _problems(visit, given)
    if problems:
        return await _form(visit, given, problems, status=422)
    rooms, asked = visit.desk.videos, VideoAsked(StoredObject(given["bucket"], given["name"]))
    try:
        if given["what"] == _FACES:
            job_id = await visit.do(lambda act: start_face_detection_in_video(rooms, act, asked))
        else:
            least = float(given["similarity"] or _LEAST_SIMILARITY)
            job_id = await visit.do(
                lambda act: start_face_search_in_video(
                    rooms, act, given["collection"], asked, least_similarity=least
                )
            )
    except CountenanceError as error:
        if not belongs_in_form(error):
            raise
        return await _form(visit, given, {"": str(error)}, status_of(error))
    return visit.go(f"/jobs/{job_id}", done="started")


async def show_people(visit: Visit) -> Response:
    """Show when the people of a video are seen, and who they are like."""
    job_id, paging = _id(visit), visit.paging("video_people", job=_id(visit))
    store = visit.desk.videos.store
    found = await visit.do(
        lambda act: show_search_timeline(store, act, job_id, most=PAGE_SIZE, after=paging.position)
    )
    return _timeline(visit, found, paging.next_of(Page([], found.next_after)), of_people=True)


async def show_faces(visit: Visit) -> Response:
    """Show when the faces of a video are seen."""
    job_id, paging = _id(visit), visit.paging("video_faces", job=_id(visit))
    store = visit.desk.videos.store
    found = await visit.do(
        lambda act: show_detection_timeline(store, act, job_id, most=PAGE_SIZE, after=paging.position)
    )
    return _timeline(visit, found, paging.next_of(Page([], found.next_after)), of_people=False)


def _timeline(visit: Visit, found: VideoTimeline, following: str | None, *, of_people: bool) -> Response:
    if found.job.state is not JobState.SUCCEEDED:
        return visit.go(f"/jobs/{found.job.job_id}")
    whole_ms, parameters = max(found.length_ms, 1), found.job.asked.parameters
    return visit.page(
        "videos/timeline.html",
        job=found.job,
        video=f"{parameters['bucket']}/{parameters['name']}",
        facts=found.facts,
        length=clock(round(found.length_ms / 1000)),
        damage=found.damage,
        rows=[_row(visit, each, found, whole_ms) for each in found.people],
        ticks=ticks_of(whole_ms),
        count=found.count,
        withheld=found.withheld,
        of_people=of_people,
        least=parameters.get("least_similarity"),
        next=following,
    )


def _row(visit: Visit, person: SeenPerson, found: VideoTimeline, whole_ms: int) -> ShownRow:
    collection_id = found.job.asked.collection_id or ""
    by_name: dict[str, ShownMatch] = {}
    for match in person.matches:
        shown = _match(visit, collection_id, match)
        if shown.is_named or not by_name:  # beside a name, others without one only make it harder to read
            by_name.setdefault(shown.name, shown)
    like = list(by_name.values())
    return ShownRow(
        number=person.number,
        best=like[0] if like else None,
        others=tuple(like[1 : 1 + _MOST_OTHERS]),
        bars=tuple(merged_bars(person.spans, whole_ms)),
        when=tuple(map(span_in_words, person.spans[:_MOST_SPANS])),
        more=max(0, len(person.spans) - _MOST_SPANS),
        seen_for=_length(visit, person.seen_ms),
    )


def _match(visit: Visit, collection_id: str, match: FaceMatch) -> ShownMatch:
    face, similarity = match.face, match.similarity
    name = face.user_id or face.external_image_id
    least = visit.desk.vision.calibration.false_match_rates[-1]
    return ShownMatch(
        name=name or face.face_id[:_SHOWN_OF_AN_ID],
        is_named=name is not None,
        href=f"{PREFIX}{at('collections', collection_id, 'faces', face.face_id)}",
        percent=similarity.percent,
        rate=rate_told(similarity.false_match_rate, least),
    )


def _length(visit: Visit, milliseconds: int) -> str:
    if milliseconds < 60_000:
        return visit.say(N_("%(count)s s"), count=visit.language.number(milliseconds / 1000, 1))
    return clock(round(milliseconds / 1000))


def _problems(visit: Visit, given: dict[str, str]) -> dict[str, str]:
    """Return what is wrong with fields, by name."""
    needed = ["bucket", "name"] if given["what"] == _FACES else ["collection", "bucket", "name"]
    problems = {name: visit.say(N_("Please fill this in.")) for name in needed if not given[name]}
    try:
        fits = 0 <= float(given["similarity"] or _LEAST_SIMILARITY) <= 100
    except ValueError:
        fits = False
    if not fits:
        problems["similarity"] = visit.say(N_("Please give a number from 0 to 100."))
    return problems


async def _form(
    visit: Visit, given: dict[str, str], problems: dict[str, str] | None = None, status: int = 200
) -> Response:
    may_search = visit.may("start_face_search")
    given = dict.fromkeys(_FIELDS, "") | given
    values: dict[str, Any] = {"given": given, "problems": problems or {}, "may_search": may_search}
    return visit.page(
        "videos/new.html",
        status,
        collections=await collections_offered(visit) if may_search else [],
        buckets=buckets_of(visit),
        least=_LEAST_SIMILARITY,
        **values,
    )


def _id(visit: Visit) -> str:
    return str(visit.http.path_params["job_id"])


_START = ("start_face_search", "start_face_detection")
ROUTES = (
    page("/videos/new", ask, needs=_START),
    page("/videos/new", start, methods=("POST",), needs=_START),
    page("/videos/{job_id}/people", show_people, needs=("get_face_search",)),
    page("/videos/{job_id}/faces", show_faces, needs=("get_face_detection",)),
)
