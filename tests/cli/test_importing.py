"""``countenance import``, ``export`` and ``search``, as users type them."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cli.command_line import CommandLine
from countenance.jobs.values import JobState
from import_desk import People


@pytest.fixture
def command(tmp_path: Path) -> CommandLine:
    """Commands on an empty database."""
    return CommandLine(tmp_path / "data")


@pytest.fixture
def people(astronaut: Path, grace_hopper: Path) -> People:
    return People.of(astronaut, grace_hopper)


@pytest.fixture
def archive(people: People, tmp_path: Path) -> Path:
    """A folder with two articles, two pictures of their own, and something else."""
    folder = people.write(tmp_path / "archive", 2)
    (folder / "crew.md").write_text(
        "---\ntitle: Crew returns\nwebUrl: https://news.example.org/crew\nimages: [{url: 000.jpg}]\n---\n"
    )
    (folder / "notes.doc").write_text("x")
    return folder


def test_an_import_says_what_it_did_and_what_not_and_a_search_leads_to_the_article(
    command: CommandLine, archive: Path, tmp_path: Path
) -> None:
    report = tmp_path / "report.jsonl"
    made = command.done("import", "--collection", "press", "--create", archive, "--report", report)
    assert "3 of 4 imported into press: 2 new faces, 1 there already, 1 new record" in made.out
    assert "1 skipped, 0 failed" in made.out
    (line,) = [json.loads(line) for line in report.read_text().splitlines()]
    assert (line["state"], Path(line["name"]).name) == ("skipped", "notes.doc")
    assert report.stat().st_mode & 0o777 == 0o600
    found = command.done("search", "--collection", "press", archive / "000.jpg")
    assert "Crew returns" in found.out
    assert "https://news.example.org/crew" in found.out
    (record,) = command.done("search", "--collection", "press", archive / "000.jpg", "--json").records
    assert [each["title"] for each in record["matches"][0]["records"]] == ["Crew returns"]


def test_what_fails_is_told_by_reason_and_by_the_exit_code(command: CommandLine, archive: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        (archive / name).write_bytes(b"\xff\xd8\xff\xe0 no picture")
    ended = command("import", "--collection", "press", "--create", archive, "--json")
    assert ended.code == 1
    (failed,) = [each for each in ended.record["reasons"] if each["state"] == "failed"]
    assert failed["pictures"] == 2
    assert [Path(name).name for name in failed["examples"]] == ["a.jpg", "b.jpg"]
    again = command("import", "--collection", "press", archive, "--json")
    assert again.record["counts"] == {"faces_there": 3}


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["nowhere"], "there is no"),
        ([""], "no name"),
        ([".", "--tag", "a=b"], "--create"),
        ([".", "--create", "--tag", "a"], "name=value"),
        ([".", "--source", "gossip"], "gossip"),
        ([".", "--allow-host", "http://x"], "no host"),
        ([".", "--background"], "not in a bucket"),
        (["."], "does not exist"),
    ],
)
def test_what_cannot_be_imported_is_told_in_a_line(
    command: CommandLine, arguments: list[str], why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if why not in {"does not exist", "--create", "name=value"}:
        command.fill("press", {})
    ended = command("import", "--collection", "press", *arguments)
    assert ended.code in {1, 2}
    assert why in ended.err


def test_an_import_for_workers_is_only_queued(command: CommandLine, people: People, tmp_path: Path) -> None:
    people.write(tmp_path / "bucket", 1)
    buckets = json.dumps({"pictures": str(tmp_path / "bucket")})
    command.fill("press", {})
    queued = command.done(
        *("import", "--collection", "press", "s3://pictures/", "--background"), COUNTENANCE_BUCKETS=buckets
    )
    shown = command.done("jobs", "show", queued.out.strip(), "--json").record
    assert (shown["kind"], shown["state"]) == ("import_faces", "waiting")


def test_a_moratorium_makes_the_command_end_and_say_that_it_can_go_on(
    command: CommandLine, archive: Path
) -> None:
    command.fill("press", {})
    command.done("moratorium", "on", "--scope", "enrol", "--reason", "a court's order")
    ended = command("import", "--collection", "press", archive)
    assert ended.code == 1
    assert "a court's order" in ended.err


def test_an_export_comes_into_another_database_with_the_same_answers(
    command: CommandLine, archive: Path, tmp_path: Path
) -> None:
    command.done("import", "--collection", "press", "--create", archive)
    told = command.done("export", "--collection", "press", "--out", tmp_path / "out", "--json").record
    assert told == {"folder": str(tmp_path / "out"), "faces": 2, "left_out": 0, "users": 0, "records": 1}
    other = CommandLine(tmp_path / "other")
    other.done("import", "--collection", "copy", "--create", tmp_path / "out")
    searches = [
        each.done("search", "--collection", name, archive / "001.jpg", "--json").record
        for each, name in ((command, "press"), (other, "copy"))
    ]
    assert searches[0] == searches[1]


def running(command: CommandLine, folder: Path) -> subprocess.Popen[bytes]:
    arguments = [sys.executable, "-m", "countenance", "import", "--collection", "press", str(folder)]
    variables = {**os.environ, "COUNTENANCE_DATA_DIR": str(command.data_dir)}
    return subprocess.Popen(arguments, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def until_done(command: CommandLine, count: int) -> None:
    with command.office() as office:
        for _ in range(1200):
            with office.store.reading() as reader:
                jobs = reader.jobs(after_key=0, most=9)
            if jobs and jobs[-1].progress.done >= count:
                return
            time.sleep(0.05)
    pytest.fail("the import got nowhere")


def faces_of(command: CommandLine) -> tuple[list[Any], Any]:
    with command.office() as office, office.gallery.reading() as reader:
        collection = reader.collection("press")
        faces = reader.faces(collection, after_key=0, most=1000)
        templates = reader.templates(collection, [face.key for face in faces]).vectors
        return [(face.face_id, face.image_id, face.box) for face in faces], templates


@pytest.mark.slow
def test_an_import_that_is_killed_goes_on_with_the_same_command_and_comes_to_the_same(
    command: CommandLine, people: People, tmp_path: Path
) -> None:
    folder = people.write(tmp_path / "many", 240)
    command.fill("press", {})
    for count in sorted(random.Random(6).sample(range(8, 180), 2)):
        process = running(command, folder)
        until_done(command, count)
        process.kill()
        process.communicate()
    ended = command.done("import", "--collection", "press", folder, "--json").record
    assert (ended["state"], ended["done"], ended["counts"]["faces"]) == (JobState.SUCCEEDED, 240, 240)
    faces, templates = faces_of(command)
    undisturbed = CommandLine(tmp_path / "undisturbed")
    undisturbed.fill("press", {})
    undisturbed.done("import", "--collection", "press", folder)
    others, their_templates = faces_of(undisturbed)
    # Ids follow from each database's own secret.
    assert [box for *_, box in faces] == [box for *_, box in others]
    assert len({face_id for face_id, *_ in faces}) == 240
    np.testing.assert_allclose(templates, their_templates, atol=1e-5)


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_leaves_an_import_that_can_be_gone_on_with(
    command: CommandLine, people: People, tmp_path: Path
) -> None:
    folder = people.write(tmp_path / "many", 240)
    command.fill("press", {})
    process = running(command, folder)
    until_done(command, 8)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130
    assert b"the same command goes on where it was" in said
    assert 0 < command.count_faces("press") < 240
    ended = command.done("import", "--collection", "press", folder, "--json")
    assert "going on with the import" in ended.err
    assert ended.record["done"] == 240
