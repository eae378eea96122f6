"""``countenance …``: the command line. Commands call operations and show what these answer."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from countenance.doors.cli.application import app
from countenance.doors.cli.outcomes import ExitCode, tell

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name (by default the process's) and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that lacks a character shows "?" in its place
            stream.reconfigure(errors="replace")
    try:
        code: int | None = app(arguments, prog_name="countenance", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read the output has gone, as `| head` does
        sys.stdout = None
        return ExitCode.FAILED
    except Exception as error:
        # Typer's errors of usage have no public class in common; their exit code and message are public.
        if getattr(error, "exit_code", None) != ExitCode.USAGE:
            raise
        message: str = error.format_message()  # type: ignore[attr-defined]
        tell(f"{message.rstrip('.')}; see countenance --help")
        return ExitCode.USAGE
    return code or ExitCode.DONE
