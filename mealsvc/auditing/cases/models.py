"""Cases, what was asked and answered, and each act; states only go forward."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, BigInt, Fen, Instant, Key, whole_numbers


class AuditCase(Base):
    """A case (核查案件). state: new → assigned → explained → verified_ok | verified_bad →
    (clawback | refer) → closed.

    `due_on` is the last day for the point to explain. `person` numbers are those of
    `accounts.persons`: who opened it does not give the verdict.
    """

    __tablename__ = "audit_case"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint(
            "state IN ('new', 'assigned', 'explained', 'verified_ok', 'verified_bad',"
            " 'clawback', 'refer', 'closed')",
            name="state",
        ),
        CheckConstraint("source IN ('lead', 'sample', 'complaint', 'other')", name="source"),
        CheckConstraint("severity IN ('block', 'high', 'case', 'watch')", name="severity"),
        *whole_numbers("opened_at", "decided_at", "closed_at"),
        Index("ix_audit_case_point", "point_id", "month"),
        Index("ix_audit_case_state", "state", "due_on"),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    lead_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("lead.id"), index=True)
    lead_edition: Mapped[int | None]
    point_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_point.id"))
    month: Mapped[int]
    severity: Mapped[str] = mapped_column(Text)
    rules: Mapped[str] = mapped_column(Text, default="")
    title: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(Instant)
    opened_by: Mapped[str] = mapped_column(Text)
    opened_person: Mapped[int | None] = mapped_column(BigInt)
    state: Mapped[str] = mapped_column(Text, default="new")
    assigned_to: Mapped[int | None] = mapped_column(BigInt, ForeignKey("account.id"), index=True)
    due_on: Mapped[date | None]
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[str] = mapped_column(Text, default="")
    clawback_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("clawback.id"))
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_by: Mapped[str] = mapped_column(Text, default="")


class CaseLine(Base):
    """A serving in doubt. `finding` is None until the verdict, then `ok` or `bad`.

    `hold_id` is the hold that carves it out of its month, if the case placed one.
    """

    __tablename__ = "case_line"
    __table_args__ = (
        CheckConstraint("finding IN ('ok', 'bad')", name="finding"),
        *whole_numbers("subsidy_fen"),
        Index("ix_case_line_sequence", "sequence"),
        {"sqlite_with_rowid": False},
    )

    case_id: Mapped[int] = mapped_column(BigInt, ForeignKey("audit_case.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInt, ForeignKey("serving.sequence"), primary_key=True)
    subsidy_fen: Mapped[Fen]
    hold_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("line_hold.id"))
    finding: Mapped[str | None] = mapped_column(Text)


class CaseQuestion(Base):
    """A question to the point and its answer. Both are sealed: people write names in them."""

    __tablename__ = "case_question"
    __table_args__ = (
        CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name="answered"),
        *whole_numbers("asked_at", "answered_at"),
    )

    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(BigInt, ForeignKey("audit_case.id"), index=True)
    words: Mapped[bytes] = mapped_column(LargeBinary)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    asked_by: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date]
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    answered_by: Mapped[str] = mapped_column(Text, default="")


class CasePhoto(Base):
    """A photo of evidence: with an answer (`question_id`), or added by who works the case."""

    __tablename__ = "case_photo"

    case_id: Mapped[int] = mapped_column(BigInt, ForeignKey("audit_case.id"), primary_key=True)
    photo_id: Mapped[int] = mapped_column(BigInt, ForeignKey("photo.id"), primary_key=True)
    question_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("case_question.id"))


class CaseAct(Base):
    """One thing that was done in a case; append-only. `words` are sealed, `detail` is a JSON object
    without personal data.

    act: opened assigned asked answered noted extended verdict clawback refer closed.
    """

    __tablename__ = "case_act"
    __table_args__ = (
        UniqueConstraint("case_id", "number"),
        *whole_numbers("at"),
    )

    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(BigInt, ForeignKey("audit_case.id"))
    number: Mapped[int]
    act: Mapped[str] = mapped_column(Text)
    words: Mapped[bytes | None] = mapped_column(LargeBinary)
    detail: Mapped[str] = mapped_column(Text, default="{}")
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(Text)


class CaseReferral(Base):
    """A letter that hands a case to the competent body (移送函); append-only, its receipt an act."""

    __tablename__ = "case_referral"
    __table_args__ = (UniqueConstraint("number"), *whole_numbers("sent_at"))

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(Text)
    case_id: Mapped[int] = mapped_column(BigInt, ForeignKey("audit_case.id"), index=True)
    body: Mapped[str] = mapped_column(Text)
    facts: Mapped[bytes] = mapped_column(LargeBinary)
    evidence: Mapped[str] = mapped_column(Text)
    contact: Mapped[str] = mapped_column(Text)
    sent_on: Mapped[date]
    sent_at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(Text)
