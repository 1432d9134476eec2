"""What was found wrong and everything that followed; rows are added, states only go forward."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, BigInt, Instant, Key, whole_numbers


class Finding(Base):
    """One thing that was wrong at a point (问题), by an item of the checklist.

    `source` is `visit`, `complaint`, `log` or `other`. `outcome` is one of `rules.OUTCOMES` (domain:
    outcome type). `repeats` is the latest earlier finding of the same item at the same point within
    `order.repeat_months`, closed or not. state: open → ordered → replied → closed; fixed (on the spot) and referred end it too.
    """

    __tablename__ = "finding"
    __table_args__ = (
        UniqueConstraint("visit_id", "item"),
        CheckConstraint("source IN ('visit', 'complaint', 'log', 'other')", name="source"),
        CheckConstraint(
            "state IN ('open', 'ordered', 'replied', 'closed', 'fixed', 'referred')", name="state"
        ),
        *whole_numbers("found_at", "closed_at"),
        Index("ix_finding_point", "point_id", "found_on"),
        Index("ix_finding_state", "state", "found_on"),
    )

    id: Mapped[Key]
    point_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_point.id"))
    visit_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("visit.id"))
    source: Mapped[str] = mapped_column(Text)
    item: Mapped[str] = mapped_column(Text)
    checklist: Mapped[str] = mapped_column(Text, ForeignKey("checklist_version.version"))
    critical: Mapped[bool]
    fact: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    repeats: Mapped[int | None] = mapped_column(BigInt, ForeignKey("finding.id"))
    found_on: Mapped[date]
    found_at: Mapped[datetime] = mapped_column(Instant)
    found_by: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="open")
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class FindingAct(Base):
    """One thing that was done about a finding; append-only. `detail` is a JSON object."""

    __tablename__ = "finding_act"
    __table_args__ = (*whole_numbers("at"),)

    id: Mapped[Key]
    finding_id: Mapped[int] = mapped_column(BigInt, ForeignKey("finding.id"), index=True)
    act: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text, default="{}")
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(Text)


class RectificationOrder(Base):
    """An order to put findings right by a day (整改通知书). state: issued → replied → closed.

    A re-inspection that finds an item still wrong sends the order back to `issued` with a new
    `deadline`; `first_deadline` keeps the first one. Who hears of an overdue order follows from its
    deadline and the day (`rules.level_of`), so nothing of it is stored.
    """

    __tablename__ = "rectification_order"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("state IN ('issued', 'replied', 'closed')", name="state"),
        *whole_numbers("issued_at", "closed_at"),
        Index("ix_rectification_order_point", "point_id", "deadline"),
        Index("ix_rectification_order_state", "state", "deadline"),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(Text)
    point_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_point.id"))
    visit_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("visit.id"))
    issued_on: Mapped[date]
    issued_at: Mapped[datetime] = mapped_column(Instant)
    issued_by: Mapped[str] = mapped_column(Text)
    working_days: Mapped[int]
    first_deadline: Mapped[date]
    deadline: Mapped[date]
    consequence: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="issued")
    closed_on: Mapped[date | None]
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class OrderItem(Base):
    """What is demanded for one finding; `closed_on` once a re-inspection found it done."""

    __tablename__ = "order_item"
    __table_args__ = (UniqueConstraint("finding_id"),)

    order_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("rectification_order.id"), primary_key=True
    )
    finding_id: Mapped[int] = mapped_column(BigInt, ForeignKey("finding.id"), primary_key=True)
    demand: Mapped[str] = mapped_column(Text)
    closed_on: Mapped[date | None]


class Reply(Base):
    """What the unit did about one item (整改报告); a later round does not overwrite an earlier."""

    __tablename__ = "rectification_reply"
    __table_args__ = (
        UniqueConstraint("order_id", "finding_id", "round"),
        *whole_numbers("replied_at"),
    )

    id: Mapped[Key]
    order_id: Mapped[int] = mapped_column(BigInt, ForeignKey("rectification_order.id"))
    finding_id: Mapped[int] = mapped_column(BigInt, ForeignKey("finding.id"))
    round: Mapped[int]
    cause: Mapped[str] = mapped_column(Text)
    measure: Mapped[str] = mapped_column(Text)
    done_on: Mapped[date]
    person: Mapped[str] = mapped_column(Text)
    replied_at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(Text)


class ReplyPhoto(Base):
    """A photo of before or after."""

    __tablename__ = "reply_photo"
    __table_args__ = (CheckConstraint("side IN ('before', 'after')", name="side"),)

    reply_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("rectification_reply.id"), primary_key=True
    )
    photo_id: Mapped[int] = mapped_column(BigInt, ForeignKey("photo.id"), primary_key=True)
    side: Mapped[str] = mapped_column(Text)


class ReInspection(Base):
    """A re-inspection of an order (复查意见书) by two inspectors; append-only."""

    __tablename__ = "re_inspection"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("lead_id <> second_id", name="two"),
        *whole_numbers("checked_at"),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(Text)
    order_id: Mapped[int] = mapped_column(BigInt, ForeignKey("rectification_order.id"), index=True)
    checked_on: Mapped[date]
    lead_id: Mapped[int] = mapped_column(BigInt, ForeignKey("inspector.id"))
    second_id: Mapped[int] = mapped_column(BigInt, ForeignKey("inspector.id"))
    present: Mapped[str] = mapped_column(Text, default="")
    conclusion: Mapped[str] = mapped_column(Text)
    next_step: Mapped[str] = mapped_column(Text, default="")
    checked_at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(Text)


class ReInspectionItem(Base):
    """What the re-inspection found of one item: done, partial or undone; append-only."""

    __tablename__ = "re_inspection_item"
    __table_args__ = (CheckConstraint("result IN ('done', 'partial', 'undone')", name="result"),)

    re_inspection_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("re_inspection.id"), primary_key=True
    )
    finding_id: Mapped[int] = mapped_column(BigInt, ForeignKey("finding.id"), primary_key=True)
    result: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text)


class Referral(Base):
    """A letter that hands findings to the competent body (移送函), and its receipt."""

    __tablename__ = "referral"
    __table_args__ = (UniqueConstraint("number"), *whole_numbers("sent_at"))

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(Text)
    point_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_point.id"), index=True)
    body: Mapped[str] = mapped_column(Text)  # one of rules.BODIES
    copy_only: Mapped[bool] = mapped_column(default=False)  # 抄告, not 移送
    facts: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text)
    contact: Mapped[str] = mapped_column(Text)
    sent_on: Mapped[date]
    sent_at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(Text)
    receipt_no: Mapped[str] = mapped_column(Text, default="")
    receipt_on: Mapped[date | None]
    answer: Mapped[str] = mapped_column(Text, default="")


class ReferralFinding(Base):
    """A finding that a letter hands over."""

    __tablename__ = "referral_finding"

    referral_id: Mapped[int] = mapped_column(BigInt, ForeignKey("referral.id"), primary_key=True)
    finding_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("finding.id"), primary_key=True, index=True
    )


class Interview(Base):
    """An interview of the person in charge (约谈); append-only."""

    __tablename__ = "interview"
    __table_args__ = (UniqueConstraint("number"), *whole_numbers("held_at", "recorded_at"))

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(Text)
    point_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_point.id"), index=True)
    finding_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("finding.id"))
    held_at: Mapped[datetime] = mapped_column(Instant)
    place: Mapped[str] = mapped_column(Text)
    hosts: Mapped[str] = mapped_column(Text)
    attendees: Mapped[str] = mapped_column(Text)
    matters: Mapped[str] = mapped_column(Text)
    commitments: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(Text)


class Measure(Base):
    """A decision that stops a point's subsidy or its meals, or ends its agreement (暂停、终止).

    The till reads `point_suspension`; `suspension_id` is its row there. Ended by a resumption with
    its own number.
    """

    __tablename__ = "measure"
    __table_args__ = (
        UniqueConstraint("number"),
        UniqueConstraint("resume_number"),
        CheckConstraint("kind IN ('subsidy', 'point', 'terminate')", name="kind"),
        *whole_numbers("decided_at", "resumed_at"),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    point_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_point.id"), index=True)
    finding_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("finding.id"))
    suspension_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("point_suspension.id"))
    from_on: Mapped[date]
    facts: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[str] = mapped_column(Text)
    resume_number: Mapped[str | None] = mapped_column(Text)
    resumed_on: Mapped[date | None]
    resumed_why: Mapped[str] = mapped_column(Text, default="")
    resumed_at: Mapped[datetime | None] = mapped_column(Instant)
    resumed_by: Mapped[str] = mapped_column(Text, default="")


class DeliveryReceipt(Base):
    """How a paper reached its receiver (送达回证); append-only."""

    __tablename__ = "delivery_receipt"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("method IN ('direct', 'left', 'post', 'electronic')", name="method"),
        *whole_numbers("delivered_at", "recorded_at"),
        Index(None, "paper"),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(Text)
    paper: Mapped[str] = mapped_column(Text)  # the number on the paper that was delivered
    title: Mapped[str] = mapped_column(Text)
    point_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_point.id"))
    method: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(Text, default="")
    receiver: Mapped[str] = mapped_column(Text)
    witness: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    strokes: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed
    delivered_at: Mapped[datetime] = mapped_column(Instant)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(Text)
