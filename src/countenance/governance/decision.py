"""`decide`: the one function that says whether an operation may be done, and why."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from countenance.errors import ConsentMissing, MoratoriumInForce, NotPermitted, PolicyForbids
from countenance.governance.consent import valid_consent
from countenance.governance.kinds import RECOGNITION, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from countenance.governance.consent import Consent
    from countenance.governance.moratorium import Moratorium
    from countenance.governance.policy import Policy, Source


# Watching is searching, for longer: what refuses a search refuses it, too.
_SEARCHING = frozenset({Kind.SEARCH, Kind.WATCH})


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Who is about to be enrolled, and all consents of theirs to the collection's purpose.

    Attributes:
        subject: the external image id or user id; None where nobody is named.
        source: where the picture comes from; None where no new one comes in.
        consents: all that there are, ended ones too.
        names: whether faces that are there already are said to be theirs, which takes their consent
            whatever the policy says.
        consent_id: the consent that it is said to rest on, which must then be valid, whatever the policy
            says.
    """

    subject: str | None
    source: Source | None
    consents: tuple[Consent, ...] = ()
    names: bool = False
    consent_id: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """An operation that somebody asks for.

    Attributes:
        kind: what it does.
        purpose: what for, as the collection or the record that it is about says; None where nothing says.
        policy: that of the collection, if there is one.
        moratoria: all that may be in force.
        key_purposes: the purposes that the asker's key is limited to, or patterns of them.
        administrator: whether it is an administrator's key.
        enrolment: who is to be enrolled, where somebody is.
        declares: whether the operation declares the policy, so that what is required must be there.
        groups: whether it makes, shows or changes groups of faces.
    """

    kind: Kind
    purpose: str | None
    policy: Policy | None
    moratoria: Sequence[Moratorium]
    key_purposes: tuple[str, ...]
    administrator: bool
    enrolment: Enrolment | None = None
    declares: bool = False
    groups: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer: the reasons for it, and the refusal where it is one."""

    reasons: tuple[str, ...]
    refusal: NotPermitted | None = None


def decide(question: Question, now: datetime) -> Decision:
    """Return whether an operation may be done now; what refuses it first is told.

    1. Is the key an administrator's, where one is needed?
    2. Is there a moratorium?
    3. Is the key limited to other purposes?
    4. Does the policy declare all that it must?
    5. Does the policy forbid searches?
    6. Does the policy forbid live watching, or does it not say what for?
    7. Does the policy forbid groups?
    8. May the picture come from where it comes from?
    9. Has who is to be enrolled, or named, consented?
    """
    reasons: list[str] = []
    refusal = (
        _administrator(question)
        or _moratorium(question, now)
        or _key_purposes(question)
        or _declarations(question)
        or _search(question, reasons)
        or _watch(question, reasons)
        or _grouping(question, reasons)
        or _source(question, reasons)
        or _consent(question, now, reasons)
    )
    if question.purpose is not None:
        reasons.insert(0, f"purpose:{question.purpose}")
    if refusal is not None:
        return Decision((*reasons, f"refused:{type(refusal).__name__}"), refusal)
    if question.policy is not None and question.kind in _SEARCHING:
        reasons.append(f"review:{question.policy.review}")
    return Decision(tuple(reasons))


def _administrator(question: Question) -> NotPermitted | None:
    if question.kind is Kind.ADMINISTER and not question.administrator:
        return NotPermitted("this needs an administrator's access key")
    return None


def _moratorium(question: Question, now: datetime) -> NotPermitted | None:
    for moratorium in question.moratoria:
        if moratorium.in_force(now) and moratorium.scope.covers(question.kind, question.purpose):
            until = f" until {moratorium.until.isoformat()}" if moratorium.until else ""
            return MoratoriumInForce(
                f"a moratorium on {moratorium.scope.text} is in force{until}: {moratorium.reason}"
            )
    return None


def _key_purposes(question: Question) -> NotPermitted | None:
    if "*" in question.key_purposes or question.kind is Kind.ADMINISTER:
        return None
    if question.purpose is None:
        if question.policy is None and question.kind not in RECOGNITION:
            return None
        return PolicyForbids("the access key is limited to purposes, and no purpose is declared here")
    if any(fnmatchcase(question.purpose, pattern) for pattern in question.key_purposes):
        return None
    return PolicyForbids(f"the access key may not be used for the purpose {question.purpose}")


def _declarations(question: Question) -> NotPermitted | None:
    if question.policy is None or not (question.declares or question.kind in RECOGNITION):
        return None
    undeclared = question.policy.undeclared
    if not undeclared:
        return None
    return PolicyForbids(f"the collection must declare, as tags: {', '.join(undeclared)}")


def _search(question: Question, reasons: list[str]) -> NotPermitted | None:
    if question.kind not in _SEARCHING or question.policy is None:
        return None
    if question.policy.search_allowed:
        reasons.append("search:allowed")
        return None
    return PolicyForbids(
        f"searching this collection is refused by its policy ({_law(question.policy, 'search')}); compare "
        "with one person instead, or tag it countenance:search=allowed"
    )


def _watch(question: Question, reasons: list[str]) -> NotPermitted | None:
    if question.kind is not Kind.WATCH or question.policy is None:
        return None
    if not question.policy.watch_allowed:
        return PolicyForbids(
            f"comparing live video with this collection is refused by its policy "
            f"({_law(question.policy, 'watch')}); where it is lawful, tag it countenance:watch=allowed"
        )
    if question.policy.purpose is None:
        return PolicyForbids(
            "live video may be compared only for a purpose that is declared; tag the collection "
            "countenance:purpose"
        )
    reasons.append("watch:allowed")
    return None


def _grouping(question: Question, reasons: list[str]) -> NotPermitted | None:
    if not question.groups or question.policy is None:
        return None
    if question.policy.grouping_allowed:
        reasons.append("grouping:allowed")
        return None
    return PolicyForbids(
        "grouping the faces of this collection into people is refused by its policy "
        f"({_law(question.policy, 'grouping')}); where it is lawful, tag it countenance:grouping=allowed"
    )


def _law(policy: Policy, name: str) -> str:
    """Return the law that a line comes from, or who else set it."""
    (line,) = (line for line in policy.lines if line.name == name)
    return line.law or ("by default" if line.origin == "default" else line.origin)


def _source(question: Question, reasons: list[str]) -> NotPermitted | None:
    if question.enrolment is None or question.policy is None:
        return None
    source, allowed = question.enrolment.source, question.policy.sources
    if source is None:
        return None
    if source in allowed:
        reasons.append(f"source:{source}")
        return None
    return PolicyForbids(
        f"pictures of source {source} may not be enrolled here; say where they come from with the header "
        f"x-countenance-source or the tag countenance:source, one of {', '.join(sorted(allowed))}"
    )


def _consent(question: Question, now: datetime, reasons: list[str]) -> NotPermitted | None:
    enrolment, policy = question.enrolment, question.policy
    if enrolment is None or policy is None:
        return None
    if not (policy.consent_required or enrolment.names or enrolment.consent_id is not None):
        return None
    if policy.purpose is None:
        return ConsentMissing(
            "consent is required and the collection says not for what; tag it countenance:purpose"
        )
    if enrolment.subject is None:
        return ConsentMissing(
            "consent is required; name whose face it is by ExternalImageId, as in their consent's subject"
        )
    consents = enrolment.consents
    if enrolment.consent_id is not None:
        consents = tuple(each for each in consents if each.consent_id == enrolment.consent_id)
        if not consents:
            return ConsentMissing(
                f"the consent {enrolment.consent_id} that is named is none of theirs to {policy.purpose}"
            )
    if valid_consent(consents, now) is not None:
        reasons.append("consent:valid")
        return None
    states = sorted({consent.state(now) for consent in consents})
    had = f"what there is of theirs is {' and '.join(states)}" if states else "there is none of theirs"
    return ConsentMissing(
        f"consent to {policy.purpose} is required and {had}; record one at /v1/consents or with "
        "countenance consent record"
    )
