"""The work of ``countenance receipt show``; `receipt_checks` verifies without a database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from countenance.doors.cli.files import check_target, write_content
from countenance.doors.cli.outcomes import tell
from countenance.doors.cli.records import json_line
from countenance.doors.cli.work import opened_office, receipt_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def show(file: Path | None, data_dir: Path | None, request_id: str, out: Path | None) -> None:
    """Print a receipt, or write it."""
    if out is not None:
        check_target(out)
    with opened_office(file, data_dir) as office:
        receipt = receipt_of(office, request_id)
    if out is None:
        print(json_line(receipt))
    else:
        write_receipt(out, receipt)


def write_receipt(out: Path, receipt: Mapping[str, Any]) -> None:
    """Write a receipt into a file."""
    write_content(out, f"{json_line(receipt)}\n".encode())
    tell(f"the receipt is in {out}; whoever has `countenance ledger key` can verify it")
