"""The threshold study: of people who are not in a gallery, how many are matched to somebody in it?

In 2018 the ACLU searched for 535 members of the United States Congress among 25,000 arrest photographs with
Amazon Rekognition at its default threshold, a similarity of 80: 28 were matched. Amazon answered that the
threshold should have been 99. This is that experiment as a protocol: one search for each of a number of
people, at all thresholds at once, overall and by group.

Beside what was observed stands what a stated false match rate lets expect: people × (1 − (1 − FMR)^N), in a
gallery of N and in larger ones. The FMR that the observed share implies, 1 − (1 − share)^(1/N), is taken to
larger galleries in the same way. Both take comparisons for independent (`gallery_size` measures how far
they are not). Observed shares have Wilson's interval (Wilson 1927), for each person is one trial.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from countenance.evaluation.estimates import LEVEL, Estimate, none_seen, wilson_interval
from countenance.evaluation.shares import at_least_one, mapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from countenance.evaluation.comparisons import Floats, Numbers
    from countenance.evaluation.searches import Flags

SIMILARITIES = (80.0, 85.0, 90.0, 95.0, 99.0, 99.5, 99.9)
LARGER = (25_000, 1_000_000)


def wilson(errors: int, trials: int, level: float = LEVEL) -> Estimate:
    """Return a share of independent trials with Wilson's score interval.

    Args:
        errors: how many trials count.
        trials: out of how many; of none the share has no value.
        level: of the interval.

    Raises:
        ValueError: there are more errors than trials, or fewer than none.
    """
    if not 0 <= errors <= trials:
        raise ValueError(f"{errors} of {trials} is no share")
    if not trials:
        return Estimate(None, errors=0, trials=0, subjects=0)
    low, high = wilson_interval(errors, trials, level)
    return Estimate(errors / trials, low, high, errors, trials, trials)


@dataclass(frozen=True, slots=True, eq=False)
class Strangers:
    """Searches for people who are not in a gallery, one for each.

    Attributes:
        best: (people,) the similarity, 0–100, of each search's best candidate; NaN where there is none.
        subjects: (people,) their numbers, each once.
        failed: (people,) whether the probe gave no template: nobody is matched to that person.
        groups: (people,) the group of each; an empty name where none is known.
        gallery: how many subjects were to be enrolled.
        not_enrolled: how many of them gave no template.
    """

    best: Floats
    subjects: Numbers
    failed: Flags
    groups: tuple[str, ...]
    gallery: int
    not_enrolled: int = 0


@dataclass(frozen=True, slots=True)
class StatedRates:
    """False match rates that somebody states.

    Attributes:
        source: who, or what, states them, such as "the calibration of the pack dlib-cc0".
        fmr: by threshold of the study; None where it states none.
    """

    source: str
    fmr: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """How many of the same people would be matched in a gallery of another size.

    Attributes:
        gallery: its size.
        by_stated: from the stated FMR; None where none is stated.
        by_observed: from the FMR that the observed share implies.
    """

    gallery: int
    by_stated: float | None
    by_observed: Estimate


@dataclass(frozen=True, slots=True)
class Matched:
    """How many of some people were matched at a threshold, though none of them is in the gallery.

    Attributes:
        group: which people; None for all.
        similarity: the threshold.
        people: how many there are.
        failures: how many of them gave no template.
        observed: the share that was matched; its errors are how many people.
        at_most: where nobody was, the upper bound of the share by the rule of 3; None otherwise.
        implied_fmr: the FMR that the observed share implies.
        stated_fmr: the one that is stated; None where none is.
        expected: how many people that lets expect, of those who gave a template; None where none is stated.
        elsewhere: the same people in larger galleries.
    """

    group: str | None
    similarity: float
    people: int
    failures: int
    observed: Estimate
    at_most: float | None
    implied_fmr: Estimate
    stated_fmr: float | None
    expected: float | None
    elsewhere: tuple[Elsewhere, ...]


@dataclass(frozen=True, slots=True)
class ThresholdStudy:
    """What a threshold study found.

    Attributes:
        people: how many people were searched for.
        failures: how many of them gave no template.
        gallery: how many subjects were to be enrolled.
        not_enrolled: how many of them gave no template; expectations are of those who did.
        without_group: how many people have no known group: they count overall only.
        stated_by: who states the false match rates; empty where nobody does.
        overall: of all people, by threshold.
        groups: of each group, sorted by name, by threshold.
    """

    people: int
    failures: int
    gallery: int
    not_enrolled: int
    without_group: int
    stated_by: str
    overall: tuple[Matched, ...]
    groups: tuple[Matched, ...]


def threshold_study(
    strangers: Strangers,
    stated: StatedRates | None = None,
    similarities: Sequence[float] = SIMILARITIES,
    larger: Sequence[int] = LARGER,
) -> ThresholdStudy:
    """Return how many people were matched, and how many that lets expect elsewhere.

    Args:
        strangers: searches for people who are not in the gallery.
        stated: false match rates at the thresholds, if somebody states them.
        similarities: the thresholds, 0–100.
        larger: sizes of other galleries.

    Raises:
        ValueError: somebody was searched for twice, or rates are not stated for each threshold.
    """
    if len(np.unique(strangers.subjects)) < len(strangers.subjects):
        raise ValueError("a threshold study searches once for each person: shares of people are wanted")
    rates = (None,) * len(similarities) if stated is None else stated.fmr
    if len(rates) != len(similarities):
        raise ValueError(f"{len(rates)} false match rates are stated for {len(similarities)} thresholds")
    names = np.array(strangers.groups, np.str_)

    def of(group: str | None) -> list[Matched]:
        chosen = np.ones(len(strangers.best), np.bool_) if group is None else names == group
        return [
            _matched(strangers, group, chosen, similarity, fmr, larger)
            for similarity, fmr in zip(similarities, rates, strict=True)
        ]

    return ThresholdStudy(
        len(strangers.best),
        int(strangers.failed.sum()),
        strangers.gallery,
        strangers.not_enrolled,
        strangers.groups.count(""),
        "" if stated is None else stated.source,
        tuple(of(None)),
        tuple(row for group in sorted(set(strangers.groups) - {""}) for row in of(group)),
    )


def _matched(
    strangers: Strangers,
    group: str | None,
    chosen: Flags,
    similarity: float,
    fmr: float | None,
    larger: Sequence[int],
) -> Matched:
    """Return how many of the chosen people were matched at a threshold."""
    people, failures = int(chosen.sum()), int((chosen & strangers.failed).sum())
    observed = wilson(int((strangers.best[chosen] >= similarity).sum()), people)
    enrolled = strangers.gallery - strangers.not_enrolled
    implied = (
        mapped(observed, lambda share: at_least_one(share, 1 / enrolled)) if enrolled else Estimate(None)
    )

    def expected(size: int) -> float | None:
        return None if fmr is None else (people - failures) * at_least_one(fmr, size)

    def elsewhere(size: int) -> Elsewhere:
        return Elsewhere(
            size, expected(size), mapped(implied, lambda rate: people * at_least_one(rate, size))
        )

    return Matched(
        group,
        similarity,
        people,
        failures,
        observed,
        none_seen(people) if people and not observed.errors else None,
        implied,
        fmr,
        expected(enrolled),
        tuple(elsewhere(size) for size in larger),
    )
