"""Tables of clawbacks (追回): what was paid wrongly, how it comes back, and its lines."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, BigInt, Fen, Instant, Key, whole_numbers


class Clawback(Base):
    """Paid lines of a point that are taken back: proposed by one person, approved by another.

    mode: `offset` (the reversals count in the next open month) or `cash` (the point pays it back).
    state: `proposed`, then `rejected` or `approved`; `repaid` once the cash is in. `number` and
    `due_on` exist from the approval on.
    """

    __tablename__ = "clawback"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("mode IN ('offset', 'cash')", name="mode"),
        CheckConstraint("state IN ('proposed', 'approved', 'rejected', 'repaid')", name="state"),
        CheckConstraint(
            "(number IS NULL) = (state IN ('proposed', 'rejected'))", name="number_once_approved"
        ),
        CheckConstraint("(state = 'repaid') = (repaid_on IS NOT NULL)", name="repaid"),
        Index(None, "point_id"),
        *whole_numbers("amount_fen", "proposed_at", "decided_at", "repaid_at"),
    )

    id: Mapped[Key]
    number: Mapped[str | None] = mapped_column(Text)
    point_id: Mapped[int] = mapped_column(ForeignKey("meal_point.id"))
    reason: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")
    mode: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    amount_fen: Mapped[Fen]
    proposed_by: Mapped[str] = mapped_column(Text)
    proposed_person: Mapped[int | None] = mapped_column(BigInt, ForeignKey("account.id"))
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    decision_note: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    due_on: Mapped[date | None]
    repaid_on: Mapped[date | None]
    voucher: Mapped[str] = mapped_column(Text, default="")
    repaid_by: Mapped[str] = mapped_column(Text, default="")
    repaid_at: Mapped[datetime | None] = mapped_column(Instant)


class ClawbackLine(Base):
    """One paid line of a clawback: what it was paid, and the reversal that took it back."""

    __tablename__ = "clawback_line"
    __table_args__ = (
        UniqueConstraint("clawback_id", "sequence"),
        Index(None, "sequence"),
        *whole_numbers("amount_fen"),
    )

    id: Mapped[Key]
    clawback_id: Mapped[int] = mapped_column(ForeignKey("clawback.id"))
    sequence: Mapped[int] = mapped_column(BigInt, ForeignKey("serving.sequence"))
    paid_month: Mapped[int]
    amount_fen: Mapped[Fen]
    funding: Mapped[str] = mapped_column(Text)
    reversal: Mapped[int | None] = mapped_column(BigInt, ForeignKey("serving.sequence"))
