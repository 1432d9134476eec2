"""Meals ordered ahead, what a kitchen sent off, and what a serving point found on arrival.

A booking is never edited: it is cancelled once, and booked anew. What was sent and what arrived
are append-only; a correction is a further row. The triggers are in `0005_bookings.py`.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, BigInt, Instant, Key, whole_numbers

_VALID = text("cancelled_at IS NULL")


class Booking(Base):
    """A meal ordered ahead (预订): eaten at the point, fetched there or delivered from it.

    `dish` is "" for the day's set meal; `asked_by` is self, family or staff.
    """

    __tablename__ = "booking"
    __table_args__ = (
        CheckConstraint("meal IN ('breakfast', 'lunch', 'dinner')", name="meal"),
        CheckConstraint("mode IN ('dine_in', 'take_away', 'delivery')", name="mode"),
        CheckConstraint("asked_by IN ('self', 'family', 'staff')", name="asked_by"),
        CheckConstraint("cancelled_at IS NULL OR cancelled_by <> ''", name="cancelled"),
        *whole_numbers("booked_at", "cancelled_at"),
        Index("ix_booking_point", "point_id", "served_on", "meal"),
        Index("ix_booking_day", "served_on"),
        Index("ix_booking_resident", "resident_id", "served_on"),
        Index(
            "uq_booking_place",
            "served_on",
            "meal",
            "resident_id",
            unique=True,
            sqlite_where=_VALID,
            postgresql_where=_VALID,
        ),
    )

    id: Mapped[Key]
    point_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_point.id"))
    resident_id: Mapped[int] = mapped_column(BigInt, ForeignKey("resident.id"))
    served_on: Mapped[date]
    meal: Mapped[str] = mapped_column(Text)
    mode: Mapped[str] = mapped_column(Text)
    dish: Mapped[str] = mapped_column(Text, default="")
    asked_by: Mapped[str] = mapped_column(Text)
    asked_name: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    booked_at: Mapped[datetime] = mapped_column(Instant)
    booked_by: Mapped[str] = mapped_column(Text)
    after_cutoff: Mapped[bool] = mapped_column(default=False)
    cancelled_at: Mapped[datetime | None] = mapped_column(Instant)
    cancelled_by: Mapped[str] = mapped_column(Text, default="")
    cancel_reason: Mapped[str] = mapped_column(Text, default="")


class MealDispatch(Base):
    """Portions that a kitchen sent to a serving point (发餐). `portions` 0 takes the row
    that it `corrects` back; else it stands instead of it.
    """

    __tablename__ = "meal_dispatch"
    __table_args__ = (
        CheckConstraint("meal IN ('breakfast', 'lunch', 'dinner')", name="meal"),
        CheckConstraint("portions >= 0", name="portions"),
        CheckConstraint("left_at >= cooked_at", name="left"),
        *whole_numbers("portions", "cooked_at", "left_at", "recorded_at"),
        Index("ix_meal_dispatch_point", "point_id", "served_on", "meal"),
        Index("ix_meal_dispatch_kitchen", "kitchen_id", "served_on", "meal"),
        Index("uq_meal_dispatch_corrects", "corrects", unique=True),
    )

    id: Mapped[Key]
    kitchen_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_point.id"))
    point_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_point.id"))
    served_on: Mapped[date]
    meal: Mapped[str] = mapped_column(Text)
    portions: Mapped[int]
    cooked_at: Mapped[datetime] = mapped_column(Instant)
    left_at: Mapped[datetime] = mapped_column(Instant)
    container: Mapped[str] = mapped_column(Text, default="")
    seal_no: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    corrects: Mapped[int | None] = mapped_column(BigInt, ForeignKey("meal_dispatch.id"))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    recorded_by: Mapped[str] = mapped_column(Text)


class MealReceipt(Base):
    """The check of what arrived (收餐验收): time, portions, core temperature, seal, label.

    Temperatures are in tenths of a degree. `faults` holds the codes of what was found (empty:
    passed), `measure` those of what was done about it. `corrects` names the row it replaces.
    """

    __tablename__ = "meal_receipt"
    __table_args__ = (
        CheckConstraint("meal IN ('breakfast', 'lunch', 'dinner')", name="meal"),
        CheckConstraint("portions >= 0 AND expected >= 0", name="portions"),
        CheckConstraint("core_temp_tenths BETWEEN -500 AND 1500", name="core_temp"),
        CheckConstraint("faults = '' OR measure <> ''", name="measure"),
        *whole_numbers("portions", "expected", "core_temp_tenths", "arrived_at", "cooked_at"),
        *whole_numbers("reheated_tenths", "recorded_at"),
        Index("ix_meal_receipt_point", "point_id", "served_on", "meal"),
        Index("uq_meal_receipt_corrects", "corrects", unique=True),
    )

    id: Mapped[Key]
    point_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_point.id"))
    dispatch_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("meal_dispatch.id"))
    served_on: Mapped[date]
    meal: Mapped[str] = mapped_column(Text)
    expected: Mapped[int]
    portions: Mapped[int]
    cooked_at: Mapped[datetime | None] = mapped_column(Instant)
    arrived_at: Mapped[datetime] = mapped_column(Instant)
    core_temp_tenths: Mapped[int]
    seal_ok: Mapped[bool]
    label_ok: Mapped[bool]
    faults: Mapped[str] = mapped_column(Text, default="")
    measure: Mapped[str] = mapped_column(Text, default="")
    reheated_tenths: Mapped[int | None]
    note: Mapped[str] = mapped_column(Text, default="")
    checked_by: Mapped[str] = mapped_column(Text, default="")
    corrects: Mapped[int | None] = mapped_column(BigInt, ForeignKey("meal_receipt.id"))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    recorded_by: Mapped[str] = mapped_column(Text)
