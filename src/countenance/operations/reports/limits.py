"""What ends the stay of a collection's faces, clause by clause, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from countenance.governance.retention import CONSENT_ENDED, LAST_INTERACTION, PURPOSE_MET, RETENTION
from countenance.operations.reports.words import duration_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from countenance.governance import Line, Policy


@dataclass(frozen=True, slots=True)
class Limit:
    """A clause that ends a face's stay.

    Attributes:
        clause: its name, as in the ledger.
        after: how long after the event the face is erased; nothing where it is at once.
        destroyed: when it is, in words.
        set_by: the organisation, or the preset that set it: a jurisdiction or a purpose.
        law: the text that it comes from, where it is one's.
    """

    clause: str
    after: timedelta
    destroyed: str
    set_by: str
    law: str | None


def limits_of(policy: Policy) -> list[Limit]:
    """Return what ends the stay of faces; whichever comes first does."""
    return list(_limits(policy, {line.name: line for line in policy.lines}))


def limits_in_words(policy: Policy | None) -> str:
    """Return all limits as one text."""
    limits = limits_of(policy) if policy is not None else []
    return "; ".join(limit.destroyed for limit in limits) or "no limit is set"


def _limits(policy: Policy, lines: dict[str, Line]) -> Iterator[Limit]:
    if policy.retention is not None:
        words = f"{duration_in_words(policy.retention)} after the face was enrolled"
        yield _limit(RETENTION, policy.retention, words, lines["retention"])
    if policy.after_last_interaction is not None:
        after = policy.after_last_interaction
        words = f"{duration_in_words(after)} after the last interaction with the person"
        yield _limit(LAST_INTERACTION, after, words, lines["last-interaction"])
    if policy.purpose_met_at is not None or policy.after_purpose:
        after = policy.after_purpose
        met = "when the purpose is met"
        if policy.purpose_met_at is not None:
            met = f"when the purpose is met, on {policy.purpose_met_at:%Y-%m-%d}"
        words = met if not after else f"{duration_in_words(after)} after the day {met}"
        name = "after-purpose" if after else "purpose-met"
        yield _limit(PURPOSE_MET, after, words, lines[name])
    if policy.consent_required:
        words = "at once when the consent ends or is withdrawn"
        yield _limit(CONSENT_ENDED, timedelta(0), words, lines["consent"])


def _limit(clause: str, after: timedelta, destroyed: str, line: Line) -> Limit:
    by_a_preset = line.origin not in {"tag", "settings", "default"}
    return Limit(clause, after, destroyed, line.origin if by_a_preset else "the organisation", line.law)
