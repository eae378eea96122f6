"""A tester on servers whose settings ask for something: a test is possible, and no rule is weaker for it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contract.offices import acting, office_on, tags, vision
from countenance.access import Role, new_key_of, prefix_of_tester
from countenance.errors import ConsentMissing, NotPermitted, PolicyForbids
from countenance.operations.create_collection import create_collection
from countenance.operations.questions import Enrolling

if TYPE_CHECKING:
    from countenance.store import SqlStore
    from countenance.wiring import Office

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "let-others-test-your-server.md"
TESTER = new_key_of(Role.TESTER, "the institute", datetime.now(UTC))
MINE = f"{prefix_of_tester(TESTER.key_id)}run1"
# What the page says that a tester declares.
DECLARED = {
    "none": {},
    "bipa": {"consent": "not-required"},
    "cubi": {"consent": "not-required", "source": "licensed", "sources": "licensed"},
    "gdpr": {
        "consent": "not-required",
        "review": "none",
        "search": "allowed",
        "source": "licensed",
        "basis": "research",
        "retention": "P7D",
    },
    "washington": {"review": "none"},
}
DECLARED["eu"] = DECLARED["gdpr"]


def created(office: Office, **lines: str) -> None:
    with acting(office, TESTER) as act:
        create_collection(vision(), office.gallery, act, MINE, tags(**lines))


def review_of_a_run(office: Office) -> str:
    """Ask leave to enrol, search and compare; return who reviews answers before they count."""
    with acting(office, TESTER) as act:
        act.permit("index_faces", MINE, enrolling=Enrolling(None))
    with acting(office, TESTER) as act:
        act.permit("search_faces_by_image", MINE)
        assert act.policy is not None
        review = act.policy.review.value
    with acting(office, TESTER) as act:
        act.permit("compare_faces")
    return review


@pytest.mark.parametrize("jurisdiction", DECLARED)
def test_what_the_page_says_is_enough_in_each_jurisdiction(store: SqlStore, jurisdiction: str) -> None:
    office = office_on(store, jurisdiction=jurisdiction)
    created(office, purpose="testing", **DECLARED[jurisdiction])
    assert review_of_a_run(office) == "none"


@pytest.mark.parametrize(
    ("jurisdiction", "line"),
    [(name, line) for name, lines in DECLARED.items() for line in lines if line != "sources"],
)
def test_nothing_of_it_may_be_left_out(store: SqlStore, jurisdiction: str, line: str) -> None:
    office = office_on(store, jurisdiction=jurisdiction)
    declared = {name: value for name, value in DECLARED[jurisdiction].items() if name != line}
    try:
        created(office, purpose="testing", **declared)
        review = review_of_a_run(office)
    except (PolicyForbids, ConsentMissing):
        return
    assert line == "review"
    assert review != "none"


def test_the_page_names_every_line_that_is_declared() -> None:
    named = set(re.findall(r"countenance:([a-z-]+)", PAGE.read_text("utf-8")))
    assert {line for lines in DECLARED.values() for line in lines} <= named


def test_tags_that_every_collection_must_have_a_testers_must_have_too(store: SqlStore) -> None:
    office = office_on(store, required_tags=("purpose", "consent", "basis"))
    with pytest.raises(PolicyForbids, match="must declare, as tags: countenance:consent, countenance:basis"):
        created(office, purpose="testing")
    with pytest.raises(PolicyForbids):
        created(office, purpose="research", consent="not-required", basis="research")
    created(office, purpose="testing", consent="not-required", basis="research")
    assert review_of_a_run(office) == "none"


def test_a_tester_cannot_loosen_what_another_collection_asks_for(store: SqlStore) -> None:
    office = office_on(store)
    for operation in ("tag_collection", "untag_collection"):
        for collection_id in ("staff", MINE):
            with pytest.raises(NotPermitted), acting(office, TESTER) as act:
                act.permit(operation, collection_id, tags=tags(search="allowed"))
