"""The ledger's rows: added behind the others in the transaction of what they record, and read."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import LargeBinary, and_, func, insert, literal, or_, select, update

from countenance.errors import LedgerBroken
from countenance.ledger import Checkpoint, GrowingTree, LedgerHead, canonical, leaf_hash, sign_checkpoint
from countenance.ledger.merkle import HASH_BYTES
from countenance.store.engines import open_engine, telling
from countenance.store.tables import ledger_entries, ledger_head, ledger_nodes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from sqlalchemy import ColumnElement, Connection, Select

    from countenance.ledger.ports import Entries, Nodes

ORIGIN = "countenance"
_ROWS = 8_192
# Places are numbers of 63 bits.
_MOST_LEVELS = 63
# More are looked for faster here: a million entries take SQLite a second, PostgreSQL half of one, for each.
_TEXTS = 4
_ENTRIES = select(ledger_entries.c.place, ledger_entries.c.entry).order_by(ledger_entries.c.place)


def append_entries(
    connection: Connection, signing_key: Ed25519PrivateKey, records: Sequence[Mapping[str, Any]]
) -> None:
    """Add entries, each with the time, which never runs backwards; the new head is signed.

    PostgreSQL's other writers wait for the head's row, so that places follow each other as commits do.
    """
    head = connection.execute(select(ledger_head).with_for_update()).one()
    time = max(datetime.now(UTC).isoformat(timespec="microseconds"), head.last_time)
    tree, entries, nodes = GrowingTree(head.size, _hashes(head.frontier)), [], []
    for record in records:
        entry = canonical({"time": time, **record})
        entries.append({"place": tree.size, "request": str(record["request"]), "entry": entry})
        nodes += tree.append(leaf_hash(entry))
    connection.execute(insert(ledger_entries), entries)
    if nodes:
        rows = [{"level": level, "place": place, "hash": root} for level, place, root in nodes]
        connection.execute(insert(ledger_nodes), rows)
    checkpoint = Checkpoint(ORIGIN, tree.size, tree.root())
    changes = {
        "size": tree.size,
        "frontier": b"".join(tree.frontier),
        "last_time": time,
        "checkpoint": sign_checkpoint(checkpoint, signing_key),
    }
    connection.execute(update(ledger_head).values(changes))


def lock_ledger(connection: Connection) -> None:
    """Keep all other writers waiting until this transaction ends; SQLite's are alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(ledger_head.c.key).with_for_update())


class LedgerRows:
    """Implements `LedgerReader` on a connection whose transaction has begun."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def head(self) -> LedgerHead:
        """Return what is known of all entries."""
        row = self._connection.execute(select(ledger_head)).one()
        return LedgerHead(row.size, tuple(_hashes(row.frontier)), row.checkpoint)

    def entries(self, first: int = 0, before: int | None = None) -> Entries:
        """Yield the places and the bytes of all entries, or of those from a place to before another."""
        yield from self._read(_between(first, before))

    def nodes(self, first: int = 0, before: int | None = None) -> Nodes:
        """Yield level, place and hash of inner nodes, in the order in which entries completed them."""
        level, place = ledger_nodes.c.level, ledger_nodes.c.place
        last_leaf = (place + 1).bitwise_lshift(level)
        query = select(ledger_nodes).order_by(last_leaf, level)
        if first or before is not None:
            query = query.where(or_(*self._completed(first, before)))
        with self._connection.execute(query.execution_options(yield_per=_ROWS)) as rows:
            for row in rows:
                yield row.level, row.place, row.hash

    def _completed(self, first: int, before: int | None) -> Iterator[ColumnElement[bool]]:
        """Yield for each level the condition on places, which the table's index answers."""
        for level in range(1, _MOST_LEVELS):
            these = [ledger_nodes.c.level == level, ledger_nodes.c.place >= first >> level]
            if before is not None:
                these.append(ledger_nodes.c.place < before >> level)
            yield and_(*these)

    def node(self, level: int, place: int) -> bytes:
        """Return the root of a complete subtree, at level 0 a leaf; raises LedgerBroken if it is missing."""
        if level:
            query = select(ledger_nodes.c.hash).where(
                ledger_nodes.c.level == level, ledger_nodes.c.place == place
            )
        else:
            query = select(ledger_entries.c.entry).where(ledger_entries.c.place == place)
        found: bytes | None = self._connection.execute(query).scalar_one_or_none()
        if found is None:
            raise LedgerBroken(f"the ledger's node {level}, {place} is missing")
        return found if level else leaf_hash(found)

    def of_request(self, request_id: str) -> list[tuple[int, bytes]]:
        """Return the places and entries of a request."""
        if "\0" in request_id:  # PostgreSQL takes no such text, not even to compare it
            return []
        query = select(ledger_entries).where(ledger_entries.c.request == request_id)
        rows = self._connection.execute(query.order_by(ledger_entries.c.place))
        return [(row.place, row.entry) for row in rows]

    def newest(self, texts: Sequence[str], *, first: int, before: int, most: int) -> list[tuple[int, bytes]]:
        """Return the places and the bytes of entries that hold each of the texts, newest first."""
        place = ledger_entries.c.place
        query = select(place, ledger_entries.c.entry).where(place >= first, place < before)
        query = query.where(*(self._holds(text.encode()) for text in texts))
        rows = self._connection.execute(query.order_by(place.desc()).limit(most))
        return [(row.place, row.entry) for row in rows]

    def mentioning(
        self, texts: Sequence[str], *, first: int = 0, before: int | None = None
    ) -> Iterator[tuple[int, bytes]]:
        """Yield the places and the bytes of the entries that hold any of the texts as a string, in order."""
        wanted = [text.encode() for text in texts]
        query = _between(first, before)
        if not 0 < len(wanted) <= _TEXTS:
            sought = frozenset(wanted)
            for place, entry in self._read(query) if sought else ():
                if not sought.isdisjoint(entry.split(b'"')[1:-1]):
                    yield place, entry
            return
        yield from self._read(query.where(or_(*(self._holds(b'"%s"' % text) for text in wanted))))

    def _read(self, query: Select[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
        with self._connection.execute(query.execution_options(yield_per=_ROWS)) as rows:
            for row in rows:
                yield row.place, row.entry

    def _holds(self, text: bytes) -> ColumnElement[bool]:
        entry, sought = ledger_entries.c.entry, literal(text, LargeBinary)
        if self._connection.dialect.name == "sqlite":
            return func.instr(entry, sought) > 0
        return func.position(sought.op("IN")(entry)) > 0


@contextmanager
def open_ledger(url: str) -> Iterator[LedgerRows]:
    """Open the ledger of a database, or of a copy of one, only to read; no key is needed.

    Raises:
        SettingsInvalid: the address is of no database that can be used.
        StoreUnavailable: the database does not answer, or has no ledger.
    """
    engine = open_engine(url)
    try:
        with telling(), engine.connect() as connection, connection.begin():
            yield LedgerRows(connection)
    finally:
        engine.dispose()


def _between(first: int, before: int | None) -> Select[tuple[int, bytes]]:
    query = _ENTRIES.where(ledger_entries.c.place >= first)
    return query if before is None else query.where(ledger_entries.c.place < before)


def _hashes(frontier: bytes) -> list[bytes]:
    return [frontier[at : at + HASH_BYTES] for at in range(0, len(frontier), HASH_BYTES)]
