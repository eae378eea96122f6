"""Quality: what makes a face's picture better or worse."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from countenance.faces import Box, Face, Landmarks, Pixels, Pose, Quality, RejectionReason
from countenance.vision.filtering import QualityLevel, filter_faces, reasons_against
from countenance.vision.quality import measure_quality

FRONTAL = Pose(0, 0, 0)


@pytest.fixture(scope="module")
def chip(astronaut: Path) -> Pixels:
    with Image.open(astronaut) as picture:
        return np.asarray(picture.convert("RGB").crop((150, 40, 300, 190)))


def quality(chip: Pixels, pose: Pose = FRONTAL, eye_distance_px: float = 50) -> Quality:
    return measure_quality(np.ascontiguousarray(chip), eye_distance_px, pose)


def test_blur_lowers_sharpness_and_the_score(chip: Pixels) -> None:
    blurred = np.asarray(cv2.GaussianBlur(chip, (0, 0), 4), dtype=np.uint8)
    assert quality(blurred).sharpness < quality(chip).sharpness / 2
    assert quality(blurred).unified_score < quality(chip).unified_score


def test_a_darker_picture_is_less_bright_but_not_less_sharp(chip: Pixels) -> None:
    dark = (chip * 0.5).astype(np.uint8)
    assert quality(dark).brightness == pytest.approx(quality(chip).brightness / 2, rel=0.02)
    assert quality(dark).sharpness == pytest.approx(quality(chip).sharpness, abs=8)


def test_light_from_one_side_is_not_uniform(chip: Pixels) -> None:
    shade = np.linspace(0.2, 1, chip.shape[1])[None, :, None]
    assert (
        quality((chip * shade).astype(np.uint8)).illumination_uniformity
        < quality(chip).illumination_uniformity
    )


def test_black_and_white_faces_are_under_and_over_exposed() -> None:
    black, white = (np.full((150, 150, 3), value, np.uint8) for value in (0, 255))
    assert quality(black).under_exposure_prevention == 0
    assert quality(white).over_exposure_prevention == pytest.approx(1 / 1.01)
    assert quality(black).over_exposure_prevention == 100
    assert quality(white).under_exposure_prevention == pytest.approx(99.84, abs=0.01)
    assert quality(black).dynamic_range == quality(white).dynamic_range == 0


def test_a_turned_or_small_face_has_a_lower_score(chip: Pixels) -> None:
    best = quality(chip).unified_score
    assert quality(chip, Pose(0, 0, 40)).unified_score < best
    assert quality(chip, Pose(35, 0, 0)).unified_score < best
    assert quality(chip, eye_distance_px=12).unified_score < best


@given(st.integers(0, 2**32 - 1), st.integers(0, 255), st.integers(0, 255))
def test_every_measure_is_between_0_and_100(seed: int, one: int, other: int) -> None:
    low, high = sorted((one, other))
    noise = np.random.default_rng(seed).integers(low, high + 1, (150, 150, 3), dtype=np.uint8)
    measured = dataclasses.asdict(quality(noise))
    measured.pop("inter_eye_distance_px")
    assert all(0 <= value <= 100 + 1e-9 for value in measured.values()), measured


GOOD = Face(
    Box(0, 0, 100, 130),
    Landmarks.from_array(np.zeros((5, 2))),
    99.9,
    FRONTAL,
    Quality(50, 80, 60, 95, 100, 100, 90, 45, 90),
)


def with_quality(**changes: float) -> Face:
    return dataclasses.replace(GOOD, quality=dataclasses.replace(GOOD.quality, **changes))


@pytest.mark.parametrize(
    ("face", "reason"),
    [
        (dataclasses.replace(GOOD, confidence=60.0), RejectionReason.LOW_CONFIDENCE),
        (dataclasses.replace(GOOD, pose=Pose(0, 0, 70)), RejectionReason.EXTREME_POSE),
        (dataclasses.replace(GOOD, pose=Pose(-60, 0, 0)), RejectionReason.EXTREME_POSE),
        (with_quality(inter_eye_distance_px=8), RejectionReason.SMALL_BOUNDING_BOX),
        (with_quality(brightness=3), RejectionReason.LOW_BRIGHTNESS),
        (with_quality(sharpness=4), RejectionReason.LOW_SHARPNESS),
        (with_quality(unified_score=5), RejectionReason.LOW_FACE_QUALITY),
    ],
)
def test_a_face_that_falls_short_is_set_aside_for_that_reason(face: Face, reason: RejectionReason) -> None:
    for level in (QualityLevel.LOW, QualityLevel.MEDIUM, QualityLevel.HIGH, QualityLevel.AUTO):
        assert reasons_against(face, level) == (reason,)
    assert reasons_against(face, QualityLevel.NONE) == ()
    assert reasons_against(GOOD, QualityLevel.HIGH) == ()


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 100), st.floats(0, 80), st.floats(-90, 90))
def test_what_a_strict_level_keeps_a_lax_one_keeps_too(
    brightness: float, sharpness: float, score: float, eyes_px: float, yaw: float
) -> None:
    face = dataclasses.replace(
        with_quality(
            brightness=brightness, sharpness=sharpness, unified_score=score, inter_eye_distance_px=eyes_px
        ),
        pose=Pose(0, 0, yaw),
    )
    kept = [
        not reasons_against(face, level)
        for level in (QualityLevel.HIGH, QualityLevel.MEDIUM, QualityLevel.LOW)
    ]
    assert kept == sorted(kept)


def test_of_too_many_faces_the_worst_go_first_then_the_smallest() -> None:
    worst = with_quality(unified_score=50)
    small = dataclasses.replace(GOOD, box=Box(0, 0, 40, 50))
    kept, rejected = filter_faces([GOOD, worst, small], QualityLevel.NONE, most=2)
    assert kept == [GOOD, small]
    assert [(face.face, face.reasons) for face in rejected] == [(worst, (RejectionReason.EXCEEDS_MAX_FACES,))]
    kept, _ = filter_faces([small, GOOD], QualityLevel.NONE, most=1)
    assert kept == [GOOD]
