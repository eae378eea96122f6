"""Record who consented to what, show it, and end it when they withdraw."""

from __future__ import annotations

import hashlib
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.errors import HoldInForce, PolicyInvalid
from countenance.governance import Consent, ConsentMethod, valid_consent
from countenance.governance.policy import word
from countenance.operations.erase_faces import erase_faces
from countenance.operations.groups.end_names import end_names
from countenance.operations.pages import Page, page_of
from countenance.operations.texts import is_line

if TYPE_CHECKING:
    from countenance.gallery import Change, Gallery
    from countenance.gallery.values import Collection, EnrolledFace
    from countenance.operations.acts import Act

__all__ = [
    "Consent",
    "ConsentMethod",
    "Evidence",
    "NewConsent",
    "Withdrawal",
    "list_consents",
    "record_consent",
    "show_consent",
    "withdraw_consent",
]

MOST_EVIDENCE_BYTES = 5_242_880
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SUBJECT = re.compile(r"[a-zA-Z0-9_.\-:]{1,255}")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows that somebody consented, such as the scan of a signed release."""

    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class NewConsent:
    """A consent as it is recorded; `Consent` says what each means.

    ``notice`` is the text that was shown, or its SHA-256 in hexadecimal where the text is kept elsewhere.
    """

    subject: str
    purpose: str
    notice_version: str
    notice: str
    method: ConsentMethod
    signer: str | None = None
    given_at: datetime | None = None
    expires_at: datetime | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A consent that has ended, how many faces were erased, and whether a legal hold kept them."""

    consent: Consent
    erased_faces: int
    held: bool


def record_consent(act: Act, new: NewConsent) -> Consent:
    """Keep a consent; who gave it may be enrolled for its purpose from now on.

    Raises:
        NotPermitted: the caller's key does not allow it.
        PolicyInvalid: a part of it is not well-formed.
    """
    act.permit("record_consent", purpose=new.purpose)
    now = datetime.now(UTC)
    given_at = new.given_at or now
    _check(new, given_at, now)
    evidence = new.evidence
    consent = Consent(
        consent_id=str(uuid.uuid4()),
        subject=new.subject,
        purpose=word(new.purpose),
        notice_version=new.notice_version,
        notice_sha256=_notice_sha256(new.notice),
        method=new.method,
        signer=new.signer,
        given_at=given_at,
        expires_at=new.expires_at,
        withdrawn_at=None,
        evidence_type=evidence.media_type if evidence else None,
        evidence_sha256=hashlib.sha256(evidence.content).hexdigest() if evidence else None,
        recorded_at=now,
        recorded_by=act.caller.key_id,
    )
    act.note(consent=consent.consent_id, notice=consent.notice_sha256, method=consent.method.value)
    with act.recording() as writer:
        writer.add_consent(consent, evidence.content if evidence else None)
        writer.touch_subjects(consent.subject, given_at)
    return consent


def list_consents(act: Act, *, subject: str | None, most: int, after_key: int = 0) -> Page[Consent]:
    """Return consents, those recorded first first, of one subject or of all.

    Raises:
        NotPermitted: the caller's key does not allow it.
    """
    act.permit("list_consents")
    with act.governance.reading() as reader:
        return page_of(
            lambda count: reader.consents(subject=subject, after_key=after_key, most=count), most, after_key
        )


def show_consent(act: Act, consent_id: str) -> tuple[Consent, bytes | None]:
    """Return a consent and what was attached to it.

    Raises:
        NotPermitted: the caller's key does not allow it.
        ConsentNotFound: there is no such consent.
    """
    act.permit("show_consent")
    act.note(consent=consent_id)
    with act.governance.reading() as reader:
        return reader.consent(consent_id), reader.evidence(consent_id)


def withdraw_consent(gallery: Gallery, act: Act, consent_id: str) -> Withdrawal:
    """End a consent, which stops all use that rested on it at once, and erase what was enrolled on it.

    1. End the consent: from here on no search finds the subject.
    2. Erase their faces where the consent was required, unless another one of theirs holds.
    3. End the names of groups that rested on it.

    Raises:
        NotPermitted: the caller's key does not allow it.
        ConsentNotFound: there is no such consent.
    """
    act.permit("withdraw_consent")
    act.note(consent=consent_id)
    # 1
    with act.recording() as writer:
        writer.withdraw_consent(consent_id, datetime.now(UTC))
        consent = writer.consent(consent_id)
        others = writer.consents_to(consent.purpose, [consent.subject])[consent.subject]
    # 2
    if valid_consent(others, datetime.now(UTC)) is not None:
        return Withdrawal(consent, 0, held=False)
    erased, held = 0, False
    try:
        erased = _erase_withdrawn(gallery, act, consent)
    except HoldInForce:
        held = True
    # 3
    held |= end_names(gallery, act.register, lambda: act.going_on("end_name"), consent.subject)
    return Withdrawal(consent, erased, held=held)


def _erase_withdrawn(gallery: Gallery, act: Act, consent: Consent) -> int:
    with act.going_on("erase_withdrawn") as following, following.changing(gallery) as change:
        faces = _consented_faces(act, change, consent)
        return sum(
            erase_faces(following, change, collection, theirs, "withdrawal")
            for collection, theirs in faces.items()
        )


def _consented_faces(act: Act, change: Change, consent: Consent) -> dict[Collection, list[EnrolledFace]]:
    found: dict[Collection, list[EnrolledFace]] = {}
    for collection, face in change.writer.faces_of_subject(consent.subject):
        policy = act.register.policy_of(change.writer.tags(collection))
        rests_on_it = policy.consent_required and policy.purpose == consent.purpose
        if rests_on_it and face.consenting == consent.subject:
            found.setdefault(collection, []).append(face)
    return found


def _check(new: NewConsent, given_at: datetime, now: datetime) -> None:
    if _SUBJECT.fullmatch(new.subject) is None:
        raise PolicyInvalid(
            "a consent's subject is an ExternalImageId or UserId: letters, digits and _ . - :"
        )
    if not is_line(new.notice_version, 100):
        raise PolicyInvalid("a consent names the version of the notice that was shown, up to 100 characters")
    if new.signer is not None and not is_line(new.signer, 255):
        raise PolicyInvalid("a consent's signer is a name, of at most 255 characters")
    if not new.notice:
        raise PolicyInvalid("a consent holds the text of the notice that was shown, or its SHA-256")
    if given_at > now:
        raise PolicyInvalid("a consent cannot be given in the future")
    if new.expires_at is not None and new.expires_at <= given_at:
        raise PolicyInvalid("a consent ends after it was given")
    if new.method is ConsentMethod.GUARDIAN and not new.signer:
        raise PolicyInvalid("a guardian's consent names the guardian as its signer")
    if new.evidence is not None and not is_line(new.evidence.media_type, 100):
        raise PolicyInvalid("evidence has a media type, such as application/pdf")
    if new.evidence is not None and len(new.evidence.content) > MOST_EVIDENCE_BYTES:
        raise PolicyInvalid(f"evidence has at most {MOST_EVIDENCE_BYTES:,} bytes")


def _notice_sha256(notice: str) -> str:
    if _SHA256.fullmatch(notice) is not None:
        return notice
    return hashlib.sha256(notice.encode(errors="surrogatepass")).hexdigest()
