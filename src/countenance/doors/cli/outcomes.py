"""How a command ends: its exit code, and one line on stderr for what went wrong."""

from __future__ import annotations

import contextlib
import enum
import sys
import traceback
from typing import TYPE_CHECKING

import typer

from countenance.doors.cli.words import printable
from countenance.errors import CountenanceError, NoFaceFound, PackError, SettingsInvalid

if TYPE_CHECKING:
    from collections.abc import Iterator


class ExitCode(enum.IntEnum):
    """What the exit codes mean; docs/reference/command-line.md lists them."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NO_FACE = 3
    PACK = 4
    STOPPED = 130


class WrongUsage(CountenanceError):
    """The command's arguments do not go together."""


_CODES: dict[type[CountenanceError], ExitCode] = {
    WrongUsage: ExitCode.USAGE,
    SettingsInvalid: ExitCode.USAGE,
    NoFaceFound: ExitCode.NO_FACE,
    PackError: ExitCode.PACK,
}


def exit_code_of(error: Exception) -> ExitCode:
    """Return the exit code of a command that ends with this error."""
    return next((code for kind, code in _CODES.items() if isinstance(error, kind)), ExitCode.FAILED)


def tell(message: str) -> None:
    """Write one line to stderr."""
    print(f"countenance: {printable(message)}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def told_in_one_line(*, debug: bool) -> Iterator[None]:
    """Turn an error into one line on stderr and an exit code; ``debug`` shows the trace before it.

    Every command's body runs in here.
    """
    try:
        yield
    except (typer.Exit, typer.Abort, BrokenPipeError):
        raise
    except Exception as error:
        if debug:
            traceback.print_exc()
        tell(_sentence(error))
        raise typer.Exit(exit_code_of(error)) from None


def _sentence(error: Exception) -> str:
    if isinstance(error, CountenanceError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return f"unexpected {type(error).__name__}: {error}; --debug shows where, please report it"
