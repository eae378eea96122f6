"""Reads a trained dlib network (a .dat file of `loss_metric`) into a list of plain layers, input to output.

dlib stores a network as the classes of its C++ type nest: first a version number per class, from the output
inwards, then the input layer, then each layer's numbers from the input outwards. Only the classes of the
face recognition ResNet are known; a network made of the same layers in another order can be read too.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from countenance.errors import PackBroken
from countenance.vision.packs.prepared.dlib_stream import DlibStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# float32 as read; float64 once other layers have been worked in.
Floats = npt.NDArray[np.floating]

_MOST_CLASSES = 1000
# What a version number says about the class that wrote it.
_TAG_OR_SKIP, _LAYER, _INNERMOST_LAYER = 1, 2, 3


@dataclass(frozen=True, slots=True, eq=False)
class Convolution:
    """Cross-correlation with ``weights`` (filters × channels × rows × columns)."""

    weights: Floats
    bias: Floats
    stride_px: int
    padding_px: int


@dataclass(frozen=True, slots=True, eq=False)
class Affine:
    """One factor and one addend per channel."""

    factor: Floats
    addend: Floats


@dataclass(frozen=True, slots=True)
class Relu:
    """Negative values become zero."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The maximum or mean of each window; ``size_px`` 0 means the whole picture."""

    kind: Literal["max", "mean"]
    size_px: int
    stride_px: int


@dataclass(frozen=True, slots=True)
class BranchStart:
    """Remembers the values that pass here, for an `AddBranch` to come (dlib: tag1)."""


@dataclass(frozen=True, slots=True)
class BranchSwap:
    """Remembers the values that pass here and goes on with those remembered before (dlib: tag2, skip1)."""


@dataclass(frozen=True, slots=True)
class AddBranch:
    """Adds the values remembered last; the smaller operand is filled up with zeros."""


@dataclass(frozen=True, slots=True, eq=False)
class Dense:
    """A matrix product; ``weights`` is inputs × outputs."""

    weights: Floats


Layer = Convolution | Affine | Relu | Pool | BranchStart | BranchSwap | AddBranch | Dense


@dataclass(frozen=True, slots=True)
class Network:
    """A network; ``mean_rgb`` is taken off its input, which dlib then divides by 256."""

    mean_rgb: tuple[float, float, float]
    side_px: int
    layers: tuple[Layer, ...]


def read_network(data: bytes, name: str) -> Network:
    """Return the network in a .dat file.

    Args:
        data: the file's bytes.
        name: the file's name, for messages.

    Raises:
        PackBroken: the bytes are not such a network.
    """
    stream = DlibStream(data)
    try:
        return _network(stream)
    except (PackBroken, OverflowError, ValueError) as error:
        raise PackBroken(
            f"{name} is not a readable dlib network ({error}); install its package again"
        ) from error


def _network(stream: DlibStream) -> Network:
    stream.expect(1)
    _expect_text(stream, "loss_metric_2")
    stream.real(), stream.real()  # margin and distance threshold, of use in training only
    classes = _classes(stream)
    _expect_text(stream, "input_rgb_image_sized")
    mean = stream.real(), stream.real(), stream.real()
    side = stream.integer()
    stream.expect(side)
    layers = tuple(_layers(stream, classes))
    stream.finish()
    return Network(mean, side, layers)


def _expect_text(stream: DlibStream, *allowed: str) -> str:
    text = stream.text()
    if text not in allowed:
        raise PackBroken(f"{text[:40]!r} stands before byte {stream.position}, not {' or '.join(allowed)}")
    return text


def _classes(stream: DlibStream) -> list[int]:
    """Read the version numbers of the nested classes and return them from the input outwards."""
    classes: list[int] = []
    while len(classes) < _MOST_CLASSES:
        classes.append(stream.expect(_TAG_OR_SKIP, _LAYER, _INNERMOST_LAYER))
        if classes[-1] == _INNERMOST_LAYER:
            return classes[::-1]
    raise PackBroken(f"it nests more than {_MOST_CLASSES} layers")


def _layers(stream: DlibStream, classes: list[int]) -> Iterator[Layer]:
    """Read the layers; of the classes without numbers, one alone is a tag and two are a tag and a skip."""
    runs = [(kind, len(list(run))) for kind, run in itertools.groupby(classes)]
    for kind, length in runs:
        if kind == _TAG_OR_SKIP:
            yield BranchStart() if length == 1 else BranchSwap()
            continue
        for _ in range(length):
            yield _layer(stream)
            _pass_over_training_state(stream)
            if kind == _INNERMOST_LAYER:
                stream.integer()


def _pass_over_training_state(stream: DlibStream) -> None:
    """Read three flags and the last gradients and outputs, which a trained network has none of."""
    flags = stream.take(3)
    if flags.strip(b"01"):
        raise PackBroken(f"{flags!r} stands before byte {stream.position} where three flags belong")
    for _ in range(3):
        stream.tensor()


def _layer(stream: DlibStream) -> Layer:
    kind = _expect_text(stream, *_READERS)
    return _READERS[kind](stream)


def _convolution(stream: DlibStream) -> Layer:
    parameters = stream.tensor().reshape(-1)
    filters, rows, columns = stream.integer(), stream.integer(), stream.integer()
    stride, padding = stream.integer(), 0
    stream.expect(stride)
    padding = stream.integer()
    stream.expect(padding)
    shape, bias_shape = _alias(stream), _alias(stream)
    _pass_over_reals(stream, 4)
    weights, bias = _split(parameters, shape, bias_shape)
    if shape[0] != filters or shape[2:] != (rows, columns) or not (1 <= stride <= 16 and 0 <= padding <= 16):
        raise PackBroken(f"a convolution contradicts itself before byte {stream.position}")
    return Convolution(weights, bias.reshape(-1), stride, padding)


def _affine(stream: DlibStream) -> Layer:
    parameters = stream.tensor().reshape(-1)
    factor, addend = _split(parameters, _alias(stream), _alias(stream))
    stream.expect(0)  # one value per channel (1 would mean one per value)
    return Affine(factor.reshape(-1), addend.reshape(-1))


def _pool(stream: DlibStream, kind: Literal["max", "mean"]) -> Layer:
    size, stride = stream.integer(), 0
    stream.expect(size)
    stride = stream.integer()
    stream.expect(stride)
    stream.expect(0), stream.expect(0)  # padding
    if not (0 <= size <= 16 and 1 <= stride <= 16):
        raise PackBroken(f"a pool of size {size} and stride {stride} stands before byte {stream.position}")
    return Pool(kind, size, stride)


def _dense(stream: DlibStream) -> Layer:
    outputs, inputs = stream.integer(), stream.integer()
    parameters = stream.tensor()
    shape, _ = _alias(stream), _alias(stream)
    stream.expect(1)  # without bias
    _pass_over_reals(stream, 4)
    if parameters.size != inputs * outputs or math.prod(shape) != inputs * outputs or outputs < 1:
        raise PackBroken(f"a dense layer contradicts itself before byte {stream.position}")
    return Dense(parameters.reshape(inputs, outputs))


def _alias(stream: DlibStream) -> tuple[int, int, int, int]:
    """Read the shape under which a part of the parameters is seen."""
    stream.expect(1)
    samples, channels, rows, columns = (stream.integer() for _ in range(4))
    if min(samples, channels, rows, columns) < 0:
        raise PackBroken(f"a shape before byte {stream.position} has a negative side")
    return samples, channels, rows, columns


def _split(
    parameters: Floats, first: tuple[int, int, int, int], second: tuple[int, int, int, int]
) -> tuple[Floats, Floats]:
    size = math.prod(first)
    if size + math.prod(second) != parameters.size:
        raise PackBroken(f"a layer has {parameters.size} parameters and describes {size} and {second}")
    return parameters[:size].reshape(first), parameters[size:].reshape(second)


def _pass_over_reals(stream: DlibStream, count: int) -> None:
    """Read learning rates and weight decays, of use in training only."""
    for _ in range(count):
        stream.real()


_READERS: dict[str, Callable[[DlibStream], Layer]] = {
    "con_4": _convolution,
    "affine_": _affine,
    "relu_": lambda _: Relu(),
    "max_pool_2": lambda stream: _pool(stream, "max"),
    "avg_pool_2": lambda stream: _pool(stream, "mean"),
    "add_prev_": lambda _: AddBranch(),
    "fc_2": _dense,
}
