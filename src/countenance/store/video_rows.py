"""The rows of tracks: what is sealed of them, and how they go, with the keys of what they held."""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict, astuple
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import delete, select

from countenance.errors import TemplateBroken
from countenance.faces import Box, Face, Landmarks, Pose, Quality
from countenance.store.rows import in_parts
from countenance.store.subject_rows import bury
from countenance.store.video_tables import video_matches, video_tracks
from countenance.video.values import Sighting, VideoFacts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection

    from countenance.video.values import Track

_VERSION = 1
# Coordinates in hundredths of a pixel, measures of 0–100 in hundredths: far finer than they are measured.
_DECIMALS = 2


def packed_sightings(track: Track) -> bytes:
    """Return a track's sightings, and which of them is the best, as compressed JSON."""
    best = track.sightings.index(track.best)
    seen = [_numbers(sighting) for sighting in track.sightings]
    return zlib.compress(json.dumps([_VERSION, best, seen], separators=(",", ":")).encode())


def unpacked_sightings(content: bytes) -> tuple[tuple[Sighting, ...], int]:
    """Return sightings, and which of them is the best; raises TemplateBroken."""
    try:
        version, best, seen = json.loads(zlib.decompress(content))
        if version != _VERSION:
            raise TemplateBroken("a stored track was written by a newer version of this program")
        return tuple(_sighting(numbers) for numbers in seen), int(best)
    except (ValueError, TypeError, zlib.error):
        raise TemplateBroken("a stored track cannot be read") from None


def track_data(job_id: str, place: int, part: str) -> bytes:
    """Return what a part of a track is bound to."""
    return f"track\n{job_id}\n{place}\n{part}".encode()


def facts_as_text(facts: VideoFacts) -> str:
    """Return what a video says of itself as JSON."""
    return json.dumps(asdict(facts))


def facts_of_text(text: str | None) -> VideoFacts | None:
    """Return what a video says of itself, None where nothing is known yet."""
    return VideoFacts(**json.loads(text)) if text is not None else None


def forget_matches(connection: Connection, face_keys: Sequence[int]) -> bool:
    """Take faces that are erased out of what was found in videos.

    A track none of whose matches is left shows nobody who is still here: it is deleted. Returns whether keys
    of tracks are to be destroyed.
    """
    buried = False
    for part in in_parts(face_keys):
        theirs = video_matches.c.face_key.in_(part)
        query = select(video_matches.c.track_key).where(theirs).distinct()
        touched = list(connection.execute(query).scalars())
        connection.execute(delete(video_matches).where(theirs))
        for tracks in in_parts(touched):
            matched = select(video_matches.c.track_key).where(video_matches.c.track_key.in_(tracks))
            alone = video_tracks.c.key.in_(tracks) & video_tracks.c.key.not_in(matched)
            buried |= delete_tracks_where(connection, alone) > 0
    return buried


def delete_tracks_where(connection: Connection, where: ColumnElement[bool]) -> int:
    """Delete tracks with their matches, and note their keys as to be destroyed; returns how many."""
    leaves = _deleted(connection, where)
    bury(connection, leaves)
    return len(leaves)


def forget_tracks(connection: Connection, keys: Sequence[int]) -> None:
    """Delete tracks with their matches, whose data keys are destroyed already."""
    for part in in_parts(keys):
        _deleted(connection, video_tracks.c.key.in_(part))


def _deleted(connection: Connection, where: ColumnElement[bool]) -> list[int]:
    these = select(video_tracks.c.key).where(where)
    connection.execute(delete(video_matches).where(video_matches.c.track_key.in_(these)))
    gone = delete(video_tracks).where(where).returning(video_tracks.c.leaf)
    return list(connection.execute(gone).scalars())


def _numbers(sighting: Sighting) -> list[float]:
    face = sighting.face
    measures = (
        *astuple(face.box),
        *face.landmarks.to_array().ravel().tolist(),
        face.confidence,
        *astuple(face.pose),
        *astuple(face.quality),
    )
    return [sighting.timestamp_ms, *(round(float(each), _DECIMALS) for each in measures)]


def _sighting(numbers: list[float]) -> Sighting:
    timestamp_ms, box, points = numbers[0], numbers[1:5], numbers[5:15]
    confidence, pose, quality = numbers[15], numbers[16:19], numbers[19:]
    face = Face(
        box=Box(*box),
        landmarks=Landmarks.from_array(np.reshape(points, (5, 2))),
        confidence=confidence,
        pose=Pose(*pose),
        quality=Quality(*quality),
    )
    return Sighting(int(timestamp_ms), face)
