"""How each file is made from its source; imported only when something is made, as it needs onnx."""

from __future__ import annotations

import importlib.resources
import io
import json
from collections.abc import Callable

import numpy as np

from countenance.vision.packs.prepared.dlib_network import read_network
from countenance.vision.packs.prepared.dlib_predictor import read_shape_predictor
from countenance.vision.packs.prepared.joblib_arrays import Floats, read_arrays
from countenance.vision.packs.prepared.mtcnn_graphs import output_graph, proposal_graph, refinement_graph
from countenance.vision.packs.prepared.quantised import quantised
from countenance.vision.packs.prepared.resnet_graph import resnet_graph

# Takes the source's bytes, its name for messages, and what to note in the graph.
Maker = Callable[[bytes, str, dict[str, str]], bytes]


def _mtcnn(graph: Callable[[list[Floats], dict[str, str]], bytes]) -> Maker:
    return lambda data, name, about: graph(read_arrays(data, name), about)


def _embedder(data: bytes, name: str, about: dict[str, str]) -> bytes:
    return resnet_graph(read_network(data, name), about)


def _embedder_int8(data: bytes, name: str, about: dict[str, str]) -> bytes:
    # Measured with benchmarks/int8_ranges.py.
    stored = importlib.resources.files(__package__) / "embedder_ranges.json"
    ranges = {value: (low, high) for value, (low, high) in json.loads(stored.read_text())["ranges"].items()}
    return quantised(_embedder(data, name, about), ranges)


def _shape_predictor(data: bytes, name: str, _: dict[str, str]) -> bytes:
    stored = io.BytesIO()
    np.savez(stored, **read_shape_predictor(data, name).arrays())
    return stored.getvalue()


MAKERS: dict[str, Maker] = {
    "mtcnn-proposal": _mtcnn(proposal_graph),
    "mtcnn-refinement": _mtcnn(refinement_graph),
    "mtcnn-output": _mtcnn(output_graph),
    "dlib-embedder": _embedder,
    "dlib-embedder-int8": _embedder_int8,
    "dlib-shape-predictor": _shape_predictor,
}
