"""Samples and call-backs."""

import sqlalchemy as sa
from alembic import op

from mealsvc.plumbing.triggers import append_only, refused

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

APPEND_ONLY = {
    "audit_sample": ["id"],
    "sample_item": ["sample_id", "sequence"],
    "call_answer": ["id"],
}
GUARDED = (("call_task", "kept", "DELETE", "1 = 1"),)


def upgrade() -> None:
    op.create_table(
        "audit_sample",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Integer(), nullable=False),
        sa.Column("population_fen", sa.BigInteger(), nullable=False),
        sa.Column("population", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("drawn_at", sa.BigInteger(), nullable=False),
        sa.Column("drawn_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "drawn_at IS NULL OR typeof(drawn_at) = 'integer'",
            name=op.f("ck_audit_sample_drawn_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint("method IN ('mus', 'stratified')", name=op.f("ck_audit_sample_method")),
        sa.CheckConstraint(
            "population_fen IS NULL OR typeof(population_fen) = 'integer'",
            name=op.f("ck_audit_sample_population_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_sample")),
        sa.UniqueConstraint("number", name=op.f("uq_audit_sample_number")),
    )
    with op.batch_alter_table("audit_sample", schema=None) as batch_op:
        batch_op.create_index("ix_audit_sample_month", ["month", "id"], unique=False)

    op.create_table(
        "call_answer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "sample_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("ate_at", sa.Text(), nullable=False),
        sa.Column("paid_fen", sa.BigInteger(), nullable=True),
        sa.Column("error_fen", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "at IS NULL OR typeof(at) = 'integer'", name=op.f("ck_call_answer_at_whole")
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "error_fen IS NULL OR typeof(error_fen) = 'integer'",
            name=op.f("ck_call_answer_error_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "outcome IN ('confirmed', 'denied', 'differs', 'unsure', 'no_answer', 'wrong_number', 'refused')",
            name=op.f("ck_call_answer_outcome"),
        ),
        sa.CheckConstraint(
            "paid_fen IS NULL OR typeof(paid_fen) = 'integer'",
            name=op.f("ck_call_answer_paid_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["audit_sample.id"], name=op.f("fk_call_answer_sample_id")
        ),
        sa.ForeignKeyConstraint(
            ["sequence"], ["serving.sequence"], name=op.f("fk_call_answer_sequence")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_answer")),
        sa.UniqueConstraint(
            "sample_id", "sequence", "number", name=op.f("uq_call_answer_sample_id_sequence_number")
        ),
    )
    op.create_table(
        "call_task",
        sa.Column(
            "sample_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_call_task_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["audit_sample.id"], name=op.f("fk_call_task_sample_id")
        ),
        sa.ForeignKeyConstraint(
            ["sequence"], ["serving.sequence"], name=op.f("fk_call_task_sequence")
        ),
        sa.PrimaryKeyConstraint("sample_id", "sequence", name=op.f("pk_call_task")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("call_task", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_call_task_account_id"), ["account_id"], unique=False)

    op.create_table(
        "sample_item",
        sa.Column(
            "sample_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("stratum", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("subsidy_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "subsidy_fen IS NULL OR typeof(subsidy_fen) = 'integer'",
            name=op.f("ck_sample_item_subsidy_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint("why IN ('random', 'certain')", name=op.f("ck_sample_item_why")),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["audit_sample.id"], name=op.f("fk_sample_item_sample_id")
        ),
        sa.ForeignKeyConstraint(
            ["sequence"], ["serving.sequence"], name=op.f("fk_sample_item_sequence")
        ),
        sa.PrimaryKeyConstraint("sample_id", "sequence", name=op.f("pk_sample_item")),
        sa.UniqueConstraint("sample_id", "place", name=op.f("uq_sample_item_sample_id_place")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("sample_item", schema=None) as batch_op:
        batch_op.create_index("ix_sample_item_sequence", ["sequence"], unique=False)
    dialect = op.get_bind().dialect.name
    for table, key in APPEND_ONLY.items():
        for statement in append_only(table, key, dialect):
            op.execute(statement)
    for table, name, event, when in GUARDED:
        op.execute(refused(table, name, event, when, dialect))


def downgrade() -> None:
    with op.batch_alter_table("sample_item", schema=None) as batch_op:
        batch_op.drop_index("ix_sample_item_sequence")

    op.drop_table("sample_item")
    with op.batch_alter_table("call_task", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_call_task_account_id"))

    op.drop_table("call_task")
    op.drop_table("call_answer")
    with op.batch_alter_table("audit_sample", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_sample_month")

    op.drop_table("audit_sample")
