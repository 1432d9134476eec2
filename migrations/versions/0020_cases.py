"""Cases."""

import sqlalchemy as sa
from alembic import op

from mealsvc.plumbing.triggers import append_only, refused

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

APPEND_ONLY = {"case_act": ["id"], "case_photo": ["case_id", "photo_id"], "case_referral": ["id"]}
GUARDED = (
    ("audit_case", "kept", "DELETE", "1 = 1"),
    (
        "audit_case",
        "fixed",
        "UPDATE OF number, source, lead_id, lead_edition, point_id, month, opened_at, opened_by, opened_person",
        "1 = 1",
    ),
    ("audit_case", "ended", "UPDATE", "OLD.state = 'closed'"),
    ("case_line", "kept", "DELETE", "1 = 1"),
    ("case_line", "fixed", "UPDATE OF case_id, sequence, subsidy_fen", "1 = 1"),
    ("case_line", "found", "UPDATE OF finding", "OLD.finding IS NOT NULL"),
    ("case_question", "kept", "DELETE", "1 = 1"),
    ("case_question", "fixed", "UPDATE OF case_id, words, asked_at, asked_by, due_on", "1 = 1"),
    ("case_question", "answered", "UPDATE", "OLD.answered_at IS NOT NULL"),
)


def upgrade() -> None:
    op.create_table(
        "audit_case",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("lead_edition", sa.Integer(), nullable=True),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column(
            "opened_person", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "assigned_to", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column(
            "clawback_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "closed_at IS NULL OR typeof(closed_at) = 'integer'",
            name=op.f("ck_audit_case_closed_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "decided_at IS NULL OR typeof(decided_at) = 'integer'",
            name=op.f("ck_audit_case_decided_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "opened_at IS NULL OR typeof(opened_at) = 'integer'",
            name=op.f("ck_audit_case_opened_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "severity IN ('block', 'high', 'case', 'watch')", name=op.f("ck_audit_case_severity")
        ),
        sa.CheckConstraint(
            "source IN ('lead', 'sample', 'complaint', 'other')", name=op.f("ck_audit_case_source")
        ),
        sa.CheckConstraint(
            "state IN ('new', 'assigned', 'explained', 'verified_ok', 'verified_bad', 'clawback', 'refer', 'closed')",
            name=op.f("ck_audit_case_state"),
        ),
        sa.ForeignKeyConstraint(
            ["assigned_to"], ["account.id"], name=op.f("fk_audit_case_assigned_to")
        ),
        sa.ForeignKeyConstraint(
            ["clawback_id"], ["clawback.id"], name=op.f("fk_audit_case_clawback_id")
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_audit_case_lead_id")),
        sa.ForeignKeyConstraint(
            ["point_id"], ["meal_point.id"], name=op.f("fk_audit_case_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_case")),
        sa.UniqueConstraint("number", name=op.f("uq_audit_case_number")),
    )
    with op.batch_alter_table("audit_case", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_audit_case_assigned_to"), ["assigned_to"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_audit_case_lead_id"), ["lead_id"], unique=False)
        batch_op.create_index("ix_audit_case_point", ["point_id", "month"], unique=False)
        batch_op.create_index("ix_audit_case_state", ["state", "due_on"], unique=False)

    op.create_table(
        "case_act",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "at IS NULL OR typeof(at) = 'integer'", name=op.f("ck_case_act_at_whole")
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(["case_id"], ["audit_case.id"], name=op.f("fk_case_act_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_act")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_case_act_case_id_number")),
    )
    op.create_table(
        "case_line",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subsidy_fen", sa.BigInteger(), nullable=False),
        sa.Column("hold_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.CheckConstraint("finding IN ('ok', 'bad')", name=op.f("ck_case_line_finding")),
        sa.CheckConstraint(
            "subsidy_fen IS NULL OR typeof(subsidy_fen) = 'integer'",
            name=op.f("ck_case_line_subsidy_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(["case_id"], ["audit_case.id"], name=op.f("fk_case_line_case_id")),
        sa.ForeignKeyConstraint(["hold_id"], ["line_hold.id"], name=op.f("fk_case_line_hold_id")),
        sa.ForeignKeyConstraint(
            ["sequence"], ["serving.sequence"], name=op.f("fk_case_line_sequence")
        ),
        sa.PrimaryKeyConstraint("case_id", "sequence", name=op.f("pk_case_line")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("case_line", schema=None) as batch_op:
        batch_op.create_index("ix_case_line_sequence", ["sequence"], unique=False)

    op.create_table(
        "case_question",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "answered_at IS NULL OR typeof(answered_at) = 'integer'",
            name=op.f("ck_case_question_answered_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "asked_at IS NULL OR typeof(asked_at) = 'integer'",
            name=op.f("ck_case_question_asked_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answer IS NULL)", name=op.f("ck_case_question_answered")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["audit_case.id"], name=op.f("fk_case_question_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_question")),
    )
    with op.batch_alter_table("case_question", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_question_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_referral",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "sent_at IS NULL OR typeof(sent_at) = 'integer'",
            name=op.f("ck_case_referral_sent_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(
            ["case_id"], ["audit_case.id"], name=op.f("fk_case_referral_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_referral")),
        sa.UniqueConstraint("number", name=op.f("uq_case_referral_number")),
    )
    with op.batch_alter_table("case_referral", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_referral_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_photo",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "question_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.ForeignKeyConstraint(["case_id"], ["audit_case.id"], name=op.f("fk_case_photo_case_id")),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name=op.f("fk_case_photo_photo_id")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["case_question.id"], name=op.f("fk_case_photo_question_id")
        ),
        sa.PrimaryKeyConstraint("case_id", "photo_id", name=op.f("pk_case_photo")),
    )
    dialect = op.get_bind().dialect.name
    for table, key in APPEND_ONLY.items():
        for statement in append_only(table, key, dialect):
            op.execute(statement)
    for table, name, event, when in GUARDED:
        op.execute(refused(table, name, event, when, dialect))


def downgrade() -> None:
    op.drop_table("case_photo")
    with op.batch_alter_table("case_referral", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_referral_case_id"))

    op.drop_table("case_referral")
    with op.batch_alter_table("case_question", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_question_case_id"))

    op.drop_table("case_question")
    with op.batch_alter_table("case_line", schema=None) as batch_op:
        batch_op.drop_index("ix_case_line_sequence")

    op.drop_table("case_line")
    op.drop_table("case_act")
    with op.batch_alter_table("audit_case", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_case_state")
        batch_op.drop_index("ix_audit_case_point")
        batch_op.drop_index(batch_op.f("ix_audit_case_lead_id"))
        batch_op.drop_index(batch_op.f("ix_audit_case_assigned_to"))

    op.drop_table("audit_case")
