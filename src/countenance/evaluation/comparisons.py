"""Comparison scores and the subjects behind them: what all measures of recognition are computed from.

A pair list of a few thousand comparisons holds each of them. All comparisons of ten thousand pictures are 50
million: of those the highest scores are listed, which decide about false matches, and all are counted in a
histogram.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int32]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scale:
    """What scores mean: their range, and the similarity (0–100) that each stands for.

    ``scores`` and ``similarities`` are points of a rising line; between them it is straight. An endpoint's
    scores are similarities already.
    """

    name: str
    scores: tuple[float, ...]
    similarities: tuple[float, ...]

    @property
    def lowest(self) -> float:
        """The lowest possible score."""
        return self.scores[0]

    @property
    def highest(self) -> float:
        """The highest possible score."""
        return self.scores[-1]

    def similarity(self, scores: npt.ArrayLike) -> Floats:
        """Return the similarities (0–100) of scores."""
        return np.asarray(np.interp(np.asarray(scores, np.float64), self.scores, self.similarities))

    def score(self, similarities: npt.ArrayLike) -> Floats:
        """Return the scores of similarities (0–100)."""
        return np.asarray(np.interp(np.asarray(similarities, np.float64), self.similarities, self.scores))


SIMILARITY = Scale("similarity", (0.0, 100.0), (0.0, 100.0))
"""The scale of an endpoint."""


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """How many comparisons fall into each bin; ``edges`` has one number more than ``counts``, both rise.

    A score on an edge belongs to the bin above it.
    """

    edges: Floats
    counts: Counts


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Whose pictures were compared with whose, where not every comparison is listed.

    Each picture of the first side was compared with each of the second, but for pictures of the same subject.
    Where both sides are the same pictures (``within``), each two were compared once.

    Attributes:
        first: by subject number, how many of its pictures are on the first side.
        second: the same for the second side.
        within: whether both sides are the same pictures.
    """

    first: Counts
    second: Counts
    within: bool

    def of(self, subjects: npt.NDArray[np.intp]) -> Population:
        """Return the same of some subjects, who are then numbered in their order."""
        return Population(self.first[subjects], self.second[subjects], self.within)

    def total(self, weights: Floats) -> Floats:
        """Return the sum, over all comparisons, of the product of both subjects' weights.

        Args:
            weights: (replicates, subjects).
        """
        first, second = weights @ self.first, weights @ self.second
        same = weights**2 @ (self.first * self.second)
        return np.asarray((first * second - same) / (2 if self.within else 1), np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Comparisons:
    """Comparisons of one kind, mated or non-mated, highest score first.

    Attributes:
        scores: (n,) the scores of the comparisons that are listed.
        first: (n,) by comparison, the number of one subject.
        second: (n,) that of the other; the same for a mated comparison.
        total: how many comparisons there are; more than n where only the highest scores are listed.
        failures: how many more could not be made, because no face was found in a picture.
        histogram: all comparisons by score; None where all are listed.
        population: who was compared with whom; None where all are listed.
        listed_from: the score from which on every comparison is listed; None for that of the last one listed.
    """

    scores: Floats
    first: Numbers
    second: Numbers
    total: int
    failures: int = 0
    histogram: Histogram | None = None
    population: Population | None = None
    listed_from: float | None = None

    def __post_init__(self) -> None:
        if (np.diff(self.scores) > 0).any():
            raise ValueError("scores must be sorted, highest first")

    @classmethod
    def of(
        cls,
        scores: npt.ArrayLike,
        first: npt.ArrayLike,
        second: npt.ArrayLike,
        failures: int = 0,
    ) -> Comparisons:
        """Return comparisons all of which are given, in any order."""
        values = np.asarray(scores, np.float64)
        order = np.argsort(-values, kind="stable")
        return cls(
            values[order],
            np.asarray(first, np.int32)[order],
            np.asarray(second, np.int32)[order],
            len(values),
            failures,
        )

    @property
    def complete(self) -> bool:
        """Whether every comparison is listed."""
        return len(self.scores) == self.total

    @property
    def floor(self) -> float:
        """The score from which on every comparison is listed."""
        if self.complete:
            return -np.inf
        if self.listed_from is not None:
            return self.listed_from
        return float(self.scores[-1]) if len(self.scores) else np.inf

    def at_least(self, thresholds: npt.ArrayLike) -> Counts:
        """Return how many comparisons score each threshold or more.

        Raises:
            ValueError: a threshold lies below those that are listed.
        """
        asked = np.asarray(thresholds, np.float64)
        if (asked < self.floor).any():
            raise ValueError(f"comparisons are listed from the score {self.floor:.4f} on, not below")
        return np.asarray(np.searchsorted(-self.scores, -asked, side="right"), np.int64)

    def subjects(self) -> int:
        """Return how many subjects stand behind the comparisons."""
        if self.population is not None:
            return int(np.count_nonzero(self.population.first + self.population.second))
        return len(np.union1d(self.first, self.second))
