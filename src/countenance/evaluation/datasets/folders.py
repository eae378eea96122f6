"""Folders of pictures without a list: a folder for each person, or UTKFace, whose names say all."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from countenance.errors import DataSetInvalid
from countenance.evaluation.datasets.listing import Listing, subjects_unknown
from countenance.evaluation.datasets.places import Folder, readable
from countenance.evaluation.datasets.reading import MOST_ROWS, Refusals
from countenance.evaluation.samples import Sample

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIXES = frozenset((".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"))
"""How the names of pictures end, in small letters."""

UTKFACE_NAME = re.compile(r"([0-9]{1,3})_([01])_([0-4])_[0-9]+ ?\.jpg(?:\.chip\.jpg)?", re.ASCII)
"""Age, gender, race and the time of collection; a few names of the data set have a space before the dot."""

_GENDERS = ("male", "female")
_RACES = ("White", "Black", "Asian", "Indian", "Others")
_AGES = ((2, "0-2"), (9, "3-9"), *((last, f"{last - 9}-{last}") for last in range(19, 70, 10)))
_OLDEST = 130


def read_folders(path: Path) -> Listing:
    """Return the pictures of a folder with a folder for each person, in the order of their names.

    Pictures may lie in further folders of a person. What is no picture by its name is reported.

    Raises:
        DataSetInvalid: there is no such folder, or it has too many files.
    """
    folder = Folder(path)
    refusals = Refusals("entries")
    samples = []
    for file in _files(folder, refusals):
        inner = file.relative_to(path)
        row = readable(str(inner))
        if len(inner.parts) < 2:
            refusals.add(row, "lie in no person's folder")
        elif file.suffix.lower() not in SUFFIXES:
            refusals.add(row, f"are no pictures by their names, which should end with {_endings()}")
        else:
            samples.append(Sample(file, readable(inner.parts[0]), {}, row))
    return Listing(readable(path.resolve().name), folder, tuple(samples), refusals.problems())


def read_utkface(path: Path) -> Listing:
    """Return UTKFace (Z. Zhang, Y. Song, H. Qi, CVPR 2017): attributes age, gender and race.

    Ages are grouped as FairFace groups them. UTKFace does not say who is who: each picture is taken as a
    subject of its own.

    Raises:
        DataSetInvalid: there is no such folder, or it has too many files.
    """
    folder = Folder(path)
    refusals = Refusals("entries")
    samples = []
    for file in _files(folder, refusals):
        row = readable(str(file.relative_to(path)))
        said = UTKFACE_NAME.fullmatch(file.name)
        if said is None or int(said[1]) > _OLDEST:
            refusals.add(row, "have no name of the form age_gender_race_time.jpg with values of UTKFace")
            continue
        groups = {
            "age": age_group(int(said[1])),
            "gender": _GENDERS[int(said[2])],
            "race": _RACES[int(said[3])],
        }
        samples.append(Sample(file, row, groups, row))
    return Listing("UTKFace", folder, tuple(samples), (*refusals.problems(), subjects_unknown()))


def age_group(years: int) -> str:
    """Return FairFace's group of an age: 0-2, 3-9, 10-19 … 60-69, 70+."""
    return next((group for last, group in _AGES if years <= last), "70+")


def _files(folder: Folder, refusals: Refusals) -> Iterator[Path]:
    """Yield the files below a folder by name; hidden ones are passed over, links that lead out refused."""

    def refuse(file: str | Path, why: str) -> None:
        refusals.add(readable(os.path.relpath(file, folder.path)), why)

    count = 0
    for current, inner, names in os.walk(
        folder.path, onerror=lambda error: refuse(error.filename, "are folders that cannot be read")
    ):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        here = Path(current)
        for name in inner:
            if (here / name).is_symlink():
                refuse(here / name, "are links to folders")
        for name in sorted(name for name in names if not name.startswith(".")):
            count += 1
            if count > MOST_ROWS:
                raise DataSetInvalid(f"{folder.path} has more than {MOST_ROWS:,} files, the limit; split it")
            if folder.holds(here / name):
                yield here / name
            else:
                refuse(here / name, "are links out of the folder")


def _endings() -> str:
    *most, last = sorted(SUFFIXES)
    return f"{', '.join(most)} or {last}"
