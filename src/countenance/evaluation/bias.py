"""Error by demographic group, as NIST FRTE part 8 and ISO/IEC 19795-10 measure it.

All groups are judged at the same thresholds. False matches are counted within each group and between each
two, false non-matches within groups. What is found out before recognition, whether a face is found at all, is
reported apart. Each figure has the number of people behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from countenance.evaluation.bootstrap import SubjectBootstrap, false_match_rate, false_non_match_rate
from countenance.evaluation.comparisons import Comparisons
from countenance.evaluation.differentials import Differentials, GroupRates, differentials
from countenance.evaluation.estimates import LEAST_ERRORS, Estimate
from countenance.evaluation.gaps import Gap, gaps
from countenance.evaluation.grouping import groupings, look
from countenance.evaluation.matrix import BLOCK_BYTES
from countenance.evaluation.rates import threshold_at
from countenance.evaluation.samples import subject_numbers
from countenance.evaluation.targets.port import no_progress

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from countenance.evaluation.comparisons import Floats, Numbers, Scale
    from countenance.evaluation.grouping import Grouping, Looked
    from countenance.evaluation.matrix import Cells
    from countenance.evaluation.samples import DataSet
    from countenance.evaluation.targets.port import Progress, Target

SIMILARITIES = (80.0, 90.0, 99.0)
WANTED_FMR = 1e-3
"""The false match rate of all comparisons at which groups are judged."""
EQUAL_FMR = 1e-2
"""The false match rate that each group gets at a threshold of its own; smaller ones ask for larger groups."""
_QUESTIONS = 3
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class GroupMade:
    """Who a group is: its pictures, its people, and how many of the pictures gave no template."""

    name: str
    samples: int
    subjects: int
    failures: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class AtOneThreshold:
    """Errors of all groups at one threshold.

    Attributes:
        similarity: the threshold, 0–100.
        score: the same on the target's own scale.
        chosen: how it was chosen, in words.
        overall_fmr: of all comparisons, whatever the groups.
        fmr: by two group numbers, the lower first, the false match rate between them.
        fnmr: by group, the false non-match rate.
        differentials: how far groups lie apart.
    """

    similarity: float
    score: float
    chosen: str
    overall_fmr: Estimate
    fmr: Mapping[tuple[int, int], Estimate]
    fnmr: tuple[Estimate, ...]
    differentials: Differentials


@dataclass(frozen=True, slots=True)
class AtEqualFmr:
    """What a group gets at the threshold at which its own false match rate is `EQUAL_FMR`.

    Attributes:
        group: its name.
        similarity: that threshold, 0–100; None where there are too few comparisons.
        fnmr: the group's false non-match rate there.
    """

    group: str
    similarity: float | None
    fnmr: Estimate | None


@dataclass(frozen=True, slots=True, eq=False)
class AttributeBias:
    """Error by the groups of one attribute, or of several joined.

    Attributes:
        attribute: its name, such as "gender", or "gender and race".
        groups: who they are.
        not_stated: how many samples are in none.
        cells: the comparisons.
        thresholds: errors at each threshold; the last is that of the wanted FMR, where there is one.
        at_equal_fmr: what each group gets at a threshold of its own.
        false_match_gaps: groups with more or fewer false matches than the others.
        non_match_gaps: the same for false non-matches.
        failure_gaps: the same for pictures without a template.
    """

    attribute: str
    groups: tuple[GroupMade, ...]
    not_stated: int
    cells: Cells
    thresholds: tuple[AtOneThreshold, ...]
    at_equal_fmr: tuple[AtEqualFmr, ...]
    false_match_gaps: tuple[Gap, ...]
    non_match_gaps: tuple[Gap, ...]
    failure_gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Bias:
    """Error by group.

    Attributes:
        data: what was measured with.
        target: what was measured.
        scale: what its scores mean.
        attributes: by attribute.
        failures: by sample number, why it could not be used.
        seed: from which weights were drawn.
    """

    data: DataSet
    target: str
    scale: Scale
    attributes: tuple[AttributeBias, ...]
    failures: Mapping[int, str]
    seed: int


def measure_bias(
    target: Target,
    data: DataSet,
    *,
    seed: int = 0,
    block_bytes: int = BLOCK_BYTES,
    progress: Progress = no_progress,
) -> Bias:
    """Measure the error of each group.

    Raises:
        DataSetInvalid: the data set has no groups.
    """
    grouped = groupings(data)
    subjects = subject_numbers(data)
    bootstrap = SubjectBootstrap(int(subjects.max()) + 1, seed=seed)
    looked = look(target, data, subjects, seed, block_bytes, progress)
    families = _QUESTIONS * len(grouped)
    attributes = tuple(
        _of_attribute(each, looked, subjects, target.scale, bootstrap, families) for each in grouped
    )
    return Bias(data, target.name, target.scale, attributes, looked.failures, seed)


def group_rates(
    comparisons: Sequence[Comparisons], threshold: float, bootstrap: SubjectBootstrap, *, mated: bool
) -> tuple[GroupRates, list[float]]:
    """Return one error rate of each group, and the degrees of freedom of its replicates.

    Args:
        comparisons: of each group, mated or non-mated ones.
        threshold: from which score on they match.
        bootstrap: of all subjects.
        mated: whether they are mated, so that those below the threshold are errors.
    """
    columns: list[Floats] = []
    freedom: list[float] = []
    errors = np.zeros(len(comparisons), np.int64)
    for group, each in enumerate(comparisons):
        matching = int(each.at_least(threshold)) if each.total else 0
        errors[group] = each.total - matching if mated else matching
        if not each.total:
            columns.append(np.full(bootstrap.replicates, np.nan))
            freedom.append(np.inf)
            continue
        replicates = (bootstrap.mated if mated else bootstrap.non_mated)(each, threshold)
        columns.append(replicates.values)
        freedom.append(replicates.degrees_of_freedom)
    trials = np.array([each.total for each in comparisons], np.int64)
    subjects = np.array([each.subjects() for each in comparisons], np.int64)
    return GroupRates(errors, trials, subjects, np.stack(columns, axis=1)), freedom


def _of_attribute(
    grouped: Grouping,
    looked: Looked,
    subjects: Numbers,
    scale: Scale,
    bootstrap: SubjectBootstrap,
    families: int,
) -> AttributeBias:
    names, numbers = grouped.names, grouped.numbers
    everybody = np.where(numbers >= 0, 0, -1).astype(np.int32)
    scores = [(float(scale.score(similarity)), "named") for similarity in SIMILARITIES]
    overall = looked.cells(("all",), everybody, scores[0][0]).non_mated[0, 0]
    if WANTED_FMR * overall.total >= LEAST_ERRORS:
        scores.append((threshold_at(overall, WANTED_FMR), f"overall FMR {WANTED_FMR:g}"))
    cells = looked.cells(names, numbers, min(score for score, _ in scores))
    thresholds = [
        _at_one_threshold(score, chosen, cells, overall, scale, bootstrap) for score, chosen in scores
    ]
    failures = _failures(grouped, looked, subjects)
    judged = scores[-1][0]
    within = [cells.non_mated[group, group] for group in range(len(names))]
    questions = (
        group_rates(within, judged, bootstrap, mated=False),
        group_rates([cells.mated[group] for group in range(len(names))], judged, bootstrap, mated=True),
        group_rates(failures, _HALF, bootstrap, mated=True),
    )
    return AttributeBias(
        grouped.attribute,
        tuple(
            GroupMade(name, each.total, each.subjects(), false_non_match_rate(each, _HALF, bootstrap))
            for name, each in zip(names, failures, strict=True)
        ),
        int((numbers[looked.samples] < 0).sum()),
        cells,
        tuple(thresholds),
        tuple(_at_equal_fmr(group, cells, scale, bootstrap) for group in range(len(names))),
        *(gaps(names, rates, freedom, families) for rates, freedom in questions),
    )


def _failures(grouped: Grouping, looked: Looked, subjects: Numbers) -> list[Comparisons]:
    """Return, by group, a score of 1 for each picture that gave a template and 0 for the others."""
    found = np.array([number not in looked.failures for number in looked.samples], np.float64)
    groups = grouped.numbers[looked.samples]
    owners = subjects[looked.samples]
    return [
        Comparisons.of(found[groups == group], owners[groups == group], owners[groups == group])
        for group in range(len(grouped.names))
    ]


def _at_one_threshold(
    score: float, chosen: str, cells: Cells, overall: Comparisons, scale: Scale, bootstrap: SubjectBootstrap
) -> AtOneThreshold:
    groups = range(len(cells.groups))
    within, _ = group_rates([cells.non_mated[each, each] for each in groups], score, bootstrap, mated=False)
    missed, _ = group_rates([cells.mated[each] for each in groups], score, bootstrap, mated=True)
    return AtOneThreshold(
        float(scale.similarity(score)),
        score,
        chosen,
        false_match_rate(overall, score, bootstrap),
        {cell: false_match_rate(each, score, bootstrap) for cell, each in cells.non_mated.items()},
        tuple(false_non_match_rate(cells.mated[each], score, bootstrap) for each in groups),
        differentials(cells.groups, within, missed),
    )


def _at_equal_fmr(group: int, cells: Cells, scale: Scale, bootstrap: SubjectBootstrap) -> AtEqualFmr:
    mated, non_mated = cells.mated[group], cells.non_mated[group, group]
    if EQUAL_FMR * non_mated.total < LEAST_ERRORS:
        return AtEqualFmr(cells.groups[group], None, None)
    score = threshold_at(non_mated, EQUAL_FMR)
    fnmr = false_non_match_rate(mated, score, bootstrap) if mated.total else None
    return AtEqualFmr(cells.groups[group], float(scale.similarity(score)), fnmr)
