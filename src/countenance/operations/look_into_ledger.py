"""Verify the ledger, sign where it stands, and prove what it holds of a request."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from countenance.errors import LedgerEntryNotFound, NotPermitted
from countenance.ledger import (
    ProvedEntry,
    VerifierKey,
    consistency_proof,
    inclusion_proof,
    make_receipt,
    read_checkpoint,
    verify_ledger,
    verify_receipt,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from countenance.ledger import Checkpoint, LedgerReader, VerifiedReceipt
    from countenance.operations.acts import Act


@dataclass(frozen=True, slots=True)
class LedgerGrowth:
    """The hashes that lead from an earlier root to the one of a signed checkpoint (RFC 9162, 2.1.4)."""

    proof: tuple[bytes, ...]
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


def prove_request(ledger: LedgerReader, request_id: str) -> tuple[list[ProvedEntry], str]:
    """Return what the ledger holds of a request, with proofs, and the signed checkpoint that they lead to.

    Raises:
        LedgerEntryNotFound: it holds nothing of it.
        LedgerBroken: a part of the ledger is missing.
    """
    head, found = ledger.head(), ledger.of_request(request_id)
    if not found:
        raise LedgerEntryNotFound(f"the ledger holds nothing of a request {request_id}")
    proved = [
        ProvedEntry(place, entry, tuple(inclusion_proof(place, head.size, ledger.node)))
        for place, entry in found
    ]
    return proved, head.checkpoint


def show_receipt(ledger: LedgerReader, act: Act, request_id: str) -> dict[str, Any]:
    """Return the receipt of a request, as JSON has it: what `check_receipt` verifies.

    Raises:
        NotPermitted: the caller's key does not allow it, or is neither an administrator's nor who asked.
        LedgerEntryNotFound: the ledger holds nothing of such a request.
    """
    act.permit("show_receipt")
    act.note(about=request_id)
    entries, checkpoint = prove_request(ledger, request_id)
    require_own(act, entries)
    return make_receipt(request_id, entries, checkpoint)


def show_checkpoint(ledger: LedgerReader, act: Act) -> str:
    """Return the signed checkpoint: where the ledger stands now.

    Raises:
        NotPermitted: the caller's key does not allow it.
    """
    act.permit("look_at_ledger")
    return ledger.head().checkpoint


def show_consistency(ledger: LedgerReader, act: Act, size: int) -> LedgerGrowth:
    """Return what shows that the ledger as it was with so many entries is the beginning of what it is now.

    Whoever kept a checkpoint of that size computes the rest, and need not believe whoever holds the ledger.

    Raises:
        NotPermitted: the caller's key does not allow it.
        LedgerEntryNotFound: the ledger never had so many entries, or has lost some.
        LedgerBroken: a part of the ledger is missing.
    """
    act.permit("look_at_ledger")
    head = ledger.head()
    if not 0 <= size <= head.size:
        raise LedgerEntryNotFound(f"the ledger has {head.size} entries, not {size} or more")
    return LedgerGrowth(tuple(consistency_proof(size, head.size, ledger.node)), head.checkpoint)


def show_verifier_key(key: VerifierKey, act: Act) -> str:
    """Return the public key of what signs the ledger, as text.

    Raises:
        NotPermitted: the caller's key does not allow it.
    """
    act.permit("look_at_ledger")
    return str(key)


def require_own(act: Act, entries: list[ProvedEntry]) -> None:
    """Do nothing where the entries are of a request of the caller's, or the caller is an administrator.

    Raises:
        NotPermitted: another key asked.
    """
    asked = {json.loads(proved.entry).get("key") for proved in entries}
    if not act.caller.administrator and act.caller.key_id not in asked:
        raise NotPermitted("another access key asked that; an administrator's may look")


def check_proofs(
    request_id: str, entries: Sequence[ProvedEntry], checkpoint: str, verifier_key: str
) -> Checkpoint:
    """Compute the proofs of a request's entries again; returns the checkpoint that they lead to.

    Raises:
        ReceiptBroken: an entry is not in the ledger that was signed.
    """
    return check_receipt(make_receipt(request_id, entries, checkpoint), verifier_key).checkpoint


def check_receipt(receipt: Mapping[str, Any], verifier_key: str) -> VerifiedReceipt:
    """Return what a receipt proves to somebody who has only the ledger's public key.

    Raises:
        LedgerBroken: the text is no public key.
        ReceiptBroken: the receipt was altered, or is none.
    """
    return verify_receipt(receipt, VerifierKey.parse(verifier_key))
