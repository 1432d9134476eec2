"""Daily logs of the points."""

import sqlalchemy as sa
from alembic import op

from mealsvc.plumbing.triggers import append_only, refused

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

APPEND_ONLY = {}
GUARDED = (
    ("log_entry", "kept", "DELETE", "1 = 1"),
    (
        "log_entry",
        "fixed",
        "UPDATE OF key, point_id, kind, day, meal, subject, facts, within, action, at, recorded_at, by, device",
        "1 = 1",
    ),
    (
        "log_entry",
        "withdrawn",
        "UPDATE OF withdrawn_at, withdrawn_by, withdrawn_why",
        "OLD.withdrawn_at IS NOT NULL",
    ),
)


def upgrade() -> None:
    op.create_table(
        "log_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(collation="C").with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("meal", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("within", sa.Boolean(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=False),
        sa.Column("withdrawn_why", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "at IS NULL OR typeof(at) = 'integer'", name=op.f("ck_log_entry_at_whole")
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "meal IN ('', 'breakfast', 'lunch', 'dinner')", name=op.f("ck_log_entry_meal")
        ),
        sa.CheckConstraint(
            "recorded_at IS NULL OR typeof(recorded_at) = 'integer'",
            name=op.f("ck_log_entry_recorded_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "withdrawn_at IS NULL OR typeof(withdrawn_at) = 'integer'",
            name=op.f("ck_log_entry_withdrawn_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint("length(key) BETWEEN 1 AND 64", name=op.f("ck_log_entry_key")),
        sa.ForeignKeyConstraint(
            ["point_id"], ["meal_point.id"], name=op.f("fk_log_entry_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_entry")),
        sa.UniqueConstraint("key", name=op.f("uq_log_entry_key")),
    )
    op.create_index(op.f("ix_log_entry_day"), "log_entry", ["day", "kind"])
    op.create_index(op.f("ix_log_entry_point"), "log_entry", ["point_id", "day", "kind"])
    dialect = op.get_bind().dialect.name
    for table, key in APPEND_ONLY.items():
        for statement in append_only(table, key, dialect):
            op.execute(statement)
    for table, name, event, when in GUARDED:
        op.execute(refused(table, name, event, when, dialect))


def downgrade() -> None:
    op.drop_table("log_entry")
