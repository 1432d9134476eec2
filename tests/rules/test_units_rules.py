"""What is held, lapsed or missing on a day, what each kind of point must hold, when training is due."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mealsvc.places.rules import KIND_NAMES
from mealsvc.places.units import rules
from mealsvc.places.units.rules import Span, Standing, UnitState, standing

DAY = date(2024, 5, 6)
SOON = date(2024, 9, 1)


def at(days: int) -> date:
    return DAY + timedelta(days=days)


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], Standing("missing", None)),
        ([Span(at(-10), at(0))], Standing("held", at(0))),
        ([Span(at(0), at(9))], Standing("held", at(9))),
        ([Span(at(-10), at(-1))], Standing("lapsed", at(-1))),
        ([Span(at(1), at(9))], Standing("missing", None)),
        ([Span(at(-10), at(-3)), Span(at(1), at(9))], Standing("lapsed", at(-3))),
        ([Span(None, None)], Standing("held", None)),
        ([Span(None, at(3))], Standing("held", at(3))),
        # one that begins the day after renews it, one that begins a day later does not
        ([Span(at(-10), at(3)), Span(at(4), at(9))], Standing("held", at(9))),
        ([Span(at(4), at(9)), Span(at(-10), at(3))], Standing("held", at(9))),
        ([Span(at(-10), at(3)), Span(at(5), at(9))], Standing("held", at(3))),
        ([Span(at(-10), at(3)), Span(at(2), None)], Standing("held", None)),
        ([Span(at(-30), at(-20)), Span(at(-9), at(-8))], Standing("lapsed", at(-8))),
    ],
)
def test_papers_of_a_kind_stand_together(spans, expected):
    assert standing(spans, DAY) == expected


EDGES = st.one_of(st.none(), st.integers(-20, 20))


@given(st.lists(st.tuples(EDGES, EDGES), max_size=5))
def test_held_until_is_the_last_day_without_a_gap(pairs):
    spans = [
        Span(None if a is None else at(a), None if b is None else at(b))
        for a, b in pairs
        if a is None or b is None or a <= b
    ]

    def covered(day):
        return any(
            (one.first is None or one.first <= day) and (one.last is None or day <= one.last)
            for one in spans
        )

    found = standing(spans, DAY)
    assert (found.state == "held") is covered(DAY)
    if found.state == "held":
        last = 0
        while covered(at(last + 1)) and last < 60:
            last += 1
        assert found.until == (None if last == 60 else at(last))


def test_what_everybody_needs_stands_as_the_worst_of_them():
    held, longer = Standing("held", at(5)), Standing("held", at(9))
    lapsed, older = Standing("lapsed", at(-1)), Standing("lapsed", at(-9))
    missing = Standing("missing", None)
    assert rules.together([held, longer, Standing("held", None)]) == held
    assert rules.together([held, lapsed, older, missing]) == older
    assert rules.together([held, missing]) == missing
    assert rules.together([Standing("held", None)]) == Standing("held", None)


def test_every_kind_of_point_must_hold_something_and_every_demand_has_a_basis():
    for kind in KIND_NAMES:
        assert "agreement" in rules.required(kind), kind
        assert set(rules.required(kind)) <= set(rules.DOCUMENTS)
    assert all(one.name and one.basis and one.advice for one in rules.KINDS.values())
    assert len(rules.RULES) == 12 and set(rules.RULES) <= set(rules.DOCUMENTS)
    assert set(rules.KINDS) >= rules.KEY


def test_who_cooks_has_a_licence_who_serves_the_suppliers_and_neighbours_a_declaration():
    for kind in rules.COOKING:
        assert "licence" in rules.required(kind)
    serving = rules.required("serving_point")
    assert "licence" not in serving and {"supplier_licence", "supplier_contract"} <= set(serving)
    assert rules.required("neighbour_table") == ("agreement", "health_declaration")
    assert "contractor_contract" in rules.required("community_canteen", "contracted")
    assert "contractor_contract" not in rules.required("community_canteen", "self_run")


def test_a_point_is_flagged_for_key_papers_only():
    state = UnitState(1)
    state.add("fire", Standing("lapsed", at(-1)), SOON)
    state.add("waste", Standing("missing", None), SOON)
    state.add("liability", Standing("held", SOON), SOON)
    state.add("licence", Standing("held", SOON + timedelta(days=1)), SOON)
    assert not state.flagged and not state.settled
    assert (state.lapsed, state.missing) == ([("fire", at(-1))], [("waste", None)])
    assert state.expiring == [("liability", SOON)]
    state.add("agreement", Standing("missing", None), SOON)
    assert state.flagged and state.words == "助餐服务协议未登记"
    state.add("health", Standing("lapsed", at(-1)), SOON)
    assert state.words == "从业人员健康证明已过期，助餐服务协议未登记"


@pytest.mark.parametrize(
    ("last", "expected"), [(at(15), 15), (at(16), 30), (at(31), 90), (at(91), None), (at(-3), 15)]
)
def test_the_stage_of_a_warning_is_the_nearest_distance(last, expected):
    assert rules.stage(last, {90: at(90), 30: at(30), 15: at(15)}) == expected


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 8, 31), 6, date(2025, 2, 28)),
        (date(2023, 2, 28), 12, date(2024, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 3, 31), -1, date(2024, 2, 29)),
        (date(2024, 1, 15), -12, date(2023, 1, 15)),
    ],
)
def test_months_later_ends_with_the_month(day, months, expected):
    assert rules.months_later(day, months) == expected


def test_training_is_due_on_joining_and_again_after_each():
    joined, half = date(2023, 1, 10), date(2023, 7, 10)
    assert rules.training_due(joined, [], 6) == [(joined, False)]
    assert rules.training_due(joined, [joined], 6) == [(joined, True), (half, False)]
    late = [joined, date(2023, 7, 11)]
    assert rules.training_due(joined, late, 6)[1] == (half, False)
    in_time = [joined, half]
    assert rules.training_due(joined, in_time, 6)[:2] == [(joined, True), (half, True)]
    assert rules.training_due(joined, [date(2023, 1, 11)], 6)[0] == (joined, False)
    assert rules.training_due(joined, [joined, joined], 6) == [(joined, True), (half, False)]
