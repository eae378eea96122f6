"""Access keys: who may ask, for which operations, of which collections."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Protocol

from countenance.errors import NotPermitted

EVERYTHING = ("*",)

_KEY_ID_ALPHABET = string.ascii_uppercase + "234567"
_SECRET_ALPHABET = string.ascii_letters + string.digits + "+/"


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A key and what it may do.

    ``operations``, ``collections``, ``purposes`` and ``buckets``, from which pictures are read, are names or
    patterns with ``*`` (``search_*``, ``event-*``). An administrator's key may also manage keys and govern.
    A revoked key may do nothing.
    """

    key_id: str
    secret: str = field(repr=False)
    name: str
    created_at: datetime
    operations: tuple[str, ...] = EVERYTHING
    collections: tuple[str, ...] = EVERYTHING
    administrator: bool = False
    revoked_at: datetime | None = None
    purposes: tuple[str, ...] = EVERYTHING
    buckets: tuple[str, ...] = EVERYTHING

    def permit(self, operation: str, collection_id: str | None = None) -> None:
        """Do nothing where the key may do this, to this collection if one is named.

        Raises:
            NotPermitted: the key is limited to other operations or collections.
        """
        if not self.does(operation):
            raise NotPermitted(f"access key {self.key_id} may not do {operation}")
        if collection_id is not None and not self.sees(collection_id):
            raise NotPermitted(f"access key {self.key_id} may not use the collection {collection_id}")

    def does(self, operation: str) -> bool:
        """Tell whether the key may do this, in some collection."""
        return _any_matches(self.operations, operation)

    def permit_bucket(self, bucket: str) -> None:
        """Do nothing where the key may have pictures read from this bucket, whether there is one or not.

        Raises:
            NotPermitted: the key is limited to other buckets.
        """
        if not _any_matches(self.buckets, bucket):
            raise NotPermitted(f"access key {self.key_id} may not read pictures from the bucket {bucket}")

    def sees(self, collection_id: str) -> bool:
        """Tell whether the key may use the collection."""
        return _any_matches(self.collections, collection_id)


def new_access_key(
    name: str,
    created_at: datetime,
    *,
    operations: tuple[str, ...] = EVERYTHING,
    collections: tuple[str, ...] = EVERYTHING,
    purposes: tuple[str, ...] = EVERYTHING,
    buckets: tuple[str, ...] = EVERYTHING,
    administrator: bool = False,
) -> AccessKey:
    """Make a key with a random id of 20 characters and a random secret of 40 (240 bits)."""
    return AccessKey(
        key_id="CTNC" + "".join(secrets.choice(_KEY_ID_ALPHABET) for _ in range(16)),
        secret="".join(secrets.choice(_SECRET_ALPHABET) for _ in range(40)),
        name=name,
        created_at=created_at,
        operations=operations,
        collections=collections,
        purposes=purposes,
        buckets=buckets,
        administrator=administrator,
    )


def machine_operator() -> AccessKey:
    """Return who may do everything: whoever runs a command on this machine can read its files anyway."""
    return AccessKey("operator", "", "the operator of this machine", datetime.now(UTC), administrator=True)


def the_server_itself() -> AccessKey:
    """Return who erases what is due and does other work that nobody asked for just then."""
    return AccessKey("system", "", "the server itself", datetime.now(UTC), administrator=True)


class KeyStore(Protocol):
    """What access needs of a database; secrets are encrypted in it."""

    def key(self, key_id: str) -> AccessKey | None:
        """Return a key, revoked or not; None where there is none of that id."""

    def keys(self) -> list[AccessKey]:
        """Return all keys, oldest first."""


def _any_matches(patterns: tuple[str, ...], name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
