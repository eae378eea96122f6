"""Each match of a search comes with what is needed to weigh it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contract.offices import (
    CLERK,
    acting,
    create,
    enrol,
    entries,
    key,
    looking_like,
    make_user,
    office_on,
    vision,
)
from countenance.access import AccessKey
from countenance.operations.weigh_answers import (
    WeighedAnswer,
    least_false_match_rate,
    weigh_search_by_face,
    weigh_search_by_user,
)
from countenance.store import SqlStore
from countenance.wiring import Office
from new_faces import face_id, new_face

PICTURE = b"\xff\xd8 a small picture of somebody"


@pytest.fixture
def office(store: SqlStore) -> Office:
    return office_on(store)


def like(office: Office, number: int, by: AccessKey = CLERK, least: float = 80) -> WeighedAnswer:
    with acting(office, by) as act:
        return weigh_search_by_face(
            vision(), office.gallery, act, "staff", face_id(number), most=10, least_similarity=least
        )


def test_a_match_says_how_often_strangers_are_so_alike_and_how_many_of_so_many_would_be(
    office: Office,
) -> None:
    faces = [
        new_face(1, "ann"),
        looking_like(2, 1, "ann-again"),
        *(new_face(number) for number in range(3, 9)),
    ]
    enrol(office, create(office, "staff"), *faces)
    answer = like(office, 1)
    (match,) = answer.matches
    assert match.face is not None
    assert match.face.external_image_id == "ann-again"
    assert answer.gallery_size == 8
    assert match.weight.false_match_rate == answer.least_rate == least_false_match_rate(vision())
    assert match.weight.expected_false_matches == pytest.approx(8 * match.weight.false_match_rate)
    assert answer.threshold.false_match_rate == pytest.approx(1e-3)
    assert answer.threshold.expected_false_matches == pytest.approx(8e-3)
    (entry,) = entries(office, operation="search_faces")
    assert entry["gallery"] == answer.gallery_size


def test_whom_a_user_is_like_is_weighed_by_the_number_of_users(office: Office) -> None:
    staff = create(office, "staff")
    one, two, _ = enrol(office, staff, new_face(1), looking_like(2, 1), new_face(3))
    make_user(office, staff, "ann", [one])
    make_user(office, staff, "bea", [two])
    with acting(office, CLERK) as act:
        answer = weigh_search_by_user(
            vision(), office.gallery, act, "staff", "ann", most=10, least_similarity=80
        )
    (match,) = answer.matches
    assert match.user is not None
    assert (match.user.user_id, answer.gallery_size) == ("bea", 2)


def test_portraits_come_with_matches_for_who_may_see_them_and_that_is_entered(office: Office) -> None:
    staff = create(office, "staff", portraits="kept")
    enrol(office, staff, new_face(1), replace(looking_like(2, 1), portrait=PICTURE))
    assert [match.portrait for match in like(office, 1).matches] == [PICTURE]
    searcher = key("searcher", operations=("search_faces",))
    assert [match.portrait for match in like(office, 1, by=searcher).matches] == [None]
    by_clerk, by_searcher = entries(office, operation="search_faces")
    assert len(by_clerk["portraits"]) == 1
    assert "portraits" not in by_searcher


def test_an_answer_that_waits_for_review_holds_nobody(office: Office) -> None:
    staff = create(office, "staff", review="one", portraits="kept")
    enrol(office, staff, new_face(1), replace(looking_like(2, 1), portrait=PICTURE))
    answer = like(office, 1)
    assert answer.matches == ()
    assert answer.review_id is not None
    (entry,) = entries(office, operation="search_faces")
    assert "portraits" not in entry
