"""Fair calibration: regions of template space, made and measured without any demographic label.

People are put into regions by k-means over their templates. How far a template lies from the people of its
region on average says how close together strangers are there, and scores are adjusted by it
(`vision.regions`). What that does for demographic groups is measured by `fairness_gain`, on other people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from countenance.errors import ExtraMissing, TooFewSubjects
from countenance.evaluation.calibrating import fit_ladder, plain
from countenance.evaluation.probabilities import NO_SCIKIT_LEARN
from countenance.evaluation.score_counts import all_scores
from countenance.vision.regions import LEAST_PEOPLE, RegionalCalibration, Regions, decoded, encoded

if TYPE_CHECKING:
    from countenance.evaluation.comparisons import Floats, Numbers
    from countenance.evaluation.score_counts import Adjust

    Vectors = npt.NDArray[np.float32]

REGIONS = 48
EXPONENT = 1.25
"""Both were found by cross-validation within LFW DevTrain and a half of FairFace (docs/decisions/0029)."""
_STARTS = 10
_ENDS = (0.001, 0.999)
_DECIMALS = 5


@dataclass(frozen=True, slots=True, eq=False)
class FairCalibrationResult:
    """A calibration by regions of template space, and how many people and templates it was made of."""

    calibration: RegionalCalibration
    people: int
    templates: int

    def as_toml(self) -> str:
        """Return the ``[calibration.regions]`` part of a ``pack.toml``."""
        regions, ladder = self.calibration.regions, self.calibration.ladder
        centres = ",\n".join(f'  "{encoded(centre)}"' for centre in regions.centres)
        lines = [
            "[calibration.regions]",
            f"centres = [\n{centres},\n]",
            f"people = {list(regions.people)}",
            f"typical_distance = {regions.typical_distance}",
            f"least_distance = {regions.least_distance}",
            f"greatest_distance = {regions.greatest_distance}",
            f"exponent = {regions.exponent}",
            f"scores = {list(ladder.scores)}",
            f"false_match_rates = {list(ladder.false_match_rates)}",
            f"non_mated_comparisons = {ladder.non_mated_comparisons}",
            f'data = "{plain(ladder.source)}"',
        ]
        return "\n".join(lines) + "\n"


def calibrate_fairly(
    vectors: Vectors,
    subjects: Numbers,
    *,
    data: str,
    of_ladder: npt.NDArray[np.bool_] | None = None,
    regions: int = REGIONS,
    exponent: float = EXPONENT,
    seed: int = 0,
) -> FairCalibrationResult:
    """Make regions of template space and fit the ladder of scores that are adjusted to them.

    Args:
        vectors: (n, d) float32, L2-normalised templates, the more diverse the people the better.
        subjects: (n,) the number of each one's subject.
        data: the data, in words.
        of_ladder: (n,) which templates the ladder is fitted on; by default all. Where a pack's other ladder
            is of some of them only, similarities of both mean the same on those.
        regions: how many to begin with; those of fewer than 20 people are given up.
        exponent: how much more distance counts where people lie close together.
        seed: of k-means.

    Raises:
        TooFewSubjects: there are not 20 people for each region.
        TooFewComparisons: there are too few comparisons of different people for a ladder.
        ExtraMissing: scikit-learn is not installed.
    """
    numbers, inverse = np.unique(subjects, return_inverse=True)
    places = inverse.astype(np.int32)
    people = _means(vectors, places)
    of_person, centres = _clustered(people, regions, seed)
    counts = np.bincount(of_person, minlength=len(centres))
    near = _distances_without_oneself(vectors, places, people, of_person, centres)
    least, greatest = (round(float(end), _DECIMALS) for end in np.quantile(near, _ENDS))
    made = Regions(
        centres,
        tuple(counts.tolist()),
        round(float(near.mean()), _DECIMALS),
        least,
        greatest,
        exponent,
    )
    kept = np.ones(len(vectors), np.bool_) if of_ladder is None else of_ladder
    scores = all_scores(vectors[kept], places[kept], adjusting(made, near[kept]))
    return FairCalibrationResult(
        RegionalCalibration(made, fit_ladder(scores.non_mated, data)), len(numbers), len(vectors)
    )


def adjusting(regions: Regions, distances: Floats) -> Adjust:
    """Return how blocks of scores of templates at these distances (n,) are adjusted."""

    def adjust(scores: npt.NDArray[np.floating], rows: slice, columns: slice) -> npt.NDArray[np.floating]:
        return regions.adjusted(scores, distances[rows, None], distances[None, columns])

    return adjust


def _means(vectors: Vectors, places: Numbers) -> Vectors:
    """Return one L2-normalised vector for each person, so that nobody counts for having many pictures."""
    sums = np.zeros((int(places.max(initial=-1)) + 1, vectors.shape[1]))
    np.add.at(sums, places, vectors)
    return np.asarray(sums / np.linalg.norm(sums, axis=1, keepdims=True), np.float32)


def _clustered(people: Vectors, regions: int, seed: int) -> tuple[npt.NDArray[np.intp], Vectors]:
    """Return each person's region, and the regions' centres as a pack's description can hold them."""
    if len(people) < regions * LEAST_PEOPLE:
        raise TooFewSubjects(
            f"{len(people)} people are too few for {regions} regions of {LEAST_PEOPLE} at least; "
            f"take more people, or at most {len(people) // LEAST_PEOPLE} regions"
        )
    try:
        from sklearn.cluster import KMeans  # noqa: PLC0415 - an optional library
    except ImportError:
        raise ExtraMissing(NO_SCIKIT_LEARN) from None
    of_person = KMeans(regions, n_init=_STARTS, random_state=seed).fit_predict(people)
    while True:
        numbers, of_person, counts = np.unique(of_person, return_inverse=True, return_counts=True)
        centres = np.stack([people[of_person == place].mean(axis=0) for place in range(len(numbers))])
        if counts.min() >= LEAST_PEOPLE:
            return of_person, decoded([encoded(centre) for centre in centres])
        nearest = (people @ np.delete(centres, counts.argmin(), axis=0).T).argmax(axis=1)
        left = np.delete(np.arange(len(numbers)), counts.argmin())
        of_person = np.where(of_person == counts.argmin(), left[nearest], of_person)


def _distances_without_oneself(
    vectors: Vectors, places: Numbers, people: Vectors, of_person: npt.NDArray[np.intp], centres: Vectors
) -> Floats:
    """Return each template's mean distance from the people of its region, as if its own person were not one.

    Otherwise the people whom regions are made of would lie closer to them than anybody else does.
    """
    scores = vectors.astype(np.float64) @ centres.T.astype(np.float64)
    counts = np.bincount(of_person, minlength=len(centres))
    rows, own = np.arange(len(vectors)), of_person[places]
    with_oneself = np.einsum("ij,ij->i", vectors.astype(np.float64), people[places].astype(np.float64))
    scores[rows, own] = (counts[own] * scores[rows, own] - with_oneself) / (counts[own] - 1)
    return np.asarray(1.0 - scores.max(axis=1), np.float64)
