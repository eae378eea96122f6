"""The rows of monitors, within one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, insert, select, update

from countenance.errors import CollectionNotFound, MonitorNotFound
from countenance.operations.monitors.values import Monitor, MonitorState, NewMonitor
from countenance.store.monitor_tables import monitors
from countenance.store.rows import in_utc
from countenance.store.sealing import open_sealed, seal
from countenance.store.tables import collections

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Row, Select

    from countenance.gallery.values import Collection

_MONITORS: Select[Any] = (
    select(*monitors.c, collections.c.collection_id)
    .join_from(monitors, collections, monitors.c.collection_key == collections.c.key)
    .order_by(monitors.c.key)
)


class MonitorReading:
    """Implements `MonitorReader`."""

    _connection: Connection
    _evidence_key: bytes

    def monitors(self, *, after_key: int, most: int) -> list[Monitor]:
        """Return monitors by ascending key, from the first greater than ``after_key``."""
        query = _MONITORS.where(monitors.c.key > after_key).limit(most)
        return [self._as_monitor(row) for row in self._connection.execute(query)]

    def running_monitors(self) -> list[Monitor]:
        """Return those that a server is to run, oldest first."""
        query = _MONITORS.where(monitors.c.state == MonitorState.RUNNING.value)
        return [self._as_monitor(row) for row in self._connection.execute(query)]

    def monitor(self, monitor_id: str) -> Monitor:
        """Return one; raises MonitorNotFound."""
        query = _MONITORS.where(monitors.c.monitor_id == monitor_id)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise MonitorNotFound(f"there is no monitor {monitor_id}")
        return self._as_monitor(row)

    def _as_monitor(self, row: Row[Any]) -> Monitor:
        cipher, bound_to = AESGCM(self._evidence_key), _source_data(row.monitor_id)
        source = open_sealed(cipher, row.source, bound_to, "the source of a monitor").decode()
        asked = NewMonitor(
            name=row.name,
            source=source,
            collection_id=row.collection_id,
            least_similarity=row.least_similarity,
            webhook=row.webhook,
            preview=row.preview,
        )
        return Monitor(
            key=row.key,
            monitor_id=row.monitor_id,
            asked=asked,
            state=MonitorState(row.state),
            created_by=row.created_by,
            created_at=in_utc(row.created_at),
            works_for=row.works_for,
            last_event_at=in_utc(row.last_event_at) if row.last_event_at is not None else None,
            message=row.message,
        )


class MonitorWriting(MonitorReading):
    """Implements the part of `MonitorWriter` that changes monitors."""

    def add_monitor(self, monitor: Monitor) -> None:
        """Keep a new monitor, its source encrypted; raises CollectionNotFound."""
        asked = monitor.asked
        there = (collections.c.collection_id == asked.collection_id, collections.c.deleted_at.is_(None))
        key = self._connection.execute(select(collections.c.key).where(*there)).scalar_one_or_none()
        if key is None:
            raise CollectionNotFound(f"The collection id: {asked.collection_id} does not exist")
        values = {
            "monitor_id": monitor.monitor_id,
            "name": asked.name,
            "source": seal(
                AESGCM(self._evidence_key), asked.source.encode(), _source_data(monitor.monitor_id)
            ),
            "collection_key": key,
            "least_similarity": asked.least_similarity,
            "webhook": asked.webhook,
            "preview": asked.preview,
            "state": monitor.state.value,
            "created_by": monitor.created_by,
            "created_at": in_utc(monitor.created_at),
            "works_for": monitor.works_for,
            "message": monitor.message,
        }
        self._connection.execute(insert(monitors).values(values))

    def set_monitor_state(self, monitor_id: str, state: MonitorState, works_for: str) -> None:
        """Let a server run a monitor, or not; the message of before is forgotten."""
        self._change_monitor(monitor_id, {"state": state.value, "works_for": works_for, "message": ""})

    def note_monitor(self, monitor_id: str, last_event_at: datetime | None, message: str) -> None:
        """Note how a monitor is; without a time, that of the last event stays."""
        changes: dict[str, Any] = {"message": message}
        if last_event_at is not None:
            changes["last_event_at"] = in_utc(last_event_at)
        self._change_monitor(monitor_id, changes)

    def delete_monitor(self, monitor_id: str) -> None:
        """Forget a monitor, where there is one."""
        self._connection.execute(delete(monitors).where(monitors.c.monitor_id == monitor_id))

    def _delete_monitors_of(self, collection: Collection) -> None:
        self._connection.execute(delete(monitors).where(monitors.c.collection_key == collection.key))

    def _change_monitor(self, monitor_id: str, changes: dict[str, Any]) -> None:
        self._connection.execute(update(monitors).where(monitors.c.monitor_id == monitor_id).values(changes))


def _source_data(monitor_id: str) -> bytes:
    """Return what the source of a monitor is bound to."""
    return f"monitor source\n{monitor_id}".encode()
