"""`/v1/keys`: who may ask, and for what."""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Path

from countenance.access import AccessKey
from countenance.doors.rest.calls import TheCall, new_router
from countenance.doors.rest.description import problems
from countenance.doors.rest.models.fields import KEY_EXAMPLE, KeyId
from countenance.doors.rest.models.keys import CreatedKey, Key, KeyPage, NewKey
from countenance.doors.rest.paging import ThePaging
from countenance.operations import manage_keys

if TYPE_CHECKING:
    from countenance.operations.acts import Act

router = new_router("access keys")


@router.post("/keys", status_code=201)
async def create_key(call: TheCall, new: NewKey) -> CreatedKey:
    """Make an access key; its secret is shown now and never again. An administrator's key may."""

    def create(act: "Act") -> AccessKey:
        if new.role is not None:
            return manage_keys.create_key_of(act, new.role, new.name)
        return manage_keys.create_key(
            act,
            new.name,
            operations=tuple(new.operations),
            collections=tuple(new.collections),
            purposes=tuple(new.purposes),
            buckets=tuple(new.buckets),
            administrator=new.administrator,
        )

    key = await call.do(create)
    return CreatedKey(**_shown(key), secret_access_key=key.secret)


@router.get("/keys")
async def list_keys(call: TheCall, paging: ThePaging) -> KeyPage:
    """List all access keys, revoked ones too, oldest first. An administrator's key may."""
    keys = await call.do(lambda act: manage_keys.list_keys(call.desk.records, act))
    return paging.cut(KeyPage, keys, {"list": "keys"}, lambda key: Key(**_shown(key)))


@router.delete(
    "/keys/{access_key_id}",
    status_code=204,
    responses=problems(_404="There is no such key that could be revoked."),
)
async def revoke_key(
    call: TheCall,
    access_key_id: Annotated[KeyId, Path(description="The key's id.", examples=[KEY_EXAMPLE])],
) -> None:
    """Make an access key worthless from the next request on, for good. An administrator's key may."""
    await call.do(lambda act: manage_keys.revoke_key(act, access_key_id))


def _shown(key: AccessKey) -> dict[str, Any]:
    return {
        "access_key_id": key.key_id,
        "name": key.name,
        "operations": key.operations,
        "collections": key.collections,
        "purposes": key.purposes,
        "buckets": key.buckets,
        "administrator": key.administrator,
        "created_at": key.created_at,
        "revoked_at": key.revoked_at,
    }
