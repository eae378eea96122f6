"""`/v1/collections`: collections are created with their policy, and policies are shown and changed."""

from typing import TYPE_CHECKING, Annotated

from fastapi import Path

from countenance.doors.rest.calls import TheCall, new_router
from countenance.doors.rest.description import problems
from countenance.doors.rest.models.collections import Collection, NewCollection, NewPolicy, Policy, PolicyLine
from countenance.doors.rest.models.fields import CollectionId
from countenance.operations import create_collection as creating
from countenance.operations import show_policy as showing
from countenance.operations import tag_collection as tagging

if TYPE_CHECKING:
    from countenance import governance
    from countenance.operations.acts import Act

Named = Annotated[CollectionId, Path(description="The collection's id.", examples=["staff"])]

router = new_router("collections")


@router.post(
    "/collections", status_code=201, responses=problems(_409="There is a collection of that id already.")
)
async def create_collection(call: TheCall, new: NewCollection) -> Collection:
    """Create an empty collection with its policy."""

    def create(act: "Act") -> Collection:
        desk = call.desk
        made = creating.create_collection(
            desk.vision, desk.gallery, act, new.collection_id, new.policy.tags()
        )
        return Collection(
            collection_id=made.collection_id,
            pack=made.pack,
            created_at=made.created_at,
            policy=_policy_of(act, made.collection_id),
        )

    return await call.do(create)


@router.get("/collections/{collection_id}/policy", responses=problems(_404="There is no such collection."))
async def show_policy(call: TheCall, collection_id: Named) -> Policy:
    """Show the policy in force, line by line, with the law that each comes from."""
    return await call.do(lambda act: _shown(collection_id, showing.show_policy(act, collection_id)))


@router.patch(
    "/collections/{collection_id}/policy",
    responses=problems(
        _404="There is no such collection.", _409="The collection would have more than 50 tags."
    ),
)
async def change_policy(call: TheCall, collection_id: Named, new: NewPolicy) -> Policy:
    """Set lines of a policy; others stay as they are. An administrator's key may."""

    def change(act: "Act") -> Policy:
        tagging.tag_collection(call.desk.gallery, act, collection_id, new.tags())
        return _policy_of(act, collection_id)

    return await call.do(change)


def _policy_of(act: "Act", collection_id: str) -> Policy:
    assert act.policy is not None  # noqa: S101 - an operation that declares one has set it
    return _shown(collection_id, act.policy)


def _shown(collection_id: str, policy: "governance.Policy") -> Policy:
    return Policy(
        collection_id=collection_id,
        lines=tuple(PolicyLine.model_validate(line) for line in policy.lines),
        undeclared=policy.undeclared,
    )
