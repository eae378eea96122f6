"""When people are seen in a stored video, and who they are like: the answer of a job as a timeline.

It is made of tracks alone, of which nothing has to be opened: hours of video are told in a moment. Who may
read it, what was erased, and what may not be used now are as for the pages of `get_results`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.jobs.values import JobState
from countenance.operations.answers import must_review
from countenance.operations.videos.get_results import detection_job, search_job, usable_matches
from countenance.video.timeline import joined_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from countenance.jobs.values import Job
    from countenance.operations.acts import Act
    from countenance.operations.search_faces import FaceMatch
    from countenance.operations.videos.ports import VideoStore
    from countenance.operations.videos.values import TrackEntry
    from countenance.video.timeline import Presence
    from countenance.video.values import VideoFacts

MOST_PEOPLE = 100
"""How many people, or faces, a part of a timeline has at most."""


@dataclass(frozen=True, slots=True)
class SeenPerson:
    """Somebody who is seen in a video.

    Attributes:
        number: counts people from 1, in the order in which they first appear; or faces, where people were not
            told apart.
        spans: when they are seen, by beginning.
        matches: the enrolled faces that theirs are like, most similar first.
    """

    number: int
    spans: tuple[Presence, ...]
    matches: tuple[FaceMatch, ...]

    @property
    def seen_ms(self) -> int:
        """For how long they are seen, in all."""
        return sum(span.length_ms for span in self.spans)


@dataclass(frozen=True, slots=True)
class VideoTimeline:
    """A part of a video's timeline.

    Attributes:
        job: the job; where it has not succeeded, nobody was seen yet.
        facts: what the video says of itself, None where it was not opened, or the job goes on.
        damage: what of it could not be read, in words; empty where all could.
        length_ms: how long the video is, or, where it does not say so, when the last face is seen.
        people: the part's people, or faces, in the order in which they first appear.
        count: how many there are in all.
        next_after: the number after which the next part begins, None at the end.
        pack: whose templates were compared, None where none were.
        withheld: whether people must review matches, so that none is told here.
    """

    job: Job
    facts: VideoFacts | None
    damage: str
    length_ms: int
    people: tuple[SeenPerson, ...]
    count: int
    next_after: int | None
    pack: str | None
    withheld: bool


def show_search_timeline(
    store: VideoStore, act: Act, job_id: str, *, most: int, after: int = 0
) -> VideoTimeline:
    """Return when the people of a video are seen, and whose faces theirs are like.

    Args:
        store: the results.
        act: who asks.
        job_id: which job.
        most: how many people the part may have; more than 100 are never returned.
        after: the number after which the part begins, 0 for the first.

    Raises:
        NotPermitted: the caller's key does not allow it.
        JobNotFound: there is no such job, it is somebody else's, or its results were kept long enough.
    """
    with store.reading() as reader:
        job = search_job(reader, act, job_id)
        video = reader.video(job)
        if job.state is not JobState.SUCCEEDED:
            return VideoTimeline(job, None, "", 0, (), 0, None, None, withheld=False)
        collection = reader.collection(str(job.asked.collection_id))
        shown, matches = usable_matches(reader, act, job, reader.tracks(job, person_from=0))
        withheld = must_review(act)
    by_person: defaultdict[int, list[TrackEntry]] = defaultdict(list)
    for track in shown:
        by_person[track.person or 0].append(track)
    rows = sorted(by_person.values(), key=lambda tracks: (tracks[0].begin_ms, tracks[0].place))

    def told(tracks: Sequence[TrackEntry]) -> tuple[FaceMatch, ...]:
        best: dict[int, FaceMatch] = {}
        for match in (match for track in tracks for match in matches.get(track.key, ())):
            best.setdefault(match.face.key, match)
        return tuple(sorted(best.values(), key=lambda match: -match.similarity.percent))

    part, following = _part(rows, most, after)
    people = tuple(SeenPerson(number, _spans(tracks), told(tracks)) for number, tracks in part)
    length_ms = _length_ms(video.facts, shown)
    return VideoTimeline(
        job, video.facts, video.damage, length_ms, people, len(rows), following, collection.pack, withheld
    )


def show_detection_timeline(
    store: VideoStore, act: Act, job_id: str, *, most: int, after: int = 0
) -> VideoTimeline:
    """Return when each face of a video is seen; nobody is told apart. For more see above.

    Raises:
        NotPermitted: the caller's key does not allow it.
        JobNotFound: there is no such job, it is somebody else's, or its results were kept long enough.
    """
    with store.reading() as reader:
        job = detection_job(reader, act, job_id)
        video = reader.video(job)
        if job.state is not JobState.SUCCEEDED:
            return VideoTimeline(job, None, "", 0, (), 0, None, None, withheld=False)
        tracks = reader.tracks(job)
    part, following = _part([[track] for track in tracks], most, after)
    faces = tuple(SeenPerson(number, _spans(rows), ()) for number, rows in part)
    length_ms = _length_ms(video.facts, tracks)
    return VideoTimeline(
        job, video.facts, video.damage, length_ms, faces, len(tracks), following, None, withheld=False
    )


def _part(
    rows: Sequence[list[TrackEntry]], most: int, after: int
) -> tuple[list[tuple[int, list[TrackEntry]]], int | None]:
    end = after + min(most, MOST_PEOPLE)
    return list(enumerate(rows[after:end], after + 1)), end if end < len(rows) else None


def _spans(tracks: Iterable[TrackEntry]) -> tuple[Presence, ...]:
    return tuple(joined_spans(0, [(track.begin_ms, track.end_ms) for track in tracks]))


def _length_ms(facts: VideoFacts | None, tracks: Sequence[TrackEntry]) -> int:
    last = max((track.end_ms for track in tracks), default=0)
    return max(last, (facts.duration_ms or 0) if facts is not None else 0)
