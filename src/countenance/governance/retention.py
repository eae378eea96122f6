"""How long a face may stay: the earliest of all ends that its policy, its consent and its statute set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from countenance.governance.consent import Consent
    from countenance.governance.policy import Policy

PURPOSE_MET = "purpose-met"
RETENTION = "retention"
CONSENT_ENDED = "consent-ended"
LAST_INTERACTION = "last-interaction"


@dataclass(frozen=True, slots=True)
class Expiry:
    """When a face is due for erasure, and by which clause."""

    at: datetime
    clause: str


@dataclass(frozen=True, slots=True)
class Due:
    """What makes a face due now, as a database is asked; `expiry_of` says the same of one face.

    Attributes:
        enrolled_before: faces enrolled then or earlier are; None: none are.
        last_interaction_before: faces of subjects whose last interaction was then or earlier are.
        consent_purpose: faces of subjects all of whose consents to this purpose have ended are.
        now: the time.
    """

    enrolled_before: datetime | None
    last_interaction_before: datetime | None
    consent_purpose: str | None
    now: datetime


def due_now(policy: Policy, now: datetime) -> Due:
    """Return which faces of a collection are due."""
    enrolled_before = None
    if policy.purpose_met_at is not None and policy.purpose_met_at + policy.after_purpose <= now:
        enrolled_before = now
    elif policy.retention is not None:
        enrolled_before = now - policy.retention
    last = None if policy.after_last_interaction is None else now - policy.after_last_interaction
    # Where no purpose is declared nobody can have consented to it.
    return Due(enrolled_before, last, (policy.purpose or "") if policy.consent_required else None, now)


def expiry_of(
    policy: Policy, enrolled_at: datetime, last_interaction_at: datetime, consents: Sequence[Consent]
) -> Expiry | None:
    """Return when a face is due, None where nothing ends its stay.

    Args:
        policy: the collection's.
        enrolled_at: when the face was enrolled.
        last_interaction_at: when its subject last had to do with the organisation.
        consents: all consents of its subject to the collection's purpose, ended ones too.
    """
    ends = []
    if policy.purpose_met_at is not None:
        ends.append(Expiry(policy.purpose_met_at + policy.after_purpose, PURPOSE_MET))
    if policy.retention is not None:
        ends.append(Expiry(enrolled_at + policy.retention, RETENTION))
    if policy.after_last_interaction is not None:
        ends.append(Expiry(last_interaction_at + policy.after_last_interaction, LAST_INTERACTION))
    consent_ends = [consent.ends_at for consent in consents]
    if policy.consent_required and consent_ends and None not in consent_ends:
        ends.append(Expiry(max(end for end in consent_ends if end is not None), CONSENT_ENDED))
    return min(ends, key=lambda expiry: expiry.at, default=None)
