"""The work of ``countenance compare``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from countenance.doors.cli.composition import build_analyzer, image_limits, loading, settings_with
from countenance.doors.cli.records import comparison_record, json_line
from countenance.doors.cli.saving import check_targets, save_picture
from countenance.doors.cli.side_by_side import draw_comparison
from countenance.doors.cli.tables import print_comparison, stdout_console
from countenance.doors.cli.words import printable
from countenance.errors import ImageError
from countenance.images import open_image
from countenance.operations.acts import unrecorded_act
from countenance.operations.compare_faces import compare_faces

if TYPE_CHECKING:
    from pathlib import Path

    from countenance.images import ImageLimits, Photograph


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asks for."""

    source: Path
    target: Path
    draw: Path | None
    pack: str | None
    as_json: bool


def answer(request: Request) -> None:
    """Compare two pictures, print the similarities and draw the faces.

    Raises:
        CountenanceError: a picture cannot be read or shows no face, the pack cannot be used, or the drawing
            cannot be written.
    """
    settings = settings_with(request.pack)
    if request.draw is not None:
        check_targets([request.draw], [request.source, request.target])
    limits = image_limits(settings)
    source, target = _open(request.source, limits), _open(request.target, limits)
    with loading(settings):
        analyzer = build_analyzer(settings)
    try:
        comparison = compare_faces(analyzer, unrecorded_act(), lambda: source, lambda: target)
    except ImageError:
        # The error says what is wrong with a picture but not with which.
        _decode(request.source, source)
        _decode(request.target, target)
        raise
    smallest_known_rate = analyzer.calibration.false_match_rates[-1]
    if request.as_json:
        print(json_line(comparison_record(request.source, request.target, comparison, analyzer.pack)))
    else:
        print_comparison(stdout_console(), request.source, request.target, comparison, smallest_known_rate)
    if request.draw is not None:
        pixels = source.decode().pixels, target.decode().pixels
        save_picture(draw_comparison(*pixels, comparison, smallest_known_rate), request.draw)
        if not request.as_json:
            stdout_console().print(Text(f"drawn: {printable(request.draw)}"), soft_wrap=True)


def _open(path: Path, limits: ImageLimits) -> Photograph:
    try:
        return open_image(path, limits)
    except ImageError as error:
        raise type(error)(f"{path}: {error}") from error


def _decode(path: Path, photograph: Photograph) -> None:
    try:
        photograph.decode()
    except ImageError as error:
        raise type(error)(f"{path}: {error}") from error
