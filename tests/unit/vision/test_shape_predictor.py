"""Landmarks inside a face's box are dlib's to the bit, for one face as for many."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from countenance.errors import PackBroken
from countenance.vision.packs.prepared.dlib_predictor import read_shape_predictor
from countenance.vision.packs.prepared.recipes import RECIPES
from countenance.vision.shape_predictor import ShapeFinder, ShapePredictor

EXPECTATIONS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "data" / "dlib_expectations.json").read_text()
)
Pixels = npt.NDArray[np.uint8]


@pytest.fixture(scope="module")
def predictor() -> ShapePredictor:
    return read_shape_predictor(RECIPES["dlib-shape-predictor"].read(), "predictor")


@pytest.fixture(scope="module")
def finder(predictor: ShapePredictor) -> ShapeFinder:
    return ShapeFinder(predictor)


@pytest.fixture(scope="module")
def pictures() -> dict[str, Pixels]:
    found = {}
    for name, picture in EXPECTATIONS["pictures"].items():
        place = importlib.metadata.distribution(picture["distribution"]).locate_file(picture["file"])
        found[name] = np.asarray(Image.open(str(place)).convert("RGB"))
    return found


@pytest.mark.parametrize("face", EXPECTATIONS["faces"], ids=lambda face: f"{face['picture']} {face['title']}")
def test_the_landmarks_are_dlibs(
    finder: ShapeFinder, pictures: dict[str, Pixels], face: dict[str, Any]
) -> None:
    (points,) = finder.find(pictures[face["picture"]], [face["rect"]])
    assert np.floor(points + 0.5).astype(int).tolist() == face["points"]


def test_many_faces_at_once_get_the_same_landmarks_as_one_by_one(
    finder: ShapeFinder, pictures: dict[str, Pixels]
) -> None:
    pixels = pictures["astronaut"]
    boxes = [face["rect"] for face in EXPECTATIONS["faces"] if face["picture"] == "astronaut"]
    together = finder.find(pixels, boxes)
    for box, points in zip(boxes, together, strict=True):
        np.testing.assert_array_equal(finder.find(pixels, [box])[0], points)


def test_the_fast_sums_are_those_of_adding_leaf_by_leaf(
    predictor: ShapePredictor, finder: ShapeFinder, pictures: dict[str, Pixels]
) -> None:
    face = next(face for face in EXPECTATIONS["faces"] if face["picture"] == "astronaut")
    (fast,) = finder.find(pictures["astronaut"], [face["rect"]])
    slow = slow_landmarks(predictor, pictures["astronaut"], face["rect"])
    np.testing.assert_array_equal(fast, slow)


def slow_landmarks(predictor: ShapePredictor, pixels: Pixels, box: list[int]) -> npt.NDArray[np.float64]:
    """dlib's algorithm, one tree after another."""
    corner, size = np.array(box[:2], float), np.array(box[2:], float) - box[:2]
    initial = predictor.initial_shape.astype(float)
    shape = predictor.initial_shape.copy()
    for cascade in range(len(predictor.leaves)):
        fixed, moved = initial - initial.mean(axis=0), shape.astype(float) - shape.astype(float).mean(axis=0)
        cosine = np.float32((fixed * moved).sum() / (fixed**2).sum())
        sine = np.float32((fixed[:, 0] * moved[:, 1] - fixed[:, 1] * moved[:, 0]).sum() / (fixed**2).sum())
        turn = np.array([[cosine, -sine], [sine, cosine]])
        grey = []
        for anchor, (dx, dy) in zip(predictor.anchors[cascade], predictor.deltas[cascade], strict=True):
            turned = np.array([turn[0, 0] * dx + turn[0, 1] * dy, turn[1, 0] * dx + turn[1, 1] * dy])
            x, y = np.floor((turned + shape[anchor]).astype(float) * size + corner + 0.5).astype(int)
            inside = 0 <= y < pixels.shape[0] and 0 <= x < pixels.shape[1]
            grey.append(int(pixels[y, x].astype(int).sum()) // 3 if inside else 0)
        for tree in range(predictor.first.shape[1]):
            node = 0
            while node < 15:
                where = cascade, tree, node
                difference = grey[predictor.first[where]] - grey[predictor.second[where]]
                node = 2 * node + (1 if difference > predictor.thresholds[where] else 2)
            shape = shape + predictor.leaves[cascade, tree, node - 15].reshape(-1, 2)
    landmarks: npt.NDArray[np.float64] = shape.astype(float) * size + corner
    return landmarks


def test_no_faces_give_no_landmarks(finder: ShapeFinder, pictures: dict[str, Pixels]) -> None:
    assert finder.find(pictures["astronaut"], np.empty((0, 4))).shape == (0, 5, 2)


def test_a_box_far_outside_the_picture_gives_finite_landmarks(finder: ShapeFinder) -> None:
    boxes = np.array([[-1000, -1000, -900, -900], [1e6, 1e6, 1.1e6, 1.1e6]])
    points = finder.find(np.zeros((8, 8, 3), np.uint8), boxes)
    assert np.isfinite(points).all()


def test_a_stored_predictor_is_the_same(predictor: ShapePredictor, tmp_path: Path) -> None:
    np.savez(tmp_path / "predictor.npz", **predictor.arrays())
    loaded = ShapePredictor.load(tmp_path / "predictor.npz")
    for name, array in predictor.arrays().items():
        np.testing.assert_array_equal(loaded.arrays()[name], array)


def test_a_file_that_is_no_predictor_is_refused(predictor: ShapePredictor, tmp_path: Path) -> None:
    path = tmp_path / "predictor.npz"
    for content in (b"", b"no zip file", b"PK\x03\x04 cut off"):
        path.write_bytes(content)
        with pytest.raises(PackBroken, match="prepare the pack again"):
            ShapePredictor.load(path)
    np.savez(path, first=predictor.first)
    with pytest.raises(PackBroken):
        ShapePredictor.load(path)
    with_object = {**predictor.arrays(), "leaves": np.array([{}], dtype=object)}
    np.savez(path, **with_object)
    with pytest.raises(PackBroken):
        ShapePredictor.load(path)


def test_parts_that_contradict_each_other_are_refused(predictor: ShapePredictor) -> None:
    for change in (
        {"leaves": predictor.leaves[:, :, :15]},
        {"thresholds": predictor.thresholds * np.nan},
        {"first": predictor.first + 60_000},
        {"anchors": predictor.anchors + 5},
        {"deltas": predictor.deltas[:, :10]},
    ):
        with pytest.raises(PackBroken):
            dataclasses.replace(predictor, **change)
