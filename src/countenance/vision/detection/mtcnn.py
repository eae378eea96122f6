"""The MTCNN detector: three small networks, each looking closer at what the one before left over.

Zhang, Zhang, Li and Qiao, "Joint face detection and alignment using multitask cascaded convolutional
networks", IEEE Signal Processing Letters 2016. Two things are our own:

- All levels of the picture's pyramid are packed onto one canvas, so that the first network runs once.
- Every level carries a grey border of half a window. It costs little on fine levels, and on coarse ones it
  lets faces be found that fill the frame or leave it. Grey, the networks' zero, is what counts: of LFW faces
  cropped to 80 % of their box all are found with it, 94 % with the edge repeated and 92 % with black.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from countenance.vision.detection.detections import Detections
from countenance.vision.detection.octaves import SMALLEST_SIDE_PX, octaves_of, resized
from countenance.vision.detection.suppression import suppress

if TYPE_CHECKING:
    from countenance.faces import Pixels
    from countenance.vision.runtime import Model

Floats = npt.NDArray[np.float32]

WINDOW_PX = 12
STRIDE_PX = 2
BORDER_PX = WINDOW_PX // 2
GREY = 127
# Hostile pictures can make every window a candidate; a crowd of 100 faces leaves about 1,500.
MOST_CANDIDATES = 2000


@dataclass(frozen=True, slots=True)
class Level:
    """One size of the picture and where it lies on the canvas (its border included)."""

    scale: float
    x: int
    y: int
    width: int
    height: int


class MtcnnDetector:
    """Finds faces with MTCNN; safe to call from several threads."""

    def __init__(
        self,
        proposal: Model,
        refinement: Model,
        output: Model,
        thresholds: tuple[float, float, float] = (0.6, 0.7, 0.7),
        pyramid_factor: float = 0.709,
    ) -> None:
        self._proposal = proposal
        self._refinement = refinement
        self._output = output
        self._thresholds = thresholds
        self._pyramid_factor = pyramid_factor

    def detect(self, pixels: Pixels, minimum_face_px: float) -> Detections:
        """Return the faces of at least about ``minimum_face_px``, surest first."""
        octaves = octaves_of(pixels)
        boxes = self._propose(octaves, minimum_face_px)
        boxes = self._refine(octaves, boxes)
        return self._decide(octaves, boxes)

    def _propose(self, octaves: list[Pixels], minimum_face_px: float) -> Floats:
        height, width = octaves[0].shape[:2]
        levels = _levels(width, height, WINDOW_PX / minimum_face_px, self._pyramid_factor)
        if not levels:
            return np.empty((0, 4), np.float32)
        probabilities, offsets = self._proposal.run(_canvas(octaves, levels))
        found = [self._candidates(level, probabilities, offsets) for level in levels]
        boxes = np.concatenate([boxes for boxes, _ in found])
        scores = np.concatenate([scores for _, scores in found])
        return _squares(boxes[suppress(boxes, scores, 0.7)])

    def _candidates(self, level: Level, probabilities: Floats, offsets: Floats) -> tuple[Floats, Floats]:
        top, left = level.y // STRIDE_PX, level.x // STRIDE_PX
        rows = (level.height - WINDOW_PX) // STRIDE_PX + 1
        columns = (level.width - WINDOW_PX) // STRIDE_PX + 1
        scores = probabilities[top : top + rows, left : left + columns]
        row, column = np.nonzero(scores >= self._thresholds[0])
        scores = scores[row, column]
        if len(scores) > MOST_CANDIDATES:
            best = np.argpartition(-scores, MOST_CANDIDATES)[:MOST_CANDIDATES]
            row, column, scores = row[best], column[best], scores[best]
        corner = np.stack([column, row], axis=1) * STRIDE_PX - BORDER_PX
        windows = np.hstack([corner, corner + WINDOW_PX]).astype(np.float32) / level.scale
        shifts = offsets[:, top + row, left + column].T
        keep = suppress(windows, scores, 0.5)
        return _calibrated(windows[keep], shifts[keep]), scores[keep]

    def _refine(self, octaves: list[Pixels], boxes: Floats) -> Floats:
        if not len(boxes):
            return boxes
        scores, offsets = self._refinement.run(_crops(octaves, boxes, 24))
        keep = np.flatnonzero(scores >= self._thresholds[1])
        keep = keep[suppress(boxes[keep], scores[keep], 0.7)]
        return _squares(_calibrated(boxes[keep], offsets[keep]))

    def _decide(self, octaves: list[Pixels], boxes: Floats) -> Detections:
        if not len(boxes):
            return Detections.none()
        scores, offsets, points = self._output.run(_crops(octaves, boxes, 48))
        keep = np.flatnonzero(scores >= self._thresholds[2])
        boxes, scores = boxes[keep], scores[keep]
        landmarks = (
            points[keep].reshape(-1, 5, 2) * (boxes[:, 2:] - boxes[:, :2])[:, None] + boxes[:, None, :2]
        )
        boxes = _calibrated(boxes, offsets[keep])
        return Detections(boxes, scores, landmarks).take(suppress(boxes, scores, 0.7, "smaller"))


def _levels(width: int, height: int, finest_scale: float, factor: float) -> list[Level]:
    """Lay out the pyramid's levels in rows on one canvas, the finest first; corners lie on even pixels."""
    levels: list[Level] = []
    rows: list[list[int]] = []  # per row: y, height, x of the next free column
    scale = finest_scale
    canvas_width = bottom = 0
    while min(width, height) * scale >= SMALLEST_SIDE_PX:
        level_width, level_height = (round(side * scale) + 2 * BORDER_PX for side in (width, height))
        canvas_width = canvas_width or level_width
        row = next(
            (row for row in rows if row[1] >= level_height and canvas_width - row[2] >= level_width), None
        )
        if row is None:
            row = [bottom, level_height, 0]
            rows.append(row)
            bottom += level_height + level_height % 2
        levels.append(Level(scale, row[2], row[0], level_width, level_height))
        row[2] += level_width + level_width % 2
        scale *= factor
    return levels


def _canvas(octaves: list[Pixels], levels: list[Level]) -> Pixels:
    height = max(level.y + level.height for level in levels)
    width = max(level.x + level.width for level in levels)
    canvas = np.full((height, width, 3), GREY, dtype=np.uint8)
    for level in levels:
        inner = (level.width - 2 * BORDER_PX, level.height - 2 * BORDER_PX)
        top, left = level.y + BORDER_PX, level.x + BORDER_PX
        canvas[top : top + inner[1], left : left + inner[0]] = resized(octaves, inner)
    return canvas


def _crops(octaves: list[Pixels], boxes: Floats, side: int) -> Pixels:
    """Return N × side × side × 3 crops of square boxes, grey beyond the picture."""
    crops = np.empty((len(boxes), side, side, 3), dtype=np.uint8)
    steps = (boxes[:, 2:] - boxes[:, :2]) / side
    finest = np.clip(np.log2(np.maximum(steps.min(axis=1), 1e-6)).astype(int), 0, len(octaves) - 1)
    for crop, box, step, octave in zip(crops, boxes, steps, finest, strict=True):
        source = octaves[octave]
        factor = octaves[0].shape[1] / source.shape[1], octaves[0].shape[0] / source.shape[0]
        x_step, y_step = step[0] / factor[0], step[1] / factor[1]
        matrix = np.array(
            [
                [x_step, 0, box[0] / factor[0] + 0.5 * x_step - 0.5],
                [0, y_step, box[1] / factor[1] + 0.5 * y_step - 0.5],
            ]
        )
        cv2.warpAffine(
            source,
            matrix,
            (side, side),
            dst=crop,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=(GREY, GREY, GREY),
        )
    return crops


def _calibrated(boxes: Floats, offsets: Floats) -> Floats:
    """Move each edge by its offset, a fraction of the window's side."""
    sides = boxes[:, 2:] - boxes[:, :2]
    return boxes + offsets * np.tile(sides, 2)


def _squares(boxes: Floats) -> Floats:
    """Return the squares around the same centres with the larger side."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    half = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True) / 2
    return np.hstack([centres - half, centres + half])
