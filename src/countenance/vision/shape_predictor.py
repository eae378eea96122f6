"""dlib's shape predictor: finds landmarks inside a face's box with cascades of regression trees.

Kazemi and Sullivan, "One millisecond face alignment with an ensemble of regression trees", CVPR 2014. The
arithmetic follows dlib step by step, float32 where dlib has float32, so that the landmarks are the same to
the last bit; only the order of the work differs: all trees of a cascade and all faces go through numpy at
once.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from countenance.errors import PackBroken

if TYPE_CHECKING:
    from pathlib import Path

    from countenance.faces import Pixels

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.uint16]

LEVELS = 4
SPLITS = 2**LEVELS - 1
LEAVES = 2**LEVELS


@dataclass(frozen=True, slots=True, eq=False)
class ShapePredictor:
    """The trees, and how to walk them.

    The 5-point model's points are, in dlib's order: the outer and the inner corner of the eye at the viewer's
    right, the outer and the inner corner of the eye at the viewer's left, and the base of the nose.

    Attributes:
        initial_shape: points × 2, fractions of the box.
        first, second: cascades × trees × splits, the numbers of the two pixels that a split compares.
        thresholds: cascades × trees × splits; a walk goes left where first − second is greater.
        leaves: cascades × trees × leaves × points·2, what a tree adds to the shape.
        anchors: cascades × pixels, the point that a pixel lies near.
        deltas: cascades × pixels × 2, how far from it.
    """

    initial_shape: Floats
    first: Numbers
    second: Numbers
    thresholds: Floats
    leaves: Floats
    anchors: Numbers
    deltas: Floats

    def __post_init__(self) -> None:
        cascades, trees = self.first.shape[:2] if self.first.ndim == 3 else (0, 0)
        points, pixels = len(self.initial_shape), self.anchors.shape[-1]
        splits = (cascades, trees, SPLITS)
        expected = {
            "initial_shape": (points, 2),
            "first": splits,
            "second": splits,
            "thresholds": splits,
            "leaves": (cascades, trees, LEAVES, 2 * points),
            "anchors": (cascades, pixels),
            "deltas": (cascades, pixels, 2),
        }
        for name, shape in expected.items():
            values = getattr(self, name)
            if values.shape != shape or 0 in shape or not np.isfinite(values).all():
                raise PackBroken(
                    f"a shape predictor's {name} is {values.shape}, not finite numbers of shape {shape}"
                )
        if max(self.first.max(), self.second.max()) >= pixels or self.anchors.max() >= points:
            raise PackBroken("a shape predictor's trees look at pixels or points that it does not have")

    def arrays(self) -> dict[str, Any]:
        """Return the arrays by name, as `load` wants them in a file made by `numpy.savez`."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a predictor from a file made by `numpy.savez`.

        Raises:
            PackBroken: the file is missing or is not a shape predictor.
        """
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                return cls(**{name: stored[name] for name in cls.__slots__})
        except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise PackBroken(f"{path} is not a shape predictor ({error}); prepare the pack again") from error


class ShapeFinder:
    """Runs a `ShapePredictor`; safe to call from several threads."""

    def __init__(self, predictor: ShapePredictor) -> None:
        cascades, trees = predictor.first.shape[:2]
        self._trees = trees
        self._initial = np.ascontiguousarray(predictor.initial_shape.T)
        pixels = np.stack([predictor.first, predictor.second], axis=1)  # cascades × 2 × trees × splits
        self._pairs = pixels.transpose(0, 1, 3, 2).reshape(cascades, 2, -1).astype(np.intp)
        # Intensities are whole numbers, so a difference is greater than a threshold where it is greater than
        # its floor.
        floors = np.clip(np.floor(predictor.thresholds), -256, 256).astype(np.int16)
        self._thresholds = floors.transpose(0, 2, 1).reshape(cascades, -1)
        self._leaves = predictor.leaves.reshape(cascades, trees * LEAVES, -1)
        self._anchors = predictor.anchors.astype(np.intp)
        self._deltas = np.ascontiguousarray(predictor.deltas.transpose(0, 2, 1))
        self._turned_deltas = np.stack([-self._deltas[:, 1], self._deltas[:, 0]], axis=1)
        self._towards_initial = _towards(predictor.initial_shape)

    def find(self, pixels: Pixels, rectangles: npt.ArrayLike) -> Doubles:
        """Return the landmarks of faces in one picture.

        Args:
            pixels: the picture, height × width × 3.
            rectangles: N × 4 left, top, right, bottom in pixels; as in dlib, right and bottom are the last
            pixels
                inside. With whole numbers the landmarks are dlib's.

        Returns:
            N × points × 2 x, y, in dlib's order and not rounded (dlib rounds with ``floor(x + 0.5)``).
        """
        pixels = np.ascontiguousarray(pixels)
        boxes = np.asarray(rectangles, dtype=np.float64).reshape(-1, 4)
        corners, sizes = boxes[:, :2, None], (boxes[:, 2:] - boxes[:, :2])[:, :, None]
        shapes = np.repeat(self._initial[None], len(boxes), axis=0)  # N × 2 × points, fractions of the box
        for cascade in range(len(self._leaves)):
            places = self._places(cascade, shapes).astype(np.float64) * sizes + corners
            shapes = self._moved(cascade, shapes, _intensities(pixels, places))
        return (shapes * sizes + corners).transpose(0, 2, 1)

    def _places(self, cascade: int, shapes: Floats) -> Floats:
        """Return where the cascade's pixels lie, moved with the points, turned and scaled with the shape."""
        turns = (shapes[:, 0].astype(np.float64) + 1j * shapes[:, 1]) @ self._towards_initial
        along, across = (part.astype(np.float32)[:, None, None] for part in (turns.real, turns.imag))
        places: Floats = along * self._deltas[cascade] + across * self._turned_deltas[cascade]
        places += shapes.take(self._anchors[cascade], axis=2)
        return places

    def _moved(self, cascade: int, shapes: Floats, intensities: npt.NDArray[np.int16]) -> Floats:
        """Return the shapes after all trees of a cascade have each added a leaf."""
        faces, trees = len(shapes), self._trees
        pairs = intensities.take(self._pairs[cascade], axis=1)
        # N × (splits · trees), the first split of each tree first.
        rights = (pairs[:, 0] - pairs[:, 1] <= self._thresholds[cascade]).astype(np.intp)
        rows, columns = np.arange(faces)[:, None] * rights.shape[1], np.arange(trees)
        node = rights[:, :trees] + 1
        for _ in range(LEVELS - 1):
            node = 2 * node + 1 + rights.take(node * trees + (rows + columns))
        leaves = self._leaves[cascade].take(node - SPLITS + columns * LEAVES, axis=0)
        # dlib adds leaf after leaf in float32. So does numpy over the first axis, but not over the last.
        points = shapes.shape[2]
        terms = np.empty((1 + trees, faces, points, 2), np.float32)
        terms[0] = shapes.transpose(0, 2, 1)
        terms[1:] = leaves.reshape(faces, trees, points, 2).transpose(1, 0, 2, 3)
        moved: Floats = np.add.reduce(terms, axis=0)
        return moved.transpose(0, 2, 1)


def _towards(reference: Floats) -> npt.NDArray[np.complex128]:
    """Return w such that (a shape's points as x + iy) @ w is its turn and scale against the reference.

    The least-squares similarity (Umeyama 1991) of points in the plane, where a turn and a scale are one
    complex number.
    """
    points = reference[:, 0].astype(np.float64) + 1j * reference[:, 1]
    centred = points - points.mean()
    towards: npt.NDArray[np.complex128] = np.conj(centred) / (np.abs(centred) ** 2).sum()
    return towards


def _intensities(pixels: Pixels, places: Doubles) -> npt.NDArray[np.int16]:
    """Return (red + green + blue) // 3 at the pixels nearest to N × 2 × P places, 0 outside the picture."""
    height, width = pixels.shape[:2]
    nearest = np.floor(places + 0.5)
    x, y = nearest[:, 0], nearest[:, 1]
    inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    flat = np.where(inside, y * width + x, 0).astype(np.intp)
    colours = pixels.reshape(-1, 3).take(flat, axis=0).astype(np.int16)
    grey = (colours[..., 0] + colours[..., 1] + colours[..., 2]) // 3
    return np.where(inside, grey, np.int16(0))
