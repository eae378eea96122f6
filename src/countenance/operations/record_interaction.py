"""Record that there was something to do with a subject: from the last time on, its retention counts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.errors import PolicyInvalid, SubjectNotFound

if TYPE_CHECKING:
    from countenance.operations.acts import Act


def record_interaction(act: Act, subject: str, at: datetime | None = None) -> datetime:
    """Note an interaction in all collections that know the subject; returns its time.

    Args:
        act: who asks.
        subject: an external image id or a user id.
        at: when it was; now where nothing is said. One before the last noted changes nothing.

    Raises:
        NotPermitted: the caller's key does not allow it.
        SubjectNotFound: no collection knows the subject.
        PolicyInvalid: it would be in the future.
    """
    act.permit("record_interaction")
    now = datetime.now(UTC)
    if at is not None and at > now:
        raise PolicyInvalid("an interaction cannot be in the future")
    with act.recording() as writer:
        if not writer.touch_subjects(subject, at or now):
            raise SubjectNotFound(f"nothing is held of a subject {subject}")
    return at or now
