"""The commands of the how-to pages do what the pages show, and their files of settings are read."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from executable_page import execute, read_steps

from countenance.settings import read_settings
from countenance.store import ValueKeyring
from watching.films import Scene, film

if TYPE_CHECKING:
    from serving import RunningServer

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
SERVER_PAGES = (
    "run-a-server",
    "manage-access-keys",
    "rotate-the-master-key",
    "read-pictures-from-buckets",
    "search-video",
    "govern-a-collection",
    "group-people",
    "record-consent",
    "erase-a-person",
    "stop-with-a-moratorium",
    "review-answers",
    "let-others-test-your-server",
    "measure-accuracy",
    "import-an-archive",
    "watch-a-camera",
    "use-the-console",
)


def text_of(page: str) -> str:
    return (HOW_TO / f"{page}.md").read_text("utf-8")


@pytest.mark.skipif(os.name == "nt", reason="the pages are for a POSIX shell")
@pytest.mark.parametrize("page", SERVER_PAGES)
def test_every_command_of_a_page_does_what_the_page_shows(
    page: str, server: RunningServer, tmp_path: Path, astronaut: Path
) -> None:
    shutil.copy(astronaut, tmp_path / "eileen-collins.png")
    if "film.mp4" in text_of(page):
        film(tmp_path / "film.mp4", Scene(1), Scene(1, astronaut), Scene(2.5))
    if "$ curl" in text_of(page) and shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    text = text_of(page).replace("http://127.0.0.1:8080", server.endpoint_url)
    text = text.replace("/srv/films", str(server.data_dir / "pictures"))
    variables = server.environment | {
        "COUNTENANCE_ENDPOINT_URL": server.endpoint_url,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONUTF8": "1",
    }
    execute(read_steps(text, only_shown={"toml", "ini", "json"}), tmp_path, variables)


@pytest.mark.parametrize("page", SERVER_PAGES)
def test_every_file_of_settings_on_a_page_is_read(page: str, tmp_path: Path) -> None:
    file = tmp_path / "countenance.toml"
    for example in re.findall(r"```toml\n(.*?)```", text_of(page), re.DOTALL):
        file.write_text(example, "utf-8")
        assert read_settings(file).model_fields_set


def test_the_keyring_on_the_page_is_a_keyring() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", text_of("rotate-the-master-key"), re.DOTALL)
    keyring = ValueKeyring(example.replace("…", "A" * 43 + "=")).load()
    assert keyring.current.key_id == "2026"
