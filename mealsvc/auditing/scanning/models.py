"""Scans, the leads that they found with every edition of their evidence, and what elders deny."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, BigInt, Fen, Instant, Key, whole_numbers

LEAD_STATES = ("open", "cased", "dismissed")


class AuditScan(Base):
    """One scan of a month's ledger up to `last_sequence`; append-only.

    `limits` is the canonical JSON of every threshold it used, `counts` what each rule found.
    `expected_false` is how many leads chance alone is expected to make (thousandths of a lead).
    """

    __tablename__ = "audit_scan"
    __table_args__ = (
        *whole_numbers("started_at", "ended_at", "last_sequence"),
        Index("ix_audit_scan_month", "month", "id"),
    )

    id: Mapped[Key]
    month: Mapped[int]
    division: Mapped[str] = mapped_column(Text)
    servings: Mapped[int] = mapped_column(BigInt)
    anomalies: Mapped[int]
    leads: Mapped[int]
    expected_false: Mapped[int]
    limits: Mapped[str] = mapped_column(Text)
    counts: Mapped[str] = mapped_column(Text)
    last_sequence: Mapped[int] = mapped_column(BigInt)
    started_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(Text)


class Lead(Base):
    """Something that a person should look at (疑点): one story at one point in one month.

    `story` tells stories of a point and month apart and stays the same from scan to scan. What was
    found is in its editions. state: `open`, `cased` (a case follows it), `dismissed` (with a reason).
    """

    __tablename__ = "lead"
    __table_args__ = (
        UniqueConstraint("month", "story"),
        CheckConstraint("state IN ('open', 'cased', 'dismissed')", name="state"),
        *whole_numbers("found_at", "settled_at"),
        Index("ix_lead_point", "point_id", "month"),
        Index("ix_lead_state", "state", "month"),
    )

    id: Mapped[Key]
    month: Mapped[int]
    point_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("meal_point.id"))
    story: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="open")
    edition: Mapped[int] = mapped_column(default=0)
    found_at: Mapped[datetime] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    settled_by: Mapped[str] = mapped_column(Text, default="")
    settled_why: Mapped[str] = mapped_column(Text, default="")


class LeadEdition(Base):
    """What a scan found of a lead, when it differs from the edition before; append-only.

    `rules` are the catalogue's codes, the gravest first, as `A06,A07`. `weight` orders leads: the
    larger the sooner. `evidence` is a JSON object by rule. Two sentences each: `summary` what is
    unusual, `honest` the innocent explanations to rule out first.
    """

    __tablename__ = "lead_edition"
    __table_args__ = (
        CheckConstraint("severity IN ('block', 'high', 'case', 'watch')", name="severity"),
        *whole_numbers("subsidy_fen", "weight"),
    )

    lead_id: Mapped[int] = mapped_column(BigInt, ForeignKey("lead.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    scan_id: Mapped[int] = mapped_column(BigInt, ForeignKey("audit_scan.id"), index=True)
    severity: Mapped[str] = mapped_column(Text)
    weight: Mapped[int] = mapped_column(BigInt)
    rules: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    honest: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text)
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]
    servings: Mapped[int]
    residents: Mapped[int]
    subsidy_fen: Mapped[Fen]


class LeadLine(Base):
    """A serving that an edition of a lead holds responsible, and by which rules; append-only."""

    __tablename__ = "lead_line"
    __table_args__ = (
        Index("ix_lead_line_sequence", "sequence"),
        {"sqlite_with_rowid": False},
    )

    lead_id: Mapped[int] = mapped_column(BigInt, ForeignKey("lead.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInt, ForeignKey("serving.sequence"), primary_key=True)
    rules: Mapped[str] = mapped_column(Text)


class Denial(Base):
    """Somebody says of a recorded meal: I did not eat that (A27); append-only.

    source: `call` (a call-back), `complaint`, `visit` or `other`; `source_ref` names it there.
    """

    __tablename__ = "denial"
    __table_args__ = (
        CheckConstraint("source IN ('call', 'complaint', 'visit', 'other')", name="source"),
        UniqueConstraint("sequence", "source", "source_ref"),
        *whole_numbers("noted_at"),
    )

    id: Mapped[Key]
    sequence: Mapped[int] = mapped_column(BigInt, ForeignKey("serving.sequence"))
    source: Mapped[str] = mapped_column(Text)
    source_ref: Mapped[str] = mapped_column(Text)
    noted_at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(Text)
