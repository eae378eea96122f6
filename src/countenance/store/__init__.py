"""Adapters to databases: SQL tables, migrations and encryption at rest."""

from countenance.store.keyring import CommandKeyring, FileKeyring, KeyringSource, ValueKeyring
from countenance.store.sql_store import SqlStore

__all__ = ["CommandKeyring", "FileKeyring", "KeyringSource", "SqlStore", "ValueKeyring"]
