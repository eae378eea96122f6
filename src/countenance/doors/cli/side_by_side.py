"""The drawing of ``countenance compare``: the source's face, and beside it the faces most like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from countenance.doors.cli.panels import (
    BACKGROUND,
    INK,
    MUTED,
    card,
    face_crop,
    likeness_bar,
    likeness_colour,
    paste_rounded,
    write,
)
from countenance.doors.cli.words import count, percent, rate_in_words

if TYPE_CHECKING:
    from countenance.faces import Pixels
    from countenance.operations.compare_faces import Comparison, Match

_SIDE_PX, _GAP_PX, _EDGE_PX, _CAPTION_PX = 360, 28, 36, 124
_MOST_MATCHES = 4


def draw_comparison(
    source: Pixels, target: Pixels, comparison: Comparison, smallest_known_rate: float
) -> Image.Image:
    """Return both crops side by side; of a target with many faces the most similar ones."""
    matches = comparison.matches[:_MOST_MATCHES]
    width = 2 * _EDGE_PX + (len(matches) + 1) * (_SIDE_PX + _GAP_PX) - _GAP_PX
    height = 2 * _EDGE_PX + _SIDE_PX + _CAPTION_PX
    sheet = Image.new("RGB", (width, height), BACKGROUND)
    x, y = _EDGE_PX, _EDGE_PX
    card(sheet, (x, y), (_SIDE_PX, _SIDE_PX + _CAPTION_PX))
    paste_rounded(sheet, face_crop(source, comparison.source, _SIDE_PX), (x, y), radius=20)
    write(sheet, (x + 20, y + _SIDE_PX + 52), "source", 30, INK)
    left_out = len(comparison.matches) - len(matches)
    compared = (
        f"the {len(matches)} most like it of {len(comparison.matches)}" if left_out else "compared with"
    )
    note = compared if left_out else f"{compared} {count(len(matches), 'face')}"
    write(sheet, (x + 20, y + _SIDE_PX + 86), note, 18, MUTED)
    for match in matches:
        x += _SIDE_PX + _GAP_PX
        _draw_match(sheet, (x, y), target, match, smallest_known_rate)
    return sheet


def _draw_match(
    sheet: Image.Image, place: tuple[int, int], target: Pixels, match: Match, smallest_known_rate: float
) -> None:
    x, y = place
    likeness = match.similarity
    card(sheet, place, (_SIDE_PX, _SIDE_PX + _CAPTION_PX))
    paste_rounded(sheet, face_crop(target, match.face, _SIDE_PX), place, radius=20)
    text = percent(likeness.percent)
    write(sheet, (x + 20, y + _SIDE_PX + 52), text, 36, likeness_colour(likeness.percent))
    often = rate_in_words(likeness.false_match_rate, smallest_known=smallest_known_rate)
    write(sheet, (x + 20, y + _SIDE_PX + 82), f"strangers: {often}", 18, MUTED)
    likeness_bar(sheet, (x + 20, y + _SIDE_PX + 98), (_SIDE_PX - 40, 8), likeness.percent)
