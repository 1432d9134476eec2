"""The one table of thresholds, and the calendar of working days."""

from datetime import date

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base


class Setting(Base):
    """A threshold as it holds from a day on: its value as text, its legal basis, whether verified."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    effective_from: Mapped[date] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(Text)
    verified: Mapped[bool] = mapped_column(default=False)


class CalendarDay(Base):
    """A day that is not what its weekday says: a holiday, or a weekend that is worked (调休).

    Other days follow the week: Monday to Friday are worked. `basis` is the State Council's notice.
    """

    __tablename__ = "calendar_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    working: Mapped[bool]
    name: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(Text)
