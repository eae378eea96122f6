"""``countenance calibrate``: from a data set to a part of a ``pack.toml``, and what is said if it cannot."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageOps

from cli.command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def command(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


def test_too_few_comparisons_are_told(
    command: CommandLine, tmp_path: Path, astronaut: Path, grace_hopper: Path
) -> None:
    for name, file in (("collins", astronaut), ("hopper", grace_hopper)):
        (tmp_path / "people" / name).mkdir(parents=True)
        picture = Image.open(file).convert("RGB").resize((200, 200))
        picture.save(tmp_path / "people" / name / "1.jpg")
        ImageOps.mirror(picture).save(tmp_path / "people" / name / "2.jpg")
    ended = command(
        "calibrate", "--dataset", f"folders:{tmp_path / 'people'}", "--toml", tmp_path / "part.toml"
    )
    assert ended.code == 1
    assert "comparisons of different people" in ended.err
    assert not (tmp_path / "part.toml").exists()


@pytest.mark.shared
@pytest.mark.slow
def test_what_is_fitted_is_written_checked_and_shown(
    command: CommandLine, tmp_path: Path, shared: Path
) -> None:
    files = sorted((shared / "data" / "utkface").iterdir())
    for name, chosen in (("fitted", files[:240:2]), ("checked", files[1:240:2])):
        (tmp_path / name).mkdir()
        for file in chosen:
            (tmp_path / name / file.name).write_bytes(file.read_bytes())
    toml, html, into = (tmp_path / name for name in ("part.toml", "report.html", "report.json"))
    ended = command(
        *(
            "calibrate",
            "--dataset",
            f"utkface:{tmp_path / 'fitted'}",
            "--check",
            f"utkface:{tmp_path / 'checked'}",
        ),
        *("--toml", toml, "--html", html, "--json", into),
    )
    assert ended.code == 0, ended.err
    part = tomllib.loads(toml.read_text("utf-8"))["calibration"]
    # Of some 7,000 comparisons of strangers 30 stand behind no lower rate than 1 in 200.
    assert part["false_match_rates"][-1] == 0.005
    sections = {each["key"]: each for each in json.loads(into.read_text("utf-8"))["sections"]}
    assert "utkface-2.data" in sections
    seen = sections["utkface.data"]["facts"]
    usable = seen["samples"] - seen["failure_to_enrol"]["errors"]
    assert part["non_mated_comparisons"] == usable * (usable - 1) // 2
    checks = [each for key, each in sections.items() if key.startswith("calibration.check.")]
    assert len(checks) == 2
    for check in checks:
        for row in check["table"]["rows"]:
            assert row["seen"]["low"] <= row["seen"]["value"] <= row["seen"]["high"]
    assert "Scores and what they mean" in html.read_text("utf-8")
