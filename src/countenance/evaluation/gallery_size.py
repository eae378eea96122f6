"""How errors of identification move with the size of the gallery: measured, and extrapolated in two ways.

Up to the whole gallery, rates are what random galleries of a size have on average, exactly (`tally`).
Beyond it there is no measurement, and two extrapolations are given side by side:

- independent: FPIR = 1 − (1 − FMR)^N, as if every comparison of a search were a draw of its own;
- the trend: −ln(1 − FPIR) grows as a power of N, measured from a tenth of the gallery to the whole. Were
  comparisons independent the power would be 1. They are not: some probes resemble many people, and find
  several of them in one search, which counts once. So the power is below 1, and the first way promises more
  false positives than there are. Still it is the careful one of both: whether the trend goes on, no data of
  this size can say.

Every probe serves as a non-mated search, those of enrolled subjects of the gallery without that subject.
Intervals weigh the probes' subjects anew; the people of whom galleries are drawn stay the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from countenance.evaluation.estimates import LEAST_ERRORS, Estimate, interval
from countenance.evaluation.identification import LEAST_TO_SAY_ANYTHING, MissesAt
from countenance.evaluation.shares import at_least_one, bounded, mapped, means, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from countenance.evaluation.comparisons import Floats
    from countenance.evaluation.tally import Tally

_SMALLEST = 100
_FITTED = 8
"""At how many sizes the trend is measured."""


@dataclass(frozen=True, slots=True)
class FalsePositives:
    """FPIR in a gallery of a size, at a threshold.

    Attributes:
        gallery: how many subjects are enrolled.
        threshold: the score.
        measured: without a value beyond the gallery that there is.
        independent: 1 − (1 − FMR)^N.
        trend: without a value up to the gallery that there is, and where no trend can be measured.
    """

    gallery: int
    threshold: float
    measured: Estimate
    independent: Estimate
    trend: Estimate


@dataclass(frozen=True, slots=True)
class Trend:
    """What extrapolations at a threshold rest on.

    Attributes:
        threshold: the score.
        fmr: the false match rate, of a probe and a subject's best reference; failures to enrol never match.
        power: of N, with which −ln(1 − FPIR) grows; without a value where there is no false positive.
    """

    threshold: float
    fmr: Estimate
    power: Estimate


@dataclass(frozen=True, slots=True)
class Misses:
    """How well mates are found in a gallery of a size.

    Attributes:
        gallery: how many subjects are enrolled.
        identified: how many mated searches have the mate first (rank 1).
        at_fpir: FNIR at the rates of false positives asked for, each with a threshold for this size; a
            search is a miss unless the mate comes first.
    """

    gallery: int
    identified: Estimate
    at_fpir: tuple[MissesAt, ...]


@dataclass(frozen=True, slots=True)
class GallerySizes:
    """How errors move with the size of the gallery.

    Attributes:
        gallery: how many subjects were to be enrolled.
        not_enrolled: how many of them gave no template.
        probes: how many probes there were.
        failures: how many of them gave no template.
        trends: by threshold, what extrapolations rest on.
        false_positives: by threshold and size.
        misses: by size.
    """

    gallery: int
    not_enrolled: int
    probes: int
    failures: int
    trends: tuple[Trend, ...]
    false_positives: tuple[FalsePositives, ...]
    misses: tuple[Misses, ...]


def sizes_up_to(gallery: int) -> tuple[int, ...]:
    """Return the sizes of galleries to measure: 100, 300, 1000, 3000 … and the whole."""
    steps = (_SMALLEST * factor * 10**power for power in range(len(str(gallery))) for factor in (1, 3))
    return (*(size for size in steps if size < gallery), gallery)


def by_gallery_size(
    counts: Tally,
    weights: Floats,
    thresholds: Sequence[float],
    larger: Sequence[int] = (),
    fpir: Sequence[float] = (1e-1, 1e-2, 1e-3),
) -> GallerySizes:
    """Return how errors move with the size of the gallery.

    Args:
        counts: how probes lie against the whole gallery.
        weights: (replicates, subjects) of the bootstrap.
        thresholds: scores at which FPIR is wanted; each is one of the tally's.
        larger: sizes to extrapolate to.
        fpir: rates of false positives at which FNIR is wanted; its thresholds are among the tally's.

    Raises:
        ValueError: a threshold is not one of the tally's.
    """
    if missing := [asked for asked in thresholds if asked not in counts.thresholds]:
        raise ValueError(f"{missing[0]} is not one of the tally's thresholds")
    sizes = sizes_up_to(counts.gallery) if counts.gallery else ()
    beyond = tuple(sorted(size for size in larger if size > counts.gallery))
    at = [_AtThreshold(counts, weights, place) for place in np.searchsorted(counts.thresholds, thresholds)]
    return GallerySizes(
        counts.gallery,
        counts.not_enrolled,
        len(counts.subjects),
        counts.failures,
        tuple(one.trend() for one in at),
        tuple(one.false_positives(size) for one in at for size in sizes + beyond),
        tuple(_misses(counts, weights, size, fpir) for size in sizes),
    )


class _AtThreshold:
    """What FPIR is at one threshold, measured and extrapolated."""

    def __init__(self, counts: Tally, weights: Floats, place: int) -> None:
        self._counts, self._weights = counts, weights
        self._place = slice(place, place + 1)
        self._threshold = float(counts.thresholds[place])
        others = np.maximum(counts.gallery - counts.mated, 1)
        self._fmr = replace(share(counts.above[:, place] / others, counts.subjects, weights), errors=None)
        self._whole = max(1, counts.gallery - int(counts.mated.any()))
        self._last, self._powers = self._fit()

    def trend(self) -> Trend:
        """Return what extrapolations rest on."""
        return Trend(self._threshold, self._fmr, _figure(self._powers))

    def false_positives(self, size: int) -> FalsePositives:
        """Return FPIR in a gallery of a size."""
        return FalsePositives(
            size,
            self._threshold,
            self._measured(size) if size <= self._counts.gallery else Estimate(None),
            independent(self._fmr, size),
            self._extrapolated(size) if size > self._counts.gallery else Estimate(None),
        )

    def _measured(self, size: int) -> Estimate:
        chances = self._counts.found_by(size, self._place)[:, 0]
        return replace(share(chances, self._counts.subjects, self._weights), errors=None)

    def _extrapolated(self, size: int) -> Estimate:
        with np.errstate(over="ignore", invalid="ignore"):
            exponents = self._last + self._powers * np.log(size / self._whole)
            return _figure(-np.expm1(-np.exp(exponents)))

    def _fit(self) -> tuple[Floats, Floats]:
        """Return ln(−ln(1 − FPIR)) of the whole gallery and its slope over ln N; first as measured."""
        sizes = np.unique(np.geomspace(max(1, self._whole / 10), self._whole, _FITTED).astype(np.int64))
        chances = [self._counts.found_by(int(size), self._place)[:, 0] for size in sizes]
        rates = means(np.stack(chances, axis=1), self._counts.subjects, self._weights)
        with np.errstate(divide="ignore", invalid="ignore"):
            height, width = np.log(-np.log1p(-rates)), np.log(sizes) - np.log(sizes).mean()
            return height[:, -1], (height @ width) / (width @ width)


def independent(fmr: Estimate, size: int) -> Estimate:
    """Return 1 − (1 − FMR)^N, which FPIR in a gallery of N were if comparisons were independent."""
    return mapped(fmr, lambda rate: at_least_one(rate, size))


def _figure(values: Floats) -> Estimate:
    """Return an estimate of a figure as measured, first, and its replicates."""
    if not np.isfinite(values[0]):
        return Estimate(None)
    return Estimate(float(values[0]), *interval(float(values[0]), values[1:]))


def _misses(counts: Tally, weights: Floats, size: int, fpir: Sequence[float]) -> Misses:
    """Return how well mates are found in a gallery of a size."""
    first, subjects = counts.first_of(size), counts.subjects[counts.mated]
    found = counts.mates[counts.mated, None] >= counts.thresholds
    missed = means(1 - found * first[:, None], subjects, weights)
    positive = means(counts.found_by(size), counts.subjects, weights)
    people = len(np.unique(subjects))

    def at(wanted: float) -> MissesAt:
        expected = wanted * len(counts.subjects)
        # FPIR falls along the thresholds: as many are too low as have a higher one.
        place = (positive > wanted).sum(axis=1)
        reached = place < len(counts.thresholds)
        if expected < LEAST_TO_SAY_ANYTHING or not len(first) or not reached[0]:
            return MissesAt(wanted, None, Estimate(None, trials=len(first), subjects=people), False)
        rates = np.where(reached, missed[np.arange(len(place)), np.where(reached, place, 0)], np.nan)
        fnir = replace(bounded(float(rates[0]), rates[1:], len(first), people), errors=None)
        return MissesAt(wanted, float(counts.thresholds[place[0]]), fnir, expected >= LEAST_ERRORS)

    identified = replace(share(first, subjects, weights), errors=None)
    return Misses(size, identified, tuple(at(wanted) for wanted in fpir))
