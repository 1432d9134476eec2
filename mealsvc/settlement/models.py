"""Tables of settlement: the yearly budget and the months that points have submitted."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, BigInt, Fen, Instant, Key, whole_numbers


class BudgetLine(Base):
    """What one source gives the district for a year (经费预算)."""

    __tablename__ = "budget_line"
    __table_args__ = (UniqueConstraint("district", "year", "source"), *whole_numbers("amount_fen"))

    id: Mapped[Key]
    district: Mapped[str] = mapped_column(Text)
    year: Mapped[int]
    source: Mapped[str] = mapped_column(Text)
    amount_fen: Mapped[Fen]


class SettlementBatch(Base):
    """A point's month as it was submitted: the figures, and the digest of its lines, for ever.

    `month` is 202405; `document` the point's settlement as JSON, without its status; `heading`
    what the point, its unit and its town were called on that day, as JSON.
    """

    __tablename__ = "settlement_batch"
    __table_args__ = (
        UniqueConstraint("month", "point_id"),
        Index(None, "point_id"),
        *whole_numbers("payable_fen"),
    )

    id: Mapped[Key]
    point_id: Mapped[int] = mapped_column(ForeignKey("meal_point.id"))
    month: Mapped[int]
    status: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text)
    heading: Mapped[str] = mapped_column(Text)
    payable_fen: Mapped[Fen]
    line_count: Mapped[int]
    line_digest: Mapped[str] = mapped_column(Text)
    last_sequence: Mapped[int] = mapped_column(BigInt)
    submitted_at: Mapped[datetime] = mapped_column(Instant)
    submitted_by: Mapped[str] = mapped_column(Text)
