"""What monitors need of a database. `store` implements it.

All methods raise `StoreUnavailable` when the database does not answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from countenance.access import KeyStore
from countenance.gallery.ports import GalleryReader
from countenance.governance import GovernanceWriter

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import datetime

    from countenance.operations.monitors.values import Monitor, MonitorState


class MonitorReader(GalleryReader, Protocol):
    """Reads of one consistent state of the database."""

    def monitors(self, *, after_key: int, most: int) -> list[Monitor]:
        """Return monitors by ascending key, from the first greater than ``after_key``."""

    def running_monitors(self) -> list[Monitor]:
        """Return those that a server is to run, oldest first."""

    def monitor(self, monitor_id: str) -> Monitor:
        """Return one; raises MonitorNotFound."""


class MonitorWriter(MonitorReader, GovernanceWriter, Protocol):
    """Changes that become durable together when the transaction ends, or not at all.

    When a collection is deleted its monitors are deleted with it.
    """

    def add_monitor(self, monitor: Monitor) -> None:
        """Keep a new monitor, its source encrypted; its key is the store's to give.

        Raises CollectionNotFound.
        """

    def set_monitor_state(self, monitor_id: str, state: MonitorState, works_for: str) -> None:
        """Let a server run a monitor, or not; the message of before is forgotten."""

    def note_monitor(self, monitor_id: str, last_event_at: datetime | None, message: str) -> None:
        """Note how a monitor is; without a time, that of the last event stays."""

    def delete_monitor(self, monitor_id: str) -> None:
        """Forget a monitor, where there is one."""


class MonitorStore(KeyStore, Protocol):
    """A database of monitors, safe to use from many threads."""

    def reading(self) -> AbstractContextManager[MonitorReader]:
        """Open a read transaction; it never waits for writers."""

    def writing(self) -> AbstractContextManager[MonitorWriter]:
        """Open a write transaction; leaving it makes the changes durable, an exception undoes them all."""
