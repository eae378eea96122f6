"""Writes dlib's file formats, small: networks and shape predictors for the readers' tests."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

Numbers = npt.NDArray[np.float64]
Shape = tuple[int, int, int, int]


def integer(value: int) -> bytes:
    """A control byte with sign and length, then the magnitude, the lowest byte first."""
    size = max((abs(value).bit_length() + 7) // 8, 1)
    return bytes([size | (0x80 if value < 0 else 0)]) + abs(value).to_bytes(size, "little")


def real(value: float) -> bytes:
    """An integer mantissa and a power of two."""
    fraction, exponent = math.frexp(value)
    return integer(int(fraction * 2**24)) + integer(exponent - 24)


def text(value: str) -> bytes:
    return integer(len(value)) + value.encode()


def tensor(values: npt.ArrayLike) -> bytes:
    numbers = np.asarray(values, dtype="<f4")
    shape = (numbers.size, 1, 1, 1) if numbers.size else (0, 0, 0, 0)
    return b"".join([integer(2), *(integer(side) for side in shape), numbers.tobytes()])


def alias(shape: Shape) -> bytes:
    return integer(1) + b"".join(integer(side) for side in shape)


def matrix(values: Numbers) -> bytes:
    """The sizes are stored negative, which tells dlib's newer format from an older one."""
    rows, columns = values.shape
    return integer(-rows) + integer(-columns) + b"".join(real(value) for value in values.flat)


def convolution(weights: Numbers, bias: Numbers, stride: int, padding: int) -> bytes:
    filters, channels, rows, columns = weights.shape
    sizes = (filters, rows, columns, stride, stride, padding, padding)
    aliases = alias((filters, channels, rows, columns)) + alias((1, filters, 1, 1))
    numbers = tensor(np.concatenate([weights.ravel(), bias]))
    return text("con_4") + numbers + b"".join(map(integer, sizes)) + aliases + real(1.0) * 4


def affine(factor: Numbers, addend: Numbers) -> bytes:
    shape = (1, len(factor), 1, 1)
    return text("affine_") + tensor(np.concatenate([factor, addend])) + alias(shape) * 2 + integer(0)


def pool(kind: str, size: int, stride: int) -> bytes:
    return text(f"{kind}_pool_2") + b"".join(map(integer, (size, size, stride, stride, 0, 0)))


def dense(weights: Numbers) -> bytes:
    inputs, outputs = weights.shape
    shapes = alias((inputs, outputs, 1, 1)) + alias((0, 0, 0, 0))
    return (
        text("fc_2")
        + integer(outputs)
        + integer(inputs)
        + tensor(weights)
        + shapes
        + integer(1)
        + real(1.0) * 4
    )


RELU, ADD_BRANCH = text("relu_"), text("add_prev_")
# Layers without numbers of their own; they only show in the list of classes.
BRANCH_START, BRANCH_SWAP = "tag1", "tag2 skip1"


def network(layers: Sequence[bytes | str], side_px: int) -> bytes:
    """A network of `loss_metric` with the given layers, input to output."""
    classes = b""
    for layer in layers:
        size = {BRANCH_START: 1, BRANCH_SWAP: 2}.get(layer, 0) if isinstance(layer, str) else 0
        classes = (integer(1) * size if size else integer(2)) + classes
    classes = classes[:-2] + integer(3)
    mean = b"".join(real(value) for value in (122.782, 117.001, 104.298))
    head = integer(1) + text("loss_metric_2") + real(0.04) + real(0.6) + classes
    bodies = [layer + b"110" + tensor([]) * 3 for layer in layers if isinstance(layer, bytes)]
    bodies[0] += integer(1)
    return head + text("input_rgb_image_sized") + mean + integer(side_px) * 2 + b"".join(bodies)


def shape_predictor(random: np.random.Generator, cascades: int = 2, trees: int = 3, pixels: int = 6) -> bytes:
    """A shape predictor of five points with random trees."""
    parts = [integer(1), matrix(random.uniform(0.2, 0.8, (10, 1))), integer(cascades)]
    for _ in range(cascades):
        parts.append(integer(trees))
        for _ in range(trees):
            splits = [(*random.integers(0, pixels, 2), random.uniform(-60, 60)) for _ in range(15)]
            parts += [integer(15), *(integer(int(a)) + integer(int(b)) + real(c) for a, b, c in splits)]
            parts += [integer(16), *(matrix(random.normal(0, 0.02, (10, 1))) for _ in range(16))]
    anchors = [[integer(int(random.integers(0, 5))) for _ in range(pixels)] for _ in range(cascades)]
    deltas = [[real(x) + real(y) for x, y in random.normal(0, 0.2, (pixels, 2))] for _ in range(cascades)]
    for lists in (anchors, deltas):
        parts += [integer(cascades), *(integer(pixels) + b"".join(items) for items in lists)]
    return b"".join(parts)
