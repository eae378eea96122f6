"""What reports are made of: collections with their policies, access keys that reach them, packs."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from countenance.errors import NotPermitted, PackError, PolicyInvalid
from countenance.vision import packs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from countenance.access import AccessKey
    from countenance.gallery import Gallery
    from countenance.gallery.ports import GalleryReader
    from countenance.gallery.values import Collection
    from countenance.governance import Policy
    from countenance.operations.acts import Act

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class DescribedCollection:
    """A collection and its policy; None where its tags have become none."""

    collection: Collection
    policy: Policy | None

    @property
    def collection_id(self) -> str:
        """The collection's id."""
        return self.collection.collection_id

    @property
    def purpose(self) -> str | None:
        """What its faces are for, None where nothing says so."""
        return self.policy.purpose if self.policy is not None else None

    def reached_by(self, key: AccessKey) -> bool:
        """Tell whether a key may use the collection for its purpose."""
        if not key.sees(self.collection_id):
            return False
        purpose = self.purpose
        if "*" in key.purposes:
            return True
        return purpose is not None and any(fnmatchcase(purpose, pattern) for pattern in key.purposes)


def require_whole(act: Act) -> None:
    """Do nothing where the caller's key may use all collections: half a public report would mislead.

    Raises:
        NotPermitted: it is limited to some.
    """
    if "*" not in act.caller.collections:
        raise NotPermitted(
            "a report about the whole service needs an access key that is not limited to some collections"
        )


def described(act: Act, reader: GalleryReader, collection: Collection) -> DescribedCollection:
    """Return a collection with its policy."""
    try:
        policy = act.register.policy_of(reader.tags(collection))
    except PolicyInvalid:
        policy = None
    return DescribedCollection(collection, policy)


def all_collections(gallery: Gallery, act: Act) -> list[DescribedCollection]:
    """Return all collections, oldest first."""
    found: list[DescribedCollection] = []
    after_key = 0
    while True:
        with gallery.reading() as reader:
            batch = reader.collections(after_key=after_key, most=_BATCH)
            found += [described(act, reader, collection) for collection in batch]
        if len(batch) < _BATCH:
            return found
        after_key = batch[-1].key


def described_packs(in_use: str, others: Sequence[str]) -> dict[str, packs.PackDescription | None]:
    """Return the packs in use by name, None for one that is not described on this machine."""
    found: dict[str, packs.PackDescription | None] = {}
    for name in (in_use, *sorted(set(others))):
        try:
            description = packs.find_pack(name).description
            found[description.name] = description
        except PackError:
            found.setdefault(name, None)
    return found


def names_of_keys(keys: Iterable[AccessKey]) -> dict[str, str]:
    """Return, by id, what keys are called, those that are in no list too."""
    return {
        "operator": "the operator of this machine",
        "system": "the server itself",
        **{key.key_id: key.name for key in keys},
    }
