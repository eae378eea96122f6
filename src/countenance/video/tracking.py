"""Follows faces within a shot, from one look to the next, by where they are and where they were going.

Looks are a fifth of a second apart, so boxes of one face mostly overlap; where somebody moves fast, the
prediction from the last two looks helps. What a track is made of is decided when it ends, by templates
(`video.finishing`), so here a face costs no network.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from countenance.faces import Box
from countenance.images import cut_portrait
from countenance.video.values import Sighting
from countenance.vision.filtering import QualityLevel, reasons_against

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from countenance.faces import Face, Pixels

    Chips = Pixels
    CutChips = Callable[[Pixels, Sequence[Face]], list[Chips]]

# Not seen for so long, a face has left; a head that turns away and back takes about a second.
_GONE_AFTER_MS = 1_000
# Boxes that overlap less (intersection over union) are of one face only if it moved no further than this
# share of its size.
_LEAST_OVERLAP = 0.2
_FARTHEST_SHARE = 0.75
_MOST_GROWTH = 1.7
# So many stretches of a track have each their best sighting; when there are more, neighbours are joined.
_MOST_STRETCHES = 8
_FIRST_STRETCH_MS = 100
# Several sightings of one face together bear more than one picture: what is below AUTO still counts, by its
# quality. Of the film that the tests use, the man at the piano is 25 px wide and known only so.
FIT = QualityLevel.LOW


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A sighting that a template may be made of; ``chips`` are what the network would see."""

    sighting: Sighting
    chips: Chips = field(repr=False)

    @property
    def score(self) -> float:
        """How well the face is seen, 0–100; one that is not fit for recognition comes after all that are."""
        unfit = 100.0 * bool(reasons_against(self.sighting.face, FIT))
        return self.sighting.face.quality.unified_score - unfit


@dataclass(slots=True, eq=False)
class OpenTrack:
    """A face that is being followed."""

    sightings: list[Sighting] = field(default_factory=list)
    candidates: dict[int, Candidate] = field(default_factory=dict)
    """By stretch of time, the best sighting."""
    portrait: bytes | None = field(default=None, repr=False)
    _best_score: float = -math.inf
    _stretch_ms: int = _FIRST_STRETCH_MS

    @property
    def last(self) -> Sighting:
        """The newest sighting."""
        return self.sightings[-1]

    def predicted(self, timestamp_ms: int) -> Box:
        """Return where the face should be at a time, if it goes on as it did."""
        box = self.last.face.box
        if len(self.sightings) < 2:
            return box
        before = self.sightings[-2]
        passed = self.last.timestamp_ms - before.timestamp_ms
        share = min((timestamp_ms - self.last.timestamp_ms) / passed, 1.0) if passed else 0.0
        return Box(
            box.left + share * (box.left - before.face.box.left),
            box.top + share * (box.top - before.face.box.top),
            box.width,
            box.height,
        )

    def wants(self, sighting: Sighting) -> bool:
        """Tell whether a sighting is the best of its stretch so far."""
        there = self.candidates.get(sighting.timestamp_ms // self._stretch_ms)
        return there is None or Candidate(sighting, there.chips).score > there.score

    def keep(self, candidate: Candidate) -> None:
        """Keep the best sighting of a stretch; stretches grow with the track, so that few are kept."""
        self.candidates[candidate.sighting.timestamp_ms // self._stretch_ms] = candidate
        while len(self.candidates) > _MOST_STRETCHES:
            self._stretch_ms *= 2
            joined: dict[int, Candidate] = {}
            for each in self.candidates.values():
                stretch = each.sighting.timestamp_ms // self._stretch_ms
                if stretch not in joined or each.score > joined[stretch].score:
                    joined[stretch] = each
            self.candidates = joined

    def show(self, candidate: Candidate, pixels: Pixels) -> None:
        """Keep a portrait of the best sighting so far."""
        if candidate.score > self._best_score:
            self._best_score = candidate.score
            self.portrait = cut_portrait(pixels, candidate.sighting.face.box)


class ShotTracker:
    """Follows the faces of one shot.

    Args:
        chips: cuts what templates are made of later, as `FaceAnalyzer.chips` does.
        portraits: whether to keep a small picture of each face.
    """

    def __init__(self, chips: CutChips, *, portraits: bool) -> None:
        self._chips = chips
        self._portraits = portraits
        self._open: list[OpenTrack] = []
        self._ended: list[OpenTrack] = []

    def look(self, timestamp_ms: int, pixels: Pixels, faces: Sequence[Face]) -> None:
        """Add the faces of one frame, whose boxes are in its pixels."""
        gone = [track for track in self._open if timestamp_ms - track.last.timestamp_ms > _GONE_AFTER_MS]
        self._ended += gone
        self._open = [track for track in self._open if track not in gone]
        owners = _matched(self._open, timestamp_ms, faces)
        wanted: list[tuple[OpenTrack, Sighting]] = []
        for place, face in enumerate(faces):
            track = owners.get(place)
            if track is None:
                track = OpenTrack()
                self._open.append(track)
            sighting = Sighting(timestamp_ms, face)
            track.sightings.append(sighting)
            if track.wants(sighting):
                wanted.append((track, sighting))
        cut = self._chips(pixels, [sighting.face for _, sighting in wanted])
        for (track, sighting), chips in zip(wanted, cut, strict=True):
            candidate = Candidate(sighting, chips)
            track.keep(candidate)
            if self._portraits:
                track.show(candidate, pixels)

    @property
    def track_count(self) -> int:
        """How many tracks the shot has so far."""
        return len(self._open) + len(self._ended)

    def finish(self) -> list[OpenTrack]:
        """Return all tracks of the shot, by beginning."""
        tracks = [*self._ended, *self._open]
        self._open, self._ended = [], []
        return sorted(tracks, key=lambda track: track.sightings[0].timestamp_ms)


def _matched(tracks: Sequence[OpenTrack], timestamp_ms: int, faces: Sequence[Face]) -> dict[int, OpenTrack]:
    """Return, by the face's place, the track that it goes on; what fits best is matched first."""
    fits = [
        (fit, number, place)
        for number, track in enumerate(tracks)
        for place, face in enumerate(faces)
        if (fit := _fit(track.predicted(timestamp_ms), track.last.face.box, face.box)) > 0.0
    ]
    owners: dict[int, OpenTrack] = {}
    used: set[int] = set()
    for _, number, place in sorted(fits, reverse=True):
        if number not in used and place not in owners:
            owners[place] = tracks[number]
            used.add(number)
    return owners


def _fit(predicted: Box, last: Box, found: Box) -> float:
    """Return how well a face goes on a track: above 1 by overlap, below by nearness, 0 for not at all."""
    overlap = max(_overlap(predicted, found), _overlap(last, found))
    if overlap >= _LEAST_OVERLAP:
        return 1.0 + overlap
    size, other = math.sqrt(max(last.area, 1.0)), math.sqrt(max(found.area, 1.0))
    if max(size, other) > _MOST_GROWTH * min(size, other):
        return 0.0
    distance = math.hypot(
        predicted.left + predicted.width / 2 - found.left - found.width / 2,
        predicted.top + predicted.height / 2 - found.top - found.height / 2,
    )
    return max(0.0, 1.0 - distance / (_FARTHEST_SHARE * size))


def _overlap(one: Box, other: Box) -> float:
    """Return intersection over union, 0–1."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (one.area + other.area - shared)
