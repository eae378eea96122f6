"""MTCNN as facenet-pytorch runs it: our weights, in torch, one network call per pyramid level."""

# ruff: noqa: PLC0415  (the native libraries read their number of threads when they are imported)

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from detections import Detections
from threads import limit_pools

if TYPE_CHECKING:
    from collections.abc import Callable

DISTRIBUTIONS = ("facenet-pytorch", "torch", "opencv-python-headless", "numpy", "pillow")


def build_detector(threads: int, min_face_px: int) -> Callable[[bytes], Detections]:
    """Return a function from an encoded picture to all faces whose side is `min_face_px` or more."""
    limit_pools(threads)
    import numpy as np
    import torch
    import torchvision_stand_in
    from PIL import Image

    torchvision_stand_in.install()
    from facenet_pytorch import MTCNN

    torch.set_num_threads(threads)
    detector = MTCNN(keep_all=True, min_face_size=min_face_px)

    def detect(encoded: bytes) -> Detections:
        picture = Image.open(io.BytesIO(encoded)).convert("RGB")
        boxes, _, landmarks = detector.detect(picture, landmarks=True)
        if boxes is None:
            return Detections(np.empty((0, 4)), np.empty((0, 5, 2)))
        return Detections(np.asarray(boxes, np.float64), np.asarray(landmarks, np.float64))

    return detect


def uses_blas() -> bool:
    """Say whether this torch was built with MKL or another BLAS library."""
    import torch

    return "BLAS_INFO=" in torch.__config__.show()
