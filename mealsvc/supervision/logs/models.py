"""The point's logs: what was measured and done, and what was bought."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, BigInt, Instant, Key, whole_numbers


class Purchase(Base):
    """One line of a point's purchase ledger (进货查验台账); quantity in kilograms.

    What was checked on receipt (supplier's licence, certificate) stands in a log entry of its own.
    """

    __tablename__ = "purchase"
    __table_args__ = (UniqueConstraint("point_id", "bought_on", "item", "supplier", "batch"),)

    id: Mapped[Key]
    point_id: Mapped[int] = mapped_column(ForeignKey("meal_point.id"))
    bought_on: Mapped[date]
    item: Mapped[str] = mapped_column(Text)
    quantity_kg: Mapped[float | None]
    supplier: Mapped[str] = mapped_column(Text, default="")
    batch: Mapped[str] = mapped_column(Text, default="")
    expires_on: Mapped[date | None]


class LogEntry(Base):
    """One entry of a daily log; append-only, a mistake is withdrawn with its reason.

    `kind` is one of `kinds.KINDS`, which says what `subject` names (a dish, a fridge, a person) and
    what `facts` (a JSON object) holds. `day` and `meal` are those that the entry is about, `at` is
    when it was measured or done. `within` says whether every value kept to the thresholds of that
    day (None: nothing to judge); where it did not, `action` says what was done at once.
    """

    __tablename__ = "log_entry"
    __table_args__ = (
        CheckConstraint("length(key) BETWEEN 1 AND 64", name="key"),
        CheckConstraint("meal IN ('', 'breakfast', 'lunch', 'dinner')", name="meal"),
        UniqueConstraint("key"),
        *whole_numbers("at", "recorded_at", "withdrawn_at"),
        Index("ix_log_entry_point", "point_id", "day", "kind"),
        Index("ix_log_entry_day", "day", "kind"),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(Text(collation="C").with_variant(Text(), "sqlite"))
    point_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_point.id"))
    kind: Mapped[str] = mapped_column(Text)
    day: Mapped[date]
    meal: Mapped[str] = mapped_column(Text, default="")
    subject: Mapped[str] = mapped_column(Text, default="")
    facts: Mapped[str] = mapped_column(Text, default="{}")
    within: Mapped[bool | None]
    action: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(Instant)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(Text)
    device: Mapped[str] = mapped_column(Text, default="")
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_by: Mapped[str] = mapped_column(Text, default="")
    withdrawn_why: Mapped[str] = mapped_column(Text, default="")
