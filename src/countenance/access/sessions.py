"""Sessions: who has shown an access key in a browser and needs not show it again for a while.

A session is a random token that only the browser has; the database holds its digest. It ends when nobody
uses it, when it is old, when its owner signs out, and when the key is revoked.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from countenance.access.keys import KeyStore

if TYPE_CHECKING:
    from countenance.access.keys import AccessKey

UNUSED_FOR = timedelta(minutes=30)
"""After so long without a request a session is over."""

AT_MOST = timedelta(hours=12)
"""So long after the key was shown a session is over, however much it is used."""

_TOKEN_BYTES = 32
# How often it is noted that a session is used: not at each request, for that is a change of the database.
_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Session:
    """A session as the database knows it.

    Attributes:
        digest: SHA-256 of the token.
        key_id: the access key that was shown.
        began_at: when it was shown.
        used_at: when the last request was noted.
    """

    digest: bytes
    key_id: str
    began_at: datetime
    used_at: datetime

    def over(self, now: datetime) -> bool:
        """Tell whether it is over."""
        return now - self.used_at >= UNUSED_FOR or now - self.began_at >= AT_MOST


class SessionStore(KeyStore, Protocol):
    """What sessions need of a database."""

    def add_session(self, session: Session) -> None:
        """Keep a new session."""

    def session(self, digest: bytes) -> Session | None:
        """Return a session; None where there is none of that digest."""

    def use_session(self, digest: bytes, used_at: datetime) -> None:
        """Note that a session is used."""

    def end_session(self, digest: bytes) -> None:
        """Forget a session, where there is one."""

    def end_old_sessions(self, *, used_before: datetime, began_before: datetime) -> None:
        """Forget the sessions that are over."""


class Sessions:
    """Begins, finds and ends sessions."""

    def __init__(self, store: SessionStore) -> None:
        self._store = store

    def begin(self, key: AccessKey, now: datetime) -> str:
        """Begin a session and return its token, which nobody has used before: 43 characters of base64url.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        self._store.end_old_sessions(used_before=now - UNUSED_FOR, began_before=now - AT_MOST)
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        self._store.add_session(Session(_digest(token), key.key_id, now, now))
        return token

    def key_of(self, token: str, now: datetime) -> AccessKey | None:
        """Return the key that a session was begun with, as it is now; None where the session is over.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        session = self._store.session(_digest(token))
        if session is None or session.over(now):
            return None
        key = self._store.key(session.key_id)
        if key is None or key.revoked_at is not None:
            return None
        if now - session.used_at >= _NOTED_EVERY:
            self._store.use_session(session.digest, now)
        return key

    def end(self, token: str) -> None:
        """End a session; a token of none is no error.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        self._store.end_session(_digest(token))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()
