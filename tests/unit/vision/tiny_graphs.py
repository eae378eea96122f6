"""Small real graphs for tests of the runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    from pathlib import Path


def write_doubling_graph(path: Path, *, symbolic: bool = True) -> Path:
    """Write a graph with input ``values`` (N × 3 floats) and outputs ``doubled`` and ``sums``."""
    rows: int | str = "rows" if symbolic else 2
    two = numpy_helper.from_array(np.array(2, np.float32), "two")
    nodes = [
        helper.make_node("Mul", ["values", "two"], ["doubled"]),
        helper.make_node("ReduceSum", ["values"], ["sums"], keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        "doubling",
        [helper.make_tensor_value_info("values", TensorProto.FLOAT, (rows, 3))],
        [
            helper.make_tensor_value_info("doubled", TensorProto.FLOAT, (rows, 3)),
            helper.make_tensor_value_info("sums", TensorProto.FLOAT, ()),
        ],
        [two],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    return path
