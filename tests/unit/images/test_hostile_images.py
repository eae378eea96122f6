"""What damaged and hostile files from fuzzers and from Pillow's own tests come to."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FOREIGN = frozenset((
    ".avif", ".avifs", ".blp", ".cur", ".dcx", ".dds", ".eps", ".fits", ".fli", ".fpx", ".ftc", ".ftu", ".gd",
    ".ico", ".im", ".j2k", ".jp2", ".mic", ".msp", ".pbm", ".pcx", ".pdf", ".pgm", ".ppm", ".psd", ".qoi",
    ".ras", ".sgi", ".tga", ".wmf", ".xbm", ".xpm",
))  # fmt: skip
PERMITTED_GROWTH_BYTES = 4_000_000  # the second of eight passes added 8 kB, the later ones nothing
PERMITTED_SECONDS = 2.0


@pytest.fixture(scope="module")
def census(shared: Path) -> dict[str, Any]:
    command = [sys.executable, "-W", "error", str(Path(__file__).with_name("hostile_census.py"))]
    result = subprocess.run([*command, str(shared / "data" / "hostile")], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.mark.shared
def test_every_hostile_file_is_a_picture_or_a_named_error(
    census: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print(f"\n{census['files']} hostile files: {census['counts']}, slowest {census['slowest']}")
    assert census["files"] == sum(census["counts"].values()) > 1_000


@pytest.mark.shared
def test_no_hostile_file_takes_long(census: dict[str, Any]) -> None:
    name, seconds = census["slowest"]
    assert seconds < PERMITTED_SECONDS, name


@pytest.mark.shared
def test_hostile_files_leave_no_memory_behind(census: dict[str, Any]) -> None:
    first, second = census["resident_bytes"]
    assert second - first < PERMITTED_GROWTH_BYTES


@pytest.mark.shared
def test_formats_that_are_not_read_are_named_as_such(census: dict[str, Any]) -> None:
    outcomes = {name: outcome for name, outcome in census["outcomes"].items() if Path(name).suffix in FOREIGN}
    assert len(outcomes) > 100
    assert set(outcomes.values()) == {"ImageFormatNotSupported"}
