"""The fast graphs say what the package's plain layers say."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest
import slow_networks

from countenance.errors import PackBroken
from countenance.vision.packs.prepared.joblib_arrays import Floats, read_arrays
from countenance.vision.packs.prepared.mtcnn_graphs import output_graph, proposal_graph, refinement_graph
from countenance.vision.packs.prepared.recipes import RECIPES
from countenance.vision.runtime import Model, Runtime

if TYPE_CHECKING:
    from pathlib import Path

RANDOM = np.random.default_rng(4)
Graph = Callable[[list[Floats], dict[str, str]], bytes]


def arrays(recipe: str) -> list[Floats]:
    return read_arrays(RECIPES[recipe].read(), recipe)


def loaded(graph: Graph, recipe: str, folder: Path) -> Model:
    path = folder / "graph.onnx"
    path.write_bytes(graph(arrays(recipe), {}))
    return Runtime(provider="cpu", threads=1).load(path)


@pytest.mark.parametrize(("height", "width"), [(12, 12), (30, 44)])
def test_the_proposal_network_answers_for_every_window(tmp_path: Path, height: int, width: int) -> None:
    picture = RANDOM.integers(0, 256, (height, width, 3), dtype=np.uint8)
    probabilities, offsets = loaded(proposal_graph, "mtcnn-proposal", tmp_path).run(picture)
    slow_offsets, slow_classes = slow_networks.proposal(picture, arrays("mtcnn-proposal"))
    assert probabilities.shape == ((height - 12) // 2 + 1, (width - 12) // 2 + 1)
    np.testing.assert_allclose(probabilities, slow_classes[..., 1], atol=1e-5)
    np.testing.assert_allclose(offsets, slow_offsets.transpose(2, 0, 1), atol=1e-5)


def test_windows_that_would_reach_over_an_odd_edge_are_left_out(tmp_path: Path) -> None:
    picture = RANDOM.integers(0, 256, (31, 45, 3), dtype=np.uint8)
    model = loaded(proposal_graph, "mtcnn-proposal", tmp_path)
    for odd, even in zip(model.run(picture), model.run(picture[:30, :44].copy()), strict=True):
        np.testing.assert_allclose(odd, even, atol=1e-6)


def test_the_refinement_network_answers_for_every_crop(tmp_path: Path) -> None:
    crops = RANDOM.integers(0, 256, (3, 24, 24, 3), dtype=np.uint8)
    probabilities, offsets = loaded(refinement_graph, "mtcnn-refinement", tmp_path).run(crops)
    for index, crop in enumerate(crops):
        slow_offsets, slow_classes = slow_networks.refinement(crop, arrays("mtcnn-refinement"))
        np.testing.assert_allclose(probabilities[index], slow_classes[1], atol=1e-5)
        np.testing.assert_allclose(offsets[index], slow_offsets, atol=1e-5)


def test_the_output_network_answers_for_every_crop_and_pairs_its_landmarks(tmp_path: Path) -> None:
    crops = RANDOM.integers(0, 256, (2, 48, 48, 3), dtype=np.uint8)
    probabilities, offsets, landmarks = loaded(output_graph, "mtcnn-output", tmp_path).run(crops)
    for index, crop in enumerate(crops):
        slow_offsets, slow_points, slow_classes = slow_networks.output(crop, arrays("mtcnn-output"))
        np.testing.assert_allclose(probabilities[index], slow_classes[1], atol=1e-5)
        np.testing.assert_allclose(offsets[index], slow_offsets, atol=1e-5)
        pairs = slow_points.reshape(2, 5).T.reshape(-1)
        np.testing.assert_allclose(landmarks[index], pairs, atol=1e-5)


@pytest.mark.parametrize("slope", [-0.7, 0.0, 0.3, 1.0, 1.4])
def test_activations_of_any_slope_are_exact(tmp_path: Path, slope: float) -> None:
    weights = arrays("mtcnn-proposal")
    for index in (2, 5, 8):
        weights[index] = np.full_like(weights[index], slope)
    path = tmp_path / "graph.onnx"
    path.write_bytes(proposal_graph(weights, {}))
    picture = RANDOM.integers(0, 256, (20, 20, 3), dtype=np.uint8)
    probabilities, offsets = Runtime(provider="cpu", threads=1).load(path).run(picture)
    slow_offsets, slow_classes = slow_networks.proposal(picture, weights)
    np.testing.assert_allclose(probabilities, slow_classes[..., 1], atol=1e-4)
    np.testing.assert_allclose(offsets, slow_offsets.transpose(2, 0, 1), rtol=1e-4, atol=1e-4)


def test_weights_of_other_shapes_are_refused() -> None:
    weights = arrays("mtcnn-proposal")
    for wrong in (
        weights[:-1],
        [*weights, weights[0]],
        [weights[0] * np.nan, *weights[1:]],
        arrays("mtcnn-output"),
    ):
        with pytest.raises(PackBroken, match="P-Net"):
            proposal_graph(wrong, {})
