"""Where pictures lie: names as lists have them become files in one folder, and none outside."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from countenance.errors import DataSetInvalid
from countenance.evaluation.datasets.reading import RowRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LONGEST_NAME = 1_024
_TRIED_NAMES = 100


class Folder:
    """A folder of pictures, out of which no name leads.

    Attributes:
        path: where it is.
    """

    def __init__(self, path: Path) -> None:
        """Take a folder.

        Raises:
            DataSetInvalid: there is no such folder.
        """
        if not is_folder(path):
            raise DataSetInvalid(f"{path} is not a folder; name the folder of the pictures (images)")
        self.path = path
        self._real = Path(os.path.realpath(path))

    def file(self, name: str) -> Path:
        """Return the file of a name, which need not exist; slashes separate the parts of names.

        Raises:
            RowRefused: the name leads out of the folder, also by a link, or is none.
        """
        if not name or not _printable(name) or len(name) > _LONGEST_NAME:
            raise RowRefused("have no usable file name")
        listed = PurePosixPath(name)
        if listed.is_absolute() or ".." in listed.parts or not listed.parts:
            raise RowRefused("name a file outside the folder of pictures")
        file = self.path / listed
        if not self.holds(file):
            raise RowRefused("name a file outside the folder of pictures")
        return file

    def holds(self, file: Path) -> bool:
        """Tell whether a path, its links followed, lies in the folder."""
        return Path(os.path.realpath(file)).is_relative_to(self._real)


def is_folder(path: Path) -> bool:
    """Tell whether there is such a folder; unlike ``Path.is_dir`` of any name, also one that cannot be."""
    return os.path.isdir(path)  # noqa: PTH112


def is_file(path: Path) -> bool:
    """Tell whether there is such a regular file, of any name."""
    return os.path.isfile(path)  # noqa: PTH113


def is_there(path: Path) -> bool:
    """Tell whether there is anything of that name."""
    return os.path.exists(path)  # noqa: PTH110


def folder_of(names: Iterable[str], candidates: Sequence[Path]) -> Folder:
    """Return the candidate under which most of the first names are files; the first candidate if none are.

    Raises:
        DataSetInvalid: no candidate is a folder.
    """
    folders = [Folder(path) for path in candidates if is_folder(path)] or [Folder(candidates[0])]
    tried = [name for name, _ in zip(names, range(_TRIED_NAMES), strict=False)]
    return max(folders, key=lambda folder: sum(_there(folder, name) for name in tried))


def readable(name: str) -> str:
    """Return a name of a person or a file as it can be shown: one spelling, no control characters."""
    composed = unicodedata.normalize("NFC", name)
    return composed if _printable(composed) else ascii(composed)[1:-1]


def _printable(name: str) -> bool:
    return name.isprintable()


def _there(folder: Folder, name: str) -> bool:
    try:
        return is_file(folder.file(name))
    except RowRefused:
        return False
