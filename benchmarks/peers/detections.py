"""What a peer's detector finds in one picture; the common ground of the detectors in this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class Detections(NamedTuple):
    """The faces of one picture, in the order in which the peer gives them."""

    boxes: npt.NDArray[np.float64]
    """n × 4: left, top, right, bottom in pixels of the picture."""

    landmarks: npt.NDArray[np.float64]
    """n × 5 × 2: x, y of the viewer's left eye, right eye, nose, left and right corner of the mouth."""
