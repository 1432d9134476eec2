"""Papers and people of units, the calendar of working days, numbers of papers."""

import sqlalchemy as sa
from alembic import op

from mealsvc.plumbing.triggers import append_only, refused

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

APPEND_ONLY = {}
GUARDED = (
    ("unit_document", "kept", "DELETE", "1 = 1"),
    (
        "unit_document",
        "fixed",
        "UPDATE OF point_id, kind, number, issuer, valid_from, valid_to, note, entered_at, entered_by",
        "1 = 1",
    ),
    (
        "unit_document",
        "withdrawn",
        "UPDATE OF withdrawn_at, withdrawn_why",
        "OLD.withdrawn_at IS NOT NULL",
    ),
    ("staff_paper", "kept", "DELETE", "1 = 1"),
    (
        "staff_paper",
        "fixed",
        "UPDATE OF staff_id, kind, number, issued_on, valid_to, note, entered_at, entered_by",
        "1 = 1",
    ),
    (
        "staff_paper",
        "withdrawn",
        "UPDATE OF withdrawn_at, withdrawn_why",
        "OLD.withdrawn_at IS NOT NULL",
    ),
    ("unit_event", "kept", "DELETE", "1 = 1"),
    (
        "unit_event",
        "fixed",
        "UPDATE OF point_id, kind, held_on, hours, people, note, entered_at, entered_by",
        "1 = 1",
    ),
    (
        "unit_event",
        "withdrawn",
        "UPDATE OF withdrawn_at, withdrawn_why",
        "OLD.withdrawn_at IS NOT NULL",
    ),
)


def upgrade() -> None:
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "number_series",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", "year", name=op.f("pk_number_series")),
    )
    op.create_table(
        "unit_document",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.BigInteger(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_why", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "entered_at IS NULL OR typeof(entered_at) = 'integer'",
            name=op.f("ck_unit_document_entered_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "withdrawn_at IS NULL OR typeof(withdrawn_at) = 'integer'",
            name=op.f("ck_unit_document_withdrawn_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_unit_document_period")
        ),
        sa.ForeignKeyConstraint(
            ["point_id"], ["meal_point.id"], name=op.f("fk_unit_document_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_document")),
    )
    op.create_index(
        op.f("ix_unit_document_point"), "unit_document", ["point_id", "kind", "valid_to"]
    )
    op.create_table(
        "staff_member",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("handles_food", sa.Boolean(), nullable=False),
        sa.Column("volunteer", sa.Boolean(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "left_on IS NULL OR left_on >= joined_on", name=op.f("ck_staff_member_period")
        ),
        sa.ForeignKeyConstraint(
            ["point_id"], ["meal_point.id"], name=op.f("fk_staff_member_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_member")),
    )
    op.create_index(op.f("ix_staff_member_point"), "staff_member", ["point_id", "left_on"])
    op.create_table(
        "staff_paper",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.BigInteger(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_why", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "entered_at IS NULL OR typeof(entered_at) = 'integer'",
            name=op.f("ck_staff_paper_entered_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "withdrawn_at IS NULL OR typeof(withdrawn_at) = 'integer'",
            name=op.f("ck_staff_paper_withdrawn_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= issued_on", name=op.f("ck_staff_paper_period")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_staff_paper_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_paper")),
    )
    op.create_index(op.f("ix_staff_paper_staff_id"), "staff_paper", ["staff_id"])
    op.create_table(
        "unit_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("hours", sa.Double(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.BigInteger(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_why", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "entered_at IS NULL OR typeof(entered_at) = 'integer'",
            name=op.f("ck_unit_event_entered_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint("kind IN ('drill', 'volunteer_hours')", name=op.f("ck_unit_event_kind")),
        sa.CheckConstraint(
            "withdrawn_at IS NULL OR typeof(withdrawn_at) = 'integer'",
            name=op.f("ck_unit_event_withdrawn_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(
            ["point_id"], ["meal_point.id"], name=op.f("fk_unit_event_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_event")),
    )
    op.create_index(op.f("ix_unit_event_point"), "unit_event", ["point_id", "kind", "held_on"])
    dialect = op.get_bind().dialect.name
    for table, key in APPEND_ONLY.items():
        for statement in append_only(table, key, dialect):
            op.execute(statement)
    for table, name, event, when in GUARDED:
        op.execute(refused(table, name, event, when, dialect))


def downgrade() -> None:
    op.drop_table("unit_event")
    op.drop_table("staff_paper")
    op.drop_table("staff_member")
    op.drop_table("unit_document")
    op.drop_table("number_series")
    op.drop_table("calendar_day")
