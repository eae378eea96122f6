"""The page about policies lists every line of a policy, its values and what each jurisdiction asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from countenance.governance import policy_of
from countenance.governance.policy import LINES, PREFIX
from countenance.governance.presets import PRESETS

PAGE = Path(__file__).parents[2] / "docs/reference/policies.md"


def tables() -> list[list[list[str]]]:
    """Return the page's tables, each a list of rows of cells, heads first."""
    found: list[list[list[str]]] = [[]]
    for line in PAGE.read_text("utf-8").splitlines():
        if line.startswith("|"):
            found[-1].append([cell.strip() for cell in line.strip("|").split("|")])
        elif found[-1]:
            found.append([])
    return [[row for row in table if not set(row[0]) <= {"-"}] for table in found if table]


def test_every_line_of_a_policy_is_on_the_page_and_no_other() -> None:
    rows = tables()[0][1:]
    assert [row[0].strip("`") for row in rows] != []
    assert {row[0].strip("`") for row in rows} == {f"{PREFIX}{name}" for name in LINES}


@pytest.mark.parametrize("row", tables()[0][1:], ids=lambda row: str(row[0]))
def test_values_that_the_page_lists_are_taken(row: list[str]) -> None:
    name, values = row[0].strip("`"), row[1].rsplit(":", 1)[-1] if ":" in row[1][:60] else row[1]
    words = [word.strip() for word in values.split(",")]
    if name.removeprefix(PREFIX) in {"jurisdiction", "consent", "review", "sources"}:
        for word in words:
            policy_of({name: word})


def test_what_each_jurisdiction_asks_is_on_the_page() -> None:
    head, *rows = tables()[1]
    shown = {
        jurisdiction: {row[0]: row[place] for row in rows if row[place]}
        for place, heading in enumerate(head)
        if place
        for jurisdiction in heading.split(", ")
    }
    asked = {
        jurisdiction: {line: value for line, (value, _) in lines.items()}
        for jurisdiction, lines in PRESETS.items()
        if lines
    }
    assert shown == asked
