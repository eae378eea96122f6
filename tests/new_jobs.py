"""Jobs for tests: what is asked, and a queue that a worker of a test takes from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from countenance.jobs.values import ItemState, Job, JobItem, NewItem, NewJob, Runner, Settled
from countenance.operations.queueing import queue_job

if TYPE_CHECKING:
    from collections.abc import Iterable

    from countenance.access import AccessKey
    from countenance.store import SqlStore
    from countenance.wiring import Office

KIND = "index_faces"
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
LEASE = timedelta(seconds=30)


def new_job(kind: str = KIND, **asked: Any) -> NewJob:
    """Return a job about to be queued."""
    given: dict[str, Any] = {
        "asked_by": "clerk",
        "request_id": "a-request",
        "collection_id": None,
        "parameters": {},
    }
    return NewJob(kind=kind, **(given | asked))


def queued(store: SqlStore, kind: str = KIND, now: datetime = NOW, **asked: Any) -> Job:
    """Queue a job."""
    with store.writing() as writer:
        return writer.add_job(new_job(kind, **asked), now)


def asked_for(office: Office, by: AccessKey, collection_id: str | None = None, kind: str = KIND) -> Job:
    """Queue a job as an operation does, in an act of whoever asks."""
    with office.register.act(by) as act:
        act.permit("list_jobs", collection_id)
        with act.recording() as writer:
            return queue_job(act, writer, kind=kind, collection_id=collection_id, parameters={})


def claimed(
    store: SqlStore,
    claim: str = "mine",
    now: datetime = NOW,
    kinds: Iterable[str] = (KIND,),
    runner: Runner = Runner.WORKERS,
    job_id: str | None = None,
) -> Job | None:
    """Take a job, as a worker does."""
    return store.claim_job(claim, now, kinds=list(kinds), runner=runner, held_for=LEASE, job_id=job_id)


def with_items(store: SqlStore, *names: str | NewItem, **asked: Any) -> Job:
    """Queue a job, take it and list its items."""
    job_id = queued(store, **asked).job_id
    job = claimed(store, job_id=job_id)
    assert job is not None
    items = [NewItem(name) if isinstance(name, str) else name for name in names]
    with store.writing() as writer:
        assert writer.add_items(job, "mine", items) == len(items)
        writer.save_checkpoint(job, "mine", {}, total=len(items))
    return job


def waiting_with_a_failure(store: SqlStore, **asked: Any) -> Job:
    """Queue a job of whose two items one could not be done, and which nobody works on."""
    job = with_items(store, "1969/crew.jpg", "1970/\udcffcrew.jpg", **({"asked_by": "operator"} | asked))
    settle(store, job, failed={1: "the picture is damaged"})
    with store.writing() as writer:
        writer.put_back(job, "mine", NOW, "")
    return now_is(store, job)


def settle(store: SqlStore, job: Job, *done: int, claim: str = "mine", **settled: Any) -> None:
    """Note what became of items."""
    with store.writing() as writer:
        writer.settle_items(job, claim, Settled(done, **settled))


def now_is(store: SqlStore, job: Job) -> Job:
    """Return a job as it stands."""
    with store.reading() as reader:
        return reader.job(job.job_id)


def items_of(store: SqlStore, job: Job, state: ItemState | None = None) -> list[JobItem]:
    """Return the items that a job has left."""
    with store.reading() as reader:
        return reader.job_items(job, after_place=0, most=1000, state=state)


def names_of(store: SqlStore, job: Job, state: ItemState | None = None) -> list[str]:
    """Return their names."""
    return [item.asked.name for item in items_of(store, job, state)]


def due(store: SqlStore, job: Job, now: datetime = NOW, after_place: int = 0, most: int = 1000) -> list[int]:
    """Return the places of items that may be tried."""
    with store.reading() as reader:
        found = reader.due_items(job, after_place=after_place, most=most, now=now)
    return [item.place for item in found]
