"""What outside auditors may see."""

import sqlalchemy as sa
from alembic import op

from mealsvc.plumbing.triggers import refused

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

GUARDED = (
    ("audit_batch", "kept", "DELETE", "1 = 1"),
    (
        "audit_batch",
        "fixed",
        "UPDATE OF account_id, title, first_month, last_month, points, sample_id, until_on, given_at, given_by",
        "1 = 1",
    ),
    ("audit_batch", "ended", "UPDATE", "OLD.ended_at IS NOT NULL"),
)


def upgrade() -> None:
    op.create_table(
        "audit_batch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("first_month", sa.Integer(), nullable=False),
        sa.Column("last_month", sa.Integer(), nullable=False),
        sa.Column("points", sa.Text(), nullable=False),
        sa.Column("sample_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "ended_at IS NULL OR typeof(ended_at) = 'integer'",
            name=op.f("ck_audit_batch_ended_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "given_at IS NULL OR typeof(given_at) = 'integer'",
            name=op.f("ck_audit_batch_given_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint("last_month >= first_month", name=op.f("ck_audit_batch_months")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_audit_batch_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["audit_sample.id"], name=op.f("fk_audit_batch_sample_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_batch")),
    )
    with op.batch_alter_table("audit_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_batch_account_id"), ["account_id"], unique=False)
    dialect = op.get_bind().dialect.name
    for table, name, event, when in GUARDED:
        op.execute(refused(table, name, event, when, dialect))


def downgrade() -> None:
    with op.batch_alter_table("audit_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_batch_account_id"))

    op.drop_table("audit_batch")
