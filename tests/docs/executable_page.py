"""Executes a page's code blocks in their order, as a reader would, and compares what they print.

A ``console`` block holds commands after ``$ ``, each followed by what it prints; nothing is compared where
nothing is shown. A ``python`` block is run as a program; a ``text`` block right after shows what it prints.
``…`` stands for any text within a line, and alone on a line for any number of lines. All run in one shell, so
a command may change the folder or the environment of those after it. A block of another language is an error,
as it could not be executed, unless the test says that this language is only shown.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

_FENCE = re.compile(r"^```(\w*)$")
_END = "end-of-command"
_TIMEOUT_SECONDS = 600


@dataclass
class Step:
    """A command or a program of a page, the line it stands in, and what it prints."""

    line: int
    source: str
    is_python: bool
    expected: list[str] = field(default_factory=list)


class PageFailedError(AssertionError):
    """A step of a page failed or printed something else."""


def read_steps(markdown: str, only_shown: Collection[str] = ()) -> list[Step]:
    """Return the steps of a page; blocks of the languages that are only shown are passed over."""
    steps: list[Step] = []
    for line, language, content in _blocks(markdown):
        if language == "console":
            steps += _commands(line, content)
        elif language == "python":
            steps.append(Step(line, "\n".join(content), is_python=True))
        elif language == "text" and steps and steps[-1].is_python and not steps[-1].expected:
            steps[-1].expected = content
        elif language not in only_shown:
            raise PageFailedError(f"line {line}: a block of {language or 'no language'} cannot be executed")
    return steps


def execute(steps: list[Step], folder: Path, environment: Mapping[str, str]) -> None:
    """Run the steps in one shell that starts in a folder.

    Raises:
        PageFailedError: a step failed, or printed something other than the page shows.

    """
    with subprocess.Popen(
        ["bash", "--noprofile", "--norc"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        cwd=folder,
        env=environment,
    ) as shell:
        watch = threading.Timer(_TIMEOUT_SECONDS, shell.kill)
        watch.start()
        try:
            for step in steps:
                _check(step, *_run(shell, step))
        finally:
            watch.cancel()
            shell.kill()


def _blocks(markdown: str) -> Iterator[tuple[int, str, list[str]]]:
    language: str | None = None
    start, content = 0, list[str]()
    for number, line in enumerate(markdown.splitlines(), 1):
        fence = _FENCE.match(line.strip())
        if fence and language is None:
            language, start, content = fence[1], number, []
        elif fence:
            yield start, language or "", content
            language = None
        elif language is not None:
            content.append(line)


def _commands(line: int, content: list[str]) -> Iterator[Step]:
    step = None
    for offset, text in enumerate(content, 1):
        if text.startswith("$ "):
            if step:
                yield step
            step = Step(line + offset, text[2:], is_python=False)
        elif step is None:
            raise PageFailedError(f"line {line + offset}: a console block begins with a command, after '$ '")
        else:
            step.expected.append(text)
    if step:
        yield step


def _run(shell: subprocess.Popen[str], step: Step) -> tuple[list[str], int]:
    """Run a step in the shell and return what it printed and its exit code."""
    assert shell.stdin is not None
    assert shell.stdout is not None
    command = step.source
    if step.is_python:
        command = f"{shlex.quote(sys.executable)} -c {shlex.quote(step.source)}"
    # Its input is empty, or it would read the commands that are to come.
    shell.stdin.write(f"{{ {command}\n}} </dev/null\nprintf '\\n%s %s\\n' {_END} $?\n")
    shell.stdin.flush()
    printed: list[str] = []
    for text in shell.stdout:
        if text.startswith(f"{_END} "):
            return printed[:-1] if printed[-1:] == [""] else printed, int(text.split()[1])
        printed.append(text.rstrip())
    raise PageFailedError(
        f"line {step.line}: {step.source}\nended the shell; it printed\n" + "\n".join(printed)
    )


def _check(step: Step, printed: list[str], code: int) -> None:
    shown = [line.rstrip() for line in step.expected]
    while printed and not printed[-1]:
        printed = printed[:-1]
    while shown and not shown[-1]:
        shown = shown[:-1]
    problem = f"ended with {code}" if code else ""
    if not problem and shown and not re.fullmatch(_pattern(shown), "\n".join(printed) + "\n"):
        problem = "printed something else than the page shows"
    if problem:
        raise PageFailedError(
            f"line {step.line}: {step.source}\n{problem}; it printed\n"
            + "\n".join(f"  {line}" for line in printed)
        )


def _pattern(shown: list[str]) -> str:
    lines = []
    for line in shown:
        if line.strip() == "…":
            lines.append(r"(?:.*\n)*?")
        else:
            lines.append(".*?".join(re.escape(part) for part in line.split("…")) + r"\n")
    return "".join(lines)
