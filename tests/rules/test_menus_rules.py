"""Marks, set meals, filed prices in force, the ceiling, and which changes come close to a policy."""

from datetime import date, timedelta

import pytest

from mealsvc.menus.rules import (
    Filed,
    ceiling_fen,
    change_of,
    diet_code,
    diet_names,
    joined,
    list_price_fen,
    marks,
    missing_parts,
    monday_of,
    policies_near,
    prices_on,
    week_of,
)

MAY = date(2024, 5, 1)
PATTERN = "大荤,小荤,素,汤,主食"


def filed(day, elder, public=None, name="标准套餐", ended=False):
    return Filed(name, public or elder + 200, elder, date(2024, 5, day), ended)


def test_marks_are_parted_at_any_usual_sign_and_told_once():
    assert marks(" 花生；蛋、奶,蛋  大豆/麸质 ") == ("花生", "蛋", "奶", "大豆", "麸质")
    assert marks("") == ()
    assert joined(["蛋", "", "蛋", "奶"]) == "蛋;奶"


@pytest.mark.parametrize(
    ("word", "code"), [("低盐", "low_salt"), ("soft", "soft"), ("清真", "halal"), ("好吃", None)]
)
def test_a_diet_mark_is_known_by_code_and_name(word, code):
    assert diet_code(word) == code


def test_stored_diet_marks_read_in_chinese():
    assert diet_names("low_salt;boneless;别的") == ("低盐", "无骨", "别的")


def test_a_set_meal_lacks_what_the_pattern_has_and_the_dishes_have_not():
    assert missing_parts(PATTERN, {"大荤", "素", "主食", "套餐"}) == ("小荤", "汤")
    assert missing_parts(PATTERN, {"大荤", "小荤", "素", "汤", "主食"}) == ()


def test_a_week_begins_on_monday():
    assert {monday_of(day) for day in week_of(date(2024, 5, 6))} == {date(2024, 5, 6)}
    assert monday_of(date(2024, 5, 5)) == date(2024, 4, 29)


def test_of_each_name_the_latest_price_counts_until_it_is_ended():
    history = (
        filed(1, 1200),
        filed(1, 800, name="小份"),
        filed(6, 1300),
        filed(8, 1300, ended=True),
    )
    found = {day: prices_on(history, date(2024, 5, day)) for day in (1, 6, 8)}
    assert [price.elder_fen for price in found[1]] == [1200, 800]
    assert [price.elder_fen for price in found[6]] == [1300, 800]
    assert [price.name for price in found[8]] == ["小份"]
    assert prices_on(history, date(2024, 4, 30)) == ()


def test_the_ceiling_is_the_dearest_elder_price_in_force():
    history = (filed(2, 1200), filed(2, 800, name="小份"), filed(6, 900), filed(9, 900, ended=True))
    ceilings = [ceiling_fen(history, date(2024, 5, day)) for day in (1, 2, 6, 9)]
    assert ceilings == [None, 1200, 900, 800]


def test_only_a_price_that_was_filed_for_elders_has_a_list_price_behind_it():
    prices = (
        filed(1, 1200, 1500),
        filed(1, 1200, 1400, name="晚市"),
        filed(1, 800, 1000, name="小份"),
    )
    assert list_price_fen(prices, 1200) == 1400  # never more discount than surely is one
    assert list_price_fen(prices, 800) == 1000
    assert [list_price_fen(prices, price) for price in (1000, 1)] == [1000, 1]


@pytest.mark.parametrize(
    ("elder", "public", "rises"),
    [(1300, 1400, True), (1200, 1500, True), (1200, 1400, False), (1000, 1300, False)],
)
def test_a_change_rises_when_elders_or_the_public_pay_more(elder, public, rises):
    history = (filed(1, 1200, 1400), filed(6, elder, public))
    assert change_of(history, history[1]).rises is rises


def test_a_new_name_is_compared_with_the_dearest_that_there_was():
    history = (filed(1, 1200), filed(6, 1500, name="豪华套餐"))
    change = change_of(history, history[1])
    assert change.before == history[0]
    assert change.rises
    assert change_of(history, history[0]).before is None


@pytest.mark.parametrize(("before", "near"), [(-1, False), (0, True), (7, True), (8, False)])
def test_a_change_is_near_up_to_seven_days_before_a_policy_begins(before, near):
    start = date(2024, 6, 1)
    found = policies_near([start, date(2023, 1, 1)], start - timedelta(days=before), 7)
    assert found == ((start,) if near else ())
