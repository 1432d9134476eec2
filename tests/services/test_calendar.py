"""The calendar of working days: announced by the State Council, followed by every deadline."""

from datetime import date

import pytest
from chinese_calendar import is_workday
from sqlalchemy import delete, select

from mealsvc.kernel.actors import Actor
from mealsvc.plumbing.db import db, writing
from mealsvc.settings import calendar
from mealsvc.settings.models import CalendarDay
from mealsvc.settlement.notices import last_day
from mealsvc.trail.models import TrailEvent

BY = Actor("cli", "test")
TODAY = date(2026, 11, 1)
UNKNOWN = date(2030, 10, 1)  # a Tuesday of a year that nobody announced


def test_a_new_installation_knows_the_announced_years(app):
    assert set(range(2022, 2027)) <= set(calendar.years_known())
    every = [day for year in (2023, 2024) for day in _days(year)]
    known = calendar.workdays_known()
    assert [day for day in every if known.is_working(day) != is_workday(day)] == []
    assert calendar.is_working(date(2024, 5, 11)) and not calendar.is_working(date(2024, 5, 1))


def test_seeding_again_keeps_what_was_corrected(app):
    with writing():
        db.session.execute(delete(CalendarDay).where(CalendarDay.day == date(2026, 5, 1)))
        assert calendar.seed_calendar(BY) == 0
    assert calendar.is_working(date(2026, 5, 1))
    with writing():
        db.session.execute(delete(CalendarDay).where(CalendarDay.day >= date(2026, 1, 1)))
        assert calendar.seed_calendar(BY) > 30
    assert not calendar.is_working(date(2026, 5, 1))


def test_a_year_without_announcement_follows_the_week_until_it_is_named(app):
    assert UNKNOWN.year not in calendar.years_known()
    assert calendar.is_working(UNKNOWN)
    assert calendar.add_working_days(date(2030, 9, 30), 1) == UNKNOWN
    with writing():
        calendar.set_day(UNKNOWN, False, "国庆节", "放假通知", BY, TODAY)
    assert calendar.add_working_days(date(2030, 9, 30), 1) == date(2030, 10, 2)
    assert calendar.working_days_between(date(2030, 9, 30), date(2030, 10, 2)) == 1
    assert calendar.add_working_days(date(2030, 10, 2), -1) == date(2030, 9, 30)
    row = db.session.scalars(select(TrailEvent).order_by(TrailEvent.seq.desc())).first()
    assert row is not None and (row.action, row.subject) == ("settings.calendar_day", "2030-10-01")


def test_a_day_is_changed_by_naming_it_again_but_never_in_the_past(app):
    with writing():
        calendar.set_day(UNKNOWN, False, "国庆节", "放假通知", BY, TODAY)
    with pytest.raises(calendar.SameDay), writing():
        calendar.set_day(UNKNOWN, False, "国庆节", "放假通知", BY, TODAY)
    with writing():
        calendar.set_day(UNKNOWN, True, "照常上班", "更正通知", BY, TODAY)
    assert calendar.is_working(UNKNOWN)
    with pytest.raises(calendar.PastDay), writing():
        calendar.set_day(date(2026, 10, 31), False, "临时放假", "通知", BY, TODAY)


def test_public_notices_count_by_the_calendar(app):
    assert last_day(date(2024, 6, 4), 5) == date(2024, 6, 11)  # Monday 10 June: Dragon Boat
    assert last_day(date(2024, 5, 1), 1) == date(2024, 5, 6)
    assert last_day(date(2024, 5, 10), 2) == date(2024, 5, 11)  # a Saturday that is worked


def _days(year):
    first = date(year, 1, 1).toordinal()
    return [date.fromordinal(one) for one in range(first, date(year + 1, 1, 1).toordinal())]
