"""The file from which the data keys of all subjects follow, and its current content in memory.

A database is copied, replicated and restored, and what was deleted lives on in its copies. So the keys are
not in it but in this small file of which there is one: a generation, which counts how often keys were
destroyed, and the tree of those that are left, sealed with the master key.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.errors import MasterKeyInvalid, TemplateBroken
from countenance.store.key_tree import KeyTree
from countenance.store.private_files import check_private, make_durable, write_private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from countenance.store.sealing import MasterKeys

_MAGIC = b"countenance subject keys 1"
_BOUND_TO = b"subject keys"
_GENERATION_BYTES = 8
_DATABASE_BYTES = 32


@dataclass(frozen=True, slots=True)
class KeyState:
    """What the file holds: ``database`` says whose it is, ``sealed_by`` is the id of the master key."""

    generation: int
    tree: KeyTree
    database: bytes
    sealed_by: str


class SubjectKeyFile:
    """The file; only its owner may read it.

    Whoever replaces it holds the database's lock on writers, so that nobody else does at the same time.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def make(self, master_keys: MasterKeys, database: bytes) -> None:
        """Make the file for a new database, unless it is there.

        Raises:
            MasterKeyInvalid: the file cannot be written.
        """
        if self.path.exists():
            return
        fresh = self.path.with_name(f"{self.path.name}.{secrets.token_hex(4)}")
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(fresh, _sealed(master_keys, 0, KeyTree.fresh(), database))
            # Unlike a rename this never replaces what another process just made.
            with contextlib.suppress(FileExistsError):
                os.link(fresh, self.path)
            fresh.unlink()
            make_durable(self.path.parent)
        except OSError as error:
            raise self._not_written(error) from error

    def load(self, master_keys: MasterKeys) -> KeyState:
        """Read the file.

        Raises:
            MasterKeyInvalid: it is missing, others than the owner may read it, or it is not what was written.
        """
        while True:
            stamp = self.stamp()
            try:
                return self._load(master_keys)
            except MasterKeyInvalid:
                # Whoever replaces the file overwrites the old one, which may just have been read.
                if self.stamp() == stamp:
                    raise

    def stamp(self) -> object:
        """Return the file's identity, time of change and size: another one where it was replaced."""
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    def replace(self, master_keys: MasterKeys, generation: int, tree: KeyTree, database: bytes) -> None:
        """Put another tree into the file's place, whole or not at all, and overwrite the old file.

        Raises:
            MasterKeyInvalid: the file cannot be written.
        """
        # Always the same name: one that a killed process left must not keep keys that are destroyed later.
        fresh = self.path.with_name(f"{self.path.name}.new")
        try:
            with _overwriting(fresh):
                fresh.unlink(missing_ok=True)
            write_private(fresh, _sealed(master_keys, generation, tree, database))
            with _overwriting(self.path):
                fresh.replace(self.path)
                make_durable(self.path.parent)
        except OSError as error:
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)
            raise self._not_written(error) from error

    def _load(self, master_keys: MasterKeys) -> KeyState:
        try:
            check_private(self.path, "the file of subject keys")
            content = self.path.read_bytes()
        except FileNotFoundError:
            raise MasterKeyInvalid(
                f"the file of subject keys {self.path} is missing, and without it no template of this "
                "database can be opened; put the copy that you keep of it there, or set subject_key_file"
            ) from None
        except OSError as error:
            raise MasterKeyInvalid(f"the file of subject keys {self.path} cannot be read: {error}") from error
        magic, key_id, sealed = (*content.split(b"\n", 2), b"", b"")[:3]
        damaged = MasterKeyInvalid(
            f"the file of subject keys {self.path} is damaged; put the copy that you keep of it there"
        )
        if magic != _MAGIC:
            raise damaged
        try:
            sealed_by = str(json.loads(key_id))
            return _opened(master_keys.open(sealed, sealed_by, _BOUND_TO), sealed_by)
        except (ValueError, TemplateBroken):
            raise damaged from None

    def _not_written(self, error: OSError) -> MasterKeyInvalid:
        return MasterKeyInvalid(f"the file of subject keys {self.path} cannot be written: {error}")


class SubjectKeys:
    """The keys of one database's subjects as they are now, whichever process changed them; safe for threads.

    Args:
        file: where they are.
        master_keys: what seals the file.
        database: 32 bytes that are this database's and no other's.
    """

    def __init__(self, file: SubjectKeyFile, master_keys: MasterKeys, database: bytes) -> None:
        self._file = file
        self._master_keys = master_keys
        self._database = database
        self._lock = threading.Lock()
        self._stamp: object = None
        self._state: KeyState | None = None

    def make(self) -> None:
        """Make the file for a database that has no subjects yet, unless it is there."""
        self._file.make(self._master_keys, self._database)

    def now(self, *, read_again: bool = False) -> KeyState:
        """Return the state of the file, read again where it was replaced; raises MasterKeyInvalid.

        ``read_again`` is for whoever rests a replacement on it: of two that followed each other within a few
        milliseconds, the second may bear the stamp of the file before them.
        """
        with self._lock:
            stamp = self._file.stamp()
            if read_again or self._state is None or stamp is None or stamp != self._stamp:
                self._state, self._stamp = self._loaded(), stamp
            return self._state

    @property
    def tree(self) -> KeyTree:
        """The newest tree."""
        return self.now().tree

    def replace(self, generation: int, tree: KeyTree) -> None:
        """Write another state; raises MasterKeyInvalid."""
        self._file.replace(self._master_keys, generation, tree, self._database)

    def seal_anew(self) -> int:
        """Seal the file with the current master key; returns 1, or 0 where it was before."""
        state = self.now(read_again=True)
        if state.sealed_by == self._master_keys.current_id:
            return 0
        self.replace(state.generation, state.tree)
        return 1

    def _loaded(self) -> KeyState:
        state = self._file.load(self._master_keys)
        if state.database != self._database:
            raise MasterKeyInvalid(
                f"the file of subject keys {self._file.path} is another database's; give each database a "
                "data_dir or a subject_key_file of its own, or delete the file where that database is gone"
            )
        return state


def _opened(content: bytes, sealed_by: str) -> KeyState:
    tree_at = _GENERATION_BYTES + _DATABASE_BYTES
    return KeyState(
        generation=int.from_bytes(content[:_GENERATION_BYTES], "big"),
        tree=KeyTree.from_bytes(content[tree_at:]),
        database=content[_GENERATION_BYTES:tree_at],
        sealed_by=sealed_by,
    )


def _sealed(master_keys: MasterKeys, generation: int, tree: KeyTree, database: bytes) -> bytes:
    content = generation.to_bytes(_GENERATION_BYTES, "big") + database + tree.to_bytes()
    sealed, key_id = master_keys.seal(content, _BOUND_TO)
    return b"\n".join((_MAGIC, json.dumps(key_id).encode(), sealed))


@contextlib.contextmanager
def _overwriting(path: Path) -> Iterator[None]:
    """Overwrite with zeros, when the block has taken its name away, what the file held; as far as that goes.

    Where the file system writes elsewhere instead, the old bytes stay until it uses their place again.
    """
    if os.name != "posix" or not path.exists():
        yield
        return
    with path.open("r+b") as file:
        yield
        with contextlib.suppress(OSError):
            file.write(bytes(os.fstat(file.fileno()).st_size))
            file.flush()
            os.fsync(file.fileno())
