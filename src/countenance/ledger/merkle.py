"""Merkle trees as RFC 6962 hashes them, and the proofs of RFC 9162, section 2.1.

Inner nodes are asked of a function, so that a database can keep them: ``node(level, place)`` is the root of
the complete subtree of ``2 ** level`` leaves that is ``place``-th from the left, at level 0 a leaf's hash.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from countenance.errors import LedgerBroken

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Node = Callable[[int, int], bytes]

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256().digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class GrowingTree:
    """A tree that leaves are added to; only the roots of the complete subtrees are kept, the largest first.

    Args:
        size: how many leaves there are.
        frontier: the roots of the complete subtrees that cover them, the largest first.
    """

    def __init__(self, size: int = 0, frontier: Sequence[bytes] = ()) -> None:
        self.size = size
        self.frontier = list(frontier)

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf's hash; return level, place and hash of the inner nodes that this completes."""
        level, root, completed = 0, leaf, []
        while self.size >> level & 1:
            root, level = node_hash(self.frontier.pop(), root), level + 1
            completed.append((level, self.size >> level, root))
        self.frontier.append(root)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """Return the root of all leaves."""
        if not self.frontier:
            return EMPTY_ROOT
        root = self.frontier[-1]
        for larger in reversed(self.frontier[:-1]):
            root = node_hash(larger, root)
        return root


def root_of(size: int, node: Node) -> bytes:
    """Return the root of the first ``size`` leaves."""
    return _root(0, size, node) if size else EMPTY_ROOT


def inclusion_proof(place: int, size: int, node: Node) -> list[bytes]:
    """Return the hashes that lead from the leaf at ``place`` to the root of ``size`` leaves.

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= place < size:
        raise ValueError(f"there is no leaf {place} among {size}")
    return _path(place, 0, size, node)


def consistency_proof(old_size: int, size: int, node: Node) -> list[bytes]:
    """Return the hashes that show the first ``old_size`` of ``size`` leaves to be the tree of before.

    Raises:
        ValueError: the old size is not between 0 and the size.
    """
    if not 0 <= old_size <= size:
        raise ValueError(f"{old_size} is not between 0 and {size}")
    if old_size in {0, size}:
        return []
    return _subproof(old_size, 0, size, node, is_whole=True)


def verify_inclusion(leaf: bytes, place: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Do nothing where the proof leads from a leaf's hash to the root.

    Raises:
        LedgerBroken: it does not.
    """
    if not 0 <= place < size:
        raise LedgerBroken(f"there is no entry {place} among {size}")
    at, last, found = place, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise LedgerBroken("the inclusion proof is too long")
        if at & 1 or at == last:
            found = node_hash(sibling, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        at, last = at >> 1, last >> 1
    if last or not hmac.compare_digest(found, root):
        raise LedgerBroken(f"entry {place} is not in the ledger of {size} entries with this root")


def verify_consistency(  # noqa: C901 - the steps are RFC 9162's own, 2.1.4.2
    old_size: int, size: int, old_root: bytes, root: bytes, proof: Sequence[bytes]
) -> None:
    """Do nothing where the proof shows that a ledger only grew.

    Raises:
        LedgerBroken: it does not.
    """
    if not 0 <= old_size <= size:
        raise LedgerBroken(f"a ledger of {old_size} entries cannot have become one of {size}")
    if old_size in {0, size}:
        same = old_size == 0 or hmac.compare_digest(old_root, root)
        if proof or not same:
            raise LedgerBroken("the two ledgers are not the same")
        return
    hashes = list(proof)
    if old_size & (old_size - 1) == 0:  # its root is itself a complete subtree's
        hashes.insert(0, old_root)
    if not hashes:
        raise LedgerBroken("the consistency proof is too short")
    at, last = old_size - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old_found = found = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise LedgerBroken("the consistency proof is too long")
        if at & 1 or at == last:
            old_found, found = node_hash(sibling, old_found), node_hash(sibling, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        at, last = at >> 1, last >> 1
    if last or not (hmac.compare_digest(old_found, old_root) and hmac.compare_digest(found, root)):
        raise LedgerBroken(f"the first {old_size} of {size} entries are not those of before")


def _split(count: int) -> int:
    """Return the largest power of two below the count."""
    return 1 << (count - 1).bit_length() - 1


def _root(start: int, count: int, node: Node) -> bytes:
    """Return the root of ``count`` leaves from ``start`` on, which is a multiple of what covers them."""
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return node(level, start >> level)
    left = _split(count)
    return node_hash(_root(start, left, node), _root(start + left, count - left, node))


def _path(place: int, start: int, count: int, node: Node) -> list[bytes]:
    if count == 1:
        return []
    left = _split(count)
    if place < left:
        return [*_path(place, start, left, node), _root(start + left, count - left, node)]
    return [*_path(place - left, start + left, count - left, node), _root(start, left, node)]


def _subproof(old: int, start: int, count: int, node: Node, *, is_whole: bool) -> list[bytes]:
    if old == count:
        return [] if is_whole else [_root(start, count, node)]
    left = _split(count)
    if old <= left:
        inner = _subproof(old, start, left, node, is_whole=is_whole)
        return [*inner, _root(start + left, count - left, node)]
    inner = _subproof(old - left, start + left, count - left, node, is_whole=False)
    return [*inner, _root(start, left, node)]
