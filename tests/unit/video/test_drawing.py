"""What is drawn onto frames: where faces are, when they are there, whatever they are called."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.faces import Pixels
from countenance.video.drawing import NAMED, UNNAMED, Marked, Overlay, label_of
from countenance.video.timeline import FacePath


def path(*seen: tuple[int, float], size_px: float = 60, top: float = 60) -> FacePath:
    """Return the path of a square face whose left edge is there at times."""
    times_ms = np.array([time_ms for time_ms, _ in seen], np.int32)
    boxes = np.array([(left, top, left + size_px, top + size_px) for _, left in seen], np.float32)
    return FacePath(times_ms, boxes)


def drawn(timestamp_ms: int, *marked: Marked) -> Pixels:
    """Return what is drawn at a time onto a grey frame of 320 × 180 px."""
    pixels = np.full((180, 320, 3), 90, np.uint8)
    Overlay(marked).draw(pixels, timestamp_ms)
    return pixels


def columns_of(pixels: Pixels, colour: tuple[int, int, int]) -> tuple[int, int]:
    """Return the first and last column that has a colour, in the rows of the face."""
    close = np.abs(pixels[58:122].astype(int) - colour).max(axis=2) < 60
    found = np.flatnonzero(close.any(axis=0))
    return int(found[0]), int(found[-1])


@pytest.mark.parametrize(("time_ms", "left"), [(0, 40), (100, 70), (200, 100)])
def test_the_box_is_where_the_face_is_then(time_ms: int, left: int) -> None:
    mark = Marked(path((0, 40), (200, 100)), "ann", is_named=True, until_ms=200)
    first, last = columns_of(drawn(time_ms, mark), NAMED)
    assert (first, last) == pytest.approx((left, left + 60), abs=2)


def test_nothing_is_drawn_before_or_after_it() -> None:
    mark = Marked(path((200, 40), (400, 40)), "ann", is_named=True, until_ms=500)
    assert (drawn(199, mark) == 90).all()
    assert (drawn(501, mark) == 90).all()
    assert columns_of(drawn(500, mark), NAMED) == pytest.approx((40, 100), abs=2)


def test_who_is_not_known_has_another_colour() -> None:
    mark = Marked(path((0, 40)), "person 1", is_named=False, until_ms=0)
    assert columns_of(drawn(0, mark), UNNAMED) == pytest.approx((40, 100), abs=2)


def test_the_name_is_above_the_box() -> None:
    without = Marked(path((0, 40)), " ", is_named=True, until_ms=0)
    named = Marked(path((0, 40)), "Eileen Collins", is_named=True, until_ms=0)
    difference = np.abs(drawn(0, named).astype(int) - drawn(0, without)).max(axis=2)
    rows = np.flatnonzero(difference.any(axis=1))
    assert 30 < rows[0] < rows[-1] < 60


def test_a_name_at_the_edge_stays_in_the_picture() -> None:
    corner = Marked(path((0, 300), top=2, size_px=30), "Eileen Collins", is_named=True, until_ms=0)
    pixels = drawn(0, corner)
    letters = np.abs(pixels[4:32, 200:300].astype(int) - NAMED).max(axis=2) < 60
    assert letters.any()


@given(
    st.tuples(*[st.floats(-500, 900, width=32)] * 2),
    st.floats(0, 900, width=32),
    st.text(min_size=1, max_size=60),
)
def test_whatever_is_drawn_anywhere_the_frame_keeps_its_shape(
    place: tuple[float, float], size_px: float, name: str
) -> None:
    mark = Marked(path((0, place[0]), top=place[1], size_px=size_px), label_of(name, 1), True, 0)
    for size in ((180, 320, 3), (8, 6, 3)):
        pixels = np.full(size, 90, np.uint8)
        Overlay([mark]).draw(pixels, 0)
        assert pixels.shape == size


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Eileen Collins", "Eileen Collins"),
        ("José Ñandú", "Jose Nandu"),
        ("李雷", "person 7"),
        ("", "person 7"),
        ("an\nn\x1b[31m", "ann[31m"),
        ("x" * 200, "x" * 40),
    ],
)
def test_a_name_is_written_with_letters_that_are_there(name: str, label: str) -> None:
    assert label_of(name, 7) == label
