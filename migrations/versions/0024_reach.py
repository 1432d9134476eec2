"""Boundaries, kept plans for new points, and calls from prepared lists."""

import sqlalchemy as sa
from alembic import op

from mealsvc.plumbing.triggers import append_only, refused

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

APPEND_ONLY = {
    "outreach_call": ["id"],
}
GUARDED = (
    ("site_plan", "kept", "DELETE", "1 = 1"),
    (
        "site_plan",
        "as_made",
        "UPDATE OF name, division, question, answer, made_at, made_by",
        "1 = 1",
    ),
    ("site_plan", "dropped_once", "UPDATE", "OLD.dropped_at IS NOT NULL"),
)


def upgrade() -> None:
    op.create_table(
        "division_boundary",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("rings", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("put_at", sa.BigInteger(), nullable=False),
        sa.Column("put_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "put_at IS NULL OR typeof(put_at) = 'integer'",
            name=op.f("ck_division_boundary_put_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_division_boundary")),
    )
    op.create_table(
        "site_plan",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("dropped_at", sa.BigInteger(), nullable=True),
        sa.Column("dropped_by", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "dropped_at IS NULL OR typeof(dropped_at) = 'integer'",
            name=op.f("ck_site_plan_dropped_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "made_at IS NULL OR typeof(made_at) = 'integer'",
            name=op.f("ck_site_plan_made_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_plan")),
    )
    with op.batch_alter_table("site_plan", schema=None) as batch_op:
        batch_op.create_index("ix_site_plan_listed", ["dropped_at", "id"], unique=False)

    op.create_table(
        "outreach_call",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column(
            "resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "at IS NULL OR typeof(at) = 'integer'", name=op.f("ck_outreach_call_at_whole")
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "outcome IN ('reached', 'will_come', 'wants_delivery', 'declined', 'no_answer', 'wrong_number')",
            name=op.f("ck_outreach_call_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_outreach_call_resident_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outreach_call")),
    )
    with op.batch_alter_table("outreach_call", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outreach_call_resident", ["resident_id", "topic", "id"], unique=False
        )
    dialect = op.get_bind().dialect.name
    for table, key in APPEND_ONLY.items():
        for statement in append_only(table, key, dialect):
            op.execute(statement)
    for table, name, event, when in GUARDED:
        op.execute(refused(table, name, event, when, dialect))


def downgrade() -> None:
    with op.batch_alter_table("outreach_call", schema=None) as batch_op:
        batch_op.drop_index("ix_outreach_call_resident")

    op.drop_table("outreach_call")
    with op.batch_alter_table("site_plan", schema=None) as batch_op:
        batch_op.drop_index("ix_site_plan_listed")

    op.drop_table("site_plan")
    op.drop_table("division_boundary")
