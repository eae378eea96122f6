"""Records of consent."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from countenance.doors.rest.models.fields import (
    ID_EXAMPLE,
    KEY_EXAMPLE,
    LINE,
    REQUEST_EXAMPLE,
    SHA256_EXAMPLE,
    TEXT,
    TIME_EXAMPLE,
    Asked,
    Content,
    Listed,
    Moment,
    Purpose,
    Sha256,
    Subject,
    Told,
    text,
)
from countenance.operations.keep_consents import ConsentMethod

_MOST_NOTICE = 100_000
_SUBJECT = "Who consented: the ExternalImageId, or the UserId, under which faces are enrolled."
_PURPOSE = "What they consented to: the purpose of the collections in which they may be enrolled."


class NewEvidence(Asked):
    """What shows that somebody consented, such as the scan of a signed release; it is kept encrypted."""

    media_type: Annotated[str, text(r"^[a-z0-9!#$&^_.+\-]+/[a-z0-9!#$&^_.+\-]+$", 100)] = Field(
        description="Its media type.", examples=["application/pdf"]
    )
    content_base64: Content = Field(description="Its bytes; 5,242,880 at most.", examples=["JVBERi0xLjcK"])


class NewConsent(Asked):
    """One person's consent to one purpose."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": [name], "properties": {name: {"type": "string"}}}
                for name in ("notice_text", "notice_sha256")
            ]
        }
    )

    subject: Subject = Field(description=_SUBJECT, examples=["eileen-collins"])
    purpose: Purpose = Field(description=_PURPOSE, examples=["access-control"])
    notice_version: Annotated[str, text(LINE, 100)] = Field(
        description="Which notice they were shown.", examples=["2026-02"]
    )
    notice_text: Annotated[str, text(TEXT, _MOST_NOTICE)] | None = Field(
        default=None,
        description="The notice's text, of which the hash is kept; either this or `notice_sha256`.",
        examples=["We keep a template of your face to open the door for you."],
    )
    notice_sha256: Sha256 | None = Field(
        default=None, description="The SHA-256 of the notice's text, in hexadecimal.", examples=[None]
    )
    method: Annotated[ConsentMethod, Field(strict=False)] = Field(
        description="How they consented.", examples=["written-release"]
    )
    signer: Annotated[str, text(LINE, 255)] | None = Field(
        default=None,
        description="Who signed, where the subject did not; a guardian must be named.",
        examples=[None],
    )
    given_at: Moment | None = Field(
        default=None, description="When they consented; now where nothing is said.", examples=[None]
    )
    expires_at: Moment | None = Field(
        default=None,
        description="Until when; without it, until they withdraw.",
        examples=["2028-03-01T00:00:00Z"],
    )
    evidence: NewEvidence | None = Field(default=None, description="What shows it.")

    @model_validator(mode="after")
    def _has_one_notice(self) -> Self:
        if (self.notice_text is None) == (self.notice_sha256 is None):
            raise ValueError("either notice_text or notice_sha256 is wanted")
        return self


class Consent(Told):
    """A consent as it is recorded."""

    consent_id: str = Field(description="Its id.", examples=[ID_EXAMPLE])
    subject: str = Field(description=_SUBJECT, examples=["eileen-collins"])
    purpose: str = Field(description=_PURPOSE, examples=["access-control"])
    state: str = Field(description="`valid`, `withdrawn`, `expired` or `future`.", examples=["valid"])
    notice_version: str = Field(description="Which notice they were shown.", examples=["2026-02"])
    notice_sha256: str = Field(description="The SHA-256 of its text.", examples=[SHA256_EXAMPLE])
    method: ConsentMethod = Field(description="How they consented.", examples=["written-release"])
    signer: str | None = Field(description="Who signed, where the subject did not.", examples=[None])
    given_at: datetime = Field(description="Since when it holds.", examples=[TIME_EXAMPLE])
    expires_at: datetime | None = Field(description="Until when.", examples=["2028-03-01T00:00:00Z"])
    withdrawn_at: datetime | None = Field(description="When it was withdrawn.", examples=[None])
    evidence_media_type: str | None = Field(
        description="The media type of the evidence; null where there is none.", examples=["application/pdf"]
    )
    evidence_sha256: str | None = Field(description="The evidence's SHA-256.", examples=[SHA256_EXAMPLE])
    recorded_at: datetime = Field(description="When it was recorded here.", examples=[TIME_EXAMPLE])
    recorded_by: str = Field(description="The access key that recorded it.", examples=[KEY_EXAMPLE])


class ConsentWithEvidence(Consent):
    """A consent and, where it was asked for, what shows it."""

    evidence_base64: str | None = Field(
        description="The evidence's bytes; null where there is none, or it was not asked for.",
        examples=["JVBERi0xLjcK"],
    )


class Withdrawal(Told):
    """A consent that has ended, and what was erased with it."""

    consent: Consent = Field(description="The consent, ended.")
    erased_faces: int = Field(
        description="How many faces rested on it and were erased at once.", examples=[3]
    )
    held: bool = Field(
        description="Whether a legal hold keeps the faces; they are found no more and erased when it ends.",
        examples=[False],
    )
    request_id: str = Field(
        description="The request: `/v1/receipts/{request_id}` proves the erasure.", examples=[REQUEST_EXAMPLE]
    )


class ConsentPage(Listed[Consent]):
    """One page of consents."""
