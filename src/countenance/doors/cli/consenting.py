"""The work of ``countenance consent …``."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.doors.cli.files import check_target, read_content, write_content
from countenance.doors.cli.governance_records import consent_record
from countenance.doors.cli.outcomes import WrongUsage, tell
from countenance.doors.cli.records import json_line
from countenance.doors.cli.tables import print_facts, print_rows
from countenance.doors.cli.words import count, time_in_words
from countenance.doors.cli.work import at_work
from countenance.operations.keep_consents import (
    MOST_EVIDENCE_BYTES,
    ConsentMethod,
    Evidence,
    NewConsent,
    list_consents,
    record_consent,
    show_consent,
    withdraw_consent,
)

if TYPE_CHECKING:
    from pathlib import Path

    from countenance.doors.cli.work import Work
    from countenance.governance import Consent

_MOST_NOTICE_BYTES = 52_428_800
_PAGE = 1000
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True)
class Given:
    """A consent as the user gives it."""

    subject: str
    purpose: str
    notice: Path | None
    notice_sha256: str | None
    notice_version: str
    method: str
    signer: str | None
    given_at: datetime | None
    expires_at: datetime | None
    evidence: Path | None


def record(file: Path | None, data_dir: Path | None, given: Given, *, as_json: bool) -> None:
    """Keep a consent and print its id.

    Raises:
        WrongUsage: the notice is not named once, or a file cannot be read.
    """
    new = NewConsent(
        subject=given.subject,
        purpose=given.purpose,
        notice_version=given.notice_version,
        notice=_notice_sha256(given),
        method=ConsentMethod(given.method),
        signer=given.signer,
        given_at=given.given_at,
        expires_at=given.expires_at,
        evidence=_evidence(given.evidence) if given.evidence is not None else None,
    )
    with at_work(file, data_dir) as work:
        consent = record_consent(work.act, new)
    if as_json:
        print(json_line(consent_record(consent, datetime.now(UTC))))
    else:
        print_facts({"consent": consent.consent_id, "notice sha256": consent.notice_sha256})


def show_list(file: Path | None, data_dir: Path | None, subject: str | None, *, as_json: bool) -> None:
    """Print consents."""
    with at_work(file, data_dir) as work:
        consents, now = _all(work, subject), datetime.now(UTC)
    if as_json:
        for consent in consents:
            print(json_line(consent_record(consent, now)))
        return
    print_rows(
        ("id", "subject", "purpose", "state", "given", "until", "method", "notice"),
        [
            (
                consent.consent_id,
                consent.subject,
                consent.purpose,
                consent.state(now),
                time_in_words(consent.given_at),
                time_in_words(consent.ends_at),
                consent.method,
                consent.notice_version,
            )
            for consent in consents
        ],
    )


def show(
    file: Path | None, data_dir: Path | None, consent_id: str, evidence_out: Path | None, *, as_json: bool
) -> None:
    """Print a consent; what is attached to it goes into a file or nowhere.

    Raises:
        WrongUsage: nothing is attached that could be written.
    """
    if evidence_out is not None:
        check_target(evidence_out)
    with at_work(file, data_dir) as work:
        consent, evidence = show_consent(work.act, consent_id)
    if as_json:
        print(json_line(consent_record(consent, datetime.now(UTC))))
    else:
        _print(consent)
    if evidence_out is not None:
        if evidence is None:
            raise WrongUsage(f"nothing is attached to the consent {consent_id}")
        write_content(evidence_out, evidence, private=True)
        tell(f"the evidence is in {evidence_out}")


def withdraw(file: Path | None, data_dir: Path | None, consent_id: str, *, as_json: bool) -> None:
    """End a consent and print the request whose receipt shows what was erased."""
    with at_work(file, data_dir) as work:
        withdrawal = withdraw_consent(work.office.gallery, work.act, consent_id)
        request_id = work.act.request_id
    if as_json:
        outcome = {"faces_erased": withdrawal.erased_faces, "held": withdrawal.held}
        print(json_line({"consent_id": consent_id, **outcome, "request_id": request_id}))
    else:
        print_facts({"faces erased": withdrawal.erased_faces, "request": request_id})
    if withdrawal.held:
        tell("nobody finds them any more, but a legal hold keeps their faces from being erased")
    else:
        tell(f"the consent is withdrawn and {count(withdrawal.erased_faces, 'face')} erased")


def _print(consent: Consent) -> None:
    print_facts(
        {
            "consent": consent.consent_id,
            "subject": consent.subject,
            "purpose": consent.purpose,
            "state": consent.state(datetime.now(UTC)),
            "notice": f"version {consent.notice_version}, sha256 {consent.notice_sha256}",
            "method": consent.method,
            "signer": consent.signer,
            "given": time_in_words(consent.given_at),
            "expires": time_in_words(consent.expires_at),
            "withdrawn": time_in_words(consent.withdrawn_at),
            "evidence": consent.evidence_type
            and f"{consent.evidence_type}, sha256 {consent.evidence_sha256}",
            "recorded": f"{time_in_words(consent.recorded_at)} by {consent.recorded_by}",
        }
    )


def _all(work: Work, subject: str | None) -> list[Consent]:
    consents: list[Consent] = []
    after_key: int | None = 0
    while after_key is not None:
        page = list_consents(work.act, subject=subject, most=_PAGE, after_key=after_key)
        consents += page.items
        after_key = page.next_after
    return consents


def _notice_sha256(given: Given) -> str:
    """Return the digest that `sha256sum` prints of the notice."""
    if (given.notice is None) == (given.notice_sha256 is None):
        raise WrongUsage("name the notice that was shown with either --notice or --notice-sha256")
    if given.notice_sha256 is not None:
        if _SHA256.fullmatch(given.notice_sha256) is None:
            raise WrongUsage("--notice-sha256 is 64 hexadecimal digits, as sha256sum prints them")
        return given.notice_sha256.lower()
    assert given.notice is not None  # noqa: S101 - one of the two is
    content = read_content(given.notice, _MOST_NOTICE_BYTES)
    if not content:
        raise WrongUsage(f"the notice {given.notice} is empty")
    return hashlib.sha256(content).hexdigest()


def _evidence(path: Path) -> Evidence:
    media_type, encoding = mimetypes.guess_type(path.name)
    known = media_type is not None and encoding is None
    content = read_content(path, MOST_EVIDENCE_BYTES)
    return Evidence(content, media_type if known and media_type else "application/octet-stream")
