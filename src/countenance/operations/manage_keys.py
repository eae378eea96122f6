"""Create, list and revoke access keys; the operator of the machine and administrators may."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.access import new_access_key, new_key_of
from countenance.access.keys import EVERYTHING
from countenance.errors import AccessKeyUnknown

if TYPE_CHECKING:
    from countenance.access import AccessKey, KeyStore, Role
    from countenance.operations.acts import Act


def create_key(
    act: Act,
    name: str,
    *,
    operations: tuple[str, ...] = EVERYTHING,
    collections: tuple[str, ...] = EVERYTHING,
    purposes: tuple[str, ...] = EVERYTHING,
    buckets: tuple[str, ...] = EVERYTHING,
    administrator: bool = False,
) -> AccessKey:
    """Make and keep a new key.

    Raises:
        NotPermitted: the caller is no administrator.
    """
    act.permit("create_key")
    key = new_access_key(
        name,
        datetime.now(UTC),
        operations=operations,
        collections=collections,
        purposes=purposes,
        buckets=buckets,
        administrator=administrator,
    )
    return _kept(act, key)


def create_key_of(act: Act, role: Role, name: str) -> AccessKey:
    """Make and keep a new key that is limited as its role wants.

    Raises:
        NotPermitted: the caller is no administrator.
    """
    act.permit("create_key")
    act.note(role=role.value)
    return _kept(act, new_key_of(role, name, datetime.now(UTC)))


def _kept(act: Act, key: AccessKey) -> AccessKey:
    act.note(
        created=key.key_id,
        administrator=key.administrator,
        operations=list(key.operations),
        collections=list(key.collections),
        purposes=list(key.purposes),
        buckets=list(key.buckets),
    )
    with act.recording() as writer:
        writer.add_key(key)
    return key


def list_keys(keys: KeyStore, act: Act) -> list[AccessKey]:
    """Return all keys, revoked ones too, oldest first.

    Raises:
        NotPermitted: the caller is no administrator.
    """
    act.permit("list_keys")
    return keys.keys()


def revoke_key(act: Act, key_id: str) -> None:
    """Make a key worthless from the next request on.

    Raises:
        NotPermitted: the caller is no administrator.
        AccessKeyUnknown: there is no such key, or it is revoked already.
    """
    act.permit("revoke_key")
    act.note(revoked=key_id)
    with act.recording() as writer:
        if not writer.revoke_key(key_id, datetime.now(UTC)):
            raise AccessKeyUnknown(
                f"there is no access key {key_id} that could be revoked; see countenance keys list"
            )


def administrators_key(keys: KeyStore, act: Act) -> AccessKey:
    """Return an administrator's key that is valid, making one where there is none, as on the first start.

    Raises:
        NotPermitted: the caller is no administrator.
    """
    valid = [key for key in list_keys(keys, act) if key.administrator and key.revoked_at is None]
    if valid:
        return valid[0]
    return create_key(act, "administrator", administrator=True)
