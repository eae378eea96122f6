"""The research data sets are read as they are."""

from collections import Counter
from pathlib import Path

import pytest
from laid_out_data_sets import problems

from countenance.evaluation.datasets.opening import open_data_set
from countenance.evaluation.samples import ProblemKind

pytestmark = pytest.mark.shared


@pytest.mark.parametrize(
    ("variant", "pictures", "people", "pairs"),
    [("devtest", 1_549, 963, 1_000), ("devtrain", 3_443, 2_132, 2_200)],
)
def test_lfw_view_1(shared: Path, variant: str, pictures: int, people: int, pairs: int) -> None:
    data = open_data_set(f"lfw:{shared / 'data' / 'lfw'}:{variant}")

    assert (len(data.samples), len({sample.subject for sample in data.samples})) == (pictures, people)
    assert Counter(pair.mated for pair in data.pairs or ()) == {True: pairs // 2, False: pairs // 2}
    assert {sample.groups["gender"] for sample in data.samples} == {"female", "male"}
    assert data.problems == ()


def test_lfws_pictures_by_person(shared: Path) -> None:
    data = open_data_set(str(shared / "data" / "lfw" / "images"))

    assert (len(data.samples), len({sample.subject for sample in data.samples})) == (4_992, 3_095)


def test_utkface_has_one_picture_twice_at_two_ages(shared: Path) -> None:
    data = open_data_set(str(shared / "data" / "utkface"))

    assert data.name == "UTKFace"
    assert len(data.samples) == 1_500 - 1
    assert data.attributes == ("age", "gender", "race")
    (copies,) = problems(data, ProblemKind.TWO_SUBJECTS)
    (ages,) = problems(data, ProblemKind.TWO_GROUPS)
    assert copies.rows == ages.rows
    assert [row.partition("_")[0] for row in copies.rows] == ["47", "57"]
    assert problems(data, ProblemKind.BAD_ROW) == []


def test_fairface(shared: Path) -> None:
    data = open_data_set(str(shared / "data" / "fairface"))

    assert len(data.samples) == 2_100
    assert Counter(sample.groups["gender"] for sample in data.samples) == {"female": 1_050, "male": 1_050}
    assert set(Counter(sample.groups["race"] for sample in data.samples).values()) == {300}
    assert [problem.kind for problem in data.problems] == [ProblemKind.SUBJECTS_UNKNOWN]
