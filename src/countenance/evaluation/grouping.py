"""Samples by demographic group, and their comparisons between each two groups."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Protocol

import numpy as np

from countenance.errors import DataSetInvalid
from countenance.evaluation.matrix import Cells, all_comparisons
from countenance.evaluation.samples import repeated
from countenance.evaluation.targets.port import TemplateTarget
from countenance.evaluation.verification import as_comparisons, pairs_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from countenance.evaluation.comparisons import Numbers
    from countenance.evaluation.samples import DataSet
    from countenance.evaluation.targets.port import Progress, Target

MOST_GROUPS = 20
"""Two attributes are joined, such as gender with race, as long as that makes no more groups."""


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """Samples by group: the groups' names, and by sample its group's number, −1 where it is not stated."""

    attribute: str
    names: tuple[str, ...]
    numbers: Numbers


class Looked(Protocol):
    """A data set's samples after a target has looked at them."""

    @property
    def samples(self) -> npt.NDArray[np.intp]:
        """The numbers of the samples that were looked at."""

    @property
    def failures(self) -> Mapping[int, str]:
        """By sample number, why it could not be used."""

    def cells(self, names: tuple[str, ...], numbers: Numbers, listed_from: float) -> Cells:
        """Return the comparisons by group, listed from that score on at least."""


def groupings(data: DataSet) -> list[Grouping]:
    """Return the groups of each attribute, and of each two together.

    Raises:
        DataSetInvalid: the data set tells of no attribute with two groups.
    """
    found = [
        grouping
        for names in [*((name,) for name in data.attributes), *combinations(data.attributes, 2)]
        if 1 < len((grouping := _grouping(data, names)).names) <= MOST_GROUPS
    ]
    if not found:
        raise DataSetInvalid(
            f"{data.name} tells of no two groups; name columns of groups, or a data set that has them"
        )
    return found


def look(
    target: Target, data: DataSet, subjects: Numbers, seed: int, block_bytes: int, progress: Progress
) -> Looked:
    """Let a target look at a data set.

    Where it gives templates each two pictures are compared; else it is asked for the pairs that the data
    set lists, or for some drawn from the seed.
    """
    if isinstance(target, TemplateTarget):
        return _Matrix(target, data, subjects, block_bytes, progress)
    return _List(target, data, subjects, seed, progress)


def _grouping(data: DataSet, attributes: tuple[str, ...]) -> Grouping:
    named = [
        ", ".join(sample.groups[name] for name in attributes)
        if all(name in sample.groups for name in attributes)
        else None
        for sample in data.samples
    ]
    names = sorted({name for name in named if name is not None}, key=_naturally)
    places = {name: place for place, name in enumerate(names)}
    numbers = np.array([-1 if name is None else places[name] for name in named], np.int32)
    return Grouping(" and ".join(attributes), tuple(names), numbers)


def _naturally(name: str) -> list[tuple[int, str]]:
    """Return by what names are sorted so that ages come in order: numbers by their value."""
    return [(int(digits or 0), text) for digits, text in re.findall(r"(\d*)(\D*)", name)]


class _Matrix:
    """All comparisons of a data set's pictures, by the engine of this process."""

    def __init__(
        self, target: TemplateTarget, data: DataSet, subjects: Numbers, block_bytes: int, progress: Progress
    ) -> None:
        templates = target.templates(data, progress)
        self.failures: Mapping[int, str] = templates.failures
        self.samples = np.arange(len(subjects))
        self._vectors = templates.vectors
        self._usable = templates.found & ~repeated(data)
        self._subjects = subjects
        self._block_bytes = block_bytes

    def cells(self, names: tuple[str, ...], numbers: Numbers, listed_from: float) -> Cells:
        """Return the comparisons by group."""
        kept = self._usable & (numbers >= 0)
        cells = all_comparisons(
            self._vectors[kept],
            self._subjects[kept],
            numbers[kept],
            names,
            people=int(self._subjects.max()) + 1,
            listed_from=listed_from,
            block_bytes=self._block_bytes,
        )
        return cells.filled()


class _List:
    """The comparisons of a list of pairs, by any target."""

    def __init__(
        self, target: Target, data: DataSet, subjects: Numbers, seed: int, progress: Progress
    ) -> None:
        pairs = pairs_of(data, seed)
        answers = target.compare(data, pairs, progress)
        self.failures = answers.failures
        asked = {number for pair in pairs for number in (pair.first, pair.second)}
        self.samples = np.array(sorted(asked), np.intp)
        self._pairs, self._scores, self._subjects = pairs, answers.scores, subjects

    def cells(self, names: tuple[str, ...], numbers: Numbers, listed_from: float) -> Cells:  # noqa: ARG002
        """Return the comparisons by group; all of them are listed."""
        first = numbers[[pair.first for pair in self._pairs]]
        second = numbers[[pair.second for pair in self._pairs]]
        lower, upper = np.minimum(first, second), np.maximum(first, second)
        mated, non_mated = {}, {}
        for one in range(len(names)):
            for other in range(one, len(names)):
                chosen = np.flatnonzero((lower == one) & (upper == other))
                pairs = [self._pairs[at] for at in chosen]
                same, different = as_comparisons(self._scores[chosen], pairs, self._subjects)
                non_mated[one, other] = different
                if one == other:
                    mated[one] = same
        return Cells(names, mated, non_mated)
