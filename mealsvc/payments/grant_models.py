"""Tables of construction grants: the grant, the stages in which it is paid, what people did."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, BigInt, Fen, Instant, Key, whole_numbers


class ConstructionGrant(Base):
    """A construction grant (建设补贴) of a point under one rule of one policy, claimed once.

    `completed_on`, `cost_fen` and `amount_fen` are fixed once the first stage is approved.
    status: `applied`, `running` from then on, `finished` when every stage is paid.
    """

    __tablename__ = "construction_grant"
    __table_args__ = (
        UniqueConstraint("number"),
        UniqueConstraint("point_id", "policy", "rule"),
        CheckConstraint("status IN ('applied', 'running', 'finished')", name="status"),
        Index("ix_construction_grant_status", "status"),
        *whole_numbers("cost_fen", "amount_fen", "applied_at"),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(Text)
    point_id: Mapped[int] = mapped_column(ForeignKey("meal_point.id"))
    policy: Mapped[str] = mapped_column(Text)
    rule: Mapped[str] = mapped_column(Text)
    completed_on: Mapped[date]
    cost_fen: Mapped[Fen]
    amount_fen: Mapped[Fen]
    status: Mapped[str] = mapped_column(Text)
    applied_by: Mapped[str] = mapped_column(Text)
    applied_at: Mapped[datetime] = mapped_column(Instant)


class GrantStage(Base):
    """One stage of a grant; `number` from 1. `due_on` is None while the point's opening is unknown.

    status: `not_applied`, then as a settlement's: `submitted`, `town_review`, `district_review`,
    `approved`, `payment_ordered`, `paid`; side state `returned`. `funding` is JSON.
    """

    __tablename__ = "grant_stage"
    __table_args__ = (
        UniqueConstraint("grant_id", "number"),
        Index("ix_grant_stage_status", "status"),
        Index("ix_grant_stage_approved_on", "approved_on"),
        Index("ix_grant_stage_paid_on", "paid_on"),
        *whole_numbers("amount_fen"),
    )

    id: Mapped[Key]
    grant_id: Mapped[int] = mapped_column(ForeignKey("construction_grant.id"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    percent: Mapped[int]
    after_months: Mapped[int | None]
    amount_fen: Mapped[Fen]
    funding: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date | None]
    documents: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(Text)
    approved_on: Mapped[date | None]
    paid_on: Mapped[date | None]


class GrantAct(Base):
    """One thing that a person did with a stage of a grant; append-only, as `BatchAct`."""

    __tablename__ = "grant_act"
    __table_args__ = (
        UniqueConstraint("stage_id", "number"),
        *whole_numbers("amount_fen", "at"),
    )

    id: Mapped[Key]
    stage_id: Mapped[int] = mapped_column(ForeignKey("grant_stage.id"))
    number: Mapped[int]
    act: Mapped[str] = mapped_column(Text)
    step: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    person: Mapped[int | None] = mapped_column(BigInt, ForeignKey("account.id"))
    actor: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    opinion: Mapped[str] = mapped_column(Text, default="")
    amount_fen: Mapped[Fen]
    detail: Mapped[str] = mapped_column(Text, default="{}")
    at: Mapped[datetime] = mapped_column(Instant)
