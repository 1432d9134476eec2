"""Survey rounds, their sheets, draws, costs, trials and words."""

import sqlalchemy as sa
from alembic import op

from mealsvc.plumbing.triggers import append_only, refused

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

APPEND_ONLY = {
    "survey_entry": ["id"],
    "survey_act": ["id"],
    "survey_snapshot": ["round_id"],
    "survey_draw": ["id"],
    "survey_person": ["draw_id", "place"],
    "survey_text": ["id"],
    "point_cost": ["id"],
    "tariff_trial": ["id"],
}
GUARDED = (
    ("survey_round", "kept", "DELETE", "1 = 1"),
    ("survey_round", "locked", "UPDATE", "OLD.locked_at IS NOT NULL"),
    ("survey_sheet", "kept", "DELETE", "1 = 1"),
)
# Table, event, and how a row of it finds its round: nothing of a locked round changes.
LOCKED = (
    ("survey_sheet", "INSERT", "NEW.round_id"),
    ("survey_sheet", "UPDATE", "OLD.round_id"),
    ("survey_entry", "INSERT", "(SELECT round_id FROM survey_sheet WHERE id = NEW.sheet_id)"),
    ("survey_act", "INSERT", "(SELECT round_id FROM survey_sheet WHERE id = NEW.sheet_id)"),
)


def upgrade() -> None:
    op.create_table(
        "survey_round",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("forms", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("locked_at", sa.BigInteger(), nullable=True),
        sa.Column("locked_by", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "locked_at IS NULL OR typeof(locked_at) = 'integer'",
            name=op.f("ck_survey_round_locked_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "opened_at IS NULL OR typeof(opened_at) = 'integer'",
            name=op.f("ck_survey_round_opened_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_round")),
        sa.UniqueConstraint("number", name=op.f("uq_survey_round_number")),
    )
    op.create_table(
        "survey_draw",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("strata", sa.Text(), nullable=False),
        sa.Column("population", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "at IS NULL OR typeof(at) = 'integer'", name=op.f("ck_survey_draw_at_whole")
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(
            ["round_id"], ["survey_round.id"], name=op.f("fk_survey_draw_round_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_draw")),
        sa.UniqueConstraint("round_id", name=op.f("uq_survey_draw_round_id")),
    )
    op.create_table(
        "survey_sheet",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column(
            "resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), server_default="issued", nullable=False),
        sa.Column("edition", sa.Integer(), server_default="0", nullable=False),
        sa.Column("draft", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("form IN ('A', 'B', 'C', 'D', 'E')", name=op.f("ck_survey_sheet_form")),
        sa.CheckConstraint(
            "state IN ('issued', 'filled', 'village', 'town', 'accepted', 'returned', 'left')",
            name=op.f("ck_survey_sheet_state"),
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["survey_round.id"], name=op.f("fk_survey_sheet_round_id")
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_survey_sheet_resident_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_sheet")),
        sa.UniqueConstraint(
            "round_id", "form", "unit", name=op.f("uq_survey_sheet_round_id_form_unit")
        ),
    )
    with op.batch_alter_table("survey_sheet", schema=None) as batch_op:
        batch_op.create_index(
            "ix_survey_sheet_desk", ["round_id", "division", "state"], unique=False
        )

    op.create_table(
        "survey_snapshot",
        sa.Column(
            "round_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "at IS NULL OR typeof(at) = 'integer'", name=op.f("ck_survey_snapshot_at_whole")
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(
            ["round_id"], ["survey_round.id"], name=op.f("fk_survey_snapshot_round_id")
        ),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_survey_snapshot")),
    )
    op.create_table(
        "survey_text",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "at IS NULL OR typeof(at) = 'integer'", name=op.f("ck_survey_text_at_whole")
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(
            ["round_id"], ["survey_round.id"], name=op.f("fk_survey_text_round_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_text")),
        sa.UniqueConstraint(
            "round_id", "section", "edition", name=op.f("uq_survey_text_round_id_section_edition")
        ),
    )
    op.create_table(
        "tariff_trial",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "at IS NULL OR typeof(at) = 'integer'", name=op.f("ck_tariff_trial_at_whole")
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(
            ["round_id"], ["survey_round.id"], name=op.f("fk_tariff_trial_round_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tariff_trial")),
    )
    with op.batch_alter_table("tariff_trial", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tariff_trial_round_id"), ["round_id"], unique=False)

    op.create_table(
        "point_cost",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("fixed_fen", sa.BigInteger(), nullable=False),
        sa.Column("variable_fen", sa.BigInteger(), nullable=False),
        sa.Column("other_fen", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "at IS NULL OR typeof(at) = 'integer'", name=op.f("ck_point_cost_at_whole")
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "fixed_fen IS NULL OR typeof(fixed_fen) = 'integer'",
            name=op.f("ck_point_cost_fixed_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "other_fen IS NULL OR typeof(other_fen) = 'integer'",
            name=op.f("ck_point_cost_other_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "variable_fen IS NULL OR typeof(variable_fen) = 'integer'",
            name=op.f("ck_point_cost_variable_fen_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "fixed_fen >= 0 AND variable_fen >= 0 AND other_fen >= 0",
            name=op.f("ck_point_cost_amounts"),
        ),
        sa.ForeignKeyConstraint(
            ["point_id"], ["meal_point.id"], name=op.f("fk_point_cost_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_cost")),
    )
    with op.batch_alter_table("point_cost", schema=None) as batch_op:
        batch_op.create_index("ix_point_cost_point", ["point_id", "month", "id"], unique=False)

    op.create_table(
        "survey_act",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sheet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("fields", sa.Text(), server_default="{}", nullable=False),
        sa.Column("person", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "act IN ('fill', 'village', 'town', 'accept', 'return', 'leave')",
            name=op.f("ck_survey_act_act"),
        ),
        sa.CheckConstraint(
            "at IS NULL OR typeof(at) = 'integer'", name=op.f("ck_survey_act_at_whole")
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["survey_sheet.id"], name=op.f("fk_survey_act_sheet_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_act")),
    )
    with op.batch_alter_table("survey_act", schema=None) as batch_op:
        batch_op.create_index("ix_survey_act_sheet", ["sheet_id", "id"], unique=False)

    op.create_table(
        "survey_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sheet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("remarks", sa.LargeBinary(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "at IS NULL OR typeof(at) = 'integer'", name=op.f("ck_survey_entry_at_whole")
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["survey_sheet.id"], name=op.f("fk_survey_entry_sheet_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_entry")),
        sa.UniqueConstraint("sheet_id", "edition", name=op.f("uq_survey_entry_sheet_id_edition")),
    )
    op.create_table(
        "survey_person",
        sa.Column("draw_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column(
            "resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("stratum", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draw_id"], ["survey_draw.id"], name=op.f("fk_survey_person_draw_id")
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_survey_person_resident_id")
        ),
        sa.PrimaryKeyConstraint("draw_id", "place", name=op.f("pk_survey_person")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("survey_person", schema=None) as batch_op:
        batch_op.create_index("ix_survey_person_resident", ["resident_id"], unique=False)
    dialect = op.get_bind().dialect.name
    for table, key in APPEND_ONLY.items():
        for statement in append_only(table, key, dialect):
            op.execute(statement)
    for table, name, event, when in GUARDED:
        op.execute(refused(table, name, event, when, dialect))
    for table, event, round_id in LOCKED:
        for statement in _locked(table, event, round_id, dialect):
            op.execute(statement)


def _locked(table: str, event: str, round_id: str, dialect: str) -> list[str]:
    """Statements after which the table refuses the event where the row's round is locked."""
    name = f"{table}_locked_{event.lower()}"
    locked = f"EXISTS (SELECT 1 FROM survey_round WHERE id = {round_id} AND locked_at IS NOT NULL)"
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {locked}"
            f" BEGIN SELECT RAISE(ABORT, '{table}: locked'); END"
        ]
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {locked} THEN"
        f" RAISE EXCEPTION '{table}: locked' USING ERRCODE = 'integrity_constraint_violation';"
        " END IF; RETURN NEW; END $$",
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]


def downgrade() -> None:
    with op.batch_alter_table("survey_person", schema=None) as batch_op:
        batch_op.drop_index("ix_survey_person_resident")

    op.drop_table("survey_person")
    op.drop_table("survey_entry")
    with op.batch_alter_table("survey_act", schema=None) as batch_op:
        batch_op.drop_index("ix_survey_act_sheet")

    op.drop_table("survey_act")
    with op.batch_alter_table("point_cost", schema=None) as batch_op:
        batch_op.drop_index("ix_point_cost_point")

    op.drop_table("point_cost")
    with op.batch_alter_table("tariff_trial", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tariff_trial_round_id"))

    op.drop_table("tariff_trial")
    op.drop_table("survey_text")
    op.drop_table("survey_snapshot")
    with op.batch_alter_table("survey_sheet", schema=None) as batch_op:
        batch_op.drop_index("ix_survey_sheet_desk")

    op.drop_table("survey_sheet")
    op.drop_table("survey_draw")
    op.drop_table("survey_round")
    if op.get_bind().dialect.name == "postgresql":
        for table, event, _ in LOCKED:
            op.execute(f"DROP FUNCTION {table}_locked_{event.lower()}()")
