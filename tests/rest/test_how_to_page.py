"""The commands of docs/how-to/use-the-rest-api.md do what the page shows."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from executable_page import execute, read_steps

from serving import running_server

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "use-the-rest-api.md"


@pytest.mark.skipif(os.name == "nt", reason="the page is for a POSIX shell")
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_every_command_does_what_the_page_shows(tmp_path: Path, astronaut: Path) -> None:
    shutil.copy(astronaut, tmp_path / "eileen-collins.png")
    with running_server(tmp_path / "data") as server:
        text = PAGE.read_text("utf-8").replace("http://127.0.0.1:8080", server.endpoint_url)
        variables = server.environment | {
            "COUNTENANCE_ENDPOINT_URL": server.endpoint_url,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONUTF8": "1",
        }
        execute(read_steps(text), tmp_path, variables)
