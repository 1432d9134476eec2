"""Dining standards: what counts of weeks, sets, lunches, diets and dishes, and weighed portions."""

import json
from datetime import UTC, date, datetime

import pytest

from mealsvc.kernel.months import Month
from mealsvc.menus.queries import meal_menu
from mealsvc.menus.services import publish, put_item, remove_dish
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.services import reverse_serving
from mealsvc.settings.services import change_setting
from mealsvc.supervision.logs.models import LogEntry
from mealsvc.supervision.prices import standards, weighing
from mealsvc.supervision.prices.standards import MenuStandards
from tests.factories import menus, tills
from tests.factories.menus import dish, place
from tests.factories.tills import SHELL

APRIL = datetime(2024, 4, 30, 1, tzinfo=UTC)
SUNDAY, MONDAY = datetime(2024, 5, 5, 15, tzinfo=UTC), datetime(2024, 5, 5, 16, tzinfo=UTC)
MAY = (Month(2024, 5).first_day, Month(2024, 5).last_day)
WEIGHED = (
    ("大荤", 40.0, 0.5),
    ("小荤", 30.0, 0.5),
    ("素", 130.0, 0.5),
    ("汤", 200.0, 0.3),
    ("主食", 150.0, None),
)


@pytest.fixture
def district(app):
    tills.small_district()


def day(number):
    return date(2024, 5, number)


def lunch(number, dishes=WEIGHED, code="P01", diet=""):
    """A lunch on a day of May, a dish for each kind, called after it."""
    for kind, portion_g, salt_g in dishes:
        values = dish(day(number), f"{kind}菜", kind, portion_g=portion_g, salt_g=salt_g, diet=diet)
        put_item(place(code).id, code, values, SHELL, APRIL)


def made_public(number, at, code="P01"):
    publish(place(code), [meal_menu(place(code).id, day(number), "lunch")], SHELL, at)


def ate(key, number, code="P01", card="C001"):
    tills.serve(key, card, point=code, served_at=tills.a_day(number))


def counts(code="P01", period=MAY):
    return standards.menu_facts(*period).get(place(code).id, MenuStandards())


def test_a_week_is_published_when_its_first_menu_was_before_monday(district):
    with writing():
        for number in (6, 8, 13, 27):
            lunch(number)
        made_public(6, SUNDAY)
        made_public(8, MONDAY)  # the week's first menu counts
        made_public(13, datetime(2024, 5, 12, 16, tzinfo=UTC))  # Monday 0:00
        made_public(27, SUNDAY)
    for number in (7, 8, 13, 27):
        ate(f"S{number}", number)
    with writing() as connection:
        reverse_serving(connection, "back", "S27", "误操作", None, SHELL, tills.a_day(27))
    found = counts()
    assert (found.weeks_published, found.weeks_operating) == (1, 2)  # the 27th was taken back


def test_a_week_belongs_to_the_period_of_its_monday(district):
    with writing():
        lunch(31)
    ate("S1", 1)  # the week of 29 April
    ate("S2", 31)  # the week of 27 May
    assert counts().weeks_operating == 1
    assert counts(period=(date(2024, 4, 1), date(2024, 4, 30))).weeks_operating == 1


def test_sets_lack_the_parts_that_the_setting_of_that_day_names(district):
    with writing():
        lunch(6)
        lunch(7, WEIGHED[:4])
        put_item(
            1, "P01", dish(day(8), "标准套餐", "套餐", price_fen=1200), SHELL, APRIL
        )  # no dish
        lunch(9)
        soup = next(one for one in meal_menu(1, day(9), "lunch").dishes if one.kind == "汤")
        made_public(9, APRIL)
        remove_dish(soup, place(), SHELL, APRIL)
        change_setting("menu.set_meal_parts", "大荤,素", "测试", day(10), True, SHELL, day(10))
        lunch(10, WEIGHED[:3])
    found, records = standards.menu_records(*MAY)[1]
    assert (found.sets_complete, found.sets) == (2, 4)
    assert records.incomplete == [(day(7), "lunch", ("主食",)), (day(9), "lunch", ("汤",))]


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, "inside"),
        ({"素": (110.0, 0.5)}, "outside"),
        ({"素": (None, 0.5)}, "unknown"),
        ({"大荤": (20.0, 0.5)}, "outside"),
        ({"小荤": (None, 0.5)}, "unknown"),
        ({"汤": (None, 0.3)}, "inside"),  # soup is not weighed for the band
        ({"汤": (200.0, None)}, "unknown"),
        ({"主食": (150.0, 1.0)}, "outside"),  # salt counts wherever it stands
    ],
)
def test_a_lunch_is_judged_only_when_it_was_weighed(district, change, state):
    with writing():
        lunch(6, [(kind, *change.get(kind, (grams, salt))) for kind, grams, salt in WEIGHED])
    found = counts()
    assert (found.days_in_band, found.days_with_weights, found.days_without_weights) == {
        "inside": (1, 1, 0),
        "outside": (0, 1, 0),
        "unknown": (0, 0, 1),
    }[state]


def test_a_lunch_without_any_weight_is_shown_apart(district):
    with writing():
        menus.cook(day(6), APRIL)
        menus.cook(day(6), APRIL, meal="dinner")  # the guideline is about lunch
    found = counts()
    assert (found.days_with_weights, found.days_without_weights, found.sets) == (0, 1, 2)


@pytest.mark.parametrize(
    ("diet", "offered"),
    [("", 0), ("low_salt", 1), ("vegetarian;soft", 1), ("low_sugar", 1), ("low_oil", 0)],
)
def test_a_diet_choice_counts_on_days_with_servings(district, diet, offered):
    with writing():
        lunch(6, WEIGHED[:1], diet=diet)
        lunch(7, WEIGHED[:1], diet=diet)
    ate("S1", 6)
    found = counts()
    assert (found.diet_days, found.operating_days) == (offered, 1)


def test_a_main_dish_repeats_within_fortnights_of_the_period(district):
    with writing():
        for number in (1, 14, 15, 16, 20):
            lunch(number, WEIGHED[:3])  # 大荤菜, 小荤菜 and 素菜
    for number in (1, 14, 15, 16):
        ate(f"S{number}", number)  # on the 20th nobody ate
    found, records = standards.menu_records(*MAY)[1]
    assert (found.main_distinct, found.main_served) == (4, 8)
    assert records.repeated == [
        (day(1), "大荤菜", 2), (day(1), "小荤菜", 2), (day(15), "大荤菜", 2), (day(15), "小荤菜", 2),
    ]  # fmt: skip
    assert counts(period=(day(2), day(31))).main_distinct == 4  # fortnights from 2 and 16 May


def test_points_are_counted_apart_and_add_up(district):
    with writing():
        lunch(6)
        lunch(6, WEIGHED[:4], "P02")
    ate("S1", 6)
    ate("S2", 6, "P02", "C002")
    found = standards.menu_facts(*MAY)
    assert {point: one.sets_complete for point, one in found.items()} == {1: 1, 2: 0}
    both = standards.total(found.values())
    assert (both.sets, both.sets_complete, both.operating_days) == (2, 1, 2)
    assert standards.menu_facts(*MAY, [2]) == {2: found[2]}


def test_weighed_portions_keep_to_the_deviation_allowed(district):
    with writing():
        for number, (grams, menu) in enumerate(((90, 100), (110, 100), (111, 100), (45, 50))):
            db.session.add(_weighing(number, grams, menu))
        db.session.add(_weighing(9, 10, 100, withdrawn_at=APRIL))
    found = weighing.weighed(*MAY, [1, 2])
    assert {point: (one.portions, one.within) for point, one in found.items()} == {1: (4, 3)}
    assert [round(one.percent) for one in weighing.entries(*MAY, [1])] == [-10, 10, 11, -10]
    assert weighing.entries(*MAY, [2]) == []


def _weighing(number, grams, menu, **more):
    return LogEntry(
        key=f"W-{number}",
        point_id=1,
        kind="weighing",
        day=day(6),
        subject=f"菜{number}",
        facts=json.dumps({"grams": grams, "menu_grams": menu}),
        at=APRIL,
        recorded_at=APRIL,
        by="tests",
        **more,
    )
