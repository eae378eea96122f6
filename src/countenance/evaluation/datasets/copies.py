"""Pictures that a data set has twice, and subjects that it puts in two groups: found and settled."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from countenance.evaluation.datasets.listing import agreement
from countenance.evaluation.datasets.reading import MOST_NAMED_ROWS
from countenance.evaluation.samples import Problem, ProblemKind, Sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_NOT_OF_A_PERSON = frozenset(("age",))
"""Attributes of a picture: a subject may rightly be in several of their groups."""


def problem(kind: ProblemKind, rows: Sequence[str], text: str) -> Problem:
    """Return a problem that names no more rows than is useful."""
    return Problem(kind, tuple(rows[:MOST_NAMED_ROWS]), text)


@dataclass(frozen=True, slots=True, eq=False)
class Merged:
    """Samples of which copies are merged.

    Attributes:
        samples: the samples that were given; that which stands for copies has the groups on which they agree.
        standing: by sample, the number of the one that stands for it, mostly itself; None if it is left out.
        problems: what was found.
    """

    samples: tuple[Sample, ...]
    standing: tuple[int | None, ...]
    problems: tuple[Problem, ...]


def settled_groups(samples: Sequence[Sample]) -> tuple[tuple[Sample, ...], tuple[Problem, ...]]:
    """Return samples of which no subject is in two groups of an attribute, and the problems that there were.

    A subject in two groups loses the attribute, for nobody can tell which group is right. Age is no such
    attribute: it is the picture's.
    """
    rows: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for sample in samples:
        for attribute, group in sample.groups.items():
            if attribute not in _NOT_OF_A_PERSON:
                rows[sample.subject, attribute].setdefault(group, sample.row)
    torn = {key: groups for key, groups in rows.items() if len(groups) > 1}
    problems = [
        problem(
            ProblemKind.TWO_GROUPS,
            tuple(groups.values()),
            f"Subject {subject} is in the groups {_few(groups)} of {attribute}; "
            f"it counts in no group of {attribute}.",
        )
        for (subject, attribute), groups in torn.items()
    ]
    lost = {subject for subject, _ in torn}
    settled = []
    for sample in samples:
        said = sample.groups.items()
        groups = {name: group for name, group in said if (sample.subject, name) not in torn}
        settled.append(replace(sample, groups=groups) if sample.subject in lost else sample)
    return tuple(settled), tuple(problems)


def merged(samples: Sequence[Sample], contents: Sequence[str]) -> Merged:
    """Merge the samples of the same content: a picture compared with itself says nothing about recognition.

    Of copies under one subject the first stands for all. Copies under several subjects are left out, for
    nobody can tell whose picture it is; but where none of these subjects has another picture, the first
    stands for all: it is then compared with nobody of whom it might be.

    Args:
        samples: the samples.
        contents: by sample, something that is the same for samples whose files hold the same.
    """
    by_content: defaultdict[str, list[int]] = defaultdict(list)
    for number, content in enumerate(contents):
        by_content[content].append(number)
    pictures = Counter(sample.subject for sample in samples)
    made, standing = list(samples), list[int | None](range(len(samples)))
    problems, repeated = [], list[str]()
    for numbers in by_content.values():
        if len(numbers) == 1:
            continue
        copies = [samples[number] for number in numbers]
        subjects = Counter(copy.subject for copy in copies)
        kept = len(subjects) == 1 or all(pictures[subject] == count for subject, count in subjects.items())
        for number in numbers:
            standing[number] = numbers[0] if kept else None
        if len(subjects) > 1:
            problems.append(_two_subjects(copies, kept=kept))
        else:
            again, found = _one_subject(copies)
            repeated += again
            problems += found
        if kept:
            groups = agreement([copy.groups for copy in copies])
            made[numbers[0]] = replace(copies[0], groups=groups)
            problems += _differing(copies, groups)
    if repeated:
        text = f"Rows that name a picture of a subject again: {len(repeated):,}; the first row is kept."
        problems.append(problem(ProblemKind.REPEATED_ROW, repeated, text))
    return Merged(tuple(made), tuple(standing), tuple(problems))


def _two_subjects(copies: Sequence[Sample], *, kept: bool) -> Problem:
    subjects = _few(copy.subject for copy in copies)
    said = f"The same picture, to the byte, is listed under the subjects {subjects}"
    done = (
        ", none of whom has another picture: it is used once, under the first."
        if kept
        else ". Nobody can tell whose it is: it is left out, with all its comparisons."
    )
    return problem(ProblemKind.TWO_SUBJECTS, [copy.row for copy in copies], said + done)


def _one_subject(copies: Sequence[Sample]) -> tuple[list[str], list[Problem]]:
    """Return the rows that name a file again, and the problem that several files hold the same."""
    rows: dict[Path, str] = {}
    repeated = []
    for copy in copies:
        if copy.file in rows:
            repeated.append(copy.row)
        else:
            rows[copy.file] = copy.row
    if len(rows) == 1:
        return repeated, []
    text = f"Files of subject {_few([copies[0].subject])} that hold the same bytes; the first stands for all."
    return repeated, [problem(ProblemKind.SAME_PICTURE, list(rows.values()), text)]


def _differing(copies: Sequence[Sample], agreed: dict[str, str]) -> list[Problem]:
    lost = sorted({attribute for copy in copies for attribute in copy.groups} - set(agreed))
    if not lost:
        return []
    text = f"Rows of the same picture differ in {_few(lost)}; it counts in no group of that."
    return [problem(ProblemKind.TWO_GROUPS, [copy.row for copy in copies], text)]


def _few(names: Iterable[str]) -> str:
    """Return names for a sentence, not all if there are many."""
    different = list(dict.fromkeys(names))
    shown = " and ".join(name[:120] for name in different[:4])
    return f"{shown} and {len(different) - 4:,} more" if len(different) > 4 else shown
