"""Pair lists as CSV."""

from pathlib import Path

import pytest
from laid_out_data_sets import lay_out, listed_pairs, only_problem, write

from countenance.errors import DataSetInvalid
from countenance.evaluation.datasets.opening import open_data_set
from countenance.evaluation.samples import DataSet, ProblemKind

HEADER = "file_a,file_b,same_person"


def subjects(data: DataSet) -> dict[str, str]:
    return {sample.file.name: sample.subject for sample in data.samples}


def test_a_picture_of_several_rows_is_one_sample(tmp_path: Path) -> None:
    lay_out(tmp_path, "Ada/1.png", "Ada/2.png", "Bea/3.png")
    pairs = write(tmp_path / "list.csv", HEADER, "Ada/1.png,Ada/2.png,1", "Ada/1.png,Bea/3.png,0")

    data = open_data_set(f"pairs:{pairs}")

    assert data.name == "list.csv"
    assert listed_pairs(data) == [("1.png", "2.png", True, None), ("1.png", "3.png", False, None)]
    assert subjects(data) == {"1.png": "Ada", "2.png": "Ada", "3.png": "Bea"}
    assert [sample.row for sample in data.samples] == [
        "list.csv, line 2: Ada/1.png",
        "list.csv, line 2: Ada/2.png",
        "list.csv, line 3: Bea/3.png",
    ]
    assert data.problems == ()


def test_without_folders_of_people_the_mated_rows_say_who_is_who(tmp_path: Path) -> None:
    lay_out(tmp_path, *(f"{name}.png" for name in "abcdef"))
    pairs = write(
        tmp_path / "list.csv", HEADER, "b.png,a.png,1", "c.png,b.png,1", "a.png,d.png,0", "e.png,f.png,0"
    )

    found = subjects(open_data_set(f"pairs:{pairs}"))

    assert found["a.png"] == found["b.png"] == found["c.png"] == "a.png"
    assert len(set(found.values())) == 4


def test_folders_that_contradict_the_rows_are_not_taken_for_people(tmp_path: Path) -> None:
    lay_out(tmp_path, "monday/1.png", "tuesday/2.png", "monday/3.png")
    pairs = write(
        tmp_path / "list.csv", HEADER, "monday/1.png,tuesday/2.png,1", "monday/1.png,monday/3.png,0"
    )

    found = subjects(open_data_set(f"pairs:{pairs}"))

    assert found["1.png"] == found["2.png"] != found["3.png"]


def test_one_folder_for_all_is_nobody(tmp_path: Path) -> None:
    lay_out(tmp_path, "all/1.png", "all/2.png", "all/3.png", "all/4.png")
    pairs = write(tmp_path / "list.csv", HEADER, "all/1.png,all/2.png,1", "all/3.png,all/4.png,1")

    found = subjects(open_data_set(f"pairs:{pairs}"))

    assert found["1.png"] == found["2.png"] != found["3.png"] == found["4.png"]


def test_a_name_from_the_root_is_refused_though_it_leads_back(tmp_path: Path) -> None:
    lay_out(tmp_path, "a/1.png", "a/2.png")
    pairs = write(tmp_path / "list.csv", HEADER, "a/1.png,a/2.png,1", f"{tmp_path}/a/1.png,a/2.png,1")

    assert "outside the folder" in only_problem(open_data_set(f"pairs:{pairs}")).text


def test_pictures_outside_the_folders_of_people_are_not_of_one_person(tmp_path: Path) -> None:
    lay_out(tmp_path, "a/1.png", "a/2.png", "3.png", "4.png")
    pairs = write(tmp_path / "list.csv", HEADER, "a/1.png,a/2.png,1", "a/1.png,3.png,0", "a/1.png,4.png,0")

    assert len(set(subjects(open_data_set(f"pairs:{pairs}")).values())) == 3


def test_subjects_folds_and_groups_may_have_columns(tmp_path: Path) -> None:
    lay_out(tmp_path, "1.png", "2.png", "3.png")
    pairs = write(
        tmp_path / "list.csv",
        f"{HEADER},fold,subject_a,subject_b,gender_a,gender_b",
        "1.png,2.png,1,3,Ada,Ada,female,female",
        "1.png,3.png,0,,Ada,Bob,female,",
    )

    data = open_data_set(f"pairs:{pairs}")

    assert listed_pairs(data) == [("1.png", "2.png", True, 3), ("1.png", "3.png", False, None)]
    assert subjects(data) == {"1.png": "Ada", "2.png": "Ada", "3.png": "Bob"}
    assert [dict(sample.groups) for sample in data.samples] == [
        {"gender": "female"},
        {"gender": "female"},
        {},
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_what_separates_fields_is_found(tmp_path: Path, separator: str) -> None:
    lay_out(tmp_path, "a/1.png", "a/2.png")
    rows = (HEADER, "a/1.png,a/2.png,1")
    pairs = write(tmp_path / "list.csv", *(row.replace(",", separator) for row in rows))

    assert len(open_data_set(f"pairs:{pairs}").samples) == 2


def test_a_byte_order_mark_windows_line_ends_and_quotes_are_read(tmp_path: Path) -> None:
    lay_out(tmp_path, "a,b/1.png", "a,b/2.png")
    pairs = tmp_path / "list.csv"
    pairs.write_bytes(b"\xef\xbb\xbf" + f'{HEADER}\r\n\r\n"a,b/1.png","a,b/2.png",1\r\n'.encode())

    assert len(open_data_set(f"pairs:{pairs}").samples) == 2


def test_pictures_lie_beside_the_list_in_images_or_where_the_user_says(tmp_path: Path) -> None:
    row = "a/1.png,a/2.png,1"
    inside = write(tmp_path / "one" / "list.csv", HEADER, row)
    lay_out(tmp_path / "one" / "images", "a/1.png", "a/2.png")
    elsewhere = write(tmp_path / "two" / "list.csv", HEADER, row)

    assert open_data_set(f"pairs:{inside}").problems == ()
    assert open_data_set(f"pairs:{elsewhere}", images=tmp_path / "one" / "images").problems == ()


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("a/1.png,a/2.png", "another number of fields"),
        ("a/1.png,a/2.png,1,1", "another number of fields"),
        ("a/1.png,a/2.png,yes", "another value of same_person"),
        (",a/2.png,1", "no usable file name"),
        ("/etc/hostname,a/2.png,1", "outside the folder"),
        ("../a/1.png,a/2.png,1", "outside the folder"),
        ("a/../b/5.png,a/2.png,0", "outside the folder"),
        ("a/1.png,link/3.png,0", "outside the folder"),
        ('"a/1.png,a/2.png,1', "are no CSV"),
        ("a/1\x00.png,a/2.png,1", "NUL byte"),
        ("a/1\x07.png,a/2.png,1", "no usable file name"),
        (f"{'x' * 200_000},a/2.png,1", "are no CSV"),
        (f"{'x' * 2_000},a/2.png,1", "no usable file name"),
        ("a/1.png,a/2.png,0", "same person of different subjects, or different of one"),
    ],
)
def test_a_row_that_cannot_be_used_is_left_out_and_named(tmp_path: Path, row: str, why: str) -> None:
    root = tmp_path / "root"
    lay_out(root, "a/1.png", "a/2.png", "a/4.png", "b/5.png")
    lay_out(tmp_path / "outside", "3.png")
    (root / "link").symlink_to(tmp_path / "outside")
    good = ("a/1.png,a/4.png,1", "a/2.png,b/5.png,0", "a/4.png,b/5.png,0")
    pairs = write(root / "list.csv", HEADER, *good, row)

    data = open_data_set(f"pairs:{pairs}")

    problem = only_problem(data)
    assert problem.kind is ProblemKind.BAD_ROW
    assert problem.rows == ("list.csv, line 5",)
    assert why in problem.text
    assert len(listed_pairs(data)) == 3


def test_a_row_that_is_not_utf8_is_left_out(tmp_path: Path) -> None:
    lay_out(tmp_path, "a/1.png", "a/2.png")
    pairs = tmp_path / "list.csv"
    pairs.write_bytes(f"{HEADER}\na/\xe9.png,a/1.png,1\na/1.png,a/2.png,1\n".encode("latin-1"))

    problem = only_problem(open_data_set(f"pairs:{pairs}"))

    assert (problem.rows, problem.text) == (
        ("list.csv, line 2",),
        "Rows that are not UTF-8: 1, left out.",
    )


@pytest.mark.parametrize("fold", ["x", "-1", "10000", "1.5", "٣"])
def test_a_fold_is_a_number(tmp_path: Path, fold: str) -> None:
    lay_out(tmp_path, "a/1.png", "a/2.png", "a/3.png")
    rows = ("a/1.png,a/2.png,1,9999", f"a/1.png,a/3.png,1,{fold}")
    data = open_data_set(f"pairs:{write(tmp_path / 'list.csv', f'{HEADER},fold', *rows)}")

    assert listed_pairs(data) == [("1.png", "2.png", True, 9999)]
    assert "have a fold that is no number" in only_problem(data).text


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ((), "is empty"),
        (("file_a,file_b",), "no column 'same_person'; its columns are 'file_a', 'file_b'"),
        ((f"{HEADER},file_a",), "names the column 'file_a' twice"),
        (('"file_a',), "should name the columns, but is no CSV"),
        ((HEADER,), "no picture that can be used"),
        ((HEADER, "a/1.png,a/1.png,1"), "no pair that can be used"),
        ((HEADER, "a/7.png,a/8.png,1"), "no pair that can be used"),
    ],
)
def test_a_list_of_no_use_is_refused_with_the_reason(
    tmp_path: Path, lines: tuple[str, ...], why: str
) -> None:
    lay_out(tmp_path, "a/1.png")
    pairs = write(tmp_path / "list.csv", *lines)

    with pytest.raises(DataSetInvalid, match=why):
        open_data_set(f"pairs:{pairs}")


def test_a_table_beside_it_adds_groups(tmp_path: Path) -> None:
    lay_out(tmp_path, "a/1.png", "a/2.png", "b/3.png")
    pairs = write(tmp_path / "list.csv", HEADER, "a/1.png,a/2.png,1", "a/1.png,b/3.png,0")
    groups = write(
        tmp_path / "groups.csv",
        "file,gender,race",
        "a/1.png,female,",
        "a/2.png,female,Black",
        "b/3.png,male,White",
        "c/9.png,male,White",
        "../c,male,White",
        "b/3.png,female,White",
    )

    data = open_data_set(f"pairs:{pairs}", groups=groups)

    assert [dict(sample.groups) for sample in data.samples] == [
        {"gender": "female"},
        {"gender": "female", "race": "Black"},
        {"race": "White"},
    ]
    assert [(problem.kind, problem.rows) for problem in data.problems] == [
        (ProblemKind.BAD_ROW, ("groups.csv, line 6",)),
        (ProblemKind.TWO_GROUPS, ("groups.csv, line 4", "groups.csv, line 7")),
    ]
