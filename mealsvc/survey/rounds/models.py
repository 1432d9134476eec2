"""Survey rounds, the sheets they issue, what was filled in and what became of it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, BigInt, Instant, Key, whole_numbers
from mealsvc.plumbing.sealed import SealedText


class SurveyRound(Base):
    """A survey of the district (摸排); nothing in it changes after the lock.

    `as_of` is the day that the answers describe (时点), `forms` the letters that were issued.
    """

    __tablename__ = "survey_round"
    __table_args__ = (
        UniqueConstraint("number"),
        *whole_numbers("opened_at", "locked_at"),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    division: Mapped[str] = mapped_column(Text)
    as_of: Mapped[date]
    due_on: Mapped[date]
    forms: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")
    opened_at: Mapped[datetime] = mapped_column(Instant)
    opened_by: Mapped[str] = mapped_column(Text)
    locked_at: Mapped[datetime | None] = mapped_column(Instant)
    locked_by: Mapped[str] = mapped_column(Text, default="", server_default="")


class SurveySheet(Base):
    """One form that one unit has to fill (一张表).

    `unit` is a division (A, C: community, E: town), a point (B) or a place in the draw (D:
    `D0001`, with its `resident_id`); `division` is where that stands and decides who sees it.
    `state` names the last thing done: issued, filled, village, town, accepted, returned, left (缺报:
    the district goes on without it). `edition` is the latest entry (0: none); `draft` what is typed
    and not yet handed in, as JSON. None of it changes once the round is locked.
    """

    __tablename__ = "survey_sheet"
    __table_args__ = (
        CheckConstraint("form IN ('A', 'B', 'C', 'D', 'E')", name="form"),
        CheckConstraint(
            "state IN ('issued', 'filled', 'village', 'town', 'accepted', 'returned', 'left')",
            name="state",
        ),
        UniqueConstraint("round_id", "form", "unit"),
        Index("ix_survey_sheet_desk", "round_id", "division", "state"),
    )

    id: Mapped[Key]
    round_id: Mapped[int] = mapped_column(ForeignKey("survey_round.id"))
    form: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    division: Mapped[str] = mapped_column(Text)
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(Text, default="issued", server_default="issued")
    edition: Mapped[int] = mapped_column(default=0, server_default="0")
    draft: Mapped[str | None] = mapped_column(SealedText)


class SurveyEntry(Base):
    """What was handed in (填报), an edition each time; append-only.

    `answers` is JSON by field code, `remarks` JSON by field code: the reasons given where an answer
    disagrees with the register. Both are sealed at rest: an elder's own words and needs may stand
    in them. `way`: web, xlsx or paper.
    """

    __tablename__ = "survey_entry"
    __table_args__ = (
        UniqueConstraint("sheet_id", "edition"),
        *whole_numbers("at"),
    )

    id: Mapped[Key]
    sheet_id: Mapped[int] = mapped_column(ForeignKey("survey_sheet.id"))
    edition: Mapped[int]
    answers: Mapped[str] = mapped_column(SealedText)
    remarks: Mapped[str] = mapped_column(SealedText, default="{}")
    way: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(Text)


class SurveyAct(Base):
    """What was done with a sheet (办理); append-only. `edition` is the entry it was done to.

    `fields` is JSON by field code: what a return asks to have put right. `person` is who acted at
    that time, whatever the account (`settlement.batches.person_id`); None for shells.
    """

    __tablename__ = "survey_act"
    __table_args__ = (
        CheckConstraint(
            "act IN ('fill', 'village', 'town', 'accept', 'return', 'leave')", name="act"
        ),
        Index("ix_survey_act_sheet", "sheet_id", "id"),
        *whole_numbers("at"),
    )

    id: Mapped[Key]
    sheet_id: Mapped[int] = mapped_column(ForeignKey("survey_sheet.id"))
    act: Mapped[str] = mapped_column(Text)
    edition: Mapped[int]
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    fields: Mapped[str] = mapped_column(Text, default="{}", server_default="{}")
    person: Mapped[int | None] = mapped_column(BigInt)
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(Text)


class SurveySnapshot(Base):
    """A locked round (快照): every figure of its report with its query, as JSON; append-only."""

    __tablename__ = "survey_snapshot"
    __table_args__ = (*whole_numbers("at"),)

    round_id: Mapped[int] = mapped_column(
        ForeignKey("survey_round.id"), primary_key=True, autoincrement=False
    )
    figures: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(Text)
