"""`SqlStore`: collections, faces, users and access keys in SQLite or PostgreSQL."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, text
from sqlalchemy.dialects import postgresql, sqlite

from countenance.errors import MasterKeyInvalid, StoreInUse, StoreUnavailable, TemplateBroken
from countenance.ledger import VerifierKey
from countenance.store import access_keys, bulk, rotation
from countenance.store.engines import open_engine, overwrite_log, seeing_the_latest, telling
from countenance.store.ledger_log import ORIGIN, LedgerRows, append_entries
from countenance.store.reading import Reader
from countenance.store.sealing import MasterKeys, new_data_key
from countenance.store.tables import secrets
from countenance.store.writing import Writer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from countenance.access import AccessKey
    from countenance.gallery.values import Collection, TemplateBlock
    from countenance.store.keyring import FileKeyring, KeyringSource

# Any two numbers, as long as every server asks for the same.
_MIGRATION_LOCK, _SERVER_LOCK = 0x636F756E, 0x74656E61


class SqlStore:
    """A database that implements `GalleryStore` and `KeyStore`, safe to use from many threads."""

    def __init__(self, engine: Engine, master_keys: MasterKeys) -> None:
        self._engine = engine
        self._master_keys = master_keys
        self._claim: sqlite3.Connection | Connection | None = None
        self._log_holds_keys = False
        # One change at a time within this process: waiting here costs less than asking SQLite over and over.
        self._changing = threading.RLock()
        self._unwritten: list[_Unwritten] = []
        # This opens something that the master key sealed: a wrong key is told now, not at a request.
        try:
            self._signing_key = Ed25519PrivateKey.from_private_bytes(self.secret("ledger"))
        except TemplateBroken:
            raise MasterKeyInvalid(
                "the master key is not this database's; give the server the keyring that belongs to it"
            ) from None

    @classmethod
    def open(cls, url: str, keyring: KeyringSource) -> SqlStore:
        """Open a database, making it and taking the migrations it lacks.

        Args:
            url: ``sqlite:///path`` or ``postgresql://user@host/name``.
            keyring: where the master key comes from.

        Raises:
            SettingsInvalid: the address is of neither.
            StoreUnavailable: the database does not answer, or a newer version of this program made it.
            MasterKeyInvalid: the master key cannot be had, or is not the one of this database.
        """
        engine = open_engine(url)
        try:
            if _migrate_alone(engine):
                keyring.make()
            store = cls(engine, MasterKeys(keyring))
        except BaseException:
            engine.dispose()
            raise
        return store

    def close(self) -> None:
        """Give everything back; the store cannot be used afterwards."""
        if self._claim is not None:
            self._claim.close()
        self._engine.dispose()

    def claim(self) -> None:
        """Become the only server of this database, until the store is closed or the process ends.

        Raises:
            StoreInUse: another server is.
        """
        message = "another server uses this database; stop it, or give this one a data_dir of its own"
        if self._engine.dialect.name == "sqlite":
            # SQLite's own locks are portable and end with the process, however that ends.
            claim = sqlite3.connect(f"{self._engine.url.database}.claim", timeout=0, check_same_thread=False)
            claim.isolation_level = None
            try:
                claim.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError:
                claim.close()
                raise StoreInUse(message) from None
            self._claim = claim
            return
        with telling():
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            taken = connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _SERVER_LOCK})
            if not taken.scalar_one():
                connection.close()
                raise StoreInUse(message)
        self._claim = connection

    def check(self) -> None:
        """Do nothing where the database answers; raises StoreUnavailable."""
        with self._transaction() as connection:
            connection.execute(select(secrets.c.name).limit(1))

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """Open a read transaction; it never waits for writers."""
        with self._transaction() as connection:
            yield Reader(connection, self._master_keys)

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Open a write transaction; leaving it makes the changes durable, an exception undoes them all."""
        with self._transaction(writes=True) as connection:
            writer = Writer(connection, self._master_keys, self._signing_key)
            yield writer
        if writer.has_destroyed_keys or self._log_holds_keys:
            with telling():
                self._log_holds_keys = not overwrite_log(self._engine)

    def append(self, record: Mapping[str, Any]) -> None:
        """Add an entry to the ledger, durable on return; entries of several threads share a commit.

        Raises:
            StoreUnavailable: it was not written.
        """
        mine = _Unwritten(record)
        self._unwritten.append(mine)
        with self._changing:
            if mine in self._unwritten:  # else whoever was here before has written it
                everyones, self._unwritten = self._unwritten, []
                try:
                    with self._transaction(writes=True) as connection:
                        append_entries(connection, self._signing_key, [each.record for each in everyones])
                except StoreUnavailable as error:
                    for each in everyones:
                        each.error = error
        if mine.error is not None:
            raise mine.error

    @contextmanager
    def reading_ledger(self) -> Iterator[LedgerRows]:
        """Open the ledger as of one moment."""
        with self._transaction() as connection:
            yield LedgerRows(connection)

    @property
    def verifier_key(self) -> VerifierKey:
        """The public key of what signs the ledger."""
        return VerifierKey.of(ORIGIN, self._signing_key)

    def all_templates(self, collection: Collection) -> Iterator[TemplateBlock]:
        """Yield the templates of a collection by ascending key, as of one moment."""
        with self._transaction() as connection:
            yield from bulk.all_templates(connection, self._master_keys, collection)

    def add_key(self, key: AccessKey) -> None:
        """Keep a new access key."""
        with self._transaction(writes=True) as connection:
            access_keys.add_key(connection, self._master_keys, key)

    def key(self, key_id: str) -> AccessKey | None:
        """Return an access key, revoked or not."""
        with self._transaction() as connection:
            return access_keys.find_key(connection, self._master_keys, key_id)

    def keys(self) -> list[AccessKey]:
        """Return all access keys, oldest first."""
        with self._transaction() as connection:
            return access_keys.all_keys(connection, self._master_keys)

    def revoke_key(self, key_id: str, revoked_at: datetime) -> bool:
        """Revoke an access key; tells whether there was one to revoke."""
        with self._transaction(writes=True) as connection:
            return access_keys.revoke_key(connection, key_id, revoked_at)

    def secret(self, name: str) -> bytes:
        """Return a random secret of 32 bytes that stays the same for this database."""
        bound_to, query = rotation.named_secret_data(name), select(secrets).where(secrets.c.name == name)
        with self._transaction(writes=True) as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                sealed, master_key_id = self._master_keys.seal(new_data_key(), bound_to)
                insert = sqlite.insert if self._engine.dialect.name == "sqlite" else postgresql.insert
                # Where another process makes it at the same time, that one is taken.
                connection.execute(
                    insert(secrets)
                    .values(name=name, sealed=sealed, master_key_id=master_key_id)
                    .on_conflict_do_nothing()
                )
                row = connection.execute(query).one()
        return self._master_keys.open(row.sealed, row.master_key_id, bound_to)

    def rotate_master_key(self, source: FileKeyring | None) -> int:
        """Seal all keys and secrets anew, a batch at a time, while servers go on; returns how many.

        Args:
            source: the file that gets a new key; None where a new current key is in the environment or behind
                the command already.
        """
        if source is not None:
            rotation.begin_rotation(source)
        total = 0
        while True:
            with self._transaction(writes=True) as connection:
                count = rotation.seal_batch_anew(connection, self._master_keys)
            total += count
            if not count:
                break
        if source is not None:
            with self._transaction() as connection:
                in_use = rotation.keys_in_use(connection)
            rotation.drop_retired(source, in_use)
        return total

    @contextmanager
    def _transaction(self, *, writes: bool = False) -> Iterator[Connection]:
        with self._changing if writes else nullcontext(), telling(), self._engine.connect() as plain:
            latest = seeing_the_latest(self._engine) if writes else {}
            connection = plain.execution_options(writes=writes, **latest)
            with connection.begin():
                yield connection


@dataclass(slots=True, eq=False)
class _Unwritten:
    record: Mapping[str, Any]
    error: StoreUnavailable | None = None


def _migrate_alone(engine: Engine) -> bool:
    """Make or renew the tables, one process at a time; tells whether nothing was sealed yet."""
    with telling(), engine.connect() as plain:
        connection = plain.execution_options(writes=True, **seeing_the_latest(engine))
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            try:
                migrate(connection, "head")
            except CommandError:
                raise StoreUnavailable(
                    "a newer version of countenance made this database; install that version or a later one"
                ) from None
            return connection.execute(select(secrets.c.name).limit(1)).one_or_none() is None


def migrate(connection: Connection, revision: str) -> None:
    """Bring the tables to a revision, ``head`` being the newest, ``base`` none at all."""
    config = Config()
    config.set_main_option("script_location", str(files("countenance.store") / "migrations"))
    config.attributes["connection"] = connection
    (command.downgrade if revision == "base" else command.upgrade)(config, revision)
