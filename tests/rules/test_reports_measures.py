"""Indicators: their figures, how they compare, and what stands where there is no record."""

from dataclasses import replace
from fractions import Fraction

import pytest

from mealsvc.reports.indicators import INDICATORS, readings
from mealsvc.reports.measures import NO_RECORD, Indicator, Reading, Value, percent, text, yuan
from mealsvc.reports.point_facts import Served
from mealsvc.supervision.prices.standards import MenuStandards
from tests.factories.reports import COMMUNITY, TOWN, cost, every_day, facts, home, point, served

ASKED = [
    "N11",
    "N12",
    "N13",
    "N14",
    "N15",
    "N16",
    "N17",
    "N18",
    "N21",
    "N22",
    "N23",
    "N24",
    "N25",
    "N31",
    "N32",
    "N33",
    "N34",
    "N35",
    "N41",
    "N42",
    "N43",
    "N44",
    "P11",
    "P12",
    "P13",
    "P14",
    "P15",
    "P16",
    "P17",
    "P18",
    "P19",
    "P20",
    "P21",
    "Z11",
    "Z12",
    "Z13",
    "Z14",
    "Z15",
    "Z21",
    "Z22",
    "Z23",
    "Z24",
    "Z25",
    "Z31",
    "Z32",
    "Z33",
    "Z34",
    "Z35",
    "Z41",
    "Z42",
    "Z43",
    "Z44",
    "Z45",
    "Z46",
]
GIVEN = {"district": 93000}
OWN = ("320412", "district")
NOBODY = facts(slices=(), days={}, elders={})


def read(code, **fields):
    """The indicator's value for such a month."""
    return readings(facts(**fields), NOBODY)[code].now


def test_every_indicator_of_the_set_has_its_line_in_order():
    codes = [each.code for each in INDICATORS]
    assert list(dict.fromkeys(code.partition("-")[0] for code in codes)) == ASKED
    assert len(set(codes)) == len(codes)


def test_an_indicator_without_records_says_what_is_missing_and_no_figure():
    reading = readings(facts(), facts())["N14"]
    assert (reading.now, reading.state) == (None, NO_RECORD)
    assert reading.sentence() == "留样合规率（N14）：暂无记录，缺少留样记录。"


def test_a_month_without_anything_has_no_figure_that_was_made_up():
    empty = facts(
        slices=(), days={}, elders={}, points=(), reaches=(), managed_towns=(), purchases={}
    )
    known = [code for code, each in readings(empty, empty).items() if each.now is not None]
    assert known == ["N43"]


@pytest.mark.parametrize(
    ("code", "fields", "shown"),
    [
        # Mean of 310 lunches of 12 yuan and 310 of 15; their spread is 1.5 of 13.5.
        ("N22-1", {"slices": (served(servings=310), served("P01", 310, 1500))}, "13.50元"),
        ("N22-2", {"slices": (served(servings=310), served("P01", 310, 1500))}, "11.1%"),
        # Only subsidised meals count for what an elder pays.
        ("N23", {"slices": (served(servings=2), served(servings=9, tier=None))}, "9.00元"),
        ("N31", {"menus": {"P01": MenuStandards(3, 4)}}, "75.0%"),
        ("N32", {"menus": {"P01": MenuStandards(3, 4, 1, 8)}}, "12.5%"),
        ("P11", {"managed_towns": (TOWN, "320412101")}, "50.0%"),
        ("P14", {}, "20.00个"),
        ("P15-1", {}, "80.00个"),
        ("P15-2", {}, "200.00份"),
        ("P16", {}, "6.20%"),
        ("P17", {}, "10.0份"),
        ("P18-1", {"groups": {"320412": {"TK": Served(8, 3)}}}, "37.5%"),
        ("P19", {"groups": {"320412": {"delivery": Served(3, 2)}}}, "66.7%"),
        ("Z34", {}, "100.0%"),
        ("Z12", {"money": {"P01": cost((served(servings=310),), delivery_fen=100)}}, "3.00元"),
        ("Z13-1", {"money": {"P01": cost((served(servings=310),), funding=GIVEN)}}, "25.0%"),
        ("Z13-6", {"money": {"P01": cost((served(servings=310),), funding=GIVEN)}}, "75.0%"),
        ("Z11-1", {"committed": {OWN: 50}, "budget": {OWN: 200}}, "25.0%"),
        ("Z11-2", {"paid": {OWN: 30}, "budget": {OWN: 200}}, "15.0%"),
    ],
)  # fmt: skip
def test_an_indicator_is_what_its_definition_says(code, fields, shown):
    assert read(code, **fields).shown == shown


@pytest.mark.parametrize(("meters", "shown"), [(300.0, "100.0%"), (551.0, "0.0%")])
def test_the_walk_is_shorter_than_the_policy_circle(meters, shown):
    assert read("P13-3", reaches=(home(nearest_m=meters),)).shown == shown
    assert read("P13-2", reaches=(home(nearest_m=meters),)).shown == "100.0%"


def test_effective_operation_needs_enough_meals_on_enough_days():
    assert read("Z34", days={"P01": every_day(5, 20)}).shown == "100.0%"
    assert read("Z34", days={"P01": every_day(5, 19)}).shown == "0.0%"
    assert read("Z34", days={"P01": every_day(4)}).shown == "0.0%"


def test_a_serving_point_counts_by_its_kitchens_licence():
    supplied = point("P02", kind="serving_point", supplier="K01", licence_no="")
    expired = point("K01", kind="central_kitchen", seats=0, licence_expires_on=None)
    found = read("N41", points=(point(), supplied, expired))
    assert (found.numerator, found.denominator) == ("1个", "2个")


def test_points_of_one_kitchen_are_one_supplier():
    supplied = (point("P02", supplier="K01"), point("P03", supplier="K01"))
    meals = (served("P02", 30), served("P03", 30), served("P01", 40))
    both = {"points": (point(), *supplied, point("K01")), "slices": meals}
    assert read("N44-1", **both).shown == "60.0%"
    assert read("N44-2", **both).shown == "5,200"


def test_a_community_is_covered_by_regular_delivery_too():
    other = "320412100002"
    reaches = (home(), home(other))
    assert read("P12", reaches=reaches).shown == "50.0%"
    assert read("P12", reaches=reaches, delivered_communities=frozenset({other})).shown == "100.0%"


def test_towns_are_matched_by_their_share_of_meals_and_elders():
    reaches = (home(COMMUNITY, 100), home("320412101001", 300))
    found = read("P20", reaches=reaches, managed_towns=(TOWN, "320412101"))
    assert found.shown == "0.00—4.00"


PLAIN = Indicator("X1", "指标", "口径", "分子", "分母", "%", (), lambda facts: None)


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [
        ("12.5", "10.4", "比上月上升2.1个百分点"),
        ("10.0", "12.5", "比上月下降2.5个百分点"),
        ("10.0", "10.0", "与上月持平"),
        ("10.0", None, "上月无可比记录"),
    ],
)
def test_a_change_is_the_difference_of_the_printed_figures(now, before, told):
    old = None if before is None else Value("", "", before, Fraction(before))
    assert Reading(PLAIN, Value("", "", now, Fraction(now)), old, "上月").change() == told


def test_a_change_of_money_is_in_yuan():
    money = replace(PLAIN, unit="元")
    reading = Reading(
        money, Value("", "", "", Fraction("9.77")), Value("", "", "", Fraction("9.7")), "上月"
    )
    assert reading.change() == "比上月上升0.07元"


def test_a_sentence_holds_the_figure_its_parts_and_the_comparison():
    reading = readings(facts(), NOBODY)["Z34"]
    assert reading.sentence() == (
        "有效运营率（Z34）为100.0%（有效运营1个，运营助餐点1个），上月无可比记录。"
    )


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [(Fraction(1, 4), 1, "0.3"), (Fraction(5, 2), 0, "3"), (1234567, 0, "1,234,567"), (-1, 2, "-1.00")],
)  # fmt: skip
def test_figures_are_rounded_half_up(value, digits, shown):
    assert text(value, digits) == shown


def test_nothing_is_divided_by_nought():
    assert percent(1, 0) is None
    assert yuan(123450) == "1,234.50"
