"""From the paths that a user names to the pictures they mean: files, folders and globs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from countenance.images import PICTURE_SUFFIXES, has_picture_suffix

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SUFFIXES = ", ".join(sorted(PICTURE_SUFFIXES))
_GLOB_CHARACTERS = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class NamedPicture:
    """A picture that the user means, or a name under which there is none, with what is wrong."""

    path: Path
    problem: str | None = None


def find_pictures(names: Iterable[str]) -> list[NamedPicture]:
    """Return the pictures behind names, in the order of the names, each once.

    A file is taken whatever it is called. A folder gives the pictures in and below it: by suffix, in order,
    without hidden ones. What is no file and holds ``*``, ``?`` or ``[`` is a glob (``**`` for any depth); its
    files count by suffix, its folders as above.
    """
    found: dict[str, NamedPicture] = {}
    for name in names:
        for picture in _named(name):
            found.setdefault(str(picture.path.absolute()), picture)
    return list(found.values())


def _named(name: str) -> Iterator[NamedPicture]:
    path = Path(name)
    if not name:
        # Else it would mean the working folder, which nobody means who writes "$UNSET".
        pictures, problem = [], "the name is empty"
    elif path.is_dir():
        pictures, problem = list(_below(path)), f"the folder holds no pictures ({_SUFFIXES})"
    elif _GLOB_CHARACTERS.isdisjoint(name) or path.exists():
        pictures, problem = [NamedPicture(path)], ""
    else:
        pictures, problem = list(_matching(name)), f"no picture fits this pattern ({_SUFFIXES})"
    yield from pictures or [NamedPicture(path, problem)]


def _below(folder: Path) -> Iterator[NamedPicture]:
    """Yield the pictures in a folder and below; a folder that links lead back to is entered once."""
    entered = set()
    unreadable: list[OSError] = []
    for place, folders, files in os.walk(folder, followlinks=True, onerror=unreadable.append):
        status = Path(place).stat()
        if (status.st_dev, status.st_ino) in entered:
            folders.clear()
            continue
        entered.add((status.st_dev, status.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (NamedPicture(Path(place, name)) for name in sorted(files) if _is_picture(name))
    for error in unreadable:
        yield NamedPicture(Path(error.filename), f"the folder cannot be read: {error.strerror}")


def _matching(pattern: str) -> Iterator[NamedPicture]:
    anchor = Path(pattern).anchor
    relative = Path(pattern).relative_to(anchor)
    asked_for = set(relative.parts)
    try:
        matches = sorted(Path(anchor).glob(str(relative)))
    except ValueError:  # such as "***", which some versions of Python accept
        matches = []
    for match in matches:
        if any(part.startswith(".") and part not in asked_for for part in match.parts):
            continue
        if match.is_dir():
            yield from _below(match)
        elif _is_picture(match.name):
            yield NamedPicture(match)


def _is_picture(name: str) -> bool:
    return not name.startswith(".") and has_picture_suffix(name)
