"""Tables of places. Codes are the statistics bureau's: 6 digits district, 9 town, 12 community."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, Fen, Instant, Key, whole_numbers


class Division(Base):
    """A district, town or community (区划). `pop60` counts residents of 60 and over."""

    __tablename__ = "division"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    level: Mapped[str] = mapped_column(Text)
    managed_by: Mapped[str] = mapped_column(Text, default="")
    pop60: Mapped[int | None]
    lon: Mapped[float | None]
    lat: Mapped[float | None]


class Operator(Base):
    """The legal unit that runs points (运营单位)."""

    __tablename__ = "operator"
    __table_args__ = (UniqueConstraint("uscc"),)

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Text)
    uscc: Mapped[str | None] = mapped_column(Text)


class MealPoint(Base):
    """A meal point (助餐点) of any kind. Hours are texts such as 10:30-12:30, local time."""

    __tablename__ = "meal_point"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    division: Mapped[str] = mapped_column(Text, index=True)
    address: Mapped[str] = mapped_column(Text, default="")
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    seats: Mapped[int | None]
    daily_capacity: Mapped[int | None]
    opened_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    catering_mode: Mapped[str] = mapped_column(Text, default="")
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operator.id"))
    licence_no: Mapped[str] = mapped_column(Text, default="")
    licence_expires_on: Mapped[date | None]
    supplier: Mapped[str] = mapped_column(Text, default="")
    lunch_hours: Mapped[str] = mapped_column(Text, default="")
    dinner_hours: Mapped[str] = mapped_column(Text, default="")


class PointSuspension(Base):
    """Days on which a point may not serve (暂停运营), inclusive; open-ended until it resumes.

    `scope` "subsidy": it goes on serving, at full price (暂停补贴).
    """

    __tablename__ = "point_suspension"
    __table_args__ = (CheckConstraint("to_on IS NULL OR to_on >= from_on", name="period"),)

    id: Mapped[Key]
    point_id: Mapped[int] = mapped_column(ForeignKey("meal_point.id"), index=True)
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(Text, default="point", server_default="point")


class PointGrade(Base):
    """The stars (星级) that a point was given from a day on, until a later grade; append-only."""

    __tablename__ = "point_grade"
    __table_args__ = (
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
        *whole_numbers("stars", "given_at"),
    )

    id: Mapped[Key]
    point_id: Mapped[int] = mapped_column(ForeignKey("meal_point.id"), index=True)
    stars: Mapped[int]
    from_on: Mapped[date]
    basis: Mapped[str] = mapped_column(Text)
    given_by: Mapped[str] = mapped_column(Text)
    given_at: Mapped[datetime] = mapped_column(Instant)


class CandidateSite(Base):
    """A place where a point could be built (候选点位)."""

    __tablename__ = "candidate_site"
    __table_args__ = (*whole_numbers("build_cost_fen"),)

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text, default="")
    division: Mapped[str] = mapped_column(Text, default="")
    lon: Mapped[float]
    lat: Mapped[float]
    daily_capacity: Mapped[int | None]
    build_cost_fen: Mapped[Fen | None]
