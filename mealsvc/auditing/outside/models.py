"""What outside auditors were given to see."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, BigInt, Instant, Key, whole_numbers


class AuditBatch(Base):
    """Months and points that one outside auditor may look at, until a day (审计委托).

    `points` are codes joined by commas, empty for all of the district's. `sample_id` adds a sample.
    While an account has a batch, it sees nothing else; ending one leaves the others.
    """

    __tablename__ = "audit_batch"
    __table_args__ = (
        CheckConstraint("last_month >= first_month", name="months"),
        *whole_numbers("given_at", "ended_at"),
    )

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("account.id"), index=True)
    title: Mapped[str] = mapped_column(Text)
    first_month: Mapped[int]
    last_month: Mapped[int]
    points: Mapped[str] = mapped_column(Text, default="")
    sample_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("audit_sample.id"))
    until_on: Mapped[date]
    given_at: Mapped[datetime] = mapped_column(Instant)
    given_by: Mapped[str] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_by: Mapped[str] = mapped_column(Text, default="")
