"""A policy in the words that clerks read."""

import pytest

from mealsvc.policies import summary
from mealsvc.policies.rules import Operating
from tests.factories.policies import conditions, percent_rule, policy, rule


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (conditions(), "不限"),
        (conditions(min_age=60, max_age=79), "60至79岁"),
        (conditions(min_age=80), "80岁以上（含）"),
        (conditions(max_age=59), "59岁以下（含）"),
        (conditions(categories=["DB", "TK"]), "特困供养人员（分散）或最低生活保障对象"),
        (conditions(min_age=60, meals=["dinner", "lunch"]), "60岁以上（含），午餐、晚餐"),
        (conditions(modes=["delivery"]), "送餐"),
    ],
)
def test_conditions_read_as_a_clerk_says_them(when, words):
    assert summary.conditions(when) == words


def test_amounts_and_sources_of_fixed_and_percent_rules():
    shown = summary.rule_rows(
        policy(
            rule("A", 300, funding={"town": 100, "district": 200}),
            percent_rule("P", 20, 400, shares={"district": 3, "town": 2}),
            percent_rule("Q", 10, layer="targeted", shares={"district": 2, "town": 1}),
        )
    )
    assert [(row.kind, row.amount, row.funding) for row in shown] == [
        ("普惠", "每餐3.00元", "区2.00+镇1.00"),
        ("普惠", "餐价的20%，最多4.00元", "区60%+镇40%"),
        ("特惠", "餐价的10%", "区2：镇1"),
    ]


def test_operating_money_says_what_must_be_reached():
    entry = Operating("O1", 50, 200_000, 50, None, (("district", 1),))
    [row] = summary.operating_rows(policy(operating=(entry,)))
    assert row.when == "日均不少于50份"
    assert row.amount == "每份补贴餐0.50元；达标每月2000.00元"
    assert row.funding == "区100%"


def test_a_rule_in_one_line():
    assert summary.rule_in_words(rule(min_age=60, max_age=79)) == "普惠：60至79岁，每餐3.00元"
