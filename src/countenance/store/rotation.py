"""Seals the secrets in a database anew with another master key, a batch at a time, while servers go on.

The file of subject keys is sealed anew by `SubjectKeys`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from countenance.store.access_keys import secret_data
from countenance.store.keyring import Keyring
from countenance.store.tables import access_keys, secrets

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Column, Connection, Row, Table

    from countenance.store.keyring import FileKeyring
    from countenance.store.sealing import MasterKeys

BATCH = 2_000
# A server may have sealed with the old key just before it saw the new one, and not have committed yet.
KEPT_AFTER_RETIREMENT = timedelta(days=1)


def named_secret_data(name: str) -> bytes:
    """Return what a named secret of the server is bound to."""
    return f"secret\n{name}".encode()


def _access_key(row: Row[Any]) -> bytes:
    return secret_data(row.key_id)


def _secret(row: Row[Any]) -> bytes:
    return named_secret_data(row.name)


_SEALED: tuple[tuple[Table, Column[Any], Column[Any], Callable[[Row[Any]], bytes]], ...] = (
    (access_keys, access_keys.c.key_id, access_keys.c.sealed_secret, _access_key),
    (secrets, secrets.c.name, secrets.c.sealed, _secret),
)


def seal_batch_anew(connection: Connection, master_keys: MasterKeys) -> int:
    """Seal a batch of what older keys sealed with the current one; returns how many, 0 when all is done."""
    current = master_keys.current_id
    for table, key, content, belongs_to in _SEALED:
        rows = connection.execute(select(table).where(table.c.master_key_id != current).limit(BATCH)).all()
        if not rows:
            continue
        changes = []
        for row in rows:
            bound_to = belongs_to(row)
            opened = master_keys.open(getattr(row, content.name), row.master_key_id, bound_to)
            sealed, sealed_by = master_keys.seal(opened, bound_to)
            changes.append({"row": getattr(row, key.name), "sealed_anew": sealed, "sealed_by": sealed_by})
        values: dict[Any, Any] = {
            content: bindparam("sealed_anew"),
            table.c.master_key_id: bindparam("sealed_by"),
        }
        connection.execute(update(table).where(key == bindparam("row")).values(values), changes)
        return len(rows)
    return 0


def keys_in_use(connection: Connection) -> set[str]:
    """Return the ids of the master keys with which something in the database is sealed."""
    return {
        key_id
        for table, *_ in _SEALED
        for key_id in connection.execute(select(table.c.master_key_id).distinct()).scalars()
    }


def begin_rotation(source: FileKeyring) -> None:
    """Put a new current key into the file; servers use it from their next change on."""
    source.replace(source.load().rotated(datetime.now(UTC)))


def drop_retired(source: FileKeyring, in_use: set[str], kept: timedelta = KEPT_AFTER_RETIREMENT) -> int:
    """Remove keys that nothing is sealed with and that were retired long enough ago; returns how many."""
    keyring, now = source.load(), datetime.now(UTC)
    staying = tuple(
        key
        for key in keyring.keys
        if key.retired_at is None or key.key_id in in_use or now - key.retired_at < kept
    )
    if len(staying) < len(keyring.keys):
        source.replace(Keyring(staying))
    return len(keyring.keys) - len(staying)
