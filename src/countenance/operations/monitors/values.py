"""Frozen values of monitors."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class MonitorState(enum.StrEnum):
    """Whether a server is to watch."""

    RUNNING = "running"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class NewMonitor:
    """A monitor as somebody asks for it.

    Attributes:
        name: what people call it, one line.
        source: what is watched, as `countenance.video.live_sources` reads it; it may hold a password.
        collection_id: whom faces are compared with.
        least_similarity: from which similarity on somebody counts as recognised, 0–100.
        webhook: the name in the setting ``webhooks`` of who is told, None for nobody.
        preview: whether the picture may be looked at while it runs.
    """

    name: str
    source: str = field(repr=False)
    collection_id: str
    least_similarity: float
    webhook: str | None = None
    preview: bool = False


@dataclass(frozen=True, slots=True)
class Monitor:
    """A monitor as it is kept.

    Attributes:
        key: the store's own number for it, ascending by age.
        monitor_id: 32 random hexadecimal characters.
        asked: what was asked.
        state: whether a server is to run it.
        created_by: the access key that made it.
        created_at: when.
        works_for: the access key that started it last; what that may not do, the monitor may not either.
        last_event_at: when something happened that was noted, within some seconds.
        message: why it does not watch, for people; empty where there is nothing to say.
    """

    key: int
    monitor_id: str
    asked: NewMonitor
    state: MonitorState
    created_by: str
    created_at: datetime
    works_for: str
    last_event_at: datetime | None = None
    message: str = ""
