"""The `mtcnn` package's arrays, one after another, with their shapes checked and their axes in our order."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from countenance.errors import PackBroken

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

# MTCNN takes (pixel − 127.5) / 128.
_PIXEL_MEAN, _PIXEL_DIVISOR = 127.5, 128.0


@dataclass(frozen=True, slots=True, eq=False)
class Convolution:
    """A convolution and the slopes of the parametric ReLU that follows.

    ``weights`` is filters × channels × rows × columns; a convolution without activation has slopes of 1.
    """

    weights: Doubles
    bias: Doubles
    slopes: Doubles

    def on_bytes(self) -> Convolution:
        """Return the same convolution for values 0 to 255: exact, as nothing is padded."""
        # fsum rounds once, so the bytes of the graph do not depend on the machine that makes it.
        sums = np.array([math.fsum(weights.flat) for weights in self.weights])
        bias = self.bias - sums * (_PIXEL_MEAN / _PIXEL_DIVISOR)
        return replace(self, weights=self.weights / _PIXEL_DIVISOR, bias=bias)


@dataclass(frozen=True, slots=True, eq=False)
class Dense:
    """A dense layer, ``weights`` inputs × outputs, and the slopes of the activation that follows."""

    weights: Doubles
    bias: Doubles
    slopes: Doubles


class WeightReader:
    """Takes the arrays of one network in the order in which the package stores them."""

    def __init__(self, arrays: list[Floats], network: str) -> None:
        self._arrays = iter(arrays)
        self._network = network

    def convolution(
        self, kernel_px: int, channels: int, filters: int, *, activated: bool = True
    ) -> Convolution:
        """Return the next convolution; the package has rows × columns × channels × filters."""
        weights = self._take(kernel_px, kernel_px, channels, filters).transpose(3, 2, 0, 1)
        bias = self._take(filters)
        slopes = self._take(1, 1, filters).reshape(-1) if activated else np.ones(filters)
        return Convolution(weights, bias, slopes)

    def dense(self, inputs: int, outputs: int) -> Dense:
        """Return the next dense layer without activation."""
        return Dense(self._take(inputs, outputs), self._take(outputs), np.ones(outputs))

    def dense_on_picture(self, side_px: int, channels: int, outputs: int) -> Dense:
        """Return the next dense layer with activation, its inputs in ONNX's order.

        The package flattens columns × rows × channels (the first MTCNN had column-major pictures), ONNX
        channels × rows × columns.
        """
        weights = self._take(side_px * side_px * channels, outputs)
        ordered = weights.reshape(side_px, side_px, channels, outputs).transpose(2, 1, 0, 3)
        return Dense(ordered.reshape(weights.shape), self._take(outputs), self._take(outputs))

    def finish(self) -> None:
        """Check that no array is left.

        Raises:
            PackBroken: the file has more arrays than the network.
        """
        if next(self._arrays, None) is not None:
            raise PackBroken(f"the weights of {self._network} have more arrays than the network has layers")

    def _take(self, *shape: int) -> Doubles:
        array = next(self._arrays, None)
        if array is None or array.shape != shape or not np.isfinite(array).all():
            raise PackBroken(f"the weights of {self._network} are not finite numbers of the expected shapes")
        return array.astype(np.float64)
