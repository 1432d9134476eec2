"""Every decision can be said in one Chinese sentence."""

from datetime import date

import pytest

from mealsvc.policies.document import read_policy
from mealsvc.policies.rules import (
    CATEGORIES,
    LAYER_NAMES,
    REASONS,
    SOURCES,
    CategoryFact,
    Departure,
    Usage,
    decide,
)
from mealsvc.policies.wording import (
    CATEGORY_NAMES,
    REASON_NAMES,
    SOURCE_NAMES,
    explain,
    in_words,
)
from tests.factories.policies import SAMPLE, meal, percent_rule, policy, resident, rule

TN = read_policy(SAMPLE)


def said(facts=None, eaten=None, policies=(TN,), usage=None, earlier=""):
    facts = facts or resident()
    return explain(decide(eaten or meal(), facts, policies, usage or Usage()), earlier)


SUBSIDISED = [
    # The contract's own example.
    (resident(), meal(), "72岁，普惠60档，补贴3.00元（区2.00+镇1.00）"),
    # Both layers: the sources are added up, the hardship is not named.
    (
        resident(categories=[CategoryFact("TK")]),
        meal(),
        "72岁，普惠60档+特惠档，补贴5.00元（区4.00+镇1.00）",
    ),
    # Cut by the floor.
    (
        resident(),
        meal(price_fen=350),
        "72岁，普惠60档，补贴2.50元（区2.00+镇0.50），自付不低于1.00元，少补0.50元",
    ),
    # Delivered.
    (
        resident(categories=[CategoryFact("SN")]),
        meal(mode="delivery"),
        "72岁，普惠60档，补贴3.00元（区2.00+镇1.00），另补助餐点送餐1.00元（福彩1.00）",
    ),
]


@pytest.mark.parametrize(("facts", "eaten", "sentence"), SUBSIDISED)
def test_a_subsidised_meal_is_explained(facts, eaten, sentence):
    assert said(facts, eaten) == sentence


def test_a_percentage_says_of_what():
    fifth = percent_rule(percent=20, min_age=60, shares={"village": 3, "district": 1})
    assert said(policies=[policy(fifth)]) == (
        "72岁，普惠60档（餐价20%），补贴2.40元（区0.60+村1.80）"
    )


TWICE, OFTEN = Usage(day_count=2), Usage(month_count=40)
FULL_PRICE = [
    (resident(departures=[Departure("moved_out", date(2024, 1, 1))]), None, Usage(), "已迁出"),
    (
        resident(departures=[Departure("institution", date(2024, 1, 1))]),
        None,
        Usage(),
        "已入住养老机构",
    ),
    (resident(hukou="320411001"), None, Usage(), "不在补贴范围内"),
    (resident(), meal(date(2023, 3, 31)), Usage(), "当天没有生效的补贴政策"),
    (resident(), meal(kind="breakfast"), Usage(), "这个餐次不补贴"),
    (resident(date(1964, 5, 7)), None, Usage(), "未满60岁"),
    (resident(), None, Usage(slot_taken=True), "这一餐已经补贴过"),
    (resident(), None, TWICE, "当天补贴次数已满（每天2餐）"),
    (resident(), None, OFTEN, "当月补贴次数已满（每月40餐）"),
    (resident(), meal(price_fen=100), Usage(), "餐价太低，没有可补贴的部分"),
]


@pytest.mark.parametrize(("facts", "eaten", "usage", "why"), FULL_PRICE)
def test_the_full_price_is_explained(facts, eaten, usage, why):
    sentence = said(facts, eaten, usage=usage)
    assert f"岁，{why}，按原价" in sentence
    assert sentence.endswith("元")


def test_no_rule_and_the_price_are_said():
    nobody = [policy(rule(min_age=90))]
    assert said(policies=nobody) == "72岁，没有适用的补贴档次，按原价12.00元"


def test_a_second_meal_says_where_and_when_the_first_was():
    assert said(usage=Usage(slot_taken=True), earlier="11:32 虞桥食堂") == (
        "72岁，这一餐已经补贴过（11:32 虞桥食堂），按原价12.00元"
    )


def test_sources_are_said_in_the_official_order_without_zeros():
    funding = (("charity", 5), ("village", 0), ("lottery", 200), ("town", 30), ("district", 1))
    assert in_words(funding) == "区0.01+镇0.30+福彩2.00+慈善0.05"


def test_every_code_has_a_chinese_name():
    assert tuple(REASON_NAMES) == REASONS
    assert tuple(SOURCE_NAMES) == SOURCES
    assert tuple(CATEGORY_NAMES) == CATEGORIES
    assert LAYER_NAMES == {"universal": "普惠", "targeted": "特惠"}
