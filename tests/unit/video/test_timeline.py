"""When people are seen: spans of time, and where a face is between two looks."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.video.timeline import JOINED_WITHIN_MS, FacePath, Presence, presences, seen_together

TIMES = st.lists(st.integers(0, 20_000), min_size=1, max_size=40)


def path(*seen: tuple[int, float]) -> FacePath:
    """Return the path of a face of 10 × 20 px whose left edge is there at times."""
    times_ms = np.array([time_ms for time_ms, _ in seen], np.int32)
    boxes = np.array([(left, 5, left + 10, 25) for _, left in seen], np.float32)
    return FacePath(times_ms, boxes)


def test_frames_that_follow_each_other_are_one_span() -> None:
    assert presences({0: [0, 200, 400]}) == [Presence(0, 0, 400)]


def test_who_is_not_seen_for_a_second_has_not_left() -> None:
    assert presences({0: [0, 1000, 2000]}) == [Presence(0, 0, 2000)]


def test_who_is_not_seen_for_longer_comes_back() -> None:
    assert presences({0: [0, 200, 1201, 1400]}) == [Presence(0, 0, 200), Presence(0, 1201, 1400)]


def test_two_tracks_of_one_person_across_a_cut_are_one_span() -> None:
    assert presences({3: [*range(0, 1000, 200), *range(1600, 2000, 200)]}) == [Presence(3, 0, 1800)]


def test_spans_come_by_beginning() -> None:
    spans = presences({0: [5000], 1: [100, 200], 2: [100]})
    assert spans == [Presence(1, 100, 200), Presence(2, 100, 100), Presence(0, 5000, 5000)]
    assert [span.length_ms for span in spans] == [100, 0, 0]


def test_who_is_never_seen_has_no_span() -> None:
    assert presences({0: []}) == []


@given(TIMES)
def test_spans_hold_each_time_and_are_apart(times_ms: list[int]) -> None:
    spans = presences({0: times_ms})
    assert all(sum(span.begin_ms <= each <= span.end_ms for span in spans) == 1 for each in times_ms)
    assert {span.begin_ms for span in spans} | {span.end_ms for span in spans} <= set(times_ms)
    gaps = [after.begin_ms - before.end_ms for before, after in itertools.pairwise(spans)]
    assert all(gap > JOINED_WITHIN_MS for gap in gaps)


@pytest.mark.parametrize(("time_ms", "left"), [(100, 10), (150, 15), (200, 20), (201, 20.1), (300, 30)])
def test_between_two_looks_a_face_is_on_the_line_between_them(time_ms: int, left: float) -> None:
    box = path((100, 10), (200, 20), (300, 30)).box_at(time_ms)
    assert box is not None
    assert (box.left, box.top, box.width, box.height) == pytest.approx((left, 5, 10, 20), abs=1e-4)


@pytest.mark.parametrize("time_ms", [-1, 99, 301])
def test_before_and_after_its_path_a_face_is_nowhere(time_ms: int) -> None:
    assert path((100, 10), (300, 30)).box_at(time_ms) is None


def test_while_it_is_away_a_face_is_nowhere() -> None:
    away = path((0, 10), (200, 10), (2000, 90), (2200, 90))
    assert away.box_at(1000) is None
    assert away.box_at(100) is not None
    assert away.box_at(2000) is not None


def test_faces_in_one_frame_are_seen_together_and_others_are_not() -> None:
    here = path((0, 1), (200, 1), (2000, 1))
    assert seen_together(here, path((200, 50), (400, 50)))
    assert not seen_together(here, path((400, 50), (600, 50)))
    assert not seen_together(here, path((5000, 50)))
