"""The checklist, photos, inspectors, plans and visits."""

import sqlalchemy as sa
from alembic import op

from mealsvc.plumbing.triggers import append_only, refused

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

APPEND_ONLY = {
    "checklist_version": ["version"],
    "photo": ["id"],
    "photo_file": ["photo_id"],
    "visit_result": ["visit_id", "item"],
    "visit_photo": ["visit_id", "item", "photo_id"],
    "visit_signature": ["visit_id", "part"],
}
GUARDED = (
    ("visit", "kept", "DELETE", "1 = 1"),
    ("visit", "locked", "UPDATE", "OLD.status IN ('signed', 'cancelled')"),
    ("visit", "named", "UPDATE OF key, point_id, kind, mode, checklist, made_by, made_at", "1 = 1"),
    ("visit_plan", "kept", "DELETE", "1 = 1"),
    ("visit_plan", "decided", "UPDATE", "OLD.status <> 'draft'"),
)


def upgrade() -> None:
    op.create_table(
        "checklist_version",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "issued_at IS NULL OR typeof(issued_at) = 'integer'",
            name=op.f("ck_checklist_version_issued_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_checklist_version")),
    )
    op.create_table(
        "photo",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("taken_at", sa.BigInteger(), nullable=True),
        sa.Column("taken_from", sa.Text(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("original_sha256", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "received_at IS NULL OR typeof(received_at) = 'integer'",
            name=op.f("ck_photo_received_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "taken_at IS NULL OR typeof(taken_at) = 'integer'", name=op.f("ck_photo_taken_at_whole")
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(["point_id"], ["meal_point.id"], name=op.f("fk_photo_point_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
        sa.UniqueConstraint("key", name=op.f("uq_photo_key")),
    )
    op.create_index(op.f("ix_photo_subject"), "photo", ["subject"])
    op.create_table(
        "photo_file",
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name=op.f("fk_photo_file_photo_id")),
        sa.PrimaryKeyConstraint("photo_id", name=op.f("pk_photo_file")),
    )
    op.create_table(
        "inspector",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("card_no", sa.Text(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspector")),
        sa.UniqueConstraint("card_no", name=op.f("uq_inspector_card_no")),
        sa.UniqueConstraint("login", name=op.f("uq_inspector_login")),
    )
    op.create_table(
        "inspector_interest",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "inspector_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("declared_at", sa.BigInteger(), nullable=False),
        sa.Column("declared_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "declared_at IS NULL OR typeof(declared_at) = 'integer'",
            name=op.f("ck_inspector_interest_declared_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "ended_at IS NULL OR typeof(ended_at) = 'integer'",
            name=op.f("ck_inspector_interest_ended_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "(point_id IS NULL) <> (operator_id IS NULL)", name=op.f("ck_inspector_interest_about")
        ),
        sa.ForeignKeyConstraint(
            ["inspector_id"], ["inspector.id"], name=op.f("fk_inspector_interest_inspector_id")
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operator.id"], name=op.f("fk_inspector_interest_operator_id")
        ),
        sa.ForeignKeyConstraint(
            ["point_id"], ["meal_point.id"], name=op.f("fk_inspector_interest_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspector_interest")),
    )
    op.create_index(
        op.f("ix_inspector_interest_inspector_id"), "inspector_interest", ["inspector_id"]
    )
    op.create_table(
        "visit_plan",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("draw", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "decided_at IS NULL OR typeof(decided_at) = 'integer'",
            name=op.f("ck_visit_plan_decided_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "kind IN ('admin_inspection', 'contract_patrol', 'npc_supervision', 'joint', 'spot_audit', 'self_check')",
            name=op.f("ck_visit_plan_kind"),
        ),
        sa.CheckConstraint(
            "made_at IS NULL OR typeof(made_at) = 'integer'",
            name=op.f("ck_visit_plan_made_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "mode IN ('full', 'daily', 'patrol', 'audit')", name=op.f("ck_visit_plan_mode")
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'approved', 'refused', 'withdrawn')",
            name=op.f("ck_visit_plan_status"),
        ),
        sa.CheckConstraint("to_on >= from_on", name=op.f("ck_visit_plan_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_plan")),
        sa.UniqueConstraint("number", name=op.f("uq_visit_plan_number")),
    )
    op.create_table(
        "visit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("checklist", sa.Text(), nullable=False),
        sa.Column("traits", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("unannounced", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("notice_number", sa.Text(), nullable=False),
        sa.Column("noticed_at", sa.BigInteger(), nullable=True),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("cancelled_why", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("present", sa.Text(), nullable=False),
        sa.Column("cards_shown", sa.Boolean(), nullable=False),
        sa.Column("recusal", sa.Text(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=True),
        sa.Column("till_count", sa.Integer(), nullable=True),
        sa.Column("system_count", sa.Integer(), nullable=True),
        sa.Column("counted_at", sa.BigInteger(), nullable=True),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("refused_why", sa.Text(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("conclusion", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=True),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "counted_at IS NULL OR typeof(counted_at) = 'integer'",
            name=op.f("ck_visit_counted_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "ended_at IS NULL OR typeof(ended_at) = 'integer'", name=op.f("ck_visit_ended_at_whole")
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint("grade IN ('', 'A', 'B', 'C', 'D')", name=op.f("ck_visit_grade")),
        sa.CheckConstraint(
            "kind IN ('admin_inspection', 'contract_patrol', 'npc_supervision', 'joint', 'spot_audit', 'self_check')",
            name=op.f("ck_visit_kind"),
        ),
        sa.CheckConstraint(
            "made_at IS NULL OR typeof(made_at) = 'integer'", name=op.f("ck_visit_made_at_whole")
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "mode IN ('full', 'daily', 'patrol', 'audit')", name=op.f("ck_visit_mode")
        ),
        sa.CheckConstraint(
            "noticed_at IS NULL OR typeof(noticed_at) = 'integer'",
            name=op.f("ck_visit_noticed_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "score IS NULL OR typeof(score) = 'integer'", name=op.f("ck_visit_score_whole")
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "signed_at IS NULL OR typeof(signed_at) = 'integer'",
            name=op.f("ck_visit_signed_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "started_at IS NULL OR typeof(started_at) = 'integer'",
            name=op.f("ck_visit_started_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "status IN ('planned', 'noticed', 'under_way', 'signed', 'cancelled')",
            name=op.f("ck_visit_status"),
        ),
        sa.ForeignKeyConstraint(
            ["checklist"], ["checklist_version.version"], name=op.f("fk_visit_checklist")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["visit_plan.id"], name=op.f("fk_visit_plan_id")),
        sa.ForeignKeyConstraint(["point_id"], ["meal_point.id"], name=op.f("fk_visit_point_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("key", name=op.f("uq_visit_key")),
        sa.UniqueConstraint("number", name=op.f("uq_visit_number")),
    )
    op.create_index(op.f("ix_visit_plan"), "visit", ["plan_id"])
    op.create_index(op.f("ix_visit_planned_on"), "visit", ["planned_on"])
    op.create_index(op.f("ix_visit_point"), "visit", ["point_id", "planned_on"])
    op.create_table(
        "visit_inspector",
        sa.Column("visit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "inspector_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("lead", sa.Boolean(), nullable=False),
        sa.Column("recused_why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspector_id"], ["inspector.id"], name=op.f("fk_visit_inspector_inspector_id")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_visit_inspector_visit_id")
        ),
        sa.PrimaryKeyConstraint("visit_id", "inspector_id", name=op.f("pk_visit_inspector")),
    )
    op.create_table(
        "visit_draft",
        sa.Column("visit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "saved_at IS NULL OR typeof(saved_at) = 'integer'",
            name=op.f("ck_visit_draft_saved_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_draft_visit_id")),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_visit_draft")),
    )
    op.create_table(
        "visit_result",
        sa.Column("visit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("measured", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "result IN ('PASS', 'PARTIAL', 'FAIL', 'NA')", name=op.f("ck_visit_result_result")
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_result_visit_id")),
        sa.PrimaryKeyConstraint("visit_id", "item", name=op.f("pk_visit_result")),
    )
    op.create_index(op.f("ix_visit_result_item"), "visit_result", ["item"])
    op.create_table(
        "visit_photo",
        sa.Column("visit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name=op.f("fk_visit_photo_photo_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_photo_visit_id")),
        sa.PrimaryKeyConstraint("visit_id", "item", "photo_id", name=op.f("pk_visit_photo")),
    )
    op.create_table(
        "visit_signature",
        sa.Column("visit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("strokes", sa.LargeBinary(), nullable=True),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "part IN ('lead', 'second', 'unit', 'witness')", name=op.f("ck_visit_signature_part")
        ),
        sa.CheckConstraint(
            "signed_at IS NULL OR typeof(signed_at) = 'integer'",
            name=op.f("ck_visit_signature_signed_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_visit_signature_visit_id")
        ),
        sa.PrimaryKeyConstraint("visit_id", "part", name=op.f("pk_visit_signature")),
    )
    dialect = op.get_bind().dialect.name
    for table, key in APPEND_ONLY.items():
        for statement in append_only(table, key, dialect):
            op.execute(statement)
    for table, name, event, when in GUARDED:
        op.execute(refused(table, name, event, when, dialect))


def downgrade() -> None:
    op.drop_table("visit_signature")
    op.drop_table("visit_photo")
    op.drop_table("visit_result")
    op.drop_table("visit_draft")
    op.drop_table("visit_inspector")
    op.drop_table("visit")
    op.drop_table("visit_plan")
    op.drop_table("inspector_interest")
    op.drop_table("inspector")
    op.drop_table("photo_file")
    op.drop_table("photo")
    op.drop_table("checklist_version")
