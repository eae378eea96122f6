"""A folder gives its pictures, in order, and tells of everything else why it was passed over."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from countenance.archive.folders import read_folder
from countenance.archive.sources import check_source, read_source
from countenance.archive.values import ExternalIds, ImportItem, Listed, LocalFile, PassedOver
from countenance.errors import ManifestInvalid
from countenance.images.sources import LocalBuckets, PictureSources

NO_BUCKETS = PictureSources(LocalBuckets({}), None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "archive"
    for path in (
        "b.jpg",
        "a.PNG",
        "1969/crew 1.jpeg",
        "1969/apollo/crew.tif",
        "1969/notes.doc",
        ".hidden.jpg",
    ):
        file = made / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")
    return made


def listed(folder: Path, kind: ExternalIds = ExternalIds.NONE) -> list[Listed]:
    return list(read_folder(folder, kind))


def pictures(found: list[Listed]) -> list[ImportItem]:
    return [each for each in found if isinstance(each, ImportItem)]


def passed_over(found: list[Listed]) -> dict[str, str]:
    return {Path(each.name).name: each.reason for each in found if isinstance(each, PassedOver)}


def test_pictures_come_folder_by_folder_in_order(folder: Path) -> None:
    places = [item.place for item in pictures(listed(folder))]
    paths = ["a.PNG", "b.jpg", "1969/crew 1.jpeg", "1969/apollo/crew.tif"]
    assert places == [LocalFile(path, str(folder)) for path in paths]


def test_what_is_no_picture_is_told(folder: Path) -> None:
    reasons = passed_over(listed(folder))
    assert set(reasons) == {"notes.doc", ".hidden.jpg"}
    assert "begins with a dot" in reasons[".hidden.jpg"]


def test_no_link_is_followed_out_or_in(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    (folder / "out.jpg").symlink_to(tmp_path / "secret.jpg")
    (folder / "all").symlink_to(tmp_path)
    (folder / "loop").symlink_to(folder)
    found = listed(folder)
    assert len(pictures(found)) == 4
    assert {"out.jpg", "all", "loop"} <= set(passed_over(found))


def test_a_folder_that_cannot_be_read_is_told_and_loses_no_other(folder: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    (folder / "1969").chmod(0)
    try:
        found = listed(folder)
    finally:
        (folder / "1969").chmod(0o755)
    assert len(pictures(found)) == 2
    assert "cannot be read" in passed_over(found)["1969"]


@pytest.mark.parametrize(
    ("kind", "ids"),
    [
        (ExternalIds.NONE, [None, None, None, None]),
        (ExternalIds.STEM, ["a", "b", "crew_1", "crew"]),
        (ExternalIds.FOLDER, ["archive", "archive", "1969", "apollo"]),
    ],
)
def test_external_ids_are_taken_from_names(folder: Path, kind: ExternalIds, ids: list[str | None]) -> None:
    assert [item.external_image_id for item in pictures(listed(folder, kind))] == ids


def test_a_name_that_is_no_external_id_fails_with_the_way_out(folder: Path) -> None:
    (folder / "José (1).jpg").write_bytes(b"x")
    (failed,) = [
        each for each in listed(folder, ExternalIds.STEM) if isinstance(each, PassedOver) and each.failed
    ]
    assert failed.name.endswith("José (1).jpg")
    assert "give another one in a manifest" in failed.reason


def test_names_that_are_no_text_and_of_several_lines_are_listed(tmp_path: Path) -> None:
    for name in (b"\xff\xfe.jpg", b"two\nlines.jpg"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(b"x")
    assert len(pictures(listed(tmp_path))) == 2


def test_a_tree_deeper_than_names_may_be_long_is_cut_off(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(700):
        os.mkdir("dd", dir_fd=here)
        below = os.open("dd", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    (only,) = listed(tmp_path)
    assert isinstance(only, PassedOver)
    assert "1024 bytes" in only.reason


def test_a_single_picture_may_be_a_link(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link.jpg").symlink_to(folder / "b.jpg")
    (item,) = read_source(NO_BUCKETS, str(tmp_path / "link.jpg"), ExternalIds.STEM)
    assert isinstance(item, ImportItem)
    assert (item.place, item.external_image_id) == (LocalFile(str(tmp_path / "link.jpg")), "link")


@pytest.mark.parametrize("name", ["", "nowhere", "archive/1969/notes.doc", "s3://", "s3:///key", "a\0b"])
@pytest.mark.usefixtures("folder")
def test_a_source_from_which_nothing_comes_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ManifestInvalid):
        check_source(name if name.startswith("s3") or not name else str(tmp_path / name))
