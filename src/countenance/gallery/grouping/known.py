"""What is known before grouping, checked: confirmed groups, and what is not one person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from countenance.gallery.grouping.keeping_apart import Tags
from countenance.gallery.grouping.values import ALONE

if TYPE_CHECKING:
    from countenance.gallery.grouping.values import Labels, Pairs, Rows


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What `group_faces` is told besides templates; see there.

    Raises:
        ValueError: arrays do not go together, a row or label is none, or two statements contradict.
    """

    confirmed: Labels
    apart: Pairs
    not_in: Pairs
    pictures: Labels

    @classmethod
    def of(
        cls,
        count: int,
        *,
        confirmed: Labels | None,
        apart: Pairs | None,
        not_in: Pairs | None,
        pictures: Labels | None,
    ) -> Known:
        """Return it for so many faces, with nothing where nothing was said."""
        nothing, none = np.full(count, ALONE), np.empty((0, 2), np.int64)
        return cls(
            nothing if confirmed is None else np.asarray(confirmed, np.int64),
            none if apart is None else np.asarray(apart, np.int64).reshape(-1, 2),
            none if not_in is None else np.asarray(not_in, np.int64).reshape(-1, 2),
            nothing if pictures is None else np.asarray(pictures, np.int64),
        )

    def __post_init__(self) -> None:
        count = len(self.confirmed)
        if self.confirmed.ndim != 1 or self.pictures.shape != (count,):
            raise ValueError("there must be one confirmed label and one picture for each face")
        if (self.confirmed < ALONE).any():
            raise ValueError("a confirmed label is 0 or more, or −1 for none")
        rows = np.concatenate((self.apart.ravel(), self.not_in[:, 0]))
        if ((rows < 0) | (rows >= count)).any():
            raise ValueError(f"rows must be from 0 to {count - 1}, the last face")
        if not np.isin(self.not_in[:, 1], self.confirmed[self.confirmed != ALONE]).all():
            raise ValueError("a face can only be said not to be in a group that has confirmed faces")
        first, second = self.apart[:, 0], self.apart[:, 1]
        one_person = (self.confirmed[first] == self.confirmed[second]) & (self.confirmed[first] != ALONE)
        if (one_person | (first == second)).any():
            raise ValueError("faces that are confirmed to be one person cannot be said to be apart")
        if (self.confirmed[self.not_in[:, 0]] == self.not_in[:, 1]).any():
            raise ValueError("a face cannot be confirmed in a group that it is said not to be in")

    def in_order(self, order: Rows) -> Known:
        """Return it for faces in another order, given as rows of this one."""
        places = np.empty(len(order), np.int64)
        places[order] = np.arange(len(order))
        not_in = np.stack((places[self.not_in[:, 0]], self.not_in[:, 1]), axis=1)
        return Known(self.confirmed[order], places[self.apart], not_in, self.pictures[order])

    def owners(self) -> Rows:
        """Return, by face, the row of what is joined from the start: its confirmed group, or it alone.

        They are numbered by their first faces.
        """
        count = len(self.confirmed)
        faces = np.arange(count)
        alone = self.confirmed == ALONE
        _, first, groups = np.unique(self.confirmed[~alone], return_index=True, return_inverse=True)
        firsts = faces.copy()
        firsts[~alone] = faces[~alone][first][groups.reshape(-1)]
        return np.unique(firsts, return_inverse=True)[1].reshape(-1)

    def tags(self, owners: Rows) -> Tags:
        """Return the tags of what is joined from the start."""
        shown = np.flatnonzero(self.pictures >= 0)
        _, pictures, times = np.unique(self.pictures[shown], return_inverse=True, return_counts=True)
        several = times[pictures.reshape(-1)] > 1
        shown, pictures = shown[several], pictures.reshape(-1)[several]
        confirmed = np.flatnonzero(self.confirmed != ALONE)
        # The row of any face of each confirmed group, by label.
        labels, any_face = np.unique(self.confirmed, return_index=True)
        groups = any_face[np.searchsorted(labels, self.not_in[:, 1])]
        said = np.concatenate((self.apart, np.stack((self.not_in[:, 0], groups), axis=1)))
        rows = np.concatenate((shown, confirmed, said[:, 0], said[:, 1]))
        of_confirmed = len(times)
        of_said = of_confirmed + 1 + np.arange(len(said))
        tags = np.concatenate((pictures, np.full(len(confirmed), of_confirmed), of_said, of_said))
        return Tags(owners[rows], tags)
