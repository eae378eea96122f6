"""docs/reference/settings.md lists every setting with its default, and no others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined

from countenance.settings import Settings, read_settings

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "settings.md").read_text("utf-8")
ROWS = {
    name: (default, meaning)
    for name, default, meaning in re.findall(r"^\| `(\w+)` \| (.*?) \| (.*) \|$", PAGE, re.MULTILINE)
}


def test_every_setting_has_a_row_and_nothing_else_has() -> None:
    assert list(ROWS) == list(Settings.model_fields)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_settings_row_shows_its_default_and_its_description(name: str) -> None:
    default, meaning = ROWS[name]
    field = Settings.model_fields[name]
    described, _, told = (field.description or "").partition("; default: ")
    assert meaning == described
    if field.default is PydanticUndefined:
        assert default
    elif field.default is None:
        assert default == (told or "none")
    else:
        assert default == f"`{field.default}`"


def test_the_example_is_a_file_of_settings(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    file = tmp_path / "countenance.toml"
    file.write_text(example)
    settings = read_settings(file)
    assert settings.port == 8443
    assert settings.buckets == {"holidays": Path("/srv/photos")}
