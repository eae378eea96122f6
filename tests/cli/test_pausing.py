"""Moratoria on the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from countenance.governance import Moratorium, Scope

if TYPE_CHECKING:
    from cli.command_line import CommandLine


def test_a_moratorium_is_listed_until_it_is_lifted_and_afterwards_among_the_ended(
    command: CommandLine,
) -> None:
    begun = command.done(
        "moratorium", "on", "--scope", "all", "--reason", "the vote", "--until", "2999-01-01"
    )
    assert begun.err == (
        "countenance: a moratorium on all is in force until 2999-01-01T00:00:00Z: the vote\n"
    )
    moratorium_id = begun.facts["moratorium"]
    (listed,) = command.done("moratorium", "list", "--json").records
    assert (listed["moratorium_id"], listed["in_force"], listed["begun_by"]) == (
        moratorium_id,
        True,
        "operator",
    )
    assert f"{moratorium_id}  all    in force" in command.done("moratorium", "list").out
    lifted = command.done("moratorium", "off", moratorium_id)
    assert lifted.err == f"countenance: the moratorium {moratorium_id} is lifted\n"
    assert command.done("moratorium", "list", "--json").records == []
    assert f"{moratorium_id}  all    lifted" in command.done("moratorium", "list", "--ended").out
    again = command("moratorium", "off", moratorium_id)
    assert (again.code, again.err.count("\n")) == (1, 1)


def test_one_of_the_settings_is_listed_and_has_no_id_to_lift_it_by(command: CommandLine) -> None:
    listed = command.done("moratorium", "list", COUNTENANCE_MORATORIUM="purpose:marketing")
    assert "cannot be lifted  purpose:marketing  in force" in listed.out
    record = command.done("moratorium", "list", "--json", COUNTENANCE_MORATORIUM="search").record
    assert (record["moratorium_id"], record["begun_by"]) == (None, "the settings")


def test_what_somebody_else_wrote_cannot_move_the_terminal(command: CommandLine) -> None:
    written = Moratorium("m-1", Scope("search"), "\x1b[2J\u202e", datetime.now(UTC), "CTNC\r")
    with command.office() as office, office.register.governance.writing() as writer:
        writer.add_moratorium(written)
    listed = command.done("moratorium", "list").out
    assert r"\x1b[2J\u202e" in listed
    assert r"CTNC\r" in listed
    assert "\x1b" not in listed


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--scope", "everything"), 1, "'everything' is no scope"),
        (("--scope", "all", "--until", "1999-01-01"), 1, "ends in the future"),
        (("--scope", "all", "--until", "tomorrow"), 2, "'--until': a time is ISO 8601"),
        (("--scope", "all", "--reason", ""), 1, "needs a reason"),
        (("--scope", "all", "--reason", "\udc80"), 2, "'--reason': it is not UTF-8 text"),
    ],
)
def test_what_is_no_moratorium_is_refused_in_one_line(
    arguments: tuple[str, ...], code: int, said: str, command: CommandLine
) -> None:
    refused = command("moratorium", "on", "--reason", "why", *arguments)
    assert (refused.code, refused.out, refused.err.count("\n")) == (code, "", 1)
    assert said in refused.err
    assert command.done("moratorium", "list", "--json").records == []
