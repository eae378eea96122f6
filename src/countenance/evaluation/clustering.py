"""How well groups of faces that were found agree with the people who are in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class BCubed:
    """Agreement of groups with people, averaged over faces.

    Attributes:
        precision: the share (0–1) of a face's group that is of its person, the face itself counted.
        recall: the share (0–1) of its person's faces that are in its group.
        faces: over how many faces they are averaged.
    """

    precision: float
    recall: float
    faces: int

    @property
    def f_measure(self) -> float:
        """The harmonic mean of precision and recall, 0–1."""
        return 2.0 * self.precision * self.recall / (self.precision + self.recall)


def b_cubed(labels_true: npt.ArrayLike, labels_found: npt.ArrayLike, *, least_images: int = 1) -> BCubed:
    """Return the B-cubed precision and recall of groups that were found.

    After Bagga and Baldwin, "Algorithms for scoring coreference chains" (LREC 1998 workshop on linguistic
    coreference), with equal weight for every face.

    Args:
        labels_true: (n,) int, by face its person.
        labels_found: (n,) int, by face its group; every face of a negative label is alone.
        least_images: average only over faces of people with so many of the n. Faces of others still count
            where they are in one of these faces' groups.

    Raises:
        ValueError: the labels are not as many, or no face is left to average over.
    """
    true, found = np.asarray(labels_true), np.asarray(labels_found)
    if true.ndim != 1 or true.shape != found.shape:
        raise ValueError(f"labels must be two rows of the same length, not of {true.shape} and {found.shape}")
    people, of_people = _numbered(true)
    groups, of_groups = _numbered(_each_alone(found))
    _, cells, together = np.unique(
        np.stack((people, groups), axis=1), axis=0, return_inverse=True, return_counts=True
    )
    shared = together[cells.reshape(-1)]
    counted = of_people >= least_images
    if not counted.any():
        raise ValueError(f"nobody has {least_images} faces among the {len(true)}")
    return BCubed(
        precision=float((shared / of_groups)[counted].mean()),
        recall=float((shared / of_people)[counted].mean()),
        faces=int(counted.sum()),
    )


def _each_alone(labels: npt.NDArray[np.integer]) -> Labels:
    """Return the labels, with one of its own for each face that is alone."""
    alone = labels < 0
    return np.where(alone, labels.max(initial=0) + np.cumsum(alone), labels).astype(np.int64)


def _numbered(labels: npt.NDArray[np.integer]) -> tuple[Labels, Labels]:
    """Return, by face, the number of its label from 0 on, and how many faces have that label."""
    _, numbers, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    numbers = numbers.reshape(-1)
    return numbers.astype(np.int64), sizes[numbers].astype(np.int64)
