"""Which tracks of a video are of one person, however many shots they appear in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from countenance.gallery.grouping import ALONE, GroupingSettings, group_faces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from countenance.faces import Template
    from countenance.vision.calibration import Calibration

# A track's template is made of several sightings, so tracks of one person score higher than two pictures of
# them do: 1 pair of strangers in 10,000 is so alike.
_SAME_PERCENT = 90.0


@dataclass(frozen=True, slots=True, eq=False)
class Appearing:
    """A track as far as it says who it is of; ``quality`` is that of its best sighting, 0–100."""

    begin_ms: int
    end_ms: int
    template: Template | None
    quality: float


def people_of(tracks: Sequence[Appearing], calibration: Calibration) -> list[int]:
    """Return the number of each track's person, from 0, in the order in which people first appear.

    Two tracks at one time are two people. A track without a template is a person of its own.
    """
    known = [place for place, track in enumerate(tracks) if track.template is not None]
    groups = {place: -1 - place for place in range(len(tracks))}
    if known:
        same = calibration.score_at(_SAME_PERCENT)
        labels = group_faces(
            np.stack([track.template.vector for track in tracks if track.template is not None]),
            np.array([tracks[place].quality for place in known], np.float32),
            settings=GroupingSettings(same_person=same, strangers=same),
            apart=_at_one_time([tracks[place] for place in known]),
        ).labels
        groups |= {place: int(label) for place, label in zip(known, labels, strict=True) if label != ALONE}
    order = sorted(range(len(tracks)), key=lambda place: (tracks[place].begin_ms, place))
    numbers: dict[int, int] = {}
    for place in order:
        numbers.setdefault(groups[place], len(numbers))
    return [numbers[groups[place]] for place in range(len(tracks))]


def _at_one_time(tracks: Sequence[Appearing]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Return pairs of tracks that overlap in time, by their places."""
    order = sorted(range(len(tracks)), key=lambda place: tracks[place].begin_ms)
    pairs: list[tuple[int, int]] = []
    current: list[int] = []
    for place in order:
        current = [other for other in current if tracks[other].end_ms >= tracks[place].begin_ms]
        pairs += [(other, place) for other in current]
        current.append(place)
    return np.array(pairs, np.int64).reshape(-1, 2)
