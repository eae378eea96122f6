"""Follows faces from one picture to the next as they come, and says when enough is seen of one to name it.

A face belongs to the track that it overlaps with, unless the two look like different people; of what moved
too far between two pictures, or was hidden for a moment, the template decides. So a cut in a film, after
which somebody else stands where a face was, begins a new track.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from countenance.faces import Template
from countenance.images import cut_portrait
from countenance.video.live_values import Appeared, Left, Recognisable
from countenance.vision.filtering import QualityLevel, reasons_against

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from countenance.faces import Box, Face
    from countenance.video.live_values import Happening, LiveFrame
    from countenance.vision.calibration import Calibration

_GONE_AFTER = timedelta(seconds=2)
_MOST_TRACKS = 200

# Faces overlap less from one picture to the next when somebody runs, and more hardly ever by accident.
_LEAST_OVERLAP = 0.3
# Overlapping faces that are less alike than most strangers are, are two people; faces apart that are as alike
# as hardly any strangers are (similarity 90: 1 pair in 10,000) are one.
_DIFFERENT_PERCENT, _SAME_PERCENT = 25.0, 90.0

_BEST_FACES = 5
_ENOUGH_FACES = 3
# A face that was seen well only once or twice in so long will hardly be seen better.
_ENOUGH_TIME = timedelta(seconds=1)
# It is said again who a face is when what is seen of it is better by a quarter, at most once a second.
_BETTER = 1.25
_LEAST_BETWEEN = timedelta(seconds=1)


@dataclass(slots=True, eq=False)
class _Best:
    """A face fit for recognition, and its picture where portraits are wanted."""

    face: Face
    template: Template
    portrait: bytes | None

    @property
    def quality(self) -> float:
        return self.face.quality.unified_score


@dataclass(slots=True, eq=False)
class _Track:
    number: int
    first_seen_at: datetime
    last_seen_at: datetime
    box: Box
    best: list[_Best] = field(default_factory=list)
    said_at: datetime | None = None
    said_of: float = 0.0

    @property
    def amount(self) -> float:
        """How much is seen of the face: the sum of the best faces' qualities."""
        return sum(each.quality for each in self.best)

    def template(self) -> Template:
        """Return the mean of the best faces' templates, weighted by quality."""
        vectors = np.stack([each.template.vector for each in self.best])
        weights = np.array([max(each.quality, 1.0) for each in self.best], np.float32)
        mean = weights @ vectors
        return Template(self.best[0].template.pack, (mean / np.linalg.norm(mean)).astype(np.float32))


class LiveTracker:
    """Follows the faces of one source; nothing of a face is held longer than its track.

    Args:
        calibration: what the scores of two templates mean.
        portraits: whether a small picture of who is recognisable is wanted; it may be changed.
    """

    def __init__(self, calibration: Calibration, *, portraits: bool = False) -> None:
        self._different = calibration.score_at(_DIFFERENT_PERCENT)
        self._same = calibration.score_at(_SAME_PERCENT)
        self.portraits = portraits
        self._tracks: list[_Track] = []
        self._count = 0

    def step(self, frame: LiveFrame, faces: Sequence[Face]) -> Iterator[Happening]:
        """Take the next picture and the faces in it, with their templates; yields what happens by that."""
        at = frame.taken_at
        unclaimed = set(range(len(faces)))
        for track, place in self._pairs(faces):
            unclaimed.remove(place)
            self._continue(track, frame, faces[place])
        for place in sorted(unclaimed):
            if len(self._tracks) < _MOST_TRACKS:
                yield self._begin(frame, faces[place])
        for track in self._tracks:
            if self._is_ready(track, at):
                yield self._recognisable(track, at)
        yield from self.end_those_unseen(at)

    def end_those_unseen(self, at: datetime) -> Iterator[Left]:
        """Yield the faces that were not seen for a while."""
        gone = [track for track in self._tracks if at - track.last_seen_at > _GONE_AFTER]
        yield from self._end(gone, at)

    def end_all(self, at: datetime) -> Iterator[Left]:
        """Yield all faces that are still followed, as gone."""
        yield from self._end(list(self._tracks), at)

    def _end(self, gone: list[_Track], at: datetime) -> Iterator[Left]:
        self._tracks = [track for track in self._tracks if track not in gone]
        for track in gone:
            yield Left(track.number, at, track.first_seen_at, track.last_seen_at)

    def _pairs(self, faces: Sequence[Face]) -> Iterator[tuple[_Track, int]]:
        """Yield which track goes on with the face at which place, the surest pairs first."""
        likely = [
            (sureness, track_place, face_place)
            for track_place, track in enumerate(self._tracks)
            for face_place, face in enumerate(faces)
            if (sureness := self._sureness(track, face)) is not None
        ]
        tracks, taken = set[int](), set[int]()
        for _, track_place, face_place in sorted(likely, reverse=True):
            if track_place not in tracks and face_place not in taken:
                tracks.add(track_place)
                taken.add(face_place)
                yield self._tracks[track_place], face_place

    def _sureness(self, track: _Track, face: Face) -> float | None:
        overlap, likeness = _overlap(track.box, face.box), _likeness(track, face)
        if overlap >= _LEAST_OVERLAP and (likeness is None or likeness > self._different):
            return overlap + 1.0
        if likeness is not None and likeness >= self._same:
            return likeness
        return None

    def _begin(self, frame: LiveFrame, face: Face) -> Appeared:
        self._count += 1
        track = _Track(self._count, frame.taken_at, frame.taken_at, face.box)
        self._tracks.append(track)
        self._continue(track, frame, face)
        return Appeared(track.number, frame.taken_at)

    def _continue(self, track: _Track, frame: LiveFrame, face: Face) -> None:
        track.last_seen_at, track.box = frame.taken_at, face.box
        if face.template is None or reasons_against(face, QualityLevel.LOW):
            return
        worst = min((each.quality for each in track.best), default=0.0)
        if len(track.best) == _BEST_FACES and face.quality.unified_score <= worst:
            return
        portrait = cut_portrait(frame.pixels, face.box) if self.portraits else None
        track.best.append(_Best(face, face.template, portrait))
        track.best.sort(key=lambda each: -each.quality)
        del track.best[_BEST_FACES:]

    def _is_ready(self, track: _Track, at: datetime) -> bool:
        if not track.best:
            return False
        if track.said_at is not None:
            return at - track.said_at >= _LEAST_BETWEEN and track.amount >= _BETTER * track.said_of
        return len(track.best) >= _ENOUGH_FACES or at - track.first_seen_at >= _ENOUGH_TIME

    def _recognisable(self, track: _Track, at: datetime) -> Recognisable:
        track.said_at, track.said_of = at, track.amount
        return Recognisable(track.number, at, track.template(), track.best[0].portrait)


def _overlap(one: Box, other: Box) -> float:
    """Return the intersection of two boxes over their union."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    shared = max(width, 0.0) * max(height, 0.0)
    return shared / max(one.area + other.area - shared, 1e-9)


def _likeness(track: _Track, face: Face) -> float | None:
    """Return a face's score with whichever of a track's best is most like it; None where any is unfit."""
    template = face.template
    if not track.best or template is None or reasons_against(face, QualityLevel.LOW):
        return None
    return max(each.template.score(template) for each in track.best)
