"""Drawings get names of their own, appear whole or not at all and never replace a picture that is read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from countenance.doors.cli.outcomes import WrongUsage
from countenance.doors.cli.saving import DrawingNotWritten, check_targets, plan_drawings, save_picture

SMALL = Image.new("RGB", (8, 6), (200, 10, 10))


def test_one_picture_is_drawn_into_the_named_file(tmp_path: Path) -> None:
    assert plan_drawings(tmp_path / "out.jpg", [tmp_path / "in.png"]) == [tmp_path / "out.jpg"]


@pytest.mark.parametrize("name", ["out", "out.v2"])
def test_what_is_no_pictures_name_is_a_folder_also_for_one_picture(tmp_path: Path, name: str) -> None:
    assert plan_drawings(tmp_path / name, [Path("in.png")]) == [tmp_path / name / "in.png"]


def test_a_folder_that_is_there_may_be_called_as_a_picture(tmp_path: Path) -> None:
    folder = tmp_path / "holiday.jpg"
    folder.mkdir()
    assert plan_drawings(folder, [Path("in.webp")]) == [folder / "in.webp"]


def test_drawings_of_pictures_with_the_same_name_are_numbered(tmp_path: Path) -> None:
    pictures = [Path("a/x.jpg"), Path("b/X.JPG"), Path("c/x.tiff"), Path("d/x.png"), Path("e/x-2.jpg")]
    names = [target.name for target in plan_drawings(tmp_path, pictures)]
    assert names == ["x.jpg", "X-2.JPG", "x.png", "x-2.png", "x-2-2.jpg"]


def test_several_pictures_do_not_go_into_one_file(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match=r"out\.jpg is one file for 2 pictures; name a folder"):
        plan_drawings(tmp_path / "out.jpg", [Path("a.jpg"), Path("b.jpg")])


def test_a_format_that_is_not_written_is_refused_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match=r"must be one of \.jpg, \.jpeg, \.png, \.webp"):
        plan_drawings(tmp_path / "out.gif", [Path("a.jpg")])


@pytest.mark.parametrize("alias", ["same", "symbolic link", "hard link"])
def test_a_picture_that_is_read_is_not_overwritten_under_any_of_its_names(tmp_path: Path, alias: str) -> None:
    picture, out = tmp_path / "in.png", tmp_path / "out.png"
    SMALL.save(picture)
    if alias == "same":
        out = tmp_path / ".." / tmp_path.name / "in.png"
    elif alias == "symbolic link":
        out.symlink_to(picture)
    else:
        os.link(picture, out)
    with pytest.raises(WrongUsage, match="would overwrite the picture"):
        check_targets([out], [Path("other.png"), picture])


def test_the_folder_of_the_pictures_is_no_place_for_their_drawings(tmp_path: Path) -> None:
    pictures = [tmp_path / "a.png", tmp_path / "b.png"]
    for picture in pictures:
        SMALL.save(picture)
    with pytest.raises(WrongUsage, match=r"would overwrite the picture .*a\.png"):
        plan_drawings(tmp_path, pictures)


def test_a_drawing_replaces_an_older_one_and_leaves_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "new" / "folder" / "out.png"
    for colour in ((1, 2, 3), (4, 5, 6)):
        save_picture(Image.new("RGB", (4, 4), colour), target)
        with Image.open(target) as picture:
            assert picture.getpixel((0, 0)) == colour
    assert list(target.parent.iterdir()) == [target]


def test_a_drawing_that_cannot_be_written_leaves_the_older_one(tmp_path: Path) -> None:
    target = tmp_path / "out.webp"
    save_picture(SMALL, target)
    before = target.read_bytes()
    with pytest.raises(DrawingNotWritten, match=r"out\.webp cannot be written as WEBP: "):
        save_picture(Image.new("RGB", (16_384, 1)), target)
    assert target.read_bytes() == before
    assert list(tmp_path.iterdir()) == [target]


def test_a_place_that_is_no_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        DrawingNotWritten, match=r"file/out\.png cannot be written as PNG: (Not a directory|File exists)"
    ):
        save_picture(SMALL, tmp_path / "file" / "out.png")
