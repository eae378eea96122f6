"""A data set by what a user types: ``KIND:PATH[:VARIANT]``, or a path alone whose kind is guessed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from countenance.errors import DataSetInvalid
from countenance.evaluation.datasets.cfp import read_cfp
from countenance.evaluation.datasets.checking import checked
from countenance.evaluation.datasets.fetched import SUBSETS, read_fetched
from countenance.evaluation.datasets.folders import read_folders, read_utkface
from countenance.evaluation.datasets.guessing import guessed
from countenance.evaluation.datasets.lfw import LISTS, read_lfw
from countenance.evaluation.datasets.listing import Listing, with_groups
from countenance.evaluation.datasets.pair_lists import read_pair_list
from countenance.evaluation.datasets.places import is_there, readable
from countenance.evaluation.datasets.tables import TableColumns, read_fairface, read_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from countenance.evaluation.samples import DataSet


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a reader is asked for."""

    path: Path | None
    variant: str
    images: Path | None
    columns: TableColumns
    download: bool

    @property
    def there(self) -> Path:
        """The path of a kind that needs one."""
        if self.path is None:
            raise DataSetInvalid("name the path of the data set, as in KIND:PATH")
        return self.path


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of data set.

    Attributes:
        expects: what its path leads to.
        read: its reader.
        variants: its variants, the first of which is meant if none is named.
        images: whether its pictures may lie elsewhere.
    """

    expects: str
    read: Callable[[_Asked], Listing]
    variants: tuple[str, ...] = ("",)
    images: bool = False


KINDS = {
    "pairs": Kind(
        "a CSV with the columns file_a, file_b and same_person",
        lambda asked: read_pair_list(readable(asked.there.name), asked.there, asked.images),
        images=True,
    ),
    "lfw": Kind(
        "a folder with LFW's pairsDevTest.txt, pairsDevTrain.txt or pairs.txt, or with pairs_devtest.csv",
        lambda asked: read_lfw(asked.there, asked.variant, asked.images),
        tuple(LISTS),
        images=True,
    ),
    "cfp": Kind(
        "CFP's folder with Data and Protocol",
        lambda asked: read_cfp(asked.there, asked.variant),
        ("fp", "ff"),
    ),
    "folders": Kind("a folder with a folder for each person", lambda asked: read_folders(asked.there)),
    "utkface": Kind("a folder of pictures with UTKFace's names", lambda asked: read_utkface(asked.there)),
    "fairface": Kind(
        "FairFace's CSV with the columns file, age, gender and race, or a folder with labels.csv",
        lambda asked: read_fairface(asked.there, asked.images),
        images=True,
    ),
    "table": Kind(
        "a CSV with columns for the file and the subject",
        lambda asked: read_rows(asked.there, asked.images, asked.columns),
        images=True,
    ),
    "sklearn-lfw": Kind(
        "scikit-learn's data folder; without a path its own default",
        lambda asked: read_fetched(asked.path, asked.variant, download=asked.download),
        tuple(SUBSETS),
    ),
}
"""All kinds by the names that users type."""


def open_data_set(
    spec: str,
    *,
    images: Path | None = None,
    groups: Path | None = None,
    columns: TableColumns | None = None,
    download: bool = False,
) -> DataSet:
    """Return the data set that a user names, checked.

    Args:
        spec: ``KIND:PATH``, ``KIND:PATH:VARIANT`` or a path; ``docs/reference/data-sets.md`` has the kinds.
        images: the folder that the file names of a list start from; None for the list's own folder or
            ``images`` in it.
        groups: a CSV that adds demographic groups: its column ``file``, named as the list names files, and a
            column for each attribute.
        columns: of a table, the columns that matter; None for ``file`` and ``subject``.
        download: whether ``sklearn-lfw`` may download what is missing.

    Raises:
        DataSetInvalid: there is no such data set, or nothing in it can be used.
    """
    name, path, variant = _parts(spec)
    kind = KINDS[name]
    if images is not None and not kind.images:
        raise DataSetInvalid(f"the pictures of {name} lie where it is; leave the folder of images out")
    if columns is not None and name != "table":
        raise DataSetInvalid(f"columns are named for tables; {spec!r} is of the kind {name}: name table:PATH")
    listing = kind.read(_Asked(path, variant, images, columns or TableColumns(), download))
    return checked(with_groups(listing, groups) if groups is not None else listing)


def _parts(spec: str) -> tuple[str, Path | None, str]:
    """Return the kind, path and variant that a specification names; the path may have colons as well."""
    name, colon, rest = spec.partition(":")
    if name not in KINDS or not (colon or name == "sklearn-lfw"):
        path = Path(spec)
        found = guessed(path) if spec else None
        if found is None:
            raise DataSetInvalid(_unknown(spec, path))
        return found, path, KINDS[found].variants[0]
    variants = KINDS[name].variants
    place, colon, variant = rest.rpartition(":")
    if not colon and name == "sklearn-lfw" and rest in variants:
        return name, None, rest
    if colon and variant in variants:
        return name, Path(place) if place else None, variant
    if colon and variants != ("",) and not is_there(Path(rest)):
        raise DataSetInvalid(f"{name} has no variant {variant!r}; it has {', '.join(variants)}")
    return name, Path(rest) if rest else None, variants[0]


def _unknown(spec: str, path: Path) -> str:
    there = "its kind cannot be guessed" if spec and is_there(path) else "there is nothing of that name"
    kinds = "; ".join(f"{name}: {kind.expects}" for name, kind in KINDS.items())
    return f"data set {spec!r}: {there}. Name it as KIND:PATH or KIND:PATH:VARIANT. Kinds are {kinds}."
