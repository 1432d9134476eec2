"""The ledger's tables. The database itself keeps slots, client keys and tallies: see the triggers
in `migrations/versions/0002_guards.py`, which also refuse every UPDATE and DELETE of a line."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, BigInt, Fen, Instant, Key, whole_numbers

KEY_TYPE = Text(collation="C").with_variant(Text(), "sqlite")


class Decision(Base):
    """What the rules gave, spelled out once for all lines that got the same.

    `content` is canonical JSON: policy, tier, reason, the winning rules with what each paid after
    the cut and from which source, the delivery money. `digest` is its SHA-256.
    """

    __tablename__ = "decision"

    id: Mapped[Key]
    digest: Mapped[str] = mapped_column(Text, unique=True)
    content: Mapped[str] = mapped_column(Text)


class Serving(Base):
    """One line of the ledger: a meal served, or the reversal (冲正) of one with negative amounts.

    `sequence` is the server's own order and the number of the line's trail row. `settle_month`
    (202405) is the month in which the line settles; `late` when that is not its own month.
    """

    __tablename__ = "serving"
    __table_args__ = (
        CheckConstraint("price_fen = subsidy_fen + self_pay_fen", name="price_parts"),
        CheckConstraint("(reason IS NULL) = (subsidy_fen <> 0)", name="reason"),
        CheckConstraint(
            "CASE WHEN reverses IS NULL THEN price_fen > 0 AND subsidy_fen >= 0"
            " AND self_pay_fen >= 0 AND delivery_fen >= 0"
            " ELSE price_fen < 0 AND subsidy_fen <= 0 AND self_pay_fen <= 0"
            " AND delivery_fen <= 0 END",
            name="signs",
        ),
        CheckConstraint("meal IN ('breakfast', 'lunch', 'dinner')", name="meal"),
        CheckConstraint("mode IN ('dine_in', 'take_away', 'delivery')", name="mode"),
        CheckConstraint("length(key) BETWEEN 1 AND 64", name="key"),
        *whole_numbers("sequence", "price_fen", "subsidy_fen", "self_pay_fen", "delivery_fen"),
        Index("ix_serving_point_day", "point_id", "served_on"),
        Index("ix_serving_day_resident", "served_on", "resident_id", "subsidy_fen"),
        Index(
            "ix_serving_late",
            "settle_month",
            "point_id",
            sqlite_where=text("late"),
            postgresql_where=text("late"),
        ),
        Index(
            "uq_serving_reverses",
            "reverses",
            unique=True,
            sqlite_where=text("reverses IS NOT NULL"),
            postgresql_where=text("reverses IS NOT NULL"),
        ),
    )

    sequence: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(KEY_TYPE)
    point_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_point.id"))
    resident_id: Mapped[int] = mapped_column(BigInt, ForeignKey("resident.id"))
    served_at: Mapped[datetime] = mapped_column(Instant)
    served_on: Mapped[date]
    meal: Mapped[str] = mapped_column(Text)
    mode: Mapped[str] = mapped_column(Text)
    method: Mapped[str] = mapped_column(Text)
    price_fen: Mapped[Fen]
    subsidy_fen: Mapped[Fen]
    self_pay_fen: Mapped[Fen]
    delivery_fen: Mapped[Fen]
    reason: Mapped[str | None] = mapped_column(Text)
    decision_id: Mapped[int] = mapped_column(BigInt, ForeignKey("decision.id"))
    age: Mapped[int] = mapped_column(SmallInteger)
    settle_month: Mapped[int]
    late: Mapped[bool]
    reverses: Mapped[int | None] = mapped_column(BigInt, ForeignKey("serving.sequence"))
    note: Mapped[str] = mapped_column(Text, default="")
    content_mac: Mapped[bytes] = mapped_column(LargeBinary(16))
    operator: Mapped[str] = mapped_column(Text, default="")
    device: Mapped[str] = mapped_column(Text, default="")
    recorded_at: Mapped[datetime] = mapped_column(Instant)


class ServingKey(Base):
    """Every client-made key ever used, by servings and reversals; unique for ever."""

    __tablename__ = "serving_key"
    __table_args__ = ({"sqlite_with_rowid": False},)

    key: Mapped[str] = mapped_column(KEY_TYPE, primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInt)


class ServingSlot(Base):
    """The one place a resident has for a subsidised meal: date, meal, resident; a reversal frees it."""

    __tablename__ = "serving_slot"
    __table_args__ = ({"sqlite_with_rowid": False},)

    served_on: Mapped[date] = mapped_column(primary_key=True)
    meal: Mapped[str] = mapped_column(Text, primary_key=True)
    resident_id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInt)


class DailyTally(Base):
    """The ledger summed up as it grows: net counts and amounts by month, point, day, meal, decision."""

    __tablename__ = "daily_tally"
    __table_args__ = (
        *whole_numbers("price_fen", "subsidy_fen", "self_pay_fen", "delivery_fen"),
        {"sqlite_with_rowid": False},
    )

    settle_month: Mapped[int] = mapped_column(primary_key=True)
    point_id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    late: Mapped[bool] = mapped_column(primary_key=True)
    served_on: Mapped[date] = mapped_column(primary_key=True)
    meal: Mapped[str] = mapped_column(Text, primary_key=True)
    decision_id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    lines: Mapped[int]
    reversals: Mapped[int]
    price_fen: Mapped[Fen]
    subsidy_fen: Mapped[Fen]
    self_pay_fen: Mapped[Fen]
    delivery_fen: Mapped[Fen]


class FrozenMonth(Base):
    """A month that a point has submitted: what reaches it later settles in a later month."""

    __tablename__ = "frozen_month"

    point_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_point.id"), primary_key=True)
    month: Mapped[int] = mapped_column(primary_key=True)


class RefusedAttempt(Base):
    """An attempt that wrote no line, for audit: when, where, why; the credential as a blind index."""

    __tablename__ = "refused_attempt"
    __table_args__ = ({"sqlite_with_rowid": False},)

    key: Mapped[str] = mapped_column(KEY_TYPE, primary_key=True)
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    point: Mapped[str] = mapped_column(Text)
    device: Mapped[str] = mapped_column(Text, default="")
    credential: Mapped[bytes] = mapped_column(LargeBinary(16))


class UploadConflict(Base):
    """A meal that a till without network showed as saved, and that ended otherwise on arrival.

    outcome: `full_price` (the place was taken meanwhile, or another reason in `code`), `amount`
    (subsidised, but by another amount), `refused` (no line; `code` says why), `clock` (the till's
    clock was in doubt, so that a person has to name the day). The manager settles each once.
    """

    __tablename__ = "upload_conflict"
    __table_args__ = (
        CheckConstraint("outcome IN ('full_price', 'amount', 'refused', 'clock')", name="outcome"),
        CheckConstraint("(settled_at IS NULL) = (settlement IS NULL)", name="settled"),
        *whole_numbers("served_at", "shown_self_pay_fen", "self_pay_fen", "arrived_at"),
        *whole_numbers("settled_at", "price_fen"),
        Index("ix_upload_conflict_point", "point", "settled_at"),
        {"sqlite_with_rowid": False},
    )

    key: Mapped[str] = mapped_column(KEY_TYPE, primary_key=True)
    point: Mapped[str] = mapped_column(Text)
    resident_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("resident.id"))
    served_at: Mapped[datetime] = mapped_column(Instant)
    meal: Mapped[str] = mapped_column(Text)
    mode: Mapped[str] = mapped_column(Text)
    method: Mapped[str] = mapped_column(Text)
    price_fen: Mapped[Fen]
    shown_self_pay_fen: Mapped[Fen]
    self_pay_fen: Mapped[Fen | None]
    outcome: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text, default="")
    operator: Mapped[str] = mapped_column(Text, default="")
    device: Mapped[str] = mapped_column(Text, default="")
    clock_offset_ms: Mapped[int | None] = mapped_column(BigInt)
    arrived_at: Mapped[datetime] = mapped_column(Instant)
    settlement: Mapped[str | None] = mapped_column(Text)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    settled_by: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")


class DayClose(Base):
    """A point's day closed (日结): the ledger's sums, what the drawer held, and why they differ.

    Append-only: closing again after a late line is the next `number`. `last_sequence` is the
    point's last line that was counted.
    """

    __tablename__ = "day_close"
    __table_args__ = (
        *whole_numbers("self_pay_fen", "drawer_fen", "other_fen", "last_sequence", "closed_at"),
        {"sqlite_with_rowid": False},
    )

    point_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_point.id"), primary_key=True)
    served_on: Mapped[date] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    servings: Mapped[int]
    subsidised: Mapped[int]
    price_fen: Mapped[Fen]
    subsidy_fen: Mapped[Fen]
    self_pay_fen: Mapped[Fen]
    drawer_fen: Mapped[Fen]
    other_fen: Mapped[Fen]
    explanation: Mapped[str] = mapped_column(Text, default="")
    last_sequence: Mapped[int] = mapped_column(BigInt)
    closed_at: Mapped[datetime] = mapped_column(Instant)
    closed_by: Mapped[str] = mapped_column(Text)
