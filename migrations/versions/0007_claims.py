"""Claims: what people do with a submitted month, lines held or sent back, adjustments, persons."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
APPEND_ONLY = ("batch_act", "settlement_adjustment", "public_notice")
WAYS = (
    ("submitted", "town_review"),
    ("submitted", "returned"),
    ("returned", "submitted"),
    ("town_review", "district_review"),
    ("town_review", "returned"),
    ("district_review", "sampled"),
    ("district_review", "public_notice"),
    ("district_review", "returned"),
    ("sampled", "public_notice"),
    ("sampled", "returned"),
    ("public_notice", "approved"),
    ("public_notice", "returned"),
    ("approved", "payment_ordered"),
    ("payment_ordered", "approved"),
    ("payment_ordered", "paid"),
    ("paid", "closed"),
)
_ALLOWED = " OR ".join(f"(OLD.status = '{one}' AND NEW.status = '{next_}')" for one, next_ in WAYS)
GUARDED = (
    # table, what the trigger is called, the event, when it refuses
    ("settlement_batch", "way", "UPDATE OF status", f"NOT ({_ALLOWED})"),
    ("settlement_batch", "grounds", "UPDATE OF grounds", "1 = 1"),
    ("settlement_batch", "held", "UPDATE OF held_fen, held_funding", "OLD.held_fen IS NOT NULL"),
    ("line_hold", "kept", "DELETE", "1 = 1"),
    ("line_hold", "ended", "UPDATE", "OLD.outcome IS NOT NULL"),
    (
        "line_hold",
        "placed",
        "UPDATE OF sequence, point_id, month, amount_fen, funding, reason, note, placed_by, placed_at",
        "1 = 1",
    ),
    ("returned_line", "kept", "DELETE", "1 = 1"),
    ("returned_line", "answered", "UPDATE", "OLD.answer IS NOT NULL"),
    ("returned_line", "sent", "UPDATE OF act_id, sequence, reason, note", "1 = 1"),
)


def upgrade() -> None:
    op.create_table(
        "batch_job",
        sa.Column("id", BIG, nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("codes", sa.Text(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stop", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "at IS NULL OR typeof(at) = 'integer'", name=op.f("ck_batch_job_at_whole")
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "ended_at IS NULL OR typeof(ended_at) = 'integer'",
            name=op.f("ck_batch_job_ended_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_job")),
    )
    op.create_table(
        "batch_act",
        sa.Column("id", BIG, nullable=False),
        sa.Column("batch_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("person", BIG, nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("payable_fen", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "at IS NULL OR typeof(at) = 'integer'", name=op.f("ck_batch_act_at_whole")
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "payable_fen IS NULL OR typeof(payable_fen) = 'integer'",
            name=op.f("ck_batch_act_payable_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["settlement_batch.id"], name=op.f("fk_batch_act_batch_id")
        ),
        sa.ForeignKeyConstraint(["person"], ["account.id"], name=op.f("fk_batch_act_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_act")),
        sa.UniqueConstraint("batch_id", "number", name=op.f("uq_batch_act_batch_id_number")),
    )
    op.create_table(
        "line_hold",
        sa.Column("id", BIG, nullable=False),
        sa.Column("sequence", BIG, nullable=False),
        sa.Column("point_id", BIG, nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("funding", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("carved", sa.Boolean(), nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("placed_person", BIG, nullable=True),
        sa.Column("placed_at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("end_note", sa.Text(), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "amount_fen IS NULL OR typeof(amount_fen) = 'integer'",
            name=op.f("ck_line_hold_amount_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "ended_at IS NULL OR typeof(ended_at) = 'integer'",
            name=op.f("ck_line_hold_ended_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint("outcome IN ('released', 'refused')", name=op.f("ck_line_hold_outcome")),
        sa.CheckConstraint(
            "placed_at IS NULL OR typeof(placed_at) = 'integer'",
            name=op.f("ck_line_hold_placed_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "(outcome IS NULL) = (ended_at IS NULL)", name=op.f("ck_line_hold_ended")
        ),
        sa.ForeignKeyConstraint(
            ["placed_person"], ["account.id"], name=op.f("fk_line_hold_placed_person")
        ),
        sa.ForeignKeyConstraint(
            ["point_id"], ["meal_point.id"], name=op.f("fk_line_hold_point_id")
        ),
        sa.ForeignKeyConstraint(
            ["sequence"], ["serving.sequence"], name=op.f("fk_line_hold_sequence")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_hold")),
    )
    op.create_index("ix_line_hold_month", "line_hold", ["month", "point_id"])
    op.create_index(
        "uq_line_hold_open",
        "line_hold",
        ["sequence"],
        unique=True,
        sqlite_where=sa.text("outcome IS NULL"),
        postgresql_where=sa.text("outcome IS NULL"),
    )

    op.create_table(
        "settlement_adjustment",
        sa.Column("id", BIG, nullable=False),
        sa.Column("point_id", BIG, nullable=False),
        sa.Column("settle_month", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("funding", sa.Text(), nullable=False),
        sa.Column("sequence", BIG, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "amount_fen IS NULL OR typeof(amount_fen) = 'integer'",
            name=op.f("ck_settlement_adjustment_amount_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "kind IN ('released', 'refused', 'repaid')", name=op.f("ck_settlement_adjustment_kind")
        ),
        sa.CheckConstraint(
            "made_at IS NULL OR typeof(made_at) = 'integer'",
            name=op.f("ck_settlement_adjustment_made_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(
            ["point_id"], ["meal_point.id"], name=op.f("fk_settlement_adjustment_point_id")
        ),
        sa.ForeignKeyConstraint(
            ["sequence"], ["serving.sequence"], name=op.f("fk_settlement_adjustment_sequence")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_adjustment")),
    )
    op.create_index(
        "ix_settlement_adjustment_month", "settlement_adjustment", ["settle_month", "point_id"]
    )
    op.create_index("ix_settlement_adjustment_sequence", "settlement_adjustment", ["sequence"])

    op.create_table(
        "returned_line",
        sa.Column("id", BIG, nullable=False),
        sa.Column("act_id", BIG, nullable=False),
        sa.Column("sequence", BIG, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answer_note", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "answer IN ('explained', 'agreed')", name=op.f("ck_returned_line_answer")
        ),
        sa.CheckConstraint(
            "answered_at IS NULL OR typeof(answered_at) = 'integer'",
            name=op.f("ck_returned_line_answered_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_returned_line_answered")
        ),
        sa.ForeignKeyConstraint(["act_id"], ["batch_act.id"], name=op.f("fk_returned_line_act_id")),
        sa.ForeignKeyConstraint(
            ["sequence"], ["serving.sequence"], name=op.f("fk_returned_line_sequence")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returned_line")),
    )
    op.create_index("ix_returned_line_act_id", "returned_line", ["act_id"])

    op.create_table(
        "public_notice",
        sa.Column("id", BIG, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("posted_by", sa.Text(), nullable=False),
        sa.Column("posted_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "posted_at IS NULL OR typeof(posted_at) = 'integer'",
            name=op.f("ck_public_notice_posted_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint("to_on >= from_on", name=op.f("ck_public_notice_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_notice")),
        sa.UniqueConstraint("number", name=op.f("uq_public_notice_number")),
    )
    op.create_table(
        "notice_batch",
        sa.Column("notice_id", BIG, nullable=False),
        sa.Column("batch_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["public_notice.id"], name=op.f("fk_notice_batch_notice_id")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["settlement_batch.id"], name=op.f("fk_notice_batch_batch_id")
        ),
        sa.PrimaryKeyConstraint("notice_id", "batch_id", name=op.f("pk_notice_batch")),
    )
    op.create_index("ix_notice_batch_batch_id", "notice_batch", ["batch_id"])
    op.add_column("account", sa.Column("person", BIG, nullable=True))
    op.add_column(
        "settlement_batch", sa.Column("grounds", sa.Text(), nullable=False, server_default="{}")
    )
    op.add_column("settlement_batch", sa.Column("held_fen", sa.BigInteger(), nullable=True))
    op.add_column("settlement_batch", sa.Column("held_funding", sa.Text(), nullable=True))
    op.create_index("ix_settlement_batch_status", "settlement_batch", ["status", "month"])
    for statement in _guards(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for statement in _dropped(op.get_bind().dialect.name):
        op.execute(statement)
    op.drop_index("ix_settlement_batch_status", "settlement_batch")
    for column in ("held_funding", "held_fen", "grounds"):
        op.drop_column("settlement_batch", column)
    op.drop_column("account", "person")
    for table in (
        "notice_batch",
        "public_notice",
        "returned_line",
        "settlement_adjustment",
        "line_hold",
        "batch_act",
        "batch_job",
    ):
        op.drop_table(table)


def _guards(dialect: str) -> list[str]:
    """Acts and adjustments are append-only; holds and answers end once; a batch goes its way."""
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


def _dropped(dialect: str) -> list[str]:
    on = "" if dialect == "sqlite" else " ON settlement_batch"
    return [
        f"DROP TRIGGER settlement_batch_{name}{on}"
        for table, name, _, _ in GUARDED
        if table == "settlement_batch"
    ]
