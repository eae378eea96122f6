"""Access keys: kept whole, listed, revoked once, their secrets sealed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contract.databases import Database
from countenance.access import AccessKey, new_access_key
from countenance.errors import CountenanceError, TemplateBroken
from countenance.store import SqlStore

MADE_AT = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
REVOKED_AT = datetime(2026, 4, 1, tzinfo=UTC)


def add_key(store: SqlStore, key: AccessKey) -> None:
    with store.writing() as writer:
        writer.add_key(key)


def revoke_key(store: SqlStore, key_id: str, revoked_at: datetime) -> bool:
    with store.writing() as writer:
        return writer.revoke_key(key_id, revoked_at)


def test_a_key_is_read_back_as_it_was_made(database: Database) -> None:
    limited = new_access_key(
        "die Tür · ☃", MADE_AT, operations=("search_*", "list_faces"), collections=("event-*", "")
    )
    administrator = new_access_key("root", MADE_AT + timedelta(seconds=1), administrator=True)
    with database.opened() as store:
        add_key(store, limited)
        add_key(store, administrator)
    with database.opened() as store:
        assert store.key(limited.key_id) == limited
        assert store.key(administrator.key_id) == administrator
        assert store.keys() == [limited, administrator]


def test_a_key_that_nobody_made_is_not_there(store: SqlStore) -> None:
    add_key(store, replace(new_access_key("one", MADE_AT), key_id="CTNCabc"))
    assert store.key("CTNCABC") is None
    assert store.key("") is None


def test_keys_are_listed_oldest_first(store: SqlStore) -> None:
    keys = [new_access_key(f"{day}", MADE_AT + timedelta(days=day)) for day in (3, 1, 2)]
    for key in keys:
        add_key(store, key)
    listed = store.keys()
    assert [key.name for key in listed] == ["1", "2", "3"]


def test_a_key_is_revoked_once_and_stays_known(store: SqlStore) -> None:
    key, other = new_access_key("leaves", MADE_AT), new_access_key("stays", MADE_AT)
    add_key(store, key)
    add_key(store, other)
    assert revoke_key(store, key.key_id, REVOKED_AT)
    assert not revoke_key(store, key.key_id, REVOKED_AT + timedelta(days=1))
    assert not revoke_key(store, "CTNCNOBODY", REVOKED_AT)
    assert store.key(key.key_id) == replace(key, revoked_at=REVOKED_AT)
    assert store.key(other.key_id) == other


def test_a_key_id_is_given_once(store: SqlStore) -> None:
    key, other = new_access_key("first", MADE_AT), new_access_key("second", MADE_AT, administrator=True)
    add_key(store, key)
    with pytest.raises(CountenanceError):
        add_key(store, replace(other, key_id=key.key_id))
    assert store.keys() == [key]


def test_a_secret_is_in_no_column(store: SqlStore, database: Database) -> None:
    key = new_access_key("one", MADE_AT)
    add_key(store, key)
    ((sealed, *others),) = database.statement(
        "SELECT sealed_secret, key_id, name, operations, collections FROM access_keys"
    )
    assert key.secret.encode() not in bytes(sealed)
    assert not any(key.secret in other for other in others)


def test_a_sealed_secret_that_was_copied_to_another_key_does_not_open(
    store: SqlStore, database: Database
) -> None:
    mine, theirs = new_access_key("mine", MADE_AT), new_access_key("theirs", MADE_AT)
    add_key(store, mine)
    add_key(store, theirs)
    database.statement(
        "UPDATE access_keys SET sealed_secret = (SELECT sealed_secret FROM access_keys WHERE key_id = :mine) "
        "WHERE key_id = :theirs",
        mine=mine.key_id,
        theirs=theirs.key_id,
    )
    with pytest.raises(TemplateBroken, match="secret"):
        store.key(theirs.key_id)
    assert store.key(mine.key_id) == mine


def test_a_secret_is_not_shown_with_its_key() -> None:
    key: AccessKey = new_access_key("one", MADE_AT)
    assert key.secret not in repr(key)
