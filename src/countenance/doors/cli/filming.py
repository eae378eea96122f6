"""The work of ``countenance video``: look through a video, then print, draw and show who is in it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from countenance.access import machine_operator
from countenance.doors.cli.composition import build_analyzer, image_limits, loading
from countenance.doors.cli.files import check_target, whole_file, write_content
from countenance.doors.cli.options import utf8
from countenance.doors.cli.outcomes import WrongUsage, tell
from countenance.doors.cli.progress_shown import showing_progress
from countenance.doors.cli.records import json_line
from countenance.doors.cli.video_page import video_page
from countenance.doors.cli.video_shown import Compared, print_timeline, video_record
from countenance.doors.cli.work import warn_in_lines
from countenance.errors import ImageError, VideoNotWritten
from countenance.images import open_image
from countenance.operations.acts import unrecorded_act
from countenance.operations.videos.look_through_video import (
    LookedFor,
    Reference,
    compare_faces_in_video,
    search_faces_in_video,
)
from countenance.settings import read_settings
from countenance.video.drawing import Marked, Overlay, label_of
from countenance.video.reading import open_video
from countenance.video.writing import FORMATS, write_copy
from countenance.wiring import open_office

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from countenance.faces import Pixels
    from countenance.operations.videos.seen import PersonSeen, SeenVideo
    from countenance.settings import Settings

# A face that is seen so shortly before the shot ends is there until it ends: nobody looked again.
_UNTIL_THE_CUT_MS = 300


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asks for."""

    path: Path
    collection_id: str | None
    references: tuple[str, ...]
    threshold: float
    draw: Path | None
    html: Path | None
    as_json: bool


def answer(file: Path | None, given: dict[str, Any], request: Request) -> None:
    """Look through the video and say who is in it.

    Raises:
        CountenanceError: the video or a picture cannot be read, it may not be searched, or a file cannot be
            written.
    """
    named = [_named_picture(text) for text in request.references]
    _check(request, [request.path, *(picture for _, picture in named)])
    settings = read_settings(file, **given)
    warn_in_lines()
    seen, compared = _look(settings, request, named)
    if request.as_json:
        print(json_line(video_record(request.path, seen, compared)))
    else:
        print_timeline(request.path, seen, compared)
    for person in seen.people:
        if person.review_id is not None:
            tell(f"people must say who person {person.number} is: countenance review show {person.review_id}")
    if request.draw is not None:
        _draw(request.path, seen, request.draw)
    if request.html is not None:
        write_content(request.html, video_page(request.path, seen, compared).encode(), private=True)
        tell(f"wrote {request.html}")


def _check(request: Request, read: list[Path]) -> None:
    """Refuse what cannot work before hours are spent; raises WrongUsage."""
    if request.collection_id is not None and request.references:
        raise WrongUsage("people are named by a --collection or by --reference pictures, not by both")
    if request.draw is not None and request.draw == request.html:
        raise WrongUsage(f"{request.draw} cannot be both the video and the page; name two files")
    for target in (request.draw, request.html):
        if target is not None:
            check_target(target)
            if target.exists() and any(each.exists() and target.samefile(each) for each in read):
                raise WrongUsage(f"{target} is read and would be overwritten; choose another place")
    if request.draw is not None and request.draw.suffix.lower() not in FORMATS:
        raise WrongUsage(f"--draw {request.draw}: the suffix must be one of {', '.join(FORMATS)}")


def _named_picture(text: str) -> tuple[str, Path]:
    name, equals, picture = text.partition("=")
    if not (name and equals and picture):
        raise WrongUsage(f"--reference {text}: it must be NAME=PICTURE, such as ann=ann.jpg")
    utf8(name)
    return name, Path(picture)


def _look(settings: Settings, request: Request, named: list[tuple[str, Path]]) -> tuple[SeenVideo, Compared]:
    collection_id = request.collection_id
    if collection_id is None:
        references = [_reference(settings, name, path) for name, path in named]
        with loading(settings):
            analyzer = build_analyzer(settings)
        with _looking(request) as looked_for:
            seen = compare_faces_in_video(analyzer, unrecorded_act(), references, looked_for)
    else:
        with open_office(settings) as office:
            with loading(settings):
                analyzer = build_analyzer(settings)
            with _looking(request) as looked_for, office.register.act(machine_operator()) as act:
                seen = search_faces_in_video(analyzer, office.gallery, act, collection_id, looked_for)
    smallest_known = analyzer.calibration.false_match_rates[-1]
    names = tuple(dict.fromkeys(name for name, _ in named))
    return seen, Compared(collection_id, names, request.threshold, smallest_known)


@contextlib.contextmanager
def _looking(request: Request) -> Iterator[LookedFor]:
    """Show how far the work is, in seconds of the video."""
    with showing_progress("looking") as progress:
        yield LookedFor(
            request.path,
            request.threshold,
            portraits=request.html is not None,
            looked=lambda now_ms, whole_ms: progress(now_ms // 1000, (whole_ms or now_ms) // 1000),
        )


def _reference(settings: Settings, name: str, path: Path) -> Reference:
    try:
        return Reference(name, open_image(path, image_limits(settings)))
    except ImageError as error:
        raise type(error)(f"{path}: {error}") from error


def _draw(path: Path, seen: SeenVideo, target: Path) -> None:
    """Write a copy with what was found drawn on it; a file of that name is replaced once it is complete."""
    overlay = Overlay([mark for person in seen.people for mark in _marks(person, seen)])
    try:
        with (
            showing_progress("drawing") as progress,
            open_video(path) as reader,
            whole_file(target, private=True) as file,
        ):
            draw = _telling(overlay.draw, progress, seen.end_ms)
            written = write_copy(reader, path, file, FORMATS[target.suffix.lower()], draw)
    except OSError as error:
        raise VideoNotWritten(f"{target} cannot be written: {error.strerror or error}") from None
    tell(f"wrote {target} ({written.codec}, {'with' if written.has_sound else 'without'} sound)")


def _marks(person: PersonSeen, seen: SeenVideo) -> list[Marked]:
    naming = person.naming
    label = label_of(naming.name if naming else "", person.number)
    marks = []
    for face in person.faces:
        end_ms, cut_ms = face.path.end_ms, seen.shots[face.shot].end_ms
        until_ms = cut_ms if cut_ms - end_ms <= _UNTIL_THE_CUT_MS else end_ms
        marks.append(Marked(face.path, label, naming is not None, until_ms))
    return marks


def _telling(
    draw: Callable[[Pixels, int], None], progress: Callable[[int, int], None], end_ms: int
) -> Callable[[Pixels, int], None]:
    def draw_and_tell(pixels: Pixels, timestamp_ms: int) -> None:
        draw(pixels, timestamp_ms)
        progress(timestamp_ms // 1000, end_ms // 1000)

    return draw_and_tell
