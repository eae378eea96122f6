"""The engine of this process as a target: which face counts, what fails, and what a search answers."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageOps

from countenance.evaluation.samples import DataSet, Pair, Sample
from countenance.evaluation.targets.engine import EngineTarget, FaceRule, scale_of
from countenance.evaluation.targets.port import NO_FACE, TemplateTarget
from countenance.images import ImageLimits
from countenance.vision import FaceAnalyzer

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def analyzer() -> FaceAnalyzer:
    return FaceAnalyzer.load()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, astronaut: Path, grace_hopper: Path) -> DataSet:
    """Collins, Collins mirrored, Hopper, nobody, no picture, a missing file, Collins small beside Hopper."""
    folder = tmp_path_factory.mktemp("engine")
    collins = Image.open(astronaut).convert("RGB").crop((130, 20, 330, 220))
    hopper = Image.open(grace_hopper).convert("RGB").crop((110, 70, 410, 370))
    collins.save(folder / "0.png")
    ImageOps.mirror(collins).save(folder / "1.png")
    hopper.save(folder / "2.png")
    Image.new("RGB", (200, 200), "grey").save(folder / "3.png")
    (folder / "4.png").write_bytes(b"no picture")
    both = Image.new("RGB", (900, 400), "grey")
    both.paste(collins.resize((160, 160)), (370, 120))
    both.paste(hopper.resize((330, 330)), (560, 40))
    both.save(folder / "6.png")
    people = ("collins", "collins", "hopper", "nobody", "nobody", "nobody", "collins")
    samples = tuple(Sample(folder / f"{number}.png", person) for number, person in enumerate(people))
    sums = tuple(
        hashlib.sha256(sample.file.read_bytes()).hexdigest() if sample.file.exists() else ""
        for sample in samples
    )
    return DataSet("engine", samples, None, (), sums)


@pytest.fixture(scope="module")
def largest(analyzer: FaceAnalyzer) -> EngineTarget:
    return EngineTarget(analyzer, FaceRule.LARGEST, ImageLimits())


def test_it_gives_templates(largest: EngineTarget) -> None:
    assert isinstance(largest, TemplateTarget)
    assert largest.name == "pack dlib-cc0, in process, largest face"


def test_what_cannot_be_used_is_told_and_nothing_else_moves(largest: EngineTarget, data: DataSet) -> None:
    told: list[tuple[int, int]] = []
    templates = EngineTarget(largest._analyzer, FaceRule.LARGEST, ImageLimits()).templates(  # noqa: SLF001
        data, lambda done, total: told.append((done, total))
    )
    assert templates.found.tolist() == [True, True, True, False, False, False, True]
    assert templates.failures[3] == NO_FACE
    assert "PNG" in templates.failures[4] or "format" in templates.failures[4]
    assert set(templates.failures) == {3, 4, 5}
    assert np.linalg.norm(templates.vectors[templates.found], axis=1) == pytest.approx(1.0, abs=1e-5)
    assert told[-1] == (7, 7)


def test_pairs_are_scored_as_the_analyzer_scores_them(
    largest: EngineTarget, data: DataSet, analyzer: FaceAnalyzer
) -> None:
    pairs = [Pair(0, 1, mated=True), Pair(0, 2, mated=False), Pair(0, 3, mated=False)]
    scores = largest.compare(data, pairs).scores
    for score, other in zip(scores[:2], (1, 2), strict=True):
        expected = analyzer.compare(data.samples[0].file, data.samples[other].file).percent
        assert float(largest.scale.similarity(score)) == pytest.approx(expected, abs=1e-4)
    assert np.isnan(scores[2])


def test_the_rule_says_which_of_two_faces_counts(
    largest: EngineTarget, data: DataSet, analyzer: FaceAnalyzer
) -> None:
    central = EngineTarget(analyzer, FaceRule.CENTRAL, ImageLimits())
    with_collins, with_hopper = Pair(6, 0, mated=True), Pair(6, 2, mated=False)
    by_size = largest.compare(data, [with_collins, with_hopper]).scores
    by_place = central.compare(data, [with_collins, with_hopper]).scores
    assert by_size[1] > by_size[0]
    assert by_place[0] > by_place[1]


def test_a_search_ranks_subjects_by_their_best_reference(largest: EngineTarget, data: DataSet) -> None:
    answers = largest.search(data, gallery=(0, 2, 3), probes=(1, 6, 4), most=5)
    names = [answers.names[subject] if subject >= 0 else None for subject in answers.subjects[0]]
    assert names == ["collins", "hopper", None, None, None]
    assert answers.names[answers.subjects[1][0]] == "hopper"
    assert (answers.subjects[2] == -1).all()
    assert np.isnan(answers.scores[2]).all()
    assert np.isfinite(answers.scores[0]).tolist() == [True, True, False, False, False]


def test_an_empty_gallery_finds_nobody(largest: EngineTarget, data: DataSet) -> None:
    answers = largest.search(data, gallery=(3,), probes=(0,), most=2)
    assert (answers.subjects == -1).all()


def test_the_scale_is_the_calibration(analyzer: FaceAnalyzer) -> None:
    scale = scale_of(analyzer.calibration)
    for score in np.linspace(-1, 1, 401):
        expected = analyzer.calibration.similarity(float(score)).percent
        assert float(scale.similarity(score)) == pytest.approx(expected, abs=1e-6)
    assert float(scale.score(80.0)) == pytest.approx(analyzer.calibration.score_at(80.0), abs=1e-9)
