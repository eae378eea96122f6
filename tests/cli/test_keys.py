"""``countenance keys``: what a key is limited to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cli.command_line import CommandLine

CREATE = ("keys", "create", "the institute")


def test_a_testers_key_is_told_with_the_names_that_its_collections_may_have(command: CommandLine) -> None:
    facts = command.done(*CREATE, "--role", "tester").facts
    prefix = f"evaluation-{facts['access key id'].lower()}-"
    assert facts["collections"] == f"{prefix}*"
    entry = command.entries()[-1]
    assert (entry["operation"], entry["role"], entry["collections"]) == (
        "create_key",
        "tester",
        [f"{prefix}*"],
    )
    assert facts["secret access key"] not in str(entry)


@pytest.mark.parametrize(
    "limit",
    [
        ("--administrator",),
        ("--operations", "SearchFaces"),
        ("--collections", "staff"),
        ("--purposes", "entry"),
        ("--buckets", ""),
    ],
    ids=str,
)
def test_a_role_and_limits_do_not_go_together(command: CommandLine, limit: tuple[str, ...]) -> None:
    ended = command(*CREATE, "--role", "tester", *limit)
    assert ended.code == 2
    assert "give either --role or limits" in ended.err
    assert command.done("keys", "list", "--json").records == []


def test_a_role_that_there_is_not_is_wrong_usage(command: CommandLine) -> None:
    assert command(*CREATE, "--role", "auditor").code == 2


@pytest.mark.parametrize(
    ("given", "kept"), [((), ["*"]), (("",), []), (("visitors, event-*",), ["visitors", "event-*"])]
)
def test_a_key_may_be_limited_to_buckets(
    command: CommandLine, given: tuple[str, ...], kept: list[str]
) -> None:
    limits = ("--buckets", *given) if given else ()
    made = command.done(*CREATE, *limits, "--json").record
    assert made["buckets"] == kept
    (listed,) = command.done("keys", "list", "--json").records
    assert listed["buckets"] == kept
