"""Four billion keys that fit into 32 bytes, and any of which can be destroyed for good.

The tree of Goldreich, Goldwasser and Micali (1986): from each node its two children follow by HMAC-SHA256,
and the nodes at the bottom, the leaves, are the keys. Who holds a node has all keys below it; nothing leads
back up or sideways. A key is destroyed by keeping, instead of a node above it, the nodes beside the way down
to it (Boneh and Waters, 2013).
"""

from __future__ import annotations

import hmac
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from countenance.errors import GalleryFull, TemplateBroken
from countenance.store.keyring import KEY_BYTES, new_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DEPTH = 32
LEAVES = 1 << DEPTH
_SIDES = (b"\x00", b"\x01")
_COUNT_BYTES = 4
_BYTES_OF_A_SUBTREE = 4 + 1 + KEY_BYTES

Leaves = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class KeyTree:
    """The live keys: the seeds of the largest subtrees in which none was destroyed, in the order of leaves.

    Row i of each array, and the i-th 32 bytes of ``seeds``, belong to one subtree: its first leaf, its height
    (a single leaf has 0) and its topmost node.
    """

    starts: Leaves
    heights: Leaves
    seeds: bytes = field(repr=False)

    @classmethod
    def fresh(cls) -> KeyTree:
        """Return a tree of which every key is live, from a random seed."""
        return cls(np.array([0], np.int64), np.array([DEPTH], np.int64), new_key())

    def key(self, leaf: int) -> bytes:
        """Return the key of a leaf.

        Raises:
            TemplateBroken: it was destroyed, or there is no such leaf.
        """
        key = next(self.keys((leaf,)))
        if key is None:
            raise TemplateBroken(f"the data key {leaf} was destroyed; what it sealed opens no more")
        return key

    def keys(self, leaves: Iterable[int]) -> Iterator[bytes | None]:
        """Yield the key of each leaf, None where it was destroyed.

        Neighbours share most of the way down, so ascending leaves take about two hashes each.
        """
        path = [b""] * (DEPTH + 1)  # by height: the nodes above the leaf before
        start = end = before = 0
        digest = hmac.digest
        for leaf in leaves:
            if start <= leaf < end:
                height = (leaf ^ before).bit_length()
            else:
                at = self._subtree_of(leaf)
                if at < 0:
                    yield None
                    continue
                start, height = int(self.starts[at]), int(self.heights[at])
                end = start + (1 << height)
                path[height] = self._seed(at)
            node = path[height]
            while height:
                height -= 1
                path[height] = node = digest(node, _SIDES[leaf >> height & 1], "sha256")
            before = leaf
            yield node

    def is_live(self, leaf: int) -> bool:
        """Tell whether the key of a leaf was not destroyed."""
        return self._subtree_of(leaf) >= 0

    def are_live(self, leaves: Leaves) -> npt.NDArray[np.bool_]:
        """Tell of each leaf whether its key was not destroyed."""
        if not len(self.starts):
            return np.zeros(len(leaves), np.bool_)
        at = np.searchsorted(self.starts, leaves, side="right") - 1
        return np.asarray((at >= 0) & (leaves < self._ends()[at]), np.bool_)

    def first_live(self, leaf: int) -> int:
        """Return the first leaf from this one on whose key was not destroyed.

        Raises:
            GalleryFull: there is none.
        """
        if self.is_live(leaf):
            return leaf
        after = int(np.searchsorted(self.starts, leaf))
        if after == len(self.starts):
            raise GalleryFull(f"all {LEAVES:,} data keys of subjects were given out; start another database")
        return int(self.starts[after])

    def without(self, leaves: Iterable[int]) -> KeyTree:
        """Return the tree with the keys of these leaves destroyed, itself where they were before."""
        dead = as_leaves(leaves)
        dead = dead[self.are_live(dead)]
        if (dead[1:] <= dead[:-1]).any():
            dead = np.unique(dead)
        if not len(dead):
            return self
        holding = np.searchsorted(self.starts, dead, side="right") - 1
        firsts = np.flatnonzero(np.diff(holding, prepend=-1))
        bounds = [*firsts.tolist(), len(dead)]
        left, numbers = _Subtrees(), dead.data
        untouched = 0
        for place, at in enumerate(holding[firsts].tolist()):
            left.add_all(self, untouched, at)
            subtree = int(self.starts[at]), int(self.heights[at]), self._seed(at)
            _split(subtree, numbers, (bounds[place], bounds[place + 1]), left)
            untouched = at + 1
        left.add_all(self, untouched, len(self.starts))
        return left.tree()

    def to_bytes(self) -> bytes:
        """Return the tree as `from_bytes` reads it: how many subtrees, their leaves, heights and seeds."""
        count = len(self.starts).to_bytes(_COUNT_BYTES, "big")
        return count + self.starts.astype(">u4").tobytes() + self.heights.astype("u1").tobytes() + self.seeds

    @classmethod
    def from_bytes(cls, content: bytes) -> KeyTree:
        """Read a tree.

        Raises:
            ValueError: it is none.
        """
        count = int.from_bytes(content[:_COUNT_BYTES], "big")
        if len(content) != _COUNT_BYTES + count * _BYTES_OF_A_SUBTREE:
            raise ValueError("a tree of keys has another length")
        starts = np.frombuffer(content, ">u4", count, _COUNT_BYTES).astype(np.int64)
        heights = np.frombuffer(content, "u1", count, _COUNT_BYTES + 4 * count).astype(np.int64)
        tree = cls(starts, heights, content[_COUNT_BYTES + 5 * count :])
        tree._check()
        return tree

    def _check(self) -> None:
        if (self.heights > DEPTH).any():
            raise ValueError("a subtree is higher than the tree")
        ends = self._ends()
        if (self.starts & (ends - self.starts - 1)).any():
            raise ValueError("a subtree begins where none can")
        if (self.starts[1:] < ends[:-1]).any() or (ends > LEAVES).any():
            raise ValueError("the subtrees are not in order")
        twins = (self.heights[1:] == self.heights[:-1]) & (self.starts[1:] == ends[:-1])
        if (twins & (self.starts[:-1] >> self.heights[:-1] & 1 == 0)).any():
            raise ValueError("two subtrees are the halves of one")

    def _ends(self) -> Leaves:
        return self.starts + (np.int64(1) << self.heights)

    def _subtree_of(self, leaf: int) -> int:
        """Return which subtree holds a leaf, -1 where none does."""
        at = int(np.searchsorted(self.starts, leaf, side="right")) - 1
        inside = at >= 0 and leaf - int(self.starts[at]) < 1 << int(self.heights[at])
        return at if inside else -1

    def _seed(self, at: int) -> bytes:
        return self.seeds[at * KEY_BYTES : (at + 1) * KEY_BYTES]


class _Subtrees:
    """What is left of a tree, gathered in order: runs that stay as they are, and new subtrees."""

    def __init__(self) -> None:
        self._starts: list[Leaves] = []
        self._heights: list[Leaves] = []
        self._seeds: list[bytes] = []
        self._new: list[tuple[int, int]] = []

    def add(self, start: int, height: int, seed: bytes) -> None:
        self._new.append((start, height))
        self._seeds.append(seed)

    def add_all(self, tree: KeyTree, first: int, end: int) -> None:
        if first < end:
            self._close_new()
            self._starts.append(tree.starts[first:end])
            self._heights.append(tree.heights[first:end])
            self._seeds.append(tree.seeds[first * KEY_BYTES : end * KEY_BYTES])

    def tree(self) -> KeyTree:
        self._close_new()
        nothing = np.empty(0, np.int64)
        return KeyTree(
            np.concatenate([nothing, *self._starts]),
            np.concatenate([nothing, *self._heights]),
            b"".join(self._seeds),
        )

    def _close_new(self) -> None:
        if self._new:
            new = np.array(self._new, np.int64)
            self._starts.append(new[:, 0])
            self._heights.append(new[:, 1])
            self._new = []


def as_leaves(leaves: Iterable[int]) -> Leaves:
    """Return numbers of leaves as an array; a range takes no loop."""
    if isinstance(leaves, range):
        return np.arange(leaves.start, leaves.stop, leaves.step, dtype=np.int64)
    return leaves if isinstance(leaves, np.ndarray) else np.fromiter(leaves, np.int64)


def _split(
    subtree: tuple[int, int, bytes], dead: memoryview[int], part: tuple[int, int], left: _Subtrees
) -> None:
    """Add what is left of a subtree in which the leaves ``dead[part[0]:part[1]]`` are destroyed."""
    start, height, seed = subtree
    first, end = part
    if first == end:
        left.add(start, height, seed)
    elif end - first < 1 << height:
        half = 1 << height - 1
        middle = bisect_left(dead, start + half, first, end)
        if middle - first < half:
            child = hmac.digest(seed, _SIDES[0], "sha256")
            _split((start, height - 1, child), dead, (first, middle), left)
        if end - middle < half:
            child = hmac.digest(seed, _SIDES[1], "sha256")
            _split((start + half, height - 1, child), dead, (middle, end), left)
