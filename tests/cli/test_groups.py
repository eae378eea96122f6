"""``countenance group --collection`` and ``groups …``: people are found, corrected, named, and undone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cli.command_line import CommandLine
from contract.grouping import Album
from contract.offices import looking_like
from countenance.faces import Box
from countenance.images import open_image
from countenance.images.portraits import portrait
from new_faces import PACK, face_id, new_face

LINES = {
    "countenance:grouping": "allowed",
    "countenance:purpose": "archive",
    "countenance:portraits": "kept",
}


@pytest.fixture
def archive(tmp_path: Path, astronaut: Path) -> CommandLine:
    """A collection with two people, faces 1 to 3 and 11 to 12, and a stranger; the first has portraits."""
    picture = portrait(open_image(astronaut), Box(180, 60, 120, 160))
    command = CommandLine(tmp_path / "data")
    with command.office() as office, office.gallery.changing() as change:
        collection = change.writer.create_collection("archive", PACK, LINES)
        ones = [looking_like(number, 1, f"crew-{number}", likeness=0.8) for number in (1, 2, 3)]
        others = [looking_like(number, 11, likeness=0.8) for number in (11, 12)]
        change.enrol(collection, [replace(face, portrait=picture) for face in ones])
        change.enrol(collection, [*others, new_face(20)])
        change.writer.create_collection("staff", PACK, {})
    return command


def grouped(command: CommandLine) -> list[str]:
    """Group the collection and return the ids of its groups, the largest first."""
    records = command.done("group", "--collection", "archive", "--json").records
    return [record["group_id"] for record in records]


def people(command: CommandLine) -> list[set[int]]:
    with command.office() as office, office.gallery.reading() as reader:
        return Album(office, reader.collection("archive")).people()


def groups(command: CommandLine, *arguments: object) -> list[dict[str, Any]]:
    """Run a command of groups and return what it printed as JSON."""
    return command.done("groups", *arguments, "--collection", "archive", "--json").records


def test_a_collection_is_grouped_in_the_foreground(archive: CommandLine) -> None:
    ended = archive.done("group", "--collection", "archive")
    assert people(archive) == [{1, 2, 3}, {11, 12}]
    rows = [line.split() for line in ended.out.splitlines()]
    assert [row[1:] for row in rows] == [
        ["state", "user", "faces", "confirmed"],
        ["suggested", "3", "0"],
        ["suggested", "2", "0"],
    ]
    assert "2 groups of 5 faces, 0 with a name" in ended.err
    (job,) = archive.done("jobs", "list", "--json").records
    assert (job["kind"], job["state"], job["counts"]["changed"]) == ("group_faces", "succeeded", 5)
    assert [
        group["face_count"] for group in archive.done("group", "--collection", "archive", "--json").records
    ] == [3, 2]


def test_what_a_grouping_does_is_in_the_ledger(archive: CommandLine) -> None:
    archive.done("group", "--collection", "archive")
    made = [entry for entry in archive.entries() if entry["key"] == "operator"]
    assert [(entry["operation"], entry["outcome"]) for entry in made] == [
        ("start_grouping", "done"),
        ("group_faces", "done"),
        ("list_groups", "done"),
    ]
    assert made[0]["job"] == made[1]["job"]


def test_a_collection_that_may_not_be_grouped_is_not_and_no_job_is_left(archive: CommandLine) -> None:
    refused = archive("group", "--collection", "staff")
    assert refused.code == 1
    assert "tag it countenance:grouping=allowed" in refused.err
    assert archive("group", "--collection", "nothing").code == 1
    assert archive("jobs", "list", "--json").records == []
    missing = archive("group", "--collection", "archive", "--pack", "no-such-pack")
    assert missing.code == 4
    (job,) = archive("jobs", "list", "--json").records
    assert job["state"] == "cancelled"


@pytest.mark.parametrize("arguments", [(), ("pictures", "--collection", "archive")])
def test_what_is_grouped_must_be_clear(archive: CommandLine, arguments: tuple[str, ...]) -> None:
    assert archive("group", *arguments).code == 2


def test_a_sheet_shows_who_is_there_and_only_its_owner_may_read_it(
    archive: CommandLine, tmp_path: Path
) -> None:
    sheet = tmp_path / "people.html"
    archive.done("group", "--collection", "archive", "--html", sheet)
    page = sheet.read_text("utf-8")
    assert page.count("data:image/jpeg") == 3
    assert "crew-2" in page
    assert "2 groups of 5 faces" in page
    assert sheet.stat().st_mode & 0o077 == 0
    assert archive("group", "--collection", "archive", "--html", tmp_path / "no" / "such.html").code == 2


def test_a_collection_without_pictures_has_no_sheet(archive: CommandLine, tmp_path: Path) -> None:
    with archive.office() as office, office.gallery.changing() as change:
        album = change.writer.create_collection("plain", PACK, LINES)
        change.enrol(album, [looking_like(number, 1, likeness=0.8) for number in (1, 2)])
    ended = archive("group", "--collection", "plain", "--html", tmp_path / "people.html")
    assert ended.code == 2
    assert "the tag countenance:portraits=kept" in ended.err


def test_groups_are_listed_and_shown(archive: CommandLine) -> None:
    first, second = grouped(archive)
    listed = groups(archive, "list")
    assert [group["group_id"] for group in listed] == [first, second]
    assert groups(archive, "list", "--state", "confirmed") == []
    (shown,) = groups(archive, "show", first)
    assert [face["face_id"] for face in shown["faces"]] == [face_id(number) for number in (1, 2, 3)]
    facts = archive.done("groups", "show", first, "--collection", "archive")
    assert facts.facts["faces"] == "3, 0 of them confirmed"
    assert f"{face_id(2)}  no" in facts.out
    assert "crew-2" in facts.out


def test_groups_are_corrected_and_everything_is_undone(archive: CommandLine) -> None:
    first, second = grouped(archive)
    for arguments in (
        ("confirm", first),
        ("reject", first, face_id(3)),
        ("move", second, face_id(3), face_id(20)),
        ("split", first, face_id(2)),
        ("merge", first, second),
    ):
        (edit,) = groups(archive, *arguments)
        assert edit["kind"] == arguments[0]
    assert people(archive) == [{1, 3, 11, 12, 20}, {2}]
    history = groups(archive, "history")
    kinds = ["merge", "split", "move", "reject", "confirm", "grouping"]
    assert [edit["kind"] for edit in history] == kinds
    assert {edit["made_by"] for edit in history} == {"operator"}
    blocked = archive("groups", "undo", history[2]["edit_id"], "--collection", "archive")
    assert blocked.code == 1
    assert f"merge {history[0]['edit_id']}" in blocked.err
    (undone,) = groups(archive, "undo", history[1]["edit_id"])
    assert undone["undoes"] == history[1]["edit_id"]
    for _ in range(4):
        archive.done("groups", "undo", "--collection", "archive")
    assert people(archive) == [{1, 2, 3}, {11, 12}]
    told = archive.done("groups", "undo", "--collection", "archive")
    assert "undo of" in told.out
    assert people(archive) == []
    assert archive("groups", "undo", "--collection", "archive").code == 1
    table = archive.done("groups", "history", "--collection", "archive").out.splitlines()
    assert len(table) == 1 + 12
    assert table[-1].split()[1:] == ["grouping", "5", *table[-1].split()[3:5], "yes"]


def test_a_name_takes_a_consent(archive: CommandLine) -> None:
    first, _ = grouped(archive)
    refused = archive("groups", "name", first, "ann", "--collection", "archive")
    assert refused.code == 1
    assert "countenance consent record" in refused.err
    archive.done(
        *("consent", "record", "--subject", "ann", "--purpose", "archive", "--notice-version", "1"),
        *("--notice-sha256", "ab" * 32, "--method", "written-release"),
    )
    archive.done("groups", "name", first, "ann", "--collection", "archive")
    (shown,) = groups(archive, "show", first)
    assert (shown["user_id"], shown["confirmed_count"]) == ("ann", 3)
    archive.done("erase", "--subject", "ann")
    assert people(archive) == [{11, 12}]


def test_names_that_would_confuse_a_terminal_are_told_harmlessly(archive: CommandLine) -> None:
    refused = archive("groups", "show", "\x1b[31m", "--collection", "archive")
    assert refused.code == 1
    assert "\\x1b[31m" in refused.err
    assert "\x1b" not in refused.err
    assert archive("groups", "name", grouped(archive)[0], "ann\x1b", "--collection", "archive").code == 1
