"""How fit a face's picture is for recognition: measures of the aligned chip, one score, and the filter.

Measures named after ISO/IEC 29794-5 follow the formulas of its reference implementation, OFIQ, on the
aligned chip instead of OFIQ's own face region; sharpness is a substitute (OFIQ's needs a trained model).
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from countenance.faces import Pixels, Pose, Quality

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.intp]

_LUMINANCES = np.arange(256.0)

# The chip's part that is face and not hair, collar or background, as fractions of its side.
FACE_TOP, FACE_BOTTOM, FACE_LEFT, FACE_RIGHT = 0.18, 0.82, 0.2, 0.8
# The detail that counts as sharpness 50.
SHARPNESS_MIDPOINT = 0.02
# Distance between the eyes, in pixels, from which a face is large enough (a chip has about 55).
ENOUGH_EYE_DISTANCE_PX = 40.0


def measure_quality(chip: Pixels, eye_distance_px: float, pose: Pose) -> Quality:
    """Measure one aligned chip.

    Args:
        chip: side × side × 3, the face upright and centred.
        eye_distance_px: distance between the eyes in the original picture.
        pose: the face's pose, which counts towards the unified score.
    """
    side = chip.shape[0]
    face = chip[
        round(FACE_TOP * side) : round(FACE_BOTTOM * side), round(FACE_LEFT * side) : round(FACE_RIGHT * side)
    ]
    grey: Pixels = np.asarray(cv2.cvtColor(np.ascontiguousarray(face), cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    middle = grey.shape[1] // 2
    left, right = (
        np.bincount(half.reshape(-1), minlength=256) for half in (grey[:, :middle], grey[:, middle:])
    )
    histogram = (left + right) / grey.size
    mean = float(histogram @ _LUMINANCES)
    variance = max(float(histogram @ _LUMINANCES**2) - mean**2, 0.0)
    measures = {
        "brightness": mean / 2.55,
        "sharpness": _sharpness(grey, variance),
        "contrast": float(min(np.sqrt(variance) / 0.64, 100.0)),
        "illumination_uniformity": _illumination_uniformity(left, right),
        "under_exposure_prevention": _under_exposure_prevention(histogram),
        "over_exposure_prevention": _over_exposure_prevention(histogram),
        "dynamic_range": _dynamic_range(histogram),
    }
    score = _unified(measures, eye_distance_px, pose)
    return Quality(**measures, inter_eye_distance_px=eye_distance_px, unified_score=score)


def _sharpness(grey: Pixels, variance: float) -> float:
    """Return 0–100 from the share of detail (variance of the Laplacian) in the picture's variance.

    Dividing by the variance makes the measure independent of contrast and exposure.
    """
    _, deviation = cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_16S, ksize=1))
    ratio = float(deviation.item()) ** 2 / (variance + 4.0)
    return float(100.0 * ratio / (ratio + SHARPNESS_MIDPOINT))


def _illumination_uniformity(left: Counts, right: Counts) -> float:
    """ISO/IEC 29794-5 illumination uniformity: the overlap of both sides' luminance histograms."""
    return float(100.0 * np.minimum(left / left.sum(), right / right.sum()).sum() ** 0.3)


def _under_exposure_prevention(histogram: Floats) -> float:
    """ISO/IEC 29794-5 under-exposure prevention, from the share of luminance 0–25."""
    share = float(histogram[:26].sum())
    return float(np.clip(120.0 * (0.832 - 1.0 / (1.0 + np.exp((0.92 - share) / 0.05))), 0.0, 100.0))


def _over_exposure_prevention(histogram: Floats) -> float:
    """ISO/IEC 29794-5 over-exposure prevention, from the share of luminance 247–255."""
    return float(np.clip(1.0 / (histogram[247:].sum() + 0.01), 0.0, 100.0))


def _dynamic_range(histogram: Floats) -> float:
    """ISO/IEC 29794-5 dynamic range: the histogram's entropy, 8 bits being 100."""
    present = histogram[histogram > 0]
    return float(np.clip(-12.5 * (present * np.log2(present)).sum(), 0.0, 100.0))


def _unified(measures: dict[str, float], eye_distance_px: float, pose: Pose) -> float:
    """Join the measures into one score: 100 for a sharp, large, evenly lit face that looks into the camera.

    A product, so that no good measure makes up for a bad one.
    """
    frontal = np.exp(-((pose.yaw_degrees / 45) ** 2) - (pose.pitch_degrees / 45) ** 2)
    size = min(eye_distance_px / ENOUGH_EYE_DISTANCE_PX, 1.0)
    sharp = min(measures["sharpness"] / 50, 1.0)
    light = min(measures["under_exposure_prevention"], measures["over_exposure_prevention"] * 4, 100.0) / 100
    tones = min(measures["dynamic_range"] / 75, 1.0)
    even = measures["illumination_uniformity"] / 100
    return float(100.0 * frontal * np.sqrt(size * sharp) * light * tones * even)
