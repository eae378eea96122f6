"""MTCNN's three networks as ONNX graphs, from the weights in the `mtcnn` package.

All three take bytes (channels last, red green blue); the normalisation is inside. Of the two softmaxed
classes only "face" is given out, which is the sigmoid of their difference.

ONNX Runtime's PRelu took two thirds of the time on a CPU; its convolutions, when they can stay in their own
memory layout, are near the machine's limit. So the activations are written with convolutions
(`_Writer.activation`; figures in docs/decisions/0010-onnx-and-onnx-runtime.md).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from onnx import TensorProto

from countenance.vision.packs.prepared.graph_builder import GraphBuilder, Shape
from countenance.vision.packs.prepared.mtcnn_weights import Convolution, Dense, Doubles, Floats, WeightReader

# The package gives the five x before the five y; our graphs give x, y of one point after another.
_LANDMARK_ORDER = [0, 5, 1, 6, 2, 7, 3, 8, 4, 9]


@dataclass(frozen=True, slots=True)
class _Pool:
    """A maximum over windows two pixels apart, which may reach ``end_px`` over the right and bottom edge."""

    size_px: int
    end_px: int = 0


@dataclass(frozen=True, slots=True)
class _Plan:
    """The shapes of a network that looks at whole crops; its heads are offsets, (landmarks,) classes."""

    name: str
    side_px: int
    kernels_px: tuple[int, ...]
    channels: tuple[int, ...]
    pools: tuple[_Pool | None, ...]
    last_side_px: int
    hidden: int
    heads: tuple[int, ...]


_REFINEMENT = _Plan(
    "refinement", 24, (3, 3, 2), (3, 28, 48, 64), (_Pool(3, 1), _Pool(3), None), 3, 128, (4, 2)
)
_OUTPUT = _Plan(
    "output",
    48,
    (3, 3, 3, 2),
    (3, 32, 64, 64, 128),
    (_Pool(3, 1), _Pool(3), _Pool(2), None),
    3,
    256,
    (4, 10, 2),
)


def proposal_graph(arrays: list[Floats], about: dict[str, str]) -> bytes:
    """Return P-Net, which looks at every 12 × 12 window of a picture of any size, two pixels apart.

    Input ``picture``: height × width × 3. Outputs for (height − 12) // 2 + 1 rows and as many columns:
    ``probabilities`` rows × columns, ``offsets`` 4 × rows × columns (left, top, right, bottom), fractions of
    the window.
    """
    reader = WeightReader(arrays, "P-Net")
    first, second, third = (reader.convolution(3, *sizes) for sizes in ((3, 10), (10, 16), (16, 32)))
    offsets, faces = (reader.convolution(1, 32, size, activated=False) for size in (4, 2))
    reader.finish()
    writer = _Writer("proposal")
    picture = writer.picture("picture", ("height", "width", 3))
    value, signs = writer.pooled_activation(picture, first.on_bytes())
    second = replace(second, weights=second.weights * signs[:, None, None])
    value = writer.activation(writer.convolution(value, second), second.slopes)
    value = writer.activation(writer.convolution(value, third), third.slopes)
    writer.window_heads(value, offsets, faces)
    return writer.build(about)


def refinement_graph(arrays: list[Floats], about: dict[str, str]) -> bytes:
    """Return R-Net.

    Input ``crops``: faces × 24 × 24 × 3. Outputs: ``probabilities`` faces; ``offsets`` faces × 4 (left, top,
    right, bottom), fractions of the crop.
    """
    return _crop_graph(_REFINEMENT, arrays, about)


def output_graph(arrays: list[Floats], about: dict[str, str]) -> bytes:
    """Return O-Net.

    Input ``crops``: faces × 48 × 48 × 3. Outputs as R-Net's, and ``landmarks`` faces × 10: x, y of eye left,
    eye right, nose, mouth left, mouth right (the viewer's left), fractions of the crop.
    """
    return _crop_graph(_OUTPUT, arrays, about)


def _crop_graph(plan: _Plan, arrays: list[Floats], about: dict[str, str]) -> bytes:
    reader, writer = WeightReader(arrays, plan.name), _Writer(plan.name)
    value = writer.picture("crops", ("faces", plan.side_px, plan.side_px, 3))
    for index, (kernel, pool) in enumerate(zip(plan.kernels_px, plan.pools, strict=True)):
        layer = reader.convolution(kernel, *plan.channels[index : index + 2])
        value = writer.convolution(value, layer if index else layer.on_bytes())
        value = writer.activation(value, layer.slopes)
        value = writer.pool(value, pool) if pool else value
    value = writer.hidden(value, reader.dense_on_picture(plan.last_side_px, plan.channels[-1], plan.hidden))
    heads = [reader.dense(plan.hidden, size) for size in plan.heads]
    reader.finish()
    writer.crop_heads(value, heads)
    return writer.build(about)


class _Writer:
    """Writes the parts that the three networks share."""

    def __init__(self, name: str) -> None:
        self._builder = GraphBuilder(name)

    def build(self, about: dict[str, str]) -> bytes:
        """Return the finished model."""
        return self._builder.build(about)

    def picture(self, name: str, shape: Shape) -> str:
        """Add the input and turn it into planes of floats; one picture becomes a batch of one."""
        value = self._builder.picture_input(name, shape)
        if len(shape) == 3:
            value = self._builder.node("Unsqueeze", value, self._integers(0))
        planes = self._builder.node("Transpose", value, perm=[0, 3, 1, 2])
        return self._builder.node("Cast", planes, to=TensorProto.FLOAT)

    def convolution(self, value: str, layer: Convolution) -> str:
        """Add a convolution, without its activation."""
        return self._builder.convolution(value, layer.weights, layer.bias)

    def pool(self, value: str, pool: _Pool) -> str:
        """Add a maximum over windows."""
        pads = [0, 0, pool.end_px, pool.end_px]
        return self._builder.node(
            "MaxPool", value, kernel_shape=[pool.size_px] * 2, strides=[2, 2], pads=pads
        )

    def activation(self, value: str, slopes: Doubles) -> str:
        """Add the parametric ReLU: x where x > 0, slope · x elsewhere.

        It is x + relu((slope − 1) · x) for slopes up to 1 and x − relu((1 − slope) · x) for those above.
        """
        bend = self._builder.node("Relu", self._per_channel(value, -np.abs(slopes - 1)))
        if (slopes > 1).any():
            bend = self._per_channel(bend, np.where(slopes > 1, -1.0, 1.0))
        return self._builder.node("Add", value, bend)

    def pooled_activation(self, value: str, layer: Convolution) -> tuple[str, Doubles]:
        """Add a convolution, its activation and a 2 × 2 maximum, but take the maximum first.

        So only a quarter of the values is activated, which makes P-Net 20 % faster. An activation that rises
        has its maximum at the largest x, P: it is P + relu((slope − 1) · P). One of negative slope falls and
        rises, so its maximum is that of P and |slope| · N, N being the largest −x: P + relu(|slope| · N − P).
        A slope above 1 would need a minus before the relu; its channel comes out negated instead.

        Returns:
            The value, and the sign of each of its channels.
        """
        slopes, count = layer.slopes, len(layer.slopes)
        falling = np.flatnonzero(slopes < 0)
        weights = np.concatenate([layer.weights, -layer.weights[falling]])
        bias = np.concatenate([layer.bias, -layer.bias[falling]])
        extremes = self.pool(self._builder.convolution(value, weights, bias), _Pool(2))
        signs = np.where(slopes > 1, -1.0, 1.0)
        channels, none = np.arange(count), np.zeros(count)
        straight, bend = np.zeros((2, count, len(weights), 1, 1))
        straight[channels, channels, 0, 0] = signs
        bend[channels, channels, 0, 0] = np.where(slopes < 0, -1.0, -np.abs(slopes - 1))
        bend[falling, count + np.arange(len(falling)), 0, 0] = -slopes[falling]
        bent = self._builder.node("Relu", self._builder.convolution(extremes, bend, none))
        return self._builder.node("Add", self._builder.convolution(extremes, straight, none), bent), signs

    def hidden(self, value: str, layer: Dense) -> str:
        """Add a dense layer over all values of a crop, and its activation (small enough for PRelu)."""
        sums = self._dense(self._builder.node("Flatten", value), layer.weights, layer.bias)
        return self._builder.node("PRelu", sums, self._builder.constant(layer.slopes))

    def window_heads(self, value: str, offsets: Convolution, faces: Convolution) -> None:
        """Give out P-Net's answers, made by one convolution."""
        weights = np.concatenate([faces.weights[1:] - faces.weights[:1], offsets.weights])
        bias = np.concatenate([faces.bias[1:] - faces.bias[:1], offsets.bias])
        answers = self._builder.convolution(value, weights, bias)
        zero, one, five = (self._integers(number) for number in (0, 1, 5))
        logits = self._builder.node("Slice", answers, zero, one, one)
        shifts = self._builder.node("Slice", answers, one, five, one)
        probabilities = self._squeezed(self._builder.node("Sigmoid", logits), 0, 1)
        self._builder.output(probabilities, "probabilities", ("rows", "columns"))
        self._builder.output(self._squeezed(shifts, 0), "offsets", (4, "rows", "columns"))

    def crop_heads(self, value: str, heads: list[Dense]) -> None:
        """Give out R-Net's or O-Net's answers."""
        offsets, *landmarks, faces = heads
        logits = self._dense(
            value, faces.weights[:, 1:] - faces.weights[:, :1], faces.bias[1:] - faces.bias[:1]
        )
        probabilities = self._squeezed(self._builder.node("Sigmoid", logits), 1)
        self._builder.output(probabilities, "probabilities", ("faces",))
        self._builder.output(self._dense(value, offsets.weights, offsets.bias), "offsets", ("faces", 4))
        for points in landmarks:
            ordered = self._dense(value, points.weights[:, _LANDMARK_ORDER], points.bias[_LANDMARK_ORDER])
            self._builder.output(ordered, "landmarks", ("faces", 10))

    def _dense(self, value: str, weights: Doubles, bias: Doubles) -> str:
        return self._builder.node(
            "Gemm", value, self._builder.constant(weights), self._builder.constant(bias)
        )

    def _per_channel(self, value: str, factors: Doubles) -> str:
        weights = self._builder.constant(factors.reshape(-1, 1, 1, 1))
        return self._builder.node("Conv", value, weights, group=len(factors), kernel_shape=[1, 1])

    def _squeezed(self, value: str, *axes: int) -> str:
        return self._builder.node("Squeeze", value, self._integers(*axes))

    def _integers(self, *numbers: int) -> str:
        return self._builder.constant(numbers, np.int64)
