"""Records of governance as JSON; docs/reference/command-line.md describes every field."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from countenance.doors.cli.records import Record
    from countenance.governance import Consent, Hold, Moratorium, Policy, Review, Vote


def policy_record(collection_id: str, policy: Policy) -> Record:
    """Return what may be done in a collection."""
    return {
        "collection_id": collection_id,
        "lines": [
            {"line": line.name, "value": line.value or None, "set_by": line.origin, "law": line.law}
            for line in policy.lines
        ],
        "undeclared": list(policy.undeclared),
    }


def consent_record(consent: Consent, now: datetime) -> Record:
    """Return a consent, without what is attached to it."""
    return {
        "consent_id": consent.consent_id,
        "subject": consent.subject,
        "purpose": consent.purpose,
        "state": consent.state(now),
        "notice_version": consent.notice_version,
        "notice_sha256": consent.notice_sha256,
        "method": consent.method.value,
        "signer": consent.signer,
        "given_at": _time(consent.given_at),
        "expires_at": _time(consent.expires_at),
        "withdrawn_at": _time(consent.withdrawn_at),
        "evidence_type": consent.evidence_type,
        "evidence_sha256": consent.evidence_sha256,
        "recorded_at": _time(consent.recorded_at),
        "recorded_by": consent.recorded_by,
    }


def moratorium_record(moratorium: Moratorium, now: datetime) -> Record:
    """Return a moratorium."""
    return {
        "moratorium_id": moratorium.moratorium_id,
        "scope": moratorium.scope.text,
        "reason": moratorium.reason,
        "in_force": moratorium.in_force(now),
        "began_at": _time(moratorium.began_at),
        "begun_by": moratorium.begun_by,
        "until": _time(moratorium.until),
        "lifted_at": _time(moratorium.lifted_at),
        "lifted_by": moratorium.lifted_by,
    }


def hold_record(hold: Hold) -> Record:
    """Return a legal hold."""
    return {
        "hold_id": hold.hold_id,
        "subject": hold.subject,
        "reference": hold.reference,
        "placed_at": _time(hold.placed_at),
        "placed_by": hold.placed_by,
        "released_at": _time(hold.released_at),
        "released_by": hold.released_by,
    }


def review_record(review: Review) -> Record:
    """Return a review with the votes that may be seen."""
    return {
        "review_id": review.review_id,
        "collection_id": review.collection_id,
        "request_id": review.request_id,
        "asked_by": review.asked_by,
        "operation": review.operation,
        "mode": review.mode.value,
        "state": review.state.value,
        "created_at": _time(review.created_at),
        "decided_at": _time(review.decided_at),
        "candidates": [
            {
                "candidate_id": candidate.candidate_id,
                "external_image_id": candidate.external_image_id,
                "user_id": candidate.user_id,
                "similarity_percent": round(candidate.similarity_percent, 2),
            }
            for candidate in review.candidates
        ],
        "votes": [_vote(vote) for vote in review.votes],
    }


def _vote(vote: Vote) -> Record:
    return {
        "voter": vote.voter,
        "verdict": vote.verdict.value,
        "candidate_id": vote.candidate_id,
        "note": vote.note,
        "voted_at": _time(vote.voted_at),
    }


def _time(time: datetime | None) -> str | None:
    return time.isoformat() if time is not None else None
