"""How often answers were right: counted once in the ledger, whoever counts and whatever becomes of them."""

from __future__ import annotations

import itertools
import json
import threading
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.offices import BOSS, CLERK, acting, create, enrol, entries, found, key, looking_like, office_on
from contract.reviewing import ANN, BOB, CONFIRM, FIRST, REJECT, SECOND, searched, vote
from countenance.errors import NotPermitted
from countenance.governance.accuracy import Counts
from countenance.operations.accuracy import counting
from countenance.operations.accuracy.show_accuracy import show_accuracy
from countenance.operations.delete_collection import delete_collection
from countenance.operations.erase_subject import erase_subject
from new_faces import new_face

if TYPE_CHECKING:
    from countenance.access import AccessKey
    from countenance.gallery.values import Collection
    from countenance.operations.accuracy.show_accuracy import Accuracy
    from countenance.store import SqlStore
    from countenance.wiring import Office

FMR_AT_80 = 1e-3


@pytest.fixture
def office(store: SqlStore) -> Office:
    return office_on(store)


@pytest.fixture
def watched(office: Office) -> Collection:
    """A collection of three people, two of whom look alike, whose searches one person reviews."""
    collection = create(office, "watch-list", review="one")
    enrol(
        office,
        collection,
        new_face(1, "max"),
        looking_like(2, 1, "moritz", likeness=0.9),
        new_face(3, "lina"),
    )
    return collection


def accuracy(office: Office, by: AccessKey = BOSS, **days: date) -> Accuracy:
    with acting(office, by) as act, office.store.reading_ledger() as ledger:
        return show_accuracy(ledger, act, **days)


def counts(office: Office, by: AccessKey = BOSS, **days: date) -> Counts:
    return accuracy(office, by, **days).overall.counts


def waiting(office: Office, number: int, collection_id: str = "watch-list") -> str:
    """Search for a numbered face who is found, and return the review."""
    review_id = searched(office, collection_id, number)
    assert review_id is not None
    return review_id


@pytest.mark.usefixtures("watched")
def test_every_answer_is_counted_by_what_became_of_it(office: Office) -> None:
    assert found(office, "watch-list", 99) == []
    vote(office, ANN, waiting(office, 1), CONFIRM, FIRST)  # beside max stands moritz, who is another
    vote(office, ANN, waiting(office, 1), REJECT)
    vote(office, ANN, waiting(office, 3), REJECT)
    waiting(office, 3)
    counted = counts(office)
    expected = Counts(
        searches=5,
        comparisons=15,
        stated_false_matches=15 * FMR_AT_80,
        stated_false_positives=5 * (1 - (1 - FMR_AT_80) ** 3),
        least_threshold=80.0,
        most_threshold=80.0,
        confirmed=1,
        rejected=2,
        open=1,
        false_candidates=1 + 2 + 1,
        false_candidates_squared=1 + 4 + 1,
        undecided_candidates=1,
    )
    assert nearly(counted, expected)
    (of_collection,) = accuracy(office).collections
    assert (of_collection.collection_id, of_collection.estimates.counts) == ("watch-list", counted)


def test_where_two_disagree_or_somebody_is_erased_or_the_collection_goes_it_is_counted_apart(
    office: Office, watched: Collection
) -> None:
    two = create(office, "wanted", review="two-person")
    enrol(office, two, new_face(1, "max"))
    disputed = waiting(office, 1, "wanted")
    vote(office, ANN, disputed, CONFIRM, FIRST)
    assert counts(office).open == 1
    vote(office, BOB, disputed, REJECT)
    assert counts(office).disagreed == 1
    waiting(office, 3)
    with acting(office) as act:
        erase_subject(office.gallery, act, "lina")
    waiting(office, 1)
    told = counts(office)
    assert (told.disagreed, told.void, told.open, told.gone) == (1, 1, 1, 0)
    with acting(office) as act:
        delete_collection(office.gallery, act, watched.collection_id)
    told = counts(office)
    assert (told.searches, told.disagreed, told.void, told.open, told.gone) == (3, 1, 0, 0, 2)
    assert told.undecided_candidates == 1 + 1 + 2


@pytest.mark.usefixtures("watched")
def test_who_is_erased_after_the_first_of_two_votes_makes_the_review_void(office: Office) -> None:
    enrol(office, create(office, "wanted", review="two-person"), new_face(1, "max"))
    vote(office, ANN, waiting(office, 1, "wanted"), REJECT)
    assert counts(office).open == 1
    with acting(office) as act:
        erase_subject(office.gallery, act, "max")
    assert (counts(office).open, counts(office).void) == (0, 1)


def test_reviews_of_a_collection_that_is_being_deleted_are_gone_already(
    office: Office, watched: Collection
) -> None:
    waiting(office, 3)
    with office.gallery.changing() as change:
        change.hide_collection(watched, "a-request")
    assert (counts(office).open, counts(office).gone) == (0, 1)


def test_a_search_that_had_nobody_to_search_for_is_none(office: Office) -> None:
    nobody = search_entry(0, "2026-01-01", "wanted", 0, size=10)
    for fact in ("gallery", "threshold", "threshold_fmr", "results"):
        del nobody[fact]
    office.store.append(nobody)
    office.store.append(search_entry(1, "2026-01-01", "wanted", 0, size=10) | {"outcome": "ImageBroken"})
    assert counts(office) == Counts()


@pytest.mark.usefixtures("watched")
def test_what_was_decided_stays_decided_when_who_was_found_is_erased(office: Office) -> None:
    vote(office, ANN, waiting(office, 1), REJECT)
    vote(office, ANN, waiting(office, 1), CONFIRM, SECOND)
    before = counts(office)
    with acting(office) as act:
        erase_subject(office.gallery, act, "moritz")
    with acting(office) as act:
        delete_collection(office.gallery, act, "watch-list")
    assert counts(office) == before


def test_searches_that_nobody_reviews_and_tests_are_not_counted(office: Office) -> None:
    for name, lines in (("open", {}), ("tried", {"review": "one", "purpose": "testing"})):
        enrol(office, create(office, name, **lines), new_face(1, "max"))
    assert found(office, "open", 1) == ["max"]
    waiting(office, 1, "tried")
    with pytest.raises(NotPermitted):
        found(office, "open", 1, by=key("stranger", collections=("other",)))
    told = accuracy(office)
    assert (told.overall.counts, told.collections, told.months) == (Counts(), (), ())


@pytest.mark.usefixtures("watched")
def test_a_key_is_told_of_its_collections_alone(office: Office) -> None:
    enrol(office, create(office, "wanted", review="one"), new_face(1, "max"))
    waiting(office, 1)
    waiting(office, 1, "wanted")
    waiting(office, 1, "wanted")
    assert counts(office).searches == 3
    for pattern, searches in (("wan*", 2), ("watch-list", 1), ("nothing", 0)):
        told = accuracy(office, key("reader", collections=(pattern,)))
        assert told.overall.counts.searches == searches
        assert sum(each.estimates.counts.searches for each in told.months) == searches
        assert "watch-list" not in str(told) or pattern == "watch-list"
    with pytest.raises(NotPermitted):
        accuracy(office, key("searcher", operations=("search_*",)))


def test_asking_is_recorded_and_counts_nothing_twice(office: Office, watched: Collection) -> None:
    for _ in range(3):
        waiting(office, 1, watched.collection_id)
        assert [accuracy(office, CLERK).overall.counts.searches for _ in range(2)] == [
            len(entries(office, operation="search_faces_by_image"))
        ] * 2
    assert [entry["outcome"] for entry in entries(office, operation="show_accuracy")] == ["done"] * 6


def entry(place: int, day: str, **facts: Any) -> dict[str, Any]:
    """Return a made-up entry."""
    time = f"{day}T12:00:00.{place:06}+00:00"
    return {"v": 1, "request": f"request-{place}", "key": "clerk", "outcome": "done", "time": time, **facts}


def search_entry(
    place: int, day: str, collection_id: str, found_faces: int, size: int, threshold: float = 80.0
) -> dict[str, Any]:
    """Return the entry of a search whose answer people review."""
    review = {"review": f"review-{place}"} if found_faces else {}
    return entry(
        place,
        day,
        operation="search_faces_by_image",
        collection=collection_id,
        gallery=size,
        threshold=f"{threshold:.2f}",
        threshold_fmr="0.001",
        reasons=["search:allowed", "review:one"],
        results=[["erased", "90.00"]] * found_faces,
        **review,
    )


def vote_entry(place: int, of: int, state: str, others: int = 0) -> dict[str, Any]:
    facts = {"others": others} if state == "confirmed" else {}
    return entry(place, "2026-12-31", operation="vote_on_review", review=f"review-{of}", state=state, **facts)


def test_a_search_belongs_to_its_day_whenever_it_is_decided(office: Office) -> None:
    days = ("2026-01-31", "2026-02-01", "2026-02-28", "2026-03-01")
    for place, day in enumerate(days):
        office.store.append(search_entry(place, day, "wanted", 1, size=100, threshold=80 + place))
    for place in range(3):
        office.store.append(vote_entry(10 + place, place, "rejected"))
    told = accuracy(office)
    by_month = {each.month: each.estimates.counts for each in told.months}
    assert {
        month: (each.searches, each.rejected, each.open + each.gone) for month, each in by_month.items()
    } == {
        "2026-01": (1, 1, 0),
        "2026-02": (2, 2, 0),
        "2026-03": (1, 0, 1),
    }
    february = counts(office, since=date(2026, 2, 1), until=date(2026, 2, 28))
    assert february == by_month["2026-02"]
    assert (february.least_threshold, february.most_threshold) == (81, 82)
    assert counts(office, since=date(2026, 3, 1)).searches == 1
    assert counts(office, until=date(2026, 2, 1)).searches == 2
    assert counts(office, since=date(2026, 3, 2)) == Counts()


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Made-up ledgers: searches, votes on some of them, and entries of other things in between."""
    made: list[dict[str, Any]] = []
    waiting_for: list[tuple[int, int]] = []
    for place in range(draw(st.integers(1, 25))):
        kind = draw(st.sampled_from(["search", "search", "vote", "other"]))
        if kind == "vote" and waiting_for:
            of, candidates = waiting_for.pop(draw(st.integers(0, len(waiting_for) - 1)))
            state = draw(st.sampled_from(["rejected", "confirmed", "disagreed"]))
            made.append(vote_entry(place, of, state, draw(st.integers(0, candidates - 1))))
        elif kind == "search":
            found_faces = draw(st.integers(0, 4))
            day = f"2026-0{draw(st.integers(1, 3))}-1{draw(st.integers(0, 2))}"
            name = draw(st.sampled_from(["wanted", "missing"]))
            made.append(search_entry(place, day, name, found_faces, draw(st.integers(0, 900))))
            if found_faces:
                waiting_for.append((place, found_faces))
        else:
            made.append(entry(place, "2026-01-01", operation="detect_faces", faces=2))
    return made


def slowly_counted(history: list[dict[str, Any]]) -> dict[tuple[str, str], Counts]:
    """Count a made-up ledger as one would by hand; none of its reviews is there any more."""
    decided = {each["review"]: each for each in history if each["operation"] == "vote_on_review"}
    sums: dict[tuple[str, str], Counts] = {}
    for each in history:
        if each["operation"] != "search_faces_by_image":
            continue
        size, candidates = each["gallery"], len(each["results"])
        one = Counts(1, size, size / 1000, 1 - 0.999**size, 80.0, 80.0)
        if candidates:
            vote_on_it = decided.get(each["review"], {"state": "gone"})
            state, others = vote_on_it["state"], vote_on_it.get("others", 0)
            false = {"rejected": candidates, "confirmed": others}.get(state, 0)
            known = {"rejected": candidates, "confirmed": others + 1}.get(state, 0)
            one = replace(
                one,
                **{state: 1},
                false_candidates=false,
                false_candidates_squared=false**2,
                undecided_candidates=candidates - known,
            )
        which = each["collection"], each["time"][:7]
        sums[which] = sums.get(which, Counts()).plus(one)
    return sums


def nearly(counted: Counts, expected: Counts) -> bool:
    """Tell whether counts are equal but for the rounding of sums."""
    stated = counted.stated_false_matches, counted.stated_false_positives
    wanted = expected.stated_false_matches, expected.stated_false_positives
    same = replace(expected, stated_false_matches=stated[0], stated_false_positives=stated[1])
    return stated == pytest.approx(wanted) and counted == same


# Every example adds to the ledger of one database: what was counted before it is taken off.
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories(), batch=st.integers(1, 30), looks=st.integers(0, 3))
def test_counting_in_parts_is_counting_by_hand(
    office: Office, history: list[dict[str, Any]], batch: int, looks: int
) -> None:
    example = next(_examples)
    for each in history:
        if "collection" in each:
            each["collection"] += f"-{example}"
        if "review" in each:
            each["review"] += f"-{example}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "_BATCH", batch)
        for place, each in enumerate(history, start=1):
            office.store.append(each)
            if place % (len(history) // (looks + 1) + 1) == 0:
                accuracy(office)
        accuracy(office)
        with office.register.governance.reading() as reader:
            months = reader.counted_months(None, None)
    told = {
        (each.collection_id, each.month): each.counts
        for each in months
        if each.collection_id.endswith(f"-{example}")
    }
    expected = slowly_counted(history)
    assert told.keys() == expected.keys()
    for which, sums in expected.items():
        assert nearly(told[which], sums)


_examples = itertools.count()


def test_two_who_count_at_once_count_each_entry_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "_BATCH", 7)
    for place in range(300):
        office.store.append(search_entry(place, "2026-01-01", "wanted", place % 2, size=10))
    told: list[Counts] = []

    def ask() -> None:
        told.append(counts(office))

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert [(each.searches, each.undecided) for each in told] == [(300, 150)] * 4


def test_a_batch_that_is_not_committed_is_counted_the_next_time(office: Office) -> None:
    for place in range(20):
        office.store.append(search_entry(place, "2026-01-01", "wanted", 1, size=10))
    with suppress(Interrupted), office.store.writing() as writer, office.store.reading_ledger() as ledger:
        tally = counting.tally_of(json.loads(content) for _, content in ledger.entries())
        assert writer.add_tally(tally, 0, ledger.head().size)
        raise Interrupted
    with office.store.reading() as reader:
        assert reader.entries_counted() == 0
    assert counts(office).searches == 20


class Interrupted(Exception):
    """What no transaction expects."""


def test_the_votes_of_before_others_were_noted_leave_them_undecided(office: Office) -> None:
    office.store.append(search_entry(0, "2026-01-01", "wanted", 3, size=10))
    old = vote_entry(1, 0, "confirmed")
    del old["others"]
    office.store.append(old)
    told = counts(office)
    assert (told.confirmed, told.false_candidates, told.undecided_candidates) == (1, 0, 2)
