"""`SqlStore`: collections, faces, users and access keys in SQLite or PostgreSQL."""

from __future__ import annotations

import threading
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import or_, select
from sqlalchemy.dialects import postgresql, sqlite

from countenance.errors import MasterKeyInvalid, StoreError, StoreUnavailable, TemplateBroken
from countenance.ledger import VerifierKey
from countenance.store import access_keys, bulk, claiming, job_claims, rotation
from countenance.store.destroying import destroy_keys
from countenance.store.engines import open_engine, overwrite_log, seeing_the_latest, telling
from countenance.store.keyring import new_key
from countenance.store.ledger_log import ORIGIN, LedgerRows, append_entries, lock_ledger
from countenance.store.migrating import migrate_alone
from countenance.store.reading import Reader
from countenance.store.sealing import MasterKeys
from countenance.store.session_rows import SessionKeeping
from countenance.store.subject_keys import SubjectKeyFile, SubjectKeys
from countenance.store.tables import ledger_head, secrets
from countenance.store.writing import Writer

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime, timedelta
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from countenance.access import AccessKey
    from countenance.gallery.values import Collection, TemplateBlock
    from countenance.jobs.values import Job, Runner
    from countenance.store.keyring import FileKeyring, KeyringSource

_log = structlog.get_logger("countenance.store")


class SqlStore(SessionKeeping):
    """A database that implements `GalleryStore` and `SessionStore`, safe to use from many threads."""

    def __init__(self, engine: Engine, master_keys: MasterKeys, subject_key_file: SubjectKeyFile) -> None:
        self._engine = engine
        self._master_keys = master_keys
        self._claim: sqlite3.Connection | Connection | None = None
        self._keys_to_destroy = False
        self._log_holds_deleted = False
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
        database = self._signing_key.public_key().public_bytes_raw()
        self._subject_keys = SubjectKeys(subject_key_file, master_keys, database)
        if self._never_had_subjects():
            self._subject_keys.make()
        self._evidence_key = self.secret("evidence")
        self._destroy_keys()

    @classmethod
    def open(cls, url: str, keyring: KeyringSource, subject_key_file: Path) -> SqlStore:
        """Open a database, making it and taking the migrations it lacks.

        What another process was killed at, and what restoring a copy brought back, is erased before anything
        else can be done.

        Args:
            url: ``sqlite:///path`` or ``postgresql://user@host/name``.
            keyring: where the master key comes from.
            subject_key_file: the file of the data keys of its subjects, made for a new database.

        Raises:
            SettingsInvalid: the address is of neither.
            StoreUnavailable: the database does not answer, or a newer version of this program made it.
            MasterKeyInvalid: the master key or the subject keys cannot be had, or are not this database's.
        """
        engine = open_engine(url)
        try:
            if migrate_alone(engine):
                keyring.make()
            store = cls(engine, MasterKeys(keyring), SubjectKeyFile(subject_key_file))
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
        self._claim = claiming.claim(self._engine)

    def check(self) -> None:
        """Do nothing where the database answers and no key is waiting to be destroyed.

        Raises:
            StoreUnavailable: it does not answer, the subject keys are missing, or some cannot be destroyed.
        """
        with self._transaction() as connection:
            connection.execute(select(secrets.c.name).limit(1))
        try:
            self._subject_keys.now()
            if self._keys_to_destroy:
                self._destroy_keys()
        except MasterKeyInvalid as error:
            raise StoreUnavailable(str(error)) from None

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """Open a read transaction; it never waits for writers."""
        # The tree comes first: one that is newer than what is read may lack the key of a row.
        tree = self._subject_keys.tree
        with self._transaction() as connection:
            yield Reader(connection, tree, self._evidence_key)

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Open a write transaction; leaving it makes the changes durable, an exception undoes them all.

        Keys of subjects that it deleted are destroyed after it. Where that fails, the change holds all the
        same, and it is tried again with the next change and when the store is opened.
        """
        with self._transaction(writes=True) as connection:
            lock_ledger(connection)
            writer = Writer(
                connection, self._subject_keys.tree, self._evidence_key, self._master_keys, self._signing_key
            )
            yield writer
            writer.finish()
        self._keys_to_destroy |= writer.has_deleted_subjects
        try:
            if self._keys_to_destroy:
                self._destroy_keys()
            elif self._log_holds_deleted:
                self._overwrite_log()
        except StoreError as error:
            _log.error("keys of deleted subjects could not be destroyed yet", reason=str(error))

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
        tree = self._subject_keys.tree
        with self._transaction() as connection:
            yield from bulk.all_templates(connection, tree, collection)

    def key(self, key_id: str) -> AccessKey | None:
        """Return an access key, revoked or not."""
        with self._transaction() as connection:
            return access_keys.find_key(connection, self._master_keys, key_id)

    def keys(self) -> list[AccessKey]:
        """Return all access keys, oldest first."""
        with self._transaction() as connection:
            return access_keys.all_keys(connection, self._master_keys)

    def claim_job(
        self,
        claim: str,
        now: datetime,
        *,
        kinds: Sequence[str],
        runner: Runner,
        held_for: timedelta,
        job_id: str | None = None,
    ) -> Job | None:
        """Take the oldest job that is due and that nobody holds, or that one; None where there is none."""
        these = job_claims.claimable(now, kinds, runner, job_id)
        with self._transaction() as connection:
            # Workers ask every second: where there is nothing to do, nobody who writes waits for them.
            if not job_claims.any_claimable(connection, these):
                return None
        with self._transaction(writes=True) as connection:
            return job_claims.claim_oldest(connection, these, claim, now, now + held_for)

    def renew_claim(self, job: Job, claim: str, until: datetime) -> bool:
        """Hold a job longer; returns whether it is to be cancelled; raises JobLost."""
        with self._transaction(writes=True) as connection:
            return job_claims.renew(connection, job, claim, until)

    def secret(self, name: str) -> bytes:
        """Return a random secret of 32 bytes that stays the same for this database."""
        bound_to, query = rotation.named_secret_data(name), select(secrets).where(secrets.c.name == name)
        with self._transaction(writes=True) as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                sealed, master_key_id = self._master_keys.seal(new_key(), bound_to)
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
        """Seal the subject keys and all secrets anew, while servers go on; returns how many were.

        Args:
            source: the file that gets a new key; None where a new current key is in the environment or behind
                the command already.
        """
        if source is not None:
            rotation.begin_rotation(source)
        with self._transaction(writes=True) as connection:
            lock_ledger(connection)
            total = self._subject_keys.seal_anew()
        while True:
            with self._transaction(writes=True) as connection:
                count = rotation.seal_batch_anew(connection, self._master_keys)
            total += count
            if not count:
                break
        if source is not None:
            with self._transaction() as connection:
                in_use = rotation.keys_in_use(connection) | {self._subject_keys.now().sealed_by}
            rotation.drop_retired(source, in_use)
        return total

    def _never_had_subjects(self) -> bool:
        had = or_(ledger_head.c.next_leaf > 0, ledger_head.c.key_generation > 0)
        with self._transaction() as connection:
            return connection.execute(select(ledger_head.c.key).where(had)).one_or_none() is None

    def _destroy_keys(self) -> None:
        with self._transaction(writes=True) as connection:
            done = destroy_keys(connection, self._subject_keys, self._signing_key)
        self._keys_to_destroy = False
        if done:
            self._overwrite_log()

    def _overwrite_log(self) -> None:
        with telling():
            self._log_holds_deleted = not overwrite_log(self._engine)

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
