"""The work of ``countenance ledger …``."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from countenance.doors.cli.composition import waiting
from countenance.doors.cli.outcomes import WrongUsage, tell
from countenance.doors.cli.records import json_line
from countenance.operations.look_into_ledger import prove_request, verify
from countenance.settings import read_settings
from countenance.wiring import open_ledger_copy, open_store

if TYPE_CHECKING:
    from pathlib import Path


def verify_all(file: Path | None, data_dir: Path | None, key: str | None, earlier: Path | None) -> None:
    """Verify the whole ledger.

    Raises:
        LedgerBroken: something was altered.
        WrongUsage: the file of the checkpoint cannot be read.
    """
    settings, note = read_settings(file, data_dir=data_dir), _content(earlier)
    with waiting("verifying the ledger …"):
        if key is not None:
            with open_ledger_copy(settings) as ledger:
                found = verify(ledger, key, note)
        else:
            with open_store(settings) as store, store.reading_ledger() as ledger:
                found = verify(ledger, str(store.verifier_key), note)
    tell(f"the ledger is whole: {found.size:,} entries, root {found.root.hex()}")


def show_key(file: Path | None, data_dir: Path | None) -> None:
    """Print the public key."""
    with open_store(read_settings(file, data_dir=data_dir)) as store:
        print(store.verifier_key)


def show_checkpoint(file: Path | None, data_dir: Path | None) -> None:
    """Print the signed checkpoint."""
    with open_ledger_copy(read_settings(file, data_dir=data_dir)) as ledger:
        print(ledger.head().checkpoint, end="")


def show_request(file: Path | None, data_dir: Path | None, request_id: str) -> None:
    """Print the entries of a request and their proofs, a line each.

    Raises:
        LedgerEntryNotFound: there are none.
    """
    with open_ledger_copy(read_settings(file, data_dir=data_dir)) as ledger:
        for proved in prove_request(ledger, request_id):
            record = {
                "place": proved.place,
                "entry": json.loads(proved.entry),
                "proof": [base64.b64encode(part).decode() for part in proved.proof],
                "checkpoint": proved.checkpoint,
            }
            print(json_line(record))


def _content(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUsage(f"{path} cannot be read: {error}") from None
