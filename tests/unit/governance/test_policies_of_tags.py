"""What tags declare becomes a policy: line by line, over what the purpose and the jurisdiction ask for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.errors import PolicyInvalid
from countenance.governance import Line, Policy, ReviewMode, Source, Template, policy_of
from countenance.governance.policy import LINES, PREFIX, governing
from countenance.governance.presets import PRESETS

YEAR = timedelta(days=365)

DECLARED: list[tuple[str, str, str, Any]] = [
    ("jurisdiction", "bipa", "jurisdiction", "bipa"),
    ("purpose", "staff-entry", "purpose", "staff-entry"),
    ("basis", "GDPR Art. 9(2)(b)", "basis", "GDPR Art. 9(2)(b)"),
    ("consent", "required", "consent_required", True),
    ("consent", "not-required", "consent_required", False),
    ("retention", "P30D", "retention", timedelta(days=30)),
    ("last-interaction", "P3Y", "after_last_interaction", 3 * YEAR),
    ("purpose-met", "2027-01-31", "purpose_met_at", datetime(2027, 1, 31, tzinfo=UTC)),
    ("after-purpose", "PT12H", "after_purpose", timedelta(hours=12)),
    ("review", "none", "review", ReviewMode.NONE),
    ("review", "one", "review", ReviewMode.ONE),
    ("review", "two-person", "review", ReviewMode.TWO_PERSON),
    ("search", "allowed", "search_allowed", True),
    ("search", "refused", "search_allowed", False),
    ("watch", "allowed", "watch_allowed", True),
    ("watch", "refused", "watch_allowed", False),
    ("grouping", "allowed", "grouping_allowed", True),
    ("grouping", "refused", "grouping_allowed", False),
    ("sources", "subject licensed", "sources", frozenset({Source.SUBJECT, Source.LICENSED})),
    ("source", "scraped", "source", Source.SCRAPED),
    ("portraits", "kept", "keeps_portraits", True),
    ("portraits", "not-kept", "keeps_portraits", False),
    ("requires", "purpose basis", "required", ("purpose", "basis")),
    ("reports", "processing subject", "reports", ("processing", "subject")),
]

UNDECLARED: dict[str, Any] = {
    "jurisdiction": "none",
    "purpose": None,
    "basis": None,
    "consent_required": False,
    "retention": None,
    "after_last_interaction": None,
    "purpose_met_at": None,
    "after_purpose": timedelta(0),
    "review": ReviewMode.NONE,
    "search_allowed": True,
    "watch_allowed": True,
    "grouping_allowed": False,
    "sources": frozenset(Source),
    "source": Source.UNKNOWN,
    "keeps_portraits": False,
    "required": (),
    "reports": (),
}

_EU: dict[str, Any] = {
    "consent_required": True,
    "required": ("purpose", "basis", "retention"),
    "sources": frozenset(Source) - {Source.SCRAPED, Source.UNKNOWN},
    "search_allowed": False,
    "watch_allowed": False,
    "grouping_allowed": False,
    "review": ReviewMode.TWO_PERSON,
    "reports": ("processing", "subject"),
}
ASKED_BY: dict[str, dict[str, Any]] = {
    "none": {},
    "bipa": {
        "consent_required": True,
        "after_last_interaction": 3 * YEAR,
        "grouping_allowed": False,
        "reports": ("retention",),
    },
    "cubi": {
        "consent_required": True,
        "after_purpose": YEAR,
        "grouping_allowed": False,
        "sources": frozenset({Source.SUBJECT, Source.OWN_PUBLICATION}),
        "reports": ("retention",),
    },
    "gdpr": _EU,
    "eu": _EU,
    "washington": {
        "review": ReviewMode.ONE,
        "watch_allowed": False,
        "required": ("purpose",),
        "reports": ("accountability",),
    },
}

ATTRIBUTE = {name: attribute for name, _, attribute, _ in DECLARED}
ANOTHER_VALUE = {
    "consent": "not-required",
    "last-interaction": "P1Y",
    "reports": "",
    "after-purpose": "P1D",
    "sources": "unknown scraped",
    "requires": "",
    "search": "allowed",
    "watch": "allowed",
    "grouping": "allowed",
    "review": "none",
}
PRESET_LINES = [(jurisdiction, name) for jurisdiction, lines in PRESETS.items() for name in lines]


def tags(**lines: str) -> dict[str, str]:
    return {PREFIX + name.replace("_", "-"): value for name, value in lines.items()}


def meaning(policy: Policy) -> dict[str, Any]:
    """Return what a policy says, without how it came to say it."""
    return {name: getattr(policy, name) for name in UNDECLARED}


def line(policy: Policy, name: str) -> Line:
    (found,) = (each for each in policy.lines if each.name == name)
    return found


def test_without_tags_nothing_is_asked_for() -> None:
    policy = policy_of({})
    assert meaning(policy) == UNDECLARED
    assert [each.name for each in policy.lines] == list(LINES)
    assert {each.origin for each in policy.lines} == {"default", "settings"}
    assert {each.law for each in policy.lines} == {None}
    assert not policy.ends_use
    assert policy.undeclared == ()


@pytest.mark.parametrize(("name", "value", "attribute", "expected"), DECLARED)
def test_a_tag_declares_a_line(name: str, value: str, attribute: str, expected: object) -> None:
    policy = policy_of({PREFIX + name: value})
    assert getattr(policy, attribute) == expected
    assert line(policy, name) == Line(name, value, "tag", None)


def test_there_is_a_case_of_every_line() -> None:
    assert {name for name, *_ in DECLARED} == set(LINES)


def test_tags_of_other_names_mean_nothing() -> None:
    others = {"team": "red", "Countenance:purpose": "x", "countenance": "y", "my-countenance:purpose": "z"}
    assert policy_of(others) == policy_of({})
    assert governing({**others, **tags(purpose="entry")}) == tags(purpose="entry")


@pytest.mark.parametrize("jurisdiction", PRESETS)
def test_a_jurisdiction_asks_for_what_its_law_does_and_for_nothing_else(jurisdiction: str) -> None:
    policy = policy_of(tags(jurisdiction=jurisdiction))
    assert meaning(policy) == UNDECLARED | ASKED_BY[jurisdiction] | {"jurisdiction": jurisdiction}
    changed = {ATTRIBUTE[each.name] for each in policy.lines if each.origin == jurisdiction}
    assert changed == set(ASKED_BY[jurisdiction])
    assert all(each.law for each in policy.lines if each.origin == jurisdiction)


@pytest.mark.parametrize(("jurisdiction", "name"), PRESET_LINES)
def test_each_line_of_a_jurisdiction_is_overridden_by_a_tag_and_the_others_stay(
    jurisdiction: str, name: str
) -> None:
    before = policy_of(tags(jurisdiction=jurisdiction))
    after = policy_of(tags(jurisdiction=jurisdiction) | {PREFIX + name: ANOTHER_VALUE[name]})
    assert line(after, name) == Line(name, ANOTHER_VALUE[name], "tag", None)
    assert {key for key in UNDECLARED if getattr(before, key) != getattr(after, key)} == {ATTRIBUTE[name]}


@pytest.mark.parametrize("jurisdiction", PRESETS)
def test_law_enforcement_is_reviewed_by_two_people_under_every_law_unless_a_tag_says_otherwise(
    jurisdiction: str,
) -> None:
    police = tags(jurisdiction=jurisdiction, purpose="law-enforcement")
    assert policy_of(police).review is ReviewMode.TWO_PERSON
    assert "two people" in str(line(policy_of(police), "review").law)
    assert policy_of(police | tags(review="one")).review is ReviewMode.ONE
    assert policy_of(police | tags(review="none")).review is ReviewMode.NONE


@pytest.mark.parametrize("jurisdiction", PRESETS)
def test_a_public_space_is_not_watched_under_any_law_unless_a_tag_says_otherwise(jurisdiction: str) -> None:
    square = tags(jurisdiction=jurisdiction, purpose="public-space")
    assert not policy_of(square).watch_allowed
    assert policy_of(square | tags(watch="allowed")).watch_allowed


def test_another_purpose_asks_for_nothing_by_itself() -> None:
    assert meaning(policy_of(tags(purpose="staff-entry"))) == UNDECLARED | {"purpose": "staff-entry"}


def test_the_settings_name_the_jurisdiction_of_collections_that_declare_none() -> None:
    texan = Template("cubi")
    assert meaning(policy_of({}, texan)) == UNDECLARED | ASKED_BY["cubi"] | {"jurisdiction": "cubi"}
    assert line(policy_of({}, texan), "jurisdiction").origin == "settings"
    assert meaning(policy_of(tags(jurisdiction="none"), texan)) == UNDECLARED
    assert line(policy_of(tags(jurisdiction="cubi"), texan), "jurisdiction").origin == "tag"


def test_what_must_be_declared_and_is_not_is_named() -> None:
    assert policy_of(tags(jurisdiction="gdpr")).undeclared == tuple(tags(purpose="", basis="", retention=""))
    some = tags(jurisdiction="gdpr", purpose="entry", retention="P1Y")
    assert policy_of(some).undeclared == tuple(tags(basis=""))
    assert policy_of(some | tags(basis="contract")).undeclared == ()


@pytest.mark.parametrize("nothing", ["", " ", "\u2003"])
def test_a_tag_that_says_nothing_declares_nothing(nothing: str) -> None:
    policy = policy_of(tags(requires="basis", basis=nothing))
    assert policy.undeclared == tuple(tags(basis=""))


def test_a_default_is_no_declaration() -> None:
    assert policy_of(tags(requires="review source")).undeclared == tuple(tags(review="", source=""))


def test_the_settings_and_the_law_require_together_and_no_tag_takes_away_what_the_settings_do() -> None:
    strict = Template("washington", ("basis", "purpose"))
    assert policy_of({}, strict).required == ("purpose", "basis")
    assert policy_of(tags(requires=""), strict).required == ("basis", "purpose")
    assert policy_of(tags(requires="retention"), strict).required == ("retention", "basis", "purpose")
    assert policy_of(tags(jurisdiction="none"), strict).required == ("basis", "purpose")


@pytest.mark.parametrize(
    "template",
    [lambda: Template("mars"), lambda: Template("none", ("purpose", "colour")), lambda: Template("")],
)
def test_a_template_of_what_there_is_not_is_refused(template: Any) -> None:
    with pytest.raises(PolicyInvalid, match="is not one of"):
        template()


@pytest.mark.parametrize("name", ["colour", "", "purposes", "Purpose", "purpose ", "countenance:purpose"])
def test_a_tag_that_there_is_not_is_named_with_all_that_there_are(name: str) -> None:
    with pytest.raises(PolicyInvalid) as refused:
        policy_of({PREFIX + name: "x"})
    assert f"there is no tag {PREFIX}{name};" in str(refused.value)
    assert all(PREFIX + known in str(refused.value) for known in LINES)


BAD = {
    "jurisdiction": ["", "mars", "BIPA", "bipa "],
    "purpose": ["Staff", "staff entry", "-x", "x" * 65, "purpose:x", "ä"],
    "consent": ["", "yes", "Required", "required "],
    "retention": ["30", "P", "P-1D", "30 days"],
    "last-interaction": ["P0D", "3Y"],
    "purpose-met": ["soon", "2027-02-30", "2027-13-01T00:00:00Z", "9999-12-31"],
    "after-purpose": ["-P1D", "PT"],
    "review": ["", "two", "2"],
    "search": ["", "no"],
    "watch": ["", "true"],
    "grouping": ["", "yes"],
    "sources": ["subject,licensed", "me"],
    "source": ["", "subject licensed"],
    "portraits": ["", "yes"],
    "requires": ["colour", "purpose,basis"],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in BAD.items() for value in values]
)
def test_a_value_that_means_nothing_is_refused_by_the_name_of_its_tag(name: str, value: str) -> None:
    with pytest.raises(PolicyInvalid, match=f"^{PREFIX}{name}: "):
        policy_of({PREFIX + name: value})


@given(name=st.sampled_from(sorted(LINES)), value=st.text(max_size=30))
def test_no_value_does_worse_than_being_refused(name: str, value: str) -> None:
    said = ""
    try:
        shown = line(policy_of({PREFIX + name: value}), name).value
        # The names of required lines are joined with those that the server requires.
        assert shown == (" ".join(dict.fromkeys(value.split())) if name == "requires" else value)
    except PolicyInvalid as refused:
        said = str(refused)
    assert said == "" or said.startswith(f"{PREFIX}{name}: ")


SOME_TAGS = st.lists(st.sampled_from(DECLARED), max_size=6).map(
    lambda cases: {PREFIX + name: value for name, value, *_ in cases}
)


@given(declared=SOME_TAGS, jurisdiction=st.sampled_from(sorted(PRESETS)))
def test_a_policy_declared_line_by_line_as_it_is_shown_is_the_same_policy(
    declared: dict[str, str], jurisdiction: str
) -> None:
    shown = policy_of(declared, Template(jurisdiction))
    again = policy_of({PREFIX + each.name: each.value for each in shown.lines})
    assert meaning(again) == meaning(shown)


@given(declared=SOME_TAGS)
def test_use_ends_where_anything_can_end_it(declared: dict[str, str]) -> None:
    policy = policy_of(declared)
    ends = policy.retention, policy.after_last_interaction, policy.purpose_met_at
    assert policy.ends_use == (policy.consent_required or ends != (None, None, None))


@pytest.mark.parametrize("source", list(Source))
def test_a_source_is_read_by_its_name(source: Source) -> None:
    assert Source.parse(str(source)) is source


@pytest.mark.parametrize("text", ["", "Subject", "web", "subject ", "own_publication"])
def test_no_other_source_is_read(text: str) -> None:
    with pytest.raises(PolicyInvalid, match="is not one of subject, own-publication"):
        Source.parse(text)
