"""CFP, a folder for each person, UTKFace, FairFace, and any table."""

from pathlib import Path

import pytest
from laid_out_data_sets import lay_out, listed_pairs, only_problem, problems, write

from countenance.errors import DataSetInvalid
from countenance.evaluation.datasets.folders import age_group
from countenance.evaluation.datasets.opening import open_data_set
from countenance.evaluation.datasets.tables import TableColumns
from countenance.evaluation.samples import ProblemKind


@pytest.fixture
def cfp(tmp_path: Path) -> Path:
    """CFP with two people, two frontal pictures and a profile each, and two folds."""
    frontal = [
        f"Data/Images/{person}/frontal/{number}.jpg" for person in ("001", "002") for number in ("01", "02")
    ]
    profile = [f"Data/Images/{person}/profile/01.jpg" for person in ("001", "002")]
    lay_out(tmp_path, *frontal, *profile)
    for name, files in (("F", frontal), ("P", profile)):
        listed = (f"{number} ../{file}" for number, file in enumerate(files, 1))
        write(tmp_path / "Protocol" / f"Pair_list_{name}.txt", *listed)
    splits = tmp_path / "Protocol" / "Split"
    write(splits / "FF" / "01" / "same.txt", "1,2")
    write(splits / "FF" / "01" / "diff.txt", "1,3")
    write(splits / "FF" / "02" / "same.txt", "3,4")
    write(splits / "FF" / "02" / "diff.txt", "2,4")
    write(splits / "FP" / "01" / "same.txt", "1,1")
    write(splits / "FP" / "01" / "diff.txt", "1,2", "4,1")
    return tmp_path


def test_cfp_compares_frontal_pictures(cfp: Path) -> None:
    data = open_data_set(f"cfp:{cfp}:ff")

    assert data.name == "CFP frontal–frontal"
    assert [(mated, fold) for _, _, mated, fold in listed_pairs(data)] == [
        (True, 1),
        (False, 1),
        (True, 2),
        (False, 2),
    ]
    assert {sample.subject for sample in data.samples} == {"001", "002"}
    assert data.problems == ()


def test_cfp_compares_frontal_pictures_with_profiles(cfp: Path) -> None:
    data = open_data_set(f"cfp:{cfp}")

    files = [
        tuple(
            str(data.samples[number].file.relative_to(cfp / "Data/Images"))
            for number in (pair.first, pair.second)
        )
        for pair in data.pairs or ()
    ]
    assert data.name == "CFP frontal–profile"
    assert files == [
        ("001/frontal/01.jpg", "001/profile/01.jpg"),
        ("001/frontal/01.jpg", "002/profile/01.jpg"),
        ("002/frontal/02.jpg", "001/profile/01.jpg"),
    ]


def test_cfps_bad_rows_are_named(cfp: Path) -> None:
    write(
        cfp / "Protocol" / "Pair_list_P.txt",
        "1 ../Data/Images/001/profile/01.jpg",
        "2 ../../x.jpg",
        "x",
        "1 a",
    )
    write(cfp / "Protocol" / "Split" / "FP" / "01" / "diff.txt", "1,2", "1;2", "3,1")

    data = open_data_set(f"cfp:{cfp}:fp")

    assert {problem.rows: problem.text for problem in data.problems} == {
        ("Pair_list_P.txt, line 2",): "Rows that name a file outside the folder of pictures: 1, left out.",
        ("Pair_list_P.txt, line 3",): "Rows that are not a number and a file: 1, left out.",
        ("Pair_list_P.txt, line 4",): "Rows that give a number to a second picture: 1, left out.",
        ("FP/01/diff.txt, line 1",): "Rows that number a picture that is not listed: 1, left out.",
        ("FP/01/diff.txt, line 2",): "Rows that are not two numbers of pictures: 1, left out.",
    }
    assert len(listed_pairs(data)) == 2


def test_cfp_without_folds_is_refused(cfp: Path) -> None:
    (cfp / "Protocol" / "Split" / "FP").rename(cfp / "Protocol" / "Split" / "gone")
    with pytest.raises(DataSetInvalid, match="should have folders 01 to 10"):
        open_data_set(f"cfp:{cfp}:fp")

    (cfp / "Protocol" / "Split" / "FP").mkdir()
    with pytest.raises(DataSetInvalid, match="has no fold"):
        open_data_set(f"cfp:{cfp}:fp")


def test_a_folder_for_each_person(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        "Bob/2.png",
        "Bob/1.PNG",
        "Ada/holiday/1.png",
        ".cache/x.png",
        "Ada/.hidden.png",
        "stray.png",
    )
    write(tmp_path / "Ada" / "notes.txt", "none")

    data = open_data_set(f"folders:{tmp_path}")

    assert data.name == tmp_path.name
    assert data.pairs is None
    assert [(sample.row, sample.subject) for sample in data.samples] == [
        ("Ada/holiday/1.png", "Ada"),
        ("Bob/1.PNG", "Bob"),
        ("Bob/2.png", "Bob"),
    ]
    assert [problem.rows for problem in data.problems] == [("stray.png",), ("Ada/notes.txt",)]
    assert [problem.kind for problem in data.problems] == [ProblemKind.BAD_ROW] * 2


def test_links_do_not_lead_out_of_a_folder(tmp_path: Path) -> None:
    lay_out(tmp_path / "elsewhere", "Eve/1.png")
    lay_out(tmp_path / "people", "Ada/1.png", "Ada/2.png")
    (tmp_path / "people" / "Eve").symlink_to(tmp_path / "elsewhere" / "Eve")
    (tmp_path / "people" / "Ada" / "3.png").symlink_to(tmp_path / "elsewhere" / "Eve" / "1.png")
    (tmp_path / "people" / "Ada" / "4.png").symlink_to("1.png")

    data = open_data_set(f"folders:{tmp_path / 'people'}")

    assert [sample.row for sample in data.samples] == ["Ada/1.png", "Ada/2.png"]
    assert {problem.rows: problem.kind for problem in data.problems} == {
        ("Eve",): ProblemKind.BAD_ROW,
        ("Ada/3.png",): ProblemKind.BAD_ROW,
        ("Ada/1.png", "Ada/4.png"): ProblemKind.SAME_PICTURE,
    }


def test_a_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    lay_out(tmp_path / "real", "Ada/1.png")
    (tmp_path / "link").symlink_to(tmp_path / "real")

    assert len(open_data_set(f"folders:{tmp_path / 'link'}").samples) == 1


def test_names_that_are_no_text_are_shown_all_the_same(tmp_path: Path) -> None:
    lay_out(tmp_path, "Ad\udce9/1.png", "Bo\nb/1.png")

    data = open_data_set(f"folders:{tmp_path}")

    assert {sample.subject for sample in data.samples} == {"Ad\\udce9", "Bo\\nb"}
    assert all(sample.row.encode() for sample in data.samples)
    assert all(data.sha256)


def test_utkfaces_names_say_age_gender_and_race(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        "26_1_4_20170117154703557.jpg.chip.jpg",
        "3_0_0_20161219231433107.jpg",
        "24_0_1_20170116220224657 .jpg.chip.jpg",
        "39_1_20170116174525125.jpg.chip.jpg",
        "61_3_1_20170109150557335.jpg.chip.jpg",
        "200_0_1_20170109150557335.jpg.chip.jpg",
    )

    data = open_data_set(f"utkface:{tmp_path}")

    assert [tuple(sample.groups.values()) for sample in data.samples] == [
        ("20-29", "male", "Black"),
        ("20-29", "female", "Others"),
        ("3-9", "male", "White"),
    ]
    assert len({sample.subject for sample in data.samples}) == 3
    bad, unknown = data.problems
    assert len(bad.rows) == 3
    assert "39_1_20170116174525125.jpg.chip.jpg" in bad.rows
    assert unknown.kind is ProblemKind.SUBJECTS_UNKNOWN
    assert "does not say who is who" in unknown.text


@pytest.mark.parametrize(
    ("years", "group"),
    [
        (0, "0-2"),
        (2, "0-2"),
        (3, "3-9"),
        (9, "3-9"),
        (10, "10-19"),
        (19, "10-19"),
        (69, "60-69"),
        (70, "70+"),
    ],
)
def test_ages_are_grouped_as_in_fairface(years: int, group: str) -> None:
    assert age_group(years) == group


def test_fairfaces_labels(tmp_path: Path) -> None:
    lay_out(tmp_path, "train/1.jpg", "train/2.jpg", "train/3.jpg")
    write(
        tmp_path / "labels.csv",
        "file,age,gender,race,service_test",
        "train/1.jpg,more than 70,Female,East Asian,True",
        "train/2.jpg,0-2,Male,Latino_Hispanic,False",
        "train/3.jpg,20-29,Other,White,False",
    )

    folder, file, guessed = (
        open_data_set(spec)
        for spec in (f"fairface:{tmp_path}", f"fairface:{tmp_path / 'labels.csv'}", str(tmp_path))
    )

    assert [dict(sample.groups) for sample in folder.samples] == [
        {"age": "70+", "gender": "female", "race": "East Asian"},
        {"age": "0-2", "gender": "male", "race": "Latino_Hispanic"},
    ]
    assert [sample.subject for sample in folder.samples] == ["train/1.jpg", "train/2.jpg"]
    assert [problem.kind for problem in folder.problems] == [
        ProblemKind.BAD_ROW,
        ProblemKind.SUBJECTS_UNKNOWN,
    ]
    assert folder.problems[0].rows == ("labels.csv, line 4",)
    assert folder.digest() == file.digest() == guessed.digest()


def test_any_table_with_columns_for_file_and_subject(tmp_path: Path) -> None:
    lay_out(tmp_path, "1.png", "2.png", "3.png")
    table = write(
        tmp_path / "people.csv",
        "photo,person,sex,skin tone,note",
        "1.png, Zoë ,f,IV,x",
        "2.png,Zoe\u0308,f,IV,y",
        "3.png,,m,II,z",
    )
    columns = TableColumns("photo", "person", ("sex", "skin tone"))

    data = open_data_set(f"table:{table}", columns=columns)

    assert [(sample.subject, dict(sample.groups)) for sample in data.samples] == [
        ("Zoë", {"sex": "f", "skin tone": "IV"})
    ] * 2
    assert only_problem(data).text == "Rows that have no subject: 1, left out."


def test_a_table_without_subjects_says_so_by_naming_the_file_column(tmp_path: Path) -> None:
    lay_out(tmp_path, "1.png", "2.png")
    table = write(tmp_path / "people.csv", "file", "1.png", "2.png")

    data = open_data_set(f"table:{table}", columns=TableColumns(subject="file"))

    assert [sample.subject for sample in data.samples] == ["1.png", "2.png"]
    assert len(problems(data, ProblemKind.SUBJECTS_UNKNOWN)) == 1


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    table = write(tmp_path / "people.csv", "file,person", "1.png,Ada")

    with pytest.raises(DataSetInvalid, match="has no column 'subject'; its columns are 'file', 'person'"):
        open_data_set(f"table:{table}")


@pytest.mark.parametrize("long", ["subject", "group"])
def test_labels_have_a_limit(tmp_path: Path, long: str) -> None:
    lay_out(tmp_path, "1.png", "2.png")
    values = {"subject": "Ada", "group": "f", long: "x" * 257}
    rows = ("1.png,Ada,f", f"2.png,{values['subject']},{values['group']}")
    table = write(tmp_path / "people.csv", "file,subject,sex", *rows)

    problem = only_problem(open_data_set(f"table:{table}", columns=TableColumns(groups=("sex",))))

    assert problem.text == f"Rows that have a {long} longer than 256 characters: 1, left out."
