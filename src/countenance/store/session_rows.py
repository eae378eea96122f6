"""The console's sessions in the database: a part of `SqlStore`."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, or_, select, update

from countenance.access import Session
from countenance.store.rows import in_utc
from countenance.store.session_tables import console_sessions

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy import Connection


class SessionKeeping:
    """What implements `SessionStore`."""

    @abstractmethod
    def _transaction(self, *, writes: bool = False) -> AbstractContextManager[Connection]: ...

    def add_session(self, session: Session) -> None:
        """Keep a new session."""
        values = {
            "digest": session.digest,
            "key_id": session.key_id,
            "began_at": session.began_at,
            "used_at": session.used_at,
        }
        with self._transaction(writes=True) as connection:
            connection.execute(insert(console_sessions).values(values))

    def session(self, digest: bytes) -> Session | None:
        """Return a session; None where there is none of that digest."""
        query = select(console_sessions).where(console_sessions.c.digest == digest)
        with self._transaction() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return Session(bytes(row.digest), row.key_id, in_utc(row.began_at), in_utc(row.used_at))

    def use_session(self, digest: bytes, used_at: datetime) -> None:
        """Note that a session is used."""
        chosen = console_sessions.c.digest == digest
        with self._transaction(writes=True) as connection:
            connection.execute(update(console_sessions).where(chosen).values(used_at=used_at))

    def end_session(self, digest: bytes) -> None:
        """Forget a session, where there is one."""
        with self._transaction(writes=True) as connection:
            connection.execute(delete(console_sessions).where(console_sessions.c.digest == digest))

    def end_old_sessions(self, *, used_before: datetime, began_before: datetime) -> None:
        """Forget the sessions that are over."""
        over = or_(console_sessions.c.used_at <= used_before, console_sessions.c.began_at <= began_before)
        with self._transaction(writes=True) as connection:
            connection.execute(delete(console_sessions).where(over))
