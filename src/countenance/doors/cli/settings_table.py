"""The work of ``countenance settings`` and ``countenance master-key …``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from countenance.doors.cli.composition import waiting
from countenance.doors.cli.outcomes import tell
from countenance.doors.cli.records import json_line
from countenance.doors.cli.tables import new_table, stdout_console
from countenance.doors.cli.words import count, printable
from countenance.doors.cli.work import at_work
from countenance.operations.rotate_master_key import rotate_master_key
from countenance.settings import explain_settings, read_settings
from countenance.wiring import seal_anew

if TYPE_CHECKING:
    from pathlib import Path


def show(file: Path | None, *, as_json: bool) -> None:
    """Print every setting."""
    settings = explain_settings(file)
    if as_json:
        for each in settings:
            record = {
                "name": each.name,
                "value": each.value,
                "origin": each.origin.value,
                "description": each.description,
            }
            print(json_line(record))
        return
    console = stdout_console()
    table = new_table(console)
    for column in ("setting", "value", "from", "meaning"):
        table.add_column(column)
    for each in settings:
        table.add_row(each.name, Text(printable(each.value)), each.origin.value, each.description)
    console.print(table)


def rotate(file: Path | None, data_dir: Path | None) -> None:
    """Seal everything anew with another master key."""
    settings = read_settings(file, data_dir=data_dir)
    with waiting("sealing all keys anew …"), at_work(file, data_dir) as work:
        sealed = rotate_master_key(work.act, lambda: seal_anew(settings, work.office.store))
    tell(f"{count(sealed, 'key')} sealed anew")
