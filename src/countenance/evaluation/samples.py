"""What a data set is: pictures of subjects, pairs of them, and what is wrong with it."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Mapping, Sequence  # noqa: TC003 - the dataclasses' fields are looked at by name
from dataclasses import dataclass, field, replace
from pathlib import Path  # noqa: TC003

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture of one subject.

    Attributes:
        file: where the picture is.
        subject: who it shows; the same name for all pictures of a person.
        groups: by attribute, the demographic group that the data set puts the subject in, such as
            ``{"gender": "female"}``. What the data set does not say is absent.
        row: where the data set says so, such as "labels.csv, line 17", for messages.
    """

    file: Path
    subject: str
    groups: Mapping[str, str] = field(default_factory=dict)
    row: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two samples, by number, that a protocol compares; ``fold`` numbers its part of the data, if any."""

    first: int
    second: int
    mated: bool
    fold: int | None = None


class ProblemKind(enum.StrEnum):
    """What can be wrong with a data set."""

    BAD_ROW = "bad row"
    MISSING_FILE = "missing file"
    UNREADABLE_FILE = "unreadable file"
    REPEATED_ROW = "repeated row"
    SAME_PICTURE = "same picture twice"
    TWO_SUBJECTS = "one picture, two subjects"
    TWO_GROUPS = "one subject, two groups"
    SUBJECTS_UNKNOWN = "subjects unknown"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a data set: the rows it is about, and what was done about it, in words."""

    kind: ProblemKind
    rows: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class DataSet:
    """A data set.

    Attributes:
        name: what it is called in reports, such as "LFW View 1 DevTest".
        samples: its pictures. None is left out silently: what cannot be used is in ``problems``.
        pairs: the comparisons its protocol asks for; None where it has no such list, so that all pictures are
            compared with each other.
        problems: what is wrong with it.
        sha256: by sample, the SHA-256 of the file's bytes, in hexadecimal; empty where there is no such file.
    """

    name: str
    samples: tuple[Sample, ...]
    pairs: tuple[Pair, ...] | None
    problems: tuple[Problem, ...]
    sha256: tuple[str, ...]

    @property
    def attributes(self) -> tuple[str, ...]:
        """The demographic attributes that any sample has, sorted."""
        return tuple(sorted({name for sample in self.samples for name in sample.groups}))

    def digest(self) -> str:
        """Return a SHA-256, in hexadecimal, of all that counts: pictures, subjects, groups and pairs.

        It does not depend on where the files lie, so that another can repeat the evaluation.
        """
        hashed = hashlib.sha256()
        for sample, content in zip(self.samples, self.sha256, strict=True):
            groups = ",".join(f"{name}={value}" for name, value in sorted(sample.groups.items()))
            hashed.update(f"{content}\t{sample.subject}\t{groups}\n".encode(errors="surrogatepass"))
        for pair in self.pairs or ():
            hashed.update(f"{pair.first}\t{pair.second}\t{pair.mated:d}\t{pair.fold}\n".encode())
        return hashed.hexdigest()

    def with_problems(self, problems: tuple[Problem, ...]) -> DataSet:
        """Return the same data set with more problems."""
        return replace(self, problems=(*self.problems, *problems))


def distinctly_named(data: Sequence[DataSet]) -> tuple[DataSet, ...]:
    """Return data sets of which no two have the same name, which would be the same section of a report."""
    seen: dict[str, int] = {}
    named = []
    for each in data:
        seen[each.name] = seen.get(each.name, 0) + 1
        count = seen[each.name]
        named.append(each if count == 1 else replace(each, name=f"{each.name} ({count})"))
    return tuple(named)


def subject_numbers(data: DataSet) -> npt.NDArray[np.int32]:
    """Return, by sample, the number of its subject: the place of the name among all, sorted."""
    _, numbers = np.unique([sample.subject for sample in data.samples], return_inverse=True)
    return np.asarray(numbers, np.int32)


def repeated(data: DataSet) -> npt.NDArray[np.bool_]:
    """Return, by sample, whether an earlier one is the very same picture, which would compare with itself."""
    seen: set[str] = set()
    again = np.zeros(len(data.samples), np.bool_)
    for number, content in enumerate(data.sha256):
        again[number] = bool(content) and content in seen
        seen.add(content)
    return again
