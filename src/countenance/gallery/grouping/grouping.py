"""`group_faces`: the way from templates to groups.

1. Put the faces into an order of their own, so that the order in which they come changes nothing.
2. Begin with what is certain: each confirmed group is one, and every other face is.
3. See how alike strangers are around each face: with all joined for a moment that could be of one person, the
   most alike others are strangers. Where they are more alike than elsewhere, joining takes more.
4. Join what is of one person.
5. Number the groups.

docs/decisions/0031-grouping.md says how that compares with other ways, in figures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from countenance.gallery.grouping.known import Known
from countenance.gallery.grouping.linking import link
from countenance.gallery.grouping.neighbours import neighbours_of, strangers_of
from countenance.gallery.grouping.units import Units
from countenance.gallery.grouping.values import ALONE, Grouping

if TYPE_CHECKING:
    import numpy.typing as npt

    from countenance.gallery.grouping.keeping_apart import Tags
    from countenance.gallery.grouping.neighbours import Neighbours
    from countenance.gallery.grouping.values import GroupingSettings, Labels, Pairs, Rows, Scores, Vectors


def group_faces(
    vectors: Vectors,
    qualities: npt.NDArray[np.float32],
    *,
    settings: GroupingSettings,
    confirmed: Labels | None = None,
    apart: Pairs | None = None,
    not_in: Pairs | None = None,
    pictures: Labels | None = None,
) -> Grouping:
    """Return which faces are of one person.

    Incremental: faces of confirmed groups stay where they are, and confirmed groups are never joined with
    each other; other faces join them, or form new groups, or stay alone. All constraints hold in the answer.
    The same faces in another order give the same groups; of templates that are equal to the last bit, the
    first may be taken for the second.

    Args:
        vectors: (n, d) float32, L2-normalised templates of one pack.
        qualities: (n,) float32, 0–100, the unified quality of each face.
        settings: how alike faces must be.
        confirmed: (n,) int64, by face the label (0 or more) of the confirmed group that it is of, −1 for
            none: it may then join one. None where nothing is confirmed.
        apart: (m, 2) int64, rows of two faces that are not of one person.
        not_in: (m, 2) int64, the row of a face and the label of a confirmed group that is another person.
        pictures: (n,) int64, the number of the picture that each face is in: the faces of one picture are
            different people. −1 where a face says nothing about others. A confirmed group that has two faces
            of one picture keeps both.

    Returns:
        a label for each face.

    Raises:
        ValueError: the arrays do not go together, a vector is not finite, a row or label is none, or faces
            that are confirmed to be of one person are also said to be apart, or not to be in their group.
    """
    vectors = np.ascontiguousarray(vectors, np.float32)
    if vectors.ndim != 2 or np.shape(qualities) != (len(vectors),) or not np.isfinite(vectors).all():
        raise ValueError("as many qualities as finite templates are needed")
    known = Known.of(len(vectors), confirmed=confirmed, apart=apart, not_in=not_in, pictures=pictures)
    if not len(vectors):
        return Grouping(np.empty(0, np.int64))
    # 1
    order = _own_order(vectors)
    faces = Units.of_faces(vectors[order], np.asarray(qualities)[order], settings.surroundings)
    ordered = known.in_order(order)
    # 2
    owners = ordered.owners()
    units = faces.joined(owners, owners.max() + 1)
    around = neighbours_of(units, settings.same_person)
    # 3
    parts = _joined(units, around, ordered.tags(owners), settings.same_person, np.zeros(len(units)))
    strangers = strangers_of(units.joined(parts, int(parts.max()) + 1))[parts]
    crowding = np.maximum(strangers - settings.strangers, 0.0)
    # 4
    parts = _joined(units, around, ordered.tags(owners), settings.same_person, crowding)
    # 5
    groups = np.empty(len(vectors), np.int64)
    groups[order] = parts[owners]
    return Grouping(_labels(groups, known.confirmed))


def _joined(units: Units, around: Neighbours, tags: Tags, least: float, crowding: Scores) -> Rows:
    """Join units and return, by unit, the number of the one that it is part of.

    Where a unit has more neighbours than were seen, the groups found are looked at in their turn.
    """
    owners = np.arange(len(units))
    while True:
        parts = np.unique(link(units, around.pairs, tags, least, crowding), return_inverse=True)[1].reshape(
            -1
        )
        owners, count = parts[owners], int(parts.max()) + 1
        all_seen = bool((around.seen_to < least + crowding).all())
        if all_seen or count == len(units):
            return owners
        crowding = np.bincount(parts, crowding * units.weights) / np.bincount(parts, units.weights)
        units, tags = units.joined(parts, count), tags.renamed(parts)
        around = neighbours_of(units, least)


def _own_order(vectors: Vectors) -> Rows:
    """Return rows in an order that follows from the templates alone."""
    bytes_of_each = vectors.view(np.dtype((np.void, vectors.itemsize * vectors.shape[1]))).reshape(-1)
    return np.argsort(bytes_of_each, kind="stable")


def _labels(groups: Rows, confirmed: Labels) -> Labels:
    """Return the label of each face: confirmed ones, and new ones by the size and first row of a group."""
    sizes = np.bincount(groups)
    label_of = np.full(len(sizes), ALONE)
    known = confirmed != ALONE
    label_of[groups[known]] = confirmed[known]
    first_rows = np.unique(groups, return_index=True)[1]
    new = np.flatnonzero((label_of == ALONE) & (sizes > 1))
    new = new[np.lexsort((first_rows[new], -sizes[new]))]
    label_of[new] = confirmed.max(initial=ALONE) + 1 + np.arange(len(new))
    return label_of[groups]
