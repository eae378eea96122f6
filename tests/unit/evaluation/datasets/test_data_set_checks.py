"""What is wrong with a data set is found, reported with its rows, and settled."""

import os
from pathlib import Path

import pytest
from laid_out_data_sets import lay_out, listed_pairs, only_problem, paint, problems, write

from countenance.errors import DataSetInvalid
from countenance.evaluation.datasets.checking import checked, unreadable
from countenance.evaluation.datasets.folders import read_folders
from countenance.evaluation.datasets.opening import open_data_set
from countenance.evaluation.datasets.tables import TableColumns
from countenance.evaluation.samples import DataSet, ProblemKind
from countenance.evaluation.targets.port import NO_FACE

PAIRS = "file_a,file_b,same_person"


def files(data: DataSet) -> list[str]:
    return [sample.row.rpartition(": ")[2] for sample in data.samples]


def test_a_data_set_without_errors_has_no_problem(tmp_path: Path) -> None:
    data = open_data_set(f"folders:{lay_out(tmp_path, 'Ada/1.png', 'Ada/2.png', 'Bob/1.png')}")

    assert data.problems == ()
    assert len(set(data.sha256)) == 3


def test_a_missing_file_stays_and_is_reported(tmp_path: Path) -> None:
    lay_out(tmp_path, "a/1.png", "a/2.png")
    pairs = write(tmp_path / "p.csv", PAIRS, "a/1.png,a/2.png,1", "a/1.png,b/3.png,0", "b/3.png,a/2.png,0")

    data = open_data_set(f"pairs:{pairs}")

    problem = only_problem(data)
    assert (problem.kind, problem.rows) == (ProblemKind.MISSING_FILE, ("p.csv, line 3: b/3.png",))
    assert problem.text == "Files that are missing: 1; they stay in the data set, each a failure to enrol."
    assert len(listed_pairs(data)) == 3
    assert [bool(content) for content in data.sha256] == [True, True, False]


def test_what_is_no_regular_file_or_too_large_stays_and_is_reported(tmp_path: Path) -> None:
    lay_out(tmp_path, "Ada/1.png")
    os.mkfifo(tmp_path / "Ada" / "2.png")
    (tmp_path / "Ada" / "3.png").write_bytes(bytes(5_001))

    data = checked(read_folders(tmp_path), most_bytes=5_000)

    assert files(data) == ["Ada/1.png", "Ada/2.png", "Ada/3.png"]
    assert {problem.rows: problem.kind for problem in data.problems} == {
        ("Ada/2.png",): ProblemKind.UNREADABLE_FILE,
        ("Ada/3.png",): ProblemKind.UNREADABLE_FILE,
    }
    assert "more than 5,000 bytes" in data.problems[1].text


def test_a_repeated_row_counts_once(tmp_path: Path) -> None:
    lay_out(tmp_path, "1.png", "2.png")
    table = write(tmp_path / "t.csv", "file,subject", "1.png,Ada", "2.png,Ada", "1.png,Ada", "./1.png,Ada")

    data = open_data_set(f"table:{table}")

    assert files(data) == ["1.png", "2.png"]
    problem = only_problem(data)
    assert problem.kind is ProblemKind.REPEATED_ROW
    assert problem.rows == ("t.csv, line 4: 1.png", "t.csv, line 5: 1.png")
    assert problem.text == "Rows that name a picture of a subject again: 2; the first row is kept."


def test_a_repeated_pair_counts_once_in_either_order_but_in_each_fold(tmp_path: Path) -> None:
    lay_out(tmp_path, "a/1.png", "a/2.png")
    rows = ("a/1.png,a/2.png,1,1", "a/1.png,a/2.png,1,1", "a/2.png,a/1.png,1,1", "a/1.png,a/2.png,1,2")
    data = open_data_set(f"pairs:{write(tmp_path / 'p.csv', f'{PAIRS},fold', *rows)}")

    assert [fold for *_, fold in listed_pairs(data)] == [1, 2]
    problem = only_problem(data)
    assert (problem.kind, problem.rows) == (ProblemKind.REPEATED_ROW, ("p.csv, line 3", "p.csv, line 4"))


def test_copies_under_one_subject_are_one_sample(tmp_path: Path) -> None:
    lay_out(tmp_path, "Ada/1.png", "Ada/2.png", "Bob/1.png")
    paint(tmp_path / "Ada" / "3.png", of="Ada/1.png")

    data = open_data_set(f"folders:{tmp_path}")

    assert files(data) == ["Ada/1.png", "Ada/2.png", "Bob/1.png"]
    problem = only_problem(data)
    assert (problem.kind, problem.rows) == (ProblemKind.SAME_PICTURE, ("Ada/1.png", "Ada/3.png"))


def test_pairs_of_copies_are_pairs_of_the_first_and_never_of_itself(tmp_path: Path) -> None:
    lay_out(tmp_path, "a/1.png", "b/2.png", "b/5.png")
    paint(tmp_path / "a" / "3.png", of="a/1.png")
    rows = ("a/1.png,a/3.png,1", "a/3.png,b/2.png,0", "b/2.png,b/5.png,1", "b/5.png,a/1.png,0")
    data = open_data_set(f"pairs:{write(tmp_path / 'p.csv', PAIRS, *rows)}")

    assert listed_pairs(data) == [
        ("1.png", "2.png", False, None),
        ("2.png", "5.png", True, None),
        ("5.png", "1.png", False, None),
    ]
    assert [problem.rows for problem in problems(data, ProblemKind.SAME_PICTURE)] == [
        ("p.csv, line 2: a/1.png", "p.csv, line 2: a/3.png"),
        ("p.csv, line 2",),
    ]


def test_a_picture_under_two_subjects_is_left_out_with_its_pairs(tmp_path: Path) -> None:
    lay_out(tmp_path, "Ada/1.png", "Ada/2.png", "Bob/3.png")
    paint(tmp_path / "Bob" / "4.png", of="Ada/1.png")
    rows = (
        "Ada/1.png,Ada/2.png,1",
        "Bob/3.png,Bob/4.png,1",
        "Ada/2.png,Bob/3.png,0",
        "Ada/1.png,Bob/4.png,0",
    )
    pairs = write(tmp_path / "p.csv", PAIRS, *rows)

    listed, all_pictures = open_data_set(f"pairs:{pairs}"), open_data_set(f"folders:{tmp_path}")

    assert listed_pairs(listed) == [("2.png", "3.png", False, None)]
    assert files(listed) == files(all_pictures) == ["Ada/2.png", "Bob/3.png"]
    picture, comparisons = problems(listed, ProblemKind.TWO_SUBJECTS)
    assert picture.rows == ("p.csv, line 2: Ada/1.png", "p.csv, line 3: Bob/4.png")
    assert "listed under the subjects Ada and Bob. Nobody can tell whose it is" in picture.text
    assert comparisons.rows == ("p.csv, line 2", "p.csv, line 3", "p.csv, line 5")


def test_a_picture_under_two_subjects_who_have_no_other_is_used_once(tmp_path: Path) -> None:
    lay_out(tmp_path, "Ada/1.png", "Cy/3.png")
    paint(tmp_path / "Bob" / "2.png", of="Ada/1.png")

    data = open_data_set(f"folders:{tmp_path}")

    assert files(data) == ["Ada/1.png", "Cy/3.png"]
    problem = only_problem(data)
    assert (problem.kind, problem.rows) == (ProblemKind.TWO_SUBJECTS, ("Ada/1.png", "Bob/2.png"))
    assert "it is used once" in problem.text


def test_copies_keep_the_groups_on_which_they_agree(tmp_path: Path) -> None:
    first, second = "47_0_1_20170117021247110.jpg.chip.jpg", "57_0_1_20170113161208579.jpg.chip.jpg"
    paint(tmp_path / first, of="one")
    paint(tmp_path / second, of="one")

    data = open_data_set(f"utkface:{tmp_path}")

    assert [dict(sample.groups) for sample in data.samples] == [{"gender": "male", "race": "Black"}]
    (problem,) = problems(data, ProblemKind.TWO_GROUPS)
    assert problem.rows == (first, second)
    assert "differ in age" in problem.text


def test_a_subject_in_two_groups_counts_in_neither(tmp_path: Path) -> None:
    lay_out(tmp_path, "1.png", "2.png", "3.png")
    rows = ("1.png,Ada,female,10-19,White", "2.png,Ada,male,20-29,White", "3.png,Bob,male,20-29,Black")
    table = write(tmp_path / "t.csv", "file,subject,gender,age,race", *rows)

    data = open_data_set(f"table:{table}", columns=TableColumns(groups=("gender", "age", "race")))

    assert [dict(sample.groups) for sample in data.samples] == [
        {"age": "10-19", "race": "White"},
        {"age": "20-29", "race": "White"},
        {"gender": "male", "age": "20-29", "race": "Black"},
    ]
    problem = only_problem(data)
    assert problem.kind is ProblemKind.TWO_GROUPS
    assert problem.rows == ("t.csv, line 2: 1.png", "t.csv, line 3: 2.png")
    assert problem.text == (
        "Subject Ada is in the groups female and male of gender; it counts in no group of gender."
    )


def test_a_data_set_whose_pictures_are_all_missing_is_refused(tmp_path: Path) -> None:
    table = write(tmp_path / "t.csv", "file,subject", "1.png,Ada", "2.png,Bob")

    with pytest.raises(DataSetInvalid) as refused:
        open_data_set(f"table:{table}")

    said = str(refused.value)
    assert f"its pictures are looked for in {tmp_path}" in said
    assert "Files that are missing: 2" in said
    assert "t.csv, line 2: 1.png" in said


def test_a_problem_names_a_thousand_rows_and_counts_the_rest(tmp_path: Path) -> None:
    lay_out(tmp_path, "1.png")
    rows = ("1.png,Ada", *(f"{number}.png,Bob" for number in range(2, 1_502)), *("x" for _ in range(1_500)))
    data = open_data_set(f"table:{write(tmp_path / 't.csv', 'file,subject', *rows)}")

    assert [len(problem.rows) for problem in data.problems] == [1_000, 1_000]
    assert all("1,500" in problem.text for problem in data.problems)


def test_the_digest_says_whether_two_have_the_same_data(tmp_path: Path) -> None:
    one, other = (lay_out(tmp_path / name, "Ada/1.png", "Bob/2.png") for name in ("one", "other"))
    before = open_data_set(f"folders:{one}").digest()

    assert open_data_set(f"folders:{other}").digest() == before

    paint(other / "Bob" / "2.png", of="another picture")
    assert open_data_set(f"folders:{other}").digest() != before


def test_pictures_that_a_target_cannot_open_are_reported_by_reason(tmp_path: Path) -> None:
    lay_out(tmp_path, "1.png", "2.png", "3.png", "4.png")
    rows = ("1.png,Ada", "2.png,Bob", "3.png,Cy", "4.png,Di", "5.png,Eve")
    data = open_data_set(f"table:{write(tmp_path / 't.csv', 'file,subject', *rows)}")
    broken = "PNG image cannot be decoded"

    found = unreadable(data, {3: broken, 0: broken, 1: NO_FACE, 2: "image is too large", 4: "missing"})

    assert [(problem.kind, problem.rows) for problem in found] == [
        (ProblemKind.UNREADABLE_FILE, ("t.csv, line 2: 1.png", "t.csv, line 5: 4.png")),
        (ProblemKind.UNREADABLE_FILE, ("t.csv, line 4: 3.png",)),
    ]
    assert found[0].text == (
        "Files that stay in the data set, each a failure to enrol: 2: PNG image cannot be decoded"
    )
    assert unreadable(data, {1: NO_FACE}) == ()


def test_many_different_reasons_are_put_together(tmp_path: Path) -> None:
    lay_out(tmp_path, *(f"Ada/{number:02}.png" for number in range(30)))
    data = open_data_set(f"folders:{tmp_path}")

    found = unreadable(data, {number: f"reason {number}" for number in range(30)})

    assert len(found) == 21
    assert len(found[-1].rows) == 10
    assert "10, for other reasons, such as: reason 20" in found[-1].text
