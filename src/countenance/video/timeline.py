"""When people are seen: the paths that faces take through a video, and the spans of time in which they do.

A path is what is left of a track's sightings when only place and time count: 20 bytes a sighting, so that
hours of video fit into memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from countenance.faces import Box

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from countenance.video.values import Sighting

JOINED_WITHIN_MS = 1_000
"""Who is not seen for no longer than this has not left: a head that turned away, a hand before the face."""


@dataclass(frozen=True, slots=True)
class Presence:
    """A span of time in which a person is seen; ``person`` counts from 0."""

    person: int
    begin_ms: int
    end_ms: int

    @property
    def length_ms(self) -> int:
        """How long it is; 0 where the person was seen in one frame only."""
        return self.end_ms - self.begin_ms


@dataclass(frozen=True, slots=True, eq=False)
class FacePath:
    """Where a face was in each frame that was looked at.

    Attributes:
        times_ms: n rising times, at least one.
        boxes: n × 4 edges in pixels: left, top, right, bottom.
    """

    times_ms: npt.NDArray[np.int32]
    boxes: npt.NDArray[np.float32]

    @classmethod
    def of(cls, sightings: Sequence[Sighting]) -> FacePath:
        """Return the path through sightings, which are in order of time."""
        boxes = [(box.left, box.top, box.right, box.bottom) for box in (each.face.box for each in sightings)]
        times_ms = np.array([each.timestamp_ms for each in sightings], np.int32)
        return cls(times_ms, np.array(boxes, np.float32))

    @property
    def begin_ms(self) -> int:
        """When the face is first seen."""
        return int(self.times_ms[0])

    @property
    def end_ms(self) -> int:
        """When the face is last seen."""
        return int(self.times_ms[-1])

    def box_at(self, timestamp_ms: int) -> Box | None:
        """Return where the face is at a time: between two sightings on the straight line between them.

        None before the first sighting, after the last, and while the face was not seen for longer than
        `JOINED_WITHIN_MS`.
        """
        after = int(np.searchsorted(self.times_ms, timestamp_ms))
        if after == len(self.times_ms) or (after == 0 and timestamp_ms != self.times_ms[0]):
            return None
        before = after if self.times_ms[after] == timestamp_ms else after - 1
        passed = int(self.times_ms[after] - self.times_ms[before])
        if passed > JOINED_WITHIN_MS:
            return None
        share = (timestamp_ms - int(self.times_ms[before])) / passed if passed else 0.0
        edges = self.boxes[before] + share * (self.boxes[after] - self.boxes[before])
        left, top, right, bottom = (float(edge) for edge in edges)
        return Box(left, top, right - left, bottom - top)


def presences(times_ms: Mapping[int, Iterable[int]]) -> list[Presence]:
    """Return the spans in which people are seen, by beginning.

    Args:
        times_ms: for each person the times of all frames in which they are seen, in any order.
    """
    spans = [span for person, times in times_ms.items() for span in _spans(person, times)]
    return sorted(spans, key=lambda span: (span.begin_ms, span.person))


def joined_spans(person: int, spans: Iterable[tuple[int, int]]) -> list[Presence]:
    """Return when a person is seen, by beginning; given are beginnings and ends of tracks, in any order."""
    joined: list[Presence] = []
    for begin_ms, end_ms in sorted(spans):
        before = joined[-1] if joined else None
        if before is not None and begin_ms - before.end_ms <= JOINED_WITHIN_MS:
            joined[-1] = Presence(person, before.begin_ms, max(end_ms, before.end_ms))
        else:
            joined.append(Presence(person, begin_ms, end_ms))
    return joined


def seen_together(one: FacePath, other: FacePath) -> bool:
    """Tell whether two faces are seen in one frame."""
    if one.begin_ms > other.end_ms or other.begin_ms > one.end_ms:
        return False
    return bool(np.isin(one.times_ms, other.times_ms).any())


def _spans(person: int, times_ms: Iterable[int]) -> list[Presence]:
    times = np.unique(np.fromiter(times_ms, np.int64))
    if not len(times):
        return []
    breaks = np.flatnonzero(np.diff(times) > JOINED_WITHIN_MS) + 1
    return [Presence(person, int(run[0]), int(run[-1])) for run in np.split(times, breaks)]
