"""`follow_faces`: a video → shots and the tracks of faces in them, at a cost that grows with people.

Every frame is decoded, and a small grey copy of it looked at for cuts, which costs little. Faces are looked
for a few times a second, by several threads at once, and templates are made only of each track's best
sightings when its shot ends.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from countenance.errors import CountenanceError
from countenance.faces import Box, Landmarks
from countenance.video.cuts import CutFinder
from countenance.video.finishing import finished, only_followed
from countenance.video.tracking import ShotTracker
from countenance.video.values import ShotTracks, Sighting, Track

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from countenance.faces import Face, Pixels
    from countenance.video.reading import VideoReader
    from countenance.vision import FaceAnalyzer

LOOKS_PER_SECOND = 5.0
"""How often faces are looked for, unless somebody asks for more."""

# Larger frames are made smaller before faces are looked for.
_LONGEST_PX = 1_280
# Of the longer side: in 640 px a face of 27. Half the size that pictures are searched for, since whoever
# matters in a video comes near; it halves the time.
_SMALLEST_FACE_SHARE = 1 / 24
_SMALLEST_FACE_PX = 20.0
# What is kept of a shot until it ends must be bounded; a longer one is given in parts.
_LONGEST_SHOT_MS = 120_000
_MOST_TRACKS_OF_A_SHOT = 200


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    timestamp_ms: int
    begins_shot: bool
    pixels: Pixels


def follow_faces(
    analyzer: FaceAnalyzer,
    reader: VideoReader,
    *,
    looks_per_second: float = LOOKS_PER_SECOND,
    templates: bool = True,
    portraits: bool = False,
    start_ms: int = 0,
    first_shot: int = 0,
    looked: Callable[[int], None] | None = None,
) -> Iterator[ShotTracks]:
    """Yield the shots of a video with the tracks of the faces in them, each as soon as it has ended.

    A shot that lasts longer than two minutes, or has more than 200 tracks, is given in parts which count as
    shots.

    Args:
        analyzer: finds and describes faces.
        reader: the video.
        looks_per_second: how often faces are looked for.
        templates: whether people are told apart, and tracks carry a template; otherwise none is made.
        portraits: whether tracks carry a small picture of the face.
        start_ms: where to begin, such as a `ShotTracks.resume_ms` of an earlier run.
        first_shot: the number of the first shot.
        looked: called with the time of each frame that was looked at; what it raises ends the work.

    Raises:
        VideoTooLarge: a frame, or the whole, is larger than the reader's limits.
        PackNotCalibrated: the pack cannot say what a score means.
    """
    waiting: deque[_Look] = deque()
    ending = _End()

    def pictures() -> Iterator[Pixels]:
        for look in _looks(reader, start_ms, 1000.0 / looks_per_second, ending):
            waiting.append(look)
            yield look.pixels

    facts = reader.facts
    longest = min(max(facts.width_px, facts.height_px), _LONGEST_PX)
    smallest_px = max(longest * _SMALLEST_FACE_SHARE, _SMALLEST_FACE_PX)
    shot = _OpenShot(analyzer, first_shot, start_ms, templates=templates, portraits=portraits)
    for faces in analyzer.faces_of_many(pictures(), templates=False, minimum_face_px=smallest_px):
        if isinstance(faces, CountenanceError):
            raise faces
        look = waiting.popleft()
        if look.begins_shot or shot.is_full(look.timestamp_ms):
            if shot.has_begun:
                yield shot.end(facts.width_px, look.timestamp_ms)
            shot = shot.next(look.timestamp_ms)
        shot.look(look, faces)
        if looked is not None:
            looked(look.timestamp_ms)
    if shot.has_begun:
        yield shot.end(facts.width_px, None, ending.last_ms)


@dataclass(slots=True)
class _End:
    """Where the video ended, known when it has."""

    last_ms: int = 0


class _OpenShot:
    def __init__(
        self, analyzer: FaceAnalyzer, number: int, begin_ms: int, *, templates: bool, portraits: bool
    ) -> None:
        self._analyzer = analyzer
        self._templates = templates
        self._portraits = portraits
        self._number = number
        self._begin_ms = begin_ms
        self._tracker = ShotTracker(analyzer.chips if templates else _no_chips, portraits=portraits)
        self._last: _Look | None = None

    @property
    def has_begun(self) -> bool:
        return self._last is not None

    def is_full(self, timestamp_ms: int) -> bool:
        too_long = timestamp_ms - self._begin_ms >= _LONGEST_SHOT_MS
        return too_long or self._tracker.track_count >= _MOST_TRACKS_OF_A_SHOT

    def next(self, begin_ms: int) -> _OpenShot:
        number = self._number + self.has_begun
        return _OpenShot(
            self._analyzer, number, begin_ms, templates=self._templates, portraits=self._portraits
        )

    def look(self, look: _Look, faces: list[Face]) -> None:
        self._last = look
        self._tracker.look(look.timestamp_ms, look.pixels, faces)

    def end(self, width_px: int, resume_ms: int | None, last_ms: int | None = None) -> ShotTracks:
        assert self._last is not None  # noqa: S101 - only what has begun ends
        factor = width_px / self._last.pixels.shape[1]
        followed = self._tracker.finish()
        if self._templates:
            tracks = finished(self._analyzer, self._number, followed)
        else:
            tracks = only_followed(self._number, followed)
        if factor != 1.0:
            tracks = [_enlarged(track, factor) for track in tracks]
        end_ms = self._last.timestamp_ms if last_ms is None else max(last_ms, self._last.timestamp_ms)
        return ShotTracks(self._number, self._begin_ms, end_ms, tuple(tracks), resume_ms)


def _no_chips(_: Pixels, faces: Sequence[Face]) -> list[Pixels]:
    return [np.empty((0, 0, 0, 3), np.uint8)] * len(faces)


def _looks(reader: VideoReader, start_ms: int, every_ms: float, ending: _End) -> Iterator[_Look]:
    """Yield the frames to look for faces in: the first of each shot, and some of each second."""
    cuts, due_ms = CutFinder(), 0.0
    for frame in reader.frames(start_ms):
        ending.last_ms = frame.timestamp_ms
        is_cut = cuts.is_cut(frame.small())
        if is_cut:
            due_ms = frame.timestamp_ms
        if frame.timestamp_ms >= due_ms:
            # From when it was due, so that frames in between do not add up to fewer looks.
            due_ms = max(due_ms + every_ms, frame.timestamp_ms + every_ms / 2)
            yield _Look(frame.timestamp_ms, is_cut, frame.pixels(_LONGEST_PX))


def _enlarged(track: Track, factor: float) -> Track:
    """Return a track whose boxes are of frames that many times as large."""
    sightings = {id(each): _enlarged_sighting(each, factor) for each in (*track.sightings, track.best)}
    return replace(
        track,
        sightings=tuple(sightings[id(each)] for each in track.sightings),
        best=sightings[id(track.best)],
    )


def _enlarged_sighting(sighting: Sighting, factor: float) -> Sighting:
    face = sighting.face
    box = face.box
    return replace(
        sighting,
        face=replace(
            face,
            box=Box(box.left * factor, box.top * factor, box.width * factor, box.height * factor),
            landmarks=Landmarks.from_array(face.landmarks.to_array() * factor),
            quality=replace(face.quality, inter_eye_distance_px=face.quality.inter_eye_distance_px * factor),
        ),
    )
