"""Alembic's entry point: runs the revisions on the connection that `storage.upgrade` hands over."""

from alembic import context

from storage.schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
