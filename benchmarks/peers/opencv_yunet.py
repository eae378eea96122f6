"""YuNet as OpenCV's FaceDetectorYN runs it, with that class's own thresholds, at the picture's full size."""

# ruff: noqa: PLC0415  (the native libraries read their number of threads when they are imported)

from __future__ import annotations

from typing import TYPE_CHECKING

from detections import Detections
from threads import limit_pools

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DISTRIBUTIONS = ("opencv-python-headless", "numpy")


def build_detector(threads: int, model: Path) -> Callable[[bytes], Detections]:
    """Return a function from an encoded picture to its faces; `model` is YuNet's ONNX file."""
    limit_pools(threads)
    import cv2
    import numpy as np

    cv2.setNumThreads(threads)
    detector = cv2.FaceDetectorYN.create(str(model), "", (0, 0))

    def detect(encoded: bytes) -> Detections:
        picture = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
        height, width = picture.shape[:2]
        detector.setInputSize((width, height))
        _, faces = detector.detect(picture)
        if faces is None:
            return Detections(np.empty((0, 4)), np.empty((0, 5, 2)))
        faces = np.asarray(faces, np.float64)
        left_top, sides = faces[:, :2], faces[:, 2:4]
        return Detections(np.hstack([left_top, left_top + sides]), faces[:, 4:14].reshape(-1, 5, 2))

    return detect


def uses_blas() -> bool:
    """Say no: OpenCV's network module has its own matrix kernels."""
    return False
