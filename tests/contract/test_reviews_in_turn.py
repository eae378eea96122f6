"""Who reviews goes from one review to the next that waits for them, and back."""

from __future__ import annotations

import pytest

from contract.offices import CLERK, acting, create, enrol, key, office_on
from contract.reviewing import ANN, BOB, CONFIRM, EVE, FIRST, REJECT, searched, shown, vote
from countenance.access import AccessKey
from countenance.operations.review_answers import may_vote, nearest_review
from countenance.store import SqlStore
from countenance.wiring import Office
from new_faces import new_face


@pytest.fixture
def office(store: SqlStore) -> Office:
    office = office_on(store)
    enrol(office, create(office, "watch-list", review="two-person"), new_face(1, "ann"))
    enrol(office, create(office, "doors", review="one"), new_face(1, "ann"))
    return office


def asked(office: Office, collection_id: str = "watch-list", by: AccessKey = CLERK) -> str:
    review_id = searched(office, collection_id, by=by)
    assert review_id is not None
    return review_id


def nearest(office: Office, to: str | None, by: AccessKey = EVE, *, before: bool = False) -> str | None:
    place = shown(office, to).key if to is not None else 0
    with acting(office, by) as act:
        review = nearest_review(act, place, before=before)
    return review.review_id if review is not None else None


def test_it_goes_from_the_first_to_the_last_and_back(office: Office) -> None:
    first, second, third = (asked(office) for _ in range(3))
    assert nearest(office, None) == first
    assert [nearest(office, each) for each in (first, second, third)] == [second, third, None]
    backwards = [nearest(office, each, before=True) for each in (third, second, first)]
    assert backwards == [second, first, None]


def test_what_is_decided_or_was_voted_on_or_asked_by_oneself_is_passed_over(office: Office) -> None:
    first, decided, voted, own, last = (
        asked(office), asked(office), asked(office), asked(office, by=EVE), asked(office),
    )  # fmt: skip
    for by in (ANN, BOB):
        vote(office, by, decided, REJECT)
    vote(office, EVE, voted, CONFIRM, FIRST)
    assert nearest(office, first) == last
    assert nearest(office, last, before=True) == first
    assert nearest(office, decided) == last
    assert nearest(office, first, by=BOB) == voted
    assert may_vote(shown(office, voted, by=BOB), "bob")
    assert not may_vote(shown(office, voted), "eve")
    assert not may_vote(shown(office, own), "eve")


def test_those_of_collections_that_the_key_may_not_use_are_passed_over(office: Office) -> None:
    first, _, last = asked(office), asked(office, "doors"), asked(office)
    guard = key("guard", collections=("watch-*",))
    assert nearest(office, first, by=guard) == last
    assert nearest(office, last, by=guard, before=True) == first
    assert nearest(office, None, by=key("other", collections=("other",))) is None
