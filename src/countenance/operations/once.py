"""Do a thing once for a client's request token, however often the request comes."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from countenance.errors import RequestTokenReused
from countenance.gallery.values import RememberedAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from countenance.access import AccessKey
    from countenance.gallery.ports import GalleryWriter

Json = str | float | bool | None | list["Json"] | dict[str, "Json"]


def once(
    writer: GalleryWriter,
    caller: AccessKey,
    operation: str,
    token: str | None,
    parameters: Mapping[str, Json],
    act: Callable[[], Json],
) -> Json:
    """Return what ``act`` returns, or what it returned when the same token came before, within a day.

    The answer is kept in the transaction of the act itself, so neither is there without the other.

    Raises:
        RequestTokenReused: the token came before with other parameters.
    """
    if token is None:
        return act()
    scope = f"{caller.key_id} {operation}"
    request = hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()
    before = writer.remembered_answer(scope, token)
    if before is None:
        answer = act()
        writer.remember_answer(scope, token, RememberedAnswer(request, json.dumps(answer)))
        return answer
    if before.request != request:
        raise RequestTokenReused(f"The ClientRequestToken: {token} you have supplied is already in use.")
    remembered: Json = json.loads(before.answer)
    return remembered
