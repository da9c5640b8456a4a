"""Runs revisions on the connection it is given; Alembic calls it."""

from alembic import context

from groundswell.selfreport.base import all_tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=all_tables(),
    transaction_per_migration=False,
    render_as_batch=True,  # SQLite alters a table by making it anew
)
with context.begin_transaction():
    context.run_migrations()
