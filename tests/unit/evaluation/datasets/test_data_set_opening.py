"""What a user types is understood, or answered with what could be typed."""

from pathlib import Path

import pytest
from laid_out_data_sets import lay_out, write

from countenance.errors import DataSetInvalid
from countenance.evaluation.datasets import reading
from countenance.evaluation.datasets.opening import KINDS, open_data_set
from countenance.evaluation.datasets.tables import TableColumns

REFERENCE = Path(__file__).parents[4] / "docs" / "reference" / "data-sets.md"


def test_a_csvs_columns_say_its_kind(tmp_path: Path) -> None:
    lay_out(tmp_path, "a/1.png", "a/2.png")
    write(tmp_path / "pairs.csv", "file_a,file_b,same_person", "a/1.png,a/2.png,1")
    write(tmp_path / "table.csv", "file,subject,age,gender,race", "a/1.png,Ada,0-2,Male,White")
    write(tmp_path / "fairface.csv", "file,age,gender,race", "a/1.png,0-2,Male,White")

    names = [open_data_set(str(tmp_path / f"{name}.csv")).name for name in ("pairs", "table", "fairface")]

    assert names == ["pairs.csv", "table.csv", "FairFace"]


def test_a_folders_layout_says_its_kind(tmp_path: Path) -> None:
    lay_out(tmp_path / "people", "Ada/1.png")
    lay_out(
        tmp_path / "utk", "26_1_4_20170117154703557.jpg.chip.jpg", "39_1_20170116174525125.jpg.chip.jpg.png"
    )
    lay_out(tmp_path / "utk", "27_1_4_20170117154703557.jpg.chip.jpg")

    assert open_data_set(str(tmp_path / "people")).name == "people"
    assert open_data_set(str(tmp_path / "utk")).name == "UTKFace"


def test_cfps_layout_is_known(tmp_path: Path) -> None:
    lay_out(tmp_path, "Data/Images/001/frontal/01.jpg", "Data/Images/001/profile/01.jpg")
    write(tmp_path / "Protocol" / "Pair_list_F.txt", "1 ../Data/Images/001/frontal/01.jpg")
    write(tmp_path / "Protocol" / "Pair_list_P.txt", "1 ../Data/Images/001/profile/01.jpg")
    write(tmp_path / "Protocol" / "Split" / "FP" / "01" / "same.txt", "1,1")
    write(tmp_path / "Protocol" / "Split" / "FP" / "01" / "diff.txt")

    assert open_data_set(str(tmp_path)).name == "CFP frontal–profile"


@pytest.mark.parametrize("name", ["nothing", "empty", "pictures", "table.csv", "labels"])
def test_what_cannot_be_guessed_is_answered_with_the_kinds(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    lay_out(tmp_path / "pictures", "1.png", "2.png")
    write(tmp_path / "table.csv", "file,person", "1.png,Ada")
    write(tmp_path / "labels" / "labels.csv", "file,subject", "1.png,Ada")

    with pytest.raises(DataSetInvalid) as refused:
        open_data_set(str(tmp_path / name))

    said = str(refused.value)
    assert ("there is nothing of that name" in said) == (name == "nothing")
    assert all(f"{kind}: {KINDS[kind].expects}" in said for kind in KINDS)


def test_a_path_may_have_colons(tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "lfw:view2", "Ada/1.png")

    assert open_data_set(f"folders:{folder}").name == "lfw:view2"
    assert open_data_set(str(folder)).name == "lfw:view2"


def test_a_variant_that_a_kind_has_not_is_answered_with_those_it_has(tmp_path: Path) -> None:
    with pytest.raises(DataSetInvalid, match="lfw has no variant 'view3'; it has devtest, devtrain, view2"):
        open_data_set(f"lfw:{tmp_path}:view3")


@pytest.mark.parametrize(
    "spec", ["", ":", "pairs:", "folders:", "lfw::view2", "x" * 5_000, "a\0b", "pairs:\0"]
)
def test_what_names_nothing_is_refused(spec: str) -> None:
    with pytest.raises(DataSetInvalid):
        open_data_set(spec)


def test_what_a_kind_has_no_use_for_is_refused(tmp_path: Path) -> None:
    lay_out(tmp_path, "Ada/1.png")

    with pytest.raises(DataSetInvalid, match="the pictures of folders lie where it is"):
        open_data_set(f"folders:{tmp_path}", images=tmp_path)
    with pytest.raises(DataSetInvalid, match="name table:PATH"):
        open_data_set(f"folders:{tmp_path}", columns=TableColumns())


def test_a_folder_of_images_that_is_not_there_is_named(tmp_path: Path) -> None:
    table = write(tmp_path / "t.csv", "file,subject", "1.png,Ada")

    with pytest.raises(DataSetInvalid, match="gone is not a folder"):
        open_data_set(f"table:{table}", images=tmp_path / "gone")


def test_lists_have_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = write(tmp_path / "t.csv", "file,subject", *("1.png,Ada" for _ in range(20)))
    monkeypatch.setattr(reading, "MOST_ROWS", 19)
    with pytest.raises(DataSetInvalid, match="more than 19 rows, the limit"):
        open_data_set(f"table:{table}")

    monkeypatch.setattr(reading, "MOST_LIST_BYTES", 100)
    with pytest.raises(DataSetInvalid, match="more than 100 bytes, the limit"):
        open_data_set(f"table:{table}")


def test_a_list_without_end_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "t.csv").symlink_to("/dev/zero")

    with pytest.raises(DataSetInvalid, match="not a regular file"):
        open_data_set(f"table:{tmp_path / 't.csv'}")


def test_gigabytes_are_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "t.csv").open("wb") as file:
        file.truncate(1 << 40)

    with pytest.raises(DataSetInvalid, match="the limit of a list"):
        open_data_set(f"table:{tmp_path / 't.csv'}")


def test_the_reference_names_every_kind_and_variant() -> None:
    text = REFERENCE.read_text(encoding="utf-8")

    for name, kind in KINDS.items():
        assert f"## `{name}`" in text
        assert all(f"`{variant}`" in text for variant in kind.variants if variant)
