"""Makes an 8-bit version of a graph from the ranges that its values took on real faces.

ONNX's way of saying it (QDQ): between any two nodes a value is quantised to bytes and back, and each
convolution's weights are bytes with a scale per filter; ONNX Runtime turns that into 8-bit arithmetic. Values
are unsigned and weights signed, as processors multiply them fastest. The ranges are part of the package, so
everybody gets the same graph and nobody needs calibration pictures.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

from countenance.errors import PackBroken

Ranges = Mapping[str, tuple[float, float]]

# Nodes that hand their input's values on and so share its scale.
_UNCHANGING = frozenset({"MaxPool", "Pad"})
_MEASURED = frozenset({"Conv", "Relu", "Add", "AveragePool"})
_BYTE_VALUES = 255
_WEIGHT_VALUES = 127


def values_to_measure(model: onnx.ModelProto) -> list[str]:
    """Return the names of the values whose ranges `quantised` wants."""
    readers = defaultdict(list)
    for node in model.graph.node:
        for name in node.input:
            readers[name].append(node.op_type)
    values = [node.output[0] for node in model.graph.node if node.op_type in _MEASURED]
    # A value that only a Relu reads is never seen by itself: the two are one operation.
    return [value for value in values if readers[value] != ["Relu"]]


def quantised(model: bytes, ranges: Ranges) -> bytes:
    """Return the 8-bit version of a graph of convolutions whose input is a picture of bytes.

    Args:
        model: the ONNX model.
        ranges: the smallest and the largest value of each of `values_to_measure`, by name.

    Raises:
        PackBroken: the ranges are not those of this graph.
    """
    source = onnx.load_model_from_string(model)
    wanted = values_to_measure(source)
    if set(wanted) != set(ranges):
        raise PackBroken(
            "the ranges were measured on another graph; measure them again with benchmarks/int8_ranges.py"
        )
    return _Quantiser(source, ranges).run()


class _Quantiser:
    """Copies a graph node by node; ``self._scales`` knows each value that exists as bytes too."""

    def __init__(self, source: onnx.ModelProto, ranges: Ranges) -> None:
        self._source = source
        self._ranges = ranges
        self._weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in source.graph.initializer}
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        self._scales: dict[str, tuple[np.float32, np.uint8]] = {}
        self._names: dict[str, str] = {}

    def run(self) -> bytes:
        """Return the 8-bit model."""
        for node in self._source.graph.node:
            if node.op_type == "Cast":
                self._read_picture(node)
            else:
                self._copy(node)
        graph = self._source.graph
        copy = helper.make_graph(
            self._nodes, graph.name, graph.input, graph.output, list(self._constants.values())
        )
        result = helper.make_model(
            copy,
            opset_imports=self._source.opset_import,
            ir_version=self._source.ir_version,
            producer_name=self._source.producer_name,
        )
        helper.set_model_props(result, {item.key: item.value for item in self._source.metadata_props})
        onnx.checker.check_model(result, full_check=True)
        return bytes(result.SerializeToString(deterministic=True))

    def _read_picture(self, cast: onnx.NodeProto) -> None:
        """Take a picture's bytes for what they are: quantised values of scale 1."""
        name = cast.output[0]
        self._scales[name] = np.float32(1), np.uint8(0)
        self._names[name] = self._dequantise(name, cast.input[0])

    def _copy(self, node: onnx.NodeProto) -> None:
        output = node.output[0]
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        del copy.input[:]
        if node.op_type == "Conv":
            copy.input.extend([self._current(node.input[0]), *self._byte_weights(node)])
        else:
            copy.input.extend(self._current(name) for name in node.input)
        self._nodes.append(copy)
        if node.op_type in _UNCHANGING and node.input[0] in self._scales:
            self._scales[output] = self._scales[node.input[0]]
        elif output in self._ranges:
            self._scales[output] = _scale(*self._ranges[output])
        if output in self._scales:
            parameters = [f"{output}_scale", f"{output}_zero"]
            self._nodes.append(helper.make_node("QuantizeLinear", [output, *parameters], [f"{output}_bytes"]))
            self._names[output] = self._dequantise(output, f"{output}_bytes")

    def _current(self, name: str) -> str:
        """Return the name under which the copy has a value, taking constants along."""
        if name in self._weights:
            return self._constant(name, self._weights[name])
        return self._names.get(name, name)

    def _byte_weights(self, node: onnx.NodeProto) -> list[str]:
        """Return weights and bias of a convolution, stored as integers with a scale per filter."""
        name, (weights, bias) = (
            node.output[0],
            (self._weights[part].astype(np.float64) for part in node.input[1:]),
        )
        largest = np.abs(weights).max(axis=(1, 2, 3))
        scales = (np.where(largest > 0, largest, 1.0) / _WEIGHT_VALUES).astype(np.float32)
        whole = np.rint(weights / scales[:, None, None, None]).astype(np.int8)
        bias_scales = scales * self._scales[node.input[0]][0]
        whole_bias = np.clip(np.rint(bias / bias_scales), -(2**31), 2**31 - 1).astype(np.int32)
        return [
            self._dequantised_constant(f"{name}_weights", whole, scales),
            self._dequantised_constant(f"{name}_bias", whole_bias, bias_scales),
        ]

    def _dequantised_constant(
        self, name: str, whole: npt.NDArray[np.signedinteger], scales: npt.NDArray[np.float32]
    ) -> str:
        zeros = np.zeros(len(scales), whole.dtype)
        inputs = [
            self._constant(f"{name}_{part}", values)
            for part, values in (("whole", whole), ("scale", scales), ("zero", zeros))
        ]
        self._nodes.append(helper.make_node("DequantizeLinear", inputs, [name], axis=0))
        return name

    def _dequantise(self, name: str, stored: str) -> str:
        scale, zero = self._scales[name]
        parameters = [self._constant(f"{name}_scale", scale), self._constant(f"{name}_zero", zero)]
        self._nodes.append(helper.make_node("DequantizeLinear", [stored, *parameters], [f"{name}_floats"]))
        return f"{name}_floats"

    def _constant(self, name: str, values: npt.ArrayLike) -> str:
        self._constants[name] = numpy_helper.from_array(np.asarray(values), name)
        return name


def _scale(low: float, high: float) -> tuple[np.float32, np.uint8]:
    """Return the step between neighbouring bytes and the byte that stands for zero."""
    low, high = min(low, 0.0), max(high, 0.0)
    step = (high - low) / _BYTE_VALUES or 1.0
    return np.float32(step), np.uint8(round(-low / step))
