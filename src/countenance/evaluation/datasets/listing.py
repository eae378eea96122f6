"""What readers make: pictures and pairs as a data set lists them, before anything is checked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from countenance.evaluation.datasets.places import readable
from countenance.evaluation.datasets.reading import Refusals, RowRefused, read_table
from countenance.evaluation.samples import Pair, Problem, ProblemKind, Sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from countenance.evaluation.datasets.places import Folder
    from countenance.evaluation.datasets.reading import Table

LONGEST_LABEL = 256


@dataclass(frozen=True, slots=True)
class Picture:
    """One side of a listed pair: a file, its name in the list, whose it is, and its groups."""

    file: Path
    name: str
    subject: str
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListedPair:
    """A row of a pair list; ``where`` is its place, such as "pairs.csv, line 17"."""

    where: str
    first: Picture
    second: Picture
    mated: bool
    fold: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """A data set as it is listed.

    Attributes:
        name: what it is called in reports.
        folder: where its pictures lie.
        samples: its pictures, also those that it lists again.
        pairs: the comparisons that it asks for; None where it has no such list.
        pair_rows: by pair, where the data set says so.
        problems: what was found when it was read.
    """

    name: str
    folder: Folder
    samples: tuple[Sample, ...]
    problems: tuple[Problem, ...]
    pairs: tuple[Pair, ...] | None = None
    pair_rows: tuple[str, ...] = ()


def listing_of_pairs(
    name: str, folder: Folder, listed: Iterable[ListedPair], problems: tuple[Problem, ...]
) -> Listing:
    """Return the listing of a pair list: a picture that several rows name is one sample."""
    samples: dict[tuple[Path, str, tuple[tuple[str, str], ...]], int] = {}
    first_rows: list[str] = []

    def number(picture: Picture, where: str) -> int:
        known = samples.setdefault(
            (picture.file, picture.subject, tuple(sorted(picture.groups.items()))), len(samples)
        )
        if known == len(first_rows):
            first_rows.append(f"{where}: {picture.name}")
        return known

    pairs, rows = [], []
    for pair in listed:
        numbers = number(pair.first, pair.where), number(pair.second, pair.where)
        pairs.append(Pair(*numbers, pair.mated, pair.fold))
        rows.append(pair.where)
    made = tuple(
        Sample(file, subject, dict(groups), row)
        for (file, subject, groups), row in zip(samples, first_rows, strict=True)
    )
    return Listing(name, folder, made, problems, tuple(pairs), tuple(rows))


def label(text: str, what: str) -> str:
    """Return the name of a person or a group that a row gives.

    Raises:
        RowRefused: there is none, or it is too long; ``what`` says of what.
    """
    found = readable(text.strip())
    if not found:
        raise RowRefused(f"have no {what}")
    if len(found) > LONGEST_LABEL:
        raise RowRefused(f"have a {what} longer than {LONGEST_LABEL} characters")
    return found


def groups_in(fields: Mapping[str, str], columns: Mapping[str, str]) -> dict[str, str]:
    """Return the groups that a row gives, by attribute; what it leaves empty is absent.

    Args:
        fields: the row's fields by column.
        columns: by attribute, its column.

    Raises:
        RowRefused: a group's name is too long.
    """
    return {
        readable(attribute): label(fields[column], "group")
        for attribute, column in columns.items()
        if fields[column].strip()
    }


def agreement(several: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the groups, by attribute, on which all that have the attribute agree."""
    values: dict[str, set[str]] = {}
    for groups in several:
        for attribute, group in groups.items():
            values.setdefault(attribute, set()).add(group)
    return {attribute: found.pop() for attribute, found in values.items() if len(found) == 1}


def subjects_unknown() -> Problem:
    """Return what to say of a data set that does not say who is who."""
    return Problem(
        ProblemKind.SUBJECTS_UNKNOWN,
        (),
        "The data set does not say who is who: each picture counts as a subject of its own. Where two "
        "pictures show the same person, their comparison is counted as non-mated.",
    )


def with_groups(listing: Listing, path: Path) -> Listing:
    """Return a listing to which a table adds groups: its column ``file``, and one for each attribute.

    Rows of pictures that are not in the listing do not matter.

    Raises:
        DataSetInvalid: it is no such table.
    """
    refusals = Refusals()
    table = read_table(path, ["file"], refusals)
    said, problems = _groups_by_file(listing.folder, table, refusals)
    samples = tuple(
        replace(sample, groups={**sample.groups, **said.get(sample.file, {})}) for sample in listing.samples
    )
    return replace(listing, samples=samples, problems=(*listing.problems, *refusals.problems(), *problems))


def _groups_by_file(
    folder: Folder, table: Table, refusals: Refusals
) -> tuple[dict[Path, dict[str, str]], Sequence[Problem]]:
    attributes = {column: column for column in table.columns if column not in ("file", "")}
    said: dict[Path, dict[str, str]] = {}
    rows: dict[Path, str] = {}
    problems = []
    for row in table.rows:
        try:
            file = folder.file(row.fields["file"])
            groups = groups_in(row.fields, attributes)
        except RowRefused as refused:
            refusals.add(row.where, str(refused))
            continue
        first = rows.setdefault(file, row.where)
        agreed = agreement([said.get(file, groups), groups])
        if agreed != groups:
            text = f"Two rows put {row.fields['file']} in different groups; where they differ neither counts."
            problems.append(Problem(ProblemKind.TWO_GROUPS, (first, row.where), text))
        said[file] = agreed
    return said, problems
