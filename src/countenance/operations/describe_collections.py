"""A page of collections, each with how much it holds and the policy that is in force in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.errors import PolicyInvalid
from countenance.governance import Kind, Question, decide
from countenance.operations.list_collections import list_collections
from countenance.operations.pages import Page

if TYPE_CHECKING:
    from datetime import datetime

    from countenance.gallery import Gallery
    from countenance.gallery.ports import GalleryReader
    from countenance.gallery.values import Collection
    from countenance.governance import Policy
    from countenance.operations.acts import Act


@dataclass(frozen=True, slots=True)
class DescribedCollection:
    """A collection and what the caller may know of it.

    Attributes:
        collection: the collection.
        face_count: how many faces it has; None where the key may not describe it.
        policy: what is in force in it; None where the key may not see that, or its tags are no policy.
    """

    collection: Collection
    face_count: int | None
    policy: Policy | None

    @property
    def key(self) -> int:
        """The store's own number for it."""
        return self.collection.key


def describe_collections(
    gallery: Gallery, act: Act, now: datetime, *, most: int, after_key: int = 0
) -> Page[DescribedCollection]:
    """Return collections with what the caller's key may know of each, in one act.

    Counts are for keys that may describe a collection, policies for those that may have them shown; both
    only where the key may be used for the collection's purpose.

    Raises:
        NotPermitted: the caller's key may not list collections.
    """
    page = list_collections(gallery, act, most=most, after_key=after_key)
    with gallery.reading() as reader:
        items = [_described(reader, act, collection, now) for collection in page.items]
    return Page(items, page.next_after)


def _described(reader: GalleryReader, act: Act, collection: Collection, now: datetime) -> DescribedCollection:
    try:
        policy = act.register.policy_of(reader.tags(collection))
    except PolicyInvalid:  # tags of an older version; whoever opens the collection is told
        return DescribedCollection(collection, None, None)
    read = Question(Kind.READ, policy.purpose, policy, (), act.caller.purposes, act.caller.administrator)
    if decide(read, now).refusal is not None:
        return DescribedCollection(collection, None, None)
    return DescribedCollection(
        collection,
        reader.count_faces(collection) if act.caller.does("describe_collection") else None,
        policy if act.caller.does("show_policy") else None,
    )
