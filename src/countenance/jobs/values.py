"""Frozen values of long work: jobs, how far they are, and what became of their items."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class JobState(enum.StrEnum):
    """What became of a job; one that is `WAITING` begins, or goes on, as soon as a worker is free."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing will be done any more."""
        return self in (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)


class Runner(enum.StrEnum):
    """Who does a job: any worker of the database, or only the command that began it."""

    WORKERS = "workers"
    TERMINAL = "terminal"


class ItemState(enum.StrEnum):
    """What became of an item; those that are done are counted and not kept."""

    WAITING = "waiting"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is.

    Attributes:
        total: how many items there are, None while nobody knows.
        done: how many of them are done.
        skipped: how many there was nothing to do with, such as pictures without a face.
        failed: how many could not be done.
        counts: what the kind of job counts besides, such as ``faces``; of a video ``milliseconds``.
    """

    total: int | None = None
    done: int = 0
    skipped: int = 0
    failed: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def settled(self) -> int:
        """How many items need nothing any more."""
        return self.done + self.skipped + self.failed


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job about to be queued.

    Attributes:
        kind: which operation does it, a name of `operations.names`.
        asked_by: the id of the access key that asks; what that may not do any more, its job may not either.
        request_id: the request that asked.
        collection_id: the collection that it works on, if any.
        parameters: what to do, as JSON; nothing biometric.
        runner: who may do it.
        tag: the client's own word for it.
        follows: the id of a job that must have ended, however it did, before this one is begun.
    """

    kind: str
    asked_by: str
    request_id: str
    collection_id: str | None
    parameters: Mapping[str, Any]
    runner: Runner = Runner.WORKERS
    tag: str | None = None
    follows: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands.

    Attributes:
        key: the store's own number for it, ascending by age.
        job_id: 32 random hexadecimal characters.
        asked: what was asked.
        attempts: how often it was begun or gone on with.
        failures: how often it failed, or its worker died, since it last got further.
        not_before: when it may be tried again.
        checkpoint: what the kind of job needs to go on where it was; empty at the beginning.
        message: why it waits or failed, for people; empty where there is nothing to say.
        cancel_asked: whether somebody wants it to stop.
    """

    key: int
    job_id: str
    asked: NewJob
    state: JobState
    progress: Progress
    attempts: int
    failures: int
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    not_before: datetime
    checkpoint: Mapping[str, Any]
    message: str
    cancel_asked: bool


@dataclass(frozen=True, slots=True)
class NewItem:
    """A part of a job that is done, or fails, by itself.

    Attributes:
        name: what people know it by, such as a path; unique within its job.
        subject: whom it is said to show, so that it is forgotten when they are erased.
        details: what is to be done with it, as JSON; nothing biometric.
    """

    name: str
    subject: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobItem:
    """An item as it stands; ``place`` counts from 1 in the order in which items were added."""

    place: int
    asked: NewItem
    state: ItemState
    attempts: int
    reason: str

    @property
    def key(self) -> int:
        """What the next page of a list begins after."""
        return self.place


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of items: those done, and of the others why not; ``counts`` is added to the job's.

    ``retried`` are tried again, not before the time given with them.
    """

    done: tuple[int, ...] = ()
    skipped: Mapping[int, str] = field(default_factory=dict)
    failed: Mapping[int, str] = field(default_factory=dict)
    retried: Mapping[int, tuple[datetime, str]] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
