"""The ledger's search for texts finds what a slow scan finds, in both databases, however many are sought."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countenance.store import SqlStore

WORDS = [f"{number:032x}" for number in range(20)] + ["erased", "ä-name", "x", "", ",", "{", "per%cent_"]


@pytest.fixture
def scribbled(store: SqlStore) -> SqlStore:
    """A store whose ledger has entries with words in all sorts of places."""
    chance = random.Random(7)
    for number in range(60):
        record = {
            "request": f"request-{number}",
            "subjects": chance.sample(WORDS, chance.randrange(4)),
            "results": [[chance.choice(WORDS), "99.00"] for _ in range(chance.randrange(3))],
            "within": f'"{chance.choice(WORDS)}" and {chance.choice(WORDS)}',
        }
        store.append(record if number % 7 else {**record, chance.choice(WORDS[:21]): number})
    return store


def slow_scan(store: SqlStore, texts: list[str]) -> list[tuple[int, bytes]]:
    """Look at every entry for every text, as its canonical JSON has it."""
    sought = [json.dumps(text, ensure_ascii=False).encode() for text in texts]
    with store.reading_ledger() as ledger:
        return [(place, entry) for place, entry in ledger.entries() if any(text in entry for text in sought)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.sampled_from([*WORDS, "nowhere", "request-3"]), max_size=9))
def test_it_finds_what_a_slow_scan_finds(scribbled: SqlStore, texts: list[str]) -> None:
    with scribbled.reading_ledger() as ledger:
        assert list(ledger.mentioning(texts)) == slow_scan(scribbled, texts)


def test_only_whole_strings_are_found(store: SqlStore) -> None:
    store.append({"request": "r", "subjects": ["abcdef"]})
    with store.reading_ledger() as ledger:
        for few_or_many in ([], ["u", "v", "w", "x", "y"]):
            assert list(ledger.mentioning(["abc", *few_or_many])) == []
            assert len(list(ledger.mentioning(["abcdef", *few_or_many]))) == 1


def test_nothing_is_found_where_nothing_is_sought(scribbled: SqlStore) -> None:
    with scribbled.reading_ledger() as ledger:
        assert list(ledger.mentioning([])) == []
