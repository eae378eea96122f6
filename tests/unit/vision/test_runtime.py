"""Graphs run where they were asked to run, and say so when they cannot."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import onnxruntime
import pytest
from tiny_graphs import write_doubling_graph

from countenance.errors import PackBroken, ProviderUnavailable, VisionError
from countenance.vision.runtime import Model, Runtime, usable_processors

if TYPE_CHECKING:
    from pathlib import Path

VALUES = np.arange(6, dtype=np.float32).reshape(2, 3)
HAS_CUDA = "CUDAExecutionProvider" in onnxruntime.get_available_providers()


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    return write_doubling_graph(tmp_path / "doubling.onnx")


@pytest.fixture
def model(graph: Path) -> Model:
    return Runtime(provider="cpu", threads=1).load(graph)


def test_a_graph_is_run_with_its_inputs_and_outputs_in_order(model: Model) -> None:
    doubled, sums = model.run(VALUES)
    np.testing.assert_array_equal(doubled, VALUES * 2)
    assert sums == 15
    assert (model.inputs, model.outputs) == (("values",), ("doubled", "sums"))


def test_many_threads_may_run_one_graph(model: Model) -> None:
    def doubled(number: int) -> bool:
        values = np.full((number % 7 + 1, 3), number, np.float32)
        return bool((model.run(values)[0] == 2 * number).all())

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(doubled, range(500)))


@pytest.mark.parametrize(
    "values",
    [VALUES.astype(np.float64), VALUES[:, :2].copy(), VALUES[0], VALUES.astype(np.uint8)],
    ids=["doubles", "two columns", "one axis", "bytes"],
)
def test_inputs_that_do_not_fit_are_named(model: Model, values: npt.NDArray[np.generic]) -> None:
    with pytest.raises(VisionError, match=r"doubling\.onnx could not be run on values \("):
        model.run(values)


def test_a_wrong_number_of_inputs_is_named(model: Model) -> None:
    with pytest.raises(VisionError, match=r"takes 1 inputs \(values\), not 2"):
        model.run(VALUES, VALUES)


def test_a_missing_file_is_a_broken_pack(tmp_path: Path) -> None:
    with pytest.raises(PackBroken, match="install the pack again"):
        Runtime(provider="cpu").load(tmp_path / "missing.onnx")


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9])
def test_a_shortened_file_is_a_broken_pack(graph: Path, share: float) -> None:
    content = graph.read_bytes()
    graph.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(PackBroken, match=r"doubling\.onnx cannot be loaded"):
        Runtime(provider="cpu").load(graph)


def test_the_processor_is_taken_where_it_is_asked_for(model: Model) -> None:
    assert model.provider == "cpu"


def test_auto_says_what_it_took(graph: Path) -> None:
    assert Runtime(provider="auto").load(graph).provider == ("cuda" if HAS_CUDA else "cpu")


@pytest.mark.skipif(HAS_CUDA, reason="this onnxruntime has CUDA")
def test_cuda_is_never_replaced_silently(graph: Path) -> None:
    with pytest.raises(ProviderUnavailable, match=r"without CUDA; install onnxruntime-gpu .* or choose"):
        Runtime(provider="cuda").load(graph)


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system has no processor affinity")
def test_only_processors_that_may_be_used_count() -> None:
    allowed = os.sched_getaffinity(0)
    assert usable_processors() == Runtime().thread_count == len(allowed)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert Runtime().thread_count == 1
    finally:
        os.sched_setaffinity(0, allowed)


def test_a_given_number_of_threads_is_kept() -> None:
    assert Runtime(threads=3).thread_count == 3
