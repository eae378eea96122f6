"""Reads a dlib shape predictor (a .dat file) into arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from countenance.errors import PackBroken
from countenance.vision.packs.prepared.dlib_stream import DlibStream
from countenance.vision.shape_predictor import LEAVES, SPLITS, ShapePredictor

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def read_shape_predictor(data: bytes, name: str) -> ShapePredictor:
    """Return the shape predictor in a .dat file.

    Args:
        data: the file's bytes.
        name: the file's name, for messages.

    Raises:
        PackBroken: the bytes are not a shape predictor, or one whose parts contradict each other.
    """
    try:
        return _predictor(DlibStream(data))
    except (PackBroken, OverflowError, ValueError) as error:
        raise PackBroken(
            f"{name} is not a readable shape predictor ({error}); install its package again"
        ) from error


def _predictor(stream: DlibStream) -> ShapePredictor:
    stream.expect(1)
    initial_shape = stream.matrix().reshape(-1, 2)
    cascades, trees = stream.count(), 0
    splits, leaves = [], []
    for _ in range(cascades):
        trees = stream.expect(trees) if trees else stream.count()
        for _ in range(trees):
            stream.expect(SPLITS)
            splits.append([(stream.integer(), stream.integer(), stream.real()) for _ in range(SPLITS)])
            stream.expect(LEAVES)
            leaves.append(np.array([stream.matrix() for _ in range(LEAVES)]).reshape(LEAVES, -1))
    anchors = _nested(stream, cascades, stream.integer)
    deltas = _nested(stream, cascades, lambda: (stream.real(), stream.real()))
    stream.finish()
    numbers = np.array(splits, dtype=np.float64).reshape(cascades, trees, SPLITS, 3)
    return ShapePredictor(
        initial_shape=initial_shape,
        first=_small(numbers[..., 0]),
        second=_small(numbers[..., 1]),
        thresholds=numbers[..., 2].astype(np.float32),
        leaves=np.array(leaves, dtype=np.float32).reshape(cascades, trees, LEAVES, -1),
        anchors=_small(np.array(anchors)),
        deltas=np.array(deltas, dtype=np.float32),
    )


def _nested(stream: DlibStream, cascades: int, item: Callable[[], T]) -> list[list[T]]:
    stream.expect(cascades)
    return [[item() for _ in range(stream.count())] for _ in range(cascades)]


def _small(numbers: npt.NDArray[np.number]) -> npt.NDArray[np.uint16]:
    if not ((numbers >= 0) & (numbers < 2**16)).all():
        raise PackBroken("it numbers pixels or points beyond 65,535")
    return numbers.astype(np.uint16)
