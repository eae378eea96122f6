"""docs/explanation/reports.md names the sections that reports have, and its JSON is a report's."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from reports.test_records import SECTIONS
from reports.world import World, section

PAGE = (Path(__file__).parents[2] / "docs" / "explanation" / "reports.md").read_text("utf-8")


def chapter(heading: str) -> str:
    """Return the text under a heading."""
    found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


@pytest.mark.parametrize("kind", SECTIONS)
def test_the_sections_of_a_report_are_named_in_order(kind: str) -> None:
    named = re.findall(r"`([a-z_]+)`", chapter(kind.capitalize()))
    assert [name for name in dict.fromkeys(named) if name in SECTIONS[kind].split()] == SECTIONS[kind].split()


def test_the_example_is_what_a_report_is(world: World) -> None:
    (text,) = re.findall(r"```json\n(.*?)```", chapter("JSON"), re.DOTALL)
    example, record = json.loads(text), world.record("retention")
    assert set(example) == set(record)
    (shown,) = example["sections"]
    erased = section(record, "erased")
    assert set(shown) == set(erased)
    assert shown["facts"] == erased["facts"]
    assert set(shown["table"]["columns"]) == set(erased["table"]["columns"])
    assert shown["table"]["rows"][0] in erased["table"]["rows"]
