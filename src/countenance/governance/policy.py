"""The policy of a collection: what its tags say, on top of what its purpose and jurisdiction ask.

Tags are how code that speaks only Amazon's API declares a policy: `countenance:purpose`,
`countenance:retention` and the others of `LINES`.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from countenance.errors import PolicyInvalid
from countenance.governance.presets import BY_PURPOSE, PRESETS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PREFIX: Final = "countenance:"

_WORD = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_DAY_SECONDS = 86_400
_SECONDS_OF = (365 * _DAY_SECONDS, 30 * _DAY_SECONDS, 7 * _DAY_SECONDS, _DAY_SECONDS, 3600, 60, 1)
_DURATION = re.compile(
    r"P(?:(\d{1,12})Y)?(?:(\d{1,12})M)?(?:(\d{1,12})W)?(?:(\d{1,12})D)?"
    r"(?:T(?=.)(?:(\d{1,12})H)?(?:(\d{1,12})M)?(?:(\d{1,12})S)?)?",
    re.ASCII,
)
_LONGEST_SECONDS = 200 * _SECONDS_OF[0]
# With what is added to them times must stay times that there are.
_YEARS = range(1900, 3000)


class ReviewMode(enum.StrEnum):
    """How many people must agree before an answer counts."""

    NONE = "none"
    ONE = "one"
    TWO_PERSON = "two-person"


class Source(enum.StrEnum):
    """Where a picture came from."""

    SUBJECT = "subject"
    OWN_PUBLICATION = "own-publication"
    LICENSED = "licensed"
    OFFICIAL_RECORD = "official-record"
    SCRAPED = "scraped"
    UNKNOWN = "unknown"

    @classmethod
    def parse(cls, text: str) -> Source:
        """Read a source; raises PolicyInvalid."""
        return cls(_one_of(text, tuple(cls)))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a policy: its value as a tag has it, who set it, and the law it comes from, if any."""

    name: str
    value: str
    origin: str
    law: str | None


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be done in a collection, and how long its faces stay.

    Attributes:
        jurisdiction: the preset it starts from.
        purpose: what the faces are for.
        basis: the legal basis.
        retention: how long after its enrolment a face may stay.
        after_last_interaction: how long after its subject's last interaction.
        purpose_met_at: when the purpose is, or was, met.
        after_purpose: how long after that faces may stay.
        consent_required: whether nobody is enrolled or found without a valid consent.
        review: how many people must confirm an answer of a search.
        search_allowed: whether the collection may be searched for unknown faces (1:N).
        watch_allowed: whether live video may be compared with it, where searches and a purpose are, too.
        grouping_allowed: whether its faces may be grouped into people whom nobody has named.
        sources: where pictures may come from.
        source: where they come from, unless a request says otherwise.
        keeps_portraits: whether a small picture of each face is kept, encrypted, for people to look at.
        required: the lines that must be declared by tags.
        reports: the reports that are owed.
        lines: everything above as it is shown, and why.
    """

    jurisdiction: str
    purpose: str | None
    basis: str | None
    retention: timedelta | None
    after_last_interaction: timedelta | None
    purpose_met_at: datetime | None
    after_purpose: timedelta
    consent_required: bool
    review: ReviewMode
    search_allowed: bool
    watch_allowed: bool
    grouping_allowed: bool
    sources: frozenset[Source]
    source: Source
    keeps_portraits: bool
    required: tuple[str, ...]
    reports: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def ends_use(self) -> bool:
        """Whether there is anything that can end the use of a face before it is erased."""
        ends = (self.retention, self.after_last_interaction, self.purpose_met_at)
        return self.consent_required or any(end is not None for end in ends)

    @property
    def may_be_watched(self) -> bool:
        """Whether live video may be compared with the faces, which is a search, for a declared purpose."""
        return self.watch_allowed and self.search_allowed and self.purpose is not None

    @property
    def undeclared(self) -> tuple[str, ...]:
        """The tags that must be declared and are not; one that says nothing declares nothing."""
        declared = {line.name for line in self.lines if line.origin == "tag" and line.value.strip()}
        return tuple(f"{PREFIX}{name}" for name in self.required if name not in declared)


@dataclass(frozen=True, slots=True)
class Template:
    """What holds for every collection: the jurisdiction where none is declared, and lines that must be."""

    jurisdiction: str = "none"
    required: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _jurisdiction(self.jurisdiction)
        for name in self.required:
            _one_of(name, tuple(LINES))


def governing(tags: Mapping[str, str]) -> dict[str, str]:
    """Return the tags that declare a policy; others may hold anything."""
    return {name: value for name, value in tags.items() if name.startswith(PREFIX)}


def policy_of(tags: Mapping[str, str], template: Template | None = None) -> Policy:
    """Return the policy that a collection's tags declare; tags of other names mean nothing here.

    Raises:
        PolicyInvalid: a tag that begins with ``countenance:`` is unknown, or its value is.

    >>> policy_of({"countenance:jurisdiction": "bipa"}).consent_required
    True
    """
    given = {name.removeprefix(PREFIX): value for name, value in governing(tags).items()}
    for name in given:
        if name not in LINES:
            known = ", ".join(f"{PREFIX}{line}" for line in LINES)
            raise PolicyInvalid(f"there is no tag {PREFIX}{name}; there are {known}")
    template = template or Template()
    jurisdiction = given.get("jurisdiction", template.jurisdiction)
    _parsed("jurisdiction", _jurisdiction, jurisdiction)
    purposes = BY_PURPOSE.get(given.get("purpose", ""), {})
    preset = PRESETS[jurisdiction]
    lines, values = [], {}
    for name, (parse, default) in LINES.items():
        value, origin, law = default, "default", None
        # What is stricter by purpose is not loosened by a jurisdiction that asks for less.
        for where, asked in ((jurisdiction, preset), (f"purpose {given.get('purpose')}", purposes)):
            if name in asked:
                (value, law), origin = asked[name], where
        if name == "jurisdiction":
            value, origin = jurisdiction, "tag" if name in given else "settings"
        elif name in given:
            value, origin, law = given[name], "tag", None
        if name == "requires":
            value = " ".join(dict.fromkeys((*value.split(), *template.required)))
        lines.append(Line(name, value, origin, law))
        values[name] = _parsed(name, parse, value)
    return _policy(values, tuple(lines))


def _policy(values: Mapping[str, Any], lines: tuple[Line, ...]) -> Policy:
    return Policy(
        jurisdiction=values["jurisdiction"],
        purpose=values["purpose"],
        basis=values["basis"],
        retention=values["retention"],
        after_last_interaction=values["last-interaction"],
        purpose_met_at=values["purpose-met"],
        after_purpose=values["after-purpose"] or timedelta(0),
        consent_required=values["consent"],
        review=values["review"],
        search_allowed=values["search"],
        watch_allowed=values["watch"],
        grouping_allowed=values["grouping"],
        sources=values["sources"],
        source=values["source"],
        keeps_portraits=values["portraits"],
        required=values["requires"],
        reports=values["reports"],
        lines=lines,
    )


def duration(text: str) -> timedelta:
    """Read an ISO 8601 duration such as P30D or PT12H; a year counts 365 days, a month 30.

    Raises:
        PolicyInvalid: it is none, has a fraction, is not longer than nothing or is 200 years or more.
    """
    match = _DURATION.fullmatch(text)
    counts = match.groups(default="0") if match is not None else ()
    seconds = sum(int(count) * unit for count, unit in zip(counts, _SECONDS_OF, strict=False))
    if not 0 < seconds < _LONGEST_SECONDS:
        raise PolicyInvalid(
            f"{text!r} is no ISO 8601 duration such as P30D, P3Y or PT12H, shorter than 200 years"
        )
    return timedelta(seconds=seconds)


def moment(text: str) -> datetime:
    """Read an ISO 8601 time or day; one without a zone is UTC.

    Raises:
        PolicyInvalid: it is none, or not of the years 1900 to 2999.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise PolicyInvalid(f"{text!r} is no ISO 8601 time such as 2027-01-31T00:00:00Z") from None
    if found.year not in _YEARS:
        raise PolicyInvalid(f"{text!r} is not of the years {_YEARS[0]} to {_YEARS[-1]}")
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def word(text: str) -> str:
    """Read a purpose.

    Raises:
        PolicyInvalid: it is not of lower-case letters, digits and hyphens.
    """
    if _WORD.fullmatch(text) is None:
        raise PolicyInvalid(f"{text!r} is no purpose; it has lower-case letters, digits and hyphens")
    return text


def _jurisdiction(text: str) -> str:
    return _one_of(text, tuple(PRESETS))


def _one_of(text: str, allowed: tuple[str, ...]) -> str:
    if text not in allowed:
        raise PolicyInvalid(f"{text!r} is not one of {', '.join(allowed)}")
    return text


def _choice(yes: str, no: str) -> Callable[[str], bool]:
    return lambda text: _one_of(text, (yes, no)) == yes


def _sources(text: str) -> frozenset[Source]:
    names = tuple(source.value for source in Source)
    return frozenset(Source(_one_of(name, names)) for name in text.split())


def _required(text: str) -> tuple[str, ...]:
    return tuple(_one_of(name, tuple(LINES)) for name in text.split())


def _parsed(name: str, parse: Callable[[str], Any], value: str) -> Any:
    if not value and parse in (duration, moment, word, str):
        return None
    try:
        return parse(value)
    except PolicyInvalid as error:
        raise PolicyInvalid(f"{PREFIX}{name}: {error}") from None


_ANY_SOURCE = " ".join(source.value for source in Source)

LINES: Final[dict[str, tuple[Callable[[str], Any], str]]] = {
    "jurisdiction": (_jurisdiction, "none"),
    "purpose": (word, ""),
    "basis": (str, ""),
    "consent": (_choice("required", "not-required"), "not-required"),
    "retention": (duration, ""),
    "last-interaction": (duration, ""),
    "purpose-met": (moment, ""),
    "after-purpose": (duration, ""),
    "review": (lambda text: ReviewMode(_one_of(text, tuple(ReviewMode))), "none"),
    "search": (_choice("allowed", "refused"), "allowed"),
    "watch": (_choice("allowed", "refused"), "allowed"),
    # Services that did so unasked, to let people tag photographs, were sued over it.
    "grouping": (_choice("allowed", "refused"), "refused"),
    "sources": (_sources, _ANY_SOURCE),
    "source": (lambda text: Source(_one_of(text, tuple(Source))), "unknown"),
    "portraits": (_choice("kept", "not-kept"), "not-kept"),
    "requires": (_required, ""),
    "reports": (lambda text: tuple(text.split()), ""),
}
"""By name, without the prefix: how the line is read, and its value where nobody sets it."""
