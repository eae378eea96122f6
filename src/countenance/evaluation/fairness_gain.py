"""What fair calibration does: the spread of false match rates between groups, before and after.

Both calibrations are held to the same share of false matches over all comparisons, each by a threshold of its
own, and the false match rates within groups at that threshold are compared; so are the shares of mated
comparisons that match (TAR, 1 − FNMR), where there are any. People are resampled, the thresholds are set
anew in each replicate, and differences are taken within replicates (see `bootstrap`). Weights are not shrunk,
which makes intervals of what rests on few false matches too wide rather than too narrow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from countenance.errors import TooFewComparisons
from countenance.evaluation.bootstrap import REPLICATES, SubjectBootstrap
from countenance.evaluation.comparisons import Population
from countenance.evaluation.differentials import gini, max_over_min
from countenance.evaluation.estimates import LEAST_ERRORS, Estimate, interval
from countenance.evaluation.fairness import adjusting
from countenance.evaluation.score_counts import all_scores, blocks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from countenance.evaluation.comparisons import Counts, Floats, Numbers
    from countenance.evaluation.score_counts import Adjust
    from countenance.vision.regions import RegionalCalibration

    Vectors = npt.NDArray[np.float32]

OVERALL_RATES = (1e-2, 1e-3, 1e-4)
_LISTED = 4
"""So many times the comparisons that match at the highest rate are listed; replicates need some more."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one calibration does at an overall false match rate.

    Attributes:
        within_groups: by group, the false match rate of comparisons within it.
        max_over_min: the greatest of them over the smallest; not estimable where one is zero.
        gini: their Gini coefficient, 0 where they are equal.
        tar: the share of mated comparisons that match; not estimable where there are none.
    """

    within_groups: tuple[Estimate, ...]
    max_over_min: Estimate
    gini: Estimate
    tar: Estimate


@dataclass(frozen=True, slots=True)
class GainAtRate:
    """Both calibrations at one overall false match rate, and the differences, fair less global.

    Attributes:
        overall_rate: the share of all non-mated comparisons that match.
        false_matches: how many that are.
        under_global: what global calibration does.
        under_fair: what fair calibration does.
        max_over_min_ratio: the fair one's max/min over the global one's; below 1 is fairer.
        gini_change: the change of the Gini coefficient; below 0 is fairer.
        tar_change: the change of TAR; below 0 is a loss.
    """

    overall_rate: float
    false_matches: int
    under_global: Outcome
    under_fair: Outcome
    max_over_min_ratio: Estimate
    gini_change: Estimate
    tar_change: Estimate


@dataclass(frozen=True, slots=True)
class FairnessGain:
    """What fair calibration does on one data set, by one attribute.

    Attributes:
        groups: the groups' names.
        subjects: by group, how many people.
        comparisons: by group, how many non-mated comparisons within it.
        non_mated_comparisons: how many of all.
        mated_comparisons: how many of the same people.
        at_rates: the figures, at each overall rate that rests on 30 false matches at least.
    """

    groups: tuple[str, ...]
    subjects: tuple[int, ...]
    comparisons: tuple[int, ...]
    non_mated_comparisons: int
    mated_comparisons: int
    at_rates: tuple[GainAtRate, ...]


def fairness_gain(
    fair: RegionalCalibration,
    vectors: Vectors,
    subjects: Numbers,
    groups: Sequence[str | None],
    *,
    overall_rates: Sequence[float] = OVERALL_RATES,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> FairnessGain:
    """Compare fair calibration with global calibration on people whom neither was fitted on.

    Args:
        fair: the calibration by regions.
        vectors: (n, d) float32, L2-normalised templates.
        subjects: (n,) the number of each one's subject.
        groups: (n,) the group of each one's subject, such as a gender; None where it is not known.
        overall_rates: false match rates over all comparisons at which to compare.
        replicates: of the bootstrap.
        seed: of the bootstrap.

    Raises:
        TooFewComparisons: no overall rate rests on 30 false matches.
    """
    _, inverse = np.unique(subjects, return_inverse=True)
    places = inverse.astype(np.int32)
    names = tuple(sorted({group for group in groups if group is not None}))
    of_template = np.array([names.index(group) if group is not None else -1 for group in groups], np.intp)
    trials = _Trials.of(places, of_template, len(names))
    rates = [rate for rate in overall_rates if int(rate * trials.total) >= LEAST_ERRORS]
    if not rates:
        raise TooFewComparisons(
            f"{trials.total} comparisons of different people are too few for {LEAST_ERRORS} false matches "
            f"at a rate of {max(overall_rates):g}; {int(LEAST_ERRORS / max(overall_rates))} are the least"
        )
    weights = SubjectBootstrap(len(trials.counts), replicates, seed).weights
    adjust = adjusting(fair.regions, fair.regions.distances(vectors))
    sides = [_Side.of(vectors, places, of_template, each, _LISTED * max(rates)) for each in (None, adjust)]
    found = [_gain(rate, sides, trials, weights) for rate in rates]
    return FairnessGain(
        names,
        tuple(len(np.unique(places[of_template == group])) for group in range(len(names))),
        tuple(int(count) for count in trials.within(np.ones((1, len(trials.counts))))[0]),
        trials.total,
        len(sides[0].mated),
        tuple(found),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Trials:
    """How many pictures each subject has, in all and by group."""

    counts: Counts
    by_group: tuple[Counts, ...]

    @classmethod
    def of(cls, places: Numbers, of_template: npt.NDArray[np.intp], groups: int) -> _Trials:
        people = int(places.max(initial=-1)) + 1

        def pictures(rows: npt.NDArray[np.bool_]) -> Counts:
            return np.bincount(places[rows], minlength=people).astype(np.int64)

        return cls(
            pictures(np.ones(len(places), np.bool_)),
            tuple(pictures(of_template == group) for group in range(groups)),
        )

    @property
    def total(self) -> int:
        """How many non-mated comparisons there are."""
        return int(self.overall(np.ones((1, len(self.counts))))[0])

    def overall(self, weights: Floats) -> Floats:
        """Return the weights of all non-mated comparisons together, by replicate."""
        return Population(self.counts, self.counts, within=True).total(weights)

    def within(self, weights: Floats) -> Floats:
        """Return (replicates, groups) the weights of those within each group."""
        return np.stack(
            [Population(each, each, within=True).total(weights) for each in self.by_group], axis=1
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """The highest non-mated and all mated scores under one calibration, highest first."""

    scores: Floats
    first: Numbers
    second: Numbers
    group: npt.NDArray[np.intp]
    mated: Floats
    mated_subjects: Numbers

    @classmethod
    def of(
        cls,
        vectors: Vectors,
        places: Numbers,
        of_template: npt.NDArray[np.intp],
        adjust: Adjust | None,
        share: float,
    ) -> _Side:
        every = all_scores(vectors, places, adjust)
        count = min(int(share * every.non_mated.total) + 1, every.non_mated.total)
        floor = every.non_mated.score_reached_by(count) - 1e-4
        parts = []
        for rows, columns, scores in blocks(vectors, adjust):
            row, column = np.nonzero(scores >= floor)
            values, one, other = scores[row, column], row + rows.start, column + columns.start
            kept = (other > one) & (places[one] != places[other])
            parts.append((values[kept], one[kept], other[kept]))
        values, one, other = (np.concatenate([part[place] for part in parts]) for place in range(3))
        order = np.argsort(-values, kind="stable")
        one, other = one[order], other[order]
        group = np.where(of_template[one] == of_template[other], of_template[one], -1)
        best = np.argsort(-every.mated, kind="stable")
        return cls(
            values[order].astype(np.float64),
            places[one],
            places[other],
            group,
            every.mated[best],
            every.mated_subjects[best],
        )

    def rates(self, overall_rate: float, trials: _Trials, weights: Floats) -> tuple[Floats, Floats, Floats]:
        """Return false match rates within groups and TAR by replicate, and the count of errors in the groups.

        Each replicate's threshold is where its own overall false match rate is what is wanted.
        """
        allowed = overall_rate * trials.overall(weights)
        within = trials.within(weights)
        groups = within.shape[1]
        rates, tar = np.full((len(weights), groups), np.nan), np.full(len(weights), np.nan)
        errors = np.zeros((len(weights), groups))
        for number, weight in enumerate(weights):
            products = weight[self.first] * weight[self.second]
            matching = int(np.searchsorted(np.cumsum(products), allowed[number] * (1 + 1e-9), side="right"))
            errors[number] = np.bincount(
                self.group[:matching] + 1, products[:matching], minlength=groups + 1
            )[1:]
            threshold = self.scores[min(matching, len(self.scores) - 1)]
            mated = weight[self.mated_subjects]
            if len(mated):
                above = np.searchsorted(-self.mated, -threshold, side="left")
                tar[number] = mated[:above].sum() / mated.sum()
        np.divide(errors, within, out=rates, where=within > 0)
        return rates, tar, errors


def _gain(rate: float, sides: Sequence[_Side], trials: _Trials, weights: Floats) -> GainAtRate:
    ones = np.ones((1, weights.shape[1]))
    plain = [side.rates(rate, trials, ones) for side in sides]
    drawn = [side.rates(rate, trials, weights) for side in sides]
    outcomes = []
    for (rates, tar, errors), (of_groups, tars, _) in zip(plain, drawn, strict=True):
        counts = trials.within(ones)[0]
        outcomes.append(
            Outcome(
                tuple(
                    _estimate(rates[0, group], of_groups[:, group], errors[0, group], counts[group])
                    for group in range(rates.shape[1])
                ),
                _estimate(max_over_min(rates)[0], max_over_min(of_groups)),
                _estimate(gini(rates)[0], gini(of_groups)),
                _estimate(tar[0], tars),
            )
        )
    (was, tar_was, _), (became, tar_became, _) = plain
    (wases, tar_wases, _), (becames, tar_becames, _) = drawn
    return GainAtRate(
        rate,
        int(rate * trials.total),
        outcomes[0],
        outcomes[1],
        _estimate((max_over_min(became) / max_over_min(was))[0], max_over_min(becames) / max_over_min(wases)),
        _estimate((gini(became) - gini(was))[0], gini(becames) - gini(wases)),
        _estimate((tar_became - tar_was)[0], tar_becames - tar_wases),
    )


def _estimate(
    value: float, replicates: Floats, errors: float | None = None, trials: float | None = None
) -> Estimate:
    counted = None if errors is None or trials is None else (round(errors), round(trials))
    if not np.isfinite(value):
        return Estimate(None)
    low, high = interval(float(value), replicates)
    if counted is None:
        return Estimate(float(value), low, high)
    return Estimate(float(value), low, high, *counted)
