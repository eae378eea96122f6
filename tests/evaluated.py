"""A data set and a target whose templates are known, for tests of what is made of comparisons."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from countenance.evaluation.comparisons import Scale
from countenance.evaluation.samples import DataSet, Pair, Sample
from countenance.evaluation.targets.port import PairAnswers, SearchAnswers, Templates, no_progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from countenance.evaluation.targets.port import Progress

SCALE = Scale("comparison score", (-1.0, 0.0, 0.5, 1.0), (0.0, 20.0, 80.0, 100.0))
DIMENSION = 48


class KnownTarget:
    """Templates of people: each picture is its person's direction with some noise.

    Args:
        people: by sample, the number of its person.
        noise: how far pictures of a person lie apart.
        alike: by person, how much of a direction they share with others of whom this is said, 0–1.
        unseen: samples in which no face is found.
        seed: from which directions are drawn.
    """

    def __init__(
        self,
        people: Sequence[int],
        noise: float = 0.5,
        alike: Sequence[float] | None = None,
        unseen: Sequence[int] = (),
        seed: int = 0,
    ) -> None:
        draw = np.random.default_rng(seed)
        owners = np.asarray(people)
        directions = draw.normal(size=(owners.max() + 1, DIMENSION))
        common = draw.normal(size=DIMENSION)
        if alike is not None:
            share = np.asarray(alike)[:, None]
            directions = (1 - share) * directions + share * common
        vectors = directions[owners] + noise * draw.normal(size=(len(owners), DIMENSION))
        vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        found = np.ones(len(owners), np.bool_)
        found[list(unseen)] = False
        vectors[~found] = 0
        self._templates = Templates(
            vectors.astype(np.float32), found, dict.fromkeys(sorted(unseen), "no face")
        )

    @property
    def name(self) -> str:
        return "known templates"

    @property
    def scale(self) -> Scale:
        return SCALE

    def templates(self, data: DataSet, progress: Progress = no_progress) -> Templates:
        progress(len(data.samples), len(data.samples))
        return self._templates

    def compare(self, data: DataSet, pairs: Sequence[Pair], progress: Progress = no_progress) -> PairAnswers:
        templates = self.templates(data, progress)
        scores = [
            float(templates.vectors[pair.first] @ templates.vectors[pair.second])
            if templates.found[pair.first] and templates.found[pair.second]
            else np.nan
            for pair in pairs
        ]
        return PairAnswers(np.array(scores), templates.failures)

    def search(
        self,
        data: DataSet,
        gallery: Sequence[int],
        probes: Sequence[int],
        most: int,
        progress: Progress = no_progress,
    ) -> SearchAnswers:
        templates = self.templates(data, progress)
        names = sorted({sample.subject for sample in data.samples})
        scores, subjects = np.full((len(probes), most), np.nan), np.full((len(probes), most), -1, np.int32)
        for row, probe in enumerate(probes):
            best: dict[int, float] = {}
            for reference in gallery:
                if templates.found[probe] and templates.found[reference]:
                    score = float(templates.vectors[probe] @ templates.vectors[reference])
                    person = names.index(data.samples[reference].subject)
                    best[person] = max(best.get(person, -1.0), score)
            for place, (person, score) in enumerate(sorted(best.items(), key=lambda item: -item[1])[:most]):
                scores[row, place], subjects[row, place] = score, person
        return SearchAnswers(scores, subjects, tuple(names), templates.failures)


class OnlyPairs:
    """The same target as an endpoint would be: it tells no templates, and counts what it is asked."""

    def __init__(self, target: KnownTarget, constant: float | None = None) -> None:
        self._target = target
        self._constant = constant
        self.asked = 0

    @property
    def name(self) -> str:
        return "an endpoint"

    @property
    def scale(self) -> Scale:
        return SCALE

    def compare(self, data: DataSet, pairs: Sequence[Pair], progress: Progress = no_progress) -> PairAnswers:
        self.asked += len(pairs)
        answers = self._target.compare(data, pairs, progress)
        if self._constant is None:
            return answers
        return PairAnswers(np.full(len(pairs), self._constant), answers.failures)

    def search(
        self,
        data: DataSet,
        gallery: Sequence[int],
        probes: Sequence[int],
        most: int,
        progress: Progress = no_progress,
    ) -> SearchAnswers:
        return self._target.search(data, gallery, probes, most, progress)


def data_set(
    people: Sequence[int],
    groups: Sequence[str] | None = None,
    pairs: Sequence[Pair] | None = None,
    copies: Sequence[tuple[int, int]] = (),
) -> DataSet:
    """Return a data set without files: by sample its person, by person the group, and copies."""
    samples = tuple(
        Sample(
            Path(f"{number}.jpg"),
            f"person {person:04d}",
            {} if groups is None else {"kind": groups[person]},
            f"line {number}",
        )
        for number, person in enumerate(people)
    )
    contents = [f"{number:064x}" for number in range(len(people))]
    for copy, original in copies:
        contents[copy] = contents[original]
    return DataSet("known people", samples, None if pairs is None else tuple(pairs), (), tuple(contents))
