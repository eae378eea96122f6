"""Records of consent: who agreed to what, having been told what, how, when and until when."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_NEVER = datetime.max.replace(tzinfo=UTC)


class ConsentMethod(enum.StrEnum):
    """How somebody consented."""

    WRITTEN_RELEASE = "written-release"
    ELECTRONIC_SIGNATURE = "electronic-signature"
    GUARDIAN = "guardian"


@dataclass(frozen=True, slots=True)
class Consent:
    """One person's consent to one purpose.

    Attributes:
        consent_id: a UUID.
        subject: who consented: the external image id, or the user id, under which faces are enrolled.
        purpose: what they agreed to; it is that of the collections in which they may be enrolled.
        notice_version: which notice they were shown.
        notice_sha256: the SHA-256 of its text, in hexadecimal.
        method: how they consented.
        signer: who signed, where it was not the subject, such as a guardian.
        given_at: since when it holds.
        expires_at: until when; None where it has no end.
        withdrawn_at: when it was withdrawn.
        evidence_type: the media type of what was attached as evidence, None where nothing was.
        evidence_sha256: its SHA-256, in hexadecimal.
        recorded_at: when it was recorded here.
        recorded_by: the access key that did.
        key: the store's own number for it; 0 before it is kept.
    """

    consent_id: str
    subject: str
    purpose: str
    notice_version: str
    notice_sha256: str
    method: ConsentMethod
    signer: str | None
    given_at: datetime
    expires_at: datetime | None
    withdrawn_at: datetime | None
    evidence_type: str | None
    evidence_sha256: str | None
    recorded_at: datetime
    recorded_by: str
    key: int = 0

    @property
    def ends_at(self) -> datetime | None:
        """When it ends or ended, whichever way comes first."""
        ends = [end for end in (self.expires_at, self.withdrawn_at) if end is not None]
        return min(ends) if ends else None

    def valid(self, now: datetime) -> bool:
        """Tell whether it holds now."""
        return self.given_at <= now and (self.ends_at is None or now < self.ends_at)

    def state(self, now: datetime) -> str:
        """Return valid, withdrawn, expired or future."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        if now < self.given_at:
            return "future"
        return "valid" if self.valid(now) else "expired"


def valid_consent(consents: Iterable[Consent], now: datetime) -> Consent | None:
    """Return the consent that holds now and does so longest, None where none does."""
    valid = (consent for consent in consents if consent.valid(now))
    return max(valid, key=lambda consent: consent.ends_at or _NEVER, default=None)
