"""Scans and leads."""

import sqlalchemy as sa
from alembic import op

from mealsvc.plumbing.triggers import append_only, refused

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

APPEND_ONLY = {
    "audit_scan": ["id"],
    "lead_edition": ["lead_id", "number"],
    "lead_line": ["lead_id", "number", "sequence"],
    "denial": ["id"],
}
GUARDED = (
    ("lead", "kept", "DELETE", "1 = 1"),
    ("lead", "fixed", "UPDATE OF month, point_id, story, found_at", "1 = 1"),
)


def upgrade() -> None:
    op.create_table(
        "audit_scan",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("servings", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("anomalies", sa.Integer(), nullable=False),
        sa.Column("leads", sa.Integer(), nullable=False),
        sa.Column("expected_false", sa.Integer(), nullable=False),
        sa.Column("limits", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column(
            "last_sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "ended_at IS NULL OR typeof(ended_at) = 'integer'",
            name=op.f("ck_audit_scan_ended_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "last_sequence IS NULL OR typeof(last_sequence) = 'integer'",
            name=op.f("ck_audit_scan_last_sequence_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "started_at IS NULL OR typeof(started_at) = 'integer'",
            name=op.f("ck_audit_scan_started_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_scan")),
    )
    with op.batch_alter_table("audit_scan", schema=None) as batch_op:
        batch_op.create_index("ix_audit_scan_month", ["month", "id"], unique=False)

    op.create_table(
        "lead",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("found_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=False),
        sa.Column("settled_why", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "found_at IS NULL OR typeof(found_at) = 'integer'", name=op.f("ck_lead_found_at_whole")
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "settled_at IS NULL OR typeof(settled_at) = 'integer'",
            name=op.f("ck_lead_settled_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint("state IN ('open', 'cased', 'dismissed')", name=op.f("ck_lead_state")),
        sa.ForeignKeyConstraint(["point_id"], ["meal_point.id"], name=op.f("fk_lead_point_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead")),
        sa.UniqueConstraint("month", "story", name=op.f("uq_lead_month_story")),
    )
    with op.batch_alter_table("lead", schema=None) as batch_op:
        batch_op.create_index("ix_lead_point", ["point_id", "month"], unique=False)
        batch_op.create_index("ix_lead_state", ["state", "month"], unique=False)

    op.create_table(
        "denial",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_ref", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "noted_at IS NULL OR typeof(noted_at) = 'integer'",
            name=op.f("ck_denial_noted_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "source IN ('call', 'complaint', 'visit', 'other')", name=op.f("ck_denial_source")
        ),
        sa.ForeignKeyConstraint(
            ["sequence"], ["serving.sequence"], name=op.f("fk_denial_sequence")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_denial")),
        sa.UniqueConstraint(
            "sequence", "source", "source_ref", name=op.f("uq_denial_sequence_source_source_ref")
        ),
    )
    op.create_table(
        "lead_edition",
        sa.Column("lead_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("scan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("weight", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("honest", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("servings", sa.Integer(), nullable=False),
        sa.Column("residents", sa.Integer(), nullable=False),
        sa.Column("subsidy_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "severity IN ('block', 'high', 'case', 'watch')", name=op.f("ck_lead_edition_severity")
        ),
        sa.CheckConstraint(
            "subsidy_fen IS NULL OR typeof(subsidy_fen) = 'integer'",
            name=op.f("ck_lead_edition_subsidy_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "weight IS NULL OR typeof(weight) = 'integer'",
            name=op.f("ck_lead_edition_weight_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_lead_edition_lead_id")),
        sa.ForeignKeyConstraint(
            ["scan_id"], ["audit_scan.id"], name=op.f("fk_lead_edition_scan_id")
        ),
        sa.PrimaryKeyConstraint("lead_id", "number", name=op.f("pk_lead_edition")),
    )
    with op.batch_alter_table("lead_edition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lead_edition_scan_id"), ["scan_id"], unique=False)

    op.create_table(
        "lead_line",
        sa.Column("lead_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_lead_line_lead_id")),
        sa.ForeignKeyConstraint(
            ["sequence"], ["serving.sequence"], name=op.f("fk_lead_line_sequence")
        ),
        sa.PrimaryKeyConstraint("lead_id", "number", "sequence", name=op.f("pk_lead_line")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("lead_line", schema=None) as batch_op:
        batch_op.create_index("ix_lead_line_sequence", ["sequence"], unique=False)
    dialect = op.get_bind().dialect.name
    for table, key in APPEND_ONLY.items():
        for statement in append_only(table, key, dialect):
            op.execute(statement)
    for table, name, event, when in GUARDED:
        op.execute(refused(table, name, event, when, dialect))


def downgrade() -> None:
    with op.batch_alter_table("lead_line", schema=None) as batch_op:
        batch_op.drop_index("ix_lead_line_sequence")

    op.drop_table("lead_line")
    with op.batch_alter_table("lead_edition", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lead_edition_scan_id"))

    op.drop_table("lead_edition")
    op.drop_table("denial")
    with op.batch_alter_table("lead", schema=None) as batch_op:
        batch_op.drop_index("ix_lead_state")
        batch_op.drop_index("ix_lead_point")

    op.drop_table("lead")
    with op.batch_alter_table("audit_scan", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_scan_month")

    op.drop_table("audit_scan")
