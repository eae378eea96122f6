"""Sessions of the console, in every database."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from contract.offices import acting, key, office_on
from countenance.access import Sessions
from countenance.access.sessions import AT_MOST, UNUSED_FOR

if TYPE_CHECKING:
    from countenance.access import AccessKey
    from countenance.store import SqlStore

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def sessions(store: SqlStore) -> Sessions:
    return Sessions(store)


@pytest.fixture
def clerk(store: SqlStore) -> AccessKey:
    made = key("clerk")
    with acting(office_on(store)) as act:
        act.permit("create_key")
        with act.recording() as writer:
            writer.add_key(made)
    return made


def test_a_session_is_the_keys_until_nobody_uses_it(sessions: Sessions, clerk: AccessKey) -> None:
    token = sessions.begin(clerk, NOW)
    assert sessions.key_of(token, NOW) == clerk
    assert sessions.key_of(token, NOW + UNUSED_FOR - SECOND) == clerk
    assert sessions.key_of(token, NOW + UNUSED_FOR) == clerk  # for it was used just now
    assert sessions.key_of(token, NOW + 2 * UNUSED_FOR) is None


def test_a_session_ends_after_hours_however_much_it_is_used(sessions: Sessions, clerk: AccessKey) -> None:
    token = sessions.begin(clerk, NOW)
    at = NOW
    while at < NOW + AT_MOST:
        assert sessions.key_of(token, at) == clerk
        at += UNUSED_FOR - SECOND
    assert sessions.key_of(token, at) is None


def test_nobody_has_a_token_that_was_not_given_out_or_was_given_back(
    sessions: Sessions, clerk: AccessKey
) -> None:
    token, other = sessions.begin(clerk, NOW), sessions.begin(clerk, NOW)
    assert token != other
    sessions.end(token)
    sessions.end(token)
    assert sessions.key_of(token, NOW) is None
    assert sessions.key_of("x", NOW) is None
    assert sessions.key_of(other, NOW) == clerk


def test_a_revoked_key_has_no_session_any_more(store: SqlStore, sessions: Sessions, clerk: AccessKey) -> None:
    token = sessions.begin(clerk, NOW)
    with acting(office_on(store)) as act:
        act.permit("revoke_key")
        with act.recording() as writer:
            writer.revoke_key(clerk.key_id, NOW)
    assert sessions.key_of(token, NOW) is None


def test_sessions_that_are_over_are_forgotten_when_the_next_begins(
    store: SqlStore, sessions: Sessions, clerk: AccessKey
) -> None:
    sessions.begin(clerk, NOW)
    digest = _digest_of(sessions.begin(clerk, NOW + SECOND))
    assert store.session(digest) is not None
    sessions.begin(clerk, NOW + SECOND + UNUSED_FOR)
    assert store.session(digest) is None


def test_the_database_holds_the_digest_alone(store: SqlStore, sessions: Sessions, clerk: AccessKey) -> None:
    token = sessions.begin(clerk, NOW)
    kept = store.session(_digest_of(token))
    assert kept is not None
    assert token.encode() not in kept.digest
    assert replace(kept, digest=b"") == replace(kept, digest=b"", key_id=clerk.key_id, began_at=NOW)


def _digest_of(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
