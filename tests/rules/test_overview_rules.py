"""Which three problems leaders see first."""

from dataclasses import replace
from datetime import UTC, date, datetime

from mealsvc.coverage.standing import Group, Row, Standing
from mealsvc.home.overview_rules import Money, Overview, problems
from mealsvc.kernel.months import Month
from mealsvc.plumbing.outlook import Sums
from mealsvc.settlement.budget_rows import Warned

MAY = Month(2024, 5)
SPOT = Row("320412101001", "西村", eligible=600, spots=1, nearest_m=2_345.0)
SMALL = replace(SPOT, division="320412101002", name="东村", eligible=300, nearest_m=None)
ALONE = {"DJ": Group(50, 20), "DB": Group(10, 9)}


def seen(rows=(), groups=None, **fields) -> Overview:
    total = Row("320412", "武进区", eligible=900, groups=groups or {})
    here = Standing(
        datetime(2024, 6, 1, tzinfo=UTC), date(2024, 5, 31), MAY, 1000, 500, 550, "", 200,
        tuple(rows), (), total, 0.0,
    )  # fmt: skip
    quiet = {
        "today": date(2024, 6, 1), "day": date(2024, 5, 31), "meals": 10, "usual": 10, "month": MAY,
        "sums": Sums(300), "before": Sums(300), "money": None, "warned": None, "grades": {},
        "starred": 0, "findings": 0, "overdue": 0, "complaints": 0, "complaints_overdue": 0,
        "cases": 0, "cases_overdue": 0, "points": 3,
    }  # fmt: skip
    return Overview(**(quiet | fields), here=here)


def titles(found: Overview) -> list[str]:
    return [one.title for one in problems(found)]


def test_nothing_wrong_is_no_problem():
    assert problems(seen()) == []


def test_safety_comes_before_money_and_money_before_reach_and_three_are_enough():
    money = {"money": Money(2024, 100, 90), "warned": Warned("bad", "不够用", "预计差10元。")}
    everything = seen([SPOT], ALONE, starred=2, overdue=1, complaints_overdue=1, **money)
    assert titles(everything) == ["2个关键项问题没有办结", "1份整改通知逾期", "1件投诉超过答复期限"]
    calm = seen([SPOT], ALONE, cases_overdue=3, **money)
    assert titles(calm) == ["2024年经费：不够用", "3件核查案件逾期没有答复", "1个空白点"]


def test_the_largest_blank_spot_is_named_with_its_distance():
    [one] = problems(seen([SMALL, SPOT]))
    assert one.title == "2个空白点"
    assert one.advice == "最大的是西村：600名户籍老人，最近的助餐点2.3公里。"
    [alone] = problems(seen([SMALL]))
    assert alone.advice == "最大的是东村：300名户籍老人。"


def test_the_group_that_is_missed_most_is_to_be_called():
    [one] = problems(seen(groups=ALONE))
    assert one.title == "30名独居老人这个月没有来就餐"
    assert problems(seen(groups={"DJ": Group(5, 5)})) == []


def test_a_fall_counts_from_fifteen_percent_of_the_same_days():
    assert titles(seen(sums=Sums(255))) == ["5月就餐比上月同期少15%"]
    assert titles(seen(sums=Sums(256))) == []
    assert titles(seen(sums=Sums(0), before=Sums(0))) == []
