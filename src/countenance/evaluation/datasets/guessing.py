"""Which kind of data set lies at a path, from a folder's layout or a CSV's columns."""

from __future__ import annotations

import os
from pathlib import Path

from countenance.errors import DataSetInvalid
from countenance.evaluation.datasets.folders import SUFFIXES, UTKFACE_NAME
from countenance.evaluation.datasets.lfw import LISTS, TABLES
from countenance.evaluation.datasets.pair_lists import NEEDED
from countenance.evaluation.datasets.places import is_file, is_folder
from countenance.evaluation.datasets.reading import columns_of
from countenance.evaluation.datasets.tables import FAIRFACE_COLUMNS

_LOOKED_AT = 2_000


def guessed(path: Path) -> str | None:
    """Return the name of the kind of data set at a path; None where there is no telling.

    A table is guessed only by a column ``subject``: without one, nobody has said who is who.
    """
    if is_folder(path):
        return _of_folder(path)
    try:
        columns = set(columns_of(path))
    except DataSetInvalid:
        return None
    if columns.issuperset(NEEDED):
        return "pairs"
    if columns.issuperset(("file", "subject")):
        return "table"
    return "fairface" if columns.issuperset(FAIRFACE_COLUMNS) else None


def _of_folder(path: Path) -> str | None:
    if is_folder(path / "Protocol" / "Split"):
        return "cfp"
    if any(is_file(path / name) for name in (*LISTS.values(), *TABLES.values())):
        return "lfw"
    labels = path / "labels.csv"
    if is_file(labels):
        return "fairface" if guessed(labels) == "fairface" else None
    return _of_names(path)


def _of_names(path: Path) -> str | None:
    names: list[str] = []
    folders: list[str] = []
    try:
        with os.scandir(path) as entries:
            for entry, _ in zip(entries, range(_LOOKED_AT), strict=False):
                (folders if entry.is_dir() else names).append(entry.name)
    except OSError:
        return None
    pictures = [name for name in names if Path(name).suffix.lower() in SUFFIXES]
    if 2 * sum(UTKFACE_NAME.fullmatch(name) is not None for name in pictures) > len(pictures):
        return "utkface"
    return "folders" if folders and not pictures else None
