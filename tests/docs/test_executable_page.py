"""The runner of pages notices what a reader would notice."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from executable_page import PageFailedError, execute, read_steps

if TYPE_CHECKING:
    from pathlib import Path


def console(*lines: str) -> str:
    return "\n".join(["```console", *lines, "```"])


def program(source: str, shown: str) -> str:
    return f"```python\n{source}\n```\n\nprints\n\n```text\n{shown}\n```"


@pytest.mark.parametrize(
    "page",
    [
        console("$ echo one two", "one two"),
        console("$ echo one two three", "one … three"),
        console("$ printf '1\\n2\\n3\\n'", "1", "…", "3"),
        console("$ printf '1\\n\\n2\\n'", "1", "", "2"),
        console("$ echo whatever"),
        console("$ true", "$ export NAME=value && cd /", '$ echo "$NAME $PWD"', "value /"),
        console("$ cat", "$ printf 'no end of line'", "no end of line"),
        program("print('a')\nprint(1 + 1)", "a\n2"),
    ],
)
def test_a_page_that_is_right_passes(page: str, tmp_path: Path) -> None:
    execute(read_steps(page), tmp_path, os.environ)


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        (console("$ echo two", "one"), "line 2: echo two\nprinted something else than the page shows"),
        (console("$ printf '1\\n2\\n'", "1"), "printed something else"),
        (console("$ true", "$ (exit 3)"), r"line 3: \(exit 3\)\nended with 3"),
        (console("$ exit 3"), "ended the shell"),
        (program("print(2)", "3"), "printed something else"),
        (program("raise SystemExit(1)", "3"), "ended with 1"),
    ],
)
def test_a_page_that_is_wrong_fails_with_its_line(page: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(PageFailedError, match=problem):
        execute(read_steps(page), tmp_path, os.environ)


@pytest.mark.parametrize("page", ["```sh\nls\n```", "```\nls\n```", "```text\nalone\n```", console("ls")])
def test_a_block_that_cannot_be_executed_is_an_error(page: str) -> None:
    with pytest.raises(PageFailedError, match="line "):
        read_steps(page)
