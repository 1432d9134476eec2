"""Complaints, what was done about them, and what diners think of their meals."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, BigInt, Instant, Key, whole_numbers


class Complaint(Base):
    """A complaint or suggestion (投诉意见). state: new → assigned → answered → closed.

    `words` (what was said) and `contact` are sealed: people write names and numbers. `kind` and
    `channel` are those of `rules`. `due_on` is the last day on which it may be closed in time.
    `visitor` is the keyed digest of a scanned page's address, point and day (see `throttle`).
    """

    __tablename__ = "complaint"
    __table_args__ = (
        UniqueConstraint("key"),
        UniqueConstraint("number"),
        CheckConstraint("state IN ('new', 'assigned', 'answered', 'closed')", name="state"),
        *whole_numbers("received_at", "closed_at"),
        Index("ix_complaint_point", "point_id", "received_on"),
        Index("ix_complaint_state", "state", "due_on"),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(Text)
    number: Mapped[str] = mapped_column(Text)
    point_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_point.id"))
    channel: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    words: Mapped[bytes] = mapped_column(LargeBinary)
    contact: Mapped[bytes | None] = mapped_column(LargeBinary)
    received_on: Mapped[date]
    received_at: Mapped[datetime] = mapped_column(Instant)
    received_by: Mapped[str] = mapped_column(Text)
    visitor: Mapped[str] = mapped_column(Text, default="")
    due_on: Mapped[date]
    assigned_to: Mapped[str] = mapped_column(Text, default="")  # point | town | district
    state: Mapped[str] = mapped_column(Text, default="new")
    upheld: Mapped[bool | None]
    closed_on: Mapped[date | None]
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class ComplaintAct(Base):
    """One thing that was done about a complaint; append-only. `words` are sealed."""

    __tablename__ = "complaint_act"
    __table_args__ = (*whole_numbers("at"),)

    id: Mapped[Key]
    complaint_id: Mapped[int] = mapped_column(BigInt, ForeignKey("complaint.id"), index=True)
    act: Mapped[str] = mapped_column(Text)  # assigned | answered | returned | closed | called
    words: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(Text)


class Rating(Base):
    """What a diner thinks of a point's meals, 1 (very bad) to 5 (very good); append-only.

    `visitor` tells the answers of a day apart and makes a repeated one known: the form's key, for a
    scanned page behind the keyed digest of address, point and day (see `throttle`).
    """

    __tablename__ = "rating"
    __table_args__ = (
        UniqueConstraint("point_id", "rated_on", "visitor"),
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
        *whole_numbers("rated_at", "stars"),
    )

    id: Mapped[Key]
    point_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_point.id"))
    rated_on: Mapped[date]
    visitor: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)  # qr | counter | call
    stars: Mapped[int]
    dish: Mapped[int | None]
    price: Mapped[int | None]
    service: Mapped[int | None]
    rated_at: Mapped[datetime] = mapped_column(Instant)
