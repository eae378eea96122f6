"""Faces are followed from picture to picture, and named when enough is seen of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from contract.offices import vision
from countenance.faces import Box, Face, Landmarks, Pose, Quality, Template, Vector
from countenance.video.live_tracking import LiveTracker
from countenance.video.live_values import Appeared, Happening, Left, LiveFrame, Recognisable
from new_faces import PACK, template

BEGIN = datetime(2026, 7, 1, 12, tzinfo=UTC)
PIXELS = np.zeros((480, 640, 3), np.uint8)


def face(number: int, left: float, quality: float = 60.0, *, yaw: float = 0.0) -> Face:
    """Return a numbered person's face at a place."""
    measures = dict.fromkeys(
        ("brightness", "sharpness", "contrast", "illumination_uniformity", "dynamic_range"), 50.0
    )
    prevention = {"under_exposure_prevention": 90.0, "over_exposure_prevention": 90.0}
    return Face(
        box=Box(left, 100.0, 100.0, 120.0),
        landmarks=Landmarks.from_array(np.zeros((5, 2))),
        confidence=99.0,
        pose=Pose(0.0, 0.0, yaw),
        quality=Quality(**measures, **prevention, inter_eye_distance_px=50.0, unified_score=quality),
        template=Template(PACK, template(number)),
    )


class Watching:
    """A tracker and the time; a tenth of a second passes with each picture."""

    def __init__(self, *, portraits: bool = False) -> None:
        self.tracker = LiveTracker(vision().calibration, portraits=portraits)
        self.at = BEGIN

    def sees(self, *faces: Face, seconds: float = 0.1) -> list[Happening]:
        self.at += timedelta(seconds=seconds)
        return list(self.tracker.step(LiveFrame(self.at, PIXELS), faces))


def summary(happenings: list[Happening]) -> list[tuple[str, int]]:
    return [(type(each).__name__, each.track) for each in happenings]


def closest(vector: Vector, *numbers: int) -> int:
    return max(numbers, key=lambda number: float(vector @ template(number)))


def test_somebody_appears_is_recognisable_after_three_looks_and_leaves() -> None:
    watching = Watching()
    assert summary(watching.sees(face(1, 100))) == [("Appeared", 1)]
    assert watching.sees(face(1, 110)) == []
    (seen,) = watching.sees(face(1, 120))
    assert isinstance(seen, Recognisable)
    assert (seen.track, seen.at) == (1, BEGIN + timedelta(seconds=0.3))
    assert float(seen.template.vector @ template(1)) > 0.999
    assert float(np.linalg.norm(seen.template.vector)) == pytest.approx(1.0, abs=1e-5)
    assert watching.sees(seconds=1.9) == []
    (left,) = watching.sees(seconds=0.2)
    assert left == Left(1, watching.at, BEGIN + timedelta(seconds=0.1), BEGIN + timedelta(seconds=0.3))


def test_of_somebody_seen_well_once_that_suffices_after_a_second() -> None:
    watching = Watching()
    watching.sees(face(1, 100))
    assert watching.sees(face(1, 100, quality=1.0), seconds=0.5) == []
    assert summary(watching.sees(face(1, 100, quality=1.0), seconds=0.5)) == [("Recognisable", 1)]


def test_nobody_is_recognisable_who_was_never_seen_well() -> None:
    watching = Watching()
    seen = [each for _ in range(40) for each in watching.sees(face(1, 100, yaw=80.0))]
    assert summary(seen) == [("Appeared", 1)]


def test_it_is_said_again_only_when_more_is_seen_and_at_most_once_a_second() -> None:
    watching = Watching()
    said: list[float] = []

    def looks(count: int, quality: float) -> None:
        for _ in range(count):
            seen = watching.sees(face(1, 100, quality=quality))
            said.extend(
                (watching.at - BEGIN).total_seconds() for each in seen if isinstance(each, Recognisable)
            )

    looks(20, 30.0)
    assert said == [0.3, 1.3]  # three faces, then five
    looks(30, 30.0)
    assert len(said) == 2
    looks(20, 90.0)
    assert len(said) > 2
    assert all(later - earlier >= 1.0 for earlier, later in itertools.pairwise(said))


def test_two_people_are_two_tracks_also_when_they_cross() -> None:
    watching = Watching()
    templates: dict[int, Vector] = {}
    for step in range(30):
        for each in watching.sees(face(1, 100 + 15 * step), face(2, 535 - 15 * step)):
            if isinstance(each, Recognisable):
                templates[each.track] = each.template.vector
    assert {track: closest(vector, 1, 2) for track, vector in templates.items()} == {1: 1, 2: 2}


def test_a_cut_to_somebody_else_in_the_same_place_is_a_new_track() -> None:
    watching = Watching()
    for _ in range(5):
        watching.sees(face(1, 100))
    assert summary(watching.sees(face(2, 100))) == [("Appeared", 2)]


def test_who_jumps_or_is_hidden_for_a_moment_is_the_same() -> None:
    watching = Watching()
    for _ in range(5):
        watching.sees(face(1, 100))
    assert watching.sees(face(1, 500)) == []
    watching.sees(seconds=1.0)
    assert watching.sees(face(1, 300)) == []


def test_portraits_are_made_only_where_they_are_wanted() -> None:
    for wanted in (False, True):
        watching = Watching(portraits=wanted)
        (seen,) = [
            each for _ in range(3) for each in watching.sees(face(1, 100)) if isinstance(each, Recognisable)
        ]
        assert (seen.portrait is not None) == wanted
        assert seen.portrait is None or seen.portrait.startswith(b"\xff\xd8")


def test_a_crowd_is_bounded() -> None:
    watching = Watching()
    appeared = [
        each
        for step in range(3)
        for each in watching.sees(*(face(1000 * step + number, 110.0 * number) for number in range(100)))
        if isinstance(each, Appeared)
    ]
    assert len(appeared) == 200


def test_all_leave_at_the_end() -> None:
    watching = Watching()
    watching.sees(face(1, 100), face(2, 400))
    gone: Iterator[Left] = watching.tracker.end_all(watching.at)
    assert [each.track for each in gone] == [1, 2]
    assert list(watching.tracker.end_all(watching.at)) == []
