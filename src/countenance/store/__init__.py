"""Adapters to databases: SQL tables, migrations and encryption at rest."""

from countenance.store.keyring import CommandKeyring, FileKeyring, KeyringSource, ValueKeyring
from countenance.store.ledger_log import open_ledger
from countenance.store.sql_store import SqlStore

__all__ = ["CommandKeyring", "FileKeyring", "KeyringSource", "SqlStore", "ValueKeyring", "open_ledger"]
