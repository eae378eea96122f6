"""Adapters to databases: SQL tables, migrations and encryption at rest."""
