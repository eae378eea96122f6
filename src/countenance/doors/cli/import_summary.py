"""What became of an import: counts, and all that was skipped or failed, by reason."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from countenance.access import machine_operator
from countenance.doors.cli.files import FileNotWritten, whole_file
from countenance.doors.cli.following_jobs import job_record
from countenance.doors.cli.records import Record, json_line
from countenance.doors.cli.tables import print_rows
from countenance.doors.cli.words import count, printable
from countenance.operations.manage_jobs import ItemState, list_job_items

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from countenance.operations.imports.start_import import Job
    from countenance.operations.manage_jobs import JobItem
    from countenance.wiring import Office

_PAGE = 1_000
_EXAMPLES = 3
_MOST_REASONS = 40
_OTHERS = "other reasons"
# What differs from picture to picture: numbers, and what is quoted.
_PARTICULAR = re.compile(r"'[^']*'|\"[^\"]*\"|\d[\d,.]*|s3://\S+|https?://\S+")


@dataclass(slots=True)
class Reason:
    """Why pictures were not imported, how many, and the names of the first."""

    state: str
    reason: str
    pictures: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Summary:
    """An import's job as it is, and why pictures are missing."""

    job: Job
    reasons: tuple[Reason, ...]


def summary_of(office: Office, job: Job) -> Summary:
    """Read what became of the items of a job."""
    reasons: dict[tuple[str, str], Reason] = {}
    for item in _left(office, job):
        kind = (item.state.value, _PARTICULAR.sub("…", item.reason))
        if kind not in reasons and len(reasons) >= _MOST_REASONS:
            kind = (item.state.value, _OTHERS)
        shown = item.reason if kind[1] != _OTHERS else _OTHERS
        reason = reasons.setdefault(kind, Reason(item.state.value, shown))
        reason.pictures += 1
        if reason.pictures > 1 and reason.reason != _OTHERS and reason.reason != item.reason:
            reason.reason = kind[1]
        if len(reason.examples) < _EXAMPLES:
            reason.examples.append(item.asked.name)
    ordered = sorted(reasons.values(), key=lambda each: (each.state, -each.pictures))
    return Summary(job, tuple(ordered))


def print_summary(summary: Summary, collection_id: str) -> None:
    """Print what was imported, and what was not."""
    progress = summary.job.progress
    counts = progress.counts
    parts = [f"{count(counts.get('faces', 0), 'new face')}"]
    for name, words in (("faces_there", "there already"), ("faces_set_aside", "set aside for their quality")):
        if counts.get(name):
            parts.append(f"{counts[name]:,} {words}")
    parts += [count(counts[name], f"new {name[:-1]}") for name in ("users", "records") if counts.get(name)]
    of = f" of {progress.total:,}" if progress.total is not None else ""
    print(f"{progress.done:,}{of} imported into {printable(collection_id)}: {', '.join(parts)}")
    if progress.skipped or progress.failed:
        print(f"{progress.skipped:,} skipped, {progress.failed:,} failed")
        print_rows(
            ("what", "how many", "why", "such as"),
            [
                (each.state, f"{each.pictures:,}", each.reason, ", ".join(each.examples))
                for each in summary.reasons
            ],
        )


def summary_record(summary: Summary) -> Record:
    """Return a summary as JSON."""
    return {**job_record(summary.job), "reasons": [asdict(reason) for reason in summary.reasons]}


def write_report(office: Office, job: Job, target: Path) -> int:
    """Write all that was skipped or failed as JSON Lines, for its owner alone; returns how many lines.

    Raises:
        FileNotWritten: it could not be written.
    """
    lines = 0
    try:
        with whole_file(target, private=True) as file:
            for item in _left(office, job):
                record = {"name": item.asked.name, "state": item.state.value, "reason": item.reason}
                file.write(f"{json_line(record)}\n".encode())
                lines += 1
    except OSError as error:
        raise FileNotWritten(f"{target} cannot be written: {error.strerror or error}") from None
    return lines


def _left(office: Office, job: Job) -> Iterator[JobItem]:
    with office.register.act(machine_operator()) as act:
        after: int | None = 0
        while after is not None:
            page = list_job_items(act, job.job_id, most=_PAGE, after_place=after)
            yield from (item for item in page.items if item.state is not ItemState.WAITING)
            after = page.next_after
