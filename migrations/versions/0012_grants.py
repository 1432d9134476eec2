"""Star grades and construction grants."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
APPEND_ONLY = ("point_grade", "grant_act")
TABLES = ("grant_act", "grant_stage", "construction_grant", "point_grade")
WAYS = (
    ("not_applied", "submitted"),
    ("submitted", "town_review"),
    ("submitted", "returned"),
    ("returned", "submitted"),
    ("town_review", "district_review"),
    ("town_review", "returned"),
    ("district_review", "approved"),
    ("district_review", "returned"),
    ("approved", "payment_ordered"),
    ("payment_ordered", "approved"),
    ("payment_ordered", "paid"),
)
_ALLOWED = " OR ".join(f"(OLD.status = '{one}' AND NEW.status = '{next_}')" for one, next_ in WAYS)
_FIXED = "OLD.status IN ('approved', 'payment_ordered', 'paid')"
GUARDED = (
    # table, what the trigger is called, the event, when it refuses
    ("construction_grant", "kept", "DELETE", "1 = 1"),
    (
        "construction_grant",
        "named",
        "UPDATE OF number, point_id, policy, rule, applied_by, applied_at",
        "1 = 1",
    ),
    (
        "construction_grant",
        "fixed",
        "UPDATE OF completed_on, cost_fen, amount_fen",
        "OLD.status <> 'applied'",
    ),
    ("grant_stage", "kept", "DELETE", "1 = 1"),
    ("grant_stage", "way", "UPDATE OF status", f"NOT ({_ALLOWED})"),
    (
        "grant_stage",
        "fixed",
        "UPDATE OF grant_id, number, name, percent, amount_fen, funding, documents, approved_on",
        _FIXED,
    ),
    ("grant_stage", "settled", "UPDATE OF paid_on", "OLD.status = 'paid'"),
)


def upgrade() -> None:
    op.create_table(
        "point_grade",
        sa.Column("id", BIG, nullable=False),
        sa.Column("point_id", BIG, nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        _whole("point_grade", "given_at"),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_point_grade_stars")),
        _whole("point_grade", "stars"),
        sa.ForeignKeyConstraint(
            ["point_id"], ["meal_point.id"], name=op.f("fk_point_grade_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_grade")),
    )
    op.create_index(op.f("ix_point_grade_point_id"), "point_grade", ["point_id"])
    op.create_table(
        "construction_grant",
        sa.Column("id", BIG, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("point_id", BIG, nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=False),
        sa.Column("cost_fen", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("applied_by", sa.Text(), nullable=False),
        sa.Column("applied_at", sa.BigInteger(), nullable=False),
        _whole("construction_grant", "amount_fen"),
        _whole("construction_grant", "applied_at"),
        _whole("construction_grant", "cost_fen"),
        sa.CheckConstraint(
            "status IN ('applied', 'running', 'finished')",
            name=op.f("ck_construction_grant_status"),
        ),
        sa.ForeignKeyConstraint(
            ["point_id"], ["meal_point.id"], name=op.f("fk_construction_grant_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_construction_grant")),
        sa.UniqueConstraint("number", name=op.f("uq_construction_grant_number")),
        sa.UniqueConstraint(
            "point_id", "policy", "rule", name=op.f("uq_construction_grant_point_id_policy_rule")
        ),
    )
    op.create_index("ix_construction_grant_status", "construction_grant", ["status"])
    op.create_table(
        "grant_stage",
        sa.Column("id", BIG, nullable=False),
        sa.Column("grant_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("after_months", sa.Integer(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("funding", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("documents", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        _whole("grant_stage", "amount_fen"),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["construction_grant.id"], name=op.f("fk_grant_stage_grant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_stage")),
        sa.UniqueConstraint("grant_id", "number", name=op.f("uq_grant_stage_grant_id_number")),
    )
    for column in ("status", "approved_on", "paid_on"):
        op.create_index(f"ix_grant_stage_{column}", "grant_stage", [column])
    op.create_table(
        "grant_act",
        sa.Column("id", BIG, nullable=False),
        sa.Column("stage_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("person", BIG, nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        _whole("grant_act", "amount_fen"),
        _whole("grant_act", "at"),
        sa.ForeignKeyConstraint(["person"], ["account.id"], name=op.f("fk_grant_act_person")),
        sa.ForeignKeyConstraint(
            ["stage_id"], ["grant_stage.id"], name=op.f("fk_grant_act_stage_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_act")),
        sa.UniqueConstraint("stage_id", "number", name=op.f("uq_grant_act_stage_id_number")),
    )
    for statement in _guards(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    _refuse_to_forget()
    for table in TABLES:
        op.drop_table(table)


def _whole(table: str, column: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(
        f"{column} IS NULL OR typeof({column}) = 'integer'",
        name=op.f(f"ck_{table}_{column}_whole"),
    ).ddl_if(dialect="sqlite")


def _guards(dialect: str) -> list[str]:
    """Grades and acts are append-only; a stage goes its way, and stays fixed once approved."""
    made = []
    for table in APPEND_ONLY:
        made += _append_only(table, dialect)
    for table, name, event, when in GUARDED:
        made.append(_refused(table, name, event, when, dialect))
    return made


def _append_only(table: str, dialect: str) -> list[str]:
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


def _refused(table: str, name: str, event: str, when: str, dialect: str) -> str:
    if dialect == "sqlite":
        return (
            f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} WHEN {when}"
            f" BEGIN SELECT RAISE(ABORT, '{table}: {name}'); END"
        )
    return (
        f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table}"
        f" FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION refuse_change()"
    )


def _refuse_to_forget() -> None:
    """Below this version there is no place for what people decided about money since."""
    for table, condition in (
        ("batch_act", "act <> 'submit'"),
        ("line_hold", "1 = 1"),
        ("payment_order", "1 = 1"),
        ("construction_grant", "1 = 1"),
    ):
        found = op.get_bind().execute(sa.text(f"SELECT count(*) FROM {table} WHERE {condition}"))
        if found.scalar_one():
            raise RuntimeError(
                f"{table} holds reviews or payments that an older version cannot keep:"
                " restore a backup of that version instead of going down"
            )
