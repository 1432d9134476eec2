"""All tables of the first version."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("login", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("password_set_at", sa.BigInteger(), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("totp_last_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "disabled_at IS NULL OR typeof(disabled_at) = 'integer'",
            name=op.f("ck_account_disabled_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "password_set_at IS NULL OR typeof(password_set_at) = 'integer'",
            name=op.f("ck_account_password_set_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "totp_last_step IS NULL OR typeof(totp_last_step) = 'integer'",
            name=op.f("ck_account_totp_last_step_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
    )
    op.create_table(
        "account_failure",
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("locked_until", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "count IS NULL OR typeof(count) = 'integer'",
            name=op.f("ck_account_failure_count_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "last_at IS NULL OR typeof(last_at) = 'integer'",
            name=op.f("ck_account_failure_last_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "locked_until IS NULL OR typeof(locked_until) = 'integer'",
            name=op.f("ck_account_failure_locked_until_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_account_failure")),
    )
    op.create_table(
        "budget_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "amount_fen IS NULL OR typeof(amount_fen) = 'integer'",
            name=op.f("ck_budget_line_amount_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_line")),
        sa.UniqueConstraint(
            "district", "year", "source", name=op.f("uq_budget_line_district_year_source")
        ),
    )
    op.create_table(
        "candidate_site",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("daily_capacity", sa.Integer(), nullable=True),
        sa.Column("build_cost_fen", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "build_cost_fen IS NULL OR typeof(build_cost_fen) = 'integer'",
            name=op.f("ck_candidate_site_build_cost_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_candidate_site")),
    )
    op.create_table(
        "daily_tally",
        sa.Column("settle_month", sa.Integer(), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("meal", sa.Text(), nullable=False),
        sa.Column(
            "decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("reversals", sa.Integer(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("subsidy_fen", sa.BigInteger(), nullable=False),
        sa.Column("self_pay_fen", sa.BigInteger(), nullable=False),
        sa.Column("delivery_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "delivery_fen IS NULL OR typeof(delivery_fen) = 'integer'",
            name=op.f("ck_daily_tally_delivery_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "price_fen IS NULL OR typeof(price_fen) = 'integer'",
            name=op.f("ck_daily_tally_price_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "self_pay_fen IS NULL OR typeof(self_pay_fen) = 'integer'",
            name=op.f("ck_daily_tally_self_pay_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "subsidy_fen IS NULL OR typeof(subsidy_fen) = 'integer'",
            name=op.f("ck_daily_tally_subsidy_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.PrimaryKeyConstraint(
            "settle_month",
            "point_id",
            "late",
            "served_on",
            "meal",
            "decision_id",
            name=op.f("pk_daily_tally"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("digest", name=op.f("uq_decision_digest")),
    )
    op.create_table(
        "device",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("point_code", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "created_at IS NULL OR typeof(created_at) = 'integer'",
            name=op.f("ck_device_created_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "last_seen_at IS NULL OR typeof(last_seen_at) = 'integer'",
            name=op.f("ck_device_last_seen_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "revoked_at IS NULL OR typeof(revoked_at) = 'integer'",
            name=op.f("ck_device_revoked_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("name", name=op.f("uq_device_name")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_device_token_hash")),
    )
    op.create_table(
        "division",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("managed_by", sa.Text(), nullable=False),
        sa.Column("pop60", sa.Integer(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_division")),
    )
    op.create_table(
        "import_job",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("stored", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_job")),
    )
    with op.batch_alter_table("import_job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_job_at"), ["at"], unique=False)

    op.create_table(
        "operator",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uscc", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator")),
        sa.UniqueConstraint("uscc", name=op.f("uq_operator_uscc")),
    )
    op.create_table(
        "refused_attempt",
        sa.Column("key", sa.Text(collation="C").with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("point", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("credential", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("key", "code", name=op.f("pk_refused_attempt")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("refused_attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_refused_attempt_at"), ["at"], unique=False)

    op.create_table(
        "resident",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id_number", sa.LargeBinary(), nullable=False),
        sa.Column("id_last4", sa.Text(), nullable=False),
        sa.Column("id_converted", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "sort_key", sa.Text(collation="C").with_variant(sa.Text(), "sqlite"), nullable=False
        ),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("birth_on", sa.Date(), nullable=False),
        sa.Column("hukou_division", sa.Text(), nullable=False),
        sa.Column("residence_division", sa.Text(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("enrolled_on", sa.Date(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident")),
    )
    with op.batch_alter_table("resident", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_resident_hukou_division_resident_sort_key"),
            ["hukou_division", "sort_key"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_resident_id_last4"), ["id_last4"], unique=False)
        batch_op.create_index(batch_op.f("ix_resident_sort_key"), ["sort_key"], unique=False)

    op.create_table(
        "serving_key",
        sa.Column("key", sa.Text(collation="C").with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_serving_key")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "serving_slot",
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("meal", sa.Text(), nullable=False),
        sa.Column(
            "resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("served_on", "meal", "resident_id", name=op.f("pk_serving_slot")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "setting",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", "effective_from", name=op.f("pk_setting")),
    )
    op.create_table(
        "subsidy_policy",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("drafted_by", sa.Text(), nullable=False),
        sa.Column("drafted_at", sa.BigInteger(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("approved_at", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "status IN ('draft', 'approved', 'withdrawn')", name=op.f("ck_subsidy_policy_status")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subsidy_policy")),
        sa.UniqueConstraint("code", name=op.f("uq_subsidy_policy_code")),
    )
    op.create_table(
        "trail_event",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint(
            "at IS NULL OR typeof(at) = 'integer'", name=op.f("ck_trail_event_at_whole")
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "seq IS NULL OR typeof(seq) = 'integer'", name=op.f("ck_trail_event_seq_whole")
        ).ddl_if(dialect="sqlite"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_trail_event")),
    )
    with op.batch_alter_table("trail_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trail_event_action"), ["action"], unique=False)
        batch_op.create_index(batch_op.f("ix_trail_event_subject"), ["subject"], unique=False)

    op.create_table(
        "account_password",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_password_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_password")),
    )
    with op.batch_alter_table("account_password", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_account_password_account_id"), ["account_id"], unique=False
        )

    op.create_table(
        "account_session",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("factors", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "factors IS NULL OR typeof(factors) = 'integer'",
            name=op.f("ck_account_session_factors_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "started_at IS NULL OR typeof(started_at) = 'integer'",
            name=op.f("ck_account_session_started_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_session_account_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_account_session")),
    )
    with op.batch_alter_table("account_session", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_account_session_account_id"), ["account_id"], unique=False
        )

    op.create_table(
        "credential",
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column(
            "resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=True),
        sa.Column("last4", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_credential_resident_id")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_credential")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("credential", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_credential_resident_id"), ["resident_id"], unique=False
        )

    op.create_table(
        "meal_point",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("daily_capacity", sa.Integer(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("catering_mode", sa.Text(), nullable=False),
        sa.Column(
            "operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("licence_no", sa.Text(), nullable=False),
        sa.Column("licence_expires_on", sa.Date(), nullable=True),
        sa.Column("supplier", sa.Text(), nullable=False),
        sa.Column("lunch_hours", sa.Text(), nullable=False),
        sa.Column("dinner_hours", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operator.id"], name=op.f("fk_meal_point_operator_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meal_point")),
        sa.UniqueConstraint("code", name=op.f("uq_meal_point_code")),
    )
    with op.batch_alter_table("meal_point", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meal_point_division"), ["division"], unique=False)

    op.create_table(
        "name_key",
        sa.Column("key", sa.Text(collation="C").with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column(
            "resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_name_key_resident_id")
        ),
        sa.PrimaryKeyConstraint("key", "resident_id", name=op.f("pk_name_key")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("name_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_name_key_resident_id"), ["resident_id"], unique=False)

    op.create_table(
        "resident_fact",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "from_on IS NULL OR to_on IS NULL OR to_on >= from_on",
            name=op.f("ck_resident_fact_period"),
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_resident_fact_resident_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident_fact")),
        sa.UniqueConstraint(
            "resident_id",
            "kind",
            "value",
            "from_on",
            name=op.f("uq_resident_fact_resident_id_kind_value_from_on"),
        ),
    )
    op.create_table(
        "frozen_month",
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["point_id"], ["meal_point.id"], name=op.f("fk_frozen_month_point_id")
        ),
        sa.PrimaryKeyConstraint("point_id", "month", name=op.f("pk_frozen_month")),
    )
    op.create_table(
        "menu_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("meal", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=True),
        sa.Column("portion_g", sa.Double(), nullable=True),
        sa.Column("salt_g", sa.Double(), nullable=True),
        sa.Column("allergens", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "price_fen IS NULL OR typeof(price_fen) = 'integer'",
            name=op.f("ck_menu_item_price_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(
            ["point_id"], ["meal_point.id"], name=op.f("fk_menu_item_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_menu_item")),
        sa.UniqueConstraint(
            "point_id",
            "served_on",
            "meal",
            "name",
            name=op.f("uq_menu_item_point_id_served_on_meal_name"),
        ),
    )
    op.create_table(
        "point_suspension",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "to_on IS NULL OR to_on >= from_on", name=op.f("ck_point_suspension_period")
        ),
        sa.ForeignKeyConstraint(
            ["point_id"], ["meal_point.id"], name=op.f("fk_point_suspension_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_suspension")),
    )
    with op.batch_alter_table("point_suspension", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_point_suspension_point_id"), ["point_id"], unique=False
        )

    op.create_table(
        "purchase",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bought_on", sa.Date(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("quantity_kg", sa.Double(), nullable=True),
        sa.Column("supplier", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["point_id"], ["meal_point.id"], name=op.f("fk_purchase_point_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase")),
        sa.UniqueConstraint(
            "point_id",
            "bought_on",
            "item",
            "supplier",
            "batch",
            name=op.f("uq_purchase_point_id_bought_on_item_supplier_batch"),
        ),
    )
    op.create_table(
        "serving",
        sa.Column(
            "sequence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("key", sa.Text(collation="C").with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("served_at", sa.BigInteger(), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("meal", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("subsidy_fen", sa.BigInteger(), nullable=False),
        sa.Column("self_pay_fen", sa.BigInteger(), nullable=False),
        sa.Column("delivery_fen", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column(
            "decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("age", sa.SmallInteger(), nullable=False),
        sa.Column("settle_month", sa.Integer(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("reverses", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("content_mac", sa.LargeBinary(length=16), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "delivery_fen IS NULL OR typeof(delivery_fen) = 'integer'",
            name=op.f("ck_serving_delivery_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "meal IN ('breakfast', 'lunch', 'dinner')", name=op.f("ck_serving_meal")
        ),
        sa.CheckConstraint(
            "mode IN ('dine_in', 'take_away', 'delivery')", name=op.f("ck_serving_mode")
        ),
        sa.CheckConstraint(
            "price_fen IS NULL OR typeof(price_fen) = 'integer'",
            name=op.f("ck_serving_price_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "self_pay_fen IS NULL OR typeof(self_pay_fen) = 'integer'",
            name=op.f("ck_serving_self_pay_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "sequence IS NULL OR typeof(sequence) = 'integer'",
            name=op.f("ck_serving_sequence_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "subsidy_fen IS NULL OR typeof(subsidy_fen) = 'integer'",
            name=op.f("ck_serving_subsidy_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint("(reason IS NULL) = (subsidy_fen <> 0)", name=op.f("ck_serving_reason")),
        sa.CheckConstraint(
            "CASE WHEN reverses IS NULL THEN price_fen > 0 AND subsidy_fen >= 0 AND self_pay_fen >= 0 AND delivery_fen >= 0 ELSE price_fen < 0 AND subsidy_fen <= 0 AND self_pay_fen <= 0 AND delivery_fen <= 0 END",
            name=op.f("ck_serving_signs"),
        ),
        sa.CheckConstraint("length(key) BETWEEN 1 AND 64", name=op.f("ck_serving_key")),
        sa.CheckConstraint(
            "price_fen = subsidy_fen + self_pay_fen", name=op.f("ck_serving_price_parts")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_serving_decision_id")
        ),
        sa.ForeignKeyConstraint(["point_id"], ["meal_point.id"], name=op.f("fk_serving_point_id")),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_serving_resident_id")
        ),
        sa.ForeignKeyConstraint(
            ["reverses"], ["serving.sequence"], name=op.f("fk_serving_reverses")
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_serving")),
    )
    with op.batch_alter_table("serving", schema=None) as batch_op:
        batch_op.create_index(
            "ix_serving_day_resident", ["served_on", "resident_id", "subsidy_fen"], unique=False
        )
        batch_op.create_index(
            "ix_serving_late",
            ["settle_month", "point_id"],
            unique=False,
            sqlite_where=sa.text("late"),
            postgresql_where=sa.text("late"),
        )
        batch_op.create_index("ix_serving_point_day", ["point_id", "served_on"], unique=False)
        batch_op.create_index(
            "uq_serving_reverses",
            ["reverses"],
            unique=True,
            sqlite_where=sa.text("reverses IS NOT NULL"),
            postgresql_where=sa.text("reverses IS NOT NULL"),
        )

    op.create_table(
        "settlement_batch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column("payable_fen", sa.BigInteger(), nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("line_digest", sa.Text(), nullable=False),
        sa.Column(
            "last_sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("submitted_at", sa.BigInteger(), nullable=False),
        sa.Column("submitted_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "payable_fen IS NULL OR typeof(payable_fen) = 'integer'",
            name=op.f("ck_settlement_batch_payable_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(
            ["point_id"], ["meal_point.id"], name=op.f("fk_settlement_batch_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_batch")),
        sa.UniqueConstraint("month", "point_id", name=op.f("uq_settlement_batch_month_point_id")),
    )
    with op.batch_alter_table("settlement_batch", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_settlement_batch_point_id"), ["point_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("settlement_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_settlement_batch_point_id"))

    op.drop_table("settlement_batch")
    with op.batch_alter_table("serving", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_serving_reverses",
            sqlite_where=sa.text("reverses IS NOT NULL"),
            postgresql_where=sa.text("reverses IS NOT NULL"),
        )
        batch_op.drop_index("ix_serving_point_day")
        batch_op.drop_index(
            "ix_serving_late", sqlite_where=sa.text("late"), postgresql_where=sa.text("late")
        )
        batch_op.drop_index("ix_serving_day_resident")

    op.drop_table("serving")
    op.drop_table("purchase")
    with op.batch_alter_table("point_suspension", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_point_suspension_point_id"))

    op.drop_table("point_suspension")
    op.drop_table("menu_item")
    op.drop_table("frozen_month")
    op.drop_table("resident_fact")
    with op.batch_alter_table("name_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_name_key_resident_id"))

    op.drop_table("name_key")
    with op.batch_alter_table("meal_point", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meal_point_division"))

    op.drop_table("meal_point")
    with op.batch_alter_table("credential", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_credential_resident_id"))

    op.drop_table("credential")
    with op.batch_alter_table("account_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_session_account_id"))

    op.drop_table("account_session")
    with op.batch_alter_table("account_password", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_password_account_id"))

    op.drop_table("account_password")
    with op.batch_alter_table("trail_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_trail_event_subject"))
        batch_op.drop_index(batch_op.f("ix_trail_event_action"))

    op.drop_table("trail_event")
    op.drop_table("subsidy_policy")
    op.drop_table("setting")
    op.drop_table("serving_slot")
    op.drop_table("serving_key")
    with op.batch_alter_table("resident", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_resident_sort_key"))
        batch_op.drop_index(batch_op.f("ix_resident_id_last4"))
        batch_op.drop_index(batch_op.f("ix_resident_hukou_division_resident_sort_key"))

    op.drop_table("resident")
    with op.batch_alter_table("refused_attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_refused_attempt_at"))

    op.drop_table("refused_attempt")
    op.drop_table("operator")
    with op.batch_alter_table("import_job", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_job_at"))

    op.drop_table("import_job")
    op.drop_table("division")
    op.drop_table("device")
    op.drop_table("decision")
    op.drop_table("daily_tally")
    op.drop_table("candidate_site")
    op.drop_table("budget_line")
    op.drop_table("account_failure")
    op.drop_table("account")
