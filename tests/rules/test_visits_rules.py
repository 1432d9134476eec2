"""Kinds of visit, repetition of what a higher office checked, and counts that differ."""

from datetime import date

import pytest

from mealsvc.supervision.findings.rules import OUTCOMES
from mealsvc.supervision.visits import models, rules
from mealsvc.supervision.visits.rules import Earlier

DAY = date(2024, 5, 31)
ITEMS = frozenset(("COK-02", "SMP-01"))


def test_only_an_administrative_inspection_needs_a_plan_and_counts_against_the_cap():
    assert [code for code, kind in rules.KINDS.items() if kind.planned] == ["admin_inspection"]
    assert [code for code, kind in rules.KINDS.items() if not kind.two] == ["self_check"]
    assert all(f"'{code}'" in models.KINDS for code in rules.KINDS)


def test_every_outcome_is_one_that_findings_know():
    assert set(rules.OUTCOME_NAMES) == set(OUTCOMES)


@pytest.mark.parametrize(
    ("office", "earlier", "repeated"),
    [
        ("320412100", Earlier(date(2024, 5, 1), "320412", ITEMS), ("COK-02",)),
        ("320412100", Earlier(date(2024, 2, 29), "320412", ITEMS), ("COK-02",)),
        ("320412100", Earlier(date(2024, 2, 28), "320412", ITEMS), ()),  # more than three months
        ("320412100", Earlier(date(2024, 6, 1), "320412", ITEMS), ()),
        ("320412", Earlier(date(2024, 5, 1), "320412", ITEMS), ()),  # one's own office
        ("320412", Earlier(date(2024, 5, 1), "320412100", ITEMS), ()),  # a lower one
        ("320412100", Earlier(date(2024, 5, 1), "320413", ITEMS), ()),  # another district
        ("320412100", Earlier(date(2024, 5, 1), "320412", frozenset(("SMP-01",))), ()),
    ],
)
def test_what_a_higher_office_checked_within_three_months_is_a_repetition(
    office, earlier, repeated
):
    found = rules.repeats(["COK-02", "PRC-01"], office, DAY, 3, [earlier])
    assert [same for _, same in found] == ([repeated] if repeated else [])


def test_months_before_stays_within_the_month():
    assert rules.months_before(date(2024, 5, 31), 3) == date(2024, 2, 29)
    assert rules.months_before(date(2024, 1, 15), 24) == date(2022, 1, 15)


@pytest.mark.parametrize(
    ("counted", "system", "differs", "shown"),
    [
        (100, 100, False, "0.0%"),
        (100, 105, False, "+5.0%"),
        (100, 106, True, "+6.0%"),
        (100, 95, False, "-5.0%"),
        (100, 94, True, "-6.0%"),
        (60, 63, False, "+5.0%"),
        (59, 62, True, "+5.1%"),
        (0, 0, False, "0.0%"),
        (0, 1, True, "—"),
        (3, 0, True, "-100.0%"),
    ],
)
def test_counts_may_differ_by_five_percent_of_the_head_count(counted, system, differs, shown):
    assert rules.deviates(counted, system, 5) is differs
    assert rules.deviation(counted, system) == shown
