"""A small hand for writing ONNX graphs: names the values, keeps the constants, checks the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from countenance.errors import PackBroken

if TYPE_CHECKING:
    from collections.abc import Mapping

# Opset 17 is understood by every ONNX Runtime that is supported (1.20 and later) and has all that is needed.
OPSET = 17
IR_VERSION = 8

Shape = tuple[int | str, ...]
Attribute = int | list[int]


class GraphBuilder:
    """Collects nodes in the order in which they are added, so that the same calls make the same bytes."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def picture_input(self, name: str, shape: Shape) -> str:
        """Add an input of bytes."""
        self._inputs.append(helper.make_tensor_value_info(name, TensorProto.UINT8, shape))
        return name

    def output(self, value: str, name: str, shape: Shape) -> None:
        """Give out a value of floats under a name."""
        self._nodes.append(helper.make_node("Identity", [value], [name], name=f"{name}_out"))
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def constant(self, values: npt.ArrayLike, dtype: npt.DTypeLike = np.float32) -> str:
        """Keep a constant."""
        name = f"constant_{len(self._constants)}"
        with np.errstate(over="ignore"):
            array = np.ascontiguousarray(values, dtype=dtype)
        if not np.isfinite(array).all():
            raise PackBroken("the weights are too large for a graph of float32")
        self._constants.append(numpy_helper.from_array(array, name))
        return name

    def node(self, kind: str, *inputs: str, **attributes: Attribute) -> str:
        """Add a node with one output and return the output's name."""
        name = f"{kind.lower()}_{len(self._nodes)}"
        node = helper.make_node(kind, list(inputs), [name], name=name)
        node.attribute.extend(helper.make_attribute(key, value) for key, value in sorted(attributes.items()))
        self._nodes.append(node)
        return name

    def convolution(
        self, value: str, weights: npt.ArrayLike, bias: npt.ArrayLike, stride_px: int = 1, padding_px: int = 0
    ) -> str:
        """Add a convolution with ``weights`` as filters × channels × rows × columns."""
        return self.node(
            "Conv",
            value,
            self.constant(weights),
            self.constant(bias),
            kernel_shape=list(np.shape(weights)[2:]),
            strides=[stride_px] * 2,
            pads=[padding_px] * 4,
        )

    def build(self, about: Mapping[str, str]) -> bytes:
        """Return the checked model as bytes; ``about`` is kept in the model's properties."""
        graph = helper.make_graph(self._nodes, self._name, self._inputs, self._outputs, self._constants)
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="countenance",
        )
        helper.set_model_props(model, dict(about))
        onnx.checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString(deterministic=True))
