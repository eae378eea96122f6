"""What is permitted follows from the question and the time alone, and a refusal says why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.errors import ConsentMissing, MoratoriumInForce, NotPermitted, PolicyForbids, PolicyInvalid
from countenance.governance import (
    Consent,
    ConsentMethod,
    Decision,
    Enrolment,
    Kind,
    Moratorium,
    Policy,
    Question,
    Scope,
    Source,
    decide,
    policy_of,
)
from countenance.governance.kinds import RECOGNITION

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PURPOSES = ["staff-entry", "law-enforcement", "boarding"]

COMPARED: Policy | None = None
OPEN = policy_of({})
ENTRY = policy_of({"countenance:purpose": "staff-entry"})
POLICE = policy_of({"countenance:purpose": "law-enforcement"})
EUROPE = policy_of(
    {
        "countenance:jurisdiction": "eu",
        "countenance:purpose": "staff-entry",
        "countenance:basis": "consent",
        "countenance:retention": "P1Y",
    }
)
ILLINOIS = policy_of({"countenance:jurisdiction": "bipa", "countenance:purpose": "staff-entry"})
UNDECLARED = policy_of({"countenance:jurisdiction": "eu"})
PUBLIC = {"countenance:purpose": "public-space"}
GROUPED = policy_of({"countenance:purpose": "staff-entry", "countenance:grouping": "allowed"})
PURPOSELESS = policy_of({"countenance:consent": "required"})


def question(kind: Kind, policy: Policy | None = OPEN, **more: Any) -> Question:
    purpose = policy.purpose if policy is not None else None
    usual = {"purpose": purpose, "moratoria": (), "key_purposes": ("*",), "administrator": False}
    return Question(kind=kind, policy=policy, **usual | more)


def moratorium(scope: str, began: timedelta = -DAY, **more: Any) -> Moratorium:
    return Moratorium("id", Scope.parse(scope), "the council said so", NOW + began, "boss", **more)


def consent(
    given: timedelta = -DAY, expires: timedelta | None = None, withdrawn: timedelta | None = None
) -> Consent:
    return Consent(
        consent_id="id",
        subject="ann",
        purpose="staff-entry",
        notice_version="1",
        notice_sha256="0" * 64,
        method=ConsentMethod.WRITTEN_RELEASE,
        signer=None,
        given_at=NOW + given,
        expires_at=NOW + expires if expires is not None else None,
        withdrawn_at=NOW + withdrawn if withdrawn is not None else None,
        evidence_type=None,
        evidence_sha256=None,
        recorded_at=NOW,
        recorded_by="k",
    )


def enrolment(*consents: Consent, subject: str | None = "ann", source: Source = Source.SUBJECT) -> Enrolment:
    return Enrolment(subject, source, consents)


def said(decision: Decision) -> tuple[tuple[str, ...], str, str]:
    """Return a decision as something that can be compared."""
    return decision.reasons, type(decision.refusal).__name__, str(decision.refusal or "")


PERMITTED: dict[str, tuple[Question, tuple[str, ...]]] = {
    "a search of a collection without a policy": (
        question(Kind.SEARCH),
        ("search:allowed", "review:none"),
    ),
    "a search by the police, which two people review": (
        question(Kind.SEARCH, POLICE),
        ("purpose:law-enforcement", "search:allowed", "review:two-person"),
    ),
    "watching for a purpose": (
        question(Kind.WATCH, ENTRY),
        ("purpose:staff-entry", "search:allowed", "watch:allowed", "review:none"),
    ),
    "watching for the police, who review what is found": (
        question(Kind.WATCH, POLICE),
        ("purpose:law-enforcement", "search:allowed", "watch:allowed", "review:two-person"),
    ),
    "watching a public space where somebody answers for it by a tag": (
        question(Kind.WATCH, policy_of(PUBLIC | {"countenance:watch": "allowed"})),
        ("purpose:public-space", "search:allowed", "watch:allowed", "review:none"),
    ),
    "groups where the policy allows them": (
        question(Kind.MANAGE, GROUPED, groups=True),
        ("purpose:staff-entry", "grouping:allowed"),
    ),
    "grouping where searches are allowed, too": (
        question(Kind.SEARCH, GROUPED, groups=True),
        ("purpose:staff-entry", "search:allowed", "grouping:allowed", "review:none"),
    ),
    "a name for somebody who consented, wherever the picture came from": (
        question(
            Kind.ENROL,
            replace(GROUPED, sources=frozenset()),
            groups=True,
            enrolment=Enrolment("ann", None, (consent(),), names=True),
        ),
        ("purpose:staff-entry", "grouping:allowed", "consent:valid"),
    ),
    "an enrolment from anywhere where nobody asks": (
        question(Kind.ENROL, enrolment=enrolment(subject=None, source=Source.UNKNOWN)),
        ("source:unknown",),
    ),
    "an enrolment of somebody who consented": (
        question(Kind.ENROL, ILLINOIS, enrolment=enrolment(consent())),
        ("purpose:staff-entry", "source:subject", "consent:valid"),
    ),
    "an enrolment on the second of two consents": (
        question(Kind.ENROL, ILLINOIS, enrolment=enrolment(consent(withdrawn=-DAY), consent(expires=DAY))),
        ("purpose:staff-entry", "source:subject", "consent:valid"),
    ),
    "an association of faces that are there": (question(Kind.ENROL, ENTRY), ("purpose:staff-entry",)),
    "a comparison of two pictures": (question(Kind.COMPARE, COMPARED), ()),
    "a comparison by a key for one purpose where no picture is used": (
        question(Kind.READ, COMPARED, key_purposes=("staff-entry",)),
        (),
    ),
    "a look by a key for this purpose": (
        question(Kind.READ, ENTRY, key_purposes=("boarding", "staff-*")),
        ("purpose:staff-entry",),
    ),
    "an erasure in a collection that does not declare what it must": (question(Kind.ERASE, UNDECLARED), ()),
    "an administrator's change of the policy": (
        question(Kind.ADMINISTER, ENTRY, administrator=True, declares=True, key_purposes=("boarding",)),
        ("purpose:staff-entry",),
    ),
}

REFUSED: dict[str, tuple[Question, type[NotPermitted], str]] = {
    "an administrator's act by somebody else": (
        question(Kind.ADMINISTER),
        NotPermitted,
        "needs an administrator's access key",
    ),
    "a search during a moratorium on searches": (
        question(Kind.SEARCH, moratoria=(moratorium("search"),)),
        MoratoriumInForce,
        r"a moratorium on search is in force: the council said so$",
    ),
    "a search during one that ends": (
        question(Kind.SEARCH, moratoria=(moratorium("search", until=NOW + DAY),)),
        MoratoriumInForce,
        r"is in force until 2026-07-02T12:00:00\+00:00: the council said so$",
    ),
    "a comparison by a key for one purpose": (
        question(Kind.COMPARE, COMPARED, key_purposes=("staff-entry",)),
        PolicyForbids,
        "limited to purposes, and no purpose is declared",
    ),
    "a look by a key for one purpose where none is declared": (
        question(Kind.READ, OPEN, key_purposes=("staff-entry",)),
        PolicyForbids,
        "limited to purposes, and no purpose is declared",
    ),
    "a look by a key for another purpose": (
        question(Kind.READ, ENTRY, key_purposes=("boarding", "staff")),
        PolicyForbids,
        "may not be used for the purpose staff-entry",
    ),
    "an enrolment where something must be declared first": (
        question(Kind.ENROL, UNDECLARED),
        PolicyForbids,
        "must declare, as tags: countenance:purpose, countenance:basis, countenance:retention",
    ),
    "a collection that is made without what must be declared": (
        question(Kind.MANAGE, UNDECLARED, declares=True),
        PolicyForbids,
        "must declare, as tags: countenance:purpose",
    ),
    "a search where the law does not want one": (
        question(Kind.SEARCH, EUROPE),
        PolicyForbids,
        r"refused by its policy \(EDPB opinion 11/2024.*tag it countenance:search=allowed",
    ),
    "a search where a tag forbids it": (
        question(Kind.SEARCH, policy_of({"countenance:search": "refused"})),
        PolicyForbids,
        r"refused by its policy \(tag\)",
    ),
    "watching for a purpose that nobody has declared": (
        question(Kind.WATCH),
        PolicyForbids,
        "only for a purpose that is declared; tag the collection countenance:purpose",
    ),
    "watching for no purpose where a tag allows it": (
        question(Kind.WATCH, policy_of({"countenance:watch": "allowed"})),
        PolicyForbids,
        "only for a purpose that is declared",
    ),
    "watching a public space": (
        question(Kind.WATCH, policy_of(PUBLIC)),
        PolicyForbids,
        r"policy \(public-space purposes: no live watching\); where it is lawful.*countenance:watch=allowed",
    ),
    "watching where the law wants no surveillance": (
        question(
            Kind.WATCH,
            policy_of({"countenance:jurisdiction": "washington", "countenance:purpose": "staff-entry"}),
        ),
        PolicyForbids,
        r"policy \(RCW 43.386: no ongoing surveillance",
    ),
    "watching where the law wants neither, though a tag allows a search": (
        question(Kind.WATCH, replace(EUROPE, search_allowed=True)),
        PolicyForbids,
        r"policy \(EU AI Act Art. 5\(1\)\(h\): real-time",
    ),
    "watching where searches are refused, though a tag allows to watch": (
        question(Kind.WATCH, replace(EUROPE, watch_allowed=True)),
        PolicyForbids,
        "searching this collection is refused by its policy",
    ),
    "groups where nobody allowed them": (
        question(Kind.READ, ENTRY, groups=True),
        PolicyForbids,
        r"grouping the faces .* refused by its policy \(by default\); .* tag it countenance:grouping=allowed",
    ),
    "groups where the law asks for a consent first": (
        question(Kind.READ, ILLINOIS, groups=True),
        PolicyForbids,
        r"refused by its policy \(740 ILCS 14/15\(b\); Patel v. Facebook",
    ),
    "grouping where searches are refused": (
        question(Kind.SEARCH, replace(GROUPED, search_allowed=False), groups=True),
        PolicyForbids,
        "searching this collection is refused by its policy",
    ),
    "a name for somebody who did not consent, where no enrolment takes a consent": (
        question(Kind.ENROL, GROUPED, groups=True, enrolment=Enrolment("ann", None, names=True)),
        ConsentMissing,
        "consent to staff-entry is required and there is none of theirs",
    ),
    "a name where the purpose is unknown": (
        question(
            Kind.ENROL,
            policy_of({"countenance:grouping": "allowed"}),
            groups=True,
            enrolment=Enrolment("ann", None, (consent(),), names=True),
        ),
        ConsentMissing,
        "tag it countenance:purpose",
    ),
    "an enrolment from a source that is not wanted": (
        question(Kind.ENROL, EUROPE, enrolment=enrolment(consent(), source=Source.SCRAPED)),
        PolicyForbids,
        r"source scraped may not be.*one of licensed, official-record, own-publication, subject$",
    ),
    "an enrolment for no purpose": (
        question(Kind.ENROL, PURPOSELESS, enrolment=enrolment(consent())),
        ConsentMissing,
        "tag it countenance:purpose",
    ),
    "an enrolment of nobody by name": (
        question(Kind.ENROL, ILLINOIS, enrolment=enrolment(subject=None)),
        ConsentMissing,
        "name whose face it is by ExternalImageId",
    ),
    "an enrolment of somebody who never consented": (
        question(Kind.ENROL, ILLINOIS, enrolment=enrolment()),
        ConsentMissing,
        "consent to staff-entry is required and there is none of theirs; record one at /v1/consents",
    ),
    "an enrolment of somebody who does not consent any more": (
        question(
            Kind.ENROL, ILLINOIS, enrolment=enrolment(consent(withdrawn=-DAY), consent(expires=timedelta(0)))
        ),
        ConsentMissing,
        "what there is of theirs is expired and withdrawn",
    ),
    "an enrolment of somebody who will consent": (
        question(Kind.ENROL, ILLINOIS, enrolment=enrolment(consent(given=DAY))),
        ConsentMissing,
        "what there is of theirs is future",
    ),
}


@pytest.mark.parametrize("case", PERMITTED)
def test_what_is_permitted_has_its_reasons(case: str) -> None:
    asked, reasons = PERMITTED[case]
    assert decide(asked, NOW) == Decision(reasons)


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_is_told_why(case: str) -> None:
    asked, kind, message = REFUSED[case]
    decision = decide(asked, NOW)
    assert type(decision.refusal) is kind
    with pytest.raises(kind, match=message):
        raise decision.refusal
    assert decision.reasons[-1] == f"refused:{kind.__name__}"


def test_the_first_of_all_refusals_is_told() -> None:
    asked = question(
        Kind.ENROL,
        policy_of({"countenance:jurisdiction": "eu"}),
        purpose="boarding",
        moratoria=(moratorium("all"),),
        key_purposes=("staff-entry",),
        enrolment=enrolment(source=Source.UNKNOWN),
    )
    assert type(decide(asked, NOW).refusal) is MoratoriumInForce
    asked = replace(asked, moratoria=())
    assert "may not be used for" in str(decide(asked, NOW).refusal)
    asked = replace(asked, purpose="staff-entry")
    assert "must declare" in str(decide(asked, NOW).refusal)
    asked = replace(asked, policy=EUROPE)
    assert "of source unknown" in str(decide(asked, NOW).refusal)
    asked = replace(asked, enrolment=enrolment())
    assert type(decide(asked, NOW).refusal) is ConsentMissing
    asked = replace(asked, enrolment=enrolment(consent()))
    assert decide(asked, NOW).refusal is None


REFUSED_DURING = {
    "search": {Kind.SEARCH, Kind.WATCH},
    "enrol": {Kind.ENROL},
    "all": {Kind.SEARCH, Kind.WATCH, Kind.ENROL, Kind.COMPARE, Kind.ANALYSE, Kind.TEMPLATE},
    "purpose:staff-entry": {
        *(Kind.SEARCH, Kind.WATCH, Kind.ENROL, Kind.COMPARE, Kind.ANALYSE, Kind.TEMPLATE)
    },
    "purpose:boarding": set[Kind](),
}


@pytest.mark.parametrize("scope", REFUSED_DURING)
@pytest.mark.parametrize("kind", list(Kind))
def test_each_scope_refuses_its_kinds(kind: Kind, scope: str) -> None:
    asked = question(kind, ENTRY, moratoria=(moratorium(scope),), administrator=True)
    assert isinstance(decide(asked, NOW).refusal, MoratoriumInForce) == (kind in REFUSED_DURING[scope])


MORATORIA = st.lists(
    st.builds(
        moratorium,
        st.sampled_from(["search", "enrol", "all", *(f"purpose:{purpose}" for purpose in PURPOSES)]),
        st.sampled_from([-DAY, timedelta(0), DAY]),
        until=st.sampled_from([None, NOW, NOW + DAY]),
        lifted_at=st.sampled_from([None, NOW]),
    ),
    max_size=4,
)
CONSENTS = st.builds(
    consent,
    st.sampled_from([-DAY, timedelta(0), DAY]),
    st.sampled_from([None, timedelta(0), DAY]),
    st.sampled_from([None, -DAY]),
)
ENROLMENTS = st.builds(
    Enrolment,
    st.sampled_from([None, "ann"]),
    st.sampled_from(list(Source)),
    st.lists(CONSENTS, max_size=3).map(tuple),
)
POLICIES = st.sampled_from([None, OPEN, ENTRY, POLICE, EUROPE, ILLINOIS, UNDECLARED, PURPOSELESS])


@st.composite
def questions(draw: st.DrawFn, kinds: Sequence[Kind] = tuple(Kind)) -> Question:
    kind, policy = draw(st.sampled_from(kinds)), draw(POLICIES)
    purpose = policy.purpose if policy is not None else draw(st.sampled_from([None, *PURPOSES]))
    return Question(
        kind=kind,
        purpose=purpose,
        policy=policy,
        moratoria=draw(MORATORIA),
        key_purposes=draw(st.sampled_from([("*",), ("staff-*", "*"), ("staff-entry",), ("law-*",), ()])),
        administrator=draw(st.booleans()),
        enrolment=draw(st.none() | ENROLMENTS) if kind is Kind.ENROL else None,
        declares=kind is Kind.MANAGE and draw(st.booleans()),
    )


@given(asked=questions(tuple(set(Kind) - RECOGNITION)))
def test_no_moratorium_ever_refuses_to_read_to_manage_or_to_erase(asked: Question) -> None:
    assert type(decide(asked, NOW).refusal) is not MoratoriumInForce
    assert said(decide(asked, NOW)) == said(decide(replace(asked, moratoria=()), NOW))


@given(asked=questions(tuple(RECOGNITION)))
def test_a_moratorium_on_all_refuses_every_use_of_faces(asked: Question) -> None:
    asked = replace(asked, moratoria=[*asked.moratoria, moratorium("all")])
    assert type(decide(asked, NOW).refusal) is MoratoriumInForce


@given(asked=questions(tuple(RECOGNITION)), scope=st.sampled_from(["search", "enrol", *PURPOSES]))
def test_a_moratorium_refuses_what_is_in_its_scope_and_nothing_else(asked: Question, scope: str) -> None:
    text = f"purpose:{scope}" if scope in PURPOSES else scope
    searching = asked.kind in (Kind.SEARCH, Kind.WATCH)
    covered = scope in ("search" if searching else asked.kind.value, asked.purpose)
    before = decide(replace(asked, moratoria=()), NOW)
    after = decide(replace(asked, moratoria=(moratorium(text),)), NOW)
    if covered:
        assert type(after.refusal) is MoratoriumInForce
    else:
        assert said(after) == said(before)


@pytest.mark.parametrize(
    "over",
    [
        moratorium("all", began=timedelta(microseconds=1)),
        moratorium("all", until=NOW),
        moratorium("all", lifted_at=NOW - DAY),
        moratorium("all", until=NOW + DAY, lifted_at=NOW - DAY),
    ],
)
def test_a_moratorium_that_is_not_in_force_refuses_nothing(over: Moratorium) -> None:
    assert decide(question(Kind.SEARCH, moratoria=(over,)), NOW).refusal is None


@pytest.mark.parametrize(
    "in_force",
    [moratorium("all", began=timedelta(0)), moratorium("all", until=NOW + timedelta(microseconds=1))],
)
def test_a_moratorium_is_in_force_from_its_first_moment_to_its_last(in_force: Moratorium) -> None:
    assert type(decide(question(Kind.SEARCH, moratoria=(in_force,)), NOW).refusal) is MoratoriumInForce


@given(asked=questions())
def test_only_an_administrator_administers_and_for_that_nothing_else_is_asked(asked: Question) -> None:
    refusal = decide(replace(asked, kind=Kind.ADMINISTER, declares=False, enrolment=None), NOW).refusal
    assert (refusal is None) == asked.administrator


@given(asked=questions())
def test_a_key_for_everything_is_refused_no_purpose(asked: Question) -> None:
    refusal = decide(replace(asked, key_purposes=("*",)), NOW).refusal
    assert "access key may not" not in str(refusal)
    assert "access key is limited" not in str(refusal)


@given(asked=questions(), later=st.timedeltas(timedelta(0), timedelta(days=9999)))
def test_a_decision_depends_on_nothing_but_the_question_and_the_time(
    asked: Question, later: timedelta
) -> None:
    """It is the same again, and the same at any other time by which all the times in it are moved."""
    decision = decide(asked, NOW)
    assert said(decide(asked, NOW)) == said(decision)
    moved = decide(_moved(asked, later), NOW + later)
    assert (moved.reasons, type(moved.refusal)) == (decision.reasons, type(decision.refusal))


def _moved(asked: Question, by: timedelta) -> Question:
    def move(record: Any, *names: str) -> Any:
        times = {name: getattr(record, name) for name in names}
        return replace(record, **{name: time and time + by for name, time in times.items()})

    moratoria = [move(each, "began_at", "until", "lifted_at") for each in asked.moratoria]
    if asked.enrolment is None:
        return replace(asked, moratoria=moratoria)
    consents = [move(each, "given_at", "expires_at", "withdrawn_at") for each in asked.enrolment.consents]
    return replace(asked, moratoria=moratoria, enrolment=replace(asked.enrolment, consents=tuple(consents)))


@given(asked=questions())
def test_reasons_name_the_purpose_first_and_a_refusal_last(asked: Question) -> None:
    decision = decide(asked, NOW)
    assert (f"purpose:{asked.purpose}" in decision.reasons[:1]) == (asked.purpose is not None)
    refused = [reason for reason in decision.reasons if reason.startswith("refused:")]
    assert refused == ([] if decision.refusal is None else [decision.reasons[-1]])


@pytest.mark.parametrize(
    "text", ["", "searches", "ALL", "purpose:", "purpose:Police", "purpose:a b", "all ", "enroll"]
)
def test_a_scope_that_there_is_not_is_refused(text: str) -> None:
    with pytest.raises(PolicyInvalid, match="is no scope; there are search, enrol, all and purpose:NAME"):
        Scope.parse(text)
