"""Retention counts from the last interaction, and what is due is erased."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cli.command_line import CommandLine


def test_a_sweep_erases_what_is_due_and_names_the_request(command: CommandLine) -> None:
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    command.fill("fair", {"countenance:purpose-met": yesterday}, (4, "carol"), (5, "dora"))
    swept = command.done("sweep")
    assert swept.facts["faces erased"] == "2"
    erased = [entry for entry in command.entries() if entry["operation"] == "erase_due"]
    assert [entry["request"] for entry in erased] == [swept.facts["request"]]
    assert command.done("sweep", "--json").record["faces_erased"] == 0
    assert command.count_faces("staff") == 3


def test_an_interaction_is_noted_at_the_time_that_is_told(command: CommandLine) -> None:
    noted = command.done("subject", "interaction", "bob", "--at", "2026-01-31")
    assert noted.err == "countenance: noted: an interaction with bob at 2026-01-31T00:00:00Z\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("nobody",), 1, "nothing is held of a subject nobody"),
        (("bob", "--at", "2999-01-01"), 1, "an interaction cannot be in the future"),
        (("bob", "--at", "later"), 2, "'--at': a time is ISO 8601"),
    ],
)
def test_what_is_no_interaction_is_refused(
    arguments: tuple[str, ...], code: int, said: str, command: CommandLine
) -> None:
    refused = command("subject", "interaction", *arguments)
    assert (refused.code, refused.err.count("\n")) == (code, 1)
    assert said in refused.err
