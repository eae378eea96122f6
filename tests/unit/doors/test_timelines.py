"""Bars of a timeline: none too short to be seen, none outside, no more of them than can be told apart."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.doors.timelines import bar_of, clock, merged_bars, span_in_words, ticks_of
from countenance.video.timeline import JOINED_WITHIN_MS, Presence, joined_spans

WHOLE_MS = 3_600_000
spans = st.lists(
    st.tuples(st.integers(0, WHOLE_MS), st.integers(0, 60_000)).map(
        lambda begin: (begin[0], min(begin[0] + begin[1], WHOLE_MS))
    ),
    max_size=40,
)


@given(spans)
def test_bars_are_within_the_timeline_and_apart(given_spans: list[tuple[int, int]]) -> None:
    presences = joined_spans(0, given_spans)
    bars = list(merged_bars(presences, WHOLE_MS))
    assert len(bars) <= len(presences) <= len(given_spans)
    assert all(bar.left >= 0 and bar.width >= 0.4 and bar.left + bar.width <= 100.001 for bar in bars)
    assert all(one.left + one.width < other.left for one, other in itertools.pairwise(bars))


@given(spans)
def test_joined_spans_leave_no_short_gap_and_lose_nothing(given_spans: list[tuple[int, int]]) -> None:
    joined = joined_spans(7, given_spans)
    gaps = [other.begin_ms - one.end_ms for one, other in itertools.pairwise(joined)]
    assert all(gap > JOINED_WITHIN_MS for gap in gaps)
    for begin_ms, end_ms in given_spans:
        assert any(each.begin_ms <= begin_ms and end_ms <= each.end_ms for each in joined)
    assert {each.person for each in joined} <= {7}


def test_a_span_within_another_does_not_shorten_it() -> None:
    assert joined_spans(0, [(0, 9_000), (1_000, 2_000), (9_500, 9_600)]) == [Presence(0, 0, 9_600)]


def test_a_moment_is_a_bar_that_can_be_seen_also_at_the_end() -> None:
    bar = bar_of(Presence(0, WHOLE_MS, WHOLE_MS), WHOLE_MS)
    assert (bar.left, bar.width, bar.words) == (99.6, 0.4, "1:00:00")


@pytest.mark.parametrize(("whole_ms", "words"), [(1, ["0:00"]), (13_000, ["0:00", "0:05", "0:10"])])
def test_ticks_are_few_and_round(whole_ms: int, words: list[str]) -> None:
    assert [tick.words for tick in ticks_of(whole_ms)] == words


def test_an_axis_of_hours_has_few_ticks() -> None:
    assert len(ticks_of(11 * 3_600_000)) <= 7


def test_times_are_told_as_players_do() -> None:
    assert [clock(7), clock(61), clock(3723)] == ["0:07", "1:01", "1:02:03"]
    assert span_in_words(Presence(0, 400, 4_600)) == "0:00–0:05"
    assert span_in_words(Presence(0, 400, 440)) == "0:00"
