"""MTCNN's layers written out plainly, as the package's Keras model has them, channels last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator

Doubles = npt.NDArray[np.float64]


def convolution(picture: Doubles, weights: Doubles, bias: Doubles) -> Doubles:
    """No padding, stride 1; ``weights`` is rows × columns × channels × filters."""
    windows = np.lib.stride_tricks.sliding_window_view(picture, weights.shape[:2], axis=(0, 1))
    sums: Doubles = np.einsum("yxcij,ijcf->yxf", windows, weights) + bias
    return sums


def activated(values: Doubles, slopes: Doubles) -> Doubles:
    return np.where(values > 0, values, values * slopes)


def pooled(values: Doubles, size: int, *, filled_up: bool) -> Doubles:
    """Maxima two apart; "filled up" lets the last window reach over the edge, as Keras's "same" does."""
    height, width = values.shape[:2]
    step_count = [-(-side // 2) if filled_up else (side - size) // 2 + 1 for side in (height, width)]
    result = np.empty((*step_count, values.shape[2]))
    for row in range(step_count[0]):
        for column in range(step_count[1]):
            window = values[2 * row : 2 * row + size, 2 * column : 2 * column + size]
            result[row, column] = window.max(axis=(0, 1))
    return result


def softmax(values: Doubles) -> Doubles:
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    shares: Doubles = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def proposal(
    picture: npt.NDArray[np.uint8], arrays: list[npt.NDArray[np.float32]]
) -> tuple[Doubles, Doubles]:
    """P-Net's offsets and class shares, for a picture of even sides."""
    take = iter(array.astype(np.float64) for array in arrays)
    values = pooled(_block((picture - 127.5) / 128, take), 2, filled_up=True)
    values = _block(_block(values, take), take)
    offsets = convolution(values, next(take), next(take))
    return offsets, softmax(convolution(values, next(take), next(take)))


def refinement(crop: npt.NDArray[np.uint8], arrays: list[npt.NDArray[np.float32]]) -> list[Doubles]:
    """R-Net's offsets and class shares."""
    take = iter(array.astype(np.float64) for array in arrays)
    values = pooled(_block((crop - 127.5) / 128, take), 3, filled_up=True)
    values = pooled(_block(values, take), 3, filled_up=False)
    values = _hidden(_block(values, take), take)
    return [values @ next(take) + next(take), softmax(values @ next(take) + next(take))]


def output(crop: npt.NDArray[np.uint8], arrays: list[npt.NDArray[np.float32]]) -> list[Doubles]:
    """O-Net's offsets, landmarks and class shares."""
    take = iter(array.astype(np.float64) for array in arrays)
    values = pooled(_block((crop - 127.5) / 128, take), 3, filled_up=True)
    values = pooled(_block(values, take), 3, filled_up=False)
    values = pooled(_block(values, take), 2, filled_up=True)
    values = _hidden(_block(values, take), take)
    heads = [values @ next(take) + next(take) for _ in range(2)]
    return [*heads, softmax(values @ next(take) + next(take))]


def _block(values: Doubles, take: Iterator[Doubles]) -> Doubles:
    return activated(convolution(values, next(take), next(take)), next(take))


def _hidden(values: Doubles, take: Iterator[Doubles]) -> Doubles:
    """Keras's Permute((2, 1, 3)), Flatten, Dense and PReLU."""
    flat = values.transpose(1, 0, 2).reshape(-1)
    return activated(flat @ next(take) + next(take), next(take))
