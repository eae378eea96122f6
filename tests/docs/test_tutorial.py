"""The tutorial is right to the letter: every block in it is executed, in a folder as its reader has."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from executable_page import execute, read_steps

from serving import free_port

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.md"
SETTINGS = "COUNTENANCE_"


@pytest.mark.skipif(os.name == "nt", reason="the tutorial is for a POSIX shell")
def test_every_block_of_the_tutorial_does_what_the_page_shows(tmp_path: Path) -> None:
    environment = Path(sys.prefix)
    if not (environment / "bin" / "activate").exists():
        pytest.skip("these tests do not run in a virtual environment, which the tutorial activates")
    # The reader is in a checkout, where the first command made the virtual environment.
    (tmp_path / ".venv").symlink_to(environment)
    variables = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)}
    variables |= {"COUNTENANCE_PORT": str(free_port()), "AWS_PAGER": "", "PYTHONUTF8": "1"}
    execute(read_steps(TUTORIAL.read_text("utf-8")), tmp_path, variables)
