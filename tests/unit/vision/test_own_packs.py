"""A pack of one's own: SCRFD and ArcFace heads, as small graphs with the same inputs and outputs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from countenance.vision import FaceAnalyzer
from countenance.vision.runtime import Runtime

WIDTH, HEIGHT = 160, 128
# The face of the graph below: at stride 16, cell (3, 4), second anchor.
BOX = (32.0, 40.0, 80.0, 104.0)
POINTS = np.array([[-0.6, -0.9], [0.6, -0.9], [0, -0.2], [-0.5, 0.6], [0.5, 0.6]], np.float32)

PACK = """
name = "own"
version = "1"
summary = "small graphs of a test"

[licence]
spdx = "CC0-1.0"
url = "https://example.org/licence"

[detector]
kind = "scrfd"
files = { network = "detector.onnx" }

[embedder]
files = { float32 = "embedder.onnx" }
input_px = 112
dimension = 48
template = [[38.29, 51.70], [73.53, 51.50], [56.03, 71.74], [41.55, 92.37], [70.73, 92.20]]
layout = "planes"
mean = 127.5
scale = 0.00784313725490196

[files]
"detector.onnx" = { beside = true }
"embedder.onnx" = { beside = true }
"""


def write_scrfd(path: Path) -> None:
    """Write a graph with SCRFD's nine outputs that is sure of one face, but only in a view of WIDTH."""
    nodes = [
        helper.make_node("Shape", ["input"], ["shape"]),
        helper.make_node("Gather", ["shape", "three"], ["width"]),
        helper.make_node("Equal", ["width", "whole"], ["is_whole"]),
        helper.make_node("Cast", ["is_whole"], ["sure"], to=TensorProto.FLOAT),
    ]
    constants = [
        numpy_helper.from_array(np.array(3, np.int64), "three"),
        numpy_helper.from_array(np.array(WIDTH, np.int64), "whole"),
    ]
    outputs = []
    for part, name in ((1, "score"), (4, "bbox"), (10, "kps")):
        for stride in (8, 16, 32):
            values = np.zeros((2 * (HEIGHT // stride) * (WIDTH // stride), part), np.float32)
            if stride == 16:
                row = 2 * (4 * (WIDTH // 16) + 3) + 1
                answers = {1: [0.9], 4: [1, 1.5, 2, 2.5], 10: POINTS.reshape(-1).tolist()}
                values[row] = np.array(answers[part], np.float32)
            constants.append(numpy_helper.from_array(values, f"{name}_{stride}_values"))
            factor = "sure" if part == 1 else "one"
            nodes.append(helper.make_node("Mul", [f"{name}_{stride}_values", factor], [f"{name}_{stride}"]))
            outputs.append(helper.make_tensor_value_info(f"{name}_{stride}", TensorProto.FLOAT, values.shape))
    constants.append(numpy_helper.from_array(np.array(1, np.float32), "one"))
    view = helper.make_tensor_value_info("input", TensorProto.FLOAT, (1, 3, "height", "width"))
    save(path, helper.make_graph(nodes, "scrfd", [view], outputs, constants))


def write_arcface(path: Path) -> None:
    """Write a graph with ArcFace's input and output whose template is the chip at 4 × 4 pixels."""
    nodes = [
        helper.make_node("AveragePool", ["input"], ["small"], kernel_shape=[28, 28], strides=[28, 28]),
        helper.make_node("Flatten", ["small"], ["embedding"]),
    ]
    chips = helper.make_tensor_value_info("input", TensorProto.FLOAT, ("faces", 3, 112, 112))
    answer = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ("faces", 48))
    save(path, helper.make_graph(nodes, "arcface", [chips], [answer]))


def save(path: Path, graph: onnx.GraphProto) -> None:
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), str(path))


@pytest.fixture
def analyzer(tmp_path: Path) -> FaceAnalyzer:
    write_scrfd(tmp_path / "detector.onnx")
    write_arcface(tmp_path / "embedder.onnx")
    (tmp_path / "pack.toml").write_text(PACK)
    return FaceAnalyzer.load(tmp_path / "pack.toml", runtime=Runtime(provider="cpu"), cache_dir=tmp_path)


def test_scrfds_answers_are_read_by_stride_cell_and_anchor(analyzer: FaceAnalyzer) -> None:
    (face,) = analyzer.faces(np.zeros((HEIGHT, WIDTH, 3), np.uint8), minimum_face_px=16)
    assert (face.box.left, face.box.top, face.box.right, face.box.bottom) == pytest.approx(BOX)
    assert face.confidence == pytest.approx(90)
    assert face.landmarks.to_array() == pytest.approx(np.array([48, 64]) + POINTS * 16, abs=1e-4)


def test_an_arcface_template_is_made_of_the_scaled_chip(analyzer: FaceAnalyzer) -> None:
    white = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    red = white * np.array([1, 0, 0], np.uint8)
    (of_white,), (of_red,) = (analyzer.faces(picture, minimum_face_px=16) for picture in (white, red))
    assert of_white.template is not None
    assert of_red.template is not None
    assert of_white.template.vector == pytest.approx(np.full(48, 48**-0.5), abs=1e-3)
    # Red comes first, and what is black lies below the mean.
    assert np.sign(of_red.template.vector.reshape(3, 16)).tolist() == [[1] * 16, [-1] * 16, [-1] * 16]
