"""Grouping pictures, as an operation: people of LFW and of two photographs."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from countenance.errors import NoFaceFound
from countenance.evaluation.clustering import b_cubed
from countenance.images import open_image
from countenance.operations.acts import unrecorded_act
from countenance.operations.group_pictures import QualityLevel, faces_to_group, group_pictures
from countenance.operations.grouping_settings import grouping_settings
from countenance.vision import FaceAnalyzer

if TYPE_CHECKING:
    from pathlib import Path

    from countenance.faces import Face


@pytest.fixture(scope="module")
def analyzer() -> FaceAnalyzer:
    return FaceAnalyzer.load()


def face_of(analyzer: FaceAnalyzer, path: Path) -> Face:
    found = faces_to_group(analyzer, unrecorded_act(), lambda: open_image(path), QualityLevel.NONE).faces
    return found[0]


def test_of_no_faces_there_is_nobody(analyzer: FaceAnalyzer) -> None:
    answer = group_pictures(analyzer, unrecorded_act(), [], [])
    assert (answer.people, answer.alone) == ((), ())


def test_the_same_face_in_two_pictures_is_a_person_and_in_one_picture_two(
    analyzer: FaceAnalyzer, astronaut: Path, grace_hopper: Path
) -> None:
    collins, hopper = face_of(analyzer, astronaut), face_of(analyzer, grace_hopper)
    faces = [hopper, collins, collins]
    assert group_pictures(analyzer, unrecorded_act(), faces, [0, 1, 2]).people == ((1, 2),)
    assert group_pictures(analyzer, unrecorded_act(), faces, [0, 1, 1]).alone == (0, 1, 2)


def test_a_face_without_a_template_is_refused(analyzer: FaceAnalyzer, astronaut: Path) -> None:
    face = replace(face_of(analyzer, astronaut), template=None)
    with pytest.raises(NoFaceFound, match="has no template"):
        group_pictures(analyzer, unrecorded_act(), [face], [0])


def test_the_settings_follow_from_the_packs_calibration() -> None:
    plain, fair = FaceAnalyzer.load(), FaceAnalyzer.load(calibration="fair")
    settings = grouping_settings(plain)
    both = (settings, grouping_settings(fair))
    assert len({(each.same_person, each.strangers) for each in both}) == 1
    assert fair.calibration.similarity(settings.same_person).percent == pytest.approx(90, abs=1e-6)
    assert settings.surroundings is not None


@pytest.mark.shared
@pytest.mark.slow
def test_people_of_lfw_are_found_and_not_mixed_up(analyzer: FaceAnalyzer, shared: Path) -> None:
    with (shared / "data" / "lfw" / "pairs_devtest.csv").open() as file:
        rows = list(csv.DictReader(file))
    names = sorted({row[column] for row in rows for column in ("file_a", "file_b")})[:250]
    people = [name.split("/")[0] for name in names]
    assert sum(times > 1 for times in Counter(people).values()) >= 50
    folder = shared / "data" / "lfw" / "images"
    faces = [face_of(analyzer, folder / name) for name in names]
    answer = group_pictures(analyzer, unrecorded_act(), faces, range(len(faces)))
    labels = np.full(len(faces), -1)
    for number, person in enumerate(answer.people):
        labels[list(person)] = number
    found = b_cubed(np.unique(people, return_inverse=True)[1], labels, least_images=2)
    assert found.precision >= 0.97
    assert found.recall >= 0.85
