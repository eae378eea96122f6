"""A tree of keys: each key is its own, a destroyed one is gone for good, and nothing else changes."""

from __future__ import annotations

import hmac
import time
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.errors import GalleryFull, TemplateBroken
from countenance.store.key_tree import DEPTH, LEAVES, KeyTree
from countenance.store.keyring import KEY_BYTES

SEED = bytes(range(32))
MANY = 100_000
AMPLE_SECONDS = 20  # a tenth of it is enough on a machine with nothing else to do

# Close to each other, so that they share subtrees, and at both ends.
LEAF = st.one_of(
    st.integers(0, 40), st.integers(LEAVES - 40, LEAVES - 1), st.integers(0, LEAVES - 1), st.just(1 << 31)
)
DEAD = st.lists(LEAF, max_size=30)


@dataclass
class SlowTree:
    """The same by the book: one seed, walked down from the top for each leaf, and a set of the destroyed."""

    dead: set[int]

    def key(self, leaf: int) -> bytes | None:
        """Return the key of a leaf."""
        node = SEED
        for bit in f"{leaf:032b}":
            node = hmac.new(node, b"\x01" if bit == "1" else b"\x00", "sha256").digest()
        return None if leaf in self.dead else node

    def first_live(self, leaf: int) -> int:
        """Return the first leaf from this one on that is not destroyed."""
        return next(each for each in range(leaf, LEAVES) if each not in self.dead)


def tree_of(seed: bytes = SEED) -> KeyTree:
    return replace(KeyTree.fresh(), seeds=seed)


def covers(tree: KeyTree, leaf: int) -> int:
    """Return how many of the subtrees hold a leaf."""
    ends = tree.starts + (1 << tree.heights)
    return int(((tree.starts <= leaf) & (leaf < ends)).sum())


@given(dead=DEAD, leaves=st.lists(LEAF, max_size=30))
def test_a_tree_answers_as_one_that_is_walked_down_for_each_leaf(dead: list[int], leaves: list[int]) -> None:
    tree, slow = tree_of().without(dead), SlowTree(set(dead))
    wanted = leaves + dead
    assert list(tree.keys(wanted)) == [slow.key(leaf) for leaf in wanted]
    assert [tree.is_live(leaf) for leaf in wanted] == [leaf not in slow.dead for leaf in wanted]
    assert tree.are_live(np.array(wanted, np.int64)).tolist() == [tree.is_live(leaf) for leaf in wanted]
    for leaf in leaves:
        if leaf < LEAVES - 40:
            assert tree.first_live(leaf) == slow.first_live(leaf)


@given(first=DEAD, second=DEAD)
def test_in_what_steps_keys_are_destroyed_makes_no_difference(first: list[int], second: list[int]) -> None:
    at_once = tree_of().without(first + second)
    assert tree_of().without(first).without(second).to_bytes() == at_once.to_bytes()
    assert tree_of().without(second).without(first).to_bytes() == at_once.to_bytes()


@given(dead=DEAD)
def test_a_tree_keeps_no_node_above_a_destroyed_key(dead: list[int]) -> None:
    """What is kept covers every live leaf once and no destroyed one: so no key follows that was destroyed."""
    tree = tree_of().without(dead)
    assert [covers(tree, leaf) for leaf in dead] == [0] * len(dead)
    live = int((1 << tree.heights).sum())
    assert live == LEAVES - len(set(dead))
    for leaf in dead:
        path = SEED
        for height in range(DEPTH, -1, -1):
            assert path not in [tree.seeds[at : at + 32] for at in range(0, len(tree.seeds), 32)]
            if height:
                path = hmac.digest(path, bytes([leaf >> height - 1 & 1]), "sha256")


@given(dead=DEAD)
def test_a_tree_is_read_back_as_it_was_written(dead: list[int]) -> None:
    tree = tree_of().without(dead)
    again = KeyTree.from_bytes(tree.to_bytes())
    assert again.to_bytes() == tree.to_bytes()
    assert list(again.keys(range(50))) == list(tree.keys(range(50)))


@given(start=st.integers(0, 2000), length=st.integers(0, 2000))
def test_a_range_is_destroyed_as_its_leaves_are_one_by_one(start: int, length: int) -> None:
    leaves = range(start, start + length)
    assert tree_of().without(leaves).to_bytes() == tree_of().without(list(leaves)).to_bytes()


def test_the_first_key_is_that_of_the_paper() -> None:
    node = SEED
    for _ in range(32):
        node = hmac.new(node, b"\x00", "sha256").digest()
    assert tree_of().key(0) == node


def test_two_fresh_trees_have_no_key_in_common() -> None:
    one, other = KeyTree.fresh(), KeyTree.fresh()
    assert not set(one.keys(range(100))) & set(other.keys(range(100)))
    assert len(set(one.keys(range(100)))) == 100


def test_asking_for_a_destroyed_key_is_an_error_that_says_so() -> None:
    with pytest.raises(TemplateBroken, match="the data key 7 was destroyed"):
        tree_of().without([7]).key(7)


@pytest.mark.parametrize("leaf", [-1, LEAVES, LEAVES + 5])
def test_there_are_no_other_leaves(leaf: int) -> None:
    tree = tree_of()
    assert list(tree.keys([leaf])) == [None]
    assert not tree.is_live(leaf)
    assert tree.without([leaf]) is tree


def test_destroying_a_destroyed_key_changes_nothing() -> None:
    tree = tree_of().without([3, 4, 9])
    assert tree.without([9, 3]) is tree
    assert tree.without([]) is tree


def test_a_tree_is_not_altered_by_destroying_keys_in_a_copy() -> None:
    tree = tree_of()
    before = tree.to_bytes()
    tree.without(range(10))
    assert tree.to_bytes() == before


def test_when_all_keys_are_destroyed_there_is_no_next_one() -> None:
    nothing = tree_of().without([0])
    nothing = replace(nothing, starts=nothing.starts[:0], heights=nothing.heights[:0], seeds=b"")
    assert KeyTree.from_bytes(nothing.to_bytes()).to_bytes() == nothing.to_bytes()
    assert list(nothing.keys([0, 1])) == [None, None]
    assert nothing.without([1, 2]) is nothing
    with pytest.raises(GalleryFull, match="all 4,294,967,296 data keys"):
        nothing.first_live(0)


def test_the_last_leaf_can_be_given_and_destroyed() -> None:
    tree = tree_of()
    assert tree.first_live(LEAVES - 1) == LEAVES - 1
    assert tree.without([LEAVES - 2]).first_live(LEAVES - 2) == LEAVES - 1
    with pytest.raises(GalleryFull):
        tree.without([LEAVES - 1]).first_live(LEAVES - 1)


def test_a_tree_shows_no_seed() -> None:
    assert SEED.hex() not in repr(tree_of())
    assert repr(SEED) not in repr(tree_of())


def subtree(start: int, height: int) -> tuple[bytes, bytes, bytes]:
    return start.to_bytes(4, "big"), bytes([height]), bytes(KEY_BYTES)


def written(*subtrees: tuple[bytes, bytes, bytes]) -> bytes:
    count = len(subtrees).to_bytes(4, "big")
    return count + b"".join(b"".join(each[part] for each in subtrees) for part in range(3))


def test_what_is_written_by_hand_is_read() -> None:
    tree = KeyTree.from_bytes(written(subtree(0, 3), subtree(9, 0), subtree(12, 1), subtree(16, 4)))
    live = [leaf for leaf in range(40) if tree.is_live(leaf)]
    assert live == [*range(8), 9, 12, 13, *range(16, 32)]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\0\0\0", id="half a count"),
        pytest.param(written(subtree(0, 3))[:-1], id="a byte less"),
        pytest.param(written(subtree(0, 3)) + b"\0", id="a byte more"),
        pytest.param(b"\0\0\0\2" + written(subtree(0, 3))[4:], id="another count"),
        pytest.param(written(subtree(0, 33)), id="higher than the tree"),
        pytest.param(written(subtree(0, 255)), id="much higher than the tree"),
        pytest.param(written(subtree(4, 3)), id="a beginning in the middle"),
        pytest.param(written(subtree(8, 2), subtree(0, 2)), id="the wrong way round"),
        pytest.param(written(subtree(0, 3), subtree(4, 2)), id="one in another"),
        pytest.param(written(subtree(0, 3), subtree(0, 3)), id="one twice"),
        pytest.param(written(subtree(16, 3), subtree(24, 3)), id="the halves of one"),
        pytest.param(written(subtree(1 << 31, 32)), id="beyond the end"),
    ],
)
def test_what_is_no_tree_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="tree"):
        KeyTree.from_bytes(content)


def test_many_keys_are_destroyed_and_read_in_reasonable_time() -> None:
    random = np.random.default_rng(3)
    dead = random.choice(10 * MANY, MANY, replace=False)
    started = time.perf_counter()
    tree = tree_of().without(dead.tolist())
    keys = list(tree.keys(range(MANY)))
    assert time.perf_counter() - started < AMPLE_SECONDS
    destroyed = set(dead.tolist())
    assert [key is None for key in keys] == [leaf in destroyed for leaf in range(MANY)]


def test_a_long_range_is_destroyed_at_once() -> None:
    started = time.perf_counter()
    tree = tree_of().without(range(5, 5_000_000))
    assert time.perf_counter() - started < AMPLE_SECONDS
    assert len(tree.starts) < 2 * DEPTH
    assert [tree.is_live(leaf) for leaf in (4, 5, 4_999_999, 5_000_000)] == [True, False, False, True]
