"""What became known of residents and when; corrections that it proposes."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
APPEND_ONLY = ("fact_change", "fact_examination")
OPEN = sa.text("status = 'proposed'")
PROPOSED = (
    "sequence, fact_change_id, point_id, month, before_fen, before_subsidy_fen, after_fen,"
    " after_subsidy_fen, after_reason, after, found_at"
)
GUARDED = (
    # what the trigger is called, the event, when it refuses
    ("kept", "DELETE", "1 = 1"),
    ("ended", "UPDATE", "OLD.status <> 'proposed'"),
    ("said", f"UPDATE OF {PROPOSED}", "1 = 1"),
)


def upgrade() -> None:
    op.create_table(
        "fact_change",
        sa.Column("id", BIG, nullable=False),
        sa.Column("resident_id", BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("touched_from", sa.Date(), nullable=True),
        sa.Column("touched_to", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("revision", BIG, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "change IN ('added', 'extended', 'ended', 'withdrawn', 'corrected')",
            name=op.f("ck_fact_change_change"),
        ),
        *_whole("fact_change", "revision", "at"),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_fact_change_resident_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_change")),
    )
    op.create_index("ix_fact_change_resident_id", "fact_change", ["resident_id"])
    op.create_table(
        "fact_examination",
        sa.Column("id", BIG, nullable=False),
        sa.Column("up_to", BIG, nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        *_whole("fact_examination", "up_to", "at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_examination")),
    )
    op.create_table(
        "correction",
        sa.Column("id", BIG, nullable=False),
        sa.Column("sequence", BIG, nullable=False),
        sa.Column("fact_change_id", BIG, nullable=False),
        sa.Column("point_id", BIG, nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("before_fen", sa.BigInteger(), nullable=False),
        sa.Column("before_subsidy_fen", sa.BigInteger(), nullable=False),
        sa.Column("after_fen", sa.BigInteger(), nullable=False),
        sa.Column("after_subsidy_fen", sa.BigInteger(), nullable=False),
        sa.Column("after_reason", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("found_at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reversal_key", sa.Text(), nullable=False),
        sa.Column("replacement_key", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status IN ('proposed', 'confirmed', 'dismissed', 'superseded')",
            name=op.f("ck_correction_status"),
        ),
        sa.CheckConstraint(
            "(status = 'proposed') = (decided_at IS NULL)", name=op.f("ck_correction_decided")
        ),
        *_whole("correction", "before_fen", "before_subsidy_fen", "after_fen"),
        *_whole("correction", "after_subsidy_fen", "found_at", "decided_at"),
        sa.ForeignKeyConstraint(
            ["fact_change_id"], ["fact_change.id"], name=op.f("fk_correction_fact_change_id")
        ),
        sa.ForeignKeyConstraint(
            ["point_id"], ["meal_point.id"], name=op.f("fk_correction_point_id")
        ),
        sa.ForeignKeyConstraint(
            ["sequence"], ["serving.sequence"], name=op.f("fk_correction_sequence")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_index("ix_correction_sequence", "correction", ["sequence"])
    op.create_index("ix_correction_fact_change_id", "correction", ["fact_change_id"])
    op.create_index("ix_correction_month", "correction", ["status", "month", "point_id"])
    op.create_index(
        "uq_correction_open",
        "correction",
        ["sequence"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    for statement in _guards(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for table in ("correction", "fact_examination", "fact_change"):
        op.drop_table(table)


def _whole(table: str, *columns: str) -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(
            f"{column} IS NULL OR typeof({column}) = 'integer'",
            name=op.f(f"ck_{table}_{column}_whole"),
        ).ddl_if(dialect="sqlite")
        for column in columns
    ]


def _guards(dialect: str) -> list[str]:
    """What became known is append-only; a correction says one thing for ever and is decided once."""
    made = []
    for table in APPEND_ONLY:
        made += _append_only(table, dialect)
    for name, event, when in GUARDED:
        made.append(_refused("correction", name, event, when, dialect))
    return made


def _append_only(table: str, dialect: str) -> list[str]:
    if dialect == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table}: append-only'); END"
        return [
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"
            f" WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) {refuse}",
        ]
    return [
        f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ]


def _refused(table: str, name: str, event: str, when: str, dialect: str) -> str:
    if dialect == "sqlite":
        return (
            f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} WHEN {when}"
            f" BEGIN SELECT RAISE(ABORT, '{table}: {name}'); END"
        )
    return (
        f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table}"
        f" FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION refuse_change()"
    )
