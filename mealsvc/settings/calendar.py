"""The calendar of working days: what the State Council announced, and what it did not yet.

Years without any row follow the week (Monday to Friday), and the page says so.
"""

from collections.abc import Sequence
from datetime import date

from chinese_calendar.constants import Holiday, holidays, workdays
from sqlalchemy import extract, select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.workdays import Workdays
from mealsvc.plumbing.db import db
from mealsvc.settings.defaults import FIRST
from mealsvc.settings.models import CalendarDay
from mealsvc.trail.services import record

_NAMES = {one.value: str(vars(one)["chinese"]) for one in Holiday}


class PastDay(Refusal):
    """不能改已经过去的日子：过去的期限是按当时的日历算的。"""

    code = "past_day"
    field = "day"


class SameDay(Refusal):
    """日历上这一天已经是这样，无需修改。"""

    code = "same_day"
    field = "working"


def is_working(day: date) -> bool:
    """Whether a day is worked."""
    found = db.session.get(CalendarDay, day)
    return Workdays().is_working(day) if found is None else found.working


def add_working_days(day: date, n: int) -> date:
    """The n-th working day after `day`; for a negative n the n-th before it."""
    return workdays_known(since=day if n >= 0 else None).add(day, n)


def working_days_between(a: date, b: date) -> int:
    """How many working days lie in (a, b]; negative when b is before a."""
    return workdays_known(since=min(a, b)).between(a, b)


def workdays_known(since: date | None = None) -> Workdays:
    """The calendar, read once for many questions (one small query)."""
    rows = select(CalendarDay.day, CalendarDay.working)
    if since is not None:
        rows = rows.where(CalendarDay.day >= since)
    return Workdays(dict(db.session.execute(rows).all()))


def years_known() -> list[int]:
    """The years of which at least one day is in the calendar."""
    year = extract("year", CalendarDay.day)
    return [int(one) for one in db.session.scalars(select(year).distinct().order_by(year))]


def days_of(year: int) -> Sequence[CalendarDay]:
    """The named days of a year: holidays and worked weekends, in order."""
    within = CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31))
    rows = select(CalendarDay).where(within).order_by(CalendarDay.day)
    return db.session.scalars(rows).all()


def seed_calendar(by: Actor) -> int:
    """Adds the announced years that the calendar does not have at all; returns how many days.

    A year that is there stays as it is: somebody may have corrected it.
    """
    known = set(years_known())
    found = [day for day in _announced() if day.day.year not in known]
    db.session.add_all(found)
    if found:
        db.session.flush()
        years = sorted({day.day.year for day in found})
        record(by, "settings.calendar_seed", "calendar", {"years": years, "days": len(found)})
    return len(found)


def set_day(day: date, working: bool, name: str, basis: str, by: Actor, today: date) -> None:
    """Says that a day from today on is worked or not, and by which notice.

    Raises `PastDay`, `SameDay`.
    """
    if day < today:
        raise PastDay()
    found = db.session.get(CalendarDay, day)
    before = found and {"working": found.working, "name": found.name, "basis": found.basis}
    after = {"working": working, "name": name, "basis": basis}
    if before == after:
        raise SameDay()
    if found is None:
        db.session.add(CalendarDay(day=day, **after))
    else:
        found.working, found.name, found.basis = working, name, basis
    db.session.flush()
    record(by, "settings.calendar_day", str(day), {"before": before, "after": after})


def _announced() -> list[CalendarDay]:
    """The named days from the first year of this system on, as chinesecalendar has them."""
    both = [(day, False, name) for day, name in holidays.items()]
    both += [(day, True, name) for day, name in workdays.items()]
    return [
        CalendarDay(
            day=day,
            working=working,
            name=_NAMES[name] + ("调休上班" if working else ""),
            basis=f"国务院办公厅关于{day.year}年部分节假日安排的通知",
        )
        for day, working, name in sorted(both)
        if day >= FIRST
    ]
