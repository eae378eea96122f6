"""Place, list and release legal holds, which keep everything of a subject from being erased."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.errors import HoldNotFound, PolicyInvalid
from countenance.governance import Hold
from countenance.operations.texts import is_line

if TYPE_CHECKING:
    from countenance.operations.acts import Act


def place_hold(act: Act, subject: str, reference: str) -> Hold:
    """Keep everything of a subject from being erased.

    Args:
        act: who asks.
        subject: an external image id or a user id.
        reference: the warrant, subpoena or case that demands it.

    Raises:
        NotPermitted: the caller's key is no administrator's.
        PolicyInvalid: no reference is given.
    """
    act.permit("place_hold")
    if not is_line(reference.strip(), 200) or not is_line(subject, 255):
        raise PolicyInvalid("a hold names a subject and the warrant, subpoena or case that demands it")
    hold = Hold(str(uuid.uuid4()), subject, reference.strip(), datetime.now(UTC), act.caller.key_id)
    act.note(hold=hold.hold_id)
    with act.recording() as writer:
        writer.add_hold(hold)
    return hold


def list_holds(act: Act, *, released: bool = False) -> list[Hold]:
    """Return holds, oldest first; ``released``: those that were released, too.

    Raises:
        NotPermitted: the caller's key does not allow it.
    """
    act.permit("list_holds")
    with act.governance.reading() as reader:
        return reader.holds(released=released)


def release_hold(act: Act, hold_id: str) -> None:
    """End a hold; what is due is erased from now on.

    Raises:
        NotPermitted: the caller's key is no administrator's.
        HoldNotFound: there is no such hold, or it is released already.
    """
    act.permit("release_hold")
    act.note(hold=hold_id)
    with act.recording() as writer:
        if not writer.release_hold(hold_id, datetime.now(UTC), act.caller.key_id):
            raise HoldNotFound(f"there is no hold {hold_id} that could be released")
