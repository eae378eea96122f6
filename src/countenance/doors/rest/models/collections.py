"""Collections and their policies."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from countenance.doors.rest.models.fields import (
    TIME_EXAMPLE,
    Asked,
    CollectionId,
    Line,
    Moment,
    Purpose,
    Told,
    text,
)

_TAG = "countenance:"

Duration = Annotated[
    str,
    text(
        "^P([0-9]{1,3}Y)?([0-9]{1,4}M)?([0-9]{1,4}W)?([0-9]{1,5}D)?"
        "(T([0-9]{1,7}H)?([0-9]{1,9}M)?([0-9]{1,10}S)?)?$",
        40,
        3,
    ),
]
LineName = Literal[
    "jurisdiction",
    "purpose",
    "basis",
    "consent",
    "retention",
    "last-interaction",
    "purpose-met",
    "after-purpose",
    "review",
    "search",
    "watch",
    "grouping",
    "sources",
    "source",
    "portraits",
    "requires",
    "reports",
]
PictureSource = Literal["subject", "own-publication", "licensed", "official-record", "scraped", "unknown"]


class NewPolicy(Asked):
    """Lines of a policy; those that are left out are as the purpose and the jurisdiction ask, or as before.

    Each is the tag ``countenance:NAME`` of Amazon's API, with hyphens for underscores.
    """

    jurisdiction: Literal["none", "bipa", "cubi", "gdpr", "eu", "washington"] | None = Field(
        default=None, description="The law whose demands the other lines start from.", examples=["bipa"]
    )
    purpose: Purpose | None = Field(
        default=None, description="What the faces are for.", examples=["access-control"]
    )
    basis: Line | None = Field(default=None, description="The legal basis.", examples=["consent"])
    consent: Literal["required", "not-required"] | None = Field(
        default=None,
        description="Whether nobody is enrolled or found without a valid consent.",
        examples=["required"],
    )
    retention: Duration | None = Field(
        default=None,
        description="How long after its enrolment a face may stay, in ISO 8601.",
        examples=["P1Y"],
    )
    last_interaction: Duration | None = Field(
        default=None, description="How long after its subject's last interaction.", examples=["P3Y"]
    )
    purpose_met: Moment | None = Field(default=None, description="When the purpose is met.", examples=[None])
    after_purpose: Duration | None = Field(
        default=None, description="How long after that faces may stay.", examples=["P30D"]
    )
    review: Literal["none", "one", "two-person"] | None = Field(
        default=None, description="How many people must confirm a search's answer.", examples=["none"]
    )
    search: Literal["allowed", "refused"] | None = Field(
        default=None, description="Whether unknown faces may be searched for (1:N).", examples=["allowed"]
    )
    watch: Literal["allowed", "refused"] | None = Field(
        default=None, description="Whether live video may be compared with it.", examples=["refused"]
    )
    grouping: Literal["allowed", "refused"] | None = Field(
        default=None,
        description="Whether its faces may be grouped into people whom nobody has named.",
        examples=["allowed"],
    )
    sources: list[PictureSource] | None = Field(
        default=None, description="Where pictures may come from.", max_length=6, examples=[["subject"]]
    )
    source: PictureSource | None = Field(
        default=None,
        description="Where they come from, unless a request says otherwise.",
        examples=["subject"],
    )
    portraits: Literal["kept", "not-kept"] | None = Field(
        default=None,
        description="Whether small pictures are kept, encrypted, for reviewers.",
        examples=["not-kept"],
    )
    requires: list[LineName] | None = Field(
        default=None, description="Lines that must be declared.", max_length=20, examples=[["purpose"]]
    )
    reports: list[Literal["accountability", "processing", "retention", "subject"]] | None = Field(
        default=None, description="The reports that are owed.", max_length=4, examples=[["retention"]]
    )

    def tags(self) -> dict[str, str]:
        """Return the lines as Amazon's API has them."""
        return {
            f"{_TAG}{name.replace('_', '-')}": _tag_value(value) for name, value in self if value is not None
        }


class NewCollection(Asked):
    """A collection to be created, bound to the pack in use."""

    collection_id: CollectionId = Field(description="Its id.", examples=["staff"])
    policy: NewPolicy = Field(default_factory=NewPolicy, description="Its policy.")


class PolicyLine(Told):
    """One line of a policy."""

    name: str = Field(description="What it is about.", examples=["consent"])
    value: str = Field(
        description="Its value, as a tag has it; empty where there is none.", examples=["required"]
    )
    origin: str = Field(
        description="Who set it: `tag`, `settings`, `default`, a jurisdiction or a purpose.",
        examples=["bipa"],
    )
    law: str | None = Field(
        description="The law that it comes from.",
        examples=["740 ILCS 14/15(b): a written release before collection"],
    )


class Policy(Told):
    """The policy that is in force in a collection."""

    collection_id: str = Field(description="The collection.", examples=["staff"])
    lines: tuple[PolicyLine, ...] = Field(description="All lines.")
    undeclared: tuple[str, ...] = Field(
        description="Tags that must be declared and are not; until then no face is used.", examples=[[]]
    )


class Collection(Told):
    """A collection that was created."""

    collection_id: str = Field(description="Its id.", examples=["staff"])
    pack: str = Field(description="The pack that describes its faces.", examples=["dlib-cc0"])
    created_at: datetime = Field(description="When it was created.", examples=[TIME_EXAMPLE])
    policy: Policy = Field(description="Its policy.")


def _tag_value(value: str | list[str] | datetime) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, str) else " ".join(value)
