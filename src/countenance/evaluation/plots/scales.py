"""What plots have in common: axes of powers of ten, names at the ends of lines, figures with intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from countenance.evaluation.plots.sheet import COLOURS, DASHES, plain
from countenance.reporting import power_of_ten

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes

    from countenance.evaluation.estimates import Estimate

NAME_LENGTH = 30
_LABEL_GAP = 0.055
"""Of the height of axes: a line of text and a little."""
_ROUNDING = 1e-9
_LEAST_POWER = -2
"""Smaller powers of ten are written as such."""


def decades(values: Iterable[float | None]) -> tuple[float, float]:
    """Return the powers of ten around the values above zero: at least one decade; 0.001–1 without values."""
    known = [value for value in values if value is not None and value > 0 and math.isfinite(value)]
    if not known:
        return 1e-3, 1.0
    low = math.floor(math.log10(min(known)) + _ROUNDING)
    high = math.ceil(math.log10(max(known)) - _ROUNDING)
    return (10.0**low, 10.0**high) if low < high else (10.0 ** (high - 1), 10.0**high)


def logarithmic(axes: Axes, which: Literal["x", "y"], low: float, high: float) -> None:
    """Make an axis logarithmic, with each power of ten named."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter  # noqa: PLC0415

    if which == "x":
        axes.set(xscale="log", xlim=(low, high))
    else:
        axes.set(yscale="log", ylim=(low, high))
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_locator(LogLocator(10, numticks=20))
    axis.set_minor_locator(LogLocator(10, subs=range(2, 10), numticks=20))
    axis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
    axis.set_minor_formatter(NullFormatter())


def tick(value: float) -> str:
    """Return a power of ten as an axis names it: "10,000", "0.01" or "10⁻⁵"."""
    exponent = round(math.log10(value))
    if exponent < _LEAST_POWER:
        return power_of_ten(exponent)
    return f"{10.0**exponent:,.{max(0, -exponent)}f}"


def upright(axes: Axes, label: str) -> None:
    """Name the vertical axis, so that browsers turn the text around its middle, whatever their fonts."""
    axes.set_ylabel(label, rotation_mode="anchor")


def line_style(number: int) -> dict[str, Any]:
    """Return how the line of a number looks: no two of 40 have the same colour and dashes."""
    return {"color": COLOURS[number % len(COLOURS)], "linestyle": DASHES[number % len(DASHES)]}


@dataclass(frozen=True, slots=True)
class End:
    """The last point of a line, and the line's name and colour."""

    x: float
    y: float
    name: str
    colour: str


def named_ends(axes: Axes, ends: Sequence[End]) -> None:
    """Write names right of lines, beside their ends or as near as there is room.

    The axes' limits must be set, and vertically logarithmic.
    """
    low, high = axes.get_ylim()
    rising = sorted(ends, key=lambda end: end.y)
    wanted = [math.log(max(end.y, low) / low) / math.log(high / low) for end in rising]
    for end, height in zip(rising, _apart(wanted), strict=True):
        axes.annotate(
            plain(end.name, NAME_LENGTH),
            (end.x, max(end.y, low)),
            (1.05, height),
            textcoords="axes fraction",
            fontsize=8,
            va="center",
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": end.colour, "lw": 0.8, "shrinkA": 1, "shrinkB": 2},
        )


def _apart(heights: Sequence[float]) -> list[float]:
    """Return rising heights with room between them, none above 1 as long as there is room below."""
    moved: list[float] = []
    for height in heights:
        moved.append(max(height, moved[-1] + _LABEL_GAP) if moved else height)
    limit = 1.0
    for place in reversed(range(len(moved))):
        moved[place] = min(moved[place], limit)
        limit = moved[place] - _LABEL_GAP
    return moved


def upright_interval(axes: Axes, x: float, estimate: Estimate, colour: str, marker: str) -> None:
    """Draw a figure and its interval on a logarithmic vertical axis whose limits are set.

    Where nothing was counted, a dotted line goes from the interval's upper end down out of the plot.
    """
    if estimate.value is None:
        return
    bottom, high = axes.get_ylim()[0], estimate.high
    if estimate.value > 0:
        axes.plot(
            [x], [estimate.value], marker, color=colour, markersize=5, markeredgecolor="white", zorder=4
        )
    if high is not None:
        low = max(estimate.low or 0.0, bottom)
        dots = "-" if estimate.value > 0 else ":"
        axes.plot([x, x], [low, high], color=colour, linestyle=dots, linewidth=1.1, zorder=3)
        axes.plot([x], [high], "_", color=colour, markersize=6, zorder=3)
