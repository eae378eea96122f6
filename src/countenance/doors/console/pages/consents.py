"""Consents: listed, recorded in plain words, looked at with their evidence, and withdrawn."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from countenance.doors.console.consent_drafts import ConsentDraft, ending_of, new_draft, read_draft
from countenance.doors.console.downloads import attachment
from countenance.doors.console.routing import page
from countenance.doors.console.visit import PAGE_SIZE
from countenance.errors import ConsentNotFound, PolicyInvalid, SubjectNotFound
from countenance.operations.keep_consents import (
    MOST_EVIDENCE_BYTES,
    list_consents,
    record_consent,
    show_consent,
    withdraw_consent,
)
from countenance.operations.show_subject import show_subject

if TYPE_CHECKING:
    from starlette.responses import Response

    from countenance.doors.console.visit import Visit
    from countenance.operations.keep_consents import Consent
    from countenance.operations.show_subject import HeldIn


async def show_consents(visit: Visit) -> Response:
    """List the records of consent, those recorded first first."""
    paging = visit.paging("consents")
    found = await visit.do(
        lambda act: list_consents(act, subject=None, most=PAGE_SIZE, after_key=paging.position)
    )
    return visit.page(
        "people/consents.html", consents=found.items, next=paging.next_of(found), now=datetime.now(UTC)
    )


async def show_new_consent(visit: Visit) -> Response:
    """Show the form that records a consent."""
    return _form(visit, new_draft(visit.query.get("subject", ""), visit.query.get("purpose", "")), 200)


async def record(visit: Visit) -> Response:
    """Record a consent; what is not well-formed comes back with the form."""
    draft = read_draft(visit.form)
    if draft.problems:
        return _form(visit, draft, 422)
    try:
        consent = await visit.do(lambda act: record_consent(act, draft.to_be_kept()))
    except PolicyInvalid:
        return _form(visit, ConsentDraft(draft.values, problems={"": "invalid"}), 422)
    if visit.may("show_consent"):
        return visit.go(f"/consents/{consent.consent_id}", done="recorded")
    return visit.go("/people/new-consent", done="recorded")


async def show_one(visit: Visit) -> Response:
    """Show one consent."""
    consent, _ = await visit.do(lambda act: show_consent(act, _id(visit)))
    return visit.page("people/consent.html", consent=consent, now=datetime.now(UTC))


async def send_evidence(visit: Visit) -> Response:
    """Send what shows that somebody consented, as a file: nobody knows what is in it."""
    consent, content = await visit.do(lambda act: show_consent(act, _id(visit)))
    if content is None:
        raise ConsentNotFound(f"nothing is attached to the consent {consent.consent_id}")
    name = f"consent-{consent.consent_id}.{ending_of(consent.evidence_type)}"
    return attachment(content, name, "application/octet-stream")


async def ask_withdrawal(visit: Visit) -> Response:
    """Say what follows when a consent is withdrawn, and ask again."""
    consent, _ = await visit.do(lambda act: show_consent(act, _id(visit)))
    return visit.page(
        "people/withdraw.html",
        consent=consent,
        now=datetime.now(UTC),
        **await _what_follows(visit, consent),
    )


async def withdraw(visit: Visit) -> Response:
    """End a consent and erase what rested on it."""
    ended = await visit.do(lambda act: withdraw_consent(visit.desk.gallery, act, _id(visit)))
    return visit.page("people/withdrawn.html", ended=ended, consent=ended.consent)


async def _what_follows(visit: Visit, consent: Consent) -> dict[str, Any]:
    """Return what would be erased, as far as the reader may see what is held."""
    resting: list[HeldIn] = []
    held, known, others = False, False, False
    if visit.may("show_subject"):
        try:
            shown = await visit.do(lambda act: show_subject(visit.desk.gallery, act, consent.subject))
        except SubjectNotFound:
            pass
        else:
            known, held = shown.complete, bool(shown.holds_in_force)
            resting = [
                each
                for each in shown.held_in
                if each.consent_required and each.purpose == consent.purpose and each.faces
            ]
            others = any(
                each.consent_id != consent.consent_id
                and (each.subject, each.purpose) == (consent.subject, consent.purpose)
                and each.valid(datetime.now(UTC))
                for each in shown.consents
            )
    return {"resting": resting, "held": held, "known": known, "others": others}


def _form(visit: Visit, draft: ConsentDraft, status: int) -> Response:
    return visit.page(
        "people/new_consent.html",
        status,
        values=draft.values,
        problems=draft.problems,
        most_evidence=MOST_EVIDENCE_BYTES,
    )


def _id(visit: Visit) -> str:
    return str(visit.http.path_params["consent_id"])


ROUTES = (
    page("/people/consents", show_consents, needs=("list_consents",)),
    page("/people/new-consent", show_new_consent, needs=("record_consent",)),
    page("/people/new-consent", record, methods=("POST",), needs=("record_consent",)),
    page("/consents/{consent_id}", show_one, needs=("show_consent",)),
    page("/consents/{consent_id}/evidence", send_evidence, needs=("show_consent",)),
    page("/consents/{consent_id}/withdraw", ask_withdrawal, needs=("withdraw_consent",)),
    page("/consents/{consent_id}/withdraw", withdraw, methods=("POST",), needs=("withdraw_consent",)),
)
