"""The papers that a point or its unit has to hold, its people and their certificates."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, BigInt, Instant, Key, whole_numbers


class UnitDocument(Base):
    """A paper that a point holds (证照、协议、保险…); one more row renews it, none is edited.

    `kind` is one of `rules.DOCUMENTS`. Both dates are inclusive; None: without limit. A wrong entry
    is withdrawn with its reason. `point_id` None: a rule of the district itself (制度).
    """

    __tablename__ = "unit_document"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
        *whole_numbers("entered_at", "withdrawn_at"),
        Index("ix_unit_document_point", "point_id", "kind", "valid_to"),
    )

    id: Mapped[Key]
    point_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("meal_point.id"))
    kind: Mapped[str] = mapped_column(Text)
    number: Mapped[str] = mapped_column(Text, default="")
    issuer: Mapped[str] = mapped_column(Text, default="")
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    note: Mapped[str] = mapped_column(Text, default="")
    entered_at: Mapped[datetime] = mapped_column(Instant)
    entered_by: Mapped[str] = mapped_column(Text)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_why: Mapped[str] = mapped_column(Text, default="")


class StaffMember(Base):
    """Somebody who works at a point (从业人员). No ID number and no telephone is kept.

    `post` is one of `rules.POSTS`; `handles_food`: touches ready-to-eat food, so needs a health
    certificate. Volunteers are recorded apart (`volunteer`).
    """

    __tablename__ = "staff_member"
    __table_args__ = (
        CheckConstraint("left_on IS NULL OR left_on >= joined_on", name="period"),
        Index("ix_staff_member_point", "point_id", "left_on"),
    )

    id: Mapped[Key]
    point_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_point.id"))
    name: Mapped[str] = mapped_column(Text)
    post: Mapped[str] = mapped_column(Text)
    handles_food: Mapped[bool]
    volunteer: Mapped[bool] = mapped_column(default=False)
    joined_on: Mapped[date]
    left_on: Mapped[date | None]


class StaffPaper(Base):
    """A certificate, appointment or training of a person; one more row renews it.

    `kind` is one of `rules.STAFF_PAPERS` (health, training, officer, director…).
    """

    __tablename__ = "staff_paper"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= issued_on", name="period"),
        *whole_numbers("entered_at", "withdrawn_at"),
    )

    id: Mapped[Key]
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff_member.id"), index=True)
    kind: Mapped[str] = mapped_column(Text)
    number: Mapped[str] = mapped_column(Text, default="")
    issued_on: Mapped[date]
    valid_to: Mapped[date | None]
    note: Mapped[str] = mapped_column(Text, default="")
    entered_at: Mapped[datetime] = mapped_column(Instant)
    entered_by: Mapped[str] = mapped_column(Text)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_why: Mapped[str] = mapped_column(Text, default="")


class UnitEvent(Base):
    """A drill, or hours of volunteers, on a day (应急演练、志愿服务); append-only, withdrawn if wrong."""

    __tablename__ = "unit_event"
    __table_args__ = (
        CheckConstraint("kind IN ('drill', 'volunteer_hours')", name="kind"),
        *whole_numbers("entered_at", "withdrawn_at"),
        Index("ix_unit_event_point", "point_id", "kind", "held_on"),
    )

    id: Mapped[Key]
    point_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_point.id"))
    kind: Mapped[str] = mapped_column(Text)
    held_on: Mapped[date]
    hours: Mapped[float | None]
    people: Mapped[int | None]
    note: Mapped[str] = mapped_column(Text, default="")
    entered_at: Mapped[datetime] = mapped_column(Instant)
    entered_by: Mapped[str] = mapped_column(Text)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_why: Mapped[str] = mapped_column(Text, default="")
