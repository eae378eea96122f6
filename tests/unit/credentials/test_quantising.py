"""Templates in six bits a number come back nearly as they were, or are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from signed_passes import template_of

from countenance.credentials.quantising import quantise, restore
from countenance.errors import CredentialBroken


@given(person=st.integers(0, 2**32), dimension=st.integers(32, 1024))
def test_a_template_comes_back_nearly_as_it_was(person: int, dimension: int) -> None:
    vector = template_of(person, dimension)
    restored = restore(quantise(vector), dimension)
    assert float(restored @ vector) > 0.99
    assert np.linalg.norm(restored) == pytest.approx(1, abs=1e-5)


@given(person=st.integers(0, 2**32), dimension=st.integers(1, 300))
def test_a_template_of_any_length_takes_six_bits_a_number(person: int, dimension: int) -> None:
    content = quantise(template_of(person, dimension))
    assert len(content) == (dimension * 6 + 7) // 8
    assert np.isfinite(restore(content, dimension)).all()


@given(content=st.binary(min_size=96, max_size=96))
def test_whatever_was_sealed_becomes_a_unit_vector(content: bytes) -> None:
    assert np.linalg.norm(restore(content, 128)) == pytest.approx(1, abs=1e-5)


def test_all_steps_survive_packing() -> None:
    content = bytes(range(96))
    levels = np.unpackbits(np.frombuffer(content, np.uint8)).reshape(128, 6) @ [32, 16, 8, 4, 2, 1]
    middle = (levels + 0.5) / 32 - 1
    assert np.allclose(restore(content, 128), middle / np.linalg.norm(middle), atol=1e-6)


def test_scores_of_strangers_and_of_the_same_face_stay_apart() -> None:
    first, stranger = template_of(1), template_of(2)
    restored = restore(quantise(first), 128)
    assert abs(float(restored @ stranger) - float(first @ stranger)) < 0.01


@pytest.mark.parametrize("length", [0, 1, 95, 97, 128])
def test_a_template_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(CredentialBroken, match=rf"has {length} bytes; 128 numbers have 96"):
        restore(bytes(length), 128)


@pytest.mark.parametrize("dimension", [0, -1, 2049])
def test_no_pack_has_templates_of_such_a_length(dimension: int) -> None:
    with pytest.raises(CredentialBroken):
        restore(b"", dimension)


def test_bits_after_the_end_are_refused() -> None:
    with pytest.raises(CredentialBroken, match="after its end"):
        restore(b"\x00\x01", 2)


@pytest.mark.parametrize(
    ("vector", "said"),
    [
        (np.zeros(128, np.float32), "has length 1"),
        (np.full(128, np.nan, np.float32), "has length 1"),
        (np.full(128, np.inf, np.float32), "has length 1"),
        (2 * template_of(1), "has length 1"),
        (np.zeros((2, 64), np.float32), "not an array"),
        (np.zeros(0, np.float32), "not an array"),
        (template_of(1, 2049), "not an array"),
    ],
)
def test_what_is_no_template_is_not_packed(vector: Any, said: str) -> None:
    with pytest.raises(CredentialBroken, match=said):
        quantise(vector)
