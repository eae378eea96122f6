"""The work of ``countenance detect``: several pictures at a time, answers in the order of the pictures."""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from countenance.doors.cli.composition import build_analyzer, image_limits, loading, settings_with
from countenance.doors.cli.drawing import draw_detected
from countenance.doors.cli.outcomes import tell
from countenance.doors.cli.parallel import in_order
from countenance.doors.cli.pictures import find_pictures
from countenance.doors.cli.records import error_record, json_line, picture_record
from countenance.doors.cli.saving import plan_drawings, save_picture
from countenance.doors.cli.tables import print_detected, stderr_console, stdout_console
from countenance.doors.cli.words import printable
from countenance.errors import CountenanceError
from countenance.images import open_image
from countenance.operations.acts import unrecorded_act
from countenance.operations.detect_faces import QualityLevel, detect_faces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from rich.console import Console

    from countenance.doors.cli.pictures import NamedPicture
    from countenance.images import ImageLimits, Photograph
    from countenance.operations.detect_faces import DetectedFaces

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asks for."""

    names: tuple[str, ...]
    draw: Path | None
    level: str
    min_face_px: float | None
    pack: str | None
    as_json: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture that was read, its faces, and where they are drawn."""

    path: Path
    faces: DetectedFaces
    drawn: Path | None


@dataclass(frozen=True, slots=True)
class NotSeen:
    """A picture that could not be read or drawn, and why."""

    path: Path
    message: str
    kind: str


def answer(request: Request) -> bool:
    """Find the faces, print and draw them, and return whether that went well for every picture."""
    settings = settings_with(request.pack)
    pictures = find_pictures(request.names)
    targets: list[Path] | list[None] = [None] * len(pictures)
    if request.draw is not None:
        targets = plan_drawings(request.draw, [picture.path for picture in pictures])
    with loading(settings):
        analyzer = build_analyzer(settings)
    find = functools.partial(
        detect_faces,
        analyzer,
        unrecorded_act(),
        level=QualityLevel(request.level),
        minimum_face_px=request.min_face_px,
    )
    look = functools.partial(_look, find, image_limits(settings))
    console, failures = stdout_console(), 0
    outcomes = in_order(look, zip(pictures, targets, strict=True))
    for outcome in _with_progress(outcomes, len(pictures)):
        if request.as_json:
            _write_json(outcome, analyzer.pack)
        elif isinstance(outcome, Seen):
            _write_table(console, outcome)
        if isinstance(outcome, NotSeen):
            tell(f"{outcome.path}: {outcome.message}")
            failures += 1
    return not failures


def _look(
    find: Callable[[Callable[[], Photograph]], DetectedFaces],
    limits: ImageLimits,
    job: tuple[NamedPicture, Path | None],
) -> Seen | NotSeen:
    picture, target = job
    if picture.problem is not None:
        return NotSeen(picture.path, picture.problem, "ImageNotReadable")
    try:
        photograph = open_image(picture.path, limits)
        detected = find(lambda: photograph)
        if target is not None:
            save_picture(draw_detected(photograph.decode().pixels, detected), target)
    except CountenanceError as error:
        return NotSeen(picture.path, str(error), type(error).__name__)
    return Seen(picture.path, detected, target)


def _with_progress(items: Iterable[Item], total: int) -> Iterator[Item]:
    """Yield the items; on a terminal, and for more than one, a bar on stderr shows how many are done."""
    console = stderr_console()
    if total < 2 or not console.is_terminal:
        yield from items
        return
    columns = (TextColumn("looking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # What is printed to the same terminal has to pass through the bar, to appear above it.
    with Progress(*columns, console=console, transient=True, redirect_stdout=sys.stdout.isatty()) as progress:
        yield from progress.track(items, total=total)


def _write_table(console: Console, seen: Seen) -> None:
    print_detected(console, seen)
    if seen.drawn is not None:
        console.print(f"drawn: {printable(seen.drawn)}", soft_wrap=True)
    console.print()


def _write_json(outcome: Seen | NotSeen, pack: str) -> None:
    record = picture_record(outcome, pack) if isinstance(outcome, Seen) else error_record(outcome)
    print(json_line(record), flush=True)
