"""What a point earns for a month, and by which policy that is judged."""

from datetime import date

import pytest

from mealsvc.kernel.months import Month
from mealsvc.policies.operating import monthly_due, policy_for_point, split
from mealsvc.policies.rules import Operating
from tests.factories.policies import policy

MAY = Month(2024, 5)
HUTANG = "320412100"


def judge(*policies):
    found = policy_for_point(policies, HUTANG, MAY)
    return found and found.code


def during(code, first, last=None, **fields):
    return policy(code=code, effective_from=first, effective_to=last, **fields)


JUDGES = [
    # The only one, in effect throughout.
    ([during("A", date(2023, 1, 1))], "A"),
    # In effect on the first day only, on the last day only.
    ([during("A", date(2023, 1, 1), date(2024, 5, 1))], "A"),
    ([during("A", date(2024, 5, 31))], "A"),
    # The day before and the day after the month.
    ([during("A", date(2023, 1, 1), date(2024, 4, 30))], None),
    ([during("A", date(2024, 6, 1))], None),
    # The latest in the month judges it all, however short it was in effect.
    (
        [during("B", date(2024, 5, 31)), during("A", date(2023, 1, 1), date(2024, 5, 30))],
        "B",
    ),
    # A town's policy that ended earlier gives way to the district's.
    (
        [
            during("TOWN", date(2023, 1, 1), date(2024, 5, 30), division=HUTANG),
            during("DISTRICT", date(2023, 1, 1)),
        ],
        "DISTRICT",
    ),
    # Both to the end of the month, whatever comes later: the longest division.
    (
        [
            during("DISTRICT", date(2023, 1, 1)),
            during("TOWN", date(2023, 1, 1), date(2024, 5, 31), division=HUTANG),
        ],
        "TOWN",
    ),
    (
        [
            during("TOWN", date(2023, 1, 1), date(2024, 5, 31), division=HUTANG),
            during("DISTRICT", date(2023, 1, 1), date(2024, 6, 30)),
        ],
        "TOWN",
    ),
    # Another town's policy, and one that leaves this town to somebody else.
    ([during("A", date(2023, 1, 1), division="320412103")], None),
    ([during("A", date(2023, 1, 1), exclude=(HUTANG,))], None),
    # The scope is about residents; a point stands where it stands.
    ([during("A", date(2023, 1, 1), scope="residence")], "A"),
]


@pytest.mark.parametrize(("policies", "code"), JUDGES)
def test_the_policy_in_effect_latest_judges_the_whole_month(policies, code):
    assert judge(*policies) == code


LUMP = Operating("O1", None, 200000, 50, 15, (("district", 1),))
DUES = [
    # Exactly 50 a day on exactly 15 days.
    (LUMP, 750, 15, 200000),
    # One serving or one day too few.
    (LUMP, 749, 15, 0),
    (LUMP, 750, 14, 0),
    (LUMP, 800, 16, 200000),
    # Without a minimum of days, one good day is enough.
    (Operating("O1", None, 200000, 50, None, (("district", 1),)), 50, 1, 200000),
    # Without an average, the days alone decide.
    (Operating("O1", None, 200000, None, 15, (("district", 1),)), 15, 15, 200000),
    # Without any condition one serving is enough, and none is not.
    (Operating("O1", None, 200000, None, None, (("district", 1),)), 1, 1, 200000),
    (Operating("O1", None, 200000, None, None, (("district", 1),)), 0, 0, 0),
    (Operating("O1", None, 200000, 0, 0, (("district", 1),)), 0, 0, 0),
    # Money for each serving is no lump sum.
    (Operating("O1", 50, None, None, None, (("district", 1),)), 750, 15, 0),
]


@pytest.mark.parametrize(("operating", "servings", "days", "due"), DUES)
def test_a_lump_sum_is_earned_by_average_and_days(operating, servings, days, due):
    assert monthly_due(operating, servings, days) == due


SPLITS = [
    # The odd fen goes to the larger remainder, of equal ones to the earlier source.
    ((("district", 1), ("town", 1)), 101, (("district", 51), ("town", 50))),
    ((("town", 1), ("district", 2)), 100, (("town", 33), ("district", 67))),
    # A source that gets nothing is left out.
    ((("district", 1), ("town", 1)), 1, (("district", 1),)),
    ((("district", 1), ("town", 1)), 0, ()),
    # A reversal is the mirror image.
    ((("district", 1), ("town", 1)), -101, (("district", -51), ("town", -50))),
]


@pytest.mark.parametrize(("funding", "amount", "parts"), SPLITS)
def test_operating_money_is_split_by_share(funding, amount, parts):
    assert split(Operating("O1", 50, None, None, None, funding), amount) == parts
