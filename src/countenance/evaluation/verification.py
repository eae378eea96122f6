"""1:1 verification: the comparisons of a protocol, and all comparisons of its pictures."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from countenance.evaluation.bootstrap import SubjectBootstrap
from countenance.evaluation.comparisons import Comparisons, Numbers
from countenance.evaluation.matrix import BLOCK_BYTES, all_comparisons
from countenance.evaluation.rates import FoldAccuracy, fold_accuracy
from countenance.evaluation.recognition import Recognition, failures_to_enrol, recognition
from countenance.evaluation.samples import Pair, repeated, subject_numbers
from countenance.evaluation.targets.port import TemplateTarget, no_progress

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from countenance.evaluation.comparisons import Scale
    from countenance.evaluation.estimates import Estimate
    from countenance.evaluation.samples import DataSet
    from countenance.evaluation.targets.port import Progress, Target

_LEAST_FOLDS = 2
_SAME = 1e-9
SAMPLED_PAIRS = 2000
"""How many pairs of each kind an endpoint is asked for where the data set has no list."""


@dataclass(frozen=True, slots=True, eq=False)
class Verification:
    """How well a target verifies.

    Attributes:
        data: what was measured with.
        target: what was measured.
        scale: what its scores mean.
        sets: the error rates, by set of comparisons.
        folds: the accuracy by folds, where the data set has them.
        failures: by sample number, why it could not be used.
        failures_to_enrol: their share.
        subjects: how many subjects there are.
        constant: whether all scores are the same, so that the target does not compare at all.
        seed: from which weights, and pairs where there was no list, were drawn.
    """

    data: DataSet
    target: str
    scale: Scale
    sets: tuple[Recognition, ...]
    folds: FoldAccuracy | None
    failures: Mapping[int, str]
    failures_to_enrol: Estimate
    subjects: int
    constant: bool
    seed: int


def verify(
    target: Target,
    data: DataSet,
    *,
    seed: int = 0,
    block_bytes: int = BLOCK_BYTES,
    progress: Progress = no_progress,
) -> Verification:
    """Measure verification of a target.

    The pairs that the data set lists are compared. Where the target gives templates, so are each two
    pictures; else it is asked for pairs drawn from them where there is no list.
    """
    subjects = subject_numbers(data)
    bootstrap = SubjectBootstrap(int(subjects.max()) + 1, seed=seed)
    sets: list[Recognition | None] = []
    failures: Mapping[int, str] = {}
    folds, constant = None, False
    pairs = data.pairs if isinstance(target, TemplateTarget) else pairs_of(data, seed)
    if pairs:
        answers = target.compare(data, pairs, progress)
        failures = answers.failures
        mated, non_mated = as_comparisons(answers.scores, pairs, subjects)
        constant = constant_answers(answers.scores)
        name = "the protocol's pairs" if data.pairs is not None else "pairs drawn from the data"
        sets.append(recognition(name, mated, non_mated, target.scale, bootstrap))
        folds = _folds(answers.scores, pairs)
    if isinstance(target, TemplateTarget):
        templates = target.templates(data, progress)
        failures = templates.failures
        usable = templates.found & ~repeated(data)
        cells = all_comparisons(
            templates.vectors[usable],
            subjects[usable],
            people=int(subjects.max()) + 1,
            block_bytes=block_bytes,
        ).filled()
        everything = cells.mated[0], cells.non_mated[0, 0]
        sets.append(recognition("all pictures with each other", *everything, target.scale, bootstrap))
    asked = sorted({number for pair in pairs or () for number in (pair.first, pair.second)})
    looked_at = np.arange(len(subjects)) if isinstance(target, TemplateTarget) else np.array(asked, np.intp)
    return Verification(
        data,
        target.name,
        target.scale,
        tuple(each for each in sets if each is not None),
        folds,
        failures,
        failures_to_enrol([number not in failures for number in looked_at], subjects[looked_at], bootstrap),
        len(np.unique(subjects[looked_at])),
        constant,
        seed,
    )


def constant_answers(scores: npt.ArrayLike) -> bool:
    """Tell whether a target gives the same score whatever it is asked, so compares no pictures at all.

    Args:
        scores: all that it gave, of mated and non-mated comparisons together; NaN where it gave none.
    """
    values = np.asarray(scores, np.float64)
    given = values[np.isfinite(values)]
    return len(given) > 1 and bool(np.ptp(given) <= _SAME)


def as_comparisons(
    scores: npt.NDArray[np.float64], pairs: Sequence[Pair], subjects: Numbers
) -> tuple[Comparisons, Comparisons]:
    """Return the mated and the non-mated comparisons of pairs; NaN scores count as failures."""
    first = subjects[[pair.first for pair in pairs]]
    second = subjects[[pair.second for pair in pairs]]
    mated = np.array([pair.mated for pair in pairs], dtype=bool)
    made = np.isfinite(scores)
    return (
        Comparisons.of(
            scores[mated & made], first[mated & made], first[mated & made], int((mated & ~made).sum())
        ),
        Comparisons.of(
            scores[~mated & made], first[~mated & made], second[~mated & made], int((~mated & ~made).sum())
        ),
    )


def pairs_of(data: DataSet, seed: int, most: int = SAMPLED_PAIRS) -> tuple[Pair, ...]:
    """Return the pairs that a data set lists; where it has no list, some drawn evenly from all.

    Args:
        data: the data set.
        seed: from which they are drawn.
        most: how many mated and how many non-mated ones to draw.
    """
    if data.pairs is not None:
        return data.pairs
    draw, subjects = np.random.default_rng(seed), subject_numbers(data)
    by_subject = np.argsort(subjects, kind="stable")
    _, starts = np.unique(subjects[by_subject], return_index=True)
    same = [pair for members in np.split(by_subject, starts[1:]) for pair in combinations(members, 2)]
    chosen = np.sort(draw.permutation(len(same))[:most])
    pairs = [Pair(int(same[at][0]), int(same[at][1]), mated=True) for at in chosen]
    found: dict[tuple[int, int], None] = {}
    for _ in range(20):
        first, second = draw.integers(0, len(subjects), (2, 2 * most))
        different = subjects[first] != subjects[second]
        lower, upper = np.minimum(first, second)[different], np.maximum(first, second)[different]
        found.update(dict.fromkeys(zip(lower.tolist(), upper.tolist(), strict=True)))
        if len(found) >= most:
            break
    return (*pairs, *(Pair(low, high, mated=False) for low, high in list(found)[:most]))


def _folds(scores: npt.NDArray[np.float64], pairs: Sequence[Pair]) -> FoldAccuracy | None:
    numbers = [pair.fold for pair in pairs if pair.fold is not None]
    if len(numbers) < len(pairs) or len(set(numbers)) < _LEAST_FOLDS:
        return None
    return fold_accuracy(scores, [pair.mated for pair in pairs], numbers)
