"""Tables of pictures: FairFace's labels, and any CSV that names files, subjects and groups."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from countenance.evaluation.datasets.listing import Listing, groups_in, label, subjects_unknown
from countenance.evaluation.datasets.places import Folder, folder_of, is_folder, readable
from countenance.evaluation.datasets.reading import Refusals, Row, RowRefused, Table, read_table
from countenance.evaluation.samples import Sample

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

FAIRFACE_COLUMNS = ("file", "age", "gender", "race")

_AGES = {f"{first}-{last}" for first, last in ((0, 2), (3, 9))} | {f"{n}-{n + 9}" for n in range(10, 70, 10)}
_OLDEST = "more than 70"
_GENDERS = {"Male": "male", "Female": "female"}
_RACES = (
    "Black",
    "East Asian",
    "Indian",
    "Latino_Hispanic",
    "Middle Eastern",
    "Southeast Asian",
    "White",
)


@dataclass(frozen=True, slots=True)
class TableColumns:
    """The columns of a table that matter; where ``subject`` is ``file``, each picture is its own subject."""

    file: str = "file"
    subject: str = "subject"
    groups: tuple[str, ...] = ()


def read_rows(path: Path, images: Path | None, columns: TableColumns) -> Listing:
    """Return the pictures that any table lists.

    Args:
        path: the CSV.
        images: the folder that its file names start from; None for its own folder or ``images`` beside it.
        columns: which of its columns matter.

    Raises:
        DataSetInvalid: it is no table, or lacks a column.
    """
    refusals = Refusals()
    needed = dict.fromkeys((columns.file, columns.subject, *columns.groups))
    table = read_table(path, tuple(needed), refusals)
    alone = columns.subject == columns.file
    groups = {column: column for column in columns.groups}

    def sample(row: Row, folder: Folder) -> Sample:
        name, file = _file(row, columns.file, folder)
        subject = readable(name) if alone else label(row.fields[columns.subject], "subject")
        return Sample(file, subject, groups_in(row.fields, groups), f"{row.where}: {name}")

    beside = [path.parent, path.parent / "images"]
    folder, samples = _samples(table, columns.file, beside, images, sample, refusals)
    problems = (*refusals.problems(), subjects_unknown()) if alone else refusals.problems()
    return Listing(readable(path.name), folder, samples, problems)


def read_fairface(path: Path, images: Path | None) -> Listing:
    """Return FairFace (K. Kärkkäinen, J. Joo, WACV 2021): attributes age, gender and race.

    FairFace does not say who is who: each picture is taken as a subject of its own.

    Args:
        path: its labels, a CSV with the columns file, age, gender and race, or a folder that has such a
            file ``labels.csv``.
        images: the folder that its file names start from; None for the CSV's own folder or ``images`` in it.

    Raises:
        DataSetInvalid: there is no such table.
    """
    refusals = Refusals()
    labels = path / "labels.csv" if is_folder(path) else path
    table = read_table(labels, FAIRFACE_COLUMNS, refusals)

    def sample(row: Row, folder: Folder) -> Sample:
        name, file = _file(row, "file", folder)
        return Sample(file, name, _fairface_groups(row), f"{row.where}: {name}")

    beside = [labels.parent, labels.parent / "images"]
    folder, samples = _samples(table, "file", beside, images, sample, refusals)
    return Listing("FairFace", folder, samples, (*refusals.problems(), subjects_unknown()))


def _samples(
    table: Table,
    file_column: str,
    beside: Sequence[Path],
    images: Path | None,
    sample: Callable[[Row, Folder], Sample],
    refusals: Refusals,
) -> tuple[Folder, tuple[Sample, ...]]:
    names = (row.fields[file_column] for row in table.rows)
    folder = folder_of(names, [images] if images is not None else beside)
    samples = []
    for row in table.rows:
        try:
            samples.append(sample(row, folder))
        except RowRefused as refused:
            refusals.add(row.where, str(refused))
    return folder, tuple(samples)


def _file(row: Row, column: str, folder: Folder) -> tuple[str, Path]:
    file = folder.file(row.fields[column])
    return str(PurePosixPath(row.fields[column])), file


def _fairface_groups(row: Row) -> dict[str, str]:
    age, gender, race = (row.fields[column].strip() for column in ("age", "gender", "race"))
    if (age not in _AGES and age != _OLDEST) or gender not in _GENDERS or race not in _RACES:
        raise RowRefused("have an age, gender or race that FairFace does not have")
    return {"age": "70+" if age == _OLDEST else age, "gender": _GENDERS[gender], "race": race}
