"""Where one shot ends and the next begins, seen in small grey copies of all frames.

At a hard cut the picture changes at once and, unlike in a fast movement, more than it did just before; so the
change is compared with that of the frames before it. A library such as PySceneDetect does this from full
pictures in colour; small grey ones are there for next to nothing.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

# Of 255: pictures that differ less by so much on average show the same place.
_LEAST_CHANGE = 12.0
# So many times the usual change of the last frames is no movement any more.
_TIMES_USUAL = 3.0
_REMEMBERED_FRAMES = 12
# A cut is also a change of what there is, not only of where it is: share of grey values that moved.
_LEAST_HISTOGRAM_CHANGE = 0.15


class CutFinder:
    """Looks at one frame after the other; one for each video."""

    def __init__(self) -> None:
        self._before: npt.NDArray[np.int16] | None = None
        self._changes: deque[float] = deque(maxlen=_REMEMBERED_FRAMES)

    def is_cut(self, small: npt.NDArray[np.uint8]) -> bool:
        """Tell whether a shot begins with this frame, given as 36 × 64 grey values."""
        now = small.astype(np.int16)
        before, self._before = self._before, now
        if before is None:
            return True
        change = float(np.abs(now - before).mean())
        usual = float(np.median(self._changes)) if self._changes else 0.0
        found = (
            change >= max(_LEAST_CHANGE, _TIMES_USUAL * usual)
            and _histogram_change(before, now) >= _LEAST_HISTOGRAM_CHANGE
        )
        if found:
            self._changes.clear()
        else:
            self._changes.append(change)
        return found


def _histogram_change(before: npt.NDArray[np.int16], now: npt.NDArray[np.int16]) -> float:
    """Return the share (0–1) of pixels that would have to take another of 16 grey values."""
    counts = [np.bincount((small >> 4).ravel(), minlength=16) for small in (before, now)]
    return float(np.abs(counts[0] - counts[1]).sum() / (2 * now.size))
