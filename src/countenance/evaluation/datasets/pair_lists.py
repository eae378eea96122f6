"""Pair lists: a CSV of two files a row, and whether both show the same person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from countenance.evaluation.datasets.listing import (
    ListedPair,
    Listing,
    Picture,
    groups_in,
    label,
    listing_of_pairs,
)
from countenance.evaluation.datasets.places import Folder, folder_of, readable
from countenance.evaluation.datasets.reading import Refusals, Row, RowRefused, read_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

NEEDED = ("file_a", "file_b", "same_person")

_MATED = {"1": True, "0": False}
_MOST_FOLDS = 10_000


def read_pair_list(name: str, path: Path, images: Path | None) -> Listing:
    """Return the listing of a pair list.

    Its columns are ``file_a``, ``file_b``, ``same_person`` (1 or 0); it may have ``fold`` (a number),
    ``subject_a`` and ``subject_b``, and for any attribute of people, such as gender, ``gender_a`` and
    ``gender_b``. Without subject columns a file's folder is its subject if that agrees with most rows of
    either kind; otherwise pictures are of one subject if rows say so, directly or by way of other pictures.

    Args:
        name: what the data set is called.
        path: the CSV.
        images: the folder that its file names start from; None for the folder ``images`` beside it or its
            own folder, where more of the first pictures are.

    Raises:
        DataSetInvalid: it is no such table.
    """
    refusals = Refusals()
    table = read_table(path, NEEDED, refusals)
    candidates = [images] if images is not None else [path.parent, path.parent / "images"]
    folder = folder_of((row.fields["file_a"] for row in table.rows), candidates)
    columns = _Columns.of(table.columns)
    listed = []
    for row in table.rows:
        try:
            listed.append(_pair(row, columns, folder))
        except RowRefused as refused:
            refusals.add(row.where, str(refused))
    if not columns.subjects:
        subject = _subjects(listed)
        listed = [
            replace(
                pair,
                first=replace(pair.first, subject=subject(pair.first.name)),
                second=replace(pair.second, subject=subject(pair.second.name)),
            )
            for pair in listed
        ]
    return listing_of_pairs(name, folder, listed, refusals.problems())


@dataclass(frozen=True, slots=True)
class _Columns:
    """What a pair list has besides the columns that it must have; those of groups by attribute."""

    fold: bool
    subjects: bool
    groups_a: Mapping[str, str]
    groups_b: Mapping[str, str]

    @classmethod
    def of(cls, columns: Sequence[str]) -> _Columns:
        sides = {
            column.removesuffix("_a")
            for column in columns
            if column.endswith("_a") and f"{column.removesuffix('_a')}_b" in columns
        }
        attributes = sides - {"file", "subject", ""}
        return cls(
            "fold" in columns,
            "subject" in sides,
            {attribute: f"{attribute}_a" for attribute in attributes},
            {attribute: f"{attribute}_b" for attribute in attributes},
        )


def _pair(row: Row, columns: _Columns, folder: Folder) -> ListedPair:
    fields = row.fields
    mated = _MATED.get(fields["same_person"].strip())
    if mated is None:
        raise RowRefused("have another value of same_person than 1 or 0")
    return ListedPair(
        row.where,
        _side(fields, "a", columns.subjects, columns.groups_a, folder),
        _side(fields, "b", columns.subjects, columns.groups_b, folder),
        mated,
        _fold(fields["fold"].strip()) if columns.fold else None,
    )


def _side(
    fields: Mapping[str, str], side: str, subjects: bool, groups: Mapping[str, str], folder: Folder
) -> Picture:
    name = fields[f"file_{side}"]
    file = folder.file(name)
    subject = label(fields[f"subject_{side}"], "subject") if subjects else ""
    return Picture(file, str(PurePosixPath(name)), subject, groups_in(fields, groups))


def _fold(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) < _MOST_FOLDS):
        raise RowRefused(f"have a fold that is no number under {_MOST_FOLDS:,}")
    return int(text)


def _subjects(listed: Sequence[ListedPair]) -> Callable[[str], str]:
    """Return what tells the subject of a picture by its name, for a list without subjects."""
    if _people_have_folders(listed):
        return lambda name: readable(str(PurePosixPath(name).parent))
    joined = _Joined()
    for pair in listed:
        if pair.mated:
            joined.join(pair.first.name, pair.second.name)
    return joined.representative


def _people_have_folders(listed: Sequence[ListedPair]) -> bool:
    """Tell whether subjects are folders: several, and right for most mated and most non-mated rows."""
    agreeing: dict[bool, list[bool]] = {True: [], False: []}
    folders = set()
    for pair in listed:
        one, other = (PurePosixPath(picture.name).parent for picture in (pair.first, pair.second))
        agreeing[pair.mated].append(pair.mated == (one == other))
        folders |= {one, other}
    right = all(2 * sum(rows) > len(rows) for rows in agreeing.values() if rows)
    return right and len(folders) > 1 and PurePosixPath() not in folders


class _Joined:
    """Names that are joined two by two; a union-find with path halving."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def representative(self, name: str) -> str:
        """Return the name, the same for all that are joined, that stands for them."""
        above = self._above
        while (parent := above.get(name, name)) != name:
            above[name] = above.get(parent, parent)
            name = parent
        return name

    def join(self, one: str, other: str) -> None:
        """Join two names, and all that are joined with either; the name that sorts first stands for them."""
        first, second = sorted((self.representative(one), self.representative(other)))
        self._above[second] = first
