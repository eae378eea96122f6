"""How the database and its keys are opened, as the settings say."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from countenance.store import CommandKeyring, FileKeyring, SqlStore, ValueKeyring, open_ledger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from countenance.ledger import LedgerReader
    from countenance.settings import Settings
    from countenance.store import KeyringSource


@contextmanager
def open_store(settings: Settings) -> Iterator[SqlStore]:
    """Open the database that the settings name, for as long as the block runs.

    Raises:
        SettingsInvalid: the address is of no database that can be used.
        StoreUnavailable: the database does not answer.
        MasterKeyInvalid: the master key or the subject keys cannot be had, or are not this database's.
    """
    subject_key_file = settings.subject_key_file or settings.data_dir / "subject.keys"
    store = SqlStore.open(database_address(settings), keyring_source(settings), subject_key_file)
    try:
        yield store
    finally:
        store.close()


def open_ledger_copy(settings: Settings) -> AbstractContextManager[LedgerReader]:
    """Open the ledger of the database that the settings name, or of a copy, without the master key.

    Raises:
        SettingsInvalid: the address is of no database that can be used.
        StoreUnavailable: the database does not answer, or has no ledger.
    """
    return open_ledger(database_address(settings))


def keyring_source(settings: Settings) -> KeyringSource:
    """Return where the master key comes from."""
    if settings.master_key is not None:
        return ValueKeyring(settings.master_key.get_secret_value())
    if settings.master_key_command is not None:
        return CommandKeyring(settings.master_key_command.get_secret_value())
    return FileKeyring(settings.master_key_file or settings.data_dir / "master.key")


def seal_anew(settings: Settings, store: SqlStore) -> int:
    """Seal all data keys and secrets of a database with another master key; returns how many.

    The file of the master key gets a new one; where it comes from the environment or a command, the keyring
    given there must name a new current key already.

    Raises:
        StoreUnavailable: the database does not answer.
        MasterKeyInvalid: the master key cannot be had, or is not the one of this database.
    """
    source = keyring_source(settings)
    return store.rotate_master_key(source if isinstance(source, FileKeyring) else None)


def database_address(settings: Settings) -> str:
    """Return the address of the database."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    return f"sqlite:///{settings.data_dir / 'countenance.sqlite'}"
