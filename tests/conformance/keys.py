"""Access keys of a running server, made and revoked as its operator does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.access import AccessKey, new_access_key
from countenance.store.keyring import FileKeyring
from countenance.store.sql_store import SqlStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serving import RunningServer


def create_key(
    server: RunningServer, operations: Sequence[str] = ("*",), collections: Sequence[str] = ("*",)
) -> AccessKey:
    """Make a key while the server runs."""
    store = _store(server)
    key = new_access_key(
        "test", datetime.now(UTC), operations=tuple(operations), collections=tuple(collections)
    )
    store.add_key(key)
    store.close()
    return key


def revoke_key(server: RunningServer, key_id: str) -> None:
    """Revoke a key while the server runs."""
    store = _store(server)
    assert store.revoke_key(key_id, datetime.now(UTC))
    store.close()


def _store(server: RunningServer) -> SqlStore:
    folder = server.data_dir
    return SqlStore.open(f"sqlite:///{folder / 'countenance.sqlite'}", FileKeyring(folder / "master.key"))
