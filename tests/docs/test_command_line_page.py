"""docs/reference/command-line.md names every command, option, exit code and JSON field, and no others."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer

from countenance.doors.cli.application import app
from countenance.doors.cli.outcomes import ExitCode
from countenance.doors.cli.reviewing import SECRET_VARIABLE
from countenance.images import PICTURE_SUFFIXES
from countenance.settings import FILE_VARIABLE, PREFIX, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "command-line.md").read_text("utf-8")


def commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield every command under one, with its full name."""
    yield name, command
    for part, below in getattr(command, "commands", {}).items():
        yield from commands(below, f"{name} {part}")


COMMANDS = dict(commands(typer.main.get_command(app), "countenance"))


def section(heading: str) -> str:
    """Return the text under a heading, up to the next."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"the page has no section {heading!r}"
    return found[1]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_commands_section_has_a_row_for_each_of_its_options_and_no_others(name: str) -> None:
    options = {
        option for parameter in COMMANDS[name].params for option in parameter.opts if option[:2] == "--"
    }
    rows = set(re.findall(r"^\| `(--[a-z0-9-]+)", section(name), re.MULTILINE))
    assert rows - {"--help"} == options - {"--help"}


@pytest.mark.parametrize("name", [name for name in COMMANDS if name.count(" ") != 0])
def test_a_commands_section_shows_its_arguments(name: str) -> None:
    for parameter in COMMANDS[name].params:
        if parameter.param_type_name == "argument":
            assert parameter.metavar in section(name)


def test_the_exit_codes_are_listed_in_the_page_and_in_the_help() -> None:
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", section("Exit codes"), re.MULTILINE)}
    assert listed == {*map(int, ExitCode), 130}
    assert all(f"- {int(code)} " in (app.info.epilog or "") for code in ExitCode)


def test_the_settings_and_suffixes_that_are_named_are_the_real_ones() -> None:
    named = set(re.findall(rf"{PREFIX}[A-Z_]+", PAGE))
    assert named <= {
        FILE_VARIABLE,
        SECRET_VARIABLE,
        *(f"{PREFIX}{field}".upper() for field in Settings.model_fields),
    }
    assert (
        set(re.findall(r"`(\.\w+)`", section("countenance detect").split("| option")[0])) == PICTURE_SUFFIXES
    )
