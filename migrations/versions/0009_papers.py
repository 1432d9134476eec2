"""Papers that were issued."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
APPEND_ONLY = {"issued_paper": "id", "paper_file": "paper_id"}  # table and its key


def upgrade() -> None:
    op.create_table(
        "issued_paper",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("totals", sa.Text(), nullable=False),
        sa.Column("facts_digest", sa.Text(), nullable=False),
        sa.Column("check_code", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "issued_at IS NULL OR typeof(issued_at) = 'integer'",
            name=op.f("ck_issued_paper_issued_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_paper")),
        sa.UniqueConstraint("number", name=op.f("uq_issued_paper_number")),
        sa.UniqueConstraint("subject", "edition", name=op.f("uq_issued_paper_subject_edition")),
    )
    op.create_index("ix_issued_paper_sha256", "issued_paper", ["sha256"])
    op.create_table(
        "paper_file",
        sa.Column("paper_id", BIG, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["issued_paper.id"], name=op.f("fk_paper_file_paper_id")
        ),
        sa.PrimaryKeyConstraint("paper_id", name=op.f("pk_paper_file")),
    )
    for table, key in APPEND_ONLY.items():
        for statement in _append_only(table, key, op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("paper_file")
    op.drop_table("issued_paper")


def _append_only(table: str, key: str, dialect: str) -> list[str]:
    if dialect == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table}: append-only'); END"
        return [
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"
            f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}) {refuse}",
        ]
    return [
        f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ]
