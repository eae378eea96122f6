"""Verify the ledger, sign where it stands, and prove what it holds of a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.errors import LedgerEntryNotFound
from countenance.ledger import VerifierKey, inclusion_proof, read_checkpoint, verify_ledger

if TYPE_CHECKING:
    from countenance.ledger import Checkpoint, LedgerReader


@dataclass(frozen=True, slots=True)
class ProvedEntry:
    """An entry, where it stands, and the hashes that lead from it to the root of the checkpoint.

    ``checkpoint`` is the signed note.
    """

    place: int
    entry: bytes
    proof: list[bytes]
    checkpoint: str


def verify(ledger: LedgerReader, verifier_key: str, earlier_note: str | None = None) -> Checkpoint:
    """Return where a ledger stands in which nothing was altered.

    Args:
        ledger: the ledger, or a copy.
        verifier_key: the text of the public key that must have signed it.
        earlier_note: a signed checkpoint that was kept elsewhere; with it a rolled-back database is found.

    Raises:
        LedgerBroken: something was altered; the message names what.
    """
    verifier = VerifierKey.parse(verifier_key)
    earlier = read_checkpoint(earlier_note, verifier) if earlier_note is not None else None
    return verify_ledger(ledger, verifier, earlier)


def prove_request(ledger: LedgerReader, request_id: str) -> list[ProvedEntry]:
    """Return what the ledger holds of a request, with proofs.

    Raises:
        LedgerEntryNotFound: it holds nothing of it.
        LedgerBroken: a part of the ledger is missing.
    """
    head, found = ledger.head(), ledger.of_request(request_id)
    if not found:
        raise LedgerEntryNotFound(f"the ledger holds nothing of a request {request_id}")
    return [
        ProvedEntry(place, entry, inclusion_proof(place, head.size, ledger.node), head.checkpoint)
        for place, entry in found
    ]
