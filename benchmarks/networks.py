"""Times the default pack's networks, and MTCNN's beside the same networks written with ONNX's PRelu.

    python benchmarks/networks.py

Each figure is the 5th percentile of the runs (the median in brackets), in milliseconds: other work on the
machine makes runs longer, never shorter. How far the two versions' answers differ at most is printed too.
"""

from __future__ import annotations

import platform
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime
from onnx import TensorProto

from countenance.vision.packs import load_pack
from countenance.vision.packs.prepared.graph_builder import GraphBuilder
from countenance.vision.packs.prepared.joblib_arrays import read_arrays
from countenance.vision.packs.prepared.mtcnn_weights import WeightReader
from countenance.vision.packs.prepared.recipes import RECIPES
from countenance.vision.runtime import Runtime

if TYPE_CHECKING:
    import numpy.typing as npt

    from countenance.vision.packs.prepared.mtcnn_weights import Convolution
    from countenance.vision.runtime import Model

RANDOM = np.random.default_rng(0)
THREADS = (1, 2)
SECONDS = 3.0


def main() -> None:
    pack = load_pack("dlib-cc0")
    print(f"{platform.processor() or platform.machine()}, onnxruntime {onnxruntime.__version__}")
    print(f"{'ms':38}" + "".join(f"{threads} thread{'s' * (threads > 1):16}" for threads in THREADS))
    with tempfile.TemporaryDirectory() as folder:
        for name, shape in (
            ("proposal", (288, 384, 3)),
            ("proposal", (480, 640, 3)),
            ("refinement", (64, 24, 24, 3)),
            ("output", (16, 48, 48, 3)),
        ):
            plain = Path(folder) / f"{name}.onnx"
            plain.write_bytes(plain_graph(name))
            values = RANDOM.integers(0, 256, shape, dtype=np.uint8)
            answers = []
            for version, path in (("PRelu", plain), ("ours", pack.paths[f"{name}.onnx"])):
                models = [Runtime("cpu", threads).load(path) for threads in THREADS]
                report(f"{name} {'×'.join(map(str, shape[:-1]))} {version}", models, values)
                answers.append(models[0].run(values)[0].ravel())
            print(f"{'':38}largest difference {np.abs(answers[0] - answers[1]).max():.1e}")
    for file in ("embedder.onnx", "embedder_int8.onnx"):
        models = [Runtime("cpu", threads).load(pack.paths[file]) for threads in THREADS]
        for batch in (1, 8, 32):
            chips = RANDOM.integers(0, 256, (batch, 150, 150, 3), dtype=np.uint8)
            report(f"{file} batch {batch}, a face", models, chips, batch)


def report(what: str, models: list[Model], values: npt.NDArray[np.uint8], divisor: int = 1) -> None:
    figures = []
    for model in models:
        times, end = [], time.perf_counter() + SECONDS
        while (start := time.perf_counter()) < end:
            model.run(values)
            times.append((time.perf_counter() - start) * 1000 / divisor)
        figures.append(f"{np.percentile(times, 5):.2f} ({np.median(times):.2f})")
    print(f"{what:38}" + "".join(f"{figure:23}" for figure in figures), flush=True)


def plain_graph(name: str) -> bytes:
    """Return one of MTCNN's networks (its probabilities only) as any converter writes it."""
    reader = WeightReader(read_arrays(RECIPES[f"mtcnn-{name}"].read(), name), name)
    builder = GraphBuilder(name)
    windows = name == "proposal"
    side: int | str = {"refinement": 24, "output": 48}.get(name, "side")
    shape = ("height", "width", 3) if windows else ("faces", side, side, 3)
    value = builder.picture_input("values", shape)
    if windows:
        value = builder.node("Unsqueeze", value, builder.constant([0], np.int64))
    value = builder.node("Cast", builder.node("Transpose", value, perm=[0, 3, 1, 2]), to=TensorProto.FLOAT)
    plan = {
        "proposal": [(3, 3, 10, 2), (3, 10, 16, 0), (3, 16, 32, 0)],
        "refinement": [(3, 3, 28, 3), (3, 28, 48, 3), (2, 48, 64, 0)],
        "output": [(3, 3, 32, 3), (3, 32, 64, 3), (3, 64, 64, 2), (2, 64, 128, 0)],
    }[name]
    for index, (kernel, channels, filters, pool) in enumerate(plan):
        layer: Convolution = reader.convolution(kernel, channels, filters)
        layer = layer if index else layer.on_bytes()
        value = builder.convolution(value, layer.weights, layer.bias)
        value = builder.node("PRelu", value, builder.constant(layer.slopes.reshape(-1, 1, 1)))
        if pool:
            end = int(index == 0 and pool == 3)
            value = builder.node(
                "MaxPool", value, kernel_shape=[pool] * 2, strides=[2, 2], pads=[0, 0, end, end]
            )
    if windows:
        reader.convolution(1, 32, 4, activated=False)
        classes = reader.convolution(1, 32, 2, activated=False)
        value = builder.node("Softmax", builder.convolution(value, classes.weights, classes.bias), axis=1)
        ends = [builder.constant([number], np.int64) for number in (1, 2, 1)]
        value = builder.node(
            "Squeeze", builder.node("Slice", value, *ends), builder.constant([0, 1], np.int64)
        )
        builder.output(value, "probabilities", ("rows", "columns"))
        return builder.build({})
    hidden = reader.dense_on_picture(3, plan[-1][2], {"refinement": 128, "output": 256}[name])
    value = builder.node("Flatten", value)
    value = builder.node("Gemm", value, builder.constant(hidden.weights), builder.constant(hidden.bias))
    value = builder.node("PRelu", value, builder.constant(hidden.slopes))
    for size in {"refinement": (4, 2), "output": (4, 10, 2)}[name]:
        last = reader.dense(len(hidden.bias), size)
    value = builder.node("Gemm", value, builder.constant(last.weights), builder.constant(last.bias))
    value = builder.node(
        "Gather", builder.node("Softmax", value, axis=1), builder.constant(1, np.int64), axis=1
    )
    builder.output(builder.node("Flatten", value, axis=1), "probabilities", ("faces", 1))
    return builder.build({})


if __name__ == "__main__":
    main()
