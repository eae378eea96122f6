"""Long work: how far it is, and what of it could not be done."""

from datetime import datetime

from pydantic import Field

from countenance.doors.rest.models.fields import (
    JOB_EXAMPLE,
    KEY_EXAMPLE,
    REQUEST_EXAMPLE,
    TIME_EXAMPLE,
    Listed,
    Told,
)
from countenance.operations.manage_jobs import ItemState, JobState


class JobProgress(Told):
    """How far a job is."""

    total: int | None = Field(
        description="How many items there are; null as long as nobody knows, or where it has none.",
        examples=[4992],
    )
    done: int = Field(description="How many of them are done.", examples=[1200])
    skipped: int = Field(
        description="With how many there was nothing to do, such as pictures without a face.", examples=[3]
    )
    failed: int = Field(description="How many could not be done.", examples=[1])
    counts: dict[str, int] = Field(
        description="What this kind of job counts besides.", examples=[{"faces": 1311}]
    )


class Job(Told):
    """Long work that is queued, done or ended."""

    job_id: str = Field(description="Its id.", examples=[JOB_EXAMPLE])
    kind: str = Field(description="The operation that it does.", examples=["import_faces"])
    asked_by: str = Field(
        description="The access key that asked; what that may not do any more, its jobs may not either.",
        examples=[KEY_EXAMPLE],
    )
    request_id: str = Field(
        description="The request that asked; all that the job does stands in the ledger under it.",
        examples=[REQUEST_EXAMPLE],
    )
    collection_id: str | None = Field(description="The collection that it works on.", examples=["archive"])
    tag: str | None = Field(description="The client's own word for it.", examples=["batch-7"])
    state: JobState = Field(
        description="`waiting` until a worker is free or it may be tried again; `running`; or how it ended.",
        examples=["running"],
    )
    message: str = Field(description="Why it waits or failed; empty where it does not.", examples=[""])
    cancel_asked: bool = Field(description="Whether somebody cancelled it.", examples=[False])
    attempts: int = Field(description="How often it was begun or gone on with.", examples=[1])
    progress: JobProgress = Field(description="How far it is.")
    created_at: datetime = Field(description="When it was asked for.", examples=[TIME_EXAMPLE])
    started_at: datetime | None = Field(description="When it was begun.", examples=[TIME_EXAMPLE])
    ended_at: datetime | None = Field(description="When it ended.", examples=[None])
    not_before: datetime = Field(
        description="When it may be tried again, while it waits.", examples=[TIME_EXAMPLE]
    )


class JobPage(Listed[Job]):
    """One page of jobs."""


class JobItem(Told):
    """A part of a job that is not done."""

    place: int = Field(description="Its place in the job; the first is 1.", examples=[17])
    name: str = Field(
        description="What people know it by; what is no text in it is escaped.",
        examples=["1969/apollo/crew.jpg"],
    )
    state: ItemState = Field(description="What became of it.", examples=["failed"])
    attempts: int = Field(description="How often it was tried.", examples=[1])
    reason: str = Field(description="Why it is not done.", examples=["the picture is truncated or damaged"])


class JobItemPage(Listed[JobItem]):
    """One page of items."""
