"""What grouping is told and what it finds: how alike faces must be, and which face is of which group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]
Rows = npt.NDArray[np.int64]
Pairs = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]

ALONE = -1
"""The label of a face that is of no group."""


class Surroundings(Protocol):
    """How scores are adjusted to how close together strangers are around two templates.

    `vision.regions.Regions` is one.
    """

    def distances(self, vectors: npt.ArrayLike) -> Scores:
        """Return how far each of n × d templates lies from the strangers around it, on average."""

    def adjusted(self, scores: npt.ArrayLike, first: npt.ArrayLike, second: npt.ArrayLike) -> Scores:
        """Return comparison scores, adjusted to the distances of both sides."""


@dataclass(frozen=True, slots=True)
class GroupingSettings:
    """How alike faces must be to be of one person; `operations.grouping_settings` derives it from a pack.

    Attributes:
        same_person: the least score with which two groups are joined.
        strangers: what the most alike strangers of a face score in a collection where there is nothing
            special about it. Where they score more, as among many small children or in a large collection,
            `same_person` rises by as much.
        surroundings: how cosines become the scores above; None where they are the same.
    """

    same_person: float
    strangers: float
    surroundings: Surroundings | None = None

    def __post_init__(self) -> None:
        if not -1.0 <= self.strangers <= self.same_person <= 1.0:
            raise ValueError(
                f"scores must rise from −1 to 1: strangers {self.strangers}, same person {self.same_person}"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """Which face is of which group.

    Attributes:
        labels: (n,) int64, −1 for a face that is alone. Confirmed groups keep their labels. New groups, of
            two faces or more, are numbered from the highest confirmed label on, the largest first, and where
            equally large by their first row.
    """

    labels: Labels
