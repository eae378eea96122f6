"""Begin, list and lift moratoria; an administrator may, and nobody may lift what was given at the start."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.errors import MoratoriumNotFound, PolicyInvalid
from countenance.governance import Moratorium, Scope
from countenance.operations.texts import is_line

if TYPE_CHECKING:
    from countenance.operations.acts import Act


def begin_moratorium(act: Act, scope: str, reason: str, until: datetime | None = None) -> Moratorium:
    """Forbid a use of faces from the next request on, in every process.

    Args:
        act: who asks.
        scope: ``search``, ``enrol``, ``all`` or ``purpose:NAME``.
        reason: why; it is told to whoever is refused.
        until: when it ends by itself.

    Raises:
        NotPermitted: the caller's key is no administrator's.
        PolicyInvalid: there is no such scope, no reason is given, or it would have ended already.
    """
    act.permit("begin_moratorium")
    now = datetime.now(UTC)
    if not is_line(reason, 500):
        raise PolicyInvalid("a moratorium needs a reason, of at most 500 characters")
    if until is not None and until <= now:
        raise PolicyInvalid("a moratorium ends in the future")
    begun = Moratorium(str(uuid.uuid4()), Scope.parse(scope), reason, now, act.caller.key_id, until)
    act.note(moratorium=begun.moratorium_id, scope=scope)
    with act.recording() as writer:
        writer.add_moratorium(begun)
    return begun


def list_moratoria(act: Act, *, ended: bool = False) -> list[Moratorium]:
    """Return the moratoria in force, those given at the start first; ``ended``: all there ever were.

    Raises:
        NotPermitted: the caller's key does not allow it.
    """
    act.permit("list_moratoria")
    now = datetime.now(UTC)
    with act.governance.reading() as reader:
        found = reader.moratoria(ended=ended)
    return [*act.moratoria_at_start, *(each for each in found if ended or each.in_force(now))]


def lift_moratorium(act: Act, moratorium_id: str) -> None:
    """End a moratorium.

    Raises:
        NotPermitted: the caller's key is no administrator's.
        MoratoriumNotFound: there is no such moratorium, or it is lifted already.
    """
    act.permit("lift_moratorium")
    act.note(moratorium=moratorium_id)
    with act.recording() as writer:
        if not writer.lift_moratorium(moratorium_id, datetime.now(UTC), act.caller.key_id):
            raise MoratoriumNotFound(f"there is no moratorium {moratorium_id} that could be lifted")
