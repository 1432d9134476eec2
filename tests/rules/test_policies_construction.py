"""Grants for building a point: who may claim which, how much, in which parts, when."""

from datetime import date

import pytest

from mealsvc.policies import construction, summary
from mealsvc.policies.rules import Construction, Stage
from tests.factories.policies import policy

HUTANG = "320412100001"
TWO = (Stage("验收合格", 60), Stage("运营满一年", 40, 12))
THREE = (Stage("一", 33), Stage("二", 33, 6), Stage("三", 34, 12))


def rule(amount=None, percent=None, limit=None, stages=TWO, code="J1", **fields):
    usual = {"kinds": frozenset({"community_canteen"}), "divisions": ()} | fields
    funding = (("district", 2), ("town", 1))
    return Construction(
        code, usual["kinds"], usual["divisions"], amount, percent, limit, stages, funding
    )


PARTS = [
    # Each stage is rounded down to the fen, the last takes the rest.
    (rule(amount=100_001), 1, 100_001, [60_000, 40_001]),
    (rule(amount=100, stages=THREE), 1, 100, [33, 33, 34]),
    (rule(amount=101, stages=THREE), 1, 101, [33, 33, 35]),
    # A share of the cost is rounded down to the fen, then limited.
    (rule(percent=50), 301, 150, [90, 60]),
    (rule(percent=33, limit=100), 304, 100, [60, 40]),
    (rule(percent=33, limit=100), 303, 99, [59, 40]),
    (rule(percent=100), 12_345, 12_345, [7407, 4938]),
]


@pytest.mark.parametrize(("one", "cost_fen", "amount", "parts"), PARTS)
def test_a_grant_and_its_stages_add_up_to_the_fen(one, cost_fen, amount, parts):
    assert construction.amount_of(one, cost_fen) == amount
    assert construction.parts_of(one, amount) == parts
    for part in parts:
        assert sum(construction.funding_of(one, part).values()) == part


DUE = [
    # Without a term: when the works are completed, opened or not.
    (None, date(2024, 3, 1), None, date(2024, 3, 1)),
    (None, date(2024, 3, 1), date(2024, 4, 1), date(2024, 3, 1)),
    # So many full months after the opening; a month without that day ends on its last.
    (12, date(2024, 3, 1), date(2024, 4, 1), date(2025, 4, 1)),
    (12, date(2024, 1, 1), date(2024, 2, 29), date(2025, 2, 28)),
    (1, date(2024, 1, 1), date(2024, 1, 31), date(2024, 2, 29)),
    (0, date(2024, 1, 1), date(2024, 1, 31), date(2024, 1, 31)),
    # Unknown while the point has not opened.
    (12, date(2024, 3, 1), None, None),
    # Never before the works are completed: a point that had opened long before.
    (12, date(2024, 3, 1), date(2020, 1, 1), date(2024, 3, 1)),
]


@pytest.mark.parametrize(("months", "completed_on", "opened_on", "due"), DUE)
def test_a_stage_is_due_so_many_months_after_the_opening(months, completed_on, opened_on, due):
    assert construction.due_on(months, completed_on, opened_on) == due


DAY = date(2024, 5, 6)
OPEN = [
    ([policy(construction=(rule(),))], ["J1"]),
    ([policy()], []),
    # Other kinds, other divisions, a policy that covers elsewhere or has ended.
    ([policy(construction=(rule(kinds=frozenset({"serving_point"})),))], []),
    ([policy(construction=(rule(divisions=("320412102",)),))], []),
    ([policy(construction=(rule(divisions=("320412102", "320412100")),))], ["J1"]),
    ([policy(construction=(rule(),), exclude=("320412100",))], []),
    ([policy(construction=(rule(),), effective_to=date(2024, 5, 5))], []),
    ([policy(construction=(rule(),), effective_from=date(2024, 5, 7))], []),
    ([policy(construction=(rule(),), effective_from=DAY, effective_to=DAY)], ["J1"]),
    # Of several policies the longest division that has a rule for it.
    (
        [
            policy(construction=(rule(), rule(code="J2"))),
            policy(construction=(rule(code="T1"),), division="320412100"),
        ],
        ["T1"],
    ),
    ([policy(construction=(rule(),)), policy(division="320412100")], ["J1"]),
    ([policy(construction=(rule(), rule(code="J2")))], ["J1", "J2"]),
]


@pytest.mark.parametrize(("policies", "codes"), OPEN)
def test_a_point_may_claim_what_the_policy_of_that_day_offers_its_kind(policies, codes):
    found = construction.open_to(policies, "community_canteen", HUTANG, DAY)
    assert [one.code for _, one in found] == codes


def test_the_amount_is_explained_in_a_sentence():
    assert construction.explain(rule(percent=50, limit=10_000_000), 18_000_001) == (
        "建设成本180000.01元，按50%为90000.00元，封顶100000.00元，"
        "补贴90000.00元（区60000.00+镇30000.00）；验收合格60%即54000.00元，运营满一年40%即36000.00元"
    )
    fixed = construction.explain(rule(amount=2_000_000, stages=(Stage("验收合格", 100),)), 1)
    assert fixed == "定额补贴，补贴20000.00元（区13333.33+镇6666.67）；验收合格100%即20000.00元"


def test_a_policy_tells_its_grants_in_words():
    one = rule(percent=50, limit=10_000_000, divisions=("320412100",))
    [row] = summary.construction_rows(policy(construction=(one,)))
    assert (row.kind, row.when, row.funding) == ("建设补贴", "社区食堂，区划320412100", "区2：镇1")
    assert row.amount == (
        "建设成本的50%，最多100000.00元；验收合格60%，运营满一年40%（开业满12个月）"
    )
