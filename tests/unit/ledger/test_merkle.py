"""Roots and proofs are those of RFC 6962, compared with a slow twin written as the RFC defines them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.errors import LedgerBroken
from countenance.ledger import (
    EMPTY_ROOT,
    GrowingTree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 67
SIZES = range(MOST + 1)


def entries(count: int) -> list[bytes]:
    return [f"entry {number}".encode() for number in range(count)]


def slow_root(of: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1."""
    if not of:
        return hashlib.sha256().digest()
    if len(of) == 1:
        return hashlib.sha256(b"\x00" + of[0]).digest()
    split = 1
    while split * 2 < len(of):
        split *= 2
    return hashlib.sha256(b"\x01" + slow_root(of[:split]) + slow_root(of[split:])).digest()


def grown(count: int) -> tuple[GrowingTree, Callable[[int, int], bytes]]:
    """Return a tree of so many entries, and what its nodes are asked of."""
    tree, nodes = GrowingTree(), dict[tuple[int, int], bytes]()
    for place, entry in enumerate(entries(count)):
        nodes[0, place] = leaf_hash(entry)
        for level, at, completed in tree.append(leaf_hash(entry)):
            nodes[level, at] = completed
    return tree, lambda level, place: nodes[level, place]


_, NODE = grown(MOST)
ROOTS = [slow_root(entries(size)) for size in SIZES]


def flipped(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_the_empty_tree_and_the_empty_entry_have_the_hashes_of_the_rfc() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


@pytest.mark.parametrize("size", SIZES)
def test_a_root_is_that_of_the_definition(size: int) -> None:
    tree, node = grown(size)
    assert tree.root() == root_of(size, node) == root_of(size, NODE) == ROOTS[size]


@pytest.mark.parametrize("size", SIZES)
def test_a_tree_goes_on_from_what_was_kept_of_it(size: int) -> None:
    before, _ = grown(size)
    again = GrowingTree(before.size, before.frontier)
    again.append(leaf_hash(entries(size + 1)[-1]))
    assert again.root() == slow_root(entries(size + 1))


@pytest.mark.parametrize("size", SIZES)
def test_every_entry_is_proved_to_be_included_and_no_other_is(size: int) -> None:
    for place, entry in enumerate(entries(size)):
        proof = inclusion_proof(place, size, NODE)
        assert len(proof) <= size.bit_length()
        verify_inclusion(leaf_hash(entry), place, size, proof, ROOTS[size])
        for other in {0, place - 1, place + 1, size - 1} - {place}:
            with pytest.raises(LedgerBroken):
                verify_inclusion(leaf_hash(entry), other, size, proof, ROOTS[size])


@pytest.mark.parametrize("size", SIZES)
def test_every_tree_is_proved_to_have_grown_from_every_smaller_one(size: int) -> None:
    for old in range(size + 1):
        proof = consistency_proof(old, size, NODE)
        verify_consistency(old, size, ROOTS[old], ROOTS[size], proof)
        if old:
            with pytest.raises(LedgerBroken):
                verify_consistency(old, size, leaf_hash(b"another"), ROOTS[size], proof)
            with pytest.raises(LedgerBroken):
                verify_consistency(old, size, ROOTS[old], ROOTS[size], [*proof, ROOTS[0]])
        if proof:
            with pytest.raises(LedgerBroken):
                verify_consistency(old, size, ROOTS[old], ROOTS[size], proof[:-1])


@given(data=st.data(), size=st.integers(2, MOST))
def test_no_flipped_bit_of_an_inclusion_proof_is_let_through(data: st.DataObject, size: int) -> None:
    place = data.draw(st.integers(0, size - 1))
    leaf, root, proof = NODE(0, place), ROOTS[size], inclusion_proof(place, size, NODE)
    parts = [leaf, root, *proof]
    which, bit = data.draw(st.integers(0, len(parts) - 1)), data.draw(st.integers(0, 255))
    parts[which] = flipped(parts[which], bit)
    with pytest.raises(LedgerBroken):
        verify_inclusion(parts[0], place, size, parts[2:], parts[1])


@given(data=st.data(), size=st.integers(2, MOST))
def test_no_flipped_bit_of_a_consistency_proof_is_let_through(data: st.DataObject, size: int) -> None:
    old = data.draw(st.integers(1, size - 1))
    parts = [ROOTS[old], ROOTS[size], *consistency_proof(old, size, NODE)]
    which, bit = data.draw(st.integers(0, len(parts) - 1)), data.draw(st.integers(0, 255))
    parts[which] = flipped(parts[which], bit)
    with pytest.raises(LedgerBroken):
        verify_consistency(old, size, parts[0], parts[1], parts[2:])


@given(
    proof=st.lists(st.binary(min_size=32, max_size=32), max_size=8),
    place=st.integers(-3, 99),
    size=st.integers(-3, 99),
)
def test_made_up_proofs_prove_nothing(proof: list[bytes], place: int, size: int) -> None:
    with pytest.raises(LedgerBroken):
        verify_inclusion(leaf_hash(b"made up"), place, size, proof, ROOTS[5])
    if (place, size) != (0, 0):
        with pytest.raises(LedgerBroken):
            verify_consistency(max(place, 1), size, ROOTS[3], ROOTS[5], proof)


@pytest.mark.parametrize(("place", "size"), [(0, 0), (-1, 5), (5, 5)])
def test_there_is_no_proof_of_an_entry_that_is_not_there(place: int, size: int) -> None:
    with pytest.raises(ValueError, match="there is no leaf"):
        inclusion_proof(place, size, NODE)
    with pytest.raises(ValueError, match="is not between"):
        consistency_proof(size + 1, size, NODE)
