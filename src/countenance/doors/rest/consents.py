"""`/v1/consents`: who agreed to what, and what happens when they do no longer."""

import base64
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Path, Query

from countenance.doors.rest.calls import TheCall, new_router
from countenance.doors.rest.description import problems
from countenance.doors.rest.models.consents import (
    Consent,
    ConsentPage,
    ConsentWithEvidence,
    NewConsent,
    Withdrawal,
)
from countenance.doors.rest.models.fields import ID_EXAMPLE, Subject, Uuid
from countenance.doors.rest.paging import ThePaging
from countenance.operations import keep_consents

ConsentId = Annotated[Uuid, Path(description="The consent's id.", examples=[ID_EXAMPLE])]

router = new_router("consents")
_NOT_FOUND = problems(_404="There is no such consent.")


@router.post("/consents", status_code=201)
async def record_consent(call: TheCall, new: NewConsent) -> Consent:
    """Record who consented to what; from then on they may be enrolled for that purpose."""
    consent = await call.do(lambda act: keep_consents.record_consent(act, _to_be_kept(new)))
    return Consent(**_shown(consent))


@router.get("/consents")
async def list_consents(
    call: TheCall,
    paging: ThePaging,
    subject: Annotated[
        Subject | None, Query(description="Whose consents are listed; everybody's without it.")
    ] = None,
) -> ConsentPage:
    """List consents, those recorded first first."""
    belongs_to = {"list": "consents", "subject": subject}
    after_key = paging.position(belongs_to)
    page = await call.do(
        lambda act: keep_consents.list_consents(act, subject=subject, most=paging.limit, after_key=after_key)
    )
    return paging.listed(ConsentPage, page, belongs_to, lambda consent: Consent(**_shown(consent)))


@router.get("/consents/{consent_id}", responses=_NOT_FOUND)
async def show_consent(
    call: TheCall,
    consent_id: ConsentId,
    evidence: Annotated[bool, Query(description="Whether the evidence is shown.")] = False,
) -> ConsentWithEvidence:
    """Show a consent and, where it is asked for, what shows that it was given."""
    consent, content = await call.do(lambda act: keep_consents.show_consent(act, consent_id))
    encoded = base64.b64encode(content).decode() if evidence and content is not None else None
    return ConsentWithEvidence(**_shown(consent), evidence_base64=encoded)


@router.post("/consents/{consent_id}/withdrawal", responses=_NOT_FOUND)
async def withdraw_consent(call: TheCall, consent_id: ConsentId) -> Withdrawal:
    """End a consent: nobody is found who was enrolled on it, from now on, and their faces are erased."""
    ended = await call.do(lambda act: keep_consents.withdraw_consent(call.desk.gallery, act, consent_id))
    return Withdrawal(
        consent=Consent(**_shown(ended.consent)),
        erased_faces=ended.erased_faces,
        held=ended.held,
        request_id=call.request_id,
    )


def _to_be_kept(new: NewConsent) -> keep_consents.NewConsent:
    evidence = None
    if new.evidence is not None:
        evidence = keep_consents.Evidence(new.evidence.content_base64, new.evidence.media_type)
    return keep_consents.NewConsent(
        subject=new.subject,
        purpose=new.purpose,
        notice_version=new.notice_version,
        notice=new.notice_text or new.notice_sha256 or "",
        method=new.method,
        signer=new.signer,
        given_at=new.given_at,
        expires_at=new.expires_at,
        evidence=evidence,
    )


def _shown(consent: keep_consents.Consent) -> dict[str, Any]:
    return {
        "consent_id": consent.consent_id,
        "subject": consent.subject,
        "purpose": consent.purpose,
        "state": consent.state(datetime.now(UTC)),
        "notice_version": consent.notice_version,
        "notice_sha256": consent.notice_sha256,
        "method": consent.method,
        "signer": consent.signer,
        "given_at": consent.given_at,
        "expires_at": consent.expires_at,
        "withdrawn_at": consent.withdrawn_at,
        "evidence_media_type": consent.evidence_type,
        "evidence_sha256": consent.evidence_sha256,
        "recorded_at": consent.recorded_at,
        "recorded_by": consent.recorded_by,
    }
