"""Create, list and revoke access keys; the operator of the machine and administrators may."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.access import new_access_key
from countenance.access.keys import EVERYTHING
from countenance.errors import AccessKeyUnknown, NotPermitted

if TYPE_CHECKING:
    from countenance.access import AccessKey, KeyStore


def create_key(
    keys: KeyStore,
    caller: AccessKey,
    name: str,
    *,
    operations: tuple[str, ...] = EVERYTHING,
    collections: tuple[str, ...] = EVERYTHING,
    administrator: bool = False,
) -> AccessKey:
    """Make and keep a new key.

    Raises:
        NotPermitted: the caller is no administrator.
    """
    _require_administrator(caller)
    key = new_access_key(
        name, datetime.now(UTC), operations=operations, collections=collections, administrator=administrator
    )
    keys.add_key(key)
    return key


def list_keys(keys: KeyStore, caller: AccessKey) -> list[AccessKey]:
    """Return all keys, revoked ones too, oldest first.

    Raises:
        NotPermitted: the caller is no administrator.
    """
    _require_administrator(caller)
    return keys.keys()


def revoke_key(keys: KeyStore, caller: AccessKey, key_id: str) -> None:
    """Make a key worthless from the next request on.

    Raises:
        NotPermitted: the caller is no administrator.
        AccessKeyUnknown: there is no such key, or it is revoked already.
    """
    _require_administrator(caller)
    if not keys.revoke_key(key_id, datetime.now(UTC)):
        raise AccessKeyUnknown(
            f"there is no access key {key_id} that could be revoked; see countenance keys list"
        )


def administrators_key(keys: KeyStore, caller: AccessKey) -> AccessKey:
    """Return an administrator's key that is valid, making one where there is none, as on the first start.

    Raises:
        NotPermitted: the caller is no administrator.
    """
    valid = [key for key in list_keys(keys, caller) if key.administrator and key.revoked_at is None]
    return valid[0] if valid else create_key(keys, caller, "administrator", administrator=True)


def _require_administrator(caller: AccessKey) -> None:
    if not caller.administrator:
        raise NotPermitted(f"access key {caller.key_id} may not manage keys; use an administrator's")
