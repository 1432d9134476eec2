"""Runs migrations on the application's own engine, in one write transaction."""

from alembic import context

from mealsvc.plumbing.db import db

with db.engine.connect().execution_options(writes=True) as connection:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
