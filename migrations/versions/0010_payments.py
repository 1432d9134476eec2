"""Payees, payment orders, clawbacks."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("payment_line", "clawback_line", "payee", "clawback", "payment_order")
GUARDED = (
    # table, what the trigger is called, the event, when it refuses
    ("payment_line", "kept", "DELETE", "1 = 1"),
    ("payment_line", "made", "UPDATE", "1 = 1"),
    ("payment_order", "kept", "DELETE", "1 = 1"),
    ("payment_order", "ended", "UPDATE", "OLD.state <> 'ordered'"),
    (
        "payment_order",
        "made",
        "UPDATE OF number, year, total_fen, line_count, note, made_by, made_person, made_at",
        "1 = 1",
    ),
    ("payee", "kept", "DELETE", "1 = 1"),
    ("payee", "decided", "UPDATE", "OLD.outcome IS NOT NULL"),
    (
        "payee",
        "proposed",
        "UPDATE OF point_id, version, holder, bank, account, account_index, account_last4, basis,"
        " proposed_by, proposed_person, proposed_at",
        "1 = 1",
    ),
    ("clawback", "kept", "DELETE", "1 = 1"),
    (
        "clawback",
        "way",
        "UPDATE OF state",
        "NOT ((OLD.state = 'proposed' AND NEW.state IN ('approved', 'rejected'))"
        " OR (OLD.state = 'approved' AND NEW.state = 'repaid'))",
    ),
    ("clawback", "number", "UPDATE OF number, due_on", "OLD.number IS NOT NULL"),
    (
        "clawback",
        "proposed",
        "UPDATE OF point_id, reason, note, mode, amount_fen, proposed_by, proposed_person, proposed_at",
        "1 = 1",
    ),
    ("clawback_line", "kept", "DELETE", "1 = 1"),
    ("clawback_line", "reversed", "UPDATE", "OLD.reversal IS NOT NULL"),
    (
        "clawback_line",
        "proposed",
        "UPDATE OF clawback_id, sequence, paid_month, amount_fen, funding",
        "1 = 1",
    ),
)


def upgrade() -> None:
    op.create_table(
        "payment_order",
        sa.Column("id", BIG, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_person", BIG, nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("voucher", sa.Text(), nullable=False),
        sa.Column("end_note", sa.Text(), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(state = 'paid') = (paid_on IS NOT NULL)", name=op.f("ck_payment_order_paid")
        ),
        sa.CheckConstraint(
            "ended_at IS NULL OR typeof(ended_at) = 'integer'",
            name=op.f("ck_payment_order_ended_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "made_at IS NULL OR typeof(made_at) = 'integer'",
            name=op.f("ck_payment_order_made_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "state IN ('ordered', 'paid', 'recalled')", name=op.f("ck_payment_order_state")
        ),
        sa.CheckConstraint(
            "total_fen IS NULL OR typeof(total_fen) = 'integer'",
            name=op.f("ck_payment_order_total_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(
            ["made_person"], ["account.id"], name=op.f("fk_payment_order_made_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_order")),
        sa.UniqueConstraint("number", name=op.f("uq_payment_order_number")),
    )
    op.create_index("ix_payment_order_year", "payment_order", ["year"])

    op.create_table(
        "clawback",
        sa.Column("id", BIG, nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("point_id", BIG, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_person", BIG, nullable=True),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("decision_note", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("repaid_on", sa.Date(), nullable=True),
        sa.Column("voucher", sa.Text(), nullable=False),
        sa.Column("repaid_by", sa.Text(), nullable=False),
        sa.Column("repaid_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(number IS NULL) = (state IN ('proposed', 'rejected'))",
            name=op.f("ck_clawback_number_once_approved"),
        ),
        sa.CheckConstraint(
            "(state = 'repaid') = (repaid_on IS NOT NULL)", name=op.f("ck_clawback_repaid")
        ),
        sa.CheckConstraint(
            "amount_fen IS NULL OR typeof(amount_fen) = 'integer'",
            name=op.f("ck_clawback_amount_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "decided_at IS NULL OR typeof(decided_at) = 'integer'",
            name=op.f("ck_clawback_decided_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint("mode IN ('offset', 'cash')", name=op.f("ck_clawback_mode")),
        sa.CheckConstraint(
            "proposed_at IS NULL OR typeof(proposed_at) = 'integer'",
            name=op.f("ck_clawback_proposed_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "repaid_at IS NULL OR typeof(repaid_at) = 'integer'",
            name=op.f("ck_clawback_repaid_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'rejected', 'repaid')",
            name=op.f("ck_clawback_state"),
        ),
        sa.ForeignKeyConstraint(["point_id"], ["meal_point.id"], name=op.f("fk_clawback_point_id")),
        sa.ForeignKeyConstraint(
            ["proposed_person"], ["account.id"], name=op.f("fk_clawback_proposed_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clawback")),
        sa.UniqueConstraint("number", name=op.f("uq_clawback_number")),
    )
    op.create_index("ix_clawback_point_id", "clawback", ["point_id"])

    op.create_table(
        "payee",
        sa.Column("id", BIG, nullable=False),
        sa.Column("point_id", BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("bank", sa.Text(), nullable=False),
        sa.Column("account", sa.LargeBinary(), nullable=False),
        sa.Column("account_index", sa.LargeBinary(), nullable=False),
        sa.Column("account_last4", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_person", BIG, nullable=True),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "decided_at IS NULL OR typeof(decided_at) = 'integer'",
            name=op.f("ck_payee_decided_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "outcome IN ('confirmed', 'rejected', 'replaced')", name=op.f("ck_payee_outcome")
        ),
        sa.CheckConstraint(
            "proposed_at IS NULL OR typeof(proposed_at) = 'integer'",
            name=op.f("ck_payee_proposed_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "(outcome IS NULL) = (decided_at IS NULL)", name=op.f("ck_payee_decided")
        ),
        sa.ForeignKeyConstraint(["point_id"], ["meal_point.id"], name=op.f("fk_payee_point_id")),
        sa.ForeignKeyConstraint(
            ["proposed_person"], ["account.id"], name=op.f("fk_payee_proposed_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payee")),
        sa.UniqueConstraint("point_id", "version", name=op.f("uq_payee_point_id_version")),
    )
    op.create_index("ix_payee_account_index", "payee", ["account_index"])
    op.create_index(
        "uq_payee_waiting",
        "payee",
        ["point_id"],
        unique=True,
        sqlite_where=sa.text("outcome IS NULL"),
        postgresql_where=sa.text("outcome IS NULL"),
    )

    op.create_table(
        "clawback_line",
        sa.Column("id", BIG, nullable=False),
        sa.Column("clawback_id", BIG, nullable=False),
        sa.Column("sequence", BIG, nullable=False),
        sa.Column("paid_month", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("funding", sa.Text(), nullable=False),
        sa.Column("reversal", BIG, nullable=True),
        sa.CheckConstraint(
            "amount_fen IS NULL OR typeof(amount_fen) = 'integer'",
            name=op.f("ck_clawback_line_amount_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(
            ["clawback_id"], ["clawback.id"], name=op.f("fk_clawback_line_clawback_id")
        ),
        sa.ForeignKeyConstraint(
            ["reversal"], ["serving.sequence"], name=op.f("fk_clawback_line_reversal")
        ),
        sa.ForeignKeyConstraint(
            ["sequence"], ["serving.sequence"], name=op.f("fk_clawback_line_sequence")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clawback_line")),
        sa.UniqueConstraint(
            "clawback_id", "sequence", name=op.f("uq_clawback_line_clawback_id_sequence")
        ),
    )
    op.create_index("ix_clawback_line_sequence", "clawback_line", ["sequence"])

    op.create_table(
        "payment_line",
        sa.Column("id", BIG, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("point_id", BIG, nullable=False),
        sa.Column("batch_id", BIG, nullable=True),
        sa.Column("stage_id", BIG, nullable=True),
        sa.Column("payee_id", BIG, nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("payable_fen", sa.BigInteger(), nullable=False),
        sa.Column("payable_funding", sa.Text(), nullable=False),
        sa.Column("carried_fen", sa.BigInteger(), nullable=False),
        sa.Column("carried_funding", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("funding", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "amount_fen IS NULL OR typeof(amount_fen) = 'integer'",
            name=op.f("ck_payment_line_amount_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "carried_fen IS NULL OR typeof(carried_fen) = 'integer'",
            name=op.f("ck_payment_line_carried_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "payable_fen IS NULL OR typeof(payable_fen) = 'integer'",
            name=op.f("ck_payment_line_payable_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "(batch_id IS NULL) <> (stage_id IS NULL)", name=op.f("ck_payment_line_one_purpose")
        ),
        sa.CheckConstraint(
            "amount_fen = 0 OR payee_id IS NOT NULL", name=op.f("ck_payment_line_payee")
        ),
        sa.CheckConstraint(
            "amount_fen >= 0 AND carried_fen <= 0", name=op.f("ck_payment_line_signs")
        ),
        sa.CheckConstraint(
            "amount_fen IN (0, payable_fen + carried_fen)", name=op.f("ck_payment_line_amount")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["settlement_batch.id"], name=op.f("fk_payment_line_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["payment_order.id"], name=op.f("fk_payment_line_order_id")
        ),
        sa.ForeignKeyConstraint(["payee_id"], ["payee.id"], name=op.f("fk_payment_line_payee_id")),
        sa.ForeignKeyConstraint(
            ["point_id"], ["meal_point.id"], name=op.f("fk_payment_line_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_line")),
    )
    op.create_index("ix_payment_line_batch_id", "payment_line", ["batch_id"])
    op.create_index("ix_payment_line_order_id", "payment_line", ["order_id"])
    op.create_index("ix_payment_line_point", "payment_line", ["point_id", "id"])
    op.create_index("ix_payment_line_stage_id", "payment_line", ["stage_id"])

    for table, name, event, when in GUARDED:
        op.execute(_refused(table, name, event, when, op.get_bind().dialect.name))


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)


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
