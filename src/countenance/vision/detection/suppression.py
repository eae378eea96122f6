"""Non-maximum suppression: of windows that show the same face, keep the surest."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]


def suppress(
    boxes: Floats, scores: Floats, limit: float, measure: Literal["union", "smaller"] = "union"
) -> npt.NDArray[np.intp]:
    """Return the indices of the boxes to keep, surest first.

    Args:
        boxes: N × 4 left, top, right, bottom.
        scores: N scores; of two boxes that overlap too much the one with the lower score goes.
        limit: largest allowed overlap, 0–1.
        measure: the overlap's denominator: the union of the two boxes, or the smaller of them (which also
            removes a box inside another).
    """
    order = np.argsort(-scores, kind="stable")
    if len(order) < 2:
        return order
    left, top, right, bottom = boxes[order].T.astype(np.float32)
    areas = np.maximum(right - left, 0) * np.maximum(bottom - top, 0)
    keep = []
    alive = np.ones(len(order), dtype=bool)
    for index in range(len(order)):
        if not alive[index]:
            continue
        keep.append(index)
        rest = slice(index + 1, None)
        width = np.minimum(right[index], right[rest]) - np.maximum(left[index], left[rest])
        height = np.minimum(bottom[index], bottom[rest]) - np.maximum(top[index], top[rest])
        shared = np.maximum(width, 0) * np.maximum(height, 0)
        if measure == "union":
            whole = areas[index] + areas[rest] - shared
        else:
            whole = np.minimum(areas[index], areas[rest])
        alive[rest] &= shared <= limit * np.maximum(whole, 1e-9)
    return order[keep]
