"""Errors end a command with one line and a documented exit code."""

from __future__ import annotations

import pytest
import typer

from countenance.doors.cli.outcomes import ExitCode, WrongUsage, told_in_one_line
from countenance.errors import (
    CountenanceError,
    ImageBroken,
    LicenceNotAccepted,
    NoFaceFound,
    PackNotInstalled,
    PackUnknown,
    ProviderUnavailable,
    SettingsInvalid,
)


def outcome_of(error: Exception, *, debug: bool = False) -> int:
    with pytest.raises(typer.Exit) as ended, told_in_one_line(debug=debug):
        raise error
    return ended.value.exit_code


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (WrongUsage, ExitCode.USAGE),
        (SettingsInvalid, ExitCode.USAGE),
        (NoFaceFound, ExitCode.NO_FACE),
        (PackUnknown, ExitCode.PACK),
        (PackNotInstalled, ExitCode.PACK),
        (LicenceNotAccepted, ExitCode.PACK),
        (ImageBroken, ExitCode.FAILED),
        (ProviderUnavailable, ExitCode.FAILED),
    ],
)
def test_an_error_ends_with_its_exit_code_and_one_line(
    kind: type[CountenanceError], code: ExitCode, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome_of(kind("the thing,\nits limit")) == code
    assert capsys.readouterr().err == "countenance: the thing,\\nits limit\n"


def test_an_error_of_the_system_names_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome_of(OSError(28, "No space left on device", "out.jpg")) == ExitCode.FAILED
    assert capsys.readouterr().err == "countenance: out.jpg: No space left on device\n"


def test_an_unexpected_error_is_one_line_too_and_says_how_to_see_more(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert outcome_of(ZeroDivisionError("division by zero")) == ExitCode.FAILED
    assert capsys.readouterr().err == (
        "countenance: unexpected ZeroDivisionError: division by zero; --debug shows where, please report it\n"
    )


def test_debug_shows_the_trace_before_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    outcome_of(NoFaceFound("none"), debug=True)
    first, *_, last = capsys.readouterr().err.splitlines()
    assert first == "Traceback (most recent call last):"
    assert last == "countenance: none"
