"""Tables of settlement: submitted months, what people did with them, what was held or adjusted,
and the yearly budget."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, BigInt, Fen, Instant, Key, whole_numbers


class BudgetLine(Base):
    """What one source gives a division for a year (经费预算): the district, or a town its own share.

    What a source pays at a point is charged to the line of the longest matching division.
    """

    __tablename__ = "budget_line"
    __table_args__ = (
        # the column was called `district` before towns had lines
        UniqueConstraint("division", "year", "source", name="uq_budget_line_district_year_source"),
        *whole_numbers("amount_fen"),
    )

    id: Mapped[Key]
    division: Mapped[str] = mapped_column(Text)
    year: Mapped[int]
    source: Mapped[str] = mapped_column(Text)
    amount_fen: Mapped[Fen]


class BudgetChange(Base):
    """One change of a budget line (核定、追加、调减) with its basis; append-only."""

    __tablename__ = "budget_change"
    __table_args__ = (
        Index(None, "line_id"),
        *whole_numbers("before_fen", "after_fen", "made_at"),
    )

    id: Mapped[Key]
    line_id: Mapped[int] = mapped_column(ForeignKey("budget_line.id"))
    before_fen: Mapped[Fen | None]
    after_fen: Mapped[Fen]
    basis: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Instant)


class SettlementBatch(Base):
    """A point's month as it was submitted: the claim (figures, digest of its lines), for ever.

    `month` is 202405; `document` the point's claim as JSON, without its status and with nothing
    held; `heading` what the point, its unit and its town were called on that day, as JSON;
    `grounds` what it was computed under (policies in force and their last days), as JSON.
    `status` is that of `acts.STATES`. `held_fen` and `held_funding` are None until approval, when
    what is carved out is fixed; then `payable_fen - held_fen` is what is paid.
    """

    __tablename__ = "settlement_batch"
    __table_args__ = (
        UniqueConstraint("month", "point_id"),
        Index(None, "point_id"),
        Index("ix_settlement_batch_status", "status", "month"),
        *whole_numbers("payable_fen"),
    )

    id: Mapped[Key]
    point_id: Mapped[int] = mapped_column(ForeignKey("meal_point.id"))
    month: Mapped[int]
    status: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text)
    heading: Mapped[str] = mapped_column(Text)
    grounds: Mapped[str] = mapped_column(Text, default="{}")
    payable_fen: Mapped[Fen]
    held_fen: Mapped[Fen | None]
    held_funding: Mapped[str | None] = mapped_column(Text)
    line_count: Mapped[int]
    line_digest: Mapped[str] = mapped_column(Text)
    last_sequence: Mapped[int] = mapped_column(BigInt)
    submitted_at: Mapped[datetime] = mapped_column(Instant)
    submitted_by: Mapped[str] = mapped_column(Text)


class BatchAct(Base):
    """One thing that a person did with a batch; append-only. `step` is whose turn it was: a return
    from the first review has the act `return` and the step `first_review`.

    `person` is the id of the account's person (None for the shell); `actor` as in the trail.
    """

    __tablename__ = "batch_act"
    __table_args__ = (
        UniqueConstraint("batch_id", "number"),
        *whole_numbers("at", "payable_fen"),
    )

    id: Mapped[Key]
    batch_id: Mapped[int] = mapped_column(ForeignKey("settlement_batch.id"))
    number: Mapped[int]
    act: Mapped[str] = mapped_column(Text)
    step: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    person: Mapped[int | None] = mapped_column(BigInt, ForeignKey("account.id"))
    actor: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    opinion: Mapped[str] = mapped_column(Text, default="")
    payable_fen: Mapped[Fen]
    detail: Mapped[str] = mapped_column(Text, default="{}")
    at: Mapped[datetime] = mapped_column(Instant)


class ReturnedLine(Base):
    """A line (or, without `sequence`, the batch as a whole) that a reviewer sent back, and the
    point's answer: `explained`, or `agreed` (it is taken out of the claim for good)."""

    __tablename__ = "returned_line"
    __table_args__ = (
        CheckConstraint("answer IN ('explained', 'agreed')", name="answer"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered"),
        Index(None, "act_id"),
        *whole_numbers("answered_at"),
    )

    id: Mapped[Key]
    act_id: Mapped[int] = mapped_column(ForeignKey("batch_act.id"))
    sequence: Mapped[int | None] = mapped_column(BigInt, ForeignKey("serving.sequence"))
    reason: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")
    answer: Mapped[str | None] = mapped_column(Text)
    answer_note: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None] = mapped_column(Instant)


class LineHold(Base):
    """A line that is carved out of its month (暂缓) while somebody checks it; ended at most once.

    `month` is that in which the line settles, `amount_fen` and `funding` (JSON) what it is worth
    there: subsidy, delivery, per-serving operating money. `carved` once the amount has left the
    line's own batch for good: what is paid later is an adjustment of a later month.
    """

    __tablename__ = "line_hold"
    __table_args__ = (
        CheckConstraint("outcome IN ('released', 'refused')", name="outcome"),
        CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="ended"),
        Index("ix_line_hold_month", "month", "point_id"),
        Index(
            "uq_line_hold_open",
            "sequence",
            unique=True,
            sqlite_where=text("outcome IS NULL"),
            postgresql_where=text("outcome IS NULL"),
        ),
        *whole_numbers("amount_fen", "placed_at", "ended_at"),
    )

    id: Mapped[Key]
    sequence: Mapped[int] = mapped_column(BigInt, ForeignKey("serving.sequence"))
    point_id: Mapped[int] = mapped_column(ForeignKey("meal_point.id"))
    month: Mapped[int]
    amount_fen: Mapped[Fen]
    funding: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")
    carved: Mapped[bool] = mapped_column(default=False)
    placed_by: Mapped[str] = mapped_column(Text)
    placed_person: Mapped[int | None] = mapped_column(BigInt, ForeignKey("account.id"))
    placed_at: Mapped[datetime] = mapped_column(Instant)
    outcome: Mapped[str | None] = mapped_column(Text)
    end_note: Mapped[str] = mapped_column(Text, default="")
    ended_by: Mapped[str] = mapped_column(Text, default="")
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class SettlementAdjustment(Base):
    """Money that a later month pays, or takes back, beside the ledger's late lines; append-only.

    kind: `released` (a held line was found right after its batch was approved), `refused` (a carved
    line was reversed: the reversal's negative must not count twice), `repaid` (a clawback came
    back as cash, so its reversals must not be set off too). `sequence` names the original line.
    """

    __tablename__ = "settlement_adjustment"
    __table_args__ = (
        CheckConstraint("kind IN ('released', 'refused', 'repaid')", name="kind"),
        Index("ix_settlement_adjustment_month", "settle_month", "point_id"),
        Index(None, "sequence"),
        *whole_numbers("amount_fen", "made_at"),
    )

    id: Mapped[Key]
    point_id: Mapped[int] = mapped_column(ForeignKey("meal_point.id"))
    settle_month: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    amount_fen: Mapped[Fen]
    funding: Mapped[str] = mapped_column(Text)
    sequence: Mapped[int] = mapped_column(BigInt, ForeignKey("serving.sequence"))
    why: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Instant)


class PublicNotice(Base):
    """A public notice (公示) of a month: posted from one local day to another, both inclusive."""

    __tablename__ = "public_notice"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("to_on >= from_on", name="period"),
        *whole_numbers("posted_at"),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(Text)
    month: Mapped[int]
    division: Mapped[str] = mapped_column(Text)
    from_on: Mapped[date]
    to_on: Mapped[date]
    place: Mapped[str] = mapped_column(Text)
    posted_by: Mapped[str] = mapped_column(Text)
    posted_at: Mapped[datetime] = mapped_column(Instant)


class NoticeBatch(Base):
    """Which batches a public notice shows."""

    __tablename__ = "notice_batch"
    __table_args__ = (Index(None, "batch_id"),)

    notice_id: Mapped[int] = mapped_column(ForeignKey("public_notice.id"), primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("settlement_batch.id"), primary_key=True)


class BatchJob(Base):
    """One step taken for many points in the background: counted, and stopped when asked.

    state: `running`, `done`, `cancelled`, `failed`. `codes` are the points as JSON, `refused` a
    map of code to reason as JSON; what was done stays done.
    """

    __tablename__ = "batch_job"
    __table_args__ = (*whole_numbers("at", "ended_at"),)

    id: Mapped[Key]
    act: Mapped[str] = mapped_column(Text)
    month: Mapped[int]
    codes: Mapped[str] = mapped_column(Text)
    opinion: Mapped[str] = mapped_column(Text, default="")
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    refused: Mapped[str] = mapped_column(Text, default="{}")
    state: Mapped[str] = mapped_column(Text)
    stop: Mapped[bool] = mapped_column(default=False)
    by: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
