"""Fair calibration: what a score means where in template space its two templates lie.

In some regions of template space strangers are more alike than in others: a model that learnt few children or
few people of some origin puts them close together. One ladder from scores to false match rates for all then
means more false matches for them. Here each template is put into the region whose people it is most like, and
how far it lies from them on average says how close together strangers are there. A comparison's distance is
measured in that unit, and the ladder is one of such adjusted scores. No demographic label is used, neither
when regions are made (`evaluation.fairness`) nor here.

After FairCal, which calibrates per cluster of templates (Salvador, Cairns, Voleti, Marshall, Oberman:
"FairCal: Fairness Calibration for Face Verification", ICLR 2022), with local scaling in place of a ladder per
cluster (Zelnik-Manor, Perona: "Self-Tuning Spectral Clustering", NIPS 2004); docs/decisions/0029 says why.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from countenance.errors import PackBroken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from countenance.vision.calibration import Calibration, Floats

Vectors = npt.NDArray[np.float32]

LEAST_PEOPLE = 20
"""A region's centre is the mean of the templates of at least so many people: it shows nobody."""
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """Regions of template space, and how close together strangers are in each.

    Attributes:
        centres: (regions, dimensions) the mean of the L2-normalised templates of a region's people, not
            normalised itself, so that a template's product with it is its mean score with those people.
        people: by region, of how many people the centre is the mean; 20 at least.
        typical_distance: the mean distance (1 − score, 0–2) of all people from those of their region.
        least_distance: one in 1,000 of them lies closer; a template that does counts as this.
        greatest_distance: one in 1,000 lies farther away; a template that does counts as this.
        exponent: how much more the distance between two people counts where people lie close together.
    """

    centres: Vectors
    people: tuple[int, ...]
    typical_distance: float
    least_distance: float
    greatest_distance: float
    exponent: float

    def __post_init__(self) -> None:
        if self.centres.ndim != 2 or not np.isfinite(self.centres).all():
            raise PackBroken("the centres of a calibration's regions must be rows of finite numbers")
        if not len(self.people) == len(self.centres) >= 1 or min(self.people) < LEAST_PEOPLE:
            raise PackBroken(
                f"a calibration needs a region, and each the number of its people, at least {LEAST_PEOPLE}: "
                "fewer could be recognised"
            )
        if not 0 < self.least_distance <= self.typical_distance <= self.greatest_distance <= 2:
            raise PackBroken("the distances of a calibration's regions must rise from above 0 to at most 2")
        if not self.exponent >= 0:
            raise PackBroken("the exponent of a calibration's regions must not be negative")

    def numbers(self, vectors: npt.ArrayLike) -> npt.NDArray[np.intp]:
        """Return, for each of n × dimensions templates, the number of its region."""
        return np.asarray(self._scores(vectors).argmax(axis=1), np.intp)

    def distances(self, vectors: npt.ArrayLike) -> Floats:
        """Return how far each of n × dimensions templates lies from the people of its region, on average."""
        nearest = 1.0 - self._scores(vectors).max(axis=1)
        return np.asarray(np.clip(nearest, self.least_distance, self.greatest_distance), np.float64)

    def adjusted(self, scores: npt.ArrayLike, first: npt.ArrayLike, second: npt.ArrayLike) -> Floats:
        """Return comparison scores, adjusted for how close together strangers are around both templates.

        They rise with the score, but for those that would fall below −1; they are 1 where it is 1, and equal
        it where both templates lie at the typical distance.

        Args:
            scores: comparison scores, of any shape.
            first: the distances of one side's templates, of a shape that goes with it.
            second: those of the other's.
        """
        around = (np.asarray(first, np.float64) + np.asarray(second, np.float64)) / 2.0
        unit = (around / self.typical_distance) ** self.exponent
        return np.asarray(np.maximum(1.0 - (1.0 - np.asarray(scores, np.float64)) / unit, -1.0), np.float64)

    def unadjusted(self, adjusted: float, first: float, second: float) -> float:
        """Return the score that is adjusted to this between templates at these two distances."""
        return float(
            1.0 - (1.0 - adjusted) * ((first + second) / 2.0 / self.typical_distance) ** self.exponent
        )

    def _scores(self, vectors: npt.ArrayLike) -> Floats:
        return np.asarray(np.asarray(vectors, np.float64) @ self.centres.T.astype(np.float64), np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class RegionalCalibration:
    """A pack's calibration by regions: ``ladder`` is of adjusted scores."""

    regions: Regions
    ladder: Calibration

    def scores(self, scores: npt.ArrayLike, first: npt.ArrayLike, second: npt.ArrayLike) -> Floats:
        """Return adjusted comparison scores, which ``ladder`` is of.

        Args:
            scores: (n,) comparison scores (cosine).
            first: (n, dimensions) the templates of one side, or (1, dimensions) where they are one.
            second: (n, dimensions) those of the other.
        """
        return self.regions.adjusted(scores, self.regions.distances(first), self.regions.distances(second))

    def similarities(
        self, scores: npt.ArrayLike, first: npt.ArrayLike, second: npt.ArrayLike
    ) -> tuple[Floats, Floats]:
        """Return the similarities (0–100) and false match rates of scores; args as of `scores`."""
        return self.ladder.similarities(self.scores(scores, first, second))

    def least_score(self, similarity_percent: float, probe: npt.ArrayLike) -> float:
        """Return the lowest score at which a template could reach a similarity to one probe (dimensions)."""
        return self.around(np.asarray(probe)).least(self.ladder.score_at(similarity_percent))

    def around(self, probe: npt.NDArray[np.floating]) -> AroundProbe:
        """Return what a search for one probe (dimensions) needs."""
        return AroundProbe(self.regions, probe, float(self.regions.distances(probe[None])[0]))


@dataclass(frozen=True, slots=True, eq=False)
class AroundProbe:
    """Adjusted scores of one probe; what a gallery is searched with."""

    regions: Regions
    probe: npt.NDArray[np.floating]
    distance: float

    def scores(self, vectors: npt.ArrayLike) -> Floats:
        """Return the adjusted scores of the probe with each of n × dimensions templates."""
        rows = np.asarray(vectors, np.float64)
        scores = np.einsum("ij,j->i", rows, self.probe.astype(np.float64))
        return self.regions.adjusted(scores, self.distance, self.regions.distances(rows))

    def least(self, adjusted: float) -> float:
        """Return a score (cosine) below which no template, wherever it lies, reaches an adjusted score."""
        if adjusted <= -1.0:
            return -1.0 - _ROUNDING
        farthest = self.regions.greatest_distance
        return self.regions.unadjusted(adjusted, self.distance, farthest) - _ROUNDING


def encoded(centre: Vectors) -> str:
    """Return a centre (dimensions) as a pack's description has it: float16, little-endian, in base64."""
    return base64.b64encode(centre.astype("<f2").tobytes()).decode()


def decoded(centres: Sequence[str]) -> Vectors:
    """Return centres (regions, dimensions) from a pack's description.

    Raises:
        PackBroken: one is not base64, or they are not equally long.
    """
    try:
        rows = [np.frombuffer(base64.b64decode(centre, validate=True), "<f2") for centre in centres]
        return np.stack(rows).astype(np.float32)
    except ValueError as error:
        raise PackBroken(f"the centres of a calibration's regions cannot be read: {error}") from None
