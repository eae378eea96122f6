"""Show the policy of a collection, line by line, with the law that each comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.errors import CollectionNotFound

if TYPE_CHECKING:
    from countenance.governance import Policy
    from countenance.operations.acts import Act


def show_policy(act: Act, collection_id: str) -> Policy:
    """Return the policy that is in force in a collection.

    Raises:
        NotPermitted: the caller's key does not allow it.
        CollectionNotFound: there is no such collection.
        PolicyInvalid: its tags are no policy.
    """
    act.permit("show_policy", collection_id)
    if act.policy is None:
        raise CollectionNotFound(f"The collection id: {collection_id} does not exist")
    return act.policy
