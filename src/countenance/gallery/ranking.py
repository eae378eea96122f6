"""The best hits of an index, by its own scores or by scores that are adjusted to where each vector lies.

An index knows only the scores of vectors with a probe. Where these are adjusted afterwards, another vector
may come first; so as many are looked at as it takes to be certain that none was missed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection as AnyOf

    from countenance.faces import Vector
    from countenance.gallery.index import SearchIndex
    from countenance.gallery.index.port import Scores, Vectors

_MORE_AT_FIRST = 4
"""Of so many times the wanted hits, the best by adjusted score are almost always certain at once."""


class Adjusting(Protocol):
    """How scores with one probe are adjusted; an adjusted score rises with the score."""

    def scores(self, vectors: Vectors) -> Scores:
        """Return the adjusted scores of the probe with each of n × d vectors."""

    def least(self, adjusted: float) -> float:
        """Return a score below which no vector, wherever it lies, has this adjusted score or a higher one."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a search wants: how many hits, from which (adjusted) score on, without which keys."""

    most: int
    at_least: float
    excluding: AnyOf[int]
    adjusting: Adjusting | None


@dataclass(frozen=True, slots=True)
class Ranked:
    """Keys and (adjusted) scores of hits, best first, and whether there are no others."""

    hits: list[tuple[int, float]]
    all: bool


def best_hits(index: SearchIndex, probe: Vector, count: int, wanted: Wanted) -> Ranked:
    """Return the best ``count`` hits for a probe, equal scores by ascending key."""
    if wanted.adjusting is not None:
        return _adjusted(index, probe, count, wanted, wanted.adjusting)
    hits = index.search(probe[None], count, wanted.at_least, wanted.excluding)[0]
    ranked = list(zip(hits.keys.tolist(), hits.scores.tolist(), strict=True))
    return Ranked(ranked, all=len(ranked) < count)


def _adjusted(index: SearchIndex, probe: Vector, count: int, wanted: Wanted, adjusting: Adjusting) -> Ranked:
    asked, floor = _MORE_AT_FIRST * count, adjusting.least(wanted.at_least)
    while True:
        hits = index.search(probe[None], asked, floor, wanted.excluding)[0]
        if not len(hits.keys):
            return Ranked([], all=True)
        scores = adjusting.scores(index.vectors(hits.keys))
        order = np.lexsort((hits.keys, -scores))
        order = order[scores[order] >= wanted.at_least][:count]
        seen_all = len(hits.keys) < asked
        # What was not looked at scores no more than the last hit, so it cannot come before a better rank.
        certain = len(order) == count and adjusting.least(float(scores[order[-1]])) > hits.scores[-1]
        if seen_all or certain:
            ranked = list(zip(hits.keys[order].tolist(), scores[order].tolist(), strict=True))
            return Ranked(ranked, all=seen_all and len(order) < count)
        asked *= 4
