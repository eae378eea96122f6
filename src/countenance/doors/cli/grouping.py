"""The work of ``countenance group`` on pictures: see them all, group their faces, show who is there."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.doors.cli.composition import build_analyzer, image_limits, loading, settings_with, waiting
from countenance.doors.cli.detecting import NotSeen
from countenance.doors.cli.files import check_target, write_content
from countenance.doors.cli.group_sheet import Sheet, SheetFace, SheetPerson, sheet_page
from countenance.doors.cli.outcomes import tell
from countenance.doors.cli.parallel import in_order
from countenance.doors.cli.pictures import find_pictures
from countenance.doors.cli.progress_shown import showing_progress
from countenance.doors.cli.records import error_record, face_record, json_line
from countenance.doors.cli.tables import print_rows
from countenance.doors.cli.words import count, printable
from countenance.errors import CountenanceError
from countenance.images import open_image
from countenance.images.portraits import portrait
from countenance.operations.acts import unrecorded_act
from countenance.operations.group_pictures import QualityLevel, faces_to_group, group_pictures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from countenance.doors.cli.pictures import NamedPicture
    from countenance.faces import Face
    from countenance.images import ImageLimits, Photograph
    from countenance.operations.detect_faces import DetectedFaces
    from countenance.operations.group_pictures import GroupedFaces

_NAMED_IN_THE_TABLE = 3


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asks for."""

    names: tuple[str, ...]
    html: Path | None
    level: str
    pack: str | None
    as_json: bool


@dataclass(frozen=True, slots=True)
class FaceSeen:
    """A face that takes part: its picture and that one's number, and how it looks where a page is wanted."""

    path: Path
    picture: int
    face: Face
    thumbnail: bytes


@dataclass(frozen=True, slots=True)
class Seen:
    """The faces of a picture, and how many others were left out."""

    faces: list[FaceSeen]
    left_out: int


@dataclass(frozen=True, slots=True)
class AllSeen:
    """What was seen in all pictures."""

    faces: list[FaceSeen]
    left_out: int
    failures: list[NotSeen]
    pictures: int


def answer(request: Request) -> bool:
    """Group the faces, print and show who is there, and return whether every picture could be read."""
    settings = settings_with(request.pack)
    if request.html is not None:
        check_target(request.html)
    pictures = find_pictures(request.names)
    with loading(settings):
        analyzer = build_analyzer(settings)
    look = functools.partial(
        _look,
        functools.partial(faces_to_group, analyzer, unrecorded_act(), level=QualityLevel(request.level)),
        image_limits(settings),
        request.html is not None,
    )
    seen = _all_seen(pictures, in_order(look, enumerate(pictures)))
    for failure in seen.failures:
        tell(f"{failure.path}: {failure.message}")
    with waiting(f"grouping {count(len(seen.faces), 'face')} …"):
        faces = [each.face for each in seen.faces]
        grouped = group_pictures(analyzer, unrecorded_act(), faces, [each.picture for each in seen.faces])
    if request.as_json:
        _write_json(seen, grouped)
    else:
        _write_table(seen, grouped)
    if request.html is not None:
        write_content(request.html, sheet_page(_sheet(seen, grouped)).encode(), private=True)
        tell(f"wrote {request.html}")
    return not seen.failures


def _look(
    find: Callable[[Callable[[], Photograph]], DetectedFaces],
    limits: ImageLimits,
    shown: bool,
    numbered: tuple[int, NamedPicture],
) -> Seen | NotSeen:
    number, picture = numbered
    if picture.problem is not None:
        return NotSeen(picture.path, picture.problem, "ImageNotReadable")
    try:
        photograph = open_image(picture.path, limits)
        detected = find(lambda: photograph)
        faces = [
            FaceSeen(picture.path, number, face, portrait(photograph, face.box) if shown else b"")
            for face in detected.faces
        ]
    except CountenanceError as error:
        return NotSeen(picture.path, str(error), type(error).__name__)
    return Seen(faces, len(detected.rejected))


def _all_seen(pictures: list[NamedPicture], outcomes: Iterable[Seen | NotSeen]) -> AllSeen:
    faces: list[FaceSeen] = []
    failures: list[NotSeen] = []
    left_out = 0
    with showing_progress("looking") as progress:
        for done, outcome in enumerate(outcomes, 1):
            if isinstance(outcome, NotSeen):
                failures.append(outcome)
            else:
                faces += outcome.faces
                left_out += outcome.left_out
            progress(done, len(pictures))
    return AllSeen(faces, left_out, failures, len(pictures) - len(failures))


def _write_table(seen: AllSeen, grouped: GroupedFaces) -> None:
    rows = []
    for number, person in enumerate(grouped.people, 1):
        names = [printable(seen.faces[face].path) for face in person[:_NAMED_IN_THE_TABLE]]
        more = [f"and {len(person) - len(names)} more"] if len(person) > len(names) else []
        rows.append((number, len(person), ", ".join([*names, *more])))
    if rows:
        print_rows(("person", "pictures", "in"), rows)
        print()
    print(_summary(seen, grouped))


def _summary(seen: AllSeen, grouped: GroupedFaces) -> str:
    left_out = f", {seen.left_out:,} more left out for their quality" if seen.left_out else ""
    people = "1 person" if len(grouped.people) == 1 else f"{len(grouped.people):,} people"
    return (
        f"{count(len(seen.faces), 'face')} in {count(seen.pictures, 'picture')}{left_out}: "
        f"{people} seen more than once, {count(len(grouped.alone), 'face')} seen once"
    )


def _write_json(seen: AllSeen, grouped: GroupedFaces) -> None:
    for person, numbers in _everybody(grouped):
        faces = [
            {"picture": str(face.path), **face_record(face.face)}
            for face in (seen.faces[number] for number in numbers)
        ]
        print(json_line({"person": person, "pictures": len(faces), "faces": faces}))
    for failure in seen.failures:
        print(json_line(error_record(failure)))


def _everybody(grouped: GroupedFaces) -> Iterator[tuple[int | None, tuple[int, ...]]]:
    """Yield the number of each person and their faces; who was seen once has no number."""
    yield from enumerate(grouped.people, 1)
    for face in grouped.alone:
        yield None, (face,)


def _sheet(seen: AllSeen, grouped: GroupedFaces) -> Sheet:
    def shown(numbers: Iterable[int]) -> tuple[SheetFace, ...]:
        faces = (seen.faces[number] for number in numbers)
        return tuple(SheetFace(face.thumbnail, face.path.name, str(face.path)) for face in faces)

    people = tuple(
        SheetPerson(f"Person {number}", count(len(person), "picture"), shown(person))
        for number, person in enumerate(grouped.people, 1)
    )
    return Sheet("People in pictures", (f"{_summary(seen, grouped)}.",), people, shown(grouped.alone))
