"""Plots of rates by the size of a gallery and by threshold, and of stated against seen probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.evaluation.plots.scales import (
    NAME_LENGTH,
    decades,
    line_style,
    logarithmic,
    upright,
    upright_interval,
)
from countenance.evaluation.plots.sheet import COLOURS, MARKERS, SOFT, drawn, plain
from countenance.reporting import Figure, Table, columns, rounded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

    from countenance.evaluation.estimates import Estimate


@dataclass(frozen=True, slots=True)
class AtSize:
    """A rate in galleries of one size: measured, or extrapolated in two ways; None where there is none."""

    gallery: int
    measured: Estimate | None
    independent: Estimate | None
    trend: Estimate | None


@dataclass(frozen=True, slots=True)
class BySize:
    """A rate by the size of the gallery, at a threshold that the name tells."""

    name: str
    sizes: tuple[AtSize, ...]


def gallery_plot(lines: Sequence[BySize], *, caption: str) -> Figure:
    """Return how FPIR grows with the gallery: measured with intervals, extrapolated dashed and dotted.

    Raises:
        ExtraMissing: matplotlib is not installed.
    """
    sizes = [at.gallery for line in lines for at in line.sizes]
    rates = [
        each.value
        for line in lines
        for at in line.sizes
        for each in (at.measured, at.independent, at.trend)
        if each is not None
    ]

    def draw(canvas: Canvas) -> None:
        axes = canvas.subplots()
        logarithmic(axes, "x", *decades(map(float, sizes)))
        logarithmic(axes, "y", *decades([*rates, 1.0]))
        axes.set_xlabel("subjects in the gallery (N)")
        upright(axes, "false positive identification rate (FPIR)")
        for number, line in enumerate(lines):
            _draw_sizes(axes, line, number)
        axes.plot([], [], color=SOFT, label="measured")
        axes.plot([], [], color=SOFT, linestyle=(0, (5, 2)), label="as if independent")
        axes.plot([], [], color=SOFT, linestyle=(0, (1, 1.2)), label="by the trend")
        canvas.legend(loc="outside right upper")

    heads = columns(
        threshold="Threshold",
        gallery="Subjects",
        measured="Measured",
        independent="Independent",
        trend="Trend",
    )
    rows = tuple(
        (line.name, at.gallery, at.measured, at.independent, at.trend) for line in lines for at in line.sizes
    )
    told = [
        f"{line.name}: {rounded(known[-1].measured.value or 0.0)} measured with {known[-1].gallery:,} "
        "subjects."
        for line in lines
        if (known := [at for at in line.sizes if at.measured is not None]) and known[-1].measured is not None
    ]
    shows = " ".join(["False positive identification rate by the size of the gallery.", *told])
    return Figure(caption, drawn(caption, 8, 4.5, draw), shows, Table(caption, heads, rows))


def _draw_sizes(axes: Axes, line: BySize, number: int) -> None:
    colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
    for which, dashes in (("measured", "-"), ("independent", (0, (5, 2))), ("trend", (0, (1, 1.2)))):
        points = [
            (at.gallery, estimate)
            for at in line.sizes
            if (estimate := getattr(at, which)) is not None and estimate.value
        ]
        if points:
            axes.plot(
                [size for size, _ in points],
                [estimate.value for _, estimate in points],
                color=colour,
                linestyle=dashes,
            )
        if which == "measured":
            for size, estimate in points:
                upright_interval(axes, size, estimate, colour, marker)
    axes.plot([], [], color=colour, marker=marker, markersize=5, label=plain(line.name, NAME_LENGTH))


@dataclass(frozen=True, slots=True)
class MatchedAt:
    """The share of people who were matched at a similarity, and the share that was to be expected."""

    similarity: float
    observed: Estimate
    expected: float | None


@dataclass(frozen=True, slots=True)
class MatchedBy:
    """Shares by threshold, of a group or of all."""

    name: str
    at: tuple[MatchedAt, ...]


def threshold_plot(lines: Sequence[MatchedBy], *, caption: str) -> Figure:
    """Return which share of people who are not in the gallery is matched, by threshold.

    Thresholds stand at even distances, for what happens between 99 and 99.9 matters as much as below 90.

    Raises:
        ExtraMissing: matplotlib is not installed.
    """
    similarities = sorted({at.similarity for line in lines for at in line.at})
    places = {similarity: place for place, similarity in enumerate(similarities)}
    shares = [share for line in lines for at in line.at for share in (at.observed.value, at.expected)]
    step = 0.5 / max(1, len(lines))

    def draw(canvas: Canvas) -> None:
        axes = canvas.subplots()
        logarithmic(
            axes, "y", *decades([*shares, *(at.observed.high for line in lines for at in line.at), 1.0])
        )
        axes.set_xticks(range(len(similarities)), [f"{similarity:g}" for similarity in similarities])
        axes.set_xlim(-0.5, len(similarities) - 0.5)
        axes.set_xlabel("threshold (similarity)")
        upright(axes, "share of people falsely matched")
        for number, line in enumerate(lines):
            colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
            shift = (number - (len(lines) - 1) / 2) * step
            for at in line.at:
                upright_interval(axes, places[at.similarity] + shift, at.observed, colour, marker)
            axes.plot([], [], marker, color=colour, markersize=5, label=plain(line.name, NAME_LENGTH))
        expected = [(places[at.similarity], at.expected) for at in lines[0].at if at.expected]
        if expected:
            axes.plot(
                *zip(*expected, strict=True), color=SOFT, linestyle=(0, (5, 2)), label="expected of all"
            )
        canvas.legend(loc="outside right upper")

    heads = columns(group="Group", similarity="Similarity", observed="Observed", expected="Expected")
    rows = tuple((line.name, at.similarity, at.observed, at.expected) for line in lines for at in line.at)
    told = [
        f"{lines[0].name}: {rounded(at.observed.value or 0.0)} at similarity {at.similarity:g}."
        for at in lines[0].at
    ]
    shows = " ".join(["Share of people who are matched though they are not in the gallery.", *told])
    return Figure(caption, drawn(caption, 8, 4.2, draw), shows, Table(caption, heads, rows))


@dataclass(frozen=True, slots=True)
class StatedAndSeen:
    """Comparisons of about one stated probability: its mean, the share that was mated, their number."""

    stated: float
    seen: float
    comparisons: int


def reliability_plot(bins: Sequence[StatedAndSeen], *, caption: str) -> Figure:
    """Return a reliability diagram: the share of mated comparisons against the probability that was stated.

    Raises:
        ExtraMissing: matplotlib is not installed.
    """

    def draw(canvas: Canvas) -> None:
        above, below = canvas.subplots(2, 1, sharex=True, height_ratios=[3, 1])
        above.axline((0, 0), (1, 1), color=SOFT, linewidth=0.7)
        above.plot([each.stated for each in bins], [each.seen for each in bins], marker="o", **line_style(0))
        above.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
        upright(above, "seen: share of mated comparisons")
        below.bar([each.stated for each in bins], [each.comparisons for each in bins], 0.03, color=COLOURS[5])
        logarithmic(below, "y", *decades([1.0, *(float(each.comparisons) for each in bins)]))
        upright(below, "comparisons")
        below.set_xlabel("stated probability of one person, at even odds")

    heads = columns(stated="Stated", seen="Seen", comparisons="Comparisons")
    rows = tuple((each.stated, each.seen, each.comparisons) for each in bins)
    furthest = max((abs(each.stated - each.seen) for each in bins), default=0.0)
    shows = f"Seen against stated probability. The furthest bin is {rounded(furthest)} from the diagonal."
    return Figure(caption, drawn(caption, 6.4, 5.6, draw), shows, Table(caption, heads, rows))
