"""A job that enrols made-up faces, and workers that do it in processes of their own, which tests kill."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from countenance.jobs.values import Job, NewItem, NewJob, Runner, Settled
from countenance.jobs.worker import Pace, Worker
from countenance.operations.callers import caller_of
from countenance.operations.queueing import job_writer
from new_faces import PACK, new_face

if TYPE_CHECKING:
    from countenance.jobs.run import JobRun
    from countenance.wiring import Office

KIND, STAFF, REQUEST = "index_faces", "staff", "the-request"
AT_ONCE = 2


def worker_of(office: Office, lease: float = 0.5) -> Worker:
    """Return a worker of a process."""
    pace = Pace(lease=lease, renewal=lease / 4, poll=0.01)
    return Worker(office.store, {KIND: partial(enrol, office)}, partial(caller_of, office.store), pace=pace)


def queue_enrolment(office: Office, count: int, runner: Runner = Runner.WORKERS) -> Job:
    """Make a collection and queue the enrolment of so many faces."""
    with office.gallery.changing() as change:
        change.writer.create_collection(STAFF, PACK, {})
        asked = NewJob(KIND, "operator", REQUEST, STAFF, {"count": count}, runner)
        return job_writer(change.writer).add_job(asked, datetime.now(UTC))


def enrol(office: Office, run: JobRun) -> None:
    """List what is to be enrolled, and enrol some at a time.

    Each time a face is enrolled it gets another id: one enrolled twice would be there twice.
    """
    job, store = run.job, office.store
    if not job.checkpoint:
        items = [NewItem(str(number)) for number in range(1, job.asked.parameters["count"] + 1)]
        for start in range(0, len(items), AT_ONCE):
            with store.writing() as writer:
                writer.add_items(job, run.claim, items[start : start + AT_ONCE])
        with store.writing() as writer:
            writer.save_checkpoint(job, run.claim, {"listed": True}, total=len(items))
    while True:
        run.check()
        with store.reading() as reader:
            due = reader.due_items(job, after_place=0, most=AT_ONCE, now=datetime.now(UTC))
        if not due:
            return
        with office.register.act(run.caller(), job.asked.request_id) as act:
            act.permit("index_faces", STAFF)
            with act.changing(office.gallery) as change:
                faces = [replace(new_face(int(item.asked.name)), face_id=str(uuid.uuid4())) for item in due]
                change.enrol(change.writer.collection(STAFF), faces)
                settled = Settled(tuple(item.place for item in due), counts={"faces": len(due)})
                job_writer(change.writer).settle_items(job, run.claim, settled)
                act.note(faces_enrolled=len(faces))
