"""What must not come together, as tags: units that have a tag in common are never joined.

All that can be said against a group is of this form. The faces of one picture have that picture's tag, two
faces that are different people a tag of their own, a face and the group it is not of, too; and all confirmed
groups have one tag, so that no two of them become one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from countenance.gallery.grouping.values import Pairs, Rows


class Tags:
    """Tags of units, in any number; they follow units that are joined."""

    def __init__(self, units: Rows, tags: Rows) -> None:
        """Tag units.

        Args:
            units: (t,) rows of units.
            tags: (t,) the tag of each, from 0 on; a unit may be there with several tags.
        """
        pairs = np.unique(np.stack((units, tags), axis=1), axis=0)
        self._units, self._tags = pairs[:, 0].copy(), pairs[:, 1].copy()

    def conflicts(self, pairs: Pairs) -> npt.NDArray[np.bool_]:
        """Tell which pairs of units have a tag in common; no unit is in two of the pairs."""
        conflicts = np.zeros(len(pairs), np.bool_)
        if not len(self._units):
            return conflicts
        numbers = np.full(max(int(self._units.max()), int(pairs.max(initial=0))) + 1, -1)
        numbers[pairs[:, 0]] = numbers[pairs[:, 1]] = np.arange(len(pairs))
        within = numbers[self._units]
        asked = within >= 0
        # A unit has a tag once, so a tag that a pair has twice is one of both.
        seen, times = np.unique(
            np.stack((within[asked], self._tags[asked]), axis=1), axis=0, return_counts=True
        )
        conflicts[seen[times > 1, 0]] = True
        return conflicts

    def join(self, pairs: Pairs) -> None:
        """Give the first unit of each pair the second's tags, too."""
        if len(self._units):
            names = np.arange(max(int(self._units.max()), int(pairs.max(initial=0))) + 1)
            names[pairs[:, 1]] = pairs[:, 0]
            self._units = names[self._units]

    def renamed(self, rows: Rows) -> Tags:
        """Return the tags of the same units under other rows, given by the old ones."""
        return Tags(rows[self._units], self._tags)
