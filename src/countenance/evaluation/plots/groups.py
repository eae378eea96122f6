"""Plots of groups: how scores lie, each rate with its interval, and each two groups as a grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from countenance.evaluation.plots.scales import NAME_LENGTH, decades, logarithmic, tick, upright
from countenance.evaluation.plots.sheet import COLOURS, INK, LINE, SOFT, drawn, plain
from countenance.reporting import Column, Figure, Table, columns, rounded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

    from countenance.evaluation.comparisons import Comparisons, Floats, Scale
    from countenance.evaluation.estimates import Estimate

_BINS = 80
_TINY = 1e-7
_BRIGHT = 0.55
_MANY_GROUPS = 10
_STEPS = 24


@dataclass(frozen=True, slots=True, eq=False)
class NamedScores:
    """The comparisons of a group, or of all, and whether they are mated."""

    name: str
    comparisons: Comparisons
    mated: bool


def score_histograms(
    sets: Sequence[NamedScores], scale: Scale, thresholds: Sequence[float], *, caption: str
) -> Figure:
    """Return how scores lie: shares of comparisons by score, mated ones solid, non-mated ones dashed.

    Args:
        sets: the comparisons.
        scale: of the scores.
        thresholds: similarities that are marked.
        caption: what it shows.

    Raises:
        ExtraMissing: matplotlib is not installed.
    """
    sets = [each for each in sets if each.comparisons.total]
    edges = _edges(sets, scale)
    shares = [_shares(each.comparisons, edges) for each in sets]
    centres = (edges[1:] + edges[:-1]) / 2

    def draw(canvas: Canvas) -> None:
        axes = canvas.subplots()
        logarithmic(axes, "y", *decades([*(share for each in shares for share in each), 1.0]))
        axes.set_xlim(edges[0], edges[-1])
        hues = {name: number for number, name in enumerate(dict.fromkeys(each.name for each in sets))}
        for each, share in zip(sets, shares, strict=True):
            there = np.flatnonzero(share)
            axes.plot(
                centres[there],
                share[there],
                label=plain(_title(each), NAME_LENGTH + 12),
                color=COLOURS[hues[each.name] % len(COLOURS)],
                linestyle="-" if each.mated else (0, (4, 1.5)),
                linewidth=1.2,
            )
        for similarity in thresholds:
            score = float(scale.score(similarity))
            if not edges[0] <= score <= edges[-1]:
                continue
            axes.axvline(score, color=SOFT, linewidth=0.8)
            place = axes.get_xaxis_transform()
            axes.text(score, 1.01, f"{similarity:g}", transform=place, ha="center", fontsize=7, rotation=90)
        axes.set_xlabel(f"{scale.name}; similarities are marked above")
        upright(axes, f"share of comparisons, in bins of {edges[1] - edges[0]:.2g}")
        canvas.legend(loc="outside right upper")

    heads = (
        Column("score", scale.name.capitalize()),
        *(Column(f"share_{n}", _title(each)) for n, each in enumerate(sets, 1)),
    )
    rows = tuple(
        (float(centre), *(float(share[place]) for share in shares))
        for place, centre in enumerate(centres)
        if any(share[place] > 0 for share in shares)
    )
    told = [
        f"{each.name}, {'mated' if each.mated else 'non-mated'}: most at "
        f"{centres[int(np.argmax(share))]:.2f}."
        for each, share in zip(sets, shares, strict=True)
        if each.comparisons.total
    ]
    shows = " ".join(["Shares of comparisons by score.", *told])
    return Figure(caption, drawn(caption, 8, 4.2, draw), shows, Table(caption, heads, rows))


def _title(scores: NamedScores) -> str:
    return f"{scores.name}, {'mated' if scores.mated else 'non-mated'}"


def _edges(sets: Sequence[NamedScores], scale: Scale) -> Floats:
    """Return the edges of bins from the lowest score that there is to the highest."""
    ends: list[float] = []
    for each in sets:
        fine = each.comparisons.histogram
        if fine is None:
            ends += [float(each.comparisons.scores[-1]), float(each.comparisons.scores[0])]
        else:
            filled = np.flatnonzero(fine.counts)
            ends += [float(fine.edges[filled[0]]), float(fine.edges[filled[-1] + 1])]
    low, high = min(ends, default=scale.lowest), max(ends, default=scale.highest)
    if low == high:
        low, high = scale.lowest, scale.highest
    return np.linspace(low, high, _BINS + 1)


def _shares(comparisons: Comparisons, edges: Floats) -> Floats:
    """Return the share of comparisons in each bin."""
    if comparisons.histogram is None:
        counts, _ = np.histogram(comparisons.scores, edges)
    else:
        fine = comparisons.histogram
        counts, _ = np.histogram((fine.edges[1:] + fine.edges[:-1]) / 2, edges, weights=fine.counts)
    return np.asarray(counts / comparisons.total, np.float64)


def forest_plot(
    names: Sequence[str], estimates: Sequence[Estimate], *, overall: Estimate | None, label: str, caption: str
) -> Figure:
    """Return one rate of each group with its interval, a row each, and the rate of all as a line.

    Raises:
        ExtraMissing: matplotlib is not installed.
    """
    ends = [end for each in estimates for end in (each.value, each.low, each.high)]
    values = [*(end for end in ends if end is not None and end > _TINY), overall.value if overall else None]

    def draw(canvas: Canvas) -> None:
        axes = canvas.subplots()
        low, high = decades(values)
        logarithmic(axes, "x", low, high)
        if overall is not None and overall.value:
            axes.axvline(overall.value, color=SOFT, linewidth=1.0, linestyle=(0, (5, 2)))
        for row, each in enumerate(estimates):
            if each.value is None:
                axes.text(low, row, " no comparisons", va="center", fontsize=7, color=SOFT)
                continue
            colour = COLOURS[0]
            if each.high is not None:
                dots = "-" if each.value else ":"
                axes.plot([max(each.low or 0.0, low), each.high], [row, row], color=colour, linestyle=dots)
            if each.value:
                axes.plot(
                    [each.value], [row], "o", color=colour, markersize=5, markeredgecolor="white", zorder=4
                )
            people = f"  {each.subjects:,} people" if each.subjects is not None else ""
            axes.text(
                1.01, row, people, transform=axes.get_yaxis_transform(), va="center", fontsize=7, color=SOFT
            )
        axes.set_yticks(range(len(names)), [plain(name, NAME_LENGTH) for name in names])
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_xlabel(label)
        axes.grid(visible=False, axis="y")

    heads = columns(group="Group", rate=label[:1].upper() + label[1:])
    rows = tuple(zip(names, estimates, strict=True))
    known = [
        (each.value, name) for name, each in zip(names, estimates, strict=True) if each.value is not None
    ]
    shows = f"{label[:1].upper()}{label[1:]} of each group with its interval."
    if known:
        (highest, most), (lowest, least) = max(known), min(known)
        shows += f" Highest: {most}, {rounded(highest)}; lowest: {least}, {rounded(lowest)}."
    return Figure(
        caption, drawn(caption, 8, 1.2 + 0.28 * len(names), draw), shows, Table(caption, heads, rows)
    )


def heat_map(
    names: Sequence[str], cells: Mapping[tuple[int, int], Estimate], *, label: str, caption: str
) -> Figure:
    """Return a rate between each two groups as a grid of colours; the same above and below the diagonal.

    Cells without an error are hatched, for there the colour says only that too few comparisons were made.

    Args:
        names: of the groups.
        cells: by two group numbers, the lower first.
        label: what the rate is.
        caption: what it shows.

    Raises:
        ExtraMissing: matplotlib is not installed.
    """
    count = len(names)
    rates = np.full((count, count), np.nan)
    for (one, other), estimate in cells.items():
        if estimate.value:
            rates[one, other] = rates[other, one] = estimate.value
    low, high = decades([float(rate) for rate in rates[np.isfinite(rates)]])

    def draw(canvas: Canvas) -> None:
        from matplotlib import colormaps  # noqa: PLC0415 - takes half a second
        from matplotlib.colors import LogNorm  # noqa: PLC0415 - takes half a second
        from matplotlib.ticker import FuncFormatter  # noqa: PLC0415

        axes = canvas.subplots()
        places = np.arange(count + 1) - 0.5
        # With few steps the scale beside the grid is drawn as shapes, not as a picture.
        colours = colormaps["cividis"].resampled(_STEPS)
        shown = axes.pcolormesh(
            places, places, np.ma.masked_invalid(rates), norm=LogNorm(low, high), cmap=colours
        )
        axes.set_aspect("equal")
        axes.invert_yaxis()
        axes.set_facecolor("#ffffff")
        for row in range(count):
            for column in range(count):
                _write_cell(axes, row, column, rates[row, column], (low, high), count)
        axes.set_xticks(range(count), [plain(name, NAME_LENGTH) for name in names], rotation=40, ha="right")
        axes.set_yticks(range(count), [plain(name, NAME_LENGTH) for name in names])
        axes.grid(visible=False)
        bar = canvas.colorbar(shown, ax=axes, shrink=0.8, format=FuncFormatter(lambda value, _: tick(value)))
        bar.set_label(label)

    heads = columns(first="Group", second="With group", rate=label[:1].upper() + label[1:])
    ranked = sorted(cells.items(), key=lambda item: -(item[1].value or 0.0))
    rows = tuple((names[one], names[other], estimate) for (one, other), estimate in ranked)
    (one, other), worst = ranked[0]
    told = f"Highest: {names[one]} with {names[other]}, {rounded(worst.value or 0.0)}."
    shows = f"{label[:1].upper()}{label[1:]} between each two groups. {told}"
    side = max(3.2, 0.55 * count)
    return Figure(caption, drawn(caption, side + 2.6, side + 0.9, draw), shows, Table(caption, heads, rows))


def _write_cell(
    axes: Axes, row: int, column: int, rate: float, limits: tuple[float, float], count: int
) -> None:
    """Write a cell's rate into it, or hatch it where there is no error."""
    if not np.isfinite(rate):
        from matplotlib.patches import Rectangle  # noqa: PLC0415 - takes half a second

        axes.add_patch(
            Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, hatch="////", edgecolor=LINE, linewidth=0)
        )
        return
    low, high = limits
    bright = np.log(rate / low) / np.log(high / low) > _BRIGHT
    axes.text(
        column,
        row,
        f"{rate:.1e}".replace("e-0", "e-"),
        ha="center",
        va="center",
        fontsize=7 if count <= _MANY_GROUPS else 5,
        color=INK if bright else "white",
    )
