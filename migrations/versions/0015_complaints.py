"""Complaints and ratings."""

import sqlalchemy as sa
from alembic import op

from mealsvc.plumbing.triggers import append_only, refused

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

APPEND_ONLY = {"complaint_act": ["id"], "rating": ["id"]}
GUARDED = (
    ("complaint", "kept", "DELETE", "1 = 1"),
    (
        "complaint",
        "fixed",
        "UPDATE OF key, number, point_id, channel, kind, words, contact, received_on, received_at,"
        " received_by, visitor, due_on",
        "1 = 1",
    ),
    ("complaint", "ended", "UPDATE", "OLD.state = 'closed'"),
)


def upgrade() -> None:
    op.create_table(
        "complaint",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("contact", sa.LargeBinary(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("received_by", sa.Text(), nullable=False),
        sa.Column("visitor", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("assigned_to", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("upheld", sa.Boolean(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "closed_at IS NULL OR typeof(closed_at) = 'integer'",
            name=op.f("ck_complaint_closed_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "received_at IS NULL OR typeof(received_at) = 'integer'",
            name=op.f("ck_complaint_received_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "state IN ('new', 'assigned', 'answered', 'closed')", name=op.f("ck_complaint_state")
        ),
        sa.ForeignKeyConstraint(
            ["point_id"], ["meal_point.id"], name=op.f("fk_complaint_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        sa.UniqueConstraint("key", name=op.f("uq_complaint_key")),
        sa.UniqueConstraint("number", name=op.f("uq_complaint_number")),
    )
    op.create_index(op.f("ix_complaint_point"), "complaint", ["point_id", "received_on"])
    op.create_index(op.f("ix_complaint_state"), "complaint", ["state", "due_on"])
    op.create_table(
        "complaint_act",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "complaint_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "at IS NULL OR typeof(at) = 'integer'", name=op.f("ck_complaint_act_at_whole")
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_act_complaint_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_act")),
    )
    op.create_index(op.f("ix_complaint_act_complaint_id"), "complaint_act", ["complaint_id"])
    op.create_table(
        "rating",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rated_on", sa.Date(), nullable=False),
        sa.Column("visitor", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("dish", sa.Integer(), nullable=True),
        sa.Column("price", sa.Integer(), nullable=True),
        sa.Column("service", sa.Integer(), nullable=True),
        sa.Column("rated_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "rated_at IS NULL OR typeof(rated_at) = 'integer'",
            name=op.f("ck_rating_rated_at_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "stars IS NULL OR typeof(stars) = 'integer'", name=op.f("ck_rating_stars_whole")
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_rating_stars")),
        sa.ForeignKeyConstraint(["point_id"], ["meal_point.id"], name=op.f("fk_rating_point_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating")),
        sa.UniqueConstraint(
            "point_id", "rated_on", "visitor", name=op.f("uq_rating_point_id_rated_on_visitor")
        ),
    )
    dialect = op.get_bind().dialect.name
    for table, key in APPEND_ONLY.items():
        for statement in append_only(table, key, dialect):
            op.execute(statement)
    for table, name, event, when in GUARDED:
        op.execute(refused(table, name, event, when, dialect))


def downgrade() -> None:
    op.drop_table("rating")
    op.drop_table("complaint_act")
    op.drop_table("complaint")
