"""From comparison scores to similarities that mean something.

A pack's calibration says, for a ladder of comparison scores, what share of comparisons between different
people scores at least that high (the false match rate, ISO/IEC 19795-1). Between the rungs the rate's
logarithm is interpolated, so the rate falls smoothly and strictly as the score rises.

Similarity is a function of the false match rate alone, the same for every pack, so a threshold keeps its
meaning when the pack changes: 80 is always a false match rate of 1 in 1,000 and 99 of 1 in 100,000.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from countenance.errors import PackBroken
from countenance.faces import Similarity

Floats = npt.NDArray[np.float64]

# Similarity at given false match rates (as powers of ten); straight lines between.
SIMILARITY_ANCHORS = ((0.0, 0.0), (-1.0, 40.0), (-3.0, 80.0), (-5.0, 99.0))


def false_match_rate_at(similarity_percent: float) -> float:
    """Return the false match rate that a similarity of 0–100 stands for, never less than that of 99."""
    anchors = np.array(SIMILARITY_ANCHORS)
    return float(10 ** np.interp(similarity_percent, anchors[:, 1], anchors[:, 0]))


@dataclass(frozen=True, slots=True)
class ProbabilityLadder:
    """How probably two templates are of one person at even odds: where half of all comparisons are mated.

    Attributes:
        scores: rising comparison scores, −1 to 1.
        probabilities: the rising probability at each score, 0 to 1; between the scores its log-odds are on
            straight lines. Below the first score they go on as steeply as from the first to the last; above
            the last the probability stays what it is, since the data show no greater one.
        mated_comparisons: how many comparisons of the same person stand behind the ladder.
    """

    scores: tuple[float, ...]
    probabilities: tuple[float, ...]
    mated_comparisons: int

    def __post_init__(self) -> None:
        ladders = (self.scores, self.probabilities)
        rising = all(low < high for ladder in ladders for low, high in pairwise(ladder))
        same_length = len(self.scores) == len(self.probabilities) >= 2
        if not (same_length and rising and self.scores[0] >= -1 and self.scores[-1] <= 1):
            raise PackBroken("a calibration's probabilities need two scores or more, from −1 to 1; both rise")
        if not (self.probabilities[0] > 0 and self.probabilities[-1] < 1):
            raise PackBroken("a calibration's probabilities must lie above 0 and below 1")

    def probability(self, scores: npt.ArrayLike) -> Floats:
        """Return the probabilities (0–1) of comparison scores, in the same shape."""
        stated = np.array(self.probabilities)
        values, ladder = np.asarray(scores, np.float64), np.log(stated / (1.0 - stated))
        slope = (ladder[-1] - ladder[0]) / (self.scores[-1] - self.scores[0])
        below = np.minimum(values - self.scores[0], 0.0) * slope
        log_odds = np.interp(values, self.scores, ladder) + below
        return np.asarray(1.0 / (1.0 + np.exp(-log_odds)), np.float64)


@dataclass(frozen=True, slots=True)
class Calibration:
    """A pack's ladder of scores and false match rates.

    Attributes:
        scores: rising comparison scores, −1 to 1.
        false_match_rates: the falling rate at each score, 1 to above 0.
        non_mated_comparisons: how many comparisons of different people stand behind the ladder.
        source: the data, in words.
        probabilities: what else a score means; None where nobody measured it.
    """

    scores: tuple[float, ...]
    false_match_rates: tuple[float, ...]
    non_mated_comparisons: int
    source: str
    probabilities: ProbabilityLadder | None = None

    def __post_init__(self) -> None:
        rising = all(low < high for low, high in pairwise(self.scores))
        rates = self.false_match_rates
        falling = all(high > low for high, low in pairwise(rates))
        same_length = len(self.scores) == len(rates) >= 2
        if not (same_length and rising and falling and self.scores[0] >= -1 and self.scores[-1] < 1):
            raise PackBroken(
                "a calibration needs at least two scores, rising from −1 to below 1, with falling rates"
            )
        if not (rates[0] <= 1 and rates[-1] > 0):
            raise PackBroken("a calibration's false match rates must lie above 0 and not above 1")

    def similarity(self, score: float) -> Similarity:
        """Return the similarity of a comparison score, and the false match rate behind it.

        Above the ladder's last score the similarity rises on towards 100 at score 1, but the false match rate
        stays the last one measured: the data cannot show a smaller one.
        """
        percent, rate = self.similarities(np.array([score]))
        return Similarity(float(percent[0]), float(rate[0]))

    def probability(self, score: float) -> float | None:
        """Return how probably (0–1) a score is of one person at even odds; None where nobody measured it."""
        return None if self.probabilities is None else float(self.probabilities.probability(score))

    def similarities(self, scores: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Return the similarities (0–100) and false match rates of many scores at once."""
        values = np.asarray(scores, dtype=np.float64)
        logarithms = np.log10(self.false_match_rates)
        exponents = np.interp(values, self.scores, logarithms)
        anchors = np.array(SIMILARITY_ANCHORS[::-1])
        percents = np.interp(exponents, anchors[:, 0], anchors[:, 1])
        top, last = self.scores[-1], float(np.interp(logarithms[-1], anchors[:, 0], anchors[:, 1]))
        beyond = last + (100.0 - last) * (np.minimum(values, 1.0) - top) / (1.0 - top)
        percents = np.where(values > top, beyond, percents)
        # Powers of logarithms are off by a rounding; the rate must not fall below what the data can show.
        rates = np.clip(10.0**exponents, self.false_match_rates[-1], self.false_match_rates[0])
        return percents, rates

    def score_at(self, similarity_percent: float) -> float:
        """Return the lowest comparison score at which the similarity reaches ``similarity_percent``."""
        logarithms = np.log10(self.false_match_rates)
        anchors = np.array(SIMILARITY_ANCHORS)
        first, last = np.interp(logarithms[[0, -1]], anchors[::-1, 0], anchors[::-1, 1])
        if similarity_percent <= first:
            return -1.0
        if similarity_percent > last:
            top = self.scores[-1]
            score = top + (1.0 - top) * (similarity_percent - last) / (100.0 - last)
        else:
            exponent = np.interp(similarity_percent, anchors[:, 1], anchors[:, 0])
            score = np.interp(-exponent, -logarithms, self.scores)
        # The way back rounds: the score found must reach the similarity, not fall short of it by a bit.
        while self.similarity(float(score)).percent < similarity_percent and score < 1.0:
            score = np.nextafter(score, 2.0)
        return float(score)
