"""Tables of late facts: what they propose about lines that were recorded without them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, BigInt, Fen, Instant, Key, whole_numbers

STATES = ("proposed", "confirmed", "dismissed", "superseded")


class Correction(Base):
    """A line that would be decided otherwise under what is known today; a person confirms it
    (the line is reversed and recorded anew) or dismisses it.

    `fact_change_id` is what became known; `month` and `point_id` are where the line settles.
    `before_fen` and `after_fen` are what the point gets for the meal (subsidy and delivery);
    `after_subsidy_fen` what of it the elder is spared. `after` is the decision as the ledger keeps
    it, empty when the meal could not be served at all; then `after_reason` is the refusal's code.
    A line has at most one that is open; `superseded` when facts or ledger moved on before anybody
    decided.
    """

    __tablename__ = "correction"
    __table_args__ = (
        CheckConstraint(
            "status IN ('proposed', 'confirmed', 'dismissed', 'superseded')", name="status"
        ),
        CheckConstraint("(status = 'proposed') = (decided_at IS NULL)", name="decided"),
        Index(None, "sequence"),
        Index(None, "fact_change_id"),
        Index("ix_correction_month", "status", "month", "point_id"),
        Index(
            "uq_correction_open",
            "sequence",
            unique=True,
            sqlite_where=text("status = 'proposed'"),
            postgresql_where=text("status = 'proposed'"),
        ),
        *whole_numbers("before_fen", "before_subsidy_fen", "after_fen", "after_subsidy_fen"),
        *whole_numbers("found_at", "decided_at"),
    )

    id: Mapped[Key]
    sequence: Mapped[int] = mapped_column(BigInt, ForeignKey("serving.sequence"))
    fact_change_id: Mapped[int] = mapped_column(BigInt, ForeignKey("fact_change.id"))
    point_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_point.id"))
    month: Mapped[int]
    before_fen: Mapped[Fen]
    before_subsidy_fen: Mapped[Fen]
    after_fen: Mapped[Fen]
    after_subsidy_fen: Mapped[Fen]
    after_reason: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
    found_at: Mapped[datetime] = mapped_column(Instant)
    status: Mapped[str] = mapped_column(Text, default="proposed")
    decided_by: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(Text, default="")
    reversal_key: Mapped[str] = mapped_column(Text, default="")
    replacement_key: Mapped[str] = mapped_column(Text, default="")


class FactExamination(Base):
    """Up to which row of `fact_change` lines were looked at, and how many were found; append-only."""

    __tablename__ = "fact_examination"
    __table_args__ = (*whole_numbers("up_to", "at"),)

    id: Mapped[Key]
    up_to: Mapped[int] = mapped_column(BigInt)
    found: Mapped[int]
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(Text)
