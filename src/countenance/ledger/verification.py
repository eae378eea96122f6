"""Looks at every entry of a ledger, at once or part by part, and says what is wrong with it first."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

from countenance.errors import LedgerBroken
from countenance.ledger.checkpoint import Checkpoint, read_checkpoint
from countenance.ledger.merkle import GrowingTree, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from countenance.ledger.checkpoint import VerifierKey
    from countenance.ledger.ports import LedgerHead, LedgerReader

_PART = 20_000


def verify_ledger(
    ledger: LedgerReader, verifier: VerifierKey, earlier: Checkpoint | None = None
) -> Checkpoint:
    """Return the checkpoint of a ledger in which nothing was altered.

    Args:
        ledger: the ledger.
        verifier: the key that must have signed its head.
        earlier: a checkpoint that was kept elsewhere; only with one a database that was rolled back is found.

    Raises:
        LedgerBroken: something is missing, was altered, reordered or back-dated, or is not signed.
    """
    verification = LedgerVerification(verifier, earlier)
    while True:
        checkpoint = verification.go_on(ledger, _PART)
        if checkpoint is not None:
            return checkpoint


class LedgerVerification:
    """A verification that goes on where it stopped, and again when the ledger has grown.

    What it looked at once it does not look at again: whoever alters that later is found by a new one.

    Args:
        verifier: the key that must have signed the ledger's head.
        earlier: a checkpoint that was kept elsewhere.
    """

    def __init__(self, verifier: VerifierKey, earlier: Checkpoint | None = None) -> None:
        self._verifier = verifier
        self._earlier = earlier
        self._tree = GrowingTree()
        self._last_time = ""

    @property
    def size(self) -> int:
        """How many entries were looked at."""
        return self._tree.size

    def go_on(self, ledger: LedgerReader, most: int) -> Checkpoint | None:
        """Look at the next entries; return the signed checkpoint once there are no more.

        1. Hash the entries again, and compare the inner nodes that the database keeps.
        2. Look whether the ledger of an earlier checkpoint is the beginning of this one.
        3. At the end compare with the head, and the head with what was signed.

        Raises:
            LedgerBroken: something is missing, was altered, reordered or back-dated, or is not signed.
        """
        first, end = self._tree.size, self._tree.size + most
        with closing(ledger.entries(first, end)) as entries, closing(ledger.nodes(first, end)) as nodes:
            self._look_at(entries, nodes)
        if self._tree.size == end:
            return None
        # 3
        self._compare_end(ledger.head())
        with closing(ledger.nodes(self._tree.size)) as nodes:
            if next(nodes, None) is not None:
                raise _beyond()
        return self._checked_signature(ledger.head())

    def _look_at(self, entries: Iterator[tuple[int, bytes]], nodes: Iterator[tuple[int, int, bytes]]) -> None:
        tree = self._tree
        for place, entry in entries:
            # 1
            if place != tree.size:
                raise LedgerBroken(f"entry {min(place, tree.size)} is missing or there twice")
            self._last_time = _checked_time(place, entry, self._last_time)
            for completed in tree.append(leaf_hash(entry)):
                if next(nodes, None) != completed:
                    raise LedgerBroken(
                        f"an entry up to {place} was altered: the node {completed[:2]} above it is another"
                    )
            # 2
            self._compare_with_earlier()
        if next(nodes, None) is not None:
            raise _beyond()

    def _compare_with_earlier(self) -> None:
        earlier, tree = self._earlier, self._tree
        if earlier is not None and tree.size == earlier.size and tree.root() != earlier.root:
            raise LedgerBroken(
                f"the ledger was rewritten: its first {earlier.size} entries are not the earlier checkpoint's"
            )

    def _compare_end(self, head: LedgerHead) -> None:
        tree, earlier = self._tree, self._earlier
        if earlier is not None and tree.size < earlier.size:
            raise LedgerBroken(
                f"the ledger was rolled back: it has {tree.size} entries, the earlier checkpoint "
                f"{earlier.size}"
            )
        if tree.size != head.size:
            raise LedgerBroken(
                f"entries are missing at the end: the head says {head.size}, there are {tree.size}"
            )
        if tuple(tree.frontier) != head.frontier:
            raise LedgerBroken("the head is not that of the entries: one of them, or the head, was altered")

    def _checked_signature(self, head: LedgerHead) -> Checkpoint:
        tree = self._tree
        if not tree.size:
            return Checkpoint(self._verifier.name, 0, tree.root())
        signed = read_checkpoint(head.checkpoint, self._verifier)
        if (signed.size, signed.root) != (tree.size, tree.root()):
            raise LedgerBroken(
                f"the last entries were altered: {signed.size} entries with another root are signed, not "
                f"these {tree.size}"
            )
        return signed


def _beyond() -> LedgerBroken:
    return LedgerBroken("there are inner nodes of entries that are missing")


def _checked_time(place: int, entry: bytes, last_time: str) -> str:
    try:
        # Somebody who alters a database may leave text where bytes were.
        time = str(json.loads(entry.decode())["time"])
    except (ValueError, TypeError, KeyError, AttributeError):
        raise LedgerBroken(f"entry {place} is no entry") from None
    if time < last_time:
        raise LedgerBroken(f"entry {place} is back-dated: {time} comes after {last_time}")
    return time
