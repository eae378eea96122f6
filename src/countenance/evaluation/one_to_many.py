"""1:N protocols: who is enrolled, who is searched for, and what is made of the answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from countenance.errors import TooFewSubjects
from countenance.evaluation.bootstrap import SubjectBootstrap
from countenance.evaluation.gallery_size import GallerySizes, by_gallery_size
from countenance.evaluation.identification import Identification, identify
from countenance.evaluation.matrix import BLOCK_BYTES, all_comparisons
from countenance.evaluation.samples import repeated, subject_numbers
from countenance.evaluation.searches import Searches
from countenance.evaluation.strangers import Choice, choose_strangers
from countenance.evaluation.tally import spread_thresholds, tally
from countenance.evaluation.targets.port import TemplateTarget, no_progress
from countenance.evaluation.threshold_study import (
    LARGER,
    SIMILARITIES,
    StatedRates,
    Strangers,
    ThresholdStudy,
    threshold_study,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from countenance.evaluation.comparisons import Floats, Scale
    from countenance.evaluation.samples import DataSet
    from countenance.evaluation.targets.port import Progress, Target

CANDIDATES = 10
"""How many subjects each search asks for."""
SEARCHED_SIMILARITIES = (80.0, 90.0, 95.0, 99.0)
NOT_ENROLLED = 0.3
"""The share of subjects who are not enrolled and are searched for all the same."""
_FALSE_POSITIVES = (1e-1, 1e-2, 1e-3)


@dataclass(frozen=True, slots=True)
class Roles:
    """Which samples are enrolled, one of each subject in the gallery, and which are searched for."""

    gallery: tuple[int, ...]
    probes: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Identified:
    """How well a target identifies.

    Attributes:
        data: what was measured with.
        target: what was measured.
        scale: what its scores mean.
        rates: closed- and open-set rates.
        sizes: how they move with the size of the gallery; None for an endpoint.
        failures: by sample number, why it could not be used.
        seed: from which roles and weights were drawn.
    """

    data: DataSet
    target: str
    scale: Scale
    rates: Identification
    sizes: GallerySizes | None
    failures: Mapping[int, str]
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class Studied:
    """A threshold study of a target.

    Attributes:
        data: what was measured with.
        target: what was measured.
        choice: who was searched for, and where.
        study: what was found.
    """

    data: DataSet
    target: str
    choice: Choice
    study: ThresholdStudy


def choose_roles(data: DataSet, seed: int = 0) -> Roles:
    """Choose who is enrolled and who is searched for.

    Three tenths of the subjects are not enrolled, and all their pictures are searched for. Of each other
    subject one picture is enrolled and the rest are searched for.

    Raises:
        TooFewSubjects: there are fewer than two subjects.
    """
    draw = np.random.default_rng(seed)
    usable = np.flatnonzero(~repeated(data))
    subjects = subject_numbers(data)[usable]
    people = draw.permutation(np.unique(subjects))
    if len(people) < 2:
        raise TooFewSubjects(f"{data.name} has {len(people)} subjects; identification needs two at least")
    strangers = set(people[: max(1, int(NOT_ENROLLED * len(people)))].tolist())
    gallery: list[int] = []
    probes: list[int] = []
    for person in np.sort(people):
        pictures = draw.permutation(usable[subjects == person]).tolist()
        if person not in strangers:
            gallery.append(pictures.pop())
        probes += pictures
    return Roles(tuple(gallery), tuple(sorted(probes)))


def measure_identification(
    target: Target,
    data: DataSet,
    *,
    seed: int = 0,
    larger: Sequence[int] = LARGER,
    block_bytes: int = BLOCK_BYTES,
    progress: Progress = no_progress,
) -> Identified:
    """Measure identification; where a target gives templates, also in galleries of all sizes.

    Raises:
        TooFewSubjects: there are fewer than two subjects.
    """
    roles = choose_roles(data, seed)
    most = min(CANDIDATES, len(roles.gallery))
    answers = target.search(data, roles.gallery, roles.probes, most, progress)
    subjects = subject_numbers(data)
    weights = SubjectBootstrap(int(subjects.max()) + 1, seed=seed).weights
    searches = Searches.of(answers, data, roles.gallery, roles.probes)
    thresholds = [float(target.scale.score(similarity)) for similarity in SEARCHED_SIMILARITIES]
    rates = identify(searches, weights, thresholds, _FALSE_POSITIVES)
    sizes = None
    if isinstance(target, TemplateTarget):
        sizes = _sizes(target, data, roles, weights, thresholds, larger, block_bytes)
    return Identified(data, target.name, target.scale, rates, sizes, answers.failures, seed)


def study_thresholds(
    target: Target,
    data: DataSet,
    *,
    stated: StatedRates | None = None,
    people: int | None = None,
    attribute: str | None = None,
    seed: int = 0,
    larger: Sequence[int] = LARGER,
    progress: Progress = no_progress,
) -> Studied:
    """Search for people who are not in the gallery, at all thresholds.

    Args:
        target: what is measured.
        data: whose people are searched for and enrolled; each on one side only.
        stated: the false match rates that the target states.
        people: how many to search for; by default a third of the subjects, among the rest.
        attribute: by which groups are told apart, and drawn evenly.
        seed: from which they are drawn.
        larger: sizes of galleries to extrapolate to.
        progress: told how far it is.

    Raises:
        TooFewSubjects: there are not enough subjects.
    """
    subjects = subject_numbers(data)
    choice = strangers_of(data, people, attribute, seed)
    answers = target.search(data, choice.gallery, choice.probes, 1, progress)
    enrolled = [sample for sample in choice.gallery if sample not in answers.failures]
    strangers = Strangers(
        target.scale.similarity(answers.scores[:, 0]),
        subjects[list(choice.probes)],
        np.array([sample in answers.failures for sample in choice.probes], np.bool_),
        choice.groups,
        len(choice.gallery),
        len(choice.gallery) - len(enrolled),
    )
    return Studied(data, target.name, choice, threshold_study(strangers, stated, SIMILARITIES, larger))


def strangers_of(data: DataSet, people: int | None, attribute: str | None, seed: int) -> Choice:
    """Choose the people that a threshold study searches for, a third of all by default, and its gallery.

    Raises:
        TooFewSubjects: there are not enough subjects.
    """
    wanted = max(1, len({sample.subject for sample in data.samples}) // 3) if people is None else people
    return choose_strangers(data, wanted, attribute=attribute, seed=seed)


def _sizes(
    target: TemplateTarget,
    data: DataSet,
    roles: Roles,
    weights: Floats,
    thresholds: Sequence[float],
    larger: Sequence[int],
    block_bytes: int,
) -> GallerySizes:
    templates, subjects = target.templates(data), subject_numbers(data)
    everybody = np.array(roles.gallery + roles.probes, np.intp)
    usable = everybody[templates.found[everybody]]
    listed = all_comparisons(templates.vectors[usable], subjects[usable]).filled().non_mated[0, 0].scores
    references, probes = (
        np.array([sample for sample in side if templates.found[sample]], np.intp)
        for side in (roles.gallery, roles.probes)
    )
    lost = [subjects[sample] for sample in roles.probes if not templates.found[sample]]
    missing = [subjects[sample] for sample in roles.gallery if not templates.found[sample]]

    def scores(start: int, end: int) -> npt.NDArray[np.floating]:
        return templates.vectors[probes[start:end]] @ templates.vectors[references].T

    counts = tally(
        scores,
        subjects[probes],
        subjects[references],
        np.union1d(thresholds, spread_thresholds(listed)),
        failed=np.array(lost, np.int32),
        not_enrolled=np.array(missing, np.int32),
        block_bytes=block_bytes,
    )
    return by_gallery_size(counts, weights, thresholds, larger, _FALSE_POSITIVES)
