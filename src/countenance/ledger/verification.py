"""Looks at every entry of a ledger, and says what is wrong with it first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from countenance.errors import LedgerBroken
from countenance.ledger.checkpoint import Checkpoint, read_checkpoint
from countenance.ledger.merkle import GrowingTree, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from countenance.ledger.checkpoint import VerifierKey
    from countenance.ledger.ports import LedgerReader


def verify_ledger(
    ledger: LedgerReader, verifier: VerifierKey, earlier: Checkpoint | None = None
) -> Checkpoint:
    """Return the checkpoint of a ledger in which nothing was altered.

    1. Hash all entries again, and compare the inner nodes that the database keeps.
    2. Look whether the ledger of an earlier checkpoint is the beginning of this one.
    3. Compare the end with the head, and the head with what was signed.

    Args:
        ledger: the ledger.
        verifier: the key that must have signed its head.
        earlier: a checkpoint that was kept elsewhere; only with one a database that was rolled back is found.

    Raises:
        LedgerBroken: something is missing, was altered, reordered or back-dated, or is not signed.
    """
    head = ledger.head()
    tree, nodes, last_time = GrowingTree(), ledger.nodes(), ""
    # 1
    for place, entry in ledger.entries():
        if place != tree.size:
            raise LedgerBroken(f"entry {min(place, tree.size)} is missing or there twice")
        last_time = _checked_time(place, entry, last_time)
        for completed in tree.append(leaf_hash(entry)):
            if next(nodes, None) != completed:
                raise LedgerBroken(
                    f"an entry up to {place} was altered: the node {completed[:2]} above it is another"
                )
        # 2
        if earlier is not None and tree.size == earlier.size and tree.root() != earlier.root:
            raise LedgerBroken(
                f"the ledger was rewritten: its first {earlier.size} entries are not the earlier checkpoint's"
            )
    if earlier is not None and tree.size < earlier.size:
        raise LedgerBroken(
            f"the ledger was rolled back: it has {tree.size} entries, the earlier checkpoint {earlier.size}"
        )
    # 3
    _check_end(tree, nodes, head.size, head.frontier)
    if not tree.size:
        return Checkpoint(verifier.name, 0, tree.root())
    signed = read_checkpoint(head.checkpoint, verifier)
    if (signed.size, signed.root) != (tree.size, tree.root()):
        raise LedgerBroken(
            f"the last entries were altered: {signed.size} entries with another root are signed, not these "
            f"{tree.size}"
        )
    return signed


def _checked_time(place: int, entry: bytes, last_time: str) -> str:
    try:
        time = str(json.loads(entry)["time"])
    except (ValueError, TypeError, KeyError):
        raise LedgerBroken(f"entry {place} is no entry") from None
    if time < last_time:
        raise LedgerBroken(f"entry {place} is back-dated: {time} comes after {last_time}")
    return time


def _check_end(
    tree: GrowingTree, nodes: Iterator[tuple[int, int, bytes]], size: int, frontier: tuple[bytes, ...]
) -> None:
    if tree.size != size:
        raise LedgerBroken(f"entries are missing at the end: the head says {size}, there are {tree.size}")
    if next(nodes, None) is not None:
        raise LedgerBroken("there are inner nodes of entries that are missing")
    if tuple(tree.frontier) != frontier:
        raise LedgerBroken("the head is not that of the entries: one of them, or the head, was altered")
