"""The work of ``countenance export``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from countenance.doors.cli.outcomes import tell
from countenance.doors.cli.progress_shown import showing_progress
from countenance.doors.cli.records import json_line
from countenance.doors.cli.words import count
from countenance.doors.cli.work import at_work
from countenance.operations.export_collection import export_collection

if TYPE_CHECKING:
    from pathlib import Path


def answer(
    file: Path | None, data_dir: Path | None, collection_id: str, folder: Path, *, as_json: bool
) -> None:
    """Export a collection and say what there is in the folder now."""
    with at_work(file, data_dir) as work, showing_progress("exporting") as progress:
        made = export_collection(work.office.gallery, work.act, collection_id, folder, progress)
    if as_json:
        print(json_line({"folder": str(folder), **asdict(made)}))
        return
    what = (count(made.faces, "face"), count(made.users, "user"), count(made.records, "record"))
    tell(f"{', '.join(what)} of {collection_id} are in {folder}")
    if made.left_out:
        tell(f"{count(made.left_out, 'face')} whose consent or time has ended were left out")
    tell("its templates are not encrypted: keep the folder safe, and delete it when it is imported")
