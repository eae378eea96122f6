"""dlib's face recognition ResNet as an ONNX graph: chips in, 128 numbers a face out.

Two exact simplifications make it fast: the factors and addends between convolutions go into the
convolutions' weights, and so do the subtraction of the mean colour and the division by 256 (the first
convolution has no padding, so nothing changes at the border).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from onnx import TensorProto

from countenance.errors import PackBroken
from countenance.vision.packs.prepared import dlib_network as dlib
from countenance.vision.packs.prepared.graph_builder import GraphBuilder

INPUT, OUTPUT = "chips", "descriptors"
# dlib's `input_rgb_image_sized` divides by 256, not by 255.
_INPUT_DIVISOR = 256.0


@dataclass(frozen=True, slots=True)
class _Value:
    """A value in the graph and its shape for one face."""

    name: str
    channels: int
    side_px: int


def resnet_graph(network: dlib.Network, about: dict[str, str]) -> bytes:
    """Return the ONNX model of a network read by `dlib_network.read_network`.

    Input ``chips``: N × side × side × 3 bytes, red green blue. Output ``descriptors``: N × 128, as dlib
    gives them, not normalised.
    """
    writer = _Writer(network.side_px)
    for layer in _with_affines_folded(network):
        writer.add(layer)
    return writer.build(about)


def _with_affines_folded(network: dlib.Network) -> list[dlib.Layer]:
    """Return the layers with each `Affine` and the input's normalisation worked into the convolutions."""
    folded: list[dlib.Layer] = []
    for layer in network.layers:
        last = folded[-1] if folded else None
        if isinstance(layer, dlib.Affine) and isinstance(last, dlib.Convolution):
            folded[-1] = _scaled(last, layer)
        else:
            folded.append(layer)
    if not folded or not isinstance(folded[0], dlib.Convolution) or folded[0].padding_px:
        raise PackBroken("the network does not begin with a convolution without padding")
    folded[0] = _normalising(folded[0], network.mean_rgb)
    return folded


def _scaled(convolution: dlib.Convolution, affine: dlib.Affine) -> dlib.Convolution:
    factor, addend = affine.factor.astype(np.float64), affine.addend.astype(np.float64)
    if factor.shape != convolution.bias.shape or addend.shape != convolution.bias.shape:
        raise PackBroken("an affine layer does not fit its convolution")
    weights, bias = convolution.weights * factor[:, None, None, None], convolution.bias * factor + addend
    return replace(convolution, weights=weights, bias=bias)


def _normalising(convolution: dlib.Convolution, mean_rgb: tuple[float, float, float]) -> dlib.Convolution:
    if convolution.weights.shape[1] != len(mean_rgb):
        raise PackBroken("the first convolution does not take three colours")
    weights = convolution.weights / _INPUT_DIVISOR
    # fsum rounds once, so the bytes of the graph do not depend on the machine that makes it.
    shifts = [math.fsum((filter_ * np.reshape(mean_rgb, (3, 1, 1))).flat) for filter_ in weights]
    return replace(convolution, weights=weights, bias=convolution.bias - shifts)


class _Writer:
    """Writes layers one after another and keeps the branch that an `AddBranch` will want."""

    def __init__(self, side_px: int) -> None:
        self._builder = GraphBuilder("embedder")
        picture = self._builder.picture_input(INPUT, ("faces", side_px, side_px, 3))
        planes = self._builder.node("Transpose", picture, perm=[0, 3, 1, 2])
        self._value = _Value(self._builder.node("Cast", planes, to=TensorProto.FLOAT), 3, side_px)
        self._branch: _Value | None = None

    def build(self, about: dict[str, str]) -> bytes:
        """Return the finished model."""
        if self._value.side_px:
            raise PackBroken("the network does not end with a dense layer")
        self._builder.output(self._value.name, OUTPUT, ("faces", self._value.channels))
        return self._builder.build(about)

    def add(self, layer: dlib.Layer) -> None:
        """Write one layer."""
        value = self._value
        match layer:
            case dlib.Convolution():
                self._value = self._convolution(layer)
            case dlib.Relu():
                self._value = replace(value, name=self._builder.node("Relu", value.name))
            case dlib.Pool():
                self._value = self._pool(layer)
            case dlib.BranchStart():
                self._branch = value
            case dlib.BranchSwap():
                self._value, self._branch = self._branch_taken(), value
            case dlib.AddBranch():
                self._value = self._sum(value, self._branch_taken())
            case dlib.Dense():
                self._value = self._dense(layer)
            case dlib.Affine():
                raise PackBroken("an affine layer follows something else than a convolution")

    def _branch_taken(self) -> _Value:
        if self._branch is None:
            raise PackBroken("a branch ends that did not begin")
        return self._branch

    def _convolution(self, layer: dlib.Convolution) -> _Value:
        filters, channels, rows, columns = layer.weights.shape
        side = (self._value.side_px + 2 * layer.padding_px - rows) // layer.stride_px + 1
        if channels != self._value.channels or rows != columns or side < 1:
            raise PackBroken("a convolution does not fit its input")
        name = self._builder.convolution(
            self._value.name, layer.weights, layer.bias, layer.stride_px, layer.padding_px
        )
        return _Value(name, filters, side)

    def _pool(self, layer: dlib.Pool) -> _Value:
        value = self._value
        if layer.size_px == 0:
            whole = self._builder.node("GlobalAveragePool", value.name)
            return _Value(self._builder.node("Flatten", whole), value.channels, 0)
        side = (value.side_px - layer.size_px) // layer.stride_px + 1
        if side < 1:
            raise PackBroken("a pool does not fit its input")
        kind = {"max": "MaxPool", "mean": "AveragePool"}[layer.kind]
        sizes = {"kernel_shape": [layer.size_px] * 2, "strides": [layer.stride_px] * 2}
        return replace(value, name=self._builder.node(kind, value.name, **sizes), side_px=side)

    def _sum(self, first: _Value, second: _Value) -> _Value:
        channels, side = max(first.channels, second.channels), max(first.side_px, second.side_px)
        filled = [self._filled_up(value, channels, side) for value in (first, second)]
        return _Value(self._builder.node("Add", *filled), channels, side)

    def _filled_up(self, value: _Value, channels: int, side_px: int) -> str:
        more_channels, more_px = channels - value.channels, side_px - value.side_px
        if not (more_channels or more_px):
            return value.name
        # Measured: a Pad node is 10 % faster for one face than averaging and widening in one convolution.
        ends = self._builder.constant([0, 0, 0, 0, 0, more_channels, more_px, more_px], np.int64)
        return self._builder.node("Pad", value.name, ends)

    def _dense(self, layer: dlib.Dense) -> _Value:
        inputs, outputs = layer.weights.shape
        if self._value.side_px or inputs != self._value.channels:
            raise PackBroken("a dense layer does not fit its input")
        name = self._builder.node("MatMul", self._value.name, self._builder.constant(layer.weights))
        return _Value(name, outputs, 0)
