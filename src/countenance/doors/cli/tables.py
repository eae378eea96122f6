"""Tables and other text for people; nothing in it is read as markup."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from countenance.doors.cli.words import count, percent, printable, rate_in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from countenance.doors.cli.detecting import Seen
    from countenance.faces import Box, Face
    from countenance.operations.compare_faces import Comparison

# What is not a terminal has no width; a table there may take what the widest of ours needs.
_WIDTH_OF_A_FILE = 160
_ROOMY = 90


def stdout_console() -> Console:
    """Return the console for results."""
    width = None if sys.stdout.isatty() else _WIDTH_OF_A_FILE
    return Console(width=width, highlight=False, markup=False, emoji=False)


def stderr_console() -> Console:
    """Return the console for progress."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def print_detected(console: Console, seen: Seen) -> None:
    """Print the faces of one picture, those set aside after the others."""
    detected = seen.faces
    faces = count(len(detected.faces), "face")
    if detected.rejected:
        faces += f", {len(detected.rejected)} set aside"
    _heading(console, f"{printable(seen.path)}, {seen.faces.width_px}×{seen.faces.height_px} px, {faces}")
    if not detected.faces and not detected.rejected:
        return
    table = new_table(
        console, "#", "face", "confidence", "pitch", "yaw", "roll", "sharpness", "brightness", "quality"
    )
    for number, face in enumerate(detected.faces, 1):
        table.add_row(str(number), *_measures(face))
    aside = list(enumerate(detected.rejected, len(detected.faces) + 1))
    for number, rejected in aside:
        table.add_row(str(number), *_measures(rejected.face), style="dim")
    console.print(table)
    for number, rejected in aside:
        console.print(f"{number} is set aside for {', '.join(rejected.reasons)}", soft_wrap=True)


def print_comparison(
    console: Console, source: Path, target: Path, comparison: Comparison, smallest_known_rate: float
) -> None:
    """Print how similar each face of the target is to the source's largest."""
    _heading(console, f"{printable(source)}, face {box_in_words(comparison.source.box)}")
    _heading(console, f"{printable(target)}, {count(len(comparison.matches), 'face')}")
    table = new_table(console, "#", "face", "similarity")
    table.add_column("strangers look this alike", justify="left")
    for number, match in enumerate(comparison.matches, 1):
        likeness = match.similarity
        often = rate_in_words(likeness.false_match_rate, smallest_known=smallest_known_rate)
        table.add_row(str(number), box_in_words(match.face.box), percent(likeness.percent), often)
    console.print(table)


def new_table(console: Console, *headers: str) -> Table:
    """Return an empty table of numbers; it fits 80 columns and has more room where there is more."""
    gap = 2 if console.width >= _ROOMY else 1
    table = Table(box=None, padding=(0, gap, 0, 0), pad_edge=False, header_style="dim")
    for header in headers:
        table.add_column(Text(header), justify="right", no_wrap=True)
    return table


def print_rows(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table of texts whose first column can be copied as it is."""
    console = stdout_console()
    table = new_table(console)
    for place, column in enumerate(columns):
        table.add_column(column, no_wrap=place == 0)
    for row in rows:
        table.add_row(*(Text("" if cell is None else printable(cell)) for cell in row))
    console.print(table)


def print_facts(facts: Mapping[str, object]) -> None:
    """Print names and values, a line each; what is None is left out."""
    told = {name: value for name, value in facts.items() if value is not None}
    width = max(map(len, told), default=0)
    for name, value in told.items():
        print(f"{name:<{width}}  {printable(value)}", flush=True)


def box_in_words(box: Box) -> str:
    """Return a box's size and place in whole pixels."""
    return f"{box.width:.0f}×{box.height:.0f} at {box.left:.0f},{box.top:.0f}"


def _measures(face: Face) -> tuple[str, ...]:
    pose, quality = face.pose, face.quality
    return (
        box_in_words(face.box),
        percent(face.confidence),
        *(f"{round(degrees)}°" for degrees in (pose.pitch_degrees, pose.yaw_degrees, pose.roll_degrees)),
        *(f"{round(value)}" for value in (quality.sharpness, quality.brightness, quality.unified_score)),
    )


def _heading(console: Console, text: str) -> None:
    console.print(Text(text, style="bold"), soft_wrap=True)
