"""Celebrities in Frontal-Profile: frontal pictures compared with frontal ones, or with profiles.

S. Sengupta, J.-C. Chen, C. Castillo, V. M. Patel, R. Chellappa, D. W. Jacobs: Frontal to Profile Face
Verification in the Wild, WACV 2016. Ten folds, each with lists of the same and of different people; the lists
number the pictures of ``Pair_list_F.txt`` (frontal) and ``Pair_list_P.txt`` (profile).
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from countenance.errors import DataSetInvalid
from countenance.evaluation.datasets.listing import ListedPair, Listing, Picture, listing_of_pairs
from countenance.evaluation.datasets.places import Folder, readable
from countenance.evaluation.datasets.reading import Refusals, RowRefused, read_lines

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_NAMES = {"ff": "CFP frontal–frontal", "fp": "CFP frontal–profile"}
_LISTED = re.compile(r"([0-9]{1,6})\s+(\S.*)")
_PAIR = re.compile(r"([0-9]{1,6})\s*,\s*([0-9]{1,6})")
_FOLD = re.compile(r"[0-9]{1,3}")


def read_cfp(path: Path, variant: str) -> Listing:
    """Return a protocol of CFP; a picture's subject is the folder that holds ``frontal`` and ``profile``.

    Args:
        path: the folder that has ``Data`` and ``Protocol``.
        variant: ``ff`` (frontal with frontal) or ``fp`` (frontal with profile).

    Raises:
        DataSetInvalid: the folder lacks the protocol's lists.
    """
    refusals = Refusals()
    folder = Folder(path)
    protocol = path / "Protocol"
    frontal = _pictures(protocol / "Pair_list_F.txt", folder, refusals)
    second = frontal if variant == "ff" else _pictures(protocol / "Pair_list_P.txt", folder, refusals)
    listed = []
    for split in _splits(protocol / "Split" / variant.upper()):
        for mated in (True, False):
            pairs = split / ("same.txt" if mated else "diff.txt")
            for line in read_lines(pairs, refusals):
                where = f"{variant.upper()}/{split.name}/{line.where}"
                numbers = _PAIR.fullmatch(line.text.strip())
                if numbers is None:
                    refusals.add(where, "are not two numbers of pictures")
                    continue
                one, other = frontal.get(int(numbers[1])), second.get(int(numbers[2]))
                if one is None or other is None:
                    refusals.add(where, "number a picture that is not listed")
                    continue
                listed.append(ListedPair(where, one, other, mated, int(split.name)))
    return listing_of_pairs(_NAMES[variant], folder, listed, refusals.problems())


def _splits(folder: Path) -> list[Path]:
    try:
        splits = sorted(split for split in folder.iterdir() if _FOLD.fullmatch(split.name))
    except OSError as error:
        raise DataSetInvalid(
            f"{folder} cannot be read: {error.strerror}; it should have folders 01 to 10"
        ) from error
    if not splits:
        raise DataSetInvalid(f"{folder} has no fold; it should have folders 01 to 10")
    return splits


def _pictures(path: Path, folder: Folder, refusals: Refusals) -> Mapping[int, Picture]:
    """Return the pictures of a list by number; their names start from the folder of the list."""
    pictures: dict[int, Picture] = {}
    for line in read_lines(path, refusals):
        found = _LISTED.fullmatch(line.text.strip())
        if found is None:
            refusals.add(line.where, "are not a number and a file")
            continue
        number, name = int(found[1]), posixpath.normpath(f"Protocol/{found[2]}")
        try:
            file = folder.file(name)
        except RowRefused as refused:
            refusals.add(line.where, str(refused))
            continue
        if number in pictures:
            refusals.add(line.where, "give a number to a second picture")
            continue
        pictures[number] = Picture(file, name, readable(file.parent.parent.name))
    return pictures
