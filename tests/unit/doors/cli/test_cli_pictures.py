"""Files, folders and globs become pictures: each once, in order, and never without end."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from countenance.doors.cli.pictures import find_pictures

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with pictures, other files and hidden ones."""
    for name in (
        "b.JPG",
        "a.png",
        "notes.txt",
        ".hidden.jpg",
        ".cache/x.jpg",
        "deep/er/c.webp",
        "deep/d.tiff",
        "[odd] name.gif",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(*names: str) -> list[str]:
    return [picture.path.as_posix() for picture in find_pictures(names) if picture.problem is None]


def problems(*names: str) -> dict[str, str]:
    return {str(picture.path): picture.problem for picture in find_pictures(names) if picture.problem}


@pytest.mark.usefixtures("folder")
def test_a_folder_gives_the_pictures_in_and_below_it_in_order_without_hidden_ones() -> None:
    assert found(".") == ["[odd] name.gif", "a.png", "b.JPG", "deep/d.tiff", "deep/er/c.webp"]


@pytest.mark.usefixtures("folder")
def test_a_file_is_taken_whatever_it_is_called_and_in_the_order_of_the_names() -> None:
    names = ("notes.txt", ".hidden.jpg", "b.JPG", "a.png", "[odd] name.gif")
    assert found(*names) == list(names)


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("*.png", ["a.png"]),
        ("*", ["[odd] name.gif", "a.png", "b.JPG", "deep/d.tiff", "deep/er/c.webp"]),
        ("**/*.tiff", ["deep/d.tiff"]),
        ("deep/**/*.webp", ["deep/er/c.webp"]),
        ("?.JPG", ["b.JPG"]),
        (".cache/*.jpg", [".cache/x.jpg"]),
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_glob_gives_the_pictures_that_match(pattern: str, matches: list[str]) -> None:
    assert found(pattern) == matches


def test_a_glob_may_be_absolute_or_lead_upwards(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(str(folder / "*.png")) == [(folder / "a.png").as_posix()]
    monkeypatch.chdir(folder / "deep")
    assert found("../*.png") == ["../a.png"]


def test_a_picture_named_twice_is_looked_at_once(folder: Path) -> None:
    assert found("a.png", "./a.png", str(folder / "a.png"), "*.png", ".")[0] == "a.png"
    assert len(found("a.png", ".", "*")) == 5


def test_a_folder_that_links_lead_back_to_is_entered_once(folder: Path) -> None:
    (folder / "deep" / "again").symlink_to(folder)
    (folder / "deep" / "er" / "up").symlink_to(folder / "deep")
    assert len(found(".")) == 5
    assert len(found("**/*.webp")) == 1


def test_a_linked_folder_is_followed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "e.bmp").touch()
    (folder / "link").symlink_to(elsewhere)
    assert "link/e.bmp" in found(".")


def test_a_name_without_pictures_is_reported_with_what_counts_as_one(folder: Path) -> None:
    (folder / "empty").mkdir()
    assert problems("empty", "*.heic") == {
        "empty": "the folder holds no pictures (.bmp, .gif, .jpe, .jpeg, .jpg, .png, .tif, .tiff, .webp)",
        "*.heic": "no picture fits this pattern (.bmp, .gif, .jpe, .jpeg, .jpg, .png, .tif, .tiff, .webp)",
    }


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="this user may read every folder")
def test_a_folder_that_may_not_be_read_is_reported(folder: Path) -> None:
    locked = folder / "locked"
    locked.mkdir(mode=0)
    assert problems(".") == {"locked": "the folder cannot be read: Permission denied"}


@pytest.mark.usefixtures("folder")
def test_an_empty_name_is_not_the_working_folder() -> None:
    assert found("") == []
    assert problems("") == {".": "the name is empty"}
