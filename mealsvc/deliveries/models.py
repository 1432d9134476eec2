"""Delivery rounds with their remembered order, and what happened at each door.

Events and cooking times take rows only (triggers in `0006_deliveries.py`); a round and its order
may change, and each change leaves a trail row.
"""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, BigInt, Instant, Key, whole_numbers

KEY_TYPE = Text(collation="C").with_variant(Text(), "sqlite")


class DeliveryRound(Base):
    """A round of one point (线路), as its people call it, and who usually carries it."""

    __tablename__ = "delivery_round"
    __table_args__ = (UniqueConstraint("point_id", "name"),)

    id: Mapped[Key]
    point_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_point.id"))
    name: Mapped[str] = mapped_column(Text)
    courier: Mapped[str] = mapped_column(Text, default="")
    active: Mapped[bool] = mapped_column(default=True)


class RoundStop(Base):
    """Where a resident stands in a point's rounds, and the diet marks her box carries.

    One round for each resident and point; `diet` holds codes of `rules.DIETS` separated by `;`.
    """

    __tablename__ = "round_stop"
    __table_args__ = (Index("ix_round_stop_round", "round_id", "position"),)

    point_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_point.id"), primary_key=True)
    resident_id: Mapped[int] = mapped_column(BigInt, ForeignKey("resident.id"), primary_key=True)
    round_id: Mapped[int] = mapped_column(BigInt, ForeignKey("delivery_round.id"))
    position: Mapped[int]
    diet: Mapped[str] = mapped_column(Text, default="")


class DeliveryEvent(Base):
    """One thing that happened with a delivery; rows are added and never change.

    kind: `delivered` (with the ledger line `sequence`), `no_answer`, `called` (result reached or
    unreached), `reported` (result village or family), `closed` (result: how it ended), `returned`.
    `at` is when it happened by the server's clock; `key` is the form's, so a double tap is one.
    The signature (strokes as text) is sealed.
    """

    __tablename__ = "delivery_event"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('delivered', 'no_answer', 'called', 'reported', 'closed', 'returned')",
            name="kind",
        ),
        CheckConstraint("(kind = 'delivered') = (sequence IS NOT NULL)", name="sequence"),
        CheckConstraint("length(key) BETWEEN 1 AND 64", name="key"),
        UniqueConstraint("key"),
        *whole_numbers("at", "recorded_at", "sequence", "temperature"),
        Index("ix_delivery_event_booking", "booking_id", "at"),
        Index("ix_delivery_event_kind", "kind", "at"),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(KEY_TYPE)
    booking_id: Mapped[int] = mapped_column(BigInt, ForeignKey("booking.id"))
    kind: Mapped[str] = mapped_column(Text)
    result: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(Instant)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(Text)
    device: Mapped[str] = mapped_column(Text, default="")
    sequence: Mapped[int | None] = mapped_column(BigInt, ForeignKey("serving.sequence"))
    temperature: Mapped[int | None] = mapped_column(SmallInteger)
    receiver: Mapped[str] = mapped_column(Text, default="")
    signature: Mapped[bytes | None] = mapped_column(LargeBinary)
    note: Mapped[str] = mapped_column(Text, default="")


class CookingTime(Base):
    """When a point's meal to be delivered was cooked (烧熟); the last row of a meal counts."""

    __tablename__ = "cooking_time"
    __table_args__ = (
        CheckConstraint("meal IN ('breakfast', 'lunch', 'dinner')", name="meal"),
        *whole_numbers("cooked_at", "recorded_at"),
        Index("ix_cooking_time_point", "point_id", "served_on", "meal"),
    )

    id: Mapped[Key]
    point_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_point.id"))
    served_on: Mapped[date]
    meal: Mapped[str] = mapped_column(Text)
    cooked_at: Mapped[datetime] = mapped_column(Instant)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    recorded_by: Mapped[str] = mapped_column(Text)
