"""Rows of jobs and items as values, and texts as a database takes them."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from countenance.jobs.values import (
    ItemState,
    Job,
    JobItem,
    JobState,
    NewItem,
    NewJob,
    Progress,
    Runner,
)
from countenance.store.rows import in_utc

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Row

_MOST_MESSAGE = 2000


def as_job(row: Row[Any]) -> Job:
    """Return a job."""
    asked = NewJob(
        kind=row.kind,
        asked_by=row.asked_by,
        request_id=row.request_id,
        collection_id=row.collection_id,
        parameters=json.loads(row.parameters),
        runner=Runner(row.runner),
        tag=row.tag,
        follows=row.follows,
    )
    return Job(
        key=row.key,
        job_id=row.job_id,
        asked=asked,
        state=JobState(row.state),
        progress=Progress(row.total, row.done, row.skipped, row.failed, json.loads(row.counts)),
        attempts=row.attempts,
        failures=row.failures,
        created_at=in_utc(row.created_at),
        started_at=_if_any(row.started_at),
        ended_at=_if_any(row.ended_at),
        not_before=in_utc(row.not_before),
        checkpoint=json.loads(row.checkpoint),
        message=row.message,
        cancel_asked=row.cancel_asked,
    )


def as_item(row: Row[Any]) -> JobItem:
    """Return an item."""
    asked = NewItem(json.loads(row.name), row.subject, json.loads(row.details))
    return JobItem(row.place, asked, ItemState(row.state), row.attempts, row.reason)


def new_item_row(
    job_key: int, place: int, name_digest: bytes, item: NewItem, now: datetime
) -> dict[str, Any]:
    """Return the row of an item that waits."""
    return {
        "job_key": job_key,
        "place": place,
        "name": as_json(item.name),
        "name_digest": name_digest,
        "subject": item.subject,
        "details": as_json(item.details),
        "state": ItemState.WAITING.value,
        "attempts": 0,
        "not_before": now,
        "reason": "",
    }


def as_json(value: Mapping[str, Any] | str) -> str:
    """Return a mapping or a text as ASCII, whatever texts it holds."""
    plain = value if isinstance(value, str) else dict(value)
    return json.dumps(plain, allow_nan=False, separators=(",", ":"))


def digest(name: str) -> bytes:
    """Return what an item's name is found by, 32 bytes."""
    return hashlib.sha256(name.encode(errors="surrogatepass")).digest()


def as_message(text: str) -> str:
    """Return what people are told, without what no database takes, and not longer than they would read."""
    told = text.encode(errors="backslashreplace").decode().replace("\0", "\\0")
    return told if len(told) <= _MOST_MESSAGE else f"{told[: _MOST_MESSAGE - 1]}…"


def _if_any(time: datetime | None) -> datetime | None:
    return in_utc(time) if time is not None else None
