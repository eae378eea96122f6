"""The work of ``countenance jobs …``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.doors.cli.outcomes import tell
from countenance.doors.cli.records import json_line
from countenance.doors.cli.tables import print_facts, print_rows
from countenance.doors.cli.words import time_in_words
from countenance.doors.cli.work import at_work
from countenance.operations.manage_jobs import (
    ItemState,
    Job,
    JobItem,
    JobState,
    cancel_job,
    list_job_items,
    list_jobs,
    show_job,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from countenance.doors.cli.records import Record
    from countenance.operations.pages import Item, Page

_PAGE = 1000


def show_list(
    file: Path | None, data_dir: Path | None, state: str | None, kind: str | None, *, as_json: bool
) -> None:
    """Print jobs."""
    wanted = JobState(state) if state is not None else None
    with at_work(file, data_dir) as work:
        found = list(
            _all(lambda after: list_jobs(work.act, state=wanted, kind=kind, most=_PAGE, after_key=after))
        )
    if as_json:
        for job in found:
            print(json_line(job_record(job)))
        return
    print_rows(
        ("id", "kind", "collection", "state", "asked", "asked by", "progress"),
        [
            (
                job.job_id,
                job.asked.kind,
                job.asked.collection_id,
                job.state,
                time_in_words(job.created_at),
                job.asked.asked_by,
                progress_in_words(job),
            )
            for job in found
        ],
    )


def show(file: Path | None, data_dir: Path | None, job_id: str, *, as_json: bool) -> None:
    """Print a job."""
    with at_work(file, data_dir) as work:
        job = show_job(work.act, job_id)
    if as_json:
        print(json_line(job_record(job)))
        return
    print_facts(
        {
            "job": job.job_id,
            "kind": job.asked.kind,
            "collection": job.asked.collection_id,
            "tag": job.asked.tag,
            "asked": f"{time_in_words(job.created_at)} by {job.asked.asked_by}",
            "request": job.asked.request_id,
            "state": "running, to be cancelled" if job.cancel_asked and not job.state.ended else job.state,
            "because": job.message or None,
            "begun": time_in_words(job.started_at),
            "ended": time_in_words(job.ended_at),
            "progress": progress_in_words(job),
            **{name.replace("_", " "): f"{count:,}" for name, count in job.progress.counts.items()},
        }
    )


def show_items(
    file: Path | None, data_dir: Path | None, job_id: str, state: str | None, *, as_json: bool
) -> None:
    """Print the items of a job that are not done."""
    wanted = ItemState(state) if state is not None else None
    with at_work(file, data_dir) as work:
        found = list(
            _all(lambda after: list_job_items(work.act, job_id, state=wanted, most=_PAGE, after_place=after))
        )
    if as_json:
        for item in found:
            print(json_line(_item_record(item)))
        return
    print_rows(
        ("place", "state", "attempts", "name", "why"),
        [(f"{item.place:,}", item.state, item.attempts, item.asked.name, item.reason) for item in found],
    )


def cancel(file: Path | None, data_dir: Path | None, job_id: str) -> None:
    """Cancel a job."""
    with at_work(file, data_dir) as work:
        job = cancel_job(work.act, job_id)
    if job.state is JobState.CANCELLED:
        tell(f"the job {job.job_id} is cancelled")
    else:
        tell(f"the job {job.job_id} will be cancelled as soon as its worker looks, within seconds")


def job_record(job: Job) -> Record:
    """Return a job as JSON."""
    progress = job.progress
    return {
        "job_id": job.job_id,
        "kind": job.asked.kind,
        "asked_by": job.asked.asked_by,
        "request_id": job.asked.request_id,
        "collection_id": job.asked.collection_id,
        "tag": job.asked.tag,
        "state": job.state.value,
        "message": job.message,
        "cancel_asked": job.cancel_asked,
        "attempts": job.attempts,
        "created_at": time_in_words(job.created_at),
        "started_at": time_in_words(job.started_at),
        "ended_at": time_in_words(job.ended_at),
        "not_before": time_in_words(job.not_before),
        "total": progress.total,
        "done": progress.done,
        "skipped": progress.skipped,
        "failed": progress.failed,
        "counts": dict(progress.counts),
    }


def progress_in_words(job: Job) -> str:
    """Return how far a job is: "1,200 of 5,000 done, 3 skipped, 1 failed"."""
    progress = job.progress
    of = f" of {progress.total:,}" if progress.total is not None else ""
    others = [
        f"{count:,} {name}"
        for name, count in (("skipped", progress.skipped), ("failed", progress.failed))
        if count
    ]
    return ", ".join((f"{progress.done:,}{of} done", *others))


def _item_record(item: JobItem) -> Record:
    return {
        "place": item.place,
        "name": item.asked.name,
        "state": item.state.value,
        "attempts": item.attempts,
        "reason": item.reason,
    }


def _all(read: Callable[[int], Page[Item]]) -> Iterator[Item]:
    after: int | None = 0
    while after is not None:
        page = read(after)
        yield from page.items
        after = page.next_after
