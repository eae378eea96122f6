"""Queue an import, or find the one that was begun before with the same parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.archive.addresses import AllowedHosts
from countenance.archive.sources import check_source, is_in_bucket
from countenance.archive.texts import bucket_and_key
from countenance.errors import ManifestInvalid
from countenance.governance import Source
from countenance.jobs.values import Job, JobState, Runner
from countenance.operations.imports.values import export_in
from countenance.operations.probes import require_pack
from countenance.operations.queueing import job_reader, queue_job

if TYPE_CHECKING:
    from countenance.gallery.ports import GalleryWriter
    from countenance.operations.acts import Act
    from countenance.operations.imports.rooms import ImportRooms
    from countenance.operations.imports.values import ImportAsked

__all__ = ["Job", "JobState", "Runner", "StartedImport", "start_import"]

KIND = "import_faces"
_MOST_JOBS = 10_000


@dataclass(frozen=True, slots=True)
class StartedImport:
    """The job of an import, and whether it was begun before."""

    job: Job
    resumed: bool


def start_import(
    rooms: ImportRooms, act: Act, collection_id: str, asked: ImportAsked, runner: Runner
) -> StartedImport:
    """Queue an import into a collection, or find an unfinished one of the same parameters.

    What is on one machine only that machine's command can import; workers import from buckets.

    Raises:
        NotPermitted: the caller's key, a moratorium or the policy does not allow it.
        PolicyInvalid: there is no such source of pictures.
        SettingsInvalid: a host to fetch from is none.
        CollectionNotFound: there is no such collection.
        PacksDiffer: the collection was filled by another pack.
        ManifestInvalid: nothing can be imported from a source.
        TooManyJobs: as many wait or run as there may be.
    """
    act.permit("import_faces", collection_id)
    if asked.source is not None:
        Source.parse(asked.source)
    AllowedHosts(asked.hosts, asked.private_hosts)
    for source in asked.sources:
        if is_in_bucket(source):
            act.caller.permit_bucket(bucket_and_key(source)[0])
        elif runner is Runner.WORKERS:
            raise ManifestInvalid(f"{source!r} is not in a bucket, and workers import only from there")
        check_source(source)
    export_in(asked)
    with act.changing(rooms.gallery) as change:
        require_pack(rooms.vision, change.writer.collection(collection_id))
        there = _unfinished(change.writer, act, collection_id, asked, runner)
        if there is not None:
            act.note(job=there.job_id, resumed=True)
            return StartedImport(there, resumed=True)
        job = queue_job(
            act,
            change.writer,
            kind=KIND,
            collection_id=collection_id,
            parameters=asked.as_json(),
            runner=runner,
        )
    return StartedImport(job, resumed=False)


def _unfinished(
    writer: GalleryWriter, act: Act, collection_id: str, asked: ImportAsked, runner: Runner
) -> Job | None:
    """Return the caller's unfinished import of the same parameters into the collection, if there is one."""
    reader, parameters = job_reader(writer), asked.as_json()
    for state in (JobState.RUNNING, JobState.WAITING):
        jobs = reader.jobs(after_key=0, most=_MOST_JOBS, state=state, kind=KIND, asked_by=act.caller.key_id)
        for job in jobs:
            same = (job.asked.collection_id, job.asked.parameters, job.asked.runner)
            if same == (collection_id, parameters, runner) and not job.cancel_asked:
                return job
    return None
