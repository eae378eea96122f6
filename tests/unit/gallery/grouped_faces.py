"""Templates of made-up people, and what must hold of every grouping of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from countenance.gallery.grouping import ALONE, GroupingSettings, group_faces

Labels = npt.NDArray[np.int64]

SETTINGS = GroupingSettings(same_person=0.8, strangers=0.6)
DIMENSIONS = 16


@dataclass(frozen=True)
class Album:
    """Faces, the person whom each is of, and what is known of them."""

    vectors: npt.NDArray[np.float32]
    qualities: npt.NDArray[np.float32]
    people: Labels
    confirmed: Labels
    apart: Labels
    not_in: Labels
    pictures: Labels

    def in_order(self, order: Labels) -> Album:
        """The same faces in another order."""
        places = np.argsort(order)
        not_in = np.stack((places[self.not_in[:, 0]], self.not_in[:, 1]), axis=1)
        return Album(
            self.vectors[order],
            self.qualities[order],
            self.people[order],
            self.confirmed[order],
            places[self.apart],
            not_in,
            self.pictures[order],
        )

    def grouped(self, settings: GroupingSettings = SETTINGS) -> Labels:
        """The labels that grouping gives these faces."""
        return group_faces(
            self.vectors,
            self.qualities,
            settings=settings,
            confirmed=self.confirmed,
            apart=self.apart,
            not_in=self.not_in,
            pictures=self.pictures,
        ).labels


def album(people: list[int], noise: float = 0.07, seed: int = 0) -> Album:
    """An album in which nothing is known of the faces of these people."""
    draw, count = np.random.default_rng(seed), len(people)
    directions = draw.normal(size=(max(people, default=0) + 1, DIMENSIONS))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    vectors = directions[people] + noise * draw.normal(size=(count, DIMENSIONS))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    nothing, none = np.full(count, ALONE), np.empty((0, 2), np.int64)
    qualities = draw.uniform(1, 100, count).astype(np.float32)
    return Album(
        vectors.astype(np.float32), qualities, np.array(people, np.int64), nothing, none, none, nothing
    )


@st.composite
def albums(draw: st.DrawFn) -> Album:
    """Albums in which anything may be said that does not contradict itself, true or not."""
    people = draw(st.lists(st.integers(0, 5), min_size=2, max_size=40))
    count = len(people)
    made = album(people, draw(st.sampled_from([0.05, 0.15, 0.3])), draw(st.integers(0, 99)))
    confirmed = np.array(draw(st.lists(st.integers(-1, 3), min_size=count, max_size=count)), np.int64)
    confirmed[np.array(draw(st.lists(st.booleans(), min_size=count, max_size=count)))] = ALONE
    rows = st.integers(0, count - 1)
    apart = [
        pair
        for pair in draw(st.lists(st.tuples(rows, rows), max_size=8))
        if pair[0] != pair[1] and (confirmed[pair[0]] == ALONE or confirmed[pair[0]] != confirmed[pair[1]])
    ]
    labels = sorted(set(confirmed.tolist()) - {ALONE})
    said = draw(st.lists(st.tuples(rows, st.sampled_from(labels)), max_size=8)) if labels else []
    not_in = [(row, label) for row, label in said if confirmed[row] != label]
    pictures = np.array(draw(st.lists(st.integers(-1, 12), min_size=count, max_size=count)), np.int64)
    return Album(
        made.vectors,
        made.qualities,
        made.people,
        confirmed,
        np.array(apart, np.int64).reshape(-1, 2),
        np.array(not_in, np.int64).reshape(-1, 2),
        pictures,
    )


def partition(labels: Labels) -> set[frozenset[int]]:
    """The groups as sets of rows, whatever their labels."""
    groups = {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist()) - {ALONE}}
    return groups | {frozenset([int(row)]) for row in np.flatnonzero(labels == ALONE)}
