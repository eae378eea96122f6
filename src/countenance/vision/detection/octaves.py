"""A picture at half, a quarter … of its size: whatever is smaller is sampled from these evenly and fast."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from countenance.faces import Pixels

# Below this a picture is not halved again.
SMALLEST_SIDE_PX = 8


def octaves_of(pixels: Pixels) -> list[Pixels]:
    """Return the picture and its halves down to a few pixels."""
    octaves = [pixels]
    while min(octaves[-1].shape[:2]) >= 2 * SMALLEST_SIDE_PX:
        height, width = octaves[-1].shape[:2]
        half = cv2.resize(octaves[-1], (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        octaves.append(np.asarray(half, dtype=np.uint8))
    return octaves


def resized(octaves: list[Pixels], size: tuple[int, int]) -> Pixels:
    """Return the picture with the given width and height, sampled from an octave at most twice as fine."""
    shrinking = min(octaves[0].shape[1] / size[0], octaves[0].shape[0] / size[1])
    octave = min(max(int(math.log2(shrinking)), 0), len(octaves) - 1)
    return np.asarray(cv2.resize(octaves[octave], size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
