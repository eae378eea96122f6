"""Reviews in the console: side by side, in random order, without scores until it is decided."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from console.conftest import signed_in
from console.reviewed import MOST_SIMILAR, Reviewed

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser

    from console.visitor import Page, Visitor
    from rest.api import Api
    from serving import RunningServer

SCORE = re.compile(r"similarity [\d.]+ of 100")


@pytest.fixture(scope="session")
def two(console: RunningServer, api: Api, collins: bytes) -> Reviewed:
    """A collection that two people review, which keeps portraits."""
    return Reviewed(console, api, "two-person", collins, "kept")


@pytest.fixture(scope="session")
def one(console: RunningServer, api: Api, collins: bytes) -> Reviewed:
    """A collection that one person reviews, which keeps no portraits."""
    return Reviewed(console, api, "one", collins, "not-kept")


@pytest.fixture
def reviewer(api: Api, visitor: Callable[[Api], Visitor]) -> Callable[[], Visitor]:
    """Signs in reviewers, each with a key of their own that may review and nothing else."""
    limits = {"operations": ["list_reviews", "show_review", "vote_on_review"]}
    return lambda: visitor(api.with_key(**limits))


def choices(page: Page) -> dict[str, str]:
    """Return, by the name of a candidate, what the form sends where they are chosen."""
    cards = page.all(".candidate")
    named = [(card.select(".candidate-name"), card.select("input")[0]["value"]) for card in cards]
    return {names[0].get_text(): str(value) for names, value in named if names}


def decide(visitor: Visitor, review_id: str, choice: str, note: str = "") -> Page:
    path = f"/console/reviews/{review_id}"
    return visitor.post(f"{path}/vote", {"choice": choice, "note": note}, shown_on=path)


def test_candidates_come_in_an_order_that_says_nothing_and_stays(
    two: Reviewed, reviewer: Callable[[], Visitor]
) -> None:
    review_id = two.ask()
    first_ones = set()
    for _ in range(6):
        somebody = reviewer()
        pages = [somebody.get(f"/console/reviews/{review_id}") for _ in range(2)]
        orders = [list(choices(page)) for page in pages]
        assert orders[0] == orders[1]
        assert sorted(orders[0]) == ["ann", "bea", "cat", MOST_SIMILAR, "dot"]
        assert "In random order." in pages[0].text
        assert not SCORE.search(pages[0].text)
        assert not re.search(rb"9\d\.\d{2,}", pages[0].content)
        first_ones.add(orders[0][0])
    assert len(first_ones) > 1


def test_one_person_decides_and_then_sees_the_scores(one: Reviewed, reviewer: Callable[[], Visitor]) -> None:
    somebody, review_id = reviewer(), one.ask()
    page = somebody.get(f"/console/reviews/{review_id}")
    assert page.all("img.probe")
    assert page.text.count("No picture is kept of this face") == 5
    assert not page.all(".candidate img")
    decided = decide(somebody, review_id, choices(page)[MOST_SIMILAR], note="the same scar\nas in 2019")
    assert decided.status == 200
    assert decided.says("Your decision is recorded, and the review is decided.", "the same scar as in 2019")
    assert len(SCORE.findall(decided.text)) == 5
    assert decided.one(".candidate.confirmed .candidate-name").get_text() == MOST_SIMILAR
    assert decided.says("The picture was destroyed when the review was decided.")
    assert not decided.all("form[data-review] button")


def test_of_two_each_decides_without_seeing_what_the_other_did(
    two: Reviewed, reviewer: Callable[[], Visitor]
) -> None:
    first, second, review_id = reviewer(), reviewer(), two.ask()
    path = f"/console/reviews/{review_id}"
    page = first.get(path)
    assert page.says("Two people decide, each alone.")
    assert len(page.all(".candidate img.picture")) == 5
    voted = decide(first, review_id, choices(page)["ann"], note="quite sure")
    assert voted.says("You have decided; the other sees nothing of it", "quite sure")
    assert not SCORE.search(voted.text)
    seen_by_second = second.get(path)
    assert "quite sure" not in seen_by_second.text
    assert not seen_by_second.all(".candidate.confirmed")
    decided = decide(second, review_id, choices(seen_by_second)["bea"])
    assert decided.says("Two people saw it differently", "quite sure")
    assert len(SCORE.findall(decided.text)) == 5
    assert first.get("/console/reviews?state=disagreed").all(f"a[href='{path}']")


def test_who_asked_sees_no_candidates_and_may_not_decide(two: Reviewed, admin: Visitor) -> None:
    review_id = two.ask()
    page = admin.get(f"/console/reviews/{review_id}")
    assert page.says("You asked, so others decide, and you do not see whom the search found.")
    assert not page.all(".candidate")
    assert MOST_SIMILAR not in page.text
    refused = decide(admin, review_id, "none")
    assert refused.status == 403
    assert refused.says("Nothing was changed: who asked may not decide, and nobody decides twice.")


def test_nobody_decides_twice_nor_what_is_decided(one: Reviewed, two: Reviewed, reviewer: Any) -> None:
    somebody, other = reviewer(), reviewer()
    twice = two.ask()
    decide(somebody, twice, "none")
    assert decide(somebody, twice, "none").status == 403
    closed = one.ask()
    decide(other, closed, "none")
    late = decide(somebody, closed, "none")
    assert late.status == 409
    assert late.says("this review was decided before you sent your decision")


def test_a_decision_without_a_choice_keeps_what_was_typed(one: Reviewed, reviewer: Any) -> None:
    somebody, review_id = reviewer(), one.ask()
    for choice in ("", "somebody", "candidate:nobody"):
        page = decide(somebody, review_id, choice, note="<script>alert(1)</script>")
        assert page.status == 422
        assert page.says("Nothing was decided")
        assert page.one("textarea[name=note]").get_text() == "<script>alert(1)</script>"
    assert decide(somebody, review_id, "none", note="x" * 2001).status == 422


def test_reviewers_go_from_one_to_the_next_and_back(two: Reviewed, reviewer: Any) -> None:
    somebody = reviewer()
    reviews = [two.ask() for _ in range(3)]
    page = somebody.get(f"/console/reviews/{reviews[0]}")
    page = somebody.get(str(page.one("a[rel=next]")["href"]))
    assert page.path == f"/console/reviews/{reviews[1]}"
    decide(somebody, reviews[1], "none")
    page = somebody.get(f"/console/reviews/{reviews[2]}")
    assert somebody.get(str(page.one("a[rel=prev]")["href"])).path == f"/console/reviews/{reviews[0]}"
    last = somebody.get(str(page.one("a[rel=next]")["href"]))
    assert last.says("No more reviews wait for you.")
    assert somebody.get("/console/reviews/next?after=forged").status == 422


def test_a_key_that_may_only_look_is_offered_no_decision(
    two: Reviewed, api: Api, visitor: Callable[[Api], Visitor]
) -> None:
    auditor = visitor(api.with_key(operations=["list_*", "show_*"]))
    review_id = two.ask()
    page = auditor.get(f"/console/reviews/{review_id}")
    assert page.says("Your access key may look at reviews, but not decide them.")
    assert not page.all("form[data-review] button")
    assert decide(auditor, review_id, "none").status == 403
    stranger = visitor(api.with_key(operations=["search_*"]))
    assert not stranger.get("/console/").all("nav a[href='/console/reviews']")
    assert stranger.get("/console/reviews").status == 403


def test_two_people_review_by_keyboard(
    two: Reviewed, api: Api, browser: Browser, console: RunningServer
) -> None:
    before, review_id = two.ask(), two.ask()
    windows = [browser.new_context(base_url=console.endpoint_url, locale="en") for _ in range(2)]
    tabs = [
        signed_in(window, api.with_key(operations=["*_review", "*_reviews", "*_on_review"]))
        for window in windows
    ]
    for tab in tabs:
        tab.goto(f"/console/reviews/{before}")
        tab.keyboard.press("j")
        tab.wait_for_url(f"**/reviews/{review_id}")
        names = tab.locator(".candidate-name").all_inner_texts()
        tab.keyboard.press("n")
        assert tab.get_by_label("None of them").is_checked()
        tab.keyboard.press(str(names.index(MOST_SIMILAR) + 1))
        assert tab.locator(".candidate input:checked + label .candidate-name").inner_text() == MOST_SIMILAR
        tab.get_by_label("Note").fill("j, k and n are letters here")
        assert tab.locator("input:checked").count() >= 1
        tab.locator(".candidate input:checked").focus()
        tab.keyboard.press("Enter")
        tab.get_by_text("Your decision is recorded").wait_for()
    first, second = tabs
    assert second.get_by_text("Somebody was recognised").is_visible()
    first.reload()
    assert first.locator(".candidate.confirmed .candidate-name").inner_text() == MOST_SIMILAR
    first.keyboard.press("k")
    first.wait_for_url(f"**/reviews/{before}")
    first.get_by_label("Keyboard").uncheck()
    first.keyboard.press("j")
    first.keyboard.press("n")
    assert first.locator(".candidate input:checked").count() == 0
    assert first.url.endswith(before)
    for window in windows:
        window.close()
