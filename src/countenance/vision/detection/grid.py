"""One-shot detectors that answer on grids of stride 8, 16 and 32: YuNet and SCRFD.

Wu, Peng and Yu, "YuNet: a tiny millisecond-level face detector", Machine Intelligence Research 2023;
Guo, Deng, Lattas and Zafeiriou, "Sample and computation redistribution for efficient face detection",
ICLR 2022. Both are run over two views of the picture, the whole at working size and a small one with a
wide margin (its edge repeated), so that faces that fill or leave the frame are found too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from countenance.vision.detection.detections import Detections
from countenance.vision.detection.octaves import octaves_of, resized
from countenance.vision.detection.suppression import suppress

if TYPE_CHECKING:
    from collections.abc import Callable

    from countenance.faces import Pixels
    from countenance.vision.runtime import Model

Floats = npt.NDArray[np.float32]
Outputs = list[npt.NDArray[np.float32]]

STRIDES_PX = (8, 16, 32)
# The small view: its picture's longer side and the margin around it. A face as large as the frame is then
# about 100 px, where these detectors are at their best.
SMALL_VIEW_PX = 96
SMALL_VIEW_MARGIN_PX = 48


@dataclass(frozen=True, slots=True)
class GridModel:
    """What tells one family of these detectors from another.

    ``decode`` turns the graph's outputs, the view's width and the confidence threshold into detections in the
    view's pixels. ``smallest_face_px`` is the smallest face the network resolves well.
    """

    decode: Callable[[Outputs, int, float], Detections]
    blue_first: bool
    mean: float
    scale: float
    confidence_threshold: float
    overlap_limit: float
    smallest_face_px: float


class GridDetector:
    """Finds faces with YuNet or SCRFD; safe to call from several threads."""

    def __init__(self, network: Model, model: GridModel) -> None:
        self._network = network
        self._model = model

    def detect(self, pixels: Pixels, minimum_face_px: float) -> Detections:
        """Return the faces of at least about ``minimum_face_px``, surest first."""
        longest = max(pixels.shape[:2])
        scale = min(1.0, self._model.smallest_face_px / minimum_face_px)
        octaves = octaves_of(pixels)
        found = [
            self._look(octaves, scale, 0),
            self._look(octaves, SMALL_VIEW_PX / longest, SMALL_VIEW_MARGIN_PX),
        ]
        every = Detections.joined(found)
        sides = (every.boxes[:, 2:] - every.boxes[:, :2]).max(axis=1, initial=0)
        every = every.take(np.flatnonzero(sides >= minimum_face_px * 0.8))
        return every.take(suppress(every.boxes, every.confidences, self._model.overlap_limit))

    def _look(self, octaves: list[Pixels], scale: float, margin_px: int) -> Detections:
        height, width = octaves[0].shape[:2]
        size = max(round(width * scale), 1), max(round(height * scale), 1)
        view = octaves[0] if size == (width, height) else resized(octaves, size)
        # The network wants whole cells of its coarsest grid.
        right, bottom = (margin_px + -(side + 2 * margin_px) % STRIDES_PX[-1] for side in size)
        border = cv2.BORDER_REPLICATE if margin_px else cv2.BORDER_CONSTANT
        view = np.asarray(
            cv2.copyMakeBorder(view, margin_px, bottom, margin_px, right, border), dtype=np.uint8
        )
        blob = cv2.dnn.blobFromImage(
            view, self._model.scale, mean=(self._model.mean,) * 3, swapRB=self._model.blue_first
        )
        outputs = self._network.run(np.asarray(blob, dtype=np.float32))
        found = self._model.decode(outputs, view.shape[1], self._model.confidence_threshold)
        found = found.take(suppress(found.boxes, found.confidences, self._model.overlap_limit))
        back = width / size[0], height / size[1]
        return found.moved(back, (-margin_px * back[0], -margin_px * back[1]))


def _cells(numbers: npt.NDArray[np.intp], stride: int, width: int) -> Floats:
    """Return the x, y of the corners of cells, in pixels, from their numbers row by row."""
    rows, columns = np.divmod(numbers, width // stride)
    return np.stack([columns, rows], axis=-1).astype(np.float32) * stride


def _decode_yunet(outputs: Outputs, width: int, threshold: float) -> Detections:
    """Read YuNet's twelve outputs: class, objectness, box and landmarks, each for three strides."""
    found = []
    for index, stride in enumerate(STRIDES_PX):
        classes, objectness, offsets, points = (outputs[index + 3 * kind][0] for kind in range(4))
        scores = np.sqrt(np.clip(classes[:, 0], 0, 1) * np.clip(objectness[:, 0], 0, 1))
        keep = np.flatnonzero(scores >= threshold)
        corners, offsets = _cells(keep, stride, width), offsets[keep] * stride
        half = np.exp(np.minimum(offsets[:, 2:] / stride, 10.0)) * stride / 2
        centres = corners + offsets[:, :2]
        landmarks = corners[:, None] + points[keep].reshape(-1, 5, 2) * stride
        found.append(Detections(np.hstack([centres - half, centres + half]), scores[keep], landmarks))
    return Detections.joined(found)


def _decode_scrfd(outputs: Outputs, width: int, threshold: float) -> Detections:
    """Read SCRFD's nine outputs: score, box and landmarks, each for three strides with two anchors a cell."""
    found = []
    for index, stride in enumerate(STRIDES_PX):
        scores, distances, points = (outputs[index + 3 * kind] for kind in range(3))
        scores = scores.reshape(-1)
        keep = np.flatnonzero(scores >= threshold)
        anchors = _cells(keep // 2, stride, width)
        distances = distances.reshape(-1, 4)[keep] * stride
        boxes = np.hstack([anchors - distances[:, :2], anchors + distances[:, 2:]])
        landmarks = anchors[:, None] + points.reshape(-1, 5, 2)[keep] * stride
        found.append(Detections(boxes, scores[keep], landmarks))
    return Detections.joined(found)


YUNET = GridModel(
    decode=_decode_yunet,
    blue_first=True,
    mean=0.0,
    scale=1.0,
    confidence_threshold=0.6,
    overlap_limit=0.3,
    smallest_face_px=16.0,
)
SCRFD = GridModel(
    decode=_decode_scrfd,
    blue_first=False,
    mean=127.5,
    scale=1 / 128,
    confidence_threshold=0.5,
    overlap_limit=0.4,
    smallest_face_px=16.0,
)
