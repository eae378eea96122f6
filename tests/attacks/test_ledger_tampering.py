"""Whatever somebody does to a copy of the database, the ledger's verification finds and names it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from countenance.errors import LedgerBroken
from countenance.ledger import Checkpoint, GrowingTree, VerifierKey, leaf_hash, sign_checkpoint
from countenance.operations.look_into_ledger import verify
from countenance.store import FileKeyring, SqlStore, open_ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ENTRIES = 43
FORGER = Ed25519PrivateKey.generate()


def record(number: int) -> dict[str, object]:
    return {"v": 1, "request": f"request {number}", "operation": "search_faces", "outcome": "done"}


def open_store(path: Path) -> SqlStore:
    keyring = FileKeyring(path.with_name("master.key"))
    return SqlStore.open(f"sqlite:///{path}", keyring, path.with_name("subject.keys"))


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """Return a database, its public key, and the checkpoint of its first 20 entries, kept elsewhere."""
    path = tmp_path_factory.mktemp("original") / "gallery.sqlite"
    with closing(open_store(path)) as store:
        for number in range(20):
            store.append(record(number))
        with store.reading_ledger() as ledger:
            note = ledger.head().checkpoint
        for number in range(20, ENTRIES):
            store.append(record(number))
        key = str(store.verifier_key)
    return path, key, note


@pytest.fixture
def copy(original: tuple[Path, str, str], tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A copy that is tampered with."""
    shutil.copy(original[0], tmp_path / "copy.sqlite")
    with closing(sqlite3.connect(tmp_path / "copy.sqlite")) as connection:
        yield connection


def refused(copy: sqlite3.Connection, key: str, note: str | None = None) -> str:
    """Return what verification says is wrong with a copy."""
    copy.commit()
    (_, _, path) = copy.execute("PRAGMA database_list").fetchone()
    with open_ledger(f"sqlite:///{path}") as ledger, pytest.raises(LedgerBroken) as found:
        verify(ledger, key, note)
    return str(found.value)


def entry_at(copy: sqlite3.Connection, place: int) -> bytes:
    content: bytes = copy.execute("SELECT entry FROM ledger_entries WHERE place = ?", (place,)).fetchone()[0]
    return content


def put(copy: sqlite3.Connection, place: int, entry: bytes) -> None:
    copy.execute("UPDATE ledger_entries SET entry = ? WHERE place = ?", (entry, place))


def flip_a_bit(copy: sqlite3.Connection) -> None:
    entry = bytearray(entry_at(copy, 10))
    entry[entry.index(b"request 10"[0]) + 3] ^= 1
    put(copy, 10, bytes(entry))


def flip_a_bit_of_the_last(copy: sqlite3.Connection) -> None:
    put(copy, ENTRIES - 1, entry_at(copy, ENTRIES - 1).replace(b"search", b"searcg"))


def drop_one(copy: sqlite3.Connection) -> None:
    copy.execute("DELETE FROM ledger_entries WHERE place = 11")


def drop_one_and_close_the_gap(copy: sqlite3.Connection) -> None:
    drop_one(copy)
    for place in range(12, ENTRIES):
        copy.execute("UPDATE ledger_entries SET place = ? WHERE place = ?", (place - 1, place))


def drop_the_last(copy: sqlite3.Connection) -> None:
    copy.execute("DELETE FROM ledger_entries WHERE place = ?", (ENTRIES - 1,))


def swap_two(copy: sqlite3.Connection) -> None:
    first, second = entry_at(copy, 4), entry_at(copy, 5)
    put(copy, 4, second)
    put(copy, 5, first)


def back_date(copy: sqlite3.Connection) -> None:
    entry = json.loads(entry_at(copy, 30))
    put(copy, 30, json.dumps(entry | {"time": "2020-01-01T00:00:00.000000+00:00"}).encode())


def put_one_in(copy: sqlite3.Connection) -> None:
    copy.execute("INSERT INTO ledger_entries VALUES (?, 'x', ?)", (ENTRIES, entry_at(copy, 1)))


def put_another_in_its_place(copy: sqlite3.Connection) -> None:
    put(copy, 7, entry_at(copy, 8))


def alter_an_inner_node(copy: sqlite3.Connection) -> None:
    copy.execute("UPDATE ledger_nodes SET hash = zeroblob(32) WHERE level = 2 AND place = 1")


def drop_an_inner_node(copy: sqlite3.Connection) -> None:
    copy.execute("DELETE FROM ledger_nodes WHERE level = 1 AND place = 3")


def alter_the_head(copy: sqlite3.Connection) -> None:
    copy.execute("UPDATE ledger_head SET frontier = zeroblob(length(frontier))")


def shorten_the_head(copy: sqlite3.Connection) -> None:
    copy.execute("UPDATE ledger_head SET size = size - 1")


def take_the_signature_away(copy: sqlite3.Connection) -> None:
    copy.execute("UPDATE ledger_head SET checkpoint = substr(checkpoint, 1, 60)")


def rewrite_all(copy: sqlite3.Connection, signer: Ed25519PrivateKey | None = None) -> None:
    """Alter an entry and compute all that follows from it anew, as whoever knows the formats would."""
    put(copy, 9, entry_at(copy, 9).replace(b"search_faces", b"detect_faces"))
    copy.execute("DELETE FROM ledger_nodes")
    tree = GrowingTree()
    for place in range(ENTRIES):
        for completed in tree.append(leaf_hash(entry_at(copy, place))):
            copy.execute("INSERT INTO ledger_nodes VALUES (?, ?, ?)", completed)
    copy.execute("UPDATE ledger_head SET frontier = ?", (b"".join(tree.frontier),))
    if signer is not None:
        note = sign_checkpoint(Checkpoint("countenance", tree.size, tree.root()), signer)
        copy.execute("UPDATE ledger_head SET checkpoint = ?", (note,))


def rewrite_all_and_sign_it_oneself(copy: sqlite3.Connection) -> None:
    rewrite_all(copy, FORGER)


def leave_text_where_bytes_were(copy: sqlite3.Connection) -> None:
    copy.execute("UPDATE ledger_entries SET entry = replace(entry, 'done', 'gone') WHERE place = 11")


def empty_it(copy: sqlite3.Connection) -> None:
    copy.execute("DELETE FROM ledger_entries")
    copy.execute("DELETE FROM ledger_nodes")


@pytest.mark.parametrize(
    ("attack", "named"),
    [
        (flip_a_bit, "an entry up to 11 was altered"),
        (flip_a_bit_of_the_last, "the head is not that of the entries"),
        (drop_one, "entry 11 is missing"),
        (drop_one_and_close_the_gap, "an entry up to 11 was altered"),
        (drop_the_last, "entries are missing at the end: the head says 43, there are 42"),
        (swap_two, "entry 5 is back-dated"),
        (back_date, "entry 30 is back-dated"),
        (put_one_in, "entry 43 is back-dated"),
        (put_another_in_its_place, "entry 8 is there twice|an entry up to 7 was altered"),
        (alter_an_inner_node, "an entry up to 7 was altered"),
        (drop_an_inner_node, "an entry up to 7 was altered"),
        (alter_the_head, "the head is not that of the entries"),
        (shorten_the_head, "entries are missing at the end: the head says 42, there are 43"),
        (take_the_signature_away, "checkpoint"),
        (leave_text_where_bytes_were, "entry 11 is no entry"),
        (rewrite_all, "the last entries were altered"),
        (rewrite_all_and_sign_it_oneself, "has not signed the checkpoint"),
        (empty_it, "entries are missing at the end"),
    ],
)
def test_an_attack_is_found_and_named(
    original: tuple[Path, str, str],
    copy: sqlite3.Connection,
    attack: Callable[[sqlite3.Connection], None],
    named: str,
) -> None:
    attack(copy)
    said = refused(copy, original[1])
    assert any(words in said for words in named.split("|")), said


def test_a_database_that_was_rolled_back_is_found_with_a_checkpoint_that_was_kept_elsewhere(
    original: tuple[Path, str, str], tmp_path: Path
) -> None:
    _, key, note = original
    path = tmp_path / "gallery.sqlite"
    shutil.copy(original[0].with_name("master.key"), tmp_path / "master.key")
    with closing(sqlite3.connect(path)) as fresh, closing(sqlite3.connect(original[0])) as whole:
        whole.backup(fresh)
        fresh.execute("DELETE FROM ledger_entries")
        fresh.execute("DELETE FROM ledger_nodes")
        fresh.execute("UPDATE ledger_head SET size = 0, frontier = x'', checkpoint = '', last_time = ''")
        fresh.commit()
    # Whoever has the master key writes another past, signed as it should be.
    with closing(open_store(path)) as store:
        for number in range(5):
            store.append(record(number))
    with closing(sqlite3.connect(path)) as copy:
        with open_ledger(f"sqlite:///{path}") as ledger:
            assert verify(ledger, key).size == 5
        assert "was rolled back: it has 5 entries, the earlier checkpoint 20" in refused(copy, key, note)
    with closing(open_store(path)) as store:
        for number in range(5, ENTRIES):
            store.append(record(number))
    with closing(sqlite3.connect(path)) as copy:
        assert "was rewritten: its first 20 entries" in refused(copy, key, note)


def test_an_untouched_copy_is_whole_also_since_the_checkpoint(
    original: tuple[Path, str, str],
) -> None:
    path, key, note = original
    with open_ledger(f"sqlite:///{path}") as ledger:
        assert verify(ledger, key, note).size == ENTRIES


def test_another_public_key_verifies_nothing(original: tuple[Path, str, str]) -> None:
    path, *_ = original
    with open_ledger(f"sqlite:///{path}") as ledger, pytest.raises(LedgerBroken, match="has not signed"):
        verify(ledger, str(VerifierKey.of("countenance", FORGER)))
