"""The work of ``countenance subject …`` and ``countenance sweep``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.doors.cli.outcomes import tell
from countenance.doors.cli.records import json_line
from countenance.doors.cli.tables import print_facts
from countenance.doors.cli.words import time_in_words
from countenance.doors.cli.work import at_work
from countenance.operations.evaluations.read_evaluations import forget_evaluations
from countenance.operations.manage_jobs import forget_jobs
from countenance.operations.record_interaction import record_interaction
from countenance.operations.sweep import sweep
from countenance.operations.videos.forget_results import forget_video_results

if TYPE_CHECKING:
    from pathlib import Path


def note_interaction(file: Path | None, data_dir: Path | None, subject: str, at: datetime | None) -> None:
    """Note an interaction."""
    with at_work(file, data_dir) as work:
        noted = record_interaction(work.act, subject, at)
    tell(f"noted: an interaction with {subject} at {time_in_words(noted)}")


def sweep_now(file: Path | None, data_dir: Path | None, *, as_json: bool) -> None:
    """Erase what is due and print how much that was."""
    with at_work(file, data_dir) as work:
        office, request_id = work.office, work.act.request_id
        faces = sweep(office.gallery, work.act, office.consents_kept)
        forget_video_results(office.register, datetime.now(UTC) - office.video_results_kept, request_id)
        forget_jobs(office.register, datetime.now(UTC) - office.jobs_kept, request_id)
        forget_evaluations(office.register, datetime.now(UTC) - office.evaluations_kept, request_id)
    if as_json:
        print(json_line({"request_id": request_id, "faces_erased": faces}))
    else:
        print_facts({"faces erased": f"{faces:,}", "request": request_id})
