"""The work of ``countenance import``.

1. Open the database, load the models, create the collection where that is wanted.
2. Queue the import, or find the one that was begun before.
3. Do it here, showing how far it is, or leave it to workers.
4. Say what was imported, and what was not and why.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from countenance.access import machine_operator
from countenance.doors.cli.composition import loading
from countenance.doors.cli.files import check_target
from countenance.doors.cli.import_progress import showing_import
from countenance.doors.cli.import_summary import print_summary, summary_of, summary_record, write_report
from countenance.doors.cli.outcomes import ExitCode, WrongUsage, tell
from countenance.doors.cli.records import json_line
from countenance.doors.cli.work import warn_in_lines
from countenance.errors import CollectionNotFound, ManifestInvalid
from countenance.operations.create_collection import create_collection
from countenance.operations.describe_collection import describe_collection
from countenance.operations.imports.start_import import JobState, Runner, start_import
from countenance.operations.imports.values import ExternalIds, ImportAsked, QualityLevel
from countenance.settings import read_settings
from countenance.wiring import furnish, open_office, worker_of_command

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from countenance.operations.imports.start_import import Job
    from countenance.settings import Settings
    from countenance.wiring import Office, ServerRooms


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asks for."""

    sources: tuple[str, ...]
    collection_id: str
    creates: bool
    tags: tuple[str, ...]
    external_ids: str
    source: str | None
    level: str
    most: int | None
    hosts: tuple[str, ...]
    private_hosts: tuple[str, ...]
    background: bool
    report: Path | None
    as_json: bool


def answer(file: Path | None, given: dict[str, Any], request: Request) -> ExitCode:
    """Import, print what became of it, and return the exit code.

    Raises:
        CountenanceError: nothing can be imported, or it may not be.
    """
    tags = _tags(request)
    if request.report is not None:
        check_target(request.report)
    settings = read_settings(file, **given)
    asked = _asked(request, settings)
    warn_in_lines()
    # 1
    with open_office(settings) as office:
        with loading(settings):
            rooms = furnish(settings, office)
        if request.creates:
            _create(rooms, request.collection_id, tags)
        # 2
        runner = Runner.WORKERS if request.background else Runner.TERMINAL
        with office.register.act(machine_operator()) as act:
            started = start_import(rooms.imports, act, request.collection_id, asked, runner)
        if started.resumed:
            tell(f"going on with the import {started.job.job_id}")
        # 3
        if request.background:
            _tell_queued(started.job, as_json=request.as_json)
            return ExitCode.DONE
        job = _done_here(office, rooms, started.job)
        # 4
        return _summed_up(office, job, request) if job is not None else ExitCode.STOPPED


def _asked(request: Request, settings: Settings) -> ImportAsked:
    return ImportAsked(
        sources=tuple(map(_absolute, request.sources)),
        external_ids=ExternalIds(request.external_ids),
        source=request.source,
        level=QualityLevel(request.level),
        most=request.most,
        hosts=_together(settings.fetch_hosts, request.hosts),
        private_hosts=_together(settings.fetch_private_hosts, request.private_hosts),
    )


def _absolute(source: str) -> str:
    """Return what a source is called wherever the command is run."""
    if not source:
        raise WrongUsage("a source has no name")
    return source if source.startswith("s3://") else os.path.abspath(source)  # noqa: PTH100 - links stay


def _together(some: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({*some, *others}))


def _tags(request: Request) -> dict[str, str]:
    if request.tags and not request.creates:
        raise WrongUsage("--tag goes with --create")
    tags = {}
    for tag in request.tags:
        name, equals, value = tag.partition("=")
        if not name or not equals:
            raise WrongUsage(f"--tag {tag!r}: write name=value")
        tags[name] = value
    return tags


def _create(rooms: ServerRooms, collection_id: str, tags: dict[str, str]) -> None:
    register, gallery = rooms.office.register, rooms.office.gallery
    try:
        with register.act(machine_operator()) as act:
            describe_collection(gallery, act, collection_id)
    except CollectionNotFound:
        with register.act(machine_operator()) as act:
            create_collection(rooms.vision, gallery, act, collection_id, tags)
        tell(f"created the collection {collection_id}")


def _done_here(office: Office, rooms: ServerRooms, job: Job) -> Job | None:
    """Do the job, showing how far it is; returns it as it is then, None where the user stopped it."""
    told = False

    def waiting(held: Job) -> None:
        nonlocal told
        if not told and held.state is JobState.RUNNING:
            tell("another process holds this import, or was killed just now; waiting for it")
        told = True

    try:
        with showing_import(partial(_now, office, job.job_id)):
            return worker_of_command(rooms).do_one(job.job_id, waiting=waiting)
    except KeyboardInterrupt:
        tell("stopped; the same command goes on where it was")
        return None


def _now(office: Office, job_id: str) -> Job:
    with office.store.reading() as reader:
        return reader.job(job_id)


def _tell_queued(job: Job, *, as_json: bool) -> None:
    if as_json:
        print(json_line({"job_id": job.job_id}))
    else:
        print(job.job_id)
    tell(f"queued; countenance jobs show {job.job_id} tells how far it is")


def _summed_up(office: Office, job: Job, request: Request) -> ExitCode:
    summary = summary_of(office, job)
    if request.report is not None:
        count = write_report(office, job, request.report)
        tell(f"{count:,} pictures that were skipped or failed are in {request.report}")
    if request.as_json:
        print(json_line(summary_record(summary)))
    else:
        print_summary(summary, request.collection_id)
    if job.state is JobState.FAILED:
        raise ManifestInvalid(f"the import failed: {job.message}")
    if not job.state.ended:
        tell(f"the import waits: {job.message}; the same command goes on with it")
    if job.state is JobState.CANCELLED:
        tell("the import was cancelled")
    good = job.state is JobState.SUCCEEDED and not job.progress.failed
    return ExitCode.DONE if good else ExitCode.FAILED
