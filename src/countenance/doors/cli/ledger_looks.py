"""The work of ``countenance ledger …``."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from countenance.doors.cli.composition import waiting
from countenance.doors.cli.files import read_words
from countenance.doors.cli.outcomes import tell
from countenance.doors.cli.records import json_line
from countenance.doors.cli.work import warn_in_lines
from countenance.operations.look_into_ledger import prove_request, verify
from countenance.settings import read_settings
from countenance.wiring import open_ledger_copy, open_store

if TYPE_CHECKING:
    from pathlib import Path

_MOST_CHECKPOINT_BYTES = 65_536


def verify_all(file: Path | None, data_dir: Path | None, key: str | None, earlier: Path | None) -> None:
    """Verify the whole ledger.

    Raises:
        LedgerBroken: something was altered.
        WrongUsage: the file of the checkpoint cannot be read.
    """
    warn_in_lines()
    settings = read_settings(file, data_dir=data_dir)
    note = read_words(earlier, _MOST_CHECKPOINT_BYTES) if earlier is not None else None
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
    warn_in_lines()
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
        entries, checkpoint = prove_request(ledger, request_id)
        for proved in entries:
            record = {
                "place": proved.place,
                "entry": json.loads(proved.entry),
                "proof": [base64.b64encode(part).decode() for part in proved.proof],
                "checkpoint": checkpoint,
            }
            print(json_line(record))
