"""Alembic's entry: the connection comes from the store, never from a file."""

from alembic import context

from voicebot.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
