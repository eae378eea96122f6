"""A model card shows what was measured of a pack, and it is what the report in the documentation says."""

from __future__ import annotations

import json
from pathlib import Path

from countenance.vision.packs.cards import card
from countenance.vision.packs.measured import measured_sections

ROOT = Path(__file__).parents[4]
MEASURED = ROOT / "src" / "countenance" / "vision" / "packs" / "measured" / "dlib-cc0.json"
REPORT = ROOT / "docs" / "reports" / "dlib-cc0.json"


def test_the_default_pack_s_card_tells_its_error_by_group_and_the_command_that_measured_it() -> None:
    text = card("dlib-cc0")
    assert "countenance evaluate all --dataset lfw:" in text
    for heading in (
        "### LFW View 1 DevTest: verification, the protocol's pairs",
        "### LFW View 1 DevTest, by gender: recognition",
        "### UTKFace: gaps between groups",
        "### FairFace, by race: recognition",
        "### FairFace, by age: faces not found",
    ):
        assert heading in text
    (row,) = [line for line in text.splitlines() if line.startswith("| race | East Asian | false match rate")]
    assert "more errors" in row


def test_every_table_of_a_card_is_one() -> None:
    text = measured_sections("dlib-cc0")
    widths: set[int] = set()
    for line in text.splitlines():
        if line.startswith("| "):
            widths.add(line.count(" | "))
        else:
            assert len(widths) <= 1
            widths = set()
    assert "None" not in text
    assert "{" not in text


def test_the_card_and_the_report_in_the_documentation_are_of_one_run() -> None:
    report, measured = (json.loads(file.read_text("utf-8")) for file in (REPORT, MEASURED))
    sections = {each["key"]: each for each in report["sections"]}
    assert measured["generated_at"] == report["generated_at"]
    for kept in measured["sections"]:
        shown = sections[kept["key"]]
        assert kept["facts"] == shown["facts"]
        if kept["table"] is not None:
            assert kept["table"]["rows"] == shown["table"]["rows"]


def test_a_pack_that_nobody_measured_has_no_such_part() -> None:
    assert measured_sections("dlib-yunet") == ""
    assert "## Measured error" not in card("dlib-yunet")
