"""The work of ``countenance moratorium …``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.doors.cli.governance_records import moratorium_record
from countenance.doors.cli.outcomes import tell
from countenance.doors.cli.records import json_line
from countenance.doors.cli.tables import print_facts, print_rows
from countenance.doors.cli.words import time_in_words
from countenance.doors.cli.work import at_work
from countenance.operations.manage_moratoria import begin_moratorium, lift_moratorium, list_moratoria

if TYPE_CHECKING:
    from pathlib import Path

    from countenance.governance import Moratorium


def begin(
    file: Path | None,
    data_dir: Path | None,
    scope: str,
    reason: str,
    until: datetime | None,
    *,
    as_json: bool,
) -> None:
    """Begin a moratorium and print its id."""
    with at_work(file, data_dir) as work:
        moratorium = begin_moratorium(work.act, scope, reason, until)
    if as_json:
        print(json_line(moratorium_record(moratorium, datetime.now(UTC))))
    else:
        print_facts({"moratorium": moratorium.moratorium_id})
        tell(in_words(moratorium))


def lift(file: Path | None, data_dir: Path | None, moratorium_id: str) -> None:
    """Lift a moratorium."""
    with at_work(file, data_dir) as work:
        lift_moratorium(work.act, moratorium_id)
    tell(f"the moratorium {moratorium_id} is lifted")


def show_list(file: Path | None, data_dir: Path | None, *, ended: bool, as_json: bool) -> None:
    """Print moratoria."""
    with at_work(file, data_dir) as work:
        moratoria, now = list_moratoria(work.act, ended=ended), datetime.now(UTC)
    if as_json:
        for moratorium in moratoria:
            print(json_line(moratorium_record(moratorium, now)))
        return
    print_rows(
        ("id", "scope", "state", "since", "until", "begun by", "reason"),
        [
            (
                moratorium.moratorium_id or "cannot be lifted",
                moratorium.scope.text,
                _state(moratorium, now),
                time_in_words(moratorium.began_at),
                time_in_words(moratorium.lifted_at or moratorium.until),
                moratorium.begun_by,
                moratorium.reason,
            )
            for moratorium in moratoria
        ],
    )


def in_words(moratorium: Moratorium) -> str:
    """Return a sentence about a moratorium that is in force."""
    until = f" until {time_in_words(moratorium.until)}" if moratorium.until else ""
    return f"a moratorium on {moratorium.scope.text} is in force{until}: {moratorium.reason}"


def _state(moratorium: Moratorium, now: datetime) -> str:
    if moratorium.in_force(now):
        return "in force"
    return "lifted" if moratorium.lifted_at is not None else "ended"
