"""From what is known of a collection's faces to what a grouping suggests; it reads and writes nothing.

1. Faces that people confirmed in a group hold it together; faces of a user that a group is said to be, too.
   Other faces of users have a person already, and are left alone.
2. What people said is not so holds, but where they confirmed the contrary.
3. A new group is an old suggestion where most of its faces were; that keeps its id.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from countenance.gallery.groups import CellValue
from countenance.gallery.groups.cells import NOTHING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from countenance.gallery.groups import Constraints, Membership
    from countenance.gallery.values import Keys, Vectors

Labels = npt.NDArray[np.int64]
Pairs = npt.NDArray[np.int64]

_ALONE = -1


@dataclass(frozen=True, slots=True, eq=False)
class SeenFaces:
    """The faces that may be used now, row i of each array one's.

    Attributes:
        keys: (n,) ascending.
        vectors: (n, d) L2-normalised templates.
        qualities: (n,) 0–100.
        user_keys: (n,) 0 where a face has no user.
        pictures: (n,) the number of the picture that a face is in.
    """

    keys: Keys
    vectors: Vectors
    qualities: Vectors
    user_keys: Keys
    pictures: Labels


@dataclass(frozen=True, slots=True)
class KnownGroups:
    """What is known of groups: who is in which, by face; what is said; and which group a user is, by keys."""

    memberships: Mapping[int, Membership]
    constraints: Constraints
    named: Mapping[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What the grouping is asked; rows are those of ``faces``, which are its part of all.

    Attributes:
        faces: who is grouped.
        groups: by label, the key of the confirmed group.
        confirmed: (n,) the label of the confirmed group that a face holds together, −1 for none.
        apart: (m, 2) rows of two faces of different people.
        not_in: (m, 2) the row of a face and the label of a group that is another person.
    """

    faces: SeenFaces
    groups: tuple[int, ...]
    confirmed: Labels
    apart: Pairs
    not_in: Pairs


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Where a grouping puts a face: into a group by its key, into the nth new one, or into none.

    ``before`` is where it was; nothing is done where people have put it elsewhere meanwhile.
    """

    face_key: int
    before: CellValue
    group_key: int
    new: int | None = None

    @property
    def takes_out(self) -> bool:
        """Whether the face is to be in no group."""
        return not self.group_key and self.new is None


def question_of(faces: SeenFaces, known: KnownGroups) -> Question:
    """Return what to ask of the grouping (steps 1 and 2)."""
    held = [
        _held_by(int(key), int(user), known) for key, user in zip(faces.keys, faces.user_keys, strict=True)
    ]
    asked = np.array(
        [bool(group) or not user for group, user in zip(held, faces.user_keys, strict=True)], bool
    )
    groups = tuple(sorted({group for group in held if group}))
    label_of = {group: label for label, group in enumerate(groups)} | {0: _ALONE}
    labels = np.array([label_of[group] for group in held], np.int64)[asked]
    part = SeenFaces(
        faces.keys[asked],
        faces.vectors[asked],
        faces.qualities[asked],
        faces.user_keys[asked],
        faces.pictures[asked],
    )
    rows = {int(key): row for row, key in enumerate(part.keys)}
    return Question(
        part, groups, labels, _apart(rows, labels, known), _not_in(rows, labels, label_of, known.constraints)
    )


def suggestions_of(
    faces: SeenFaces, known: KnownGroups, question: Question, labels: Labels
) -> list[Suggestion]:
    """Return what changes by a grouping's answer (step 3).

    Args:
        faces: all that may be used.
        known: what was known when the question was asked.
        question: the question.
        labels: its answer, a label for each face of it; new groups have labels beyond the confirmed ones.
    """
    answered = zip(question.faces.keys, question.faces.user_keys, labels, strict=True)
    wanted = dict.fromkeys(map(int, faces.keys), _ALONE)
    wanted |= {int(key): int(label) for key, user, label in answered if not user}
    identities = _identities(known, wanted, len(question.groups))
    found = []
    for face_key, label in wanted.items():
        there = known.memberships.get(face_key)
        if there is not None and there.confirmed:
            continue
        before = CellValue(there.group_key) if there is not None else NOTHING
        joins = _ALONE < label < len(question.groups)
        group_key = question.groups[label] if joins else identities.get(label, 0)
        new = label if label != _ALONE and not group_key else None
        if new is not None or group_key != before.key:
            found.append(Suggestion(face_key, before, group_key, new))
    return found


def _held_by(face_key: int, user_key: int, known: KnownGroups) -> int:
    """Return the key of the group that a face holds together, 0 for none."""
    there = known.memberships.get(face_key)
    if there is not None and there.confirmed:
        return there.group_key
    return known.named.get(user_key, 0) if user_key else 0


def _apart(rows: Mapping[int, int], labels: Labels, known: KnownGroups) -> Pairs:
    """Return pairs of rows; what is said against a group that nobody confirmed goes for each of its faces."""
    said = set(known.constraints.apart)
    suggested: dict[int, list[int]] = {}
    anchored = {each.group_key for each in known.memberships.values() if each.confirmed}
    for each in known.memberships.values():
        if each.group_key not in anchored:
            suggested.setdefault(each.group_key, []).append(each.face_key)
    for face_key, group_key in known.constraints.not_in:
        said.update((face_key, other) for other in suggested.get(group_key, ()) if other != face_key)
    pairs = [
        (rows[one], rows[other])
        for one, other in sorted(said)
        if one in rows and other in rows and not _both_confirmed(labels, rows[one], rows[other])
    ]
    return np.array(pairs, np.int64).reshape(-1, 2)


def _both_confirmed(labels: Labels, one: int, other: int) -> bool:
    return bool(labels[one] != _ALONE and labels[other] != _ALONE)


def _not_in(
    rows: Mapping[int, int], labels: Labels, label_of: Mapping[int, int], constraints: Constraints
) -> Pairs:
    pairs = [
        (rows[face_key], label_of[group_key])
        for face_key, group_key in constraints.not_in
        if face_key in rows and group_key in label_of and labels[rows[face_key]] == _ALONE
    ]
    return np.array(pairs, np.int64).reshape(-1, 2)


def _identities(known: KnownGroups, wanted: Mapping[int, int], first_new: int) -> dict[int, int]:
    """Return, by the label of a new group, the key of the old suggestion that it goes on with."""
    anchored = {each.group_key for each in known.memberships.values() if each.confirmed}
    shared = Counter(
        (label, there.group_key)
        for face_key, label in wanted.items()
        if label >= first_new
        and (there := known.memberships.get(face_key)) is not None
        and there.group_key not in anchored
    )
    found: dict[int, int] = {}
    taken: set[int] = set()
    for (label, group_key), _ in sorted(shared.items(), key=lambda each: (-each[1], each[0])):
        if label not in found and group_key not in taken:
            found[label] = group_key
            taken.add(group_key)
    return found


def new_labels(suggestions: Sequence[Suggestion]) -> list[int]:
    """Return the labels of groups to be made, in order."""
    return sorted({each.new for each in suggestions if each.new is not None})
