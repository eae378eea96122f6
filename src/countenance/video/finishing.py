"""From what was followed to tracks: one robust template each, one person each, one track for each person.

Boxes alone cannot tell two people who cross, or one who turned away and back. Templates of the few best
sightings of each track can: a track whose earlier and later sightings are of two people is split, tracks of
one person in one shot are joined, and a sighting that is unlike the others does not count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from countenance.faces import Template
from countenance.gallery.users import user_vector
from countenance.video.tracking import FIT
from countenance.video.values import Track
from countenance.vision.filtering import QualityLevel, reasons_against

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from countenance.faces import Vector
    from countenance.video.tracking import Candidate, OpenTrack
    from countenance.video.values import Sighting
    from countenance.vision import FaceAnalyzer

    Vectors = npt.NDArray[np.float32]

# Similarity 50 is what 3 pairs of strangers in 100 reach: faces less alike on average are two people.
_DIFFERENT_PERCENT = 50.0
# Similarity 90, 1 pair in 10,000: tracks of one shot that are so alike are one person's.
_SAME_PERCENT = 90.0
_MOST_CHIPS_AT_ONCE = 64


@dataclass(frozen=True, slots=True, eq=False)
class _Described:
    """A track's sightings and the templates of the best of them, in order of time."""

    sightings: tuple[Sighting, ...]
    candidates: tuple[Candidate, ...]
    vectors: Vectors
    portrait: bytes | None

    def part(self, chosen: Sequence[int], sightings: tuple[Sighting, ...]) -> _Described:
        """Return a part of the track; the portrait goes with the best sighting."""
        picked = tuple(self.candidates[place] for place in chosen)
        has_best = max(self.candidates, key=_score) in picked
        return _Described(sightings, picked, self.vectors[list(chosen)], self.portrait if has_best else None)


def finished(analyzer: FaceAnalyzer, shot: int, tracks: Sequence[OpenTrack]) -> list[Track]:
    """Return the tracks of a shot, by beginning.

    1. Set aside what was most likely no face.
    2. Make the templates of the best sightings of all tracks together.
    3. Split the tracks that are of two people.
    4. Join those that are of one.
    5. Make one template of each.
    """
    # 1
    real = [track for track in tracks if _is_face(track)]
    # 2
    described = _described(analyzer, real)
    if not described:
        return []
    different = analyzer.calibration.score_at(_DIFFERENT_PERCENT)
    same = analyzer.calibration.score_at(_SAME_PERCENT)
    # 3
    parts = [part for track in described for part in _split(track, different)]
    # 4
    joined = _joined(parts, same)
    # 5
    made = [_track(analyzer.pack, shot, each, different) for each in joined]
    return sorted(made, key=lambda track: (track.begin_ms, track.sightings[0].face.box.left))


def only_followed(shot: int, tracks: Sequence[OpenTrack]) -> list[Track]:
    """Return the tracks of a shot as they were followed, by beginning; nobody is told apart by a template."""
    made = []
    for track in filter(_is_face, tracks):
        best = max(track.candidates.values(), key=_score)
        made.append(Track(shot, tuple(track.sightings), best.sighting, None, track.portrait))
    return sorted(made, key=lambda each: (each.begin_ms, each.sightings[0].face.box.left))


def _is_face(track: OpenTrack) -> bool:
    """Tell whether a face was found twice, or once so well that the detector cannot have erred."""
    return len(track.sightings) > 1 or not reasons_against(track.last.face, QualityLevel.AUTO)


def _described(analyzer: FaceAnalyzer, tracks: Sequence[OpenTrack]) -> list[_Described]:
    chosen = [sorted(track.candidates.values(), key=_time) for track in tracks]
    chips = [candidate.chips for candidates in chosen for candidate in candidates]
    vectors: list[Vector] = []
    for start in range(0, len(chips), _MOST_CHIPS_AT_ONCE):
        found = analyzer.templates(chips[start : start + _MOST_CHIPS_AT_ONCE])
        vectors += [template.vector for template in found]
    described, first = [], 0
    for track, candidates in zip(tracks, chosen, strict=True):
        theirs = np.stack(vectors[first : first + len(candidates)])
        described.append(_Described(tuple(track.sightings), tuple(candidates), theirs, track.portrait))
        first += len(candidates)
    return described


def _split(track: _Described, different: float) -> list[_Described]:
    """Return the track, or its parts where it passed from one person to another."""
    fit = [place for place, candidate in enumerate(track.candidates) if _is_fit(candidate)]
    if len(fit) < 2:
        return [track]
    vectors = track.vectors[fit]
    scores = vectors @ vectors.T
    across = [float(scores[:place, place:].mean()) for place in range(1, len(fit))]
    place = int(np.argmin(across)) + 1
    if across[place - 1] >= different:
        return [track]
    before, after = track.candidates[fit[place - 1]], track.candidates[fit[place]]
    middle_ms = (_time(before) + _time(after)) // 2
    parts: list[_Described] = []
    for chosen, sightings in (
        (range(fit[place]), [each for each in track.sightings if each.timestamp_ms <= middle_ms]),
        (
            range(fit[place], len(track.candidates)),
            [each for each in track.sightings if each.timestamp_ms > middle_ms],
        ),
    ):
        inside = {each.timestamp_ms for each in sightings}
        within = [each for each in chosen if _time(track.candidates[each]) in inside]
        parts += _split(track.part(within, tuple(sightings)), different)
    return parts


def _joined(tracks: Sequence[_Described], same: float) -> list[_Described]:
    """Join tracks of one person that do not overlap in time, the most alike first."""
    left = list(tracks)
    while True:
        best = max(
            (
                (score, one, other)
                for one in range(len(left))
                for other in range(one + 1, len(left))
                if not _overlap(left[one], left[other])
                and (score := _likeness(left[one], left[other])) >= same
            ),
            default=None,
        )
        if best is None:
            return left
        _, one, other = best
        left[one] = _together(left[one], left[other])
        del left[other]


def _likeness(one: _Described, other: _Described) -> float:
    """Return the mean score of the fit sightings of two tracks, −1 where one has none."""
    chosen = [
        track.vectors[[place for place, each in enumerate(track.candidates) if _is_fit(each)]]
        for track in (one, other)
    ]
    return float((chosen[0] @ chosen[1].T).mean()) if all(map(len, chosen)) else -1.0


def _together(one: _Described, other: _Described) -> _Described:
    candidates = [*zip(one.candidates, one.vectors, strict=True)]
    candidates += zip(other.candidates, other.vectors, strict=True)
    candidates.sort(key=lambda each: _time(each[0]))
    better = max((one, other), key=lambda track: max(map(_score, track.candidates)))
    return _Described(
        tuple(sorted(one.sightings + other.sightings, key=lambda each: each.timestamp_ms)),
        tuple(candidate for candidate, _ in candidates),
        np.stack([vector for _, vector in candidates]),
        better.portrait,
    )


def _overlap(one: _Described, other: _Described) -> bool:
    """Tell whether both were seen at one moment, or one of them within the time of the other."""
    return (
        one.sightings[0].timestamp_ms <= other.sightings[-1].timestamp_ms
        and other.sightings[0].timestamp_ms <= one.sightings[-1].timestamp_ms
    )


def _track(pack: str, shot: int, track: _Described, different: float) -> Track:
    best = max(track.candidates, key=_score)
    fit = [place for place, candidate in enumerate(track.candidates) if _is_fit(candidate)]
    template = None
    if fit:
        vectors = track.vectors[fit]
        qualities = np.array([_score(track.candidates[place]) for place in fit], np.float32)
        if len(fit) > 2:
            # The mean score with the others; the sighting most typical of the track is always one of them.
            likeness = ((vectors @ vectors.T).sum(axis=1) - 1.0) / (len(fit) - 1)
            keep = likeness >= min(different, float(likeness.max()))
            vectors, qualities = vectors[keep], qualities[keep]
        template = Template(pack, user_vector(vectors, qualities))
    return Track(shot, track.sightings, best.sighting, template, track.portrait)


def _is_fit(candidate: Candidate) -> bool:
    return not reasons_against(candidate.sighting.face, FIT)


def _score(candidate: Candidate) -> float:
    return candidate.score


def _time(candidate: Candidate) -> int:
    return candidate.sighting.timestamp_ms
