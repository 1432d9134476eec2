"""The one table of policies: the document as it was approved, and who approved it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, BigInt, Instant, Key


class SubsidyPolicy(Base):
    """A subsidy policy (补贴政策). `document` is its TOML; `ended_on` a last day given later.

    status: `draft`, `approved`, `withdrawn`. `revision` is the trail's number of the last change.
    """

    __tablename__ = "subsidy_policy"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("status IN ('draft', 'approved', 'withdrawn')", name="status"),
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    division: Mapped[str] = mapped_column(Text)
    effective_from: Mapped[date]
    effective_to: Mapped[date | None]
    ended_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text)
    drafted_by: Mapped[str] = mapped_column(Text)
    drafted_at: Mapped[datetime] = mapped_column(Instant)
    approved_by: Mapped[str] = mapped_column(Text, default="")
    approved_at: Mapped[datetime | None] = mapped_column(Instant)
    revision: Mapped[int] = mapped_column(BigInt)
