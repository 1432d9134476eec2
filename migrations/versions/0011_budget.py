"""The budget: lines of towns beside the district's, and a history of every change."""

import time

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE = "budget_change"


def upgrade() -> None:
    op.execute("ALTER TABLE budget_line RENAME COLUMN district TO division")
    op.create_table(
        TABLE,
        sa.Column("id", BIG, nullable=False),
        sa.Column("line_id", BIG, nullable=False),
        sa.Column("before_fen", sa.BigInteger(), nullable=True),
        sa.Column("after_fen", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        *(
            sa.CheckConstraint(
                f"{column} IS NULL OR typeof({column}) = 'integer'",
                name=op.f(f"ck_budget_change_{column}_whole"),
            ).ddl_if(dialect="sqlite")
            for column in ("before_fen", "after_fen", "made_at")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["budget_line.id"], name=op.f("fk_budget_change_line_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_change")),
    )
    op.create_index("ix_budget_change_line_id", TABLE, ["line_id"])
    op.execute(
        sa.text(
            "INSERT INTO budget_change (line_id, before_fen, after_fen, basis, made_by, made_at)"
            " SELECT id, NULL, amount_fen, '系统升级前录入', 'system:mealsvc', :now"
            " FROM budget_line ORDER BY id"
        ).bindparams(now=time.time_ns() // 1_000)
    )
    for statement in _append_only(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table(TABLE)
    op.execute("ALTER TABLE budget_line RENAME COLUMN division TO district")


def _append_only(dialect: str) -> list[str]:
    if dialect == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{TABLE}: append-only'); END"
        return [
            f"CREATE TRIGGER {TABLE}_no_update BEFORE UPDATE ON {TABLE} {refuse}",
            f"CREATE TRIGGER {TABLE}_no_delete BEFORE DELETE ON {TABLE} {refuse}",
            f"CREATE TRIGGER {TABLE}_no_replace BEFORE INSERT ON {TABLE}"
            f" WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id) {refuse}",
        ]
    return [
        f"CREATE TRIGGER {TABLE}_kept BEFORE UPDATE OR DELETE ON {TABLE}"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"CREATE TRIGGER {TABLE}_not_emptied BEFORE TRUNCATE ON {TABLE}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ]
