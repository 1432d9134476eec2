"""Seals over the record."""

import json

import sqlalchemy as sa
from alembic import op

from mealsvc.plumbing.triggers import append_only

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

APPEND_ONLY = {"record_seal": ["id"]}


def upgrade() -> None:
    op.create_table(
        "record_seal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("to_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "at IS NULL OR typeof(at) = 'integer'", name=op.f("ck_record_seal_at_whole")
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "from_seq IS NULL OR typeof(from_seq) = 'integer'",
            name=op.f("ck_record_seal_from_seq_whole"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "to_seq IS NULL OR typeof(to_seq) = 'integer'", name=op.f("ck_record_seal_to_seq_whole")
        ).ddl_if(dialect="sqlite"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_seal")),
        sa.UniqueConstraint("to_seq", name=op.f("uq_record_seal_to_seq")),
    )
    with op.batch_alter_table("record_seal", schema=None) as batch_op:
        batch_op.create_index("ix_record_seal_digest", ["digest"], unique=False)
    dialect = op.get_bind().dialect.name
    _put_back()
    for table, key in APPEND_ONLY.items():
        for statement in append_only(table, key, dialect):
            op.execute(statement)


def _put_back() -> None:
    """Seals made before older programs ran for a while: the trail tells of each."""
    seals = sa.table(
        "record_seal",
        *(sa.column(name) for name in ("id", "from_seq", "to_seq", "root", "digest", "at", "by")),
    )
    told = sa.text("SELECT subject, actor, detail FROM trail_event WHERE action = 'seals.seal'")
    for row in op.get_bind().execute(told).all():
        one = json.loads(row.detail)
        op.get_bind().execute(
            seals.insert().values(
                id=int(row.subject),
                from_seq=one["from"],
                to_seq=one["to"],
                root=bytes.fromhex(one["root"]),
                digest=one["digest"],
                at=one["at"],
                by=row.actor,
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("record_seal", schema=None) as batch_op:
        batch_op.drop_index("ix_record_seal_digest")

    op.drop_table("record_seal")
