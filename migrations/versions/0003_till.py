"""The till: offline conflicts, day closes, what devices report, and the marks of backups."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

APPEND_ONLY = ("day_close", "backup_mark")
SAME = {
    "day_close": "point_id = NEW.point_id AND served_on = NEW.served_on AND number = NEW.number",
    "backup_mark": "id = NEW.id",
}


def upgrade() -> None:
    op.create_table(
        "backup_mark",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "at IS NULL OR typeof(at) = 'integer'", name=op.f("ck_backup_mark_at_whole")
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint("kind IN ('backup', 'restore')", name=op.f("ck_backup_mark_kind")),
        sa.CheckConstraint(
            "sequence IS NULL OR typeof(sequence) = 'integer'",
            name=op.f("ck_backup_mark_sequence_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup_mark")),
    )
    op.create_table(
        "upload_conflict",
        sa.Column("key", sa.Text(collation="C").with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("point", sa.Text(), nullable=False),
        sa.Column(
            "resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("served_at", sa.BigInteger(), nullable=False),
        sa.Column("meal", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("shown_self_pay_fen", sa.BigInteger(), nullable=False),
        sa.Column("self_pay_fen", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column(
            "clock_offset_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("arrived_at", sa.BigInteger(), nullable=False),
        sa.Column("settlement", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "arrived_at IS NULL OR typeof(arrived_at) = 'integer'",
            name=op.f("ck_upload_conflict_arrived_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "outcome IN ('full_price', 'amount', 'refused', 'clock')",
            name=op.f("ck_upload_conflict_outcome"),
        ),
        sa.CheckConstraint(
            "price_fen IS NULL OR typeof(price_fen) = 'integer'",
            name=op.f("ck_upload_conflict_price_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "self_pay_fen IS NULL OR typeof(self_pay_fen) = 'integer'",
            name=op.f("ck_upload_conflict_self_pay_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "served_at IS NULL OR typeof(served_at) = 'integer'",
            name=op.f("ck_upload_conflict_served_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "settled_at IS NULL OR typeof(settled_at) = 'integer'",
            name=op.f("ck_upload_conflict_settled_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "shown_self_pay_fen IS NULL OR typeof(shown_self_pay_fen) = 'integer'",
            name=op.f("ck_upload_conflict_shown_self_pay_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (settlement IS NULL)", name=op.f("ck_upload_conflict_settled")
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_upload_conflict_resident_id")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_upload_conflict")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_upload_conflict_point", "upload_conflict", ["point", "settled_at"])

    op.create_table(
        "day_close",
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("servings", sa.Integer(), nullable=False),
        sa.Column("subsidised", sa.Integer(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("subsidy_fen", sa.BigInteger(), nullable=False),
        sa.Column("self_pay_fen", sa.BigInteger(), nullable=False),
        sa.Column("drawer_fen", sa.BigInteger(), nullable=False),
        sa.Column("other_fen", sa.BigInteger(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column(
            "last_sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("closed_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "closed_at IS NULL OR typeof(closed_at) = 'integer'",
            name=op.f("ck_day_close_closed_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "drawer_fen IS NULL OR typeof(drawer_fen) = 'integer'",
            name=op.f("ck_day_close_drawer_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "last_sequence IS NULL OR typeof(last_sequence) = 'integer'",
            name=op.f("ck_day_close_last_sequence_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "other_fen IS NULL OR typeof(other_fen) = 'integer'",
            name=op.f("ck_day_close_other_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "self_pay_fen IS NULL OR typeof(self_pay_fen) = 'integer'",
            name=op.f("ck_day_close_self_pay_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(
            ["point_id"], ["meal_point.id"], name=op.f("fk_day_close_point_id")
        ),
        sa.PrimaryKeyConstraint("point_id", "served_on", "number", name=op.f("pk_day_close")),
        sqlite_with_rowid=False,
    )
    op.add_column("device", sa.Column("clock_offset_ms", sa.BigInteger(), nullable=True))
    op.add_column("device", sa.Column("pending", sa.Integer(), nullable=True))
    op.add_column("device", sa.Column("reported_at", sa.BigInteger(), nullable=True))
    _guard()


def downgrade() -> None:
    op.drop_column("device", "reported_at")
    op.drop_column("device", "pending")
    op.drop_column("device", "clock_offset_ms")

    op.drop_table("day_close")
    op.drop_index("ix_upload_conflict_point", "upload_conflict")

    op.drop_table("upload_conflict")
    op.drop_table("backup_mark")


def _guard() -> None:
    """Both tables take rows and never change them; dropping a table drops its triggers."""
    for table in APPEND_ONLY:
        for statement in _words(table, op.get_bind().dialect.name):
            op.execute(statement)


def _words(table: str, dialect: str) -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table}: append-only'); END"
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"
            f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {SAME[table]}) {refuse}",
        ]
    return [
        f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ]
