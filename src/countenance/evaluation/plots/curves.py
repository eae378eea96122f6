"""Plots of error rates as lines: DET curves, rates by the size of a gallery, and by threshold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from countenance.evaluation.estimates import LEAST_ERRORS
from countenance.evaluation.plots.scales import (
    NAME_LENGTH,
    decades,
    logarithmic,
    tick,
    upright,
    upright_interval,
)
from countenance.evaluation.plots.sheet import COLOURS, MARKERS, SOFT, drawn, plain
from countenance.reporting import Column, Figure, Table, rounded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

    from countenance.evaluation.comparisons import Floats
    from countenance.evaluation.rates import DetCurve
    from countenance.evaluation.recognition import AtThreshold

_MOST_POINTS = 400
_MOST_POINTS_OF_ALL = 1600
_SMALLEST_RATE = 1e-9
_TOLD = (1e-2, 1e-3, 1e-4)
"""False match rates that a text alternative speaks of."""


@dataclass(frozen=True, slots=True, eq=False)
class NamedCurve:
    """A DET curve.

    Attributes:
        name: what it is of, such as a group or a set of comparisons.
        curve: its points.
        non_mated: how many non-mated comparisons stand behind it.
        points: thresholds at which FNMR has an interval.
    """

    name: str
    curve: DetCurve
    non_mated: int
    points: Sequence[AtThreshold] = ()

    @property
    def well_supported(self) -> float:
        """The FMR from which on at least 30 false matches stand behind the curve (the rule of 30)."""
        return LEAST_ERRORS / self.non_mated

    def fnmr_at(self, fmr: float) -> float | None:
        """Return FNMR at the lowest threshold with an FMR not above this; None below one false match."""
        if fmr * self.non_mated < 1:
            return None
        return float(self.curve.fnmr[np.searchsorted(-self.curve.fmr, -fmr, side="left")])


def det_plot(curves: Sequence[NamedCurve], *, caption: str) -> Figure:
    """Return detection error trade-off curves (ISO/IEC 19795-1): FNMR against FMR.

    Both axes are logarithmic, one of the forms that the standard knows, so that small rates can be read; the
    classical form has normal deviates. Where fewer than 30 false matches stand behind a curve it is dotted.

    Args:
        curves: at least one.
        caption: what they are of.

    Raises:
        ExtraMissing: matplotlib is not installed.
    """
    lines = [_visible(each.curve, _MOST_POINTS_OF_ALL // len(curves)) for each in curves]
    points = [point for each in curves for point in each.points]
    estimates = [point.fnmr for point in points]
    fmr = decades([*(1 / each.non_mated for each in curves), 1.0])
    fnmr = decades(
        [
            *(rate for line in lines for rate in line[1, line[1] > _SMALLEST_RATE]),
            1.0,
            *(each.value for each in estimates),
        ]
    )

    def draw(canvas: Canvas) -> None:
        axes = canvas.subplots()
        logarithmic(axes, "x", *fmr)
        logarithmic(axes, "y", *fnmr)
        axes.set_xlabel("false match rate (FMR)")
        upright(axes, "false non-match rate (FNMR)")
        axes.axline((1e-3, 1e-3), (1, 1), color=SOFT, linewidth=0.7, zorder=1)
        for number, (each, line) in enumerate(zip(curves, lines, strict=True)):
            _draw_curve(axes, each, line, number)
        if not any(line.size for line in lines):
            axes.text(
                0.5, 0.5, "no threshold has errors of both kinds", transform=axes.transAxes, ha="center"
            )
        if len(curves) > 1:
            canvas.legend(loc="outside right upper")

    svg = drawn(caption, 8, 5, draw)
    return Figure(caption, svg, _told(curves), _det_table(curves))


def _visible(curve: DetCurve, most: int) -> Floats:
    """Return (2, points) FMR and FNMR as far as a logarithmic plot shows them, evenly thinned along the line.

    Where FNMR is 0 the line leaves the plot downwards.
    """
    shown = curve.fmr > 0
    line = np.stack([curve.fmr[shown], curve.fnmr[shown]])
    without = int(np.count_nonzero(line[1] == 0))
    if without == line.shape[1]:
        return line[:, :0]
    line = np.maximum(line[:, max(0, without - 1) :], _SMALLEST_RATE)
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(np.log10(line))))])
    wanted = np.linspace(0, length[-1], min(_MOST_POINTS, most))
    return np.asarray(line[:, np.unique(np.searchsorted(length, wanted))])


def _draw_curve(axes: Axes, named: NamedCurve, line: Floats, number: int) -> None:
    """Draw a curve, dotted where few errors stand behind it, and the intervals along it."""
    colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
    supported = int(np.count_nonzero(line[0] >= named.well_supported))
    axes.plot(*line[:, :supported], color=colour)
    axes.plot(*line[:, max(0, supported - 1) :], color=colour, linestyle=(0, (1, 1.5)), linewidth=1.2)
    axes.plot([], [], color=colour, marker=marker, markersize=5, label=plain(named.name, NAME_LENGTH))
    if supported:
        axes.plot([named.well_supported], [line[1, supported - 1]], "|", color=colour, markersize=14)
    for point in named.points:
        if point.fmr.value:
            upright_interval(axes, point.fmr.value, point.fnmr, colour, marker)


def _told(curves: Sequence[NamedCurve]) -> str:
    """Return what a DET plot shows, in words."""
    parts = ["False non-match rate against false match rate, both axes logarithmic."]
    for each in curves:
        known = [(fmr, each.fnmr_at(fmr)) for fmr in _TOLD]
        rates = [f"{rounded(fnmr)} at FMR {tick(fmr)}" for fmr, fnmr in known if fnmr is not None]
        told = (
            f"FNMR is {', '.join(rates)}" if rates else "there are too few comparisons for any FMR told here"
        )
        parts.append(f"{each.name}: {told}.")
    return " ".join(parts)


def _det_table(curves: Sequence[NamedCurve]) -> Table:
    """Return FNMR by FMR, in three steps for each power of ten."""
    most = max(each.non_mated for each in curves)
    rates = list(_steps(1 / most))
    rows = tuple((rate, *(each.fnmr_at(rate) for each in curves)) for rate in rates)
    heads = (
        Column("fmr", "FMR"),
        *(Column(f"fnmr_{n}", f"FNMR: {each.name}") for n, each in enumerate(curves, 1)),
    )
    return Table("FNMR at the lowest threshold with an FMR not above the one given", heads, rows)


def _steps(lowest: float) -> Iterator[float]:
    """Yield 0.5, 0.2, 0.1, 0.05 … down to the lowest."""
    for exponent in range(1, math.ceil(-math.log10(lowest)) + 1):
        for digit in (5, 2, 1):
            if (rate := float(f"{digit}e-{exponent}")) >= lowest:
                yield rate
