"""Findings, orders, replies, re-inspections and what else follows."""

import sqlalchemy as sa
from alembic import op

from mealsvc.plumbing.triggers import append_only, refused

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

APPEND_ONLY = {
    "finding_act": ["id"],
    "rectification_reply": ["id"],
    "reply_photo": ["reply_id", "photo_id"],
    "re_inspection": ["id"],
    "re_inspection_item": ["re_inspection_id", "finding_id"],
    "referral_finding": ["referral_id", "finding_id"],
    "interview": ["id"],
    "delivery_receipt": ["id"],
}
GUARDED = (
    ("finding", "kept", "DELETE", "1 = 1"),
    (
        "finding",
        "fixed",
        "UPDATE OF point_id, visit_id, source, item, checklist, critical, fact, repeats, found_on, found_at, found_by",
        "1 = 1",
    ),
    ("finding", "ended", "UPDATE", "OLD.state IN ('closed', 'fixed', 'referred')"),
    ("rectification_order", "kept", "DELETE", "1 = 1"),
    (
        "rectification_order",
        "fixed",
        "UPDATE OF number, point_id, visit_id, issued_on, issued_at, issued_by, working_days, first_deadline, consequence",
        "1 = 1",
    ),
    ("rectification_order", "ended", "UPDATE", "OLD.state = 'closed'"),
    ("order_item", "kept", "DELETE", "1 = 1"),
    ("order_item", "fixed", "UPDATE OF order_id, finding_id, demand", "1 = 1"),
    ("order_item", "ended", "UPDATE OF closed_on", "OLD.closed_on IS NOT NULL"),
    ("referral", "kept", "DELETE", "1 = 1"),
    (
        "referral",
        "fixed",
        "UPDATE OF number, point_id, body, copy_only, facts, evidence, contact, sent_on, sent_at, by",
        "1 = 1",
    ),
    ("referral", "receipted", "UPDATE OF receipt_no, receipt_on", "OLD.receipt_on IS NOT NULL"),
    ("referral", "answered", "UPDATE OF answer", "OLD.answer <> ''"),
    ("measure", "kept", "DELETE", "1 = 1"),
    (
        "measure",
        "fixed",
        "UPDATE OF number, kind, point_id, finding_id, from_on, facts, basis, decided_at, decided_by",
        "1 = 1",
    ),
    ("measure", "ended", "UPDATE", "OLD.resumed_at IS NOT NULL"),
)


def upgrade() -> None:
    op.create_table(
        "finding",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("visit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("checklist", sa.Text(), nullable=False),
        sa.Column("critical", sa.Boolean(), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("repeats", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("found_at", sa.BigInteger(), nullable=False),
        sa.Column("found_by", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "closed_at IS NULL OR typeof(closed_at) = 'integer'",
            name=op.f("ck_finding_closed_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "found_at IS NULL OR typeof(found_at) = 'integer'",
            name=op.f("ck_finding_found_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "source IN ('visit', 'complaint', 'log', 'other')", name=op.f("ck_finding_source")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'ordered', 'replied', 'closed', 'fixed', 'referred')",
            name=op.f("ck_finding_state"),
        ),
        sa.ForeignKeyConstraint(
            ["checklist"], ["checklist_version.version"], name=op.f("fk_finding_checklist")
        ),
        sa.ForeignKeyConstraint(["point_id"], ["meal_point.id"], name=op.f("fk_finding_point_id")),
        sa.ForeignKeyConstraint(["repeats"], ["finding.id"], name=op.f("fk_finding_repeats")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_finding_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint("visit_id", "item", name=op.f("uq_finding_visit_id_item")),
    )
    op.create_index(op.f("ix_finding_point"), "finding", ["point_id", "found_on"])
    op.create_index(op.f("ix_finding_state"), "finding", ["state", "found_on"])
    op.create_table(
        "finding_act",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "finding_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "at IS NULL OR typeof(at) = 'integer'", name=op.f("ck_finding_act_at_whole")
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["finding.id"], name=op.f("fk_finding_act_finding_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_act")),
    )
    op.create_index(op.f("ix_finding_act_finding_id"), "finding_act", ["finding_id"])
    op.create_table(
        "rectification_order",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("visit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("working_days", sa.Integer(), nullable=False),
        sa.Column("first_deadline", sa.Date(), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=False),
        sa.Column("consequence", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "closed_at IS NULL OR typeof(closed_at) = 'integer'",
            name=op.f("ck_rectification_order_closed_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "issued_at IS NULL OR typeof(issued_at) = 'integer'",
            name=op.f("ck_rectification_order_issued_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "state IN ('issued', 'replied', 'closed')", name=op.f("ck_rectification_order_state")
        ),
        sa.ForeignKeyConstraint(
            ["point_id"], ["meal_point.id"], name=op.f("fk_rectification_order_point_id")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_rectification_order_visit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rectification_order")),
        sa.UniqueConstraint("number", name=op.f("uq_rectification_order_number")),
    )
    op.create_index(
        op.f("ix_rectification_order_point"), "rectification_order", ["point_id", "deadline"]
    )
    op.create_index(
        op.f("ix_rectification_order_state"), "rectification_order", ["state", "deadline"]
    )
    op.create_table(
        "order_item",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "finding_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("demand", sa.Text(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["finding.id"], name=op.f("fk_order_item_finding_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["rectification_order.id"], name=op.f("fk_order_item_order_id")
        ),
        sa.PrimaryKeyConstraint("order_id", "finding_id", name=op.f("pk_order_item")),
        sa.UniqueConstraint("finding_id", name=op.f("uq_order_item_finding_id")),
    )
    op.create_table(
        "rectification_reply",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "finding_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("replied_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "replied_at IS NULL OR typeof(replied_at) = 'integer'",
            name=op.f("ck_rectification_reply_replied_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["finding.id"], name=op.f("fk_rectification_reply_finding_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["rectification_order.id"], name=op.f("fk_rectification_reply_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rectification_reply")),
        sa.UniqueConstraint(
            "order_id",
            "finding_id",
            "round",
            name=op.f("uq_rectification_reply_order_id_finding_id_round"),
        ),
    )
    op.create_table(
        "reply_photo",
        sa.Column("reply_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.CheckConstraint("side IN ('before', 'after')", name=op.f("ck_reply_photo_side")),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name=op.f("fk_reply_photo_photo_id")),
        sa.ForeignKeyConstraint(
            ["reply_id"], ["rectification_reply.id"], name=op.f("fk_reply_photo_reply_id")
        ),
        sa.PrimaryKeyConstraint("reply_id", "photo_id", name=op.f("pk_reply_photo")),
    )
    op.create_table(
        "re_inspection",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("lead_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "second_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("present", sa.Text(), nullable=False),
        sa.Column("conclusion", sa.Text(), nullable=False),
        sa.Column("next_step", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "checked_at IS NULL OR typeof(checked_at) = 'integer'",
            name=op.f("ck_re_inspection_checked_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint("lead_id <> second_id", name=op.f("ck_re_inspection_two")),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["inspector.id"], name=op.f("fk_re_inspection_lead_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["rectification_order.id"], name=op.f("fk_re_inspection_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["inspector.id"], name=op.f("fk_re_inspection_second_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_re_inspection")),
        sa.UniqueConstraint("number", name=op.f("uq_re_inspection_number")),
    )
    op.create_index(op.f("ix_re_inspection_order_id"), "re_inspection", ["order_id"])
    op.create_table(
        "re_inspection_item",
        sa.Column(
            "re_inspection_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "finding_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "result IN ('done', 'partial', 'undone')", name=op.f("ck_re_inspection_item_result")
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["finding.id"], name=op.f("fk_re_inspection_item_finding_id")
        ),
        sa.ForeignKeyConstraint(
            ["re_inspection_id"],
            ["re_inspection.id"],
            name=op.f("fk_re_inspection_item_re_inspection_id"),
        ),
        sa.PrimaryKeyConstraint(
            "re_inspection_id", "finding_id", name=op.f("pk_re_inspection_item")
        ),
    )
    op.create_table(
        "referral",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("copy_only", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("receipt_no", sa.Text(), nullable=False),
        sa.Column("receipt_on", sa.Date(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "sent_at IS NULL OR typeof(sent_at) = 'integer'", name=op.f("ck_referral_sent_at_whole")
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(["point_id"], ["meal_point.id"], name=op.f("fk_referral_point_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
        sa.UniqueConstraint("number", name=op.f("uq_referral_number")),
    )
    op.create_index(op.f("ix_referral_point_id"), "referral", ["point_id"])
    op.create_table(
        "referral_finding",
        sa.Column(
            "referral_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "finding_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["finding.id"], name=op.f("fk_referral_finding_finding_id")
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_referral_finding_referral_id")
        ),
        sa.PrimaryKeyConstraint("referral_id", "finding_id", name=op.f("pk_referral_finding")),
    )
    op.create_index(op.f("ix_referral_finding_finding_id"), "referral_finding", ["finding_id"])
    op.create_table(
        "interview",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "finding_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("held_at", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("hosts", sa.Text(), nullable=False),
        sa.Column("attendees", sa.Text(), nullable=False),
        sa.Column("matters", sa.Text(), nullable=False),
        sa.Column("commitments", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "held_at IS NULL OR typeof(held_at) = 'integer'",
            name=op.f("ck_interview_held_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "recorded_at IS NULL OR typeof(recorded_at) = 'integer'",
            name=op.f("ck_interview_recorded_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["finding.id"], name=op.f("fk_interview_finding_id")
        ),
        sa.ForeignKeyConstraint(
            ["point_id"], ["meal_point.id"], name=op.f("fk_interview_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interview")),
        sa.UniqueConstraint("number", name=op.f("uq_interview_number")),
    )
    op.create_index(op.f("ix_interview_point_id"), "interview", ["point_id"])
    op.create_table(
        "measure",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "finding_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "suspension_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("resume_number", sa.Text(), nullable=True),
        sa.Column("resumed_on", sa.Date(), nullable=True),
        sa.Column("resumed_why", sa.Text(), nullable=False),
        sa.Column("resumed_at", sa.BigInteger(), nullable=True),
        sa.Column("resumed_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "decided_at IS NULL OR typeof(decided_at) = 'integer'",
            name=op.f("ck_measure_decided_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "kind IN ('subsidy', 'point', 'terminate')", name=op.f("ck_measure_kind")
        ),
        sa.CheckConstraint(
            "resumed_at IS NULL OR typeof(resumed_at) = 'integer'",
            name=op.f("ck_measure_resumed_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.id"], name=op.f("fk_measure_finding_id")),
        sa.ForeignKeyConstraint(["point_id"], ["meal_point.id"], name=op.f("fk_measure_point_id")),
        sa.ForeignKeyConstraint(
            ["suspension_id"], ["point_suspension.id"], name=op.f("fk_measure_suspension_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure")),
        sa.UniqueConstraint("number", name=op.f("uq_measure_number")),
        sa.UniqueConstraint("resume_number", name=op.f("uq_measure_resume_number")),
    )
    op.create_index(op.f("ix_measure_point_id"), "measure", ["point_id"])
    op.create_table(
        "delivery_receipt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("paper", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("witness", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("strokes", sa.LargeBinary(), nullable=True),
        sa.Column("delivered_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "delivered_at IS NULL OR typeof(delivered_at) = 'integer'",
            name=op.f("ck_delivery_receipt_delivered_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "method IN ('direct', 'left', 'post', 'electronic')",
            name=op.f("ck_delivery_receipt_method"),
        ),
        sa.CheckConstraint(
            "recorded_at IS NULL OR typeof(recorded_at) = 'integer'",
            name=op.f("ck_delivery_receipt_recorded_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(
            ["point_id"], ["meal_point.id"], name=op.f("fk_delivery_receipt_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_receipt")),
        sa.UniqueConstraint("number", name=op.f("uq_delivery_receipt_number")),
    )
    op.create_index(op.f("ix_delivery_receipt_paper"), "delivery_receipt", ["paper"])
    op.add_column(
        "point_suspension", sa.Column("scope", sa.Text(), server_default="point", nullable=False)
    )
    dialect = op.get_bind().dialect.name
    for table, key in APPEND_ONLY.items():
        for statement in append_only(table, key, dialect):
            op.execute(statement)
    for table, name, event, when in GUARDED:
        op.execute(refused(table, name, event, when, dialect))


def downgrade() -> None:
    op.drop_table("delivery_receipt")
    op.drop_table("measure")
    op.drop_table("interview")
    op.drop_table("referral_finding")
    op.drop_table("referral")
    op.drop_table("re_inspection_item")
    op.drop_table("re_inspection")
    op.drop_table("reply_photo")
    op.drop_table("rectification_reply")
    op.drop_table("order_item")
    op.drop_table("rectification_order")
    op.drop_table("finding_act")
    op.drop_table("finding")
    op.drop_column("point_suspension", "scope")
