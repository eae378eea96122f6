"""Brings faces into the upright, centred chip that an embedder expects.

A chip is cut with the similarity transform (rotation, uniform scale, shift) that best maps a face's
landmarks to the pack's template, in the least-squares sense (Umeyama, "Least-squares estimation of
transformation parameters between two point patterns", PAMI 1991; in the plane it has a closed form).
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from countenance.faces import Pixels

Floats = npt.NDArray[np.float64]


class Fill(enum.Enum):
    """What stands in a chip for what lies outside the picture."""

    EDGE = enum.auto()
    BLACK = enum.auto()
    GREY = enum.auto()


_BORDERS = {
    Fill.EDGE: (cv2.BORDER_REPLICATE, 0),
    Fill.BLACK: (cv2.BORDER_CONSTANT, 0),
    Fill.GREY: (cv2.BORDER_CONSTANT, 127),
}


def similarity_transforms(sources: Floats, target: Floats) -> Floats:
    """Return the transforms that map each set of points closest to the target's points.

    Args:
        sources: N × P × 2 points x, y.
        target: P × 2 points x, y.

    Returns:
        N × 2 × 3 matrices M with ``target ≈ M[:, :2] @ source + M[:, 2]``.
    """
    source = sources[..., 0] + 1j * sources[..., 1]
    goal = target[:, 0] + 1j * target[:, 1]
    source_centre = source.mean(axis=1, keepdims=True)
    goal_centre = goal.mean()
    centred = source - source_centre
    spread = np.maximum((np.abs(centred) ** 2).sum(axis=1), 1e-12)
    turn = (np.conj(centred) * (goal - goal_centre)).sum(axis=1) / spread
    shift = goal_centre - turn * source_centre[:, 0]
    rows = [[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]]
    return np.array(rows).transpose(2, 0, 1)


def cut_chips(
    pixels: Pixels, transforms: Floats, size_px: int, *, fill: Fill = Fill.EDGE, turn_degrees: float = 0.0
) -> Pixels:
    """Cut one square chip per transform, smoothing first where a chip shrinks the picture.

    Args:
        pixels: the picture, height × width × 3.
        transforms: N × 2 × 3 matrices from the picture's coordinates to the chip's.
        size_px: the chip's side.
        fill: what stands for what lies outside the picture.
        turn_degrees: how far the face is turned clockwise in its chip.

    Returns:
        N × size_px × size_px × 3 chips.
    """
    chips = np.empty((len(transforms), size_px, size_px, 3), dtype=np.uint8)
    border, value = _BORDERS[fill]
    for chip, transform in zip(chips, _turned(transforms, turn_degrees, size_px), strict=True):
        source, matrix = _shrunk(pixels, transform, size_px)
        cv2.warpAffine(
            source,
            matrix,
            (size_px, size_px),
            dst=chip,
            flags=cv2.INTER_LINEAR,
            borderMode=border,
            borderValue=(value, value, value),
        )
    return chips


def outside_shares(pixels: Pixels, transforms: Floats, size_px: int) -> Floats:
    """Return which share of each chip, 0–1, lies outside the picture."""
    height, width = pixels.shape[:2]
    steps = (np.arange(16) + 0.5) * size_px / 16 - 0.5
    grid = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    shares = np.zeros(len(transforms))
    for index, transform in enumerate(transforms):
        inverse = cv2.invertAffineTransform(transform)
        x, y = (grid @ inverse[:, :2].T + inverse[:, 2]).T
        inside = (x >= -0.5) & (x <= width - 0.5) & (y >= -0.5) & (y <= height - 0.5)
        shares[index] = 1.0 - inside.mean()
    return shares


def _turned(transforms: Floats, turn_degrees: float, size_px: int) -> Floats:
    """Turn the chips around their centres."""
    if not turn_degrees:
        return transforms
    angle, centre = np.radians(turn_degrees), (size_px - 1) / 2
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turned = turn @ transforms
    turned[:, :, 2] += centre - turn @ np.full(2, centre)
    return turned


def _shrunk(pixels: Pixels, transform: Floats, size_px: int) -> tuple[Pixels, Floats]:
    """Return the part of the picture that a chip needs, at most twice as fine as it, and its transform.

    Bilinear sampling of a picture more than twice as fine as its result skips pixels (aliasing).
    """
    scale = float(np.hypot(transform[0, 0], transform[1, 0]))
    factor = int(0.5 / scale) if scale > 0 else 1
    if factor < 2:
        return pixels, transform
    inverse = cv2.invertAffineTransform(transform)
    corners = np.array([[0, 0, 1], [size_px, 0, 1], [0, size_px, 1], [size_px, size_px, 1]]) @ inverse.T
    height, width = pixels.shape[:2]
    left, top = (np.clip(np.floor(corners.min(axis=0)) - factor, 0, (width - 1, height - 1))).astype(int)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int) + factor
    part = pixels[top : max(bottom, top + 1), left : max(right, left + 1)]
    part_height, part_width = part.shape[:2]
    small_size = (max(part_width // factor, 1), max(part_height // factor, 1))
    small = cv2.resize(part, small_size, interpolation=cv2.INTER_AREA)
    x_factor, y_factor = part_width / small_size[0], part_height / small_size[1]
    # A pixel's centre is at a whole number, so resizing by f maps x to (x + 0.5) / f − 0.5.
    back = np.array(
        [[x_factor, 0, left + 0.5 * x_factor - 0.5], [0, y_factor, top + 0.5 * y_factor - 0.5], [0, 0, 1]]
    )
    return np.asarray(small, dtype=np.uint8), transform @ back
