"""What the pages of one collection begin with: how much it holds, and its policy, in one look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.operations.describe_collection import describe_collection
from countenance.operations.show_policy import show_policy

if TYPE_CHECKING:
    from countenance.doors.console.visit import Visit
    from countenance.governance import Policy
    from countenance.operations.acts import Act
    from countenance.operations.describe_collection import CollectionDescription


@dataclass(frozen=True, slots=True)
class OpenedCollection:
    """A collection as far as the reader's key may know it.

    Attributes:
        collection_id: its id.
        description: how much it holds; None where the key may not describe it.
        policy: what is in force in it; None where the key may see neither that nor what it holds.
    """

    collection_id: str
    description: CollectionDescription | None
    policy: Policy | None


async def opened(visit: Visit, collection_id: str) -> OpenedCollection:
    """Look at a collection once.

    Raises:
        NotPermitted: the key may not use the collection, or not for its purpose.
        CollectionNotFound: there is no such collection.
        PolicyInvalid: its tags are no policy.
    """

    def look(act: Act) -> OpenedCollection:
        if visit.may("describe_collection"):
            description = describe_collection(visit.desk.gallery, act, collection_id)
            return OpenedCollection(collection_id, description, act.policy)
        return OpenedCollection(collection_id, None, show_policy(act, collection_id))

    if visit.may("describe_collection", "show_policy"):
        return await visit.do(look)
    return OpenedCollection(collection_id, None, None)
