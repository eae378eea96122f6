"""Alembic runs this for every command; the connection is given by who calls."""

from alembic import context

from countenance.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
