"""The form that records a consent: as it was filled in, what is wrong with it, and what is to be kept."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from countenance.doors.console.days import day_of, read_day
from countenance.operations.keep_consents import MOST_EVIDENCE_BYTES, ConsentMethod, Evidence, NewConsent

if TYPE_CHECKING:
    from countenance.doors.console.forms import Form

_FIELDS = ("subject", "purpose", "notice_version", "notice", "method", "signer", "given", "expires", "proof")
_FORMS = {
    "subject": re.compile(r"[a-zA-Z0-9_.\-:]{1,255}"),
    "purpose": re.compile(r"[a-z0-9][a-z0-9-]{0,63}"),
}
_LENGTHS = {"notice_version": 100, "notice": 100_000}
_DAYS = ("given", "expires")
_MOST_FILLED_IN = 255

_PLAIN, _UNKNOWN = "text/plain", "application/octet-stream"
_KINDS = (
    (b"%PDF-", "application/pdf", "pdf"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"\x89PNG\r\n", "image/png", "png"),
)
"""By its first bytes, what a file is: its name and what the browser says may be anything."""


@dataclass(frozen=True, slots=True)
class ConsentDraft:
    """A form that records a consent.

    Attributes:
        values: the fields as they were filled in.
        evidence: what shows that the person consented.
        problems: by field, what is wrong with it.
    """

    values: dict[str, str]
    evidence: Evidence | None = None
    problems: dict[str, str] = field(default_factory=dict)

    def to_be_kept(self) -> NewConsent:
        """Return the consent that a form without problems describes."""
        values, given, expires = self.values, *(read_day(self.values[name]) for name in _DAYS)
        # Who says today means a moment ago, wherever on earth that is.
        is_today = given is None or given.date() == datetime.now(UTC).date()
        return NewConsent(
            subject=values["subject"],
            purpose=values["purpose"],
            notice_version=values["notice_version"],
            notice=values["notice"],
            method=ConsentMethod(values["method"]),
            signer=values["signer"] or None,
            given_at=None if is_today else given,
            expires_at=expires + timedelta(days=1) if expires is not None else None,
            evidence=self.evidence,
        )


def new_draft(subject: str, purpose: str) -> ConsentDraft:
    """Return the form as it is first shown."""
    filled_in = {"subject": subject[:_MOST_FILLED_IN], "purpose": purpose[:_MOST_FILLED_IN]}
    return ConsentDraft(
        dict.fromkeys(_FIELDS, "") | filled_in | {"method": ConsentMethod.WRITTEN_RELEASE.value}
    )


def read_draft(form: Form) -> ConsentDraft:
    """Read the form; nothing raises, for what is wrong is shown beside the field."""
    values = {name: form.text(name) for name in _FIELDS}
    evidence = _evidence(form)
    problems = {name: "characters" for name, pattern in _FORMS.items() if not pattern.fullmatch(values[name])}
    problems |= {name: "length" for name, most in _LENGTHS.items() if not 0 < len(values[name]) <= most}
    problems |= {name: "day" for name in _DAYS if values[name] and read_day(values[name]) is None}
    if values["given"] > day_of(datetime.now(UTC)):
        problems.setdefault("given", "future")
    if values["method"] not in set(ConsentMethod):
        problems["method"] = "choice"
    if values["method"] == ConsentMethod.GUARDIAN and not values["signer"]:
        problems["signer"] = "guardian"
    if evidence is not None and len(evidence.content) > MOST_EVIDENCE_BYTES:
        problems["evidence"] = "large"
    return ConsentDraft(values, evidence, problems)


def ending_of(evidence_type: str | None) -> str:
    """Return how the name of a file with evidence ends."""
    endings = {kind: ending for _, kind, ending in _KINDS} | {_PLAIN: "txt"}
    return endings.get(evidence_type or "", "bin")


def _evidence(form: Form) -> Evidence | None:
    """Return what shows the consent: a file, or else a text."""
    upload = form.file("evidence")
    if upload is not None and upload.content:
        kinds = (kind for magic, kind, _ in _KINDS if upload.content.startswith(magic))
        return Evidence(upload.content, next(kinds, _UNKNOWN))
    text = form.text("proof")
    return Evidence(text.encode(errors="replace"), _PLAIN) if text else None
