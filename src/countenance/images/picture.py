"""Decoded pixels and the size of the picture they came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from countenance.errors import ImageFormatNotSupported

if TYPE_CHECKING:
    from countenance.faces import Pixels


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Upright RGB pixels, height × width × 3, uint8, C-contiguous, read-only.

    ``width_px`` and ``height_px`` are the upright original's; ``pixels`` may be a reduction of it.
    """

    pixels: Pixels
    width_px: int
    height_px: int

    @property
    def scale_x(self) -> float:
        """What an x of the original is multiplied by to give an x of ``pixels``."""
        return int(self.pixels.shape[1]) / self.width_px

    @property
    def scale_y(self) -> float:
        """What a y of the original is multiplied by to give a y of ``pixels``."""
        return int(self.pixels.shape[0]) / self.height_px

    @classmethod
    def from_pixels(cls, array: npt.NDArray[Any]) -> Picture:
        """Make a picture of an array, such as a notebook has: height × width × 3 RGB or height × width grey.

        A contiguous RGB array is used as it is, without a copy; do not change it afterwards.

        Raises:
            ImageFormatNotSupported: the array's shape or dtype is another.
        """
        _check(array)
        colour = array if array.ndim == 3 else np.repeat(array[:, :, np.newaxis], 3, axis=2)
        pixels: Pixels = np.ascontiguousarray(colour).view()
        pixels.flags.writeable = False
        return cls(pixels, width_px=pixels.shape[1], height_px=pixels.shape[0])


def _check(array: object) -> None:
    """Say what is wrong with an array that is not a picture, and how to make it one."""
    wanted = "give height × width × 3 RGB or height × width grey, uint8"
    if not isinstance(array, np.ndarray):
        raise ImageFormatNotSupported(f"pixels are a {type(array).__name__}, not a numpy array; {wanted}")
    if array.dtype != np.uint8:
        raise ImageFormatNotSupported(
            f"pixels are {array.dtype}, not uint8; {wanted} (values in 0–1 times 255, then .astype('uint8'))"
        )
    if array.ndim == 3 and array.shape[2] == 4:
        raise ImageFormatNotSupported(f"pixels have shape {array.shape}, and alpha; {wanted}")
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] != 3) or array.size == 0:
        raise ImageFormatNotSupported(f"pixels have shape {array.shape}; {wanted}")
