"""Delivery rounds and their order, what happened at each door, and when the meals were cooked."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SAME = {
    "delivery_event": "id = NEW.id OR key = NEW.key",
    "cooking_time": "id = NEW.id",
}


def upgrade() -> None:
    op.create_table(
        "cooking_time",
        sa.Column("id", BIG, nullable=False),
        sa.Column("point_id", BIG, nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("meal", sa.Text(), nullable=False),
        sa.Column("cooked_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "cooked_at IS NULL OR typeof(cooked_at) = 'integer'",
            name=op.f("ck_cooking_time_cooked_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "meal IN ('breakfast', 'lunch', 'dinner')", name=op.f("ck_cooking_time_meal")
        ),
        sa.CheckConstraint(
            "recorded_at IS NULL OR typeof(recorded_at) = 'integer'",
            name=op.f("ck_cooking_time_recorded_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(
            ["point_id"], ["meal_point.id"], name=op.f("fk_cooking_time_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cooking_time")),
    )
    op.create_index("ix_cooking_time_point", "cooking_time", ["point_id", "served_on", "meal"])

    op.create_table(
        "delivery_round",
        sa.Column("id", BIG, nullable=False),
        sa.Column("point_id", BIG, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("courier", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["point_id"], ["meal_point.id"], name=op.f("fk_delivery_round_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_round")),
        sa.UniqueConstraint("point_id", "name", name=op.f("uq_delivery_round_point_id_name")),
    )
    op.create_table(
        "delivery_event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("key", sa.Text(collation="C").with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("booking_id", BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("sequence", BIG, nullable=True),
        sa.Column("temperature", sa.SmallInteger(), nullable=True),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'delivered') = (sequence IS NOT NULL)", name=op.f("ck_delivery_event_sequence")
        ),
        sa.CheckConstraint(
            "at IS NULL OR typeof(at) = 'integer'", name=op.f("ck_delivery_event_at_whole")
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "kind IN ('delivered', 'no_answer', 'called', 'reported', 'closed', 'returned')",
            name=op.f("ck_delivery_event_kind"),
        ),
        sa.CheckConstraint(
            "recorded_at IS NULL OR typeof(recorded_at) = 'integer'",
            name=op.f("ck_delivery_event_recorded_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "sequence IS NULL OR typeof(sequence) = 'integer'",
            name=op.f("ck_delivery_event_sequence_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "temperature IS NULL OR typeof(temperature) = 'integer'",
            name=op.f("ck_delivery_event_temperature_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint("length(key) BETWEEN 1 AND 64", name=op.f("ck_delivery_event_key")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_delivery_event_booking_id")
        ),
        sa.ForeignKeyConstraint(
            ["sequence"], ["serving.sequence"], name=op.f("fk_delivery_event_sequence")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_event")),
        sa.UniqueConstraint("key", name=op.f("uq_delivery_event_key")),
    )
    op.create_index("ix_delivery_event_booking", "delivery_event", ["booking_id", "at"])
    op.create_index("ix_delivery_event_kind", "delivery_event", ["kind", "at"])

    op.create_table(
        "round_stop",
        sa.Column("point_id", BIG, nullable=False),
        sa.Column("resident_id", BIG, nullable=False),
        sa.Column("round_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("diet", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["point_id"], ["meal_point.id"], name=op.f("fk_round_stop_point_id")
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_round_stop_resident_id")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["delivery_round.id"], name=op.f("fk_round_stop_round_id")
        ),
        sa.PrimaryKeyConstraint("point_id", "resident_id", name=op.f("pk_round_stop")),
    )
    op.create_index("ix_round_stop_round", "round_stop", ["round_id", "position"])

    _guard()


def downgrade() -> None:
    op.drop_table("round_stop")
    op.drop_table("delivery_event")
    op.drop_table("delivery_round")
    op.drop_table("cooking_time")


def _guard() -> None:
    """Events and cooking times take rows and never change; dropping a table drops its triggers."""
    for table, same in SAME.items():
        for statement in _words(table, same, op.get_bind().dialect.name):
            op.execute(statement)


def _words(table: str, same: str, dialect: str) -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table}: append-only'); END"
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"
            f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {refuse}",
        ]
    return [
        f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ]
