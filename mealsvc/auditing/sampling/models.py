"""Samples, their lines, and the calls to the elders behind them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, BigInt, Fen, Instant, Key, whole_numbers


class AuditSample(Base):
    """A sample drawn from a month's servings; append-only. Anyone can redraw it from `seed`.

    method: `mus` (monetary units of subsidy) or `stratified` (by point). `confidence` in percent.
    `population` is the canonical JSON of what it was drawn from (counts and fen by stratum, the
    ledger's last sequence, a digest of the lines), `plan` of how (size, interval, start, least a
    stratum, share of lines).
    """

    __tablename__ = "audit_sample"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("method IN ('mus', 'stratified')", name="method"),
        *whole_numbers("population_fen", "drawn_at"),
        Index("ix_audit_sample_month", "month", "id"),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(Text)
    month: Mapped[int]
    division: Mapped[str] = mapped_column(Text)
    method: Mapped[str] = mapped_column(Text)
    seed: Mapped[str] = mapped_column(Text)
    confidence: Mapped[int]
    population_fen: Mapped[Fen]
    population: Mapped[str] = mapped_column(Text)
    plan: Mapped[str] = mapped_column(Text)
    drawn_at: Mapped[datetime] = mapped_column(Instant)
    drawn_by: Mapped[str] = mapped_column(Text)


class SampleItem(Base):
    """A line of a sample; append-only. `place` is its order in the draw.

    `why` is `random`, or `certain` for what is looked at whatever the draw says (a lead of severity
    high or block; larger than the interval). `hits` counts how often the draw fell on the line.
    """

    __tablename__ = "sample_item"
    __table_args__ = (
        CheckConstraint("why IN ('random', 'certain')", name="why"),
        UniqueConstraint("sample_id", "place"),
        *whole_numbers("subsidy_fen"),
        Index("ix_sample_item_sequence", "sequence"),
        {"sqlite_with_rowid": False},
    )

    sample_id: Mapped[int] = mapped_column(BigInt, ForeignKey("audit_sample.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInt, ForeignKey("serving.sequence"), primary_key=True)
    place: Mapped[int]
    stratum: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
    hits: Mapped[int]
    subsidy_fen: Mapped[Fen]


class CallTask(Base):
    """A line of a sample given to a caller; giving it to another replaces the caller, traced."""

    __tablename__ = "call_task"
    __table_args__ = ({"sqlite_with_rowid": False},)

    sample_id: Mapped[int] = mapped_column(BigInt, ForeignKey("audit_sample.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInt, ForeignKey("serving.sequence"), primary_key=True)
    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("account.id"), index=True)


class CallAnswer(Base):
    """What came of one call (or visit, or look at papers); append-only: a later one counts.

    outcome: `confirmed`, `denied` (did not eat), `differs` (ate, but paid or got something else),
    `unsure`, `no_answer`, `wrong_number`, `refused`. `error_fen` is the part of the subsidy that is
    wrong (0 … subsidy). `words` are sealed.
    """

    __tablename__ = "call_answer"
    __table_args__ = (
        CheckConstraint(
            "outcome IN ('confirmed', 'denied', 'differs', 'unsure', 'no_answer',"
            " 'wrong_number', 'refused')",
            name="outcome",
        ),
        UniqueConstraint("sample_id", "sequence", "number"),
        *whole_numbers("error_fen", "paid_fen", "at"),
    )

    id: Mapped[Key]
    sample_id: Mapped[int] = mapped_column(BigInt, ForeignKey("audit_sample.id"))
    sequence: Mapped[int] = mapped_column(BigInt, ForeignKey("serving.sequence"))
    number: Mapped[int]
    way: Mapped[str] = mapped_column(Text)  # call | visit | papers
    outcome: Mapped[str] = mapped_column(Text)
    ate_at: Mapped[str] = mapped_column(Text, default="")  # code of the point the elder names
    paid_fen: Mapped[Fen | None]
    error_fen: Mapped[Fen]
    words: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(Text)
