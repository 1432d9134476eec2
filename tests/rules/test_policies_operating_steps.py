"""Operating money by steps of volume and by star grade, beside per serving and lump sums."""

import json
from datetime import date

import pytest

from mealsvc.kernel.months import Month
from mealsvc.policies.operating import Volume, counted, earned, monthly_due, steps_due
from mealsvc.policies.rules import Operating, Step
from mealsvc.policies.summary import earned_in_words, operating_rows
from mealsvc.settlement.rules import Extra, Group, earned_by_point, settle_point, worth
from tests.factories.policies import policy

MAY = Month(2024, 5)
HUTANG = "320412100001"
FUNDING = (("district", 2), ("town", 1))
TWO_STEPS = (Step(1, 50), Step(1001, 30))


def steps_rule(*steps, stars=None, code="O1"):
    return Operating(code, None, None, None, None, FUNDING, steps, stars)


DUES = [
    # Nothing for nothing, the first rate from the first serving on.
    (TWO_STEPS, 0, 0),
    (TWO_STEPS, 1, 50),
    # The last serving of a step, and the first of the next.
    (TWO_STEPS, 999, 49_950),
    (TWO_STEPS, 1000, 50_000),
    (TWO_STEPS, 1001, 50_030),
    (TWO_STEPS, 2000, 80_000),
    # Steps that begin later: nothing before.
    ((Step(101, 20),), 100, 0),
    ((Step(101, 20),), 101, 20),
    # A step of one serving, and one that pays nothing.
    ((Step(1, 100), Step(2, 0), Step(3, 7)), 2, 100),
    ((Step(1, 100), Step(2, 0), Step(3, 7)), 4, 114),
    # Rates may also rise.
    ((Step(1, 10), Step(11, 100)), 12, 300),
    # More reversals than servings never happen; they would earn nothing.
    (TWO_STEPS, -3, 0),
]


@pytest.mark.parametrize(("steps", "subsidised", "due"), DUES)
def test_each_serving_earns_the_rate_of_its_step(steps, subsidised, due):
    assert steps_due(steps_rule(*steps), subsidised) == due
    assert sum(count for _, count in counted(steps, subsidised)) <= max(subsidised, 0)


STARS = [
    # stars asked, stars held, earned
    (None, None, True),
    (None, 1, True),
    (3, None, False),
    (3, 2, False),
    (3, 3, True),
    (3, 5, True),
    (1, None, False),
]


@pytest.mark.parametrize(("asked", "held", "is_earned"), STARS)
def test_a_rule_for_stars_pays_the_points_that_have_them(asked, held, is_earned):
    lump = Operating("O", None, 200_000, None, None, FUNDING, (), asked)
    assert monthly_due(lump, 10, 1, held) == 200_000 * is_earned
    assert steps_due(steps_rule(*TWO_STEPS, stars=asked), 10, held) == 500 * is_earned


ALL_THREE = Operating("O1", 7, 200_000, 50, None, FUNDING, TWO_STEPS)


@pytest.mark.parametrize(
    ("subsidised", "servings", "lump", "parts"),
    [
        # 1,100 subsidised of 1,200 servings on 20 days: 60 a day.
        (1100, 1200, True, (7700, 53_000, 200_000)),
        # Another policy judges the lump sums of the month: its own steps still count.
        (1100, 1200, False, (7700, 53_000, 0)),
        # Below the daily average only the lump sum is lost.
        (900, 999, True, (6300, 45_000, 0)),
        (0, 0, True, (0, 0, 0)),
    ],
)
def test_per_serving_steps_and_lump_sum_stand_beside_each_other(subsidised, servings, lump, parts):
    found = earned(policy(), ALL_THREE, subsidised, Volume(servings, 20), lump)
    assert (found.per_serving_fen, found.steps_fen, found.monthly_fen) == parts
    assert found.fen == sum(parts)


def group(code="TEST", lines=1, reversals=0, late=False):
    net = lines - reversals
    content = json.dumps(
        {"policy": code, "reason": None, "rules": [["R", 300, [["district", 300]]]]}
    )
    return Group(content, late, lines, reversals, 1200 * net, 300 * net, 900 * net, 0)


def settle(groups, *rules, stars=None, extras=()):
    policies = [policy(operating=rules)]
    return settle_point("P01", HUTANG, MAY, groups, 20, policies, extras, stars)


STEP_RULE = steps_rule(Step(1, 50), Step(3, 30))


@pytest.mark.parametrize(
    ("groups", "operating_fen"),
    [
        ([group(lines=2)], 100),
        ([group(lines=3)], 130),
        # A reversal within the month takes back the last step first.
        ([group(lines=4, reversals=1)], 130),
        ([group(lines=4, reversals=2)], 100),
        ([group(lines=4, reversals=4)], 0),
        # Several decisions of one policy are counted together.
        ([group(lines=2), group(lines=2, reversals=1)], 130),
        # Late lines and late reversals are not counted, and earn nothing.
        ([group(lines=3), group(lines=5, late=True)], 130),
        ([group(lines=3), group(lines=0, reversals=2, late=True)], 130),
        ([group(lines=5, late=True)], 0),
    ],
)
def test_the_month_s_own_lines_are_counted_and_late_ones_never(groups, operating_fen):
    claim = settle(groups, STEP_RULE)
    assert claim["operating_fen"] == operating_fen
    late = sum(one.subsidy_fen for one in groups if one.late)
    assert claim["adjustment_fen"] == late
    assert sum(claim["funding"].values()) == claim["subsidy_fen"] + operating_fen


def test_a_late_line_still_earns_its_per_serving_money():
    both = Operating("O1", 7, 200_000, None, None, FUNDING, (Step(1, 50),))
    claim = settle([group(lines=1), group(lines=2, late=True)], both)
    assert claim["operating_fen"] == 7 + 50 + 200_000
    assert claim["adjustment_fen"] == 2 * (300 + 7)


def test_each_policy_counts_the_servings_recorded_under_it():
    first = policy(code="A", operating=(steps_rule(Step(1, 50), Step(3, 30)),))
    last = policy(code="B", effective_from=date(2024, 5, 16), operating=(steps_rule(Step(2, 10)),))
    groups = [group("A", lines=3), group("B", lines=3)]
    claim = settle_point("P01", HUTANG, MAY, groups, 20, [first, last])
    assert claim["operating_fen"] == 130 + 20


def test_several_grades_are_several_rules_that_add_up():
    rules = [
        Operating(f"S{stars}", None, fen, None, None, FUNDING, (), stars)
        for stars, fen in ((3, 100_000), (5, 50_000))
    ]
    paid = {stars: settle([group()], *rules, stars=stars)["operating_fen"] for stars in range(1, 6)}
    assert paid == {1: 0, 2: 0, 3: 100_000, 4: 100_000, 5: 150_000}


def test_all_money_of_one_rule_is_split_once():
    """101 fen by 2:1 are 67 and 34, not the sum of what each part would give."""
    rule = Operating("O1", 1, 50, None, None, FUNDING, (Step(1, 50),))
    assert settle([group()], rule)["funding"] == {"district": 300 + 67, "town": 34}


def test_adjustments_do_not_touch_the_steps():
    extra = Extra(500, {"district": 500})
    claim = settle([group(lines=3)], STEP_RULE, extras=[extra])
    assert (claim["operating_fen"], claim["adjustment_fen"]) == (130, 500)


def test_a_held_line_is_worth_its_per_serving_money_but_no_step():
    both = Operating("O1", 7, None, None, None, FUNDING, (Step(1, 50),))
    fen, _ = worth(group().content, [policy(operating=(both,))])
    assert fen == 307


def test_the_sheet_says_how_the_operating_money_came_about():
    rules = (ALL_THREE, steps_rule(Step(1, 20), stars=4, code="S4"))
    groups = [group(lines=1100)]
    found = earned_by_point(HUTANG, MAY, groups, 20, [policy(operating=rules)], 3)
    assert [(one.rule.code, earned_in_words(one)) for one in found] == [
        ("O1", "每份1100×0.07元＋第1至1000份1000×0.50元＋第1001份起100×0.30元＋达标2000.00元")
    ]
    total = settle(groups, *rules, stars=3)["operating_fen"]
    assert sum(one.fen for one in found) == total == 7700 + 53_000 + 200_000


def test_a_policy_tells_its_steps_and_stars_in_words():
    rows = operating_rows(
        policy(operating=(steps_rule(Step(1, 50), Step(2, 40), Step(1001, 30), stars=3),))
    )
    assert [(row.when, row.amount, row.funding) for row in rows] == [
        (
            "月末3星以上（含）",
            "当月补贴餐分档计：第1份每份0.50元，第2至1000份每份0.40元，第1001份起每份0.30元",
            "区2：镇1",
        )
    ]
