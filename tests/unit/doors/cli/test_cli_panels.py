"""Crops for comparisons show the face in the middle as far as the picture goes."""

from __future__ import annotations

import numpy as np
import pytest
from made_faces import face_at

from countenance.doors.cli.drawing import KEPT, SET_ASIDE
from countenance.doors.cli.panels import MUTED, face_crop, likeness_colour, picture_with

PIXELS = np.full((300, 400, 3), 200, np.uint8)
PIXELS[100:140, 200:240] = (250, 0, 0)


def test_a_crop_has_the_face_in_its_middle() -> None:
    crop = face_crop(PIXELS, face_at(200, 100, 40), 170)
    assert crop.size == (170, 170)
    assert crop.getpixel((85, 85)) == (250, 0, 0)
    assert crop.getpixel((10, 10)) == (200, 200, 200)


def test_a_crop_is_dark_beyond_the_pictures_edge() -> None:
    crop = np.asarray(face_crop(PIXELS, face_at(380, 280, 40), 100))
    assert crop[20, 20].tolist() == [200, 200, 200]
    assert crop[95, 95].max() < 20


def test_a_picture_around_a_face_fills_its_place_and_the_face_is_where_it_is_seen() -> None:
    shown, face = picture_with(PIXELS, face_at(200, 100, 40), (200, 100), sides=2.5)
    assert shown.size == (200, 100)
    assert face is not None
    assert (face.box.left, face.box.top, face.box.width) == pytest.approx((80, 30, 40))
    assert shown.getpixel((100, 50)) == (250, 0, 0)


@pytest.mark.parametrize(("left", "top"), [(-20, -20), (390, 290), (150, 100)])
def test_a_picture_around_a_face_shows_nothing_beyond_the_edge(left: float, top: float) -> None:
    shown, _ = picture_with(PIXELS, face_at(left, top, 40), (120, 150))
    assert np.asarray(shown).min(axis=2).reshape(-1).max() <= 200
    assert np.asarray(shown).max(axis=2).min() >= 200


def test_a_picture_without_a_face_shows_its_middle() -> None:
    shown, face = picture_with(PIXELS, None, (100, 100))
    assert face is None
    assert shown.size == (100, 100)


def test_a_similarity_has_the_colour_of_its_meaning() -> None:
    colours = [likeness_colour(percent) for percent in (99, 80, 79.9, 40, 39.9, 0)]
    assert colours == [KEPT, KEPT, SET_ASIDE, SET_ASIDE, MUTED, MUTED]
