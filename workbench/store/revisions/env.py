"""What alembic runs for every migration: the given connection, in the caller's transaction."""

from __future__ import annotations

from alembic import context

from workbench.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite can only add columns to a table. Batch mode makes a changed copy of it.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
