"""What follows from a finding, what is still owed, who hears of a delay: as tables."""

from datetime import UTC, date, datetime

import pytest

from mealsvc.kernel.workdays import Workdays
from mealsvc.supervision.findings import rules
from mealsvc.supervision.findings.rules import Facts, level_of, outcome_for, owed

AT = datetime(2024, 5, 6, 4, tzinfo=UTC)
# 1 May to 5 May off, 11 May (a Saturday) worked
MAY = Workdays({date(2024, 5, day): False for day in (1, 2, 3)} | {date(2024, 5, 11): True})


@pytest.mark.parametrize(
    ("chosen", "critical", "outcome", "state"),
    [
        ("ON_SITE_FIX", False, "ON_SITE_FIX", "fixed"),
        ("ON_SITE_FIX", True, "RECTIFY_BY_DATE", "open"),
        ("RECTIFY_BY_DATE", False, "RECTIFY_BY_DATE", "open"),
        ("SUSPEND_POINT", True, "SUSPEND_POINT", "open"),
        ("nonsense", False, "RECTIFY_BY_DATE", "open"),
    ],
)
def test_a_failed_key_item_is_never_done_with_on_the_spot(chosen, critical, outcome, state):
    assert outcome_for(chosen, critical) == outcome
    assert rules.first_state(outcome) == state


@pytest.mark.parametrize(
    ("outcome", "critical", "state", "done", "steps"),
    [
        ("ON_SITE_FIX", False, "fixed", (), []),
        ("RECTIFY_BY_DATE", False, "open", (), ["order"]),
        ("RECTIFY_BY_DATE", False, "ordered", (), []),
        ("RECTIFY_BY_DATE", True, "open", (), ["order", "referral_decision"]),
        ("RECTIFY_BY_DATE", True, "closed", (), ["referral_decision"]),
        ("RECTIFY_BY_DATE", True, "closed", ("referral_decided",), []),
        ("SUSPEND_SUBSIDY", False, "open", (), ["order", "suspend_subsidy"]),
        ("SUSPEND_SUBSIDY", False, "ordered", ("suspend_subsidy",), []),
        ("SUSPEND_POINT", False, "ordered", (), ["suspend_point"]),
        ("INTERVIEW", False, "replied", (), ["interview"]),
        ("REFER_SAMR", False, "open", (), ["refer"]),
        ("REFER_SAMR", False, "referred", ("refer",), []),
        ("REFER_FIRE", True, "open", (), ["order", "referral_decision", "refer"]),
        ("TERMINATE", False, "open", (), ["terminate"]),
        ("TERMINATE", False, "closed", ("terminate",), []),
    ],
)
def test_what_is_still_owed(outcome, critical, state, done, steps):
    assert owed(Facts(outcome, critical, state, AT, frozenset(done))) == steps


def test_each_outcome_names_its_body_its_decider_and_what_follows():
    bodies = {code: one.body for code, one in rules.OUTCOMES.items() if one.body}
    assert bodies == {"REFER_SAMR": "samr", "REFER_FIRE": "fire", "REFER_DISCIPLINE": "discipline"}
    assert set(bodies.values()) < set(rules.BODIES)
    assert {one.decided_by for one in rules.OUTCOMES.values()} == {
        "visits.conduct", "orders.issue", "measures.decide",
    }  # fmt: skip
    assert all(one.follows for one in rules.OUTCOMES.values())
    assert {one.act for one in rules.OUTCOMES.values()} - {""} <= set(rules.OWED)


@pytest.mark.parametrize(
    ("today", "level"),
    [
        (date(2024, 5, 8), ""),
        (date(2024, 5, 9), "town"),  # Thursday, one working day over
        (date(2024, 5, 10), "town"),
        (date(2024, 5, 11), "district"),  # the worked Saturday is the third
        (date(2024, 5, 12), "district"),
    ],
)
def test_an_order_goes_to_the_town_the_day_after_and_to_the_district_after_three_days(today, level):
    deadline = date(2024, 5, 8)
    assert level_of(deadline, today, MAY, 3) == level
    assert level_of(deadline, today, MAY, 3, closed=True) == ""


def test_a_deadline_before_holidays_is_overdue_at_the_town_all_through_them():
    deadline = date(2024, 4, 30)
    levels = [level_of(deadline, date(2024, 5, day), MAY, 3) for day in (1, 5, 6, 7, 8)]
    assert levels == ["town", "town", "town", "town", "district"]


def test_the_query_of_what_is_escalated_agrees_with_the_rule_on_every_day():
    deadlines = [date(2024, 4, 25 + day) for day in range(6)] + [
        date(2024, 5, day) for day in range(1, 20)
    ]
    for today in (date(2024, 5, day) for day in range(1, 25)):
        for days in (1, 2, 3, 5):
            before = rules.escalated_before(today, MAY, days)
            for deadline in deadlines:
                far = level_of(deadline, today, MAY, days) == "district"
                assert far == (deadline < today and deadline < before), (today, deadline, days)


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2024, 5, 6), 12, date(2023, 5, 6)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2024, 5, 31), 3, date(2024, 2, 29)),
        (date(2024, 1, 15), 1, date(2023, 12, 15)),
    ],
)
def test_so_many_months_before_a_day(day, months, before):
    assert rules.months_before(day, months) == before


def test_a_conclusion_counts_what_was_found():
    assert rules.conclusion(["done", "done"]) == "2项全部整改到位，予以办结"
    told = rules.conclusion(["done", "partial", "undone"])
    assert told == "3项中已整改1项、部分整改1项、未整改1项，继续整改"
