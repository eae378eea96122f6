"""The sheet that plots are drawn on: one style, and the same bytes for the same data.

Plots are SVG, made with matplotlib. Text stays text, in fonts that every browser has or replaces, so that
files are small and sharp; the ground is white, on dark pages too. Numbers and captions stand beside a plot,
in its `Figure`.
"""

from __future__ import annotations

import importlib.util
import io
import re
import threading
import warnings
from html import escape
from typing import TYPE_CHECKING, Any

from countenance.errors import ExtraMissing

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure as Canvas

INK, SOFT, LINE = "#1c2024", "#5b6470", "#d5dae0"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#7f7f7f")
"""Okabe and Ito's palette, which people with any kind of colour vision can tell apart, without its yellow."""
DASHES = ("-", (0, (5, 2)), (0, (1, 1.2)), (0, (6, 2, 1, 2)), (0, (2.5, 1.5)))
"""As many as go into the colours without a common factor: 40 pairs before one repeats."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">")

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "countenance",
    "text.parse_math": False,
    "font.family": ["DejaVu Sans"],
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.labelcolor": INK,
    "axes.edgecolor": SOFT,
    "axes.linewidth": 0.8,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "lines.linewidth": 1.6,
    "hatch.color": SOFT,
    "hatch.linewidth": 0.5,
}
_FONTS = b"'DejaVu Sans', Verdana, sans-serif"
"""Verdana has the widths of the font that the layout is made for."""
_NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))
_PATH = re.compile(rb'(?<= d=")[^"]*')
_DECIMALS = re.compile(rb"-?\d+\.\d{3,}")
_INDENT = re.compile(rb"\n\s+")

_DRAWING = threading.Lock()
"""Matplotlib's settings and font cache belong to the process."""


def drawn(title: str, width_inches: float, height_inches: float, draw: Callable[[Canvas], None]) -> bytes:
    """Return what ``draw`` puts on an empty canvas, as SVG.

    Raises:
        ExtraMissing: matplotlib is not installed.
    """
    require_plots()
    import matplotlib as mpl  # noqa: PLC0415 - takes half a second, and belongs to an extra
    from matplotlib.figure import Figure as Canvas  # noqa: PLC0415

    into = io.BytesIO()
    with _DRAWING, mpl.rc_context(), warnings.catch_warnings():
        # A browser has the glyphs that matplotlib's own font lacks.
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        canvas = Canvas(figsize=(width_inches, height_inches), layout="constrained")
        draw(canvas)
        canvas.savefig(into, format="svg", metadata=_NO_METADATA)
    return _titled(_tidied(into.getvalue()), plain(title))


def require_plots() -> None:
    """Do nothing where plots can be drawn; raises ExtraMissing."""
    if importlib.util.find_spec("matplotlib") is None:
        raise ExtraMissing(
            "matplotlib is not installed, which plots need; pip install 'countenance[evaluation]'"
        )


def plain(text: str, most: int | None = None) -> str:
    """Return text without characters that cannot be seen, on one line; cut in the middle where it is long."""
    line = " ".join(text.split())
    seen = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in line)
    if most is None or len(seen) <= most:
        return seen
    return f"{seen[: most - most // 3 - 1].rstrip()}…{seen[-(most // 3) :].lstrip()}"


def _tidied(svg: bytes) -> bytes:
    """Return the SVG element alone, with coordinates to a hundredth of a point."""
    svg = svg[svg.index(b"<svg") :].replace(b"'DejaVu Sans'", _FONTS)
    svg = _PATH.sub(lambda path: _DECIMALS.sub(_to_hundredths, path[0]), svg)
    return _INDENT.sub(b"\n", svg)


def _titled(svg: bytes, title: str) -> bytes:
    """Return an SVG that says what it is where it is opened by itself."""
    opening, _, rest = svg.partition(b">")
    return b"%s><title>%s</title>%s" % (opening, escape(title).encode(), rest)


def _to_hundredths(number: re.Match[bytes]) -> bytes:
    return f"{float(number[0]):.2f}".encode()
