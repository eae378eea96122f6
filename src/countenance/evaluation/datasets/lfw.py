"""Labeled Faces in the Wild: its own lists of pairs, or the same as CSV, beside its pictures.

G. B. Huang, M. Ramesh, T. Berg, E. Learned-Miller: Labeled Faces in the Wild, University of Massachusetts
Amherst, Technical Report 07-49 (2007). View 1 is for development, View 2, ten folds, for reporting.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from countenance.errors import DataSetInvalid
from countenance.evaluation.datasets.listing import (
    ListedPair,
    Listing,
    Picture,
    listing_of_pairs,
    with_groups,
)
from countenance.evaluation.datasets.pair_lists import read_pair_list
from countenance.evaluation.datasets.places import Folder, folder_of, is_file, readable
from countenance.evaluation.datasets.reading import Line, Refusals, RowRefused, read_lines
from countenance.evaluation.samples import Problem, ProblemKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

LISTS = {"devtest": "pairsDevTest.txt", "devtrain": "pairsDevTrain.txt", "view2": "pairs.txt"}
"""LFW's own lists by variant."""

TABLES = {variant: f"pairs_{variant}.csv" for variant in LISTS}
"""The same as CSV."""

_NAMES = {"devtest": "LFW View 1 DevTest", "devtrain": "LFW View 1 DevTrain", "view2": "LFW View 2"}
_FOLDERS = ("images", "lfw", "lfw_funneled", "lfw-deepfunneled")
_COUNTS = re.compile(r"([1-9][0-9]{0,4})(?:\s+([1-9][0-9]{0,4}))?")
_NUMBER = re.compile(r"[0-9]{1,4}")


def read_lfw(path: Path, variant: str, images: Path | None) -> Listing:
    """Return a view of LFW, with the groups that a file ``gender.csv`` beside it gives.

    Args:
        path: a folder that has LFW's list of the variant or the same as CSV.
        variant: ``devtest``, ``devtrain`` or ``view2``.
        images: where the people's folders are; None to look for them in ``path`` and its folders ``images``,
            ``lfw``, ``lfw_funneled`` and ``lfw-deepfunneled``.

    Raises:
        DataSetInvalid: the folder has no such list.
    """
    own, table = path / LISTS[variant], path / TABLES[variant]
    if is_file(own):
        candidates = [images] if images is not None else [path, *(path / inner for inner in _FOLDERS)]
        listing = read_own_list(_NAMES[variant], own, candidates, folds=variant == "view2")
    elif is_file(table):
        listing = read_pair_list(_NAMES[variant], table, images)
    else:
        raise DataSetInvalid(f"{path} has neither {own.name} nor {table.name}; name a folder that has")
    gender = path / "gender.csv"
    return with_groups(listing, gender) if is_file(gender) else listing


def read_own_list(name: str, path: Path, candidates: Sequence[Path], *, folds: bool) -> Listing:
    """Return the pairs of one of LFW's own lists.

    Args:
        name: what the data set is called.
        path: the list.
        candidates: folders, in one of which the people's folders are.
        folds: whether it is the list of ten folds.

    Raises:
        DataSetInvalid: it is no such list.
    """
    refusals = Refusals()
    lines = list(read_lines(path, refusals))
    count, pairs = _counts(path, lines, folds=folds)
    rows = lines[1:]
    folder = folder_of(_first_names(rows), candidates)
    listed = []
    for line in rows:
        fold = 1 + (line.place - 1) // (2 * pairs)  # half of a fold's pairs are mated
        if fold > count:
            refusals.add(line.where, "are more than the list's first line says")
            continue
        try:
            listed.append(_pair(line, folder, fold if folds else None))
        except RowRefused as refused:
            refusals.add(line.where, str(refused))
    problems = refusals.problems()
    if len(rows) < 2 * count * pairs:
        text = f"The list's first line promises {2 * count * pairs:,} rows; {len(rows):,} can be read."
        problems = (*problems, Problem(ProblemKind.BAD_ROW, (lines[0].where,), text))
    return listing_of_pairs(name, folder, listed, problems)


def _counts(path: Path, lines: Sequence[Line], *, folds: bool) -> tuple[int, int]:
    """Return how many folds there are, and how many pairs of either kind each has."""
    numbers = _COUNTS.fullmatch(lines[0].text.strip()) if lines else None
    if numbers is None or (numbers[2] is not None) != folds:
        wanted = "the numbers of folds and pairs, such as 10 300" if folds else "the number of pairs"
        raise DataSetInvalid(f"the first line of {path} should be {wanted} of either kind")
    return (int(numbers[1]), int(numbers[2])) if numbers[2] else (1, int(numbers[1]))


def _first_names(rows: Sequence[Line]) -> Iterator[str]:
    for row in rows:
        fields = row.text.split()
        if len(fields) > 1 and _NUMBER.fullmatch(fields[1]):
            yield _file_name(fields[0], fields[1])


def _pair(line: Line, folder: Folder, fold: int | None) -> ListedPair:
    fields = line.text.split()
    if len(fields) not in (3, 4):
        raise RowRefused("are neither a name and two numbers nor two names with a number each")
    mated = len(fields) == 3
    one, other = (fields[0], fields[1]), (fields[0], fields[2]) if mated else (fields[2], fields[3])
    return ListedPair(line.where, _picture(*one, folder), _picture(*other, folder), mated, fold)


def _picture(person: str, number: str, folder: Folder) -> Picture:
    if not _NUMBER.fullmatch(number):
        raise RowRefused("have no number of a picture where one should be")
    name = _file_name(person, number)
    return Picture(folder.file(name), name, readable(person))


def _file_name(person: str, number: str) -> str:
    return f"{person}/{person}_{int(number):04}.jpg"
