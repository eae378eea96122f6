"""What a detector answers: boxes, confidences and five landmarks, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from countenance.faces import Pixels

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Faces found in one picture, in the coordinates of the pixels given.

    ``boxes`` is N × 4 left, top, right, bottom; ``confidences`` N in 0–1; ``landmarks`` N × 5 × 2 in the
    order of `countenance.faces.Landmarks`.
    """

    boxes: Floats
    confidences: Floats
    landmarks: Floats

    def __len__(self) -> int:
        return len(self.boxes)

    def take(self, indices: npt.NDArray[np.intp]) -> Detections:
        """Return the chosen detections in the given order."""
        return Detections(self.boxes[indices], self.confidences[indices], self.landmarks[indices])

    def moved(self, scale: tuple[float, float], shift: tuple[float, float] = (0.0, 0.0)) -> Detections:
        """Return the detections with each x, y mapped to ``x · scale + shift``."""
        factors, offsets = np.array(scale, np.float32), np.array(shift, np.float32)
        return Detections(
            self.boxes * np.tile(factors, 2) + np.tile(offsets, 2),
            self.confidences,
            self.landmarks * factors + offsets,
        )

    @classmethod
    def none(cls) -> Detections:
        """Return an empty set."""
        return cls(np.empty((0, 4), np.float32), np.empty(0, np.float32), np.empty((0, 5, 2), np.float32))

    @classmethod
    def joined(cls, parts: list[Detections]) -> Detections:
        """Return all detections of all parts."""
        if not parts:
            return cls.none()
        return cls(
            np.concatenate([part.boxes for part in parts]),
            np.concatenate([part.confidences for part in parts]),
            np.concatenate([part.landmarks for part in parts]),
        )


class Detector(Protocol):
    """Finds faces in one picture."""

    def detect(self, pixels: Pixels, minimum_face_px: float) -> Detections:
        """Return the faces whose larger side is at least about ``minimum_face_px``, surest first."""
        ...
