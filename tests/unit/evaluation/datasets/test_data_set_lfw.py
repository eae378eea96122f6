"""LFW: its own lists, the same as CSV, and as scikit-learn's fetcher leaves it."""

import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest
from laid_out_data_sets import lay_out, listed_pairs, only_problem, write
from PIL import Image
from sklearn import datasets

from countenance.errors import DataSetInvalid
from countenance.evaluation.datasets.opening import open_data_set
from countenance.evaluation.samples import ProblemKind

PEOPLE = {"Ada_Lovelace": 3, "Bob": 2, "Cy": 1}


@pytest.fixture
def lfw(tmp_path: Path) -> Path:
    """A folder that holds LFW as its makers distribute it, with few people."""
    files = [
        f"{name}/{name}_{number:04}.jpg" for name, most in PEOPLE.items() for number in range(1, most + 1)
    ]
    lay_out(tmp_path / "lfw", *files)
    write(tmp_path / "pairsDevTest.txt", "1", "Ada_Lovelace\t1\t3", "Ada_Lovelace\t2\tBob\t1")
    write(tmp_path / "pairsDevTrain.txt", "1", "Bob\t1\t2", "Bob\t2\tCy\t1")
    write(
        tmp_path / "pairs.txt",
        "2\t1",
        "Ada_Lovelace\t1\t2",
        "Ada_Lovelace\t3\tCy\t1",
        "Bob\t1\t2",
        "Bob\t1\tCy\t1",
    )
    return tmp_path


def test_the_development_lists_of_view_1(lfw: Path) -> None:
    test, train = (open_data_set(f"lfw:{lfw}:{variant}") for variant in ("devtest", "devtrain"))

    assert (test.name, train.name) == ("LFW View 1 DevTest", "LFW View 1 DevTrain")
    assert listed_pairs(test) == [
        ("Ada_Lovelace_0001.jpg", "Ada_Lovelace_0003.jpg", True, None),
        ("Ada_Lovelace_0002.jpg", "Bob_0001.jpg", False, None),
    ]
    assert {sample.subject for sample in train.samples} == {"Bob", "Cy"}
    assert test.problems == train.problems == ()


def test_view_2_has_folds(lfw: Path) -> None:
    data = open_data_set(f"lfw:{lfw}:view2")

    assert [(mated, fold) for _, _, mated, fold in listed_pairs(data)] == [
        (True, 1),
        (False, 1),
        (True, 2),
        (False, 2),
    ]


def test_devtest_is_meant_where_no_variant_is_named(lfw: Path) -> None:
    assert open_data_set(f"lfw:{lfw}").name == open_data_set(str(lfw)).name == "LFW View 1 DevTest"


def test_a_bad_line_does_not_move_the_folds(lfw: Path) -> None:
    (lfw / "pairs.txt").write_bytes(
        b"2\t1\nA\xff\t1\t2\nBob\t1\t2\t3\t4\nBob\t1\t2\nBob\tx\tCy\t1\nCy\t1\t1\n"
    )

    data = open_data_set(f"lfw:{lfw}:view2")

    assert listed_pairs(data) == [("Bob_0001.jpg", "Bob_0002.jpg", True, 2)]
    assert [(problem.rows, problem.kind) for problem in data.problems] == [
        ((f"pairs.txt, line {line}",), ProblemKind.BAD_ROW) for line in (2, 3, 5, 6)
    ]


def test_a_list_that_is_shorter_than_it_promises_is_reported(lfw: Path) -> None:
    write(lfw / "pairsDevTest.txt", "300", "Bob\t1\t2")

    problem = only_problem(open_data_set(f"lfw:{lfw}"))

    assert problem.text == "The list's first line promises 600 rows; 1 can be read."


@pytest.mark.parametrize("first", ["", "Bob\t1\t2", "10\t300", "-1", "0"])
def test_a_list_without_its_first_line_is_refused(lfw: Path, first: str) -> None:
    write(lfw / "pairsDevTest.txt", first)

    with pytest.raises(DataSetInvalid, match=r"the first line of .*pairsDevTest\.txt should be"):
        open_data_set(f"lfw:{lfw}")


def test_names_cannot_lead_out(lfw: Path) -> None:
    write(lfw / "pairsDevTest.txt", "2", "Bob\t1\t2", "..\t1\t2", "/etc\t1\t2")

    problem = open_data_set(f"lfw:{lfw}").problems[0]

    assert problem.rows == ("pairsDevTest.txt, line 3", "pairsDevTest.txt, line 4")
    assert problem.text == "Rows that name a file outside the folder of pictures: 2, left out."


def test_the_lists_may_be_csv_and_gender_be_known(tmp_path: Path) -> None:
    lay_out(tmp_path / "images", "Ada/Ada_0001.jpg", "Bob/Bob_0001.jpg")
    write(tmp_path / "pairs_devtest.csv", "file_a,file_b,same_person", "Ada/Ada_0001.jpg,Bob/Bob_0001.jpg,0")
    write(tmp_path / "gender.csv", "file,gender", "Ada/Ada_0001.jpg,female", "Bob/Bob_0001.jpg,male")

    data = open_data_set(str(tmp_path))

    assert data.name == "LFW View 1 DevTest"
    assert {sample.subject: sample.groups["gender"] for sample in data.samples} == {
        "Ada": "female",
        "Bob": "male",
    }
    assert data.problems == ()


def test_a_list_that_is_not_there_is_named(lfw: Path) -> None:
    (lfw / "pairs.txt").unlink()

    with pytest.raises(DataSetInvalid, match=r"neither pairs\.txt nor pairs_view2\.csv"):
        open_data_set(f"lfw:{lfw}:view2")


@pytest.fixture
def data_home(lfw: Path) -> Path:
    """scikit-learn's data folder as its fetcher leaves it."""
    home = lfw / "scikit_learn_data"
    (home / "lfw_home").mkdir(parents=True)
    for name in ("pairs.txt", "pairsDevTest.txt", "pairsDevTrain.txt"):
        (lfw / name).rename(home / "lfw_home" / name)
    (lfw / "lfw").rename(home / "lfw_home" / "lfw_funneled")
    return home


@pytest.mark.parametrize("subset", ["train", "test", "10_folds"])
@pytest.mark.filterwarnings("ignore:Persisting input arguments")
def test_scikit_learn_serves_the_same_pictures_in_the_same_pairs(data_home: Path, subset: str) -> None:

    served = datasets.fetch_lfw_pairs(
        subset=subset,
        data_home=data_home,
        download_if_missing=False,
        color=True,
        resize=None,
        slice_=(slice(0, 8), slice(0, 8)),
    )

    data = open_data_set(f"sklearn-lfw:{data_home}:{subset}")

    pairs = data.pairs or ()
    assert [pair.mated for pair in pairs] == [target == 1 for target in served.target]
    for pair, pictures in zip(pairs, served.pairs, strict=True):
        for number, picture in zip((pair.first, pair.second), pictures, strict=True):
            ours = np.asarray(Image.open(data.samples[number].file))
            assert np.abs(ours / 255 - picture).max() < 1e-6


def test_scikit_learns_default_folder_is_used_where_none_is_named(
    data_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(data_home))

    assert open_data_set("sklearn-lfw:train").name == "LFW View 1 DevTrain (scikit-learn, funneled)"
    assert open_data_set("sklearn-lfw").name == "LFW View 1 DevTest (scikit-learn, funneled)"


def test_nothing_is_downloaded_unless_it_is_allowed(tmp_path: Path) -> None:

    with pytest.raises(DataSetInvalid, match="is missing; allow the download, or put the files there"):
        open_data_set(f"sklearn-lfw:{tmp_path}:test")


def test_the_fetcher_unpacks_and_a_picture_that_it_cannot_decode_does_not_matter(data_home: Path) -> None:
    pictures = data_home / "lfw_home" / "lfw_funneled"
    (pictures / "Bob" / "Bob_0001.jpg").write_bytes(b"broken")
    with tarfile.open(data_home / "lfw_home" / "lfw-funneled.tgz", "w:gz") as archive:
        archive.add(pictures, "lfw_funneled")
    shutil.rmtree(pictures)

    data = open_data_set(f"sklearn-lfw:{data_home}:train")

    assert len(data.samples) == 3
    assert all(data.sha256)
