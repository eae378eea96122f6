"""From counts of reviewed answers to rates with intervals.

Three rates, in the words of ISO/IEC 19795-1 where it has one:

- *false discovery*: of the answers that people decided, how many were rejected;
- *false positive identification* (FPIR): of the searches in which nobody was confirmed, how many returned
  somebody who was rejected;
- *false match* (FMR): of the comparisons that searches made, how many led to a candidate who is known to be
  somebody else.

Answers that nobody has decided are taken to be false as often as decided ones, so a rate of decided answers
stands for as many searches as their share of all answers; ``least`` and ``most`` say what it would be if none
or all of them were false. Intervals are Wilson's (1927), at 95 %. Comparisons of one search share their
probe, so errors among them come in clusters: their interval is that of fewer comparisons, by the design
effect of a compound Poisson process, which is the sum of the squares of each search's errors over their sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.evaluation.estimates import LEVEL, wilson_interval

if TYPE_CHECKING:
    from countenance.governance.accuracy import Counts

CONFIDENCE = LEVEL
METHOD = "Wilson score interval, 95 %; for false matches with the design effect of errors in one search"


@dataclass(frozen=True, slots=True)
class Rate:
    """An error rate with its interval; rates are None where there is nothing to tell them from.

    Attributes:
        errors: how many errors are known.
        trials: how many trials these are errors of; part of one where undecided ones are left out in part.
        rate: errors / trials.
        lower: where the interval begins.
        upper: where it ends.
        least: the rate if none of what is undecided were an error.
        most: the rate if all of it were.
        stated: the rate that the calibration states for the same searches; None where it states none.
    """

    errors: int
    trials: float
    rate: float | None
    lower: float | None
    upper: float | None
    least: float | None
    most: float | None
    stated: float | None = None


@dataclass(frozen=True, slots=True)
class Estimates:
    """Counts and the three rates made of them."""

    counts: Counts
    false_discovery: Rate
    false_positive_identification: Rate
    false_match: Rate


def estimates_of(counts: Counts) -> Estimates:
    """Return the rates that counts tell."""
    return Estimates(counts, _false_discovery(counts), _false_positives(counts), _false_matches(counts))


def _false_discovery(counts: Counts) -> Rate:
    answers = counts.decided + counts.undecided
    return _rate(
        counts.rejected,
        float(counts.decided),
        least=_ratio(counts.rejected, answers),
        most=_ratio(counts.rejected + counts.undecided, answers),
    )


def _false_positives(counts: Counts) -> Rate:
    answers = counts.decided + counts.undecided
    stood_for = counts.searches * counts.decided / answers if answers else float(counts.searches)
    nobody_confirmed = counts.searches - counts.confirmed
    return _rate(
        counts.rejected,
        stood_for - counts.confirmed,
        least=_ratio(counts.rejected, nobody_confirmed - counts.undecided),
        most=_ratio(counts.rejected + counts.undecided, nobody_confirmed),
        stated=_ratio(counts.stated_false_positives, counts.searches),
    )


def _false_matches(counts: Counts) -> Rate:
    errors, undecided = counts.false_candidates, counts.undecided_candidates
    decided = counts.confirmed + errors
    share = decided / (decided + undecided) if decided + undecided else 1.0
    return _rate(
        errors,
        counts.comparisons * share,
        design_effect=counts.false_candidates_squared / errors if errors else 1.0,
        least=_ratio(errors, counts.comparisons),
        most=_ratio(errors + undecided, counts.comparisons),
        stated=_ratio(counts.stated_false_matches, counts.comparisons),
    )


def _rate(
    errors: int,
    trials: float,
    *,
    least: float | None,
    most: float | None,
    stated: float | None = None,
    design_effect: float = 1.0,
) -> Rate:
    if trials <= 0:
        return Rate(errors, 0.0, None, None, None, least, most, stated)
    # A gallery that shrank while it was searched may have more candidates than comparisons.
    trials = max(trials, float(errors))
    lower, upper = wilson_interval(errors / design_effect, trials / design_effect)
    return Rate(errors, trials, errors / trials, lower, upper, least, most, stated)


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None
