"""Tell the people of a video apart, and look for each of them in a collection."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from countenance.errors import CollectionNotFound
from countenance.operations.probes import require_pack
from countenance.operations.videos.matching import matches_of_track
from countenance.operations.videos.people_seen import Unnamed, followed_face
from countenance.operations.videos.steps import SEARCHING, as_video_writer, step
from countenance.operations.videos.values import TrackMatch
from countenance.video.people import Appearing, people_of

if TYPE_CHECKING:
    from countenance.gallery.values import Collection
    from countenance.governance import GovernanceWriter
    from countenance.jobs.run import JobRun
    from countenance.operations.acts import Act
    from countenance.operations.search_faces import FaceMatch
    from countenance.operations.videos.rooms import VideoRooms
    from countenance.operations.videos.seen import FollowedFace
    from countenance.operations.videos.steps import Reached
    from countenance.operations.videos.values import TrackEntry

_MOST_MATCHES = 80


def tell_people_apart(rooms: VideoRooms, run: JobRun, reached: Reached) -> Reached:
    """Number the people of a video, from 0, in the order in which they first appear.

    Raises:
        NotPermitted, JobStopped, JobLost: as `steps.step`.
        PackNotCalibrated: the pack cannot say what a score means.
    """
    entries, faces = _faces(rooms, run)
    numbers = people_of(
        [
            Appearing(entry.begin_ms, entry.end_ms, face.template, face.quality)
            for entry, face in zip(entries, faces, strict=True)
        ],
        rooms.vision.calibration,
    )
    people = {entry.key: number for entry, number in zip(entries, numbers, strict=True)}
    reached = replace(reached, phase=SEARCHING, person=0)
    with step(rooms, run) as act:
        act.note(people=len(set(numbers)))
        with act.recording() as records:
            writer = as_video_writer(records)
            writer.name_people(people)
            reached.keep(writer, run)
    return reached


def search_people(rooms: VideoRooms, run: JobRun, reached: Reached) -> Reached:
    """Look for each person who was not yet looked for; each is a search, with an entry, of its own.

    Raises:
        NotPermitted, JobStopped, JobLost: as `steps.step`.
        CollectionNotFound: the collection is not there any more.
        PacksDiffer, PackNotCalibrated: as `search_faces`.
    """
    entries, faces = _faces(rooms, run)
    tracks: defaultdict[int, list[tuple[TrackEntry, FollowedFace]]] = defaultdict(list)
    for entry, face in zip(entries, faces, strict=True):
        if entry.person is not None and entry.person >= reached.person:
            tracks[entry.person].append((entry, face))
    for number in sorted(tracks):
        reached = replace(reached, person=number + 1)
        person = Unnamed(tuple(face for _, face in tracks[number]))
        with step(rooms, run) as act:
            act.note(person=number)
            act.alongside(partial(_keep, run, reached))
            matches = _matches(rooms, run, act, person)
            if act.review_id is None:
                with act.recording() as records:
                    kept = [
                        TrackMatch(entry.key, match.face.key, match.similarity)
                        for entry, _ in tracks[number]
                        for match in matches
                    ]
                    as_video_writer(records).add_track_matches(kept)
    return reached


def _keep(run: JobRun, reached: Reached, records: GovernanceWriter) -> None:
    reached.keep(as_video_writer(records), run)


def _matches(rooms: VideoRooms, run: JobRun, act: Act, person: Unnamed) -> list[FaceMatch]:
    template = person.template
    if template is None:
        return []
    return matches_of_track(
        rooms.vision,
        rooms.gallery,
        act,
        _collection(rooms, run),
        template,
        person.portrait,
        most=_MOST_MATCHES,
        least_similarity=run.job.asked.parameters["least_similarity"],
    )


def _collection(rooms: VideoRooms, run: JobRun) -> Collection:
    """Return the collection; one of the same name that was made since is another."""
    with rooms.store.reading() as reader:
        collection = reader.collection(str(run.job.asked.collection_id))
        if reader.video(run.job).collection_key != collection.key:
            raise CollectionNotFound(f"the collection {collection.collection_id} was deleted and made again")
    require_pack(rooms.vision, collection)
    return collection


def _faces(rooms: VideoRooms, run: JobRun) -> tuple[list[TrackEntry], list[FollowedFace]]:
    """Return all tracks that there are, with what is needed to tell whose they are."""
    with rooms.store.reading() as reader:
        entries = reader.tracks(run.job)
        opened = [reader.open_track(run.job, entry) for entry in entries]
    faces = [followed_face(track) for track in opened if track is not None]
    return entries, faces
