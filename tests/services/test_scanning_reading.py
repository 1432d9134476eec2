"""The scan's columns say what the ledger's rows say: on both databases, by every way of day_lines."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import numpy as np
import pytest
from sqlalchemy import select

from mealsvc.accounts.services import add_device, revoke_device
from mealsvc.auditing.scanning import day_lines, services, spool
from mealsvc.auditing.scanning.reading import Reading, points_of
from mealsvc.auditing.scanning.rules.district import OTHER_SEX, SAME_NAME
from mealsvc.auditing.scanning.rules.view import MEALS, METHODS, MODES, Lines, day_number
from mealsvc.kernel.meals import LOCAL, local_date
from mealsvc.kernel.months import Month
from mealsvc.kernel.resident_id import normalise
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writer, writing
from mealsvc.residents.enrolment import Enrolment, enrol_batch
from mealsvc.residents.models import Resident
from mealsvc.residents.services import NewFact, add_fact
from mealsvc.servings.models import Serving
from mealsvc.servings.services import record_serving, reverse_serving
from tests.factories.tills import (
    CARDS,
    COMMUNITY,
    SHELL,
    id_number,
    lunchroom,
    order,
    serve,
    small_district,
)

MAY = Month(2024, 5)
WITHIN_A_DAY = (1, 86_399)


def district():
    """Points P01 and P02 and thirty-four elders."""
    small_district()
    lunchroom()


def _orders(random: Random, number: int):
    """Servings from March to June, some minutes before midnight, at two points."""
    start = datetime(2024, 3, 1, tzinfo=LOCAL)
    for key in range(number):
        at = start + timedelta(days=random.randrange(110), seconds=random.randrange(*WITHIN_A_DAY))
        yield order(
            f"K{key}",
            random.choice(CARDS),
            point=random.choice(("P01", "P02")),
            served_at=at.astimezone(UTC),
            meal=random.choice(MEALS),
            mode=random.choice(MODES),
            method=random.choice(METHODS),
            price_fen=random.choice((900, 1_200, 19_999)),
            operator=random.choice(("", "wang", "李")),
            device=random.choice(("", "till-1", "till-2")),
        )


def ledger():
    """A hundred and fifty servings in no order, every tenth taken back."""
    district()
    random = Random(7)
    with writing():
        for one in _orders(random, 150):
            record_serving(writer(), one, SHELL, clock.now())
        for key in range(0, 150, 10):
            reverse_serving(writer(), f"R{key}", f"K{key}", "误操作", None, SHELL, clock.now())


pytestmark = pytest.mark.ground(by=district)
on_the_ledger = pytest.mark.ground(by=ledger)


def _standing(month: Month) -> dict[str, list[Serving]]:
    """The month's lines that stand, by point, in the order that the rules expect."""
    rows = db.session.scalars(select(Serving)).all()
    undone = {row.reverses for row in rows}
    kept = [
        row
        for row in rows
        if row.reverses is None and row.sequence not in undone and row.served_on in month
    ]
    kept.sort(key=lambda row: (row.served_on, MEALS.index(row.meal), row.served_at, row.sequence))
    points = {1: "P01", 2: "P02"}
    found: dict[str, list[Serving]] = {"P01": [], "P02": []}
    for row in kept:
        found[points[row.point_id]].append(row)
    return found


def _second(row: Serving) -> int:
    local = row.served_at.astimezone(LOCAL)
    return local.hour * 3600 + local.minute * 60 + local.second


def _says_the_same(lines: Lines, rows: list[Serving]) -> None:
    assert lines.sequence.tolist() == [row.sequence for row in rows]
    assert lines.resident.tolist() == [row.resident_id for row in rows]
    assert lines.day.tolist() == [day_number(row.served_on) for row in rows]
    assert lines.second.tolist() == [_second(row) for row in rows]
    assert [MEALS[meal] for meal in lines.meal] == [row.meal for row in rows]
    assert [MODES[mode] for mode in lines.mode] == [row.mode for row in rows]
    assert [METHODS[method] for method in lines.method] == [row.method for row in rows]
    assert lines.price.tolist() == [row.price_fen for row in rows]
    assert lines.subsidy.tolist() == [row.subsidy_fen for row in rows]
    late = [
        min(int((row.recorded_at - row.served_at).total_seconds()), day_lines.LATEST)
        for row in rows
    ]
    assert lines.lateness.tolist() == late
    names = [row.device or row.operator for row in rows]
    assert len(set(zip(names, lines.source.tolist(), strict=True))) == len(set(names))
    assert [name == "" for name in names] == (lines.source == 0).tolist()


@on_the_ledger
@pytest.mark.parametrize("way", ["as it is", "wide", "scattered"])
def test_the_columns_say_what_the_rows_say(app, monkeypatch, way):
    if way == "wide":
        monkeypatch.setattr(day_lines, "_fits", lambda row, extent: False)
    if way == "scattered":
        monkeypatch.setattr(day_lines, "DENSE", 0)
    expected = _standing(MAY)
    seen = {one.point.code: one for one in points_of(MAY)}
    assert set(seen) == {"P01", "P02"}
    for code, rows in expected.items():
        _says_the_same(seen[code].lines, rows)


@on_the_ledger
def test_what_is_too_much_for_memory_goes_through_a_file(app, monkeypatch):
    monkeypatch.setattr(spool, "IN_MEMORY", 64)
    for one in points_of(MAY):
        _says_the_same(one.lines, _standing(MAY)[one.point.code])


@on_the_ledger
def test_one_point_can_be_read_by_itself(app):
    (one,) = points_of(MAY, ["P02"])
    _says_the_same(one.lines, _standing(MAY)["P02"])


def test_a_month_of_which_nothing_is_known_has_no_points(app):
    assert list(points_of(MAY)) == []
    assert services.look(MAY).anomalies == ()


@on_the_ledger
def test_habits_are_those_of_the_two_months_before(app):
    before = [
        row
        for month in (Month(2024, 3), Month(2024, 4))
        for rows in _standing(month).values()
        for row in rows
    ]
    for one in points_of(MAY):
        here = [row for row in before if {1: "P01", 2: "P02"}[row.point_id] == one.point.code]
        known = {(row.resident_id, MEALS.index(row.meal)) for row in here}
        habits = one.habits
        assert set(zip(habits.resident.tolist(), habits.meal.tolist(), strict=True)) == known
        assert habits.days == len({row.served_on for row in here})
        for place, (who, meal) in enumerate(zip(habits.resident, habits.meal, strict=True)):
            mine = [row for row in here if (row.resident_id, MEALS.index(row.meal)) == (who, meal)]
            seconds = [_second(row) for row in mine]
            anywhere = [row for row in before if row.resident_id == who]
            at_home = [row for row in here if row.resident_id == who]
            assert habits.servings[place] == len(mine)
            assert habits.at[place] == pytest.approx(np.mean(seconds))
            assert habits.spread[place] == pytest.approx(np.std(seconds))
            assert habits.manual[place] == sum(row.method == "manual" for row in mine)
            assert habits.delivered[place] == sum(row.mode == "delivery" for row in mine)
            assert habits.home[place] == pytest.approx(len(at_home) / len(anywhere))


def test_the_first_day_is_looked_for_a_year_back(app):
    serve("old", "K001", served_at=datetime(2023, 6, 3, 4, tzinfo=UTC))
    serve("older", "K002", served_at=datetime(2023, 3, 3, 4, tzinfo=UTC))
    serve("april", "K003", served_at=datetime(2024, 4, 3, 4, tzinfo=UTC))
    for number, card in enumerate(("K001", "K002", "K003")):
        serve(f"may{number}", card, served_at=datetime(2024, 5, 7, 4, tzinfo=UTC))
    (one,) = points_of(MAY)
    days = [date(2023, 6, 3), date(2024, 5, 7), date(2024, 4, 3)]
    assert one.people.first_day.tolist() == [day_number(day) for day in days]


def test_people_departures_and_the_usual_counts_are_handed_over(app):
    serve("a", "C001")
    serve("b", "C001", served_at=datetime(2024, 4, 8, 4, tzinfo=UTC))
    who = db.session.scalars(select(Serving.resident_id)).first()
    with writing():
        add_fact(who, NewFact("departure", "deceased", date(2024, 5, 2), None, "殡葬"), SHELL)
    (one,) = points_of(MAY)
    assert one.people.birth_day.tolist() == [day_number(date(1952, 3, 1))]
    assert [(gone.kind, gone.from_day, gone.source) for gone in one.departures] == [
        ("deceased", day_number(date(2024, 5, 2)), "殡葬")
    ]
    assert one.point.counts == {(day_number(date(2024, 4, 8)), MEALS.index("lunch")): 1}
    assert one.policy_starts == (day_number(date(2023, 4, 1)),)


def test_equal_phones_share_a_number(app):
    twins = [("王一", "201", "13800000001"), ("王二", "202", "13800000001"), ("王三", "203", None)]
    with writing():
        enrol_batch(
            [
                Enrolment(
                    normalise(id_number("19490101", serial)), name, COMMUNITY, COMMUNITY,
                    card_no=f"W{serial}", phone=phone,
                )
                for name, serial, phone in twins
            ],
            SHELL,
            clock.now(),
            source="测试",
        )  # fmt: skip
    for _, serial, _ in twins:
        serve(serial, f"W{serial}")
    (one,) = points_of(MAY)
    first, second, third = one.people.phone.tolist()
    assert first == second != 0
    assert third == 0


def test_likely_duplicates_and_elders_at_two_points_are_gathered(app):
    names = (("赵同", "19490101", "301"), ("赵同", "19490101", "303"), ("赵同", "19490101", "302"))
    with writing():
        enrol_batch(
            [
                Enrolment(normalise(id_number(birth, serial)), name, COMMUNITY, COMMUNITY,
                          card_no=f"Z{serial}")
                for name, birth, serial in names
            ],
            SHELL,
            clock.now(),
            source="测试",
        )  # fmt: skip
    for _, _, serial in names:
        serve(serial, f"Z{serial}")
    serve("x", "C001")
    serve("y", "C001", point="P02", meal="dinner", served_at=datetime(2024, 5, 6, 10, tzinfo=UTC))
    serve("z", "C002", served_at=datetime(2024, 5, 7, 4, tzinfo=UTC))
    serve("zz", "C002", point="P02", served_at=datetime(2024, 5, 8, 4, tzinfo=UTC))
    with Reading(MAY) as reading:
        reading.prepare()
        list(reading.months())
        found = reading.district()
    ids = {row.name: row.id for row in db.session.scalars(select(Resident))}
    assert sorted(twin.why for twin in found.twins) == sorted([SAME_NAME, OTHER_SEX, OTHER_SEX])
    assert all(twin.older < twin.younger for twin in found.twins)
    met = found.lines.resident == ids["张国丰"]
    assert found.where[met].tolist() == [1, 2]
    assert len(found.lines) == 2 + len(names)
    assert sorted(len(one.servings) for one in found.points) == [2, 5]
    assert found.visits.month.sum() == 2 + len(names)


def test_a_device_of_another_point_or_revoked_is_told(app):
    with writing():
        add_device("P02", "elsewhere", SHELL, clock.now())
        add_device("P01", "old", SHELL, clock.now())
        add_device("P01", "good", SHELL, clock.now())
    with writing():
        revoke_device("old", SHELL, clock.now() - timedelta(days=1))
    for number, device in enumerate(("elsewhere", "old", "good", "never registered")):
        serve(f"k{number}", CARDS[number], device=device)
    (one,) = points_of(MAY)
    keys = dict(db.session.execute(select(Serving.sequence, Serving.key)).all())
    assert {keys[sequence] for sequence in one.foreign_devices} == {"k0", "k1"}


def test_the_clock_of_the_day_is_shanghais(app):
    serve("night", "C001", served_at=datetime(2024, 4, 30, 16, 5, tzinfo=UTC))
    (one,) = points_of(MAY)
    assert (one.lines.day.tolist(), one.lines.second.tolist()) == (
        [day_number(local_date(datetime(2024, 4, 30, 16, 5, tzinfo=UTC)))],
        [300],
    )
