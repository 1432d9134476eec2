"""The day close: what it sums up, when it is refused, and what comes after it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from mealsvc.accounts.models import Device
from mealsvc.kernel.meals import local_date
from mealsvc.places.services import point_by_code
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.servings import closing
from mealsvc.servings.closing import Counted, Sums
from mealsvc.servings.refusals import DayMoved, DifferenceUnexplained, FutureDay
from mealsvc.servings.services import reverse_serving
from mealsvc.trail.models import TrailEvent
from tests.factories import tills

DAY = local_date(tills.LUNCH)


@pytest.fixture
def point(app):
    """P01 with four lunches on 6 May, one of them taken back, and one of somebody under age."""
    tills.small_district()
    tills.serve("a", "C001")
    tills.serve("b", "C002", mode="take_away")
    tills.serve("c", "C003")
    tills.serve("d", "C004")
    take_back("d", "d-back")
    return point_by_code("P01")


def take_back(key, own_key, now=None):
    with writing() as connection:
        reverse_serving(connection, own_key, key, "登错人", None, tills.SHELL, now or clock.now())


def close(point, fen=None, explanation="", number=1, day=DAY):
    found = closing.day_of(point.id, day)
    target = found.total.self_pay_fen if fen is None else fen
    seen = (number, found.last_sequence)
    with writing():
        counted = Counted(target, 0, explanation)
        return closing.close_day(point, day, counted, seen, tills.SHELL, clock.now())


def test_the_sums_are_net_by_meal_and_mode(point):
    found = closing.day_of(point.id, DAY)
    assert [(part.meal, part.mode) for part in found.parts] == [
        ("lunch", "dine_in"),
        ("lunch", "take_away"),
    ]
    # 72 pays 9, 82 pays 8, 54 pays the full 12; the fourth is taken back
    assert found.total == Sums(3, 2, 1, 3600, 700, 2900, 5)
    assert found.total.full_price == 1


def test_a_close_keeps_the_sums_and_leaves_its_figures_in_the_trail(point):
    made = close(point)
    assert (made.number, made.servings, made.subsidised) == (1, 3, 2)
    assert (made.price_fen, made.subsidy_fen, made.self_pay_fen) == (3600, 700, 2900)
    row = db.session.scalars(sa.select(TrailEvent).where(TrailEvent.action == "days.close")).one()
    assert row.subject == "P01/2024-05-06/1"
    assert '"self_pay_fen": 2900' in row.detail
    assert closing.is_closed(point.id, DAY)
    assert not closing.is_closed(point.id, DAY + timedelta(days=1))
    assert not closing.is_closed(point_by_code("P02").id, DAY)


def test_a_difference_without_a_reason_is_refused_and_keeps_nothing(point):
    with pytest.raises(DifferenceUnexplained):
        close(point, 2899)
    assert not closing.is_closed(point.id, DAY)
    assert close(point, 2899, "找零误差").explanation == "找零误差"


def test_what_arrives_after_a_close_shows_and_the_next_close_counts_it(point):
    first = close(point)
    assert closing.after_close(first) == Sums()
    tills.serve("late", "C004")
    assert closing.after_close(first) == Sums(1, 1, 0, 1200, 300, 900, 1)
    second = close(point, number=2)
    assert (second.number, second.self_pay_fen) == (2, 3800)
    assert closing.after_close(second) == Sums()
    assert closing.latest_close(point.id, DAY).number == 2
    assert closing.day_of(point.id, DAY, up_to=first.last_sequence).total.self_pay_fen == 2900


def test_a_line_that_arrives_while_the_form_is_filled_in_is_shown_first(point):
    seen = (1, closing.day_of(point.id, DAY).last_sequence)
    tills.serve("meanwhile", "C004")
    with pytest.raises(DayMoved), writing():
        closing.close_day(point, DAY, Counted(2900, 0), seen, tills.SHELL, clock.now())


def test_the_same_form_sent_twice_closes_once(point):
    made = close(point)
    with writing():
        seen = (1, made.last_sequence)
        again = closing.close_day(point, DAY, Counted(2900, 0), seen, tills.SHELL, clock.now())
    assert (again.number, closing.latest_close(point.id, DAY).number) == (1, 1)
    with pytest.raises(DayMoved), writing():
        closing.close_day(point, DAY, Counted(2800, 0, "x"), seen, tills.SHELL, clock.now())


def test_an_empty_day_closes_with_zeros_and_a_future_one_not_at_all(point):
    day = DAY - timedelta(days=1)
    made = close(point, day=day)
    assert (made.servings, made.self_pay_fen, made.last_sequence) == (0, 0, 0)
    with pytest.raises(FutureDay):
        close(point, day=local_date(clock.now()) + timedelta(days=1))


@pytest.mark.parametrize(
    "statement", ["UPDATE day_close SET drawer_fen = 1", "DELETE FROM day_close"]
)
def test_the_database_refuses_to_change_a_close(point, statement):
    close(point)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), writing() as connection:
        connection.execute(sa.text(statement))


def test_money_paid_back_for_earlier_days_is_named(point):
    tomorrow = tills.LUNCH + timedelta(days=1)
    take_back("a", "a-back", tomorrow)
    assert closing.refunds_for_earlier_days(point.id, DAY + timedelta(days=1)) == 900
    assert closing.refunds_for_earlier_days(point.id, DAY) == 0


def test_days_without_a_close_and_days_with_later_lines_are_told_apart(point):
    tills.serve("next", "C001", served_at=tills.a_day(7))
    close(point)
    tills.serve("late", "C004")
    first, last = DAY - timedelta(days=7), DAY + timedelta(days=7)
    found = closing.unclosed_days(point.id, first, last)
    assert [(one.day, one.lines, one.closed_before) for one in found] == [
        (DAY, 1, True),
        (DAY + timedelta(days=1), 1, False),
    ]
    close(point, number=2)
    close(point, day=DAY + timedelta(days=1))
    assert closing.unclosed_days(point.id, first, last) == []


def test_tills_that_keep_meals_or_fell_silent_are_named(point):
    now = tills.LUNCH
    for name in ("P01", "P02"):
        tills.till_token(name)
    told = {"pending": None, "reported_at": None}
    for changes, expected in (
        (told, []),
        ({"pending": 0, "reported_at": now}, []),
        ({"pending": 3, "reported_at": now}, [("till-P01", 3)]),
        ({"pending": 0, "reported_at": now - timedelta(minutes=16)}, [("till-P01", 0)]),
        ({"pending": 3, "reported_at": now, "revoked_at": now}, []),
    ):
        with writing() as connection:
            connection.execute(sa.update(Device).values(**changes))
        found = closing.waiting_devices("P01", DAY, now)
        assert [(one.device, one.pending) for one in found] == expected
    with writing() as connection:
        connection.execute(sa.update(Device).values(pending=0, reported_at=now, revoked_at=None))
    next_day = now + timedelta(days=1)
    assert len(closing.waiting_devices("P01", DAY, next_day)) == 1  # not heard of since that day
    assert closing.waiting_devices("P01", DAY - timedelta(days=1), next_day) == []
