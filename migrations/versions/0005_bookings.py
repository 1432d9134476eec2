"""Bookings, kitchen counts and receiving checks."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

APPEND_ONLY = ("meal_dispatch", "meal_receipt")
FIXED = (
    "id, point_id, resident_id, served_on, meal, mode, dish, asked_by, asked_name, note,"
    " booked_at, booked_by, after_cutoff"
)


def upgrade() -> None:
    op.create_table(
        "booking",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("meal", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("dish", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_name", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("booked_at", sa.BigInteger(), nullable=False),
        sa.Column("booked_by", sa.Text(), nullable=False),
        sa.Column("after_cutoff", sa.Boolean(), nullable=False),
        sa.Column("cancelled_at", sa.BigInteger(), nullable=True),
        sa.Column("cancelled_by", sa.Text(), nullable=False),
        sa.Column("cancel_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "asked_by IN ('self', 'family', 'staff')", name=op.f("ck_booking_asked_by")
        ),
        sa.CheckConstraint(
            "booked_at IS NULL OR typeof(booked_at) = 'integer'",
            name=op.f("ck_booking_booked_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "cancelled_at IS NULL OR cancelled_by <> ''", name=op.f("ck_booking_cancelled")
        ),
        sa.CheckConstraint(
            "cancelled_at IS NULL OR typeof(cancelled_at) = 'integer'",
            name=op.f("ck_booking_cancelled_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "meal IN ('breakfast', 'lunch', 'dinner')", name=op.f("ck_booking_meal")
        ),
        sa.CheckConstraint(
            "mode IN ('dine_in', 'take_away', 'delivery')", name=op.f("ck_booking_mode")
        ),
        sa.ForeignKeyConstraint(["point_id"], ["meal_point.id"], name=op.f("fk_booking_point_id")),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_booking_resident_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
    )
    op.create_index("ix_booking_day", "booking", ["served_on"])
    op.create_index("ix_booking_point", "booking", ["point_id", "served_on", "meal"])
    op.create_index("ix_booking_resident", "booking", ["resident_id", "served_on"])
    op.create_index(
        "uq_booking_place",
        "booking",
        ["served_on", "meal", "resident_id"],
        unique=True,
        sqlite_where=sa.text("cancelled_at IS NULL"),
        postgresql_where=sa.text("cancelled_at IS NULL"),
    )

    op.create_table(
        "meal_dispatch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kitchen_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("meal", sa.Text(), nullable=False),
        sa.Column("portions", sa.Integer(), nullable=False),
        sa.Column("cooked_at", sa.BigInteger(), nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=False),
        sa.Column("container", sa.Text(), nullable=False),
        sa.Column("seal_no", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("corrects", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "cooked_at IS NULL OR typeof(cooked_at) = 'integer'",
            name=op.f("ck_meal_dispatch_cooked_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "left_at IS NULL OR typeof(left_at) = 'integer'",
            name=op.f("ck_meal_dispatch_left_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "meal IN ('breakfast', 'lunch', 'dinner')", name=op.f("ck_meal_dispatch_meal")
        ),
        sa.CheckConstraint(
            "portions IS NULL OR typeof(portions) = 'integer'",
            name=op.f("ck_meal_dispatch_portions_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "recorded_at IS NULL OR typeof(recorded_at) = 'integer'",
            name=op.f("ck_meal_dispatch_recorded_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint("left_at >= cooked_at", name=op.f("ck_meal_dispatch_left")),
        sa.CheckConstraint("portions >= 0", name=op.f("ck_meal_dispatch_portions")),
        sa.ForeignKeyConstraint(
            ["corrects"], ["meal_dispatch.id"], name=op.f("fk_meal_dispatch_corrects")
        ),
        sa.ForeignKeyConstraint(
            ["kitchen_id"], ["meal_point.id"], name=op.f("fk_meal_dispatch_kitchen_id")
        ),
        sa.ForeignKeyConstraint(
            ["point_id"], ["meal_point.id"], name=op.f("fk_meal_dispatch_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meal_dispatch")),
    )
    op.create_index(
        "ix_meal_dispatch_kitchen", "meal_dispatch", ["kitchen_id", "served_on", "meal"]
    )
    op.create_index("ix_meal_dispatch_point", "meal_dispatch", ["point_id", "served_on", "meal"])
    op.create_index("uq_meal_dispatch_corrects", "meal_dispatch", ["corrects"], unique=True)

    op.create_table(
        "meal_receipt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "dispatch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("meal", sa.Text(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("portions", sa.Integer(), nullable=False),
        sa.Column("cooked_at", sa.BigInteger(), nullable=True),
        sa.Column("arrived_at", sa.BigInteger(), nullable=False),
        sa.Column("core_temp_tenths", sa.Integer(), nullable=False),
        sa.Column("seal_ok", sa.Boolean(), nullable=False),
        sa.Column("label_ok", sa.Boolean(), nullable=False),
        sa.Column("faults", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("reheated_tenths", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("checked_by", sa.Text(), nullable=False),
        sa.Column("corrects", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "arrived_at IS NULL OR typeof(arrived_at) = 'integer'",
            name=op.f("ck_meal_receipt_arrived_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "cooked_at IS NULL OR typeof(cooked_at) = 'integer'",
            name=op.f("ck_meal_receipt_cooked_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "core_temp_tenths IS NULL OR typeof(core_temp_tenths) = 'integer'",
            name=op.f("ck_meal_receipt_core_temp_tenths_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "expected IS NULL OR typeof(expected) = 'integer'",
            name=op.f("ck_meal_receipt_expected_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint("faults = '' OR measure <> ''", name=op.f("ck_meal_receipt_measure")),
        sa.CheckConstraint(
            "meal IN ('breakfast', 'lunch', 'dinner')", name=op.f("ck_meal_receipt_meal")
        ),
        sa.CheckConstraint(
            "portions IS NULL OR typeof(portions) = 'integer'",
            name=op.f("ck_meal_receipt_portions_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "reheated_tenths IS NULL OR typeof(reheated_tenths) = 'integer'",
            name=op.f("ck_meal_receipt_reheated_tenths_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "recorded_at IS NULL OR typeof(recorded_at) = 'integer'",
            name=op.f("ck_meal_receipt_recorded_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "core_temp_tenths BETWEEN -500 AND 1500", name=op.f("ck_meal_receipt_core_temp")
        ),
        sa.CheckConstraint(
            "portions >= 0 AND expected >= 0", name=op.f("ck_meal_receipt_portions")
        ),
        sa.ForeignKeyConstraint(
            ["corrects"], ["meal_receipt.id"], name=op.f("fk_meal_receipt_corrects")
        ),
        sa.ForeignKeyConstraint(
            ["dispatch_id"], ["meal_dispatch.id"], name=op.f("fk_meal_receipt_dispatch_id")
        ),
        sa.ForeignKeyConstraint(
            ["point_id"], ["meal_point.id"], name=op.f("fk_meal_receipt_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meal_receipt")),
    )
    op.create_index("ix_meal_receipt_point", "meal_receipt", ["point_id", "served_on", "meal"])
    op.create_index("uq_meal_receipt_corrects", "meal_receipt", ["corrects"], unique=True)
    _guard()


def downgrade() -> None:
    op.drop_table("meal_receipt")
    op.drop_table("meal_dispatch")
    op.drop_table("booking")


def _guard() -> None:
    """A booking is cancelled once and never changed otherwise; the checks take rows only.

    Dropping a table drops its triggers and indexes.
    """
    dialect = op.get_bind().dialect.name
    for statement in _booking_words(dialect):
        op.execute(statement)
    for table in APPEND_ONLY:
        for statement in _words(table, dialect):
            op.execute(statement)


def _booking_words(dialect: str) -> list[str]:
    if dialect == "sqlite":
        refuse = "BEGIN SELECT RAISE(ABORT, 'booking: cancelled once, else unchanged'); END"
        return [
            f"CREATE TRIGGER booking_fixed BEFORE UPDATE OF {FIXED} ON booking {refuse}",
            "CREATE TRIGGER booking_cancelled_once BEFORE UPDATE ON booking"
            f" WHEN OLD.cancelled_at IS NOT NULL {refuse}",
            f"CREATE TRIGGER booking_no_delete BEFORE DELETE ON booking {refuse}",
            "CREATE TRIGGER booking_no_replace BEFORE INSERT ON booking"
            f" WHEN EXISTS (SELECT 1 FROM booking WHERE id = NEW.id) {refuse}",
        ]
    refuse = "EXECUTE FUNCTION refuse_change()"
    return [
        f"CREATE TRIGGER booking_fixed BEFORE UPDATE OF {FIXED} ON booking FOR EACH ROW {refuse}",
        "CREATE TRIGGER booking_cancelled_once BEFORE UPDATE ON booking FOR EACH ROW"
        f" WHEN (OLD.cancelled_at IS NOT NULL) {refuse}",
        f"CREATE TRIGGER booking_no_delete BEFORE DELETE ON booking FOR EACH ROW {refuse}",
        "CREATE TRIGGER booking_not_emptied BEFORE TRUNCATE ON booking"
        f" FOR EACH STATEMENT {refuse}",
    ]


def _words(table: str, dialect: str) -> list[str]:
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
