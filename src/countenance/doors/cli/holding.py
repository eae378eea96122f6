"""The work of ``countenance hold …``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.doors.cli.governance_records import hold_record
from countenance.doors.cli.outcomes import tell
from countenance.doors.cli.records import json_line
from countenance.doors.cli.tables import print_facts, print_rows
from countenance.doors.cli.words import time_in_words
from countenance.doors.cli.work import at_work
from countenance.operations.manage_holds import list_holds, place_hold, release_hold

if TYPE_CHECKING:
    from pathlib import Path


def place(file: Path | None, data_dir: Path | None, subject: str, reference: str, *, as_json: bool) -> None:
    """Place a hold and print its id."""
    with at_work(file, data_dir) as work:
        hold = place_hold(work.act, subject, reference)
    if as_json:
        print(json_line(hold_record(hold)))
    else:
        print_facts({"hold": hold.hold_id})


def show_list(file: Path | None, data_dir: Path | None, *, released: bool, as_json: bool) -> None:
    """Print holds."""
    with at_work(file, data_dir) as work:
        holds = list_holds(work.act, released=released)
    if as_json:
        for hold in holds:
            print(json_line(hold_record(hold)))
        return
    print_rows(
        ("id", "subject", "reference", "placed", "placed by", "released"),
        [
            (
                hold.hold_id,
                hold.subject,
                hold.reference,
                time_in_words(hold.placed_at),
                hold.placed_by,
                time_in_words(hold.released_at),
            )
            for hold in holds
        ],
    )


def release(file: Path | None, data_dir: Path | None, hold_id: str) -> None:
    """Release a hold."""
    with at_work(file, data_dir) as work:
        release_hold(work.act, hold_id)
    tell(f"the hold {hold_id} is released; what is due is erased from now on")
