"""Read what a video job found, page by page; who asked for the job may, and administrators.

What was erased is not there any more, and what may not be used now is left out, whatever was found earlier.
"""

from __future__ import annotations

import enum
import heapq
from itertools import chain, count, groupby, islice
from typing import TYPE_CHECKING

from countenance.errors import JobNotFound
from countenance.jobs.values import JobState
from countenance.operations.answers import must_review
from countenance.operations.search_faces import FaceMatch
from countenance.operations.usable import usable_faces
from countenance.operations.videos.start_jobs import DETECTION, SEARCH
from countenance.operations.videos.values import SeenFace, VideoResults

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from countenance.jobs.values import Job
    from countenance.operations.acts import Act
    from countenance.operations.videos.ports import VideoReader, VideoStore
    from countenance.operations.videos.values import TrackEntry
    from countenance.video.values import Sighting

    Matches = dict[int, tuple[FaceMatch, ...]]

MOST_OF_A_PAGE = 1000
# A position is a person's number, a time and a track's number, so that nothing is left out or comes twice
# where tracks are erased between two pages.
_FIELD_BITS = 40


class Order(enum.Enum):
    """How faces are sorted: by when they are seen, or by whose they are."""

    TIME = "time"
    PERSON = "person"


def get_face_detection_in_video(
    store: VideoStore, act: Act, job_id: str, *, most: int, after: int = 0
) -> VideoResults:
    """Return a page of the faces that a job found, by time.

    Args:
        store: the results.
        act: who asks.
        job_id: which job.
        most: how many faces the page may have, at least 1; more than 1,000 are never returned.
        after: the position after which the page begins, 0 for the first.

    Raises:
        NotPermitted: the caller's key does not allow it.
        JobNotFound: there is no such job, it is somebody else's, or its results were kept long enough.
    """
    with store.reading() as reader:
        job = detection_job(reader, act, job_id)
        video = reader.video(job)
        if job.state is not JobState.SUCCEEDED:
            return VideoResults(job, None, "", [], None, None)
        tracks = reader.tracks(job, ending_from_ms=_fields(after)[1])
        seen = _page(_merged(reader, job, tracks, after), {}, most)
    return VideoResults(job, video.facts, video.damage, *seen, None)


def get_face_search_in_video(
    store: VideoStore, act: Act, job_id: str, *, order: Order, most: int, after: int = 0
) -> VideoResults:
    """Return a page of the people that a job saw, and whose faces theirs are like; for more see above.

    Where people must review matches, none are told here.

    Raises:
        NotPermitted: the caller's key does not allow it.
        JobNotFound: there is no such job, it is somebody else's, or its results were kept long enough.
    """
    with store.reading() as reader:
        job = search_job(reader, act, job_id)
        video = reader.video(job)
        if job.state is not JobState.SUCCEEDED:
            return VideoResults(job, None, "", [], None, None)
        collection = reader.collection(str(job.asked.collection_id))
        person, time_ms, _ = _fields(after)
        if order is Order.TIME:
            tracks = reader.tracks(job, ending_from_ms=time_ms)
        else:
            tracks = reader.tracks(job, person_from=person)
        shown, matches = usable_matches(reader, act, job, tracks)
        if order is Order.TIME:
            merged = _merged(reader, job, shown, after)
        else:
            merged = chain.from_iterable(
                _merged(reader, job, list(theirs), after, by_person=True)
                for _, theirs in groupby(shown, lambda track: track.person)
            )
        seen = _page(merged, matches, most)
    return VideoResults(job, video.facts, video.damage, *seen, collection.pack)


def detection_job(reader: VideoReader, act: Act, job_id: str) -> Job:
    """Return the job of a face detection whose results the caller may have.

    Raises:
        NotPermitted: the caller's key does not allow it.
        JobNotFound: there is no such job, or it is somebody else's, of whom the caller learns nothing.
    """
    found = _found_job(reader, act, DETECTION, job_id)
    act.permit("get_face_detection")
    return _required_job(found, act, job_id)


def search_job(reader: VideoReader, act: Act, job_id: str) -> Job:
    """Return the job of a face search whose results the caller may have; for more see above."""
    found = _found_job(reader, act, SEARCH, job_id)
    act.permit("get_face_search", found.asked.collection_id if found is not None else None)
    return _required_job(found, act, job_id)


def _found_job(reader: VideoReader, act: Act, kind: str, job_id: str) -> Job | None:
    """Return a job of a kind that the caller asked for, or any where the caller is an administrator."""
    try:
        job = reader.job(job_id)
    except JobNotFound:
        return None
    own = act.caller.administrator or job.asked.asked_by == act.caller.key_id
    return job if own and job.asked.kind == kind else None


def _required_job(found: Job | None, act: Act, job_id: str) -> Job:
    """Return the job; raises JobNotFound."""
    if found is None:
        raise JobNotFound(f"there is no job {job_id} of this kind")
    act.note(job=job_id)
    return found


def usable_matches(
    reader: VideoReader, act: Act, job: Job, tracks: Sequence[TrackEntry]
) -> tuple[list[TrackEntry], Matches]:
    """Return the tracks that may be shown, and the matches of each that may be told.

    A track all of whose matches are of people who may not be found now is left out: it will be erased.
    """
    collection = reader.collection(str(job.asked.collection_id))
    found = reader.track_matches([track.key for track in tracks])
    faces = reader.faces_by_key(collection, list({match.face_key for match in found}))
    pick = usable_faces(act, collection)
    usable = faces if pick is None else {face.key: face for face in pick(reader, list(faces.values()))}
    by_track: dict[int, list[FaceMatch]] = {}
    for match in found:
        theirs = by_track.setdefault(match.track_key, [])
        if match.face_key in usable:
            theirs.append(FaceMatch(usable[match.face_key], match.similarity))
    shown = [track for track in tracks if by_track.get(track.key, [None])]
    if must_review(act):
        return shown, {}
    return shown, {key: tuple(matches) for key, matches in by_track.items()}


def _merged(
    reader: VideoReader,
    job: Job,
    tracks: Iterable[TrackEntry],
    after: int,
    *,
    by_person: bool = False,
) -> Iterator[tuple[int, TrackEntry, Sighting]]:
    """Yield sightings by time with their positions; a track is opened only when its time has come."""
    waiting: list[tuple[int, int, TrackEntry, Sighting]] = []
    arrivals = count()
    for track in tracks:
        while waiting and waiting[0][3].timestamp_ms < track.begin_ms:
            position, _, owner, sighting = heapq.heappop(waiting)
            yield position, owner, sighting
        for sighting in reader.sightings(job, track):
            person = (track.person or 0) if by_person else 0
            position = _position(person, sighting.timestamp_ms, track.place)
            if position > after:
                heapq.heappush(waiting, (position, next(arrivals), track, sighting))
    while waiting:
        position, _, owner, sighting = heapq.heappop(waiting)
        yield position, owner, sighting


def _page(
    found: Iterator[tuple[int, TrackEntry, Sighting]], matches: Matches, most: int
) -> tuple[list[SeenFace], int | None]:
    most = min(most, MOST_OF_A_PAGE)
    items = list(islice(found, most + 1))
    seen = [SeenFace(sighting, track.person, matches.get(track.key, ())) for _, track, sighting in items]
    return seen[:most], items[most - 1][0] if len(items) > most else None


def _position(person: int, time_ms: int, place: int) -> int:
    return ((person << _FIELD_BITS) + time_ms << _FIELD_BITS) + place + 1


def _fields(position: int) -> tuple[int, int, int]:
    rest, place = divmod(position, 1 << _FIELD_BITS)
    person, time_ms = divmod(rest, 1 << _FIELD_BITS)
    return person, time_ms, place
