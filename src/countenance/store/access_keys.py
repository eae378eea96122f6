"""Access keys in the database, their secrets sealed with the master key."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from countenance.access import AccessKey
from countenance.store.rows import in_utc
from countenance.store.tables import access_keys

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from countenance.store.sealing import MasterKeys


def add_key(connection: Connection, master_keys: MasterKeys, key: AccessKey) -> None:
    """Keep a new key."""
    sealed, master_key_id = master_keys.seal(key.secret.encode(), secret_data(key.key_id))
    connection.execute(
        insert(access_keys).values(
            key_id=key.key_id,
            sealed_secret=sealed,
            master_key_id=master_key_id,
            name=key.name,
            operations=json.dumps(key.operations),
            collections=json.dumps(key.collections),
            purposes=json.dumps(key.purposes),
            buckets=json.dumps(key.buckets),
            administrator=key.administrator,
            created_at=key.created_at,
            revoked_at=key.revoked_at,
        )
    )


def find_key(connection: Connection, master_keys: MasterKeys, key_id: str) -> AccessKey | None:
    """Return a key, revoked or not."""
    row = connection.execute(select(access_keys).where(access_keys.c.key_id == key_id)).one_or_none()
    return _key(row, master_keys) if row is not None else None


def all_keys(connection: Connection, master_keys: MasterKeys) -> list[AccessKey]:
    """Return all keys, oldest first."""
    query = select(access_keys).order_by(access_keys.c.created_at, access_keys.c.key_id)
    return [_key(row, master_keys) for row in connection.execute(query)]


def revoke_key(connection: Connection, key_id: str, revoked_at: datetime) -> bool:
    """Revoke a key; tells whether there was one to revoke."""
    valid = (access_keys.c.key_id == key_id, access_keys.c.revoked_at.is_(None))
    return bool(connection.execute(update(access_keys).where(*valid).values(revoked_at=revoked_at)).rowcount)


def secret_data(key_id: str) -> bytes:
    """Return what a sealed secret is bound to."""
    return f"access key\n{key_id}".encode()


def _key(row: Row[Any], master_keys: MasterKeys) -> AccessKey:
    secret = master_keys.open(row.sealed_secret, row.master_key_id, secret_data(row.key_id))
    return AccessKey(
        key_id=row.key_id,
        secret=secret.decode(),
        name=row.name,
        created_at=in_utc(row.created_at),
        operations=tuple(json.loads(row.operations)),
        collections=tuple(json.loads(row.collections)),
        purposes=tuple(json.loads(row.purposes)),
        buckets=tuple(json.loads(row.buckets)),
        administrator=row.administrator,
        revoked_at=in_utc(row.revoked_at) if row.revoked_at is not None else None,
    )
