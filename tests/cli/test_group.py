"""``countenance group``: pictures of a few people, grouped; on the terminal, as JSON and as a page."""

from __future__ import annotations

import base64
import html
import io
import os
import re
import stat
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageEnhance, ImageOps

from cli.command_line import CommandLine
from countenance.doors.cli.group_sheet import Sheet, SheetFace, SheetPerson, sheet_page

if TYPE_CHECKING:
    pass

NASTY = "<script>alert(1)\"'&\u202egpj.exe.jpg"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, astronaut: Path, grace_hopper: Path) -> Path:
    """Four pictures of Collins, three of Hopper, one of them of both; one of nobody, and one that is none."""
    folder = tmp_path_factory.mktemp("album")
    with Image.open(astronaut) as opened:
        collins = opened.convert("RGB")
    with Image.open(grace_hopper) as opened:
        hopper = opened.convert("RGB")
    collins.save(folder / "collins.jpg")
    ImageOps.mirror(collins).save(folder / "collins mirrored.png")
    below = folder / "below"
    below.mkdir()
    ImageEnhance.Brightness(collins).enhance(0.6).save(below / "collins dark.jpg", quality=70)
    hopper.save(folder / "hopper.jpg")
    hopper.rotate(8, resample=Image.Resampling.BILINEAR).save(
        folder / (NASTY if os.name != "nt" else "h.jpg")
    )
    both = Image.new("RGB", (collins.width + hopper.width, 600))
    both.paste(collins, (0, 0))
    both.paste(hopper, (collins.width, 0))
    both.save(folder / "both.jpg")
    Image.new("RGB", (200, 200), "grey").save(folder / "nobody.png")
    return folder


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """Commands in a data folder of their own."""
    return CommandLine(tmp_path_factory.mktemp("data"))


def test_json_tells_who_is_in_which_pictures_the_most_frequent_first(
    command: CommandLine, folder: Path
) -> None:
    records = command.done("group", folder, "--json").records
    assert [(record["person"], record["pictures"]) for record in records] == [(1, 4), (2, 3)]
    names = [{Path(face["picture"]).name for face in record["faces"]} for record in records]
    assert names[0] == {"collins.jpg", "collins mirrored.png", "collins dark.jpg", "both.jpg"}
    assert names[0] & names[1] == {"both.jpg"}
    assert {"box", "quality", "confidence_percent"} <= set(records[0]["faces"][0])


def test_the_table_names_people_by_numbers_and_counts_who_was_seen_once(
    command: CommandLine, folder: Path
) -> None:
    ended = command.done("group", *(folder / name for name in ("hopper.jpg", "both.jpg", "collins.jpg")))
    assert re.search(r"^1 +2 +\S", ended.out, re.MULTILINE)
    assert ": 2 people seen more than once, 0 faces seen once\n" in ended.out
    ended = command.done("group", folder / "hopper.jpg", folder / "collins.jpg")
    assert ended.out.endswith(": 0 people seen more than once, 2 faces seen once\n")
    record = command.done("group", "--json", folder / "hopper.jpg").record
    assert (record["person"], record["pictures"]) == (None, 1)


def test_what_cannot_be_read_is_reported_and_the_others_are_grouped(
    command: CommandLine, folder: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    ended = command("group", broken, folder, "--json")
    assert ended.code == 1
    assert "broken.jpg: image is of no format that is read" in ended.err
    assert [record.get("pictures") for record in ended.records] == [4, 3, None]
    assert ended.records[-1]["picture"] == str(broken)


def test_without_any_face_nobody_is_there(command: CommandLine, folder: Path) -> None:
    ended = command.done("group", folder / "nobody.png")
    assert ended.out == "0 faces in 1 picture: 0 people seen more than once, 0 faces seen once\n"
    assert command.done("group", folder / "nobody.png", "--json").out == ""


def test_faces_of_poor_quality_are_left_out_and_counted(
    command: CommandLine, folder: Path, tmp_path: Path
) -> None:
    with Image.open(folder / "collins.jpg") as opened:
        opened.resize((64, 64)).save(tmp_path / "tiny.png")
    ended = command.done("group", tmp_path, "--quality", "high")
    assert "0 faces in 1 picture, 1 more left out for their quality" in ended.out
    assert "1 face in 1 picture: " in command.done("group", tmp_path, "--quality", "none").out


def test_a_page_shows_the_faces_of_each_person_and_only_its_owner_may_read_it(
    command: CommandLine, folder: Path, tmp_path: Path
) -> None:
    page = tmp_path / "people.html"
    ended = command.done("group", folder, "--html", page)
    assert f"wrote {page}" in ended.err
    assert "2 people seen more than once" in ended.out
    if os.name != "nt":
        assert stat.S_IMODE(page.stat().st_mode) == 0o600
    seen = Page(page.read_text("utf-8"))
    assert seen.headings == ["People in pictures", "Person 1 4 pictures", "Person 2 3 pictures"]
    assert len(seen.pictures) == 7
    for address, described in seen.pictures:
        assert described.startswith("Face in ")
        with Image.open(
            io.BytesIO(base64.b64decode(address.removeprefix("data:image/jpeg;base64,")))
        ) as face:
            assert 30 <= max(face.size) <= 224


@pytest.mark.skipif(os.name == "nt", reason="no such file names there")
def test_a_files_name_is_text_on_the_page_and_hides_nothing(
    command: CommandLine, folder: Path, tmp_path: Path
) -> None:
    page = tmp_path / "people.html"
    command.done("group", folder, "--html", page)
    text = page.read_text("utf-8")
    assert "<script" not in text
    assert "\u202e" not in text
    assert html.escape("<script>alert(1)") in text
    assert "\\u202egpj.exe.jpg" in text


def test_a_page_that_cannot_be_written_is_refused_before_anything_is_looked_at(
    command: CommandLine, folder: Path, tmp_path: Path
) -> None:
    ended = command("group", folder, "--html", tmp_path / "nowhere" / "people.html")
    assert ended.code == 2
    assert "there is no folder" in ended.err
    assert ended.out == ""


def test_nothing_is_kept_of_anybody(command: CommandLine, folder: Path) -> None:
    command.done("group", folder)
    assert not list(command.data_dir.iterdir())


def test_a_sheet_is_one_page_that_loads_nothing() -> None:
    faces = tuple(SheetFace(bytes([number]), f"{number}.jpg", f"a/{number}.jpg") for number in range(30))
    sheet = Sheet("Staff <1>", ("Who was seen.",), (SheetPerson("Ann & Bob", "30 faces", faces),), faces[:1])
    text = sheet_page(sheet)
    page = Page(text)
    assert page.headings == ["Staff <1>", "Ann & Bob 30 faces", "Seen once 1 face"]
    assert len(page.pictures) == 31
    assert page.summaries == ["Show 6 more"]
    assert not re.findall(r'(?:src|href)="(?!data:)|url\(|@import', text)
    assert "default-src 'none'" in html.unescape(text)
    assert "prefers-color-scheme: dark" in text
    assert page.unlabelled == 0


class Page(HTMLParser):
    """What a reader of a page meets."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.summaries: list[str] = []
        self.pictures: list[tuple[str, str]] = []
        self.unlabelled = 0
        self._inside = ""
        self.feed(text)
        self.headings = [" ".join(heading.split()) for heading in self.headings]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag in ("h1", "h2", "summary"):
            self._inside = tag
            (self.summaries if tag == "summary" else self.headings).append("")
        elif tag == "img":
            self.pictures.append((found["src"] or "", found["alt"] or ""))
        elif tag == "section":
            self.unlabelled += not found.get("aria-labelledby")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            (self.summaries if self._inside == "summary" else self.headings)[-1] += data
