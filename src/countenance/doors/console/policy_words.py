"""The lines of a policy in the words of those who answer for it: what can be chosen, and what follows.

What may be chosen is what `docs/reference/policies.md` lists; nothing is added here. A line that is left to
the law has no tag.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from babel.units import format_unit

from countenance.doors.console.marking import N_

if TYPE_CHECKING:
    from countenance.doors.console.visit import Arrival
    from countenance.governance import Line

Kind = Literal["choice", "several", "duration", "word", "text", "day"]


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that can be chosen, what it is called, and what follows from it."""

    value: str
    label: str
    means: str


@dataclass(frozen=True, slots=True)
class LineWords:
    """A line of a policy.

    Attributes:
        name: the tag's, without its prefix.
        kind: how it is filled in.
        label: what it is called.
        hint: what it is about.
        unset: what is said where it says nothing.
        choices: what can be chosen, where it is one or several of these.
    """

    name: str
    kind: Kind
    label: str
    hint: str
    unset: str = ""
    choices: tuple[Choice, ...] = ()


_LAWS = (
    Choice("none", N_("No law in particular"), N_("Nothing is asked for but what you declare below.")),
    Choice(
        "gdpr",
        N_("European Union: GDPR"),
        N_(
            "Consent, a purpose, a legal basis and a retention period; no searching for unknown faces; two "
            "people confirm each answer."
        ),
    ),
    Choice("eu", N_("European Union: AI Act and GDPR"), N_("The same as for the GDPR.")),
    Choice(
        "bipa",
        N_("Illinois: BIPA"),
        N_("A written release before anybody is enrolled; destroyed 3 years after the last interaction."),
    ),
    Choice(
        "cubi",
        N_("Texas: CUBI"),
        N_("Consent before anybody is enrolled; destroyed 1 year after the purpose is met."),
    ),
    Choice(
        "washington",
        N_("Washington: RCW 43.386"),
        N_("A person confirms each answer; no ongoing surveillance; a declared purpose."),
    ),
)
_SOURCES = (
    Choice("subject", N_("From the person themself"), ""),
    Choice("own-publication", N_("Published by the person themself"), ""),
    Choice("licensed", N_("Licensed"), ""),
    Choice("official-record", N_("From an official record"), ""),
    Choice("scraped", N_("Collected from the web"), ""),
    Choice("unknown", N_("Not known"), ""),
)
_REPORTS = (
    Choice("retention", N_("Retention schedule"), ""),
    Choice("processing", N_("Record of processing"), ""),
    Choice("subject", N_("Report to a person"), ""),
    Choice("accountability", N_("Accountability report"), ""),
)

_BASIC = (
    LineWords(
        "jurisdiction",
        "choice",
        N_("Which law applies?"),
        N_("Whatever you leave open below is as this law asks. A preset is no legal advice."),
        choices=_LAWS,
    ),
    LineWords(
        "purpose",
        "word",
        N_("What are the faces for?"),
        N_("One word or a few, joined by hyphens, such as access-control. People consent to this purpose."),
        N_("No purpose is declared."),
    ),
    LineWords(
        "basis",
        "text",
        N_("On which legal basis?"),
        N_("In your own words, such as: consent, Art. 9(2)(a) GDPR."),
        N_("No legal basis is declared."),
    ),
    LineWords(
        "consent",
        "choice",
        N_("Must people have consented?"),
        "",
        choices=(
            Choice(
                "required",
                N_("Yes, each person"),
                N_(
                    "Nobody is enrolled or found without a valid consent of theirs. When it ends, their "
                    "faces are erased."
                ),
            ),
            Choice("not-required", N_("No"), N_("No consent is asked for.")),
        ),
    ),
    LineWords(
        "retention",
        "duration",
        N_("How long may a face stay?"),
        N_("Counted from its enrolment; then it is erased by itself."),
        N_("No limit."),
    ),
    LineWords(
        "review",
        "choice",
        N_("Who confirms what a search finds?"),
        "",
        choices=(
            Choice(
                "none",
                N_("Nobody"),
                N_("The answer of a search counts at once; no person has to confirm it first."),
            ),
            Choice(
                "one",
                N_("One person"),
                N_("Whoever searches gets no answer until a person who did not ask has confirmed it."),
            ),
            Choice(
                "two-person",
                N_("Two people"),
                N_("Two people, neither of whom asked, must confirm the answer of a search."),
            ),
        ),
    ),
    LineWords(
        "portraits",
        "choice",
        N_("Keep a small picture of each face?"),
        "",
        choices=(
            Choice(
                "not-kept",
                N_("No"),
                N_("Only numbers are kept. Nobody can look at a face again, reviewers neither."),
            ),
            Choice(
                "kept",
                N_("Yes, encrypted"),
                N_("Those who review answers, or may see portraits, can compare with their own eyes."),
            ),
        ),
    ),
    LineWords(
        "grouping",
        "choice",
        N_("May faces be grouped into people whom nobody has named?"),
        "",
        choices=(
            Choice("refused", N_("No"), N_("Faces are not grouped into people.")),
            Choice(
                "allowed",
                N_("Yes"),
                N_("The server suggests which faces are one person; a name takes that person's consent."),
            ),
        ),
    ),
    LineWords(
        "search",
        "choice",
        N_("May unknown faces be searched for?"),
        "",
        choices=(
            Choice(
                "allowed",
                N_("Yes"),
                N_("Whoever is in a picture may be searched for among all faces (1:N)."),
            ),
            Choice(
                "refused",
                N_("No"),
                N_("Nobody is searched for among all faces; two pictures can still be compared (1:1)."),
            ),
        ),
    ),
)
_FURTHER = (
    LineWords(
        "watch",
        "choice",
        N_("May live video be compared with the faces?"),
        "",
        choices=(
            Choice("allowed", N_("Yes"), N_("Where searching is allowed, too, and a purpose is declared.")),
            Choice("refused", N_("No"), N_("No camera is watched for these people.")),
        ),
    ),
    LineWords(
        "last-interaction",
        "duration",
        N_("How long after a person's last interaction may faces stay?"),
        N_("Then they are erased by themselves. Interactions are recorded on the person's page."),
        N_("No limit."),
    ),
    LineWords(
        "purpose-met",
        "day",
        N_("When is the purpose met?"),
        N_("From then on faces may stay only as long as the next line says."),
        N_("Not known."),
    ),
    LineWords(
        "after-purpose",
        "duration",
        N_("How long may faces stay after the purpose is met?"),
        "",
        N_("Not at all."),
    ),
    LineWords(
        "sources",
        "several",
        N_("Where may pictures come from?"),
        N_("Pictures from elsewhere are refused."),
        N_("From nowhere."),
        _SOURCES,
    ),
    LineWords(
        "source",
        "choice",
        N_("Where do pictures come from, unless somebody says otherwise?"),
        "",
        choices=_SOURCES,
    ),
    LineWords("reports", "several", N_("Which reports are owed?"), "", N_("None."), _REPORTS),
)
LINES = {words.name: words for words in (*_BASIC, *_FURTHER)}
LINES["requires"] = LineWords(
    "requires",
    "several",
    N_("What must be declared?"),
    N_("Until it is, nobody is enrolled, compared or searched for."),
    N_("Nothing."),
    tuple(Choice(words.name, words.label, "") for words in LINES.values()),
)
"""By name, all lines of a policy."""

ASKED_AT_FIRST = tuple(words.name for words in _BASIC)
"""What is asked when a collection is made; the rest can be set afterwards."""

_ORIGINS = {
    "tag": N_("declared for this collection"),
    "settings": N_("this server's settings"),
    "default": N_("nobody asks for more"),
}
_DURATION = re.compile(r"(\d+)([YMWDHS])|(T)")
_UNITS = {"Y": "year", "M": "month", "W": "week", "D": "day", "H": "hour", "S": "second"}


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of a policy as a page shows it, in the reader's language."""

    words: LineWords
    says: str
    means: str
    set_by: str
    law: str | None
    declared: bool


def line_shown(visit: Arrival, line: Line) -> ShownLine:
    """Return a line of a policy in the reader's language."""
    words = LINES[line.name]
    choice = next((each for each in words.choices if each.value == line.value), None)
    return ShownLine(
        words=words,
        says=value_shown(visit, line.name, line.value),
        means=visit.say(choice.means) if choice is not None and choice.means else "",
        set_by=origin_shown(visit, line.origin),
        law=line.law,
        declared=line.origin == "tag",
    )


def value_shown(visit: Arrival, name: str, value: str) -> str:
    """Return what a line says; of those with choices, the labels of what was chosen."""
    words = LINES[name]
    if not value.strip():
        return visit.say(words.unset) if words.unset else ""
    if words.kind == "duration":
        return duration_shown(value, visit.language.code)
    labels = {choice.value: choice.label for choice in words.choices}
    if words.kind == "several":
        return " · ".join(visit.say(labels[each]) if each in labels else each for each in value.split())
    return visit.say(labels[value]) if value in labels else value


def origin_shown(visit: Arrival, origin: str) -> str:
    """Return who set a line: nobody, a tag, the settings, a law, or a purpose that asks for it."""
    laws = {choice.value: choice.label for choice in _LAWS}
    if origin in laws:
        return visit.say(laws[origin])
    if origin in _ORIGINS:
        return visit.say(_ORIGINS[origin])
    return visit.say(N_("asked for by the purpose"))


def duration_shown(value: str, code: str) -> str:
    """Return an ISO 8601 duration in words, such as ``3 years``; what is none stays as it is."""
    parts, in_time = [], False
    for count, unit, time in _DURATION.findall(value):
        in_time = in_time or bool(time)
        if unit:
            name = "minute" if in_time and unit == "M" else _UNITS[unit]
            parts.append(format_unit(int(count), f"duration-{name}", "long", locale=code))
    return " ".join(parts) or value
