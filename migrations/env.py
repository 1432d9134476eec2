"""Runs migrations on the application's own engine, in one write transaction, or in the caller's."""

from alembic import context
from sqlalchemy import Connection

from mealsvc.plumbing.db import db


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with db.engine.connect().execution_options(writes=True) as own:
        run(own)
