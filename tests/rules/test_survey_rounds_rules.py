"""Where a sheet stands: every form's chain, who may take which step, and when it is due."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mealsvc.survey.rounds import rules

LONG = ["fill", "village", "town", "accept"]
ROLES = ("manager", "community", "town", "district", "leader")


@pytest.mark.parametrize(
    ("form", "chain"),
    [("A", LONG), ("B", LONG), ("C", LONG), ("D", LONG), ("E", ["fill", "accept"])],
)
def test_each_form_goes_its_own_way(form, chain):
    state, taken = "issued", []
    while (step := rules.next_step(form, state)) is not None:
        taken.append(step)
        state = rules.AFTER[step]
    assert taken == chain
    assert state == "accepted"


@pytest.mark.parametrize(
    ("form", "state", "role", "acts"),
    [
        ("A", "issued", "community", ["fill"]),
        ("A", "issued", "manager", []),
        ("A", "filled", "community", ["fill", "village", "return"]),
        ("A", "filled", "town", ["fill", "village", "return"]),
        ("A", "village", "town", ["town", "return"]),
        ("A", "village", "community", []),
        ("A", "town", "district", ["accept", "return", "leave"]),
        ("A", "accepted", "district", ["return"]),
        ("A", "accepted", "town", []),
        ("A", "left", "district", ["return"]),
        ("B", "issued", "manager", ["fill"]),
        ("B", "filled", "manager", ["fill"]),
        ("E", "issued", "community", []),
        ("E", "issued", "town", ["fill"]),
        ("E", "filled", "district", ["accept", "return", "leave"]),
        ("E", "filled", "town", ["fill"]),
        ("D", "issued", "leader", []),
    ],
)
def test_who_may_do_what_now(form, state, role, acts):
    assert rules.acts_of(form, state, role) == acts


@settings(max_examples=60)
@given(
    st.sampled_from("ABCDE"),
    st.lists(st.tuples(st.sampled_from(sorted(rules.ACTS)), st.sampled_from(ROLES)), max_size=25),
)
def test_nothing_is_accepted_that_did_not_go_through_every_desk(form, tries):
    state, since_filled = "issued", []
    for act, role in tries:
        if not rules.may(form, state, act, role):
            continue
        since_filled = [] if act in ("fill", "return") else [*since_filled, act]
        state = rules.AFTER[act]
        if state == "accepted":
            assert since_filled == list(rules.STEPS[form])


def test_work_waits_for_the_first_desk_of_each_step_only():
    assert rules.waiting_for("community") == {
        "A": ["issued", "returned", "filled"],
        "B": ["filled"],
        "C": ["issued", "returned", "filled"],
        "D": ["issued", "returned", "filled"],
    }
    assert rules.waiting_for("manager") == {"B": ["issued", "returned"]}
    assert rules.waiting_for("town")["E"] == ["issued", "returned"]
    assert rules.waiting_for("district") == {form: ["town"] for form in "ABCD"} | {"E": ["filled"]}
    assert rules.waiting_for("leader") == {}


@pytest.mark.parametrize(
    ("due", "state", "told"),
    [
        (9, "issued", ("bad", "逾期1天")),
        (10, "returned", ("warn", "今天到期")),
        (13, "issued", ("warn", "还有3天")),
        (14, "issued", ("info", "还有4天")),
        (1, "filled", ("muted", "")),
    ],
)
def test_a_deadline_is_told_in_words_until_the_sheet_is_in(due, state, told):
    assert rules.urgency(date(2024, 6, due), state, date(2024, 6, 10)) == told
