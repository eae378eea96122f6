"""Access keys: listed, made with limits in plain words, and revoked; administrators may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.access import Role
from countenance.doors.console.key_drafts import ADMINISTRATOR, EMPTY, PRESETS, TESTER, read_draft
from countenance.doors.console.lists import part_of
from countenance.doors.console.paths import at
from countenance.doors.console.routing import page
from countenance.errors import AccessKeyUnknown
from countenance.operations.manage_keys import create_key, create_key_of, list_keys, revoke_key

if TYPE_CHECKING:
    from starlette.responses import Response

    from countenance.access import AccessKey
    from countenance.doors.console.key_drafts import KeyDraft
    from countenance.doors.console.visit import Visit
    from countenance.operations.acts import Act


async def show_keys(visit: Visit) -> Response:
    """List the keys, those in use first."""
    keys = await visit.do(lambda act: list_keys(visit.desk.records, act))
    keys.sort(key=lambda key: key.revoked_at is not None)
    shown, following = part_of(visit.paging("keys"), keys)
    return visit.page("keys/keys.html", keys=shown, next=following)


async def show_new(visit: Visit) -> Response:
    """Show the form that makes a key."""
    return _form(visit, EMPTY, 200)


async def create(visit: Visit) -> Response:
    """Make a key and show its secret, on this page and never again."""
    draft = read_draft(visit.form)
    if draft.problems:
        return _form(visit, draft, 422)
    key = await visit.do(lambda act: _made(act, draft))
    return visit.page("keys/created.html", key=key)


async def ask_revocation(visit: Visit) -> Response:
    """Say what follows when a key is revoked, and ask again."""
    wanted = str(visit.http.path_params["key_id"])
    valid = [
        key
        for key in await visit.do(lambda act: list_keys(visit.desk.records, act))
        if key.revoked_at is None
    ]
    key = next((each for each in valid if each.key_id == wanted), None)
    if key is None:
        raise AccessKeyUnknown(f"there is no access key {wanted} that could be revoked")
    administrators = [each for each in valid if each.administrator]
    return visit.page(
        "keys/revoke.html",
        key=key,
        own=key.key_id == visit.key.key_id,
        last=administrators == [key],
    )


async def revoke(visit: Visit) -> Response:
    """Make a key worthless; whoever has signed in with it is signed out with their next step."""
    await visit.do(lambda act: revoke_key(act, str(visit.http.path_params["key_id"])))
    return visit.go(at("keys"), done="revoked")


def _made(act: Act, draft: KeyDraft) -> AccessKey:
    name = draft.values["name"]
    if draft.use == TESTER:
        return create_key_of(act, Role.TESTER, name)
    return create_key(
        act,
        name,
        operations=draft.operations,
        collections=draft.collections,
        purposes=draft.purposes,
        buckets=draft.buckets,
        administrator=draft.use == ADMINISTRATOR,
    )


def _form(visit: Visit, draft: KeyDraft, status: int) -> Response:
    return visit.page("keys/new.html", status, values=draft.values, problems=draft.problems, presets=PRESETS)


_NEEDS = ("list_keys",)

ROUTES = (
    page("/keys", show_keys, needs=_NEEDS),
    page("/new-key", show_new, needs=("create_key",)),
    page("/new-key", create, methods=("POST",), needs=("create_key",)),
    page("/keys/{key_id}/revoke", ask_revocation, needs=("revoke_key",)),
    page("/keys/{key_id}/revoke", revoke, methods=("POST",), needs=("revoke_key",)),
)
