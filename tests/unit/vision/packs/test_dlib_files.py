"""dlib's files are read as dlib wrote them; damaged ones are refused, and never believed about sizes."""

from __future__ import annotations

import dlib_files
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.errors import PackBroken
from countenance.vision.packs.prepared import dlib_network
from countenance.vision.packs.prepared.dlib_network import read_network
from countenance.vision.packs.prepared.dlib_predictor import read_shape_predictor
from countenance.vision.packs.prepared.dlib_stream import DlibStream
from countenance.vision.packs.prepared.recipes import RECIPES
from countenance.vision.packs.prepared.resnet_graph import resnet_graph

RANDOM = np.random.default_rng(1)
WEIGHTS, BIAS = RANDOM.normal(size=(4, 3, 3, 3)), RANDOM.normal(size=4)
NETWORK = dlib_files.network(
    [
        dlib_files.convolution(WEIGHTS, BIAS, 2, 0),
        dlib_files.affine(np.arange(1.0, 5.0), np.ones(4)),
        dlib_files.RELU,
        dlib_files.BRANCH_START,
        dlib_files.convolution(RANDOM.normal(size=(8, 4, 3, 3)), np.zeros(8), 2, 0),
        dlib_files.BRANCH_SWAP,
        dlib_files.pool("avg", 2, 2),
        dlib_files.ADD_BRANCH,
        dlib_files.pool("avg", 0, 1),
        dlib_files.dense(RANDOM.normal(size=(8, 2))),
    ],
    side_px=11,
)
PREDICTOR = dlib_files.shape_predictor(np.random.default_rng(2))


@given(st.integers(-(2**63), 2**63))
def test_an_integer_is_read_as_it_was_written(value: int) -> None:
    assert DlibStream(dlib_files.integer(value)).integer() == value


@given(st.floats(-(2.0**100), 2.0**100, width=32))
def test_a_float_is_read_as_it_was_written(value: float) -> None:
    assert np.float32(DlibStream(dlib_files.real(value)).real()) == np.float32(value)


@pytest.mark.parametrize("exponent", [32000, 32001, 32002, -40000])
def test_numbers_that_are_not_finite_are_refused(exponent: int) -> None:
    with pytest.raises(PackBroken, match="not finite"):
        DlibStream(dlib_files.integer(1) + dlib_files.integer(exponent)).real()


def test_a_network_is_read_layer_by_layer() -> None:
    network = read_network(NETWORK, "network")
    assert network.side_px == 11
    np.testing.assert_allclose(network.mean_rgb, (122.782, 117.001, 104.298), rtol=1e-6)
    assert [type(layer).__name__ for layer in network.layers] == [
        "Convolution",
        "Affine",
        "Relu",
        "BranchStart",
        "Convolution",
        "BranchSwap",
        "Pool",
        "AddBranch",
        "Pool",
        "Dense",
    ]
    first = network.layers[0]
    assert isinstance(first, dlib_network.Convolution)
    np.testing.assert_array_equal(first.weights, WEIGHTS.astype(np.float32))
    np.testing.assert_array_equal(first.bias, BIAS.astype(np.float32))
    assert (first.stride_px, first.padding_px) == (2, 0)


def test_dlibs_face_recognition_network_is_read_to_its_last_byte() -> None:
    network = read_network(RECIPES["dlib-embedder"].read(), "network")
    kinds = [type(layer).__name__ for layer in network.layers]
    assert (kinds.count("Convolution"), kinds.count("Affine"), kinds.count("Dense")) == (29, 29, 1)
    assert network.side_px == 150


def test_dlibs_5_point_predictor_is_read_to_its_last_byte() -> None:
    predictor = read_shape_predictor(RECIPES["dlib-shape-predictor"].read(), "predictor")
    assert predictor.leaves.shape == (15, 500, 16, 10)
    assert predictor.anchors.shape == (15, 800)


def test_bytes_behind_the_end_are_refused() -> None:
    with pytest.raises(PackBroken, match="behind its end"):
        read_network(NETWORK + b"\0", "network")
    with pytest.raises(PackBroken, match="behind its end"):
        read_shape_predictor(PREDICTOR + b"\0", "predictor")


def test_a_tree_that_looks_at_a_pixel_which_is_not_there_is_refused() -> None:
    with pytest.raises(PackBroken, match="pixels or points"):
        read_shape_predictor(
            dlib_files.shape_predictor(np.random.default_rng(2), pixels=6).replace(
                dlib_files.integer(15) + dlib_files.integer(5), dlib_files.integer(15) + dlib_files.integer(9)
            ),
            "predictor",
        )


def test_a_size_beyond_the_file_is_refused_before_anything_is_allocated() -> None:
    header = dlib_files.integer(2) + dlib_files.integer(2**31) * 4
    with pytest.raises(PackBroken, match="ends early"):
        DlibStream(header).tensor()
    with pytest.raises(PackBroken, match="longer than the file"):
        DlibStream(dlib_files.integer(-(2**31)) * 2).matrix()


@given(st.integers(0, len(NETWORK) - 1))
def test_a_shortened_network_is_refused(length: int) -> None:
    with pytest.raises(PackBroken):
        read_network(NETWORK[:length], "network")


@given(st.integers(0, len(NETWORK) - 1), st.integers(0, 255))
def test_an_altered_network_becomes_a_graph_or_is_refused(position: int, value: int) -> None:
    altered = NETWORK[:position] + bytes([value]) + NETWORK[position + 1 :]
    try:
        graph = resnet_graph(read_network(altered, "network"), {})
    except PackBroken:
        return
    assert graph


@given(st.integers(0, len(PREDICTOR) - 1))
def test_a_shortened_predictor_is_refused(length: int) -> None:
    with pytest.raises(PackBroken):
        read_shape_predictor(PREDICTOR[:length], "predictor")


@given(st.integers(0, len(PREDICTOR) - 1), st.integers(0, 255))
def test_an_altered_predictor_is_one_or_is_refused(position: int, value: int) -> None:
    altered = PREDICTOR[:position] + bytes([value]) + PREDICTOR[position + 1 :]
    try:
        predictor = read_shape_predictor(altered, "predictor")
    except PackBroken:
        return
    assert np.isfinite(predictor.leaves).all()


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(PackBroken):
        read_network(data, "network")
    with pytest.raises(PackBroken):
        read_shape_predictor(data, "predictor")
