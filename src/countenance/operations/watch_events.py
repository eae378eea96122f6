"""What is told while a source is watched, as values and as JSON; nothing of anybody who is not recognised."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from countenance.video.live_values import FrameCounts


@dataclass(frozen=True, slots=True)
class _Event:
    """What all events have: ``watch_id`` names one use from begin to end, as in the ledger."""

    watch_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Started(_Event):
    """Watching began: what, whom faces are compared with, and from which similarity (0–100) on they count."""

    name: ClassVar[str] = "started"
    source: str
    collection_id: str
    least_similarity: float


@dataclass(frozen=True, slots=True)
class Reconnected(_Event):
    """Pictures come again."""

    name: ClassVar[str] = "reconnected"


@dataclass(frozen=True, slots=True)
class Lost(_Event):
    """No pictures come any more; the source is tried again in so many seconds."""

    name: ClassVar[str] = "interrupted"
    reason: str
    retry_seconds: float
    frames: FrameCounts


@dataclass(frozen=True, slots=True)
class FaceAppeared(_Event):
    """Somebody came into the picture; ``track`` counts them from 1."""

    name: ClassVar[str] = "appeared"
    track: int


@dataclass(frozen=True, slots=True)
class Recognised(_Event):
    """Who somebody in the picture is like, most of all in the collection.

    Attributes:
        track: whom it is about.
        face_id: the enrolled face.
        external_image_id: its external image id, if it has one.
        user_id: the user it belongs to, if any.
        similarity_percent: how alike they are, 0–100.
        false_match_rate: how often strangers look that alike (FMR).
        request_id: by which the decision can be explained.
    """

    name: ClassVar[str] = "recognised"
    track: int
    face_id: str
    external_image_id: str | None
    user_id: str | None
    similarity_percent: float
    false_match_rate: float
    request_id: str


@dataclass(frozen=True, slots=True)
class HeldForReview(_Event):
    """Somebody in the picture is like somebody in the collection; who, people must say first."""

    name: ClassVar[str] = "held"
    track: int
    review_id: str
    request_id: str


@dataclass(frozen=True, slots=True)
class FaceLeft(_Event):
    """Somebody is not seen any more; ``seconds`` is for how long they were."""

    name: ClassVar[str] = "left"
    track: int
    first_seen_at: datetime
    last_seen_at: datetime
    seconds: float


@dataclass(frozen=True, slots=True)
class WatchEnded(_Event):
    """Watching ended, and why."""

    name: ClassVar[str] = "ended"
    reason: str
    frames: FrameCounts


WatchEvent = Started | Reconnected | Lost | FaceAppeared | Recognised | HeldForReview | FaceLeft | WatchEnded
"""Anything that is told."""


def event_record(event: WatchEvent) -> dict[str, Any]:
    """Return an event as JSON: ``event`` is its name, ``at`` and other times are ISO 8601 in UTC."""
    return {"event": event.name} | {name: _plain(value) for name, value in _fields(event)}


def _fields(value: Any) -> list[tuple[str, Any]]:
    return [(field.name, getattr(value, field.name)) for field in dataclasses.fields(value)]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if dataclasses.is_dataclass(value):
        return {name: _plain(each) for name, each in _fields(value)}
    return value
