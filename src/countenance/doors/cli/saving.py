"""Where drawn pictures go, and how: whole or not at all, and never over a picture that is read."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from countenance.doors.cli.files import whole_file
from countenance.doors.cli.outcomes import WrongUsage
from countenance.errors import CountenanceError
from countenance.images import PICTURE_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from PIL.Image import Image

_FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP"}
_OPTIONS: dict[str, dict[str, int]] = {
    "JPEG": {"quality": 92, "subsampling": 0},
    "WEBP": {"quality": 92},
    "PNG": {},
}


class DrawingNotWritten(CountenanceError):
    """A drawn picture could not be saved."""


def plan_drawings(out: Path, pictures: Sequence[Path]) -> list[Path]:
    """Return the path of each picture's drawing.

    Args:
        out: a file's name with a picture's suffix, for the drawing of a single picture; else a folder.
        pictures: the pictures that are read.

    Raises:
        WrongUsage: several pictures need a folder, the suffix is unknown, or a picture would be overwritten.
    """
    if out.is_dir() or out.suffix.lower() not in PICTURE_SUFFIXES:
        targets = list(_in_folder(out, pictures))
    elif len(pictures) == 1:
        targets = [out]
    else:
        raise WrongUsage(f"--draw {out} is one file for {len(pictures)} pictures; name a folder")
    check_targets(targets, pictures)
    return targets


def check_targets(targets: Iterable[Path], pictures: Iterable[Path]) -> None:
    """Refuse what would overwrite a picture that is read, or is of a format that is not written.

    Raises:
        WrongUsage: as said.
    """
    read = {_identity(picture) for picture in pictures} - {None}
    for target in targets:
        if target.suffix.lower() not in _FORMATS:
            raise WrongUsage(f"--draw {target}: the suffix must be one of {', '.join(_FORMATS)}")
        if _identity(target) in read:
            raise WrongUsage(f"--draw would overwrite the picture {target}; choose another place")


def save_picture(image: Image, target: Path) -> None:
    """Write a picture; a file of that name is replaced once the new one is complete.

    Raises:
        DrawingNotWritten: the file cannot be written, or the picture is too large for the format.
    """
    kind = _FORMATS[target.suffix.lower()]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(target) as file:
            image.save(file, kind, **_OPTIONS[kind])
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise DrawingNotWritten(f"{target} cannot be written as {kind}: {reason}") from error


def _in_folder(folder: Path, pictures: Iterable[Path]) -> Iterable[Path]:
    """Yield a place for each picture, under its own name where that is free (in any mix of cases)."""
    taken: set[str] = set()
    for picture in pictures:
        suffix = picture.suffix if picture.suffix.lower() in _FORMATS else ".png"
        names = itertools.chain(
            [f"{picture.stem}{suffix}"], (f"{picture.stem}-{n}{suffix}" for n in itertools.count(2))
        )
        name = next(name for name in names if name.casefold() not in taken)
        taken.add(name.casefold())
        yield folder / name


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from all others, whichever of its names is given; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
