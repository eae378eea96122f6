"""The work of ``countenance receipt verify``, which opens no database.

What the entries of a receipt say is believed as far as the signature goes, but not that they are of a certain
form: whoever names a stranger's key gets what a stranger signed.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from countenance.doors.cli.files import read_content, read_words
from countenance.doors.cli.outcomes import WrongUsage, tell
from countenance.doors.cli.records import json_line
from countenance.doors.cli.tables import print_facts
from countenance.doors.cli.words import count, printable
from countenance.errors import ReceiptBroken
from countenance.operations.look_into_ledger import check_receipt
from countenance.operations.names import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from countenance.ledger import VerifiedReceipt

_MOST_RECEIPT_BYTES = 268_435_456
_MOST_KEY_BYTES = 4_096
_MOST_LINES = 50
Entry = dict[str, Any]


def verify(file: Path, key: str | None, key_file: Path | None, *, as_json: bool) -> None:
    """Print what a receipt proves, and warn where that is less than it looks.

    Raises:
        WrongUsage: the key is not named once, or a file cannot be read.
        LedgerBroken: the key is none.
        ReceiptBroken: the receipt was altered, or is none.
    """
    if (key is None) == (key_file is None):
        raise WrongUsage("name the ledger's public key with either --key or --key-file")
    if key_file is not None:
        key = read_words(key_file, _MOST_KEY_BYTES)
    verified = check_receipt(_parsed(file), key or "")
    warnings = list(_warnings(verified))
    if as_json:
        print(json_line(_record(verified, warnings)))
    else:
        _print(verified)
    for warning in warnings:
        tell(f"warning: {warning}")


def _parsed(file: Path) -> Entry:
    try:
        receipt = json.loads(read_content(file, _MOST_RECEIPT_BYTES).decode("utf-8"))
    except (ValueError, RecursionError):
        raise ReceiptBroken(f"{file} is no receipt: it is not JSON in UTF-8") from None
    if not isinstance(receipt, dict):
        raise ReceiptBroken(f"{file} is no receipt: it is not a JSON object")
    return receipt


def _print(verified: VerifiedReceipt) -> None:
    asked, checkpoint = _asked(verified), verified.checkpoint
    destroyed = max((_time(entry) for entry in verified.entries if "keys" in entry), default=None)
    print("the receipt is genuine: nothing in it was altered since it was signed")
    print_facts(
        {
            "request": verified.request_id,
            "asked": f"{asked.get('operation')} at {_time(asked)}, by {asked.get('key')}",
            "outcome": asked.get("outcome"),
            "faces erased": f"{verified.erased_faces:,}",
            "users erased": f"{_users(verified):,}",
            "keys destroyed": f"{verified.keys_destroyed:,}" + (f" at {destroyed}" if destroyed else ""),
            "backups expire": max(_told(verified, "backups_expire"), default=None),
            "checkpoint": f"{checkpoint.size:,} entries of {checkpoint.origin}, root {checkpoint.root.hex()}",
        }
    )
    lines = list(_places(verified))
    for line in lines[:_MOST_LINES]:
        print(f"  {printable(line)}")
    if len(lines) > _MOST_LINES:
        print(f"  and {len(lines) - _MOST_LINES:,} more")


def _record(verified: VerifiedReceipt, warnings: list[str]) -> dict[str, object]:
    checkpoint = verified.checkpoint
    return {
        "request_id": verified.request_id,
        "faces_erased": verified.erased_faces,
        "users_erased": _users(verified),
        "keys_destroyed": verified.keys_destroyed,
        "checkpoint": {
            "origin": checkpoint.origin,
            "size": checkpoint.size,
            "root": checkpoint.root.hex(),
        },
        "entries": list(verified.entries),
        "warnings": warnings,
    }


def _warnings(verified: VerifiedReceipt) -> Iterator[str]:
    deleted = sum(_faces(part) for part in _parts(verified, "deleted"))
    if not verified.erased_faces and not _users(verified) and not deleted:
        yield "this request erased nothing, so this proves no erasure"
    elif deleted > verified.erased_faces:
        yield (
            f"{deleted:,} faces were to be erased and {verified.erased_faces:,} are so far; ask for the "
            "receipt again later"
        )
    elif not verified.keys_destroyed:
        yield (
            "no key was destroyed by this request yet: somebody may have other faces, or keys go with the "
            "next change; ask for the receipt again later"
        )
    for entry in verified.entries:
        if entry.get("outcome") != "done":
            yield f"{entry.get('operation')} ended with {entry.get('outcome')}"


def _asked(verified: VerifiedReceipt) -> Entry:
    """Return the entry of what was asked for; the others are of what followed from it."""
    asked = (entry for entry in verified.entries if entry.get("operation") in OPERATIONS)
    return next(asked, verified.entries[0])


def _places(verified: VerifiedReceipt) -> Iterator[str]:
    for part in _parts(verified, "erased"):
        if "collection" in part:
            faces = count(_faces(part), "face")
            yield f"{faces} of the collection {part['collection']}: {part.get('clause')}"
    for part in _parts(verified, "deleted"):
        yield f"{count(_faces(part), 'face')} with the whole collection {part.get('collection')}"


def _parts(verified: VerifiedReceipt, name: str) -> Iterator[Entry]:
    for entry in verified.entries:
        parts = entry.get(name)
        yield from (part for part in (parts if isinstance(parts, list) else []) if isinstance(part, dict))


def _users(verified: VerifiedReceipt) -> int:
    subjects = (part.get("subjects") for part in _parts(verified, "erased_users"))
    return sum(len(names) for names in subjects if isinstance(names, list))


def _faces(part: Entry) -> int:
    faces = part.get("faces")
    return faces if type(faces) is int and faces > 0 else 0


def _told(verified: VerifiedReceipt, name: str) -> Iterator[str]:
    return (str(entry[name]) for entry in verified.entries if name in entry)


def _time(entry: Entry) -> str:
    return str(entry.get("time"))
