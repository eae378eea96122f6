"""``countenance review accuracy``: what people said of answers, as rates with intervals."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cli.test_every_command_is_recorded import names_in

if TYPE_CHECKING:
    from cli.command_line import CommandLine

ACCURACY = ("review", "accuracy")
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "command-line.md"


@pytest.fixture
def judged(command: CommandLine) -> CommandLine:
    """A database whose ledger tells of 12 searches for missing people, two rejected, one confirmed."""
    with command.office() as office:
        for place in range(12):
            office.store.append(search_entry(place, candidates=int(place < 4)))
        for place, state in enumerate(("rejected", "rejected", "confirmed")):
            office.store.append(
                {"request": "a-vote", "key": "ada", "outcome": "done", "operation": "vote_on_review"}
                | {"review": f"review-{place}", "state": state, "others": 0}
            )
    return command


def search_entry(place: int, candidates: int) -> dict[str, object]:
    found = {"review": f"review-{place}"} if candidates else {}
    return found | {
        "request": f"search-{place}",
        "key": "ada",
        "outcome": "done",
        "time": f"2026-0{1 + place % 2}-15T00:00:00.000000+00:00",
        "operation": "search_faces",
        "collection": "missing",
        "gallery": 1000,
        "threshold": "99.00",
        "threshold_fmr": "1e-05",
        "reasons": ["review:one"],
        "results": [["erased", "99.50"]] * candidates,
    }


def test_rates_are_printed_with_intervals_and_what_they_do_not_say(judged: CommandLine) -> None:
    ended = judged.done(*ACCURACY)
    facts = ended.facts
    assert facts["searches"] == "12, which made 12,000 comparisons, at a similarity of 99.0 %"
    assert facts["answers"] == "1 confirmed, 2 rejected, 0 disagreed, 0 open, 0 void, 1 gone"
    assert facts["false discovery"] == (
        "0.667 (0.208 to 0.939): 2 of 3 decided answers; "
        "0.5 to 0.75 if none or all that is undecided were false"
    )
    assert facts["FPIR"].endswith("; stated: 0.00995")
    assert facts["FMR"].endswith("; stated: 1e-05")
    assert re.search(r"^collection +searches", ended.out, re.MULTILINE)
    assert re.search(r"^missing +12 +1 +2 +1 +0\.667", ended.out, re.MULTILINE)
    assert re.search(r"^2026-01 +6 +1 +1 +0 +0\.5 ", ended.out, re.MULTILINE)
    assert re.search(r"^2026-02 +6 +0 +1 +1 +1 ", ended.out, re.MULTILINE)
    assert "- what is called false is what people took for false" in ended.out


def test_days_bound_what_is_printed(judged: CommandLine) -> None:
    record = judged.done(*ACCURACY, "--since", "2026-02-01", "--until", "2026-02-28", "--json").record
    assert (record["since"], record["until"]) == ("2026-02-01", "2026-02-28")
    assert record["overall"]["counts"]["searches"] == 6
    assert [each["month"] for each in record["months"]] == ["2026-02"]
    assert judged(*ACCURACY, "--since", "January").code == 2


def test_a_database_without_reviews_says_so(command: CommandLine) -> None:
    ended = command.done(*ACCURACY)
    assert ended.facts["searches"] == "none whose answers people review"
    assert ended.facts["false discovery"] == "not known: 0 of no decided answers"
    assert "collection" not in ended.out.split("what these rates do not say")[0]


def test_what_was_asked_lately_is_counted_when_asked_again(judged: CommandLine) -> None:
    before = judged.done(*ACCURACY, "--json").record
    with judged.office() as office:
        today = datetime.now(UTC).isoformat(timespec="microseconds")
        office.store.append(search_entry(12, candidates=0) | {"time": today})
    after = judged.done(*ACCURACY, "--json").record
    assert after["overall"]["counts"]["searches"] == before["overall"]["counts"]["searches"] + 1 == 13
    assert after["entries"] > before["entries"]


def test_every_field_of_the_json_is_in_the_reference(judged: CommandLine) -> None:
    described = set(re.findall(r"`(\w+)`", PAGE.read_text("utf-8")))
    assert set(names_in(judged.done(*ACCURACY, "--json").record)) <= described
