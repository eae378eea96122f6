"""Searches of a gallery as arrays: who was searched for, who was found, and where the mates are.

A failure to enrol counts. A mated search misses where the probe or all references of its mate gave no
template; a non-mated search whose probe gave none returns nobody. A candidate whose score equals the mate's
is ranked before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from countenance.evaluation.comparisons import Counts, Floats, Numbers
    from countenance.evaluation.samples import DataSet
    from countenance.evaluation.targets.port import SearchAnswers

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Searches:
    """Searches of one gallery.

    Attributes:
        scores: (probes, most) scores of the candidates, highest first; NaN where there is none.
        candidates: (probes, most) their subjects' numbers, each once; −1 where there is none.
        probes: (probes,) the number of each probe's subject.
        mated: (probes,) whether that subject was to be enrolled in the gallery.
        failed: (probes,) whether the probe gave no template.
        gallery: how many subjects were to be enrolled.
        not_enrolled: how many of them gave no template.
    """

    scores: Floats
    candidates: Numbers
    probes: Numbers
    mated: Flags
    failed: Flags
    gallery: int
    not_enrolled: int

    @classmethod
    def of(
        cls, answers: SearchAnswers, data: DataSet, gallery: Sequence[int], probes: Sequence[int]
    ) -> Searches:
        """Return what a target answered, of samples of a data set by number.

        Raises:
            ValueError: a sample is in the gallery and a probe: it would find itself.
        """
        if both := set(gallery).intersection(probes):
            raise ValueError(f"{len(both)} samples are in the gallery and probes as well, as {min(both)} is")
        number = {name: place for place, name in enumerate(answers.names)}
        meant = {number[data.samples[sample].subject] for sample in gallery}
        enrolled = {
            number[data.samples[sample].subject] for sample in gallery if sample not in answers.failures
        }
        searched = np.array([number[data.samples[sample].subject] for sample in probes], np.int32)
        return cls(
            np.asarray(answers.scores, np.float64),
            answers.subjects,
            searched,
            np.isin(searched, np.fromiter(meant, np.int32)),
            np.array([sample in answers.failures for sample in probes], np.bool_),
            len(meant),
            len(meant) - len(enrolled),
        )

    @property
    def best(self) -> Floats:
        """(probes,) the highest score of each search; −∞ where it has no candidate."""
        listed = np.where(np.isnan(self.scores), -np.inf, self.scores)
        return np.asarray(listed.max(axis=1, initial=-np.inf))

    def others(self) -> Ranked:
        """Return the best scores of the non-mated searches."""
        return Ranked.of(self.best[~self.mated], self.probes[~self.mated])

    def mates(self) -> Mates:
        """Return where the mated searches have their mates."""
        scores, candidates = self.scores[self.mated], self.candidates[self.mated]
        own = candidates == self.probes[self.mated, None]
        score = np.where(own & ~np.isnan(scores), scores, -np.inf).max(axis=1, initial=-np.inf)
        before = ((scores >= score[:, None]) & ~own).sum(axis=1)
        ranks = np.where(np.isfinite(score), before + 1, scores.shape[1] + 1)
        return Mates(score, np.asarray(ranks, np.int64), self.probes[self.mated])


@dataclass(frozen=True, slots=True, eq=False)
class Mates:
    """Where mated searches have their mates.

    Attributes:
        scores: (searches,) the mate's score; −∞ where it is not among the candidates.
        ranks: (searches,) its rank, 1 for the best; one more than there are candidates where it is not there.
        subjects: (searches,) the number of the probe's subject.
    """

    scores: Floats
    ranks: Counts
    subjects: Numbers

    def among(self, rank: int) -> Ranked:
        """Return the scores of the mates among the best ``rank`` candidates."""
        return Ranked.of(np.where(self.ranks <= rank, self.scores, -np.inf), self.subjects)


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """The scores that decide searches.

    Attributes:
        scores: (searches,) highest first; −∞ where no threshold is low enough.
        subjects: (searches,) the number of the probe's subject.
    """

    scores: Floats
    subjects: Numbers

    @classmethod
    def of(cls, scores: Floats, subjects: Numbers) -> Ranked:
        """Return scores in any order, sorted."""
        order = np.argsort(-scores, kind="stable")
        return cls(scores[order], subjects[order])

    def reaching(self, thresholds: npt.ArrayLike) -> Counts:
        """Return how many searches score each threshold or more; thresholds are finite."""
        asked = np.asarray(thresholds, np.float64)
        return np.asarray(np.searchsorted(-self.scores, -asked, side="right"), np.int64)

    def share(self, threshold: float, weights: Floats) -> float:
        """Return the share of searches that score a threshold or more, with (subjects,) weights."""
        weighed = weights[self.subjects]
        return float(weighed[: int(self.reaching(threshold))].sum() / weighed.sum())

    def threshold(self, wanted: float, weights: Floats) -> float:
        """Return the lowest threshold that no more than a share of searches reaches.

        It lies just above the next score, which would let in too many. Where all may be let in it is the
        lowest finite number, which a search without a candidate, −∞, does not reach either.
        """
        weighed = np.cumsum(weights[self.subjects])
        last = np.flatnonzero(np.append(self.scores[1:] != self.scores[:-1], True))
        allowed = int(np.searchsorted(weighed[last] / weighed[-1], wanted, side="right"))
        following = self.scores[last[allowed]] if allowed < len(last) else -np.inf
        return float(np.nextafter(following, np.inf))
