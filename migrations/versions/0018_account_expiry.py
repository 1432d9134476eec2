"""Accounts that expire, and those of outside auditors."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("expires_on", sa.Date(), nullable=True))
    op.add_column(
        "account",
        sa.Column("outside", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("account", "outside")
    op.drop_column("account", "expires_on")
