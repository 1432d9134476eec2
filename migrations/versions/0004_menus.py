"""Menus as published, diet marks, and filed prices."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SAME = (
    "id = NEW.id OR (point_id = NEW.point_id AND meal = NEW.meal AND name = NEW.name"
    " AND effective_from = NEW.effective_from)"
)


def _whole(table: str, column: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(
        f"{column} IS NULL OR typeof({column}) = 'integer'",
        name=op.f(f"ck_{table}_{column}_whole"),
    ).ddl_if(dialect="sqlite")


def upgrade() -> None:
    op.add_column("menu_item", sa.Column("diet", sa.Text(), server_default="", nullable=False))
    op.add_column("menu_item", sa.Column("changed_at", sa.BigInteger(), nullable=True))
    op.add_column("menu_item", sa.Column("withdrawn_at", sa.BigInteger(), nullable=True))

    op.create_table(
        "menu_day",
        sa.Column("point_id", BIG, nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("meal", sa.Text(), nullable=False),
        sa.Column("first_published_at", sa.BigInteger(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        _whole("menu_day", "first_published_at"),
        _whole("menu_day", "published_at"),
        sa.ForeignKeyConstraint(["point_id"], ["meal_point.id"], name=op.f("fk_menu_day_point_id")),
        sa.PrimaryKeyConstraint("point_id", "served_on", "meal", name=op.f("pk_menu_day")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "filed_price",
        sa.Column("id", BIG, nullable=False),
        sa.Column("point_id", BIG, nullable=False),
        sa.Column("meal", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("public_price_fen", sa.BigInteger(), nullable=False),
        sa.Column("elder_price_fen", sa.BigInteger(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("filed_at", sa.BigInteger(), nullable=False),
        sa.Column("filed_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "0 < elder_price_fen AND elder_price_fen <= public_price_fen",
            name=op.f("ck_filed_price_elder_price"),
        ),
        _whole("filed_price", "public_price_fen"),
        _whole("filed_price", "elder_price_fen"),
        _whole("filed_price", "filed_at"),
        sa.ForeignKeyConstraint(
            ["point_id"], ["meal_point.id"], name=op.f("fk_filed_price_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filed_price")),
        sa.UniqueConstraint(
            "point_id",
            "meal",
            "name",
            "effective_from",
            name=op.f("uq_filed_price_point_id_meal_name_effective_from"),
        ),
    )
    for statement in _guards(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("filed_price")
    op.drop_table("menu_day")
    op.drop_column("menu_item", "withdrawn_at")
    op.drop_column("menu_item", "changed_at")
    op.drop_column("menu_item", "diet")


def _guards(dialect: str) -> list[str]:
    """What was filed stays: prices are only added. Dropping the table drops its triggers."""
    if dialect == "sqlite":
        refuse = "BEGIN SELECT RAISE(ABORT, 'filed_price: append-only'); END"
        return [
            f"CREATE TRIGGER filed_price_no_update BEFORE UPDATE ON filed_price {refuse}",
            f"CREATE TRIGGER filed_price_no_delete BEFORE DELETE ON filed_price {refuse}",
            "CREATE TRIGGER filed_price_no_replace BEFORE INSERT ON filed_price"
            f" WHEN EXISTS (SELECT 1 FROM filed_price WHERE {SAME}) {refuse}",
        ]
    return [
        "CREATE TRIGGER filed_price_kept BEFORE UPDATE OR DELETE ON filed_price"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER filed_price_not_emptied BEFORE TRUNCATE ON filed_price"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ]
