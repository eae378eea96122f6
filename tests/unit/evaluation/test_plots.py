"""Plots are small, stand by themselves, are the same each time, and say in words what they show."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from countenance.errors import ExtraMissing
from countenance.evaluation.comparisons import Comparisons, Scale
from countenance.evaluation.plots.curves import NamedCurve, det_plot
from countenance.evaluation.plots.groups import NamedScores, forest_plot, heat_map, score_histograms
from countenance.evaluation.plots.lines import (
    AtSize,
    BySize,
    MatchedAt,
    MatchedBy,
    StatedAndSeen,
    gallery_plot,
    reliability_plot,
    threshold_plot,
)
from countenance.evaluation.plots.sheet import plain
from countenance.evaluation.rates import det_curve
from countenance.reporting import Estimate, Figure

if TYPE_CHECKING:
    from collections.abc import Callable

SCALE = Scale("comparison score", (-1.0, 0.5, 1.0), (0.0, 80.0, 100.0))
LONG = "a group whose name is far too long for any axis, with <markup> & \x07 in it"


def comparisons(count: int, centre: float, seed: int = 0) -> Comparisons:
    scores = np.clip(np.random.default_rng(seed).normal(centre, 0.15, count), -1, 1)
    return Comparisons.of(scores, np.arange(count), np.arange(count) + count)


def estimate(value: float | None, people: int = 50) -> Estimate:
    if value is None:
        return Estimate(None, subjects=people)
    return Estimate(value, value / 2, min(1.0, 2 * value + 1e-4), 1, 1000, people)


def det(curves: int = 1) -> Figure:
    named = [
        NamedCurve(
            f"curve {number}", det_curve(comparisons(500, 0.7), comparisons(9000, 0.1, number)), 9000, ()
        )
        for number in range(curves)
    ]
    return det_plot(named, caption="Detection error trade-off")


def histograms(groups: int = 1) -> Figure:
    sets = [
        NamedScores(f"group {number}", comparisons(count, centre, number), mated=mated)
        for number in range(groups)
        for count, centre, mated in ((300, 0.7, True), (3000, 0.1, False))
    ]
    return score_histograms(sets, SCALE, (80, 99), caption="Scores")


def forest() -> Figure:
    names = ["ash", LONG, "cedar", "dogwood"]
    rates = [estimate(1e-3), estimate(2e-2), estimate(0.0), estimate(None)]
    return forest_plot(names, rates, overall=estimate(2e-3), label="false match rate", caption="FMR by group")


def grid() -> Figure:
    cells = {(0, 0): estimate(1e-3), (0, 1): estimate(0.0), (1, 1): estimate(3e-2)}
    return heat_map(["ash", LONG], cells, label="false match rate", caption="FMR between groups")


def galleries() -> Figure:
    sizes = (
        AtSize(100, estimate(1e-2), estimate(1.1e-2), None),
        AtSize(1000, None, estimate(0.1), estimate(0.05)),
    )
    return gallery_plot([BySize("similarity 80", sizes)], caption="By gallery")


def thresholds() -> Figure:
    at = tuple(MatchedAt(similarity, estimate(rate), rate) for similarity, rate in ((80.0, 0.2), (99.0, 0.0)))
    return threshold_plot([MatchedBy("all", at), MatchedBy(LONG, at)], caption="Matched")


def reliability() -> Figure:
    bins = [StatedAndSeen(0.1, 0.08, 400), StatedAndSeen(0.9, 0.95, 30)]
    return reliability_plot(bins, caption="Reliability")


PLOTS: list[Callable[[], Figure]] = [
    det,
    lambda: det(12),
    histograms,
    lambda: histograms(4),
    forest,
    grid,
    galleries,
    thresholds,
    reliability,
]


@pytest.mark.parametrize("plot", PLOTS)
def test_a_plot_is_svg_that_loads_nothing_and_runs_nothing(plot: Callable[[], Figure]) -> None:
    svg = plot().svg
    root = ET.fromstring(svg)  # noqa: S314 - made here
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    names = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert not names & {"script", "image", "foreignObject", "iframe"}
    for element in root.iter():
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            if name.endswith("href"):
                assert value.startswith("#")
    assert b"@import" not in svg
    assert b"url(http" not in svg


@pytest.mark.parametrize("plot", PLOTS)
def test_a_plot_is_small_and_the_same_each_time(plot: Callable[[], Figure]) -> None:
    first, again = plot(), plot()
    assert first.svg == again.svg
    assert len(first.svg) < 100_000
    assert not re.search(rb"\d{4}-\d\d-\d\d", first.svg)


@pytest.mark.parametrize("plot", PLOTS)
def test_a_plot_says_what_it_shows_and_has_its_numbers(plot: Callable[[], Figure]) -> None:
    figure = plot()
    assert figure.shows.endswith(".")
    assert len(figure.shows) > 30
    assert figure.data.rows
    assert all(len(row) == len(figure.data.columns) for row in figure.data.rows)


def test_the_worst_is_named_in_words() -> None:
    assert f"Highest: {LONG}" in forest().shows
    assert f"Highest: {LONG} with {LONG}, 0.0300" in grid().shows


def test_groups_without_errors_or_comparisons_are_drawn_as_such() -> None:
    nothing = [estimate(None), Estimate(0.0, 0.0, 3e-3, 0, 1000, 20)]
    figure = forest_plot(["ash", "beech"], nothing, overall=None, label="FMR", caption="Nothing")
    assert b"no comparisons" in figure.svg
    empty = heat_map(["ash"], {(0, 0): Estimate(None)}, label="FMR", caption="Nothing")
    assert ET.fromstring(empty.svg) is not None  # noqa: S314 - made here


def test_scores_that_are_all_the_same_can_be_drawn() -> None:
    same = Comparisons.of(np.full(10, 0.5), np.arange(10), np.arange(10) + 10)
    figure = score_histograms([NamedScores("all", same, mated=True)], SCALE, (80,), caption="Constant")
    assert len(figure.data.rows) == 1
    assert figure.data.rows[0][1] == 1.0


def test_thresholds_far_from_all_scores_do_not_squeeze_the_plot() -> None:
    near = NamedScores("all", comparisons(50, 0.0), mated=False)
    far = score_histograms([near], SCALE, (99.9,), caption="Far")
    assert b"99.9" not in far.svg


def test_what_cannot_be_seen_is_not_in_a_plot() -> None:
    assert plain("a\x07b\nc\u202ed") == "a�b c�d"
    assert b"\x07" not in forest().svg
    assert b"<markup>" not in forest().svg


def test_without_matplotlib_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ExtraMissing, match=re.escape("pip install 'countenance[evaluation]'")):
        grid()
