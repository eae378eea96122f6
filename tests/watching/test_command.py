"""``countenance watch`` prints events until it is stopped, beside a server or without one."""

from __future__ import annotations

import json
import signal
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from cli.command_line import CommandLine
from contract.offices import create, enrol
from new_faces import new_face
from serving import COUNTENANCE
from watching.camera import Camera
from watching.films import Scene

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from countenance.faces import Vector

PASSWORD = "p4ssw0rd-of-the-door"  # noqa: S105 - a made-up one


@pytest.fixture(autouse=True)
def _signals_as_they_were() -> Iterator[None]:
    """A command takes signals for a process of its own."""
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    yield
    for each, handler in before.items():
        signal.signal(each, handler)


@pytest.fixture
def command(tmp_path: Path, collins_vector: Vector) -> CommandLine:
    """A database in which Eileen Collins is enrolled, once for a purpose and once for none."""
    command = CommandLine(tmp_path / "data")
    with command.office() as office:
        for name, policy in (("staff", {"purpose": "entry"}), ("undeclared", {})):
            enrol(
                office, create(office, name, **policy), replace(new_face(1, "eileen"), vector=collins_vector)
            )
    return command


def started(command: CommandLine, *arguments: object) -> subprocess.Popen[str]:
    words = [*COUNTENANCE, "watch", *map(str, arguments), "--data-dir", str(command.data_dir)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(words, text=True, **pipes)  # type: ignore[call-overload, no-any-return]


def records(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


@pytest.mark.slow
@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_ends_it_with_a_last_event(command: CommandLine, astronaut: Path) -> None:
    with Camera(Scene(1, astronaut), Scene(2.5), password=PASSWORD) as camera:
        process = started(command, "-", "--collection", "staff")
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{camera.address}\n")
        process.stdin.flush()
        seen: list[dict[str, Any]] = []
        while "recognised" not in [record["event"] for record in seen]:
            seen.append(json.loads(process.stdout.readline()))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert seen[-1]["external_image_id"] == "eileen"
    ended = records(out)[-1]
    assert (ended["event"], ended["reason"]) == ("ended", "it was told to stop")
    assert PASSWORD not in json.dumps([*seen, *records(out)]) + err
    operations = [entry["operation"] for entry in command.entries()]
    assert (operations[0], operations[-1]) == ("watch", "end_watch")
    assert set(operations[1:-1]) == {"search_live"}


def test_a_file_is_looked_at_to_its_end(command: CommandLine, collins_and_hopper: Path) -> None:
    ended = command.done("watch", collins_and_hopper, "--collection", "staff", "--fast")
    assert [record["event"] for record in ended.records].count("recognised") == 2
    assert ended.records[-1]["reason"] == "the file has ended"


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        ("{film} --collection undeclared", 1, "only for a purpose that is declared"),
        ("{film} --collection nowhere", 1, "does not exist"),
        ("{film} --collection staff --webhook doorman", 1, "no way to notify doorman"),
        ("none.mp4 --collection staff", 1, "none.mp4 cannot be watched: No such file"),
        ("http://127.0.0.1/a.mp4 --collection staff", 1, "http:// is not watched"),
        ("rtsp://127.0.0.1/a --collection staff --fast", 2, "leave out --fast"),
    ],
)
def test_what_cannot_be_watched_is_told_in_one_line(
    command: CommandLine, collins_and_hopper: Path, arguments: str, code: int, why: str
) -> None:
    ended = command("watch", *arguments.format(film=collins_and_hopper).split())
    assert (ended.code, ended.out) == (code, "")
    (line,) = ended.err.splitlines()
    assert why in line
