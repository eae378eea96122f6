"""Receipts: entries of one request, proved to be in a ledger whose checkpoint is signed.

A receipt of an erasure says that rows were erased and that keys were destroyed. Whoever has the ledger's
public key can verify it, without the database and without trusting who holds it.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from countenance.errors import LedgerBroken, ReceiptBroken
from countenance.ledger.canonical import canonical
from countenance.ledger.checkpoint import Checkpoint, read_checkpoint
from countenance.ledger.merkle import HASH_BYTES, leaf_hash, verify_inclusion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from countenance.ledger.checkpoint import VerifierKey

TYPE = "countenance-receipt/1"
KEYS_DESTROYED = "destroy_keys"
_MOST_ENTRIES = 100_000
_MOST_HASHES = 64


@dataclass(frozen=True, slots=True)
class ProvedEntry:
    """An entry, where it stands, and the hashes that lead from it to the root of a checkpoint."""

    place: int
    entry: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class VerifiedReceipt:
    """What a receipt proves.

    Attributes:
        request_id: the request that the entries are of.
        checkpoint: the signed checkpoint that they are under.
        entries: the entries, in order.
        erased_faces: how many faces the entries say were erased.
        keys_destroyed: how many data keys they say were destroyed after that.
    """

    request_id: str
    checkpoint: Checkpoint
    entries: tuple[dict[str, Any], ...]
    erased_faces: int
    keys_destroyed: int


def make_receipt(request_id: str, entries: Sequence[ProvedEntry], checkpoint: str) -> dict[str, Any]:
    """Return a receipt as JSON has it; ``checkpoint`` is the signed note that the proofs lead to."""
    return {
        "type": TYPE,
        "request": request_id,
        "entries": [
            {
                "place": proved.place,
                "entry": json.loads(proved.entry),
                "proof": [base64.b64encode(part).decode() for part in proved.proof],
            }
            for proved in entries
        ],
        "checkpoint": checkpoint,
    }


def verify_receipt(receipt: Mapping[str, Any], verifier: VerifierKey) -> VerifiedReceipt:
    """Return what a receipt proves, with nothing but the public key of the ledger.

    1. Is the checkpoint signed with the key?
    2. Is each entry in the ledger that was signed, and of the request?

    Raises:
        ReceiptBroken: it is no receipt, or something in it was altered.
    """
    try:
        # 1
        checkpoint = read_checkpoint(_text(receipt["checkpoint"]), verifier)
        request_id, parts = _text(receipt["request"]), receipt["entries"]
        if receipt["type"] != TYPE or not isinstance(parts, list) or not 1 <= len(parts) <= _MOST_ENTRIES:
            raise ReceiptBroken(f"it is no receipt of the type {TYPE} with entries")
        # 2
        entries = tuple(_proved(part, request_id, checkpoint) for part in parts)
        places = [part["place"] for part in parts]
        if places != sorted(set(places)):
            raise ReceiptBroken("the entries of the receipt are not in order, each once")
    except (KeyError, TypeError, ValueError, RecursionError, binascii.Error):
        raise ReceiptBroken("it is no receipt: a part of it is missing or is something else") from None
    except LedgerBroken as error:
        raise ReceiptBroken(f"the receipt proves nothing: {error}") from None
    # What failed was undone, whatever had been noted of it before.
    done = [entry for entry in entries if entry.get("outcome") == "done"]
    return VerifiedReceipt(
        request_id,
        checkpoint,
        entries,
        sum(_count(part, "faces") for entry in done for part in _list(entry.get("erased"))),
        sum(_count(entry, "keys") for entry in done if entry.get("operation") == KEYS_DESTROYED),
    )


def _proved(part: Mapping[str, Any], request_id: str, checkpoint: Checkpoint) -> dict[str, Any]:
    entry: dict[str, Any] = part["entry"]
    proof = [base64.b64decode(_text(each), validate=True) for each in part["proof"][:_MOST_HASHES]]
    place = part["place"]
    if (
        not isinstance(entry, dict)
        or type(place) is not int
        or any(len(each) != HASH_BYTES for each in proof)
    ):
        raise ReceiptBroken("an entry of the receipt is no entry")
    verify_inclusion(leaf_hash(canonical(entry)), place, checkpoint.size, proof, checkpoint.root)
    if entry.get("request") != request_id:
        raise ReceiptBroken(f"entry {place} is of another request")
    return entry


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ReceiptBroken("a part of the receipt is no text")
    return value


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _count(part: object, name: str) -> int:
    value = part.get(name) if isinstance(part, dict) else None
    return value if type(value) is int and value > 0 else 0
