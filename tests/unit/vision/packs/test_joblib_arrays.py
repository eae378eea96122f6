"""The weights of MTCNN come out of their package, and nothing else comes out of a hostile file."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import joblib_files
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.errors import PackBroken
from countenance.vision.packs.prepared.joblib_arrays import MOST_BYTES, read_arrays

ARRAYS = [np.arange(6, dtype=np.float32).reshape(1, 2, 3), np.array([0.5, -0.25], np.float32)]
PICKLED = joblib_files.pickled(ARRAYS)


def weights(network: str) -> bytes:
    place = importlib.metadata.distribution("mtcnn").locate_file(f"mtcnn/assets/weights/{network}.lz4")
    return Path(str(place)).read_bytes()


@pytest.mark.parametrize(
    ("network", "shapes"),
    [
        (
            "pnet",
            [(3, 3, 3, 10), (10,), (1, 1, 10), (3, 3, 10, 16), (16,), (1, 1, 16), (3, 3, 16, 32), (32,)],
        ),
        (
            "rnet",
            [(3, 3, 3, 28), (28,), (1, 1, 28), (3, 3, 28, 48), (48,), (1, 1, 48), (2, 2, 48, 64), (64,)],
        ),
        (
            "onet",
            [(3, 3, 3, 32), (32,), (1, 1, 32), (3, 3, 32, 64), (64,), (1, 1, 64), (3, 3, 64, 64), (64,)],
        ),
    ],
)
def test_the_packages_weights_are_read(network: str, shapes: list[tuple[int, ...]]) -> None:
    arrays = read_arrays(weights(network), network)
    assert [array.shape for array in arrays[:8]] == shapes
    assert all(array.dtype == np.float32 and np.isfinite(array).all() for array in arrays)


def test_arrays_are_read_as_joblib_writes_them() -> None:
    read = read_arrays(joblib_files.packed(ARRAYS), "weights")
    assert all(np.array_equal(one, other) for one, other in zip(read, ARRAYS, strict=True))


def test_a_pickle_that_would_run_code_is_refused() -> None:
    with pytest.raises(PackBroken, match=r"something else than arrays|not allowed"):
        read_arrays(joblib_files.compressed(joblib_files.evil()), "weights")


def test_a_file_that_unpacks_to_too_much_is_refused() -> None:
    with pytest.raises(PackBroken, match=f"more than {MOST_BYTES}"):
        read_arrays(joblib_files.compressed(b"\0" * (MOST_BYTES + 1)), "weights")


def test_an_array_larger_than_its_bytes_is_refused() -> None:
    data = PICKLED.replace((2).to_bytes(4, "little"), (2**24).to_bytes(4, "little"))
    with pytest.raises(PackBroken):
        read_arrays(joblib_files.compressed(data), "weights")


def test_an_instruction_of_another_kind_is_refused() -> None:
    with pytest.raises(PackBroken, match="not allowed"):
        read_arrays(joblib_files.compressed(b"\x80\x04r\xff\xff\xff\x7f."), "weights")


def test_an_endless_program_is_refused() -> None:
    with pytest.raises(PackBroken, match="more than"):
        read_arrays(joblib_files.compressed(b"\x80\x04" + b"N" * 20_000), "weights")


@given(st.integers(0, len(PICKLED) - 1))
def test_a_shortened_stream_is_refused(length: int) -> None:
    with pytest.raises(PackBroken):
        read_arrays(joblib_files.compressed(PICKLED[:length]), "weights")


@given(st.integers(0, len(PICKLED) - 1), st.integers(0, 255))
def test_an_altered_byte_gives_arrays_or_a_refusal(position: int, value: int) -> None:
    altered = PICKLED[:position] + bytes([value]) + PICKLED[position + 1 :]
    try:
        arrays = read_arrays(joblib_files.compressed(altered), "weights")
    except PackBroken:
        return
    assert all(array.dtype == np.float32 for array in arrays)


@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_refused(data: bytes) -> None:
    for content in (data, joblib_files.compressed(b"\x80\x04](" + data)):
        with pytest.raises(PackBroken):
            read_arrays(content, "weights")
