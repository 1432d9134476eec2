"""Findings: each rests on figures, and names who has to act."""

from dataclasses import replace
from datetime import date

import pytest

from mealsvc.reports.findings import advice, findings
from tests.factories.reports import LIMITS, every_day, facts, home, point, served

USUAL = "没有留样、晨检"


def found(**fields):
    """Problem and unit of everything found, but for the records that nobody keeps yet."""
    return [
        (each.problem, each.unit) for each in findings(facts(**fields)) if USUAL not in each.problem
    ]


def test_a_month_in_order_has_only_the_missing_records():
    [only] = findings(facts())
    assert USUAL in only.problem
    assert only.unit == "武进区民政局"
    assert "进货查验" not in only.problem


def test_an_empty_purchase_ledger_is_among_the_missing_records():
    [only] = findings(facts(purchases={}))
    assert "进货查验记录" in only.problem


@pytest.mark.parametrize(
    ("expires", "told"),
    [
        (date(2024, 5, 30), "已过期（有效期至2024年5月30日）"),
        (date(2024, 5, 31), "30日内到期"),
        (date(2024, 6, 30), "30日内到期"),
        (date(2024, 7, 1), None),
        (None, "未登记食品经营许可证编号或有效期"),
    ],
)
def test_a_licence_is_found_from_thirty_days_before_it_ends(expires, told):
    listed = found(points=(point(licence_expires_on=expires),))
    assert [unit for _, unit in listed] == (["单位P01（助餐点P01）"] if told else [])
    assert all(told in problem for problem, _ in listed)


def test_a_kitchen_is_found_once_however_many_points_it_supplies():
    kitchen = point("K01", kind="central_kitchen", seats=0, licence_expires_on=date(2024, 1, 1))
    supplied = [point(code, kind="serving_point", supplier="K01") for code in ("P02", "P03")]
    days = {code: every_day(10) for code in ("P02", "P03")}
    listed = found(points=(*supplied, kitchen), slices=(), days=days)
    assert [problem for problem, _ in listed] == [
        "助餐点K01食品经营许可证已过期（有效期至2024年1月1日）。"
    ]


def test_a_point_below_effective_operation_is_found_with_its_days():
    [(problem, unit)] = found(
        points=(point(), point("P02")),
        days={"P01": every_day(10), "P02": every_day(5, 19)},
    )
    assert "有19天，未达到有效运营20天" in problem
    assert unit == "单位P02（助餐点P02）"


@pytest.mark.parametrize(("manual", "listed"), [(3, 0), (4, 1)])
def test_manual_entries_are_found_above_three_percent(manual, listed):
    slices = (served(servings=100 - manual), served(servings=manual, method="manual"))
    problems = [problem for problem, _ in found(slices=slices) if "手工" in problem]
    assert len(problems) == listed


def test_meals_handed_over_at_a_door_are_no_manual_entries():
    carried = served(servings=20, method="manual", mode="delivery")
    assert not [p for p, _ in found(slices=(served(servings=80), carried)) if "手工" in p]


def test_a_price_far_above_the_lowest_is_found():
    two = {"points": (point(), point("P02")), "days": {c: every_day(10) for c in ("P01", "P02")}}
    kitchens = {"points": (point(supplier="K"), point("P02", supplier="L"))}
    low, high = served(servings=10, price_fen=1000), served("P02", 10, 1210)
    problems = [p for p, _ in found(**(two | kitchens), slices=(low, high)) if "均值" in p]
    assert problems == ["P02餐价均值12.10元，比最低的丰乐助餐点（10.00元）高21.0%，超过20%。"]
    same = served("P02", 10, 1200)
    assert not [p for p, _ in found(**(two | kitchens), slices=(low, same)) if "均值" in p]


def test_one_kitchen_for_too_many_is_found():
    slices = (served(servings=59), served("P02", 41))
    points = (point(), point("P02"))
    days = {code: every_day(10) for code in ("P01", "P02")}
    limits = replace(LIMITS, concentration=45.0)
    listed = found(points=points, days=days, slices=slices, limits=limits)
    [problem] = [problem for problem, _ in listed if "警戒线" in problem]
    assert "丰乐助餐点供餐59份，占全区59.0%，超过警戒线45%" in problem


def test_a_town_without_a_point_and_its_blank_spots_go_to_the_town():
    town = "320412400"
    names = {town: "西湖街道", f"{town}001": "桂浜社区"}
    listed = found(
        names=names,
        managed_towns=("320412100", town),
        reaches=(home(), home(f"{town}001", 250, 1500.0)),
    )
    assert listed == [
        ("西湖街道没有有效运营的助餐点，60岁以上户籍人口250人。", "西湖街道办事处"),
        (
            "西湖街道有空白点1个（200名以上老人、1,000米内没有运营助餐点），涉及250人。",
            "西湖街道办事处",
        ),
    ]


def test_the_same_advice_is_given_once():
    licences = tuple(point(f"P0{n}", licence_expires_on=None) for n in (1, 2))
    every = findings(facts(points=licences, days={c: every_day(10) for c in ("P01", "P02")}))
    given = advice(every)
    assert len(given) == len(set(given)) < len(every)
