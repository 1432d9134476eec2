"""What the report asks of papers and people equals a plain count over the rows, day by day."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import select

from mealsvc.places.models import MealPoint
from mealsvc.places.units import indicators, queries, rules, services, staffing
from mealsvc.places.units.models import StaffMember, StaffPaper, UnitDocument, UnitEvent
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from tests.factories import units
from tests.factories.tills import SHELL

TODAY = date(2024, 6, 30)
DAYS = (date(2023, 8, 15), date(2024, 2, 29), date(2024, 5, 31))
PERIODS = ((date(2024, 5, 1), date(2024, 5, 31)), (date(2023, 7, 1), date(2024, 6, 30)))
KINDS = ("community_canteen", "institution_canteen", "serving_point", "neighbour_table")


@pytest.fixture
def district(app, monkeypatch):
    """Six points with papers, people, trainings and events by the dice, some of them withdrawn."""
    at = datetime(TODAY.year, TODAY.month, TODAY.day, 4, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: at)
    random = Random(15)
    places = [
        units.point(f"P{number}", KINDS[number % 4], supplier="P0" if number == 2 else "")
        for number in range(6)
    ]
    with writing():
        for place in places:
            _papers(place, random, at)
            _people(place, random, at)
        for code in random.sample(rules.RULES, 7):
            services.enter_document(None, {"kind": code, "valid_from": DAYS[1]}, SHELL, at)
    return places


def _day(random, back=700):
    return TODAY - timedelta(days=random.randrange(back))


def _papers(place, random, now):
    for kind in ("agreement", "supplier_licence", "health_declaration", *rules.RULES[:4]):
        for number in range(random.randrange(3)):
            first = _day(random)
            values = {"number": str(number), "valid_to": first + timedelta(random.randrange(500))}
            one = services.enter_document(
                place, {"kind": kind, "valid_from": first, **values}, SHELL, now
            )
            if random.random() < 0.2:
                services.withdraw_document(one, "录错", SHELL, now)
    place.licence_expires_on = _day(random)
    for _ in range(random.randrange(4, 9)):
        values = {"kind": random.choice(("drill", "volunteer_hours")), "held_on": _day(random)}
        event = services.note_event(place, values | {"hours": 1.5}, SHELL, now)
        if random.random() < 0.4:
            services.withdraw_event(event, "录错", SHELL, now)


def _people(place, random, now):
    for number in range(random.randrange(1, 6)):
        joined = _day(random)
        values = {
            "name": f"演示{number}",
            "post": random.choice(("cook", "officer", "director", "cashier")),
            "handles_food": random.random() < 0.7,
            "volunteer": random.random() < 0.2,
            "joined_on": joined,
            "left_on": min(joined + timedelta(random.randrange(400)), TODAY)
            if random.random() < 0.4
            else None,
        }
        member = staffing.add_member(place, values, SHELL)
        for _ in range(random.randrange(5)):
            kind = random.choice(("health", "training", "officer", "director"))
            paper = staffing.enter_paper(
                member, {"kind": kind, "issued_on": _day(random)}, SHELL, now
            )
            if paper is not None and random.random() < 0.15:
                staffing.withdraw_paper(paper, "录错", SHELL, now)


def rows_of(model):
    return list(db.session.scalars(select(model)))


def in_account(model):
    return [one for one in rows_of(model) if one.withdrawn_at is None]


def on_duty(day):
    return [
        one
        for one in rows_of(StaffMember)
        if one.joined_on <= day and (one.left_on is None or one.left_on >= day)
        if not one.volunteer or one.handles_food
    ]


def holds(member, kind, day):
    return any(
        one.issued_on <= day and (one.valid_to is None or one.valid_to >= day)
        for one in in_account(StaffPaper)
        if (one.staff_id, one.kind) == (member.id, kind)
    )


def counted(pairs):
    found = {}
    for point, counts in pairs:
        number, of = found.get(point, (0, 0))
        found[point] = (number + counts, of + 1)
    return found


def has(point_id, kind, day):
    return any(
        (one.valid_from is None or one.valid_from <= day)
        and (one.valid_to is None or one.valid_to >= day)
        for one in in_account(UnitDocument)
        if (one.point_id, one.kind) == (point_id, kind)
    )


@pytest.mark.parametrize("day", DAYS)
def test_certificates_and_documents_on_a_day(district, day):
    handlers = [one for one in on_duty(day) if one.handles_food]
    assert queries.handlers_on(day) == counted(
        (one.point_id, holds(one, "health", day)) for one in handlers
    )
    needing = []
    for one in on_duty(day):
        needed = ["health"] if one.handles_food else []
        needed += [one.post] if one.post in ("officer", "director") else []
        if needed:
            needing.append((one.point_id, all(holds(one, kind, day) for kind in needed)))
    assert indicators.certified_on(day) == counted(needing)
    ids = [one.id for one in district]
    assert indicators.agreements_on(day) == {one for one in ids if has(one, "agreement", day)}
    own, by_point = indicators.rules_on(day)
    assert own == sum(has(None, code, day) for code in rules.RULES)
    numbers = {one: sum(has(one, code, day) for code in rules.RULES) for one in ids}
    assert by_point == {one: number for one, number in numbers.items() if number}
    assert indicators.papers_valid_on(day) == {one for one in ids if in_date(one, day)}


def in_date(point_id, day):
    place = db.session.get(MealPoint, point_id)
    licensed = place.licence_expires_on >= day
    if place.kind == "serving_point":
        supplier = db.session.query(MealPoint).filter_by(code=place.supplier).first()
        licensed = has(point_id, "supplier_licence", day) or (
            supplier is not None and supplier.licence_expires_on >= day
        )
    if place.kind == "neighbour_table":
        licensed = has(point_id, "health_declaration", day)
    return licensed and has(point_id, "agreement", day)


@pytest.mark.parametrize(("first", "last"), PERIODS)
def test_training_turnover_and_hours_in_a_period(district, first, last):
    assert indicators.training_in(first, last) == counted(
        (member.point_id, in_time)
        for member in rows_of(StaffMember)
        if member.handles_food and not member.volunteer
        for in_time in trainings_of(member, first, last)
    )
    hours = {}
    for one in in_account(UnitEvent):
        if one.kind == "volunteer_hours" and first <= one.held_on <= last:
            hours[one.point_id] = hours.get(one.point_id, 0) + one.hours
    assert indicators.volunteer_hours(first, last) == hours


def trainings_of(member, first, last):
    """Walks the days one by one: `due` is the day by which the next training has to be done."""
    place = db.session.get(MealPoint, member.point_id)
    months = 6 if place.kind in rules.SPECIFIC else 12
    done = sorted(
        {
            one.issued_on
            for one in in_account(StaffPaper)
            if one.staff_id == member.id and one.kind == "training" and one.issued_on <= last
        }
    )
    obligations = [(member.joined_on, date.min)]
    obligations += [(rules.months_later(day, months), day) for day in done]
    for due, since in obligations:
        in_time = any(since < day <= due for day in done)
        if member.left_on is not None and member.left_on < max(due, first):
            continue
        made_good = any(due < day < first for day in done)
        if first <= due <= last or (due < first and not in_time and not made_good):
            yield in_time


@pytest.mark.parametrize("day", DAYS)
def test_leavers_over_the_mean_headcount_of_a_year(district, day):
    year = [day - timedelta(days=at) for at in range((day - _year_before(day)).days)]
    expected = {}
    for place in district:
        staff = [
            one for one in rows_of(StaffMember) if one.point_id == place.id and not one.volunteer
        ]
        heads = sum(
            one.joined_on <= at and (one.left_on is None or one.left_on >= at)
            for one in staff
            for at in year
        )
        left = sum(one.left_on is not None and one.left_on in year for one in staff)
        if heads:
            expected[place.id] = (left, pytest.approx(heads / len(year)))
    assert indicators.turnover(day) == expected
    assert set(indicators.turnover(day, [district[0].id])) <= {district[0].id}


def _year_before(day):
    return rules.months_later(day, -12)


def test_a_drill_holds_for_a_year(app, monkeypatch):
    now = datetime(2024, 6, 30, 4, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: now)
    place = units.point("P1", "community_canteen")
    units.drill(place, date(2023, 5, 31))
    assert indicators.drilled_by(date(2024, 5, 30)) == {place.id}
    assert indicators.drilled_by(date(2024, 5, 31)) == set()
    assert indicators.drilled_by(date(2023, 5, 30)) == set()
