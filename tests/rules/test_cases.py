"""The states of a case, what comes next and what is in the way, as tables."""

from datetime import date

import pytest

from mealsvc.auditing.cases import rules
from mealsvc.auditing.cases.rules import Sight, Standing
from mealsvc.settlement.reasons import REASONS

TODAY = date(2024, 6, 11)
BEFORE, AFTER = date(2024, 6, 10), date(2024, 6, 12)
MAY = {
    "new": {"held", "assigned", "noted"},
    "assigned": {"held", "assigned", "asked", "answered", "extended", "explained", "noted"},
    "explained": {"held", "assigned", "asked", "answered", "extended", "verdict", "noted"},
    "verified_ok": {"noted", "closed"},
    "verified_bad": {"noted", "clawback", "refer", "closed"},
    "clawback": {"noted", "clawback", "refer", "closed"},
    "refer": {"noted", "clawback", "refer", "receipt", "closed"},
    "closed": {"receipt"},
}


@pytest.mark.parametrize("state", rules.STATES)
def test_each_state_allows_its_acts_and_no_other(state):
    assert {act for act in rules.STARTS if rules.may_start(act, state)} == MAY[state]


@pytest.mark.parametrize("bad", [True, False])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("state", rules.STATES)
def test_no_act_brings_a_case_back(state, last, bad):
    for act in rules.STARTS:
        if rules.may_start(act, state):
            after = rules.state_after(act, state, bad=bad, last=last)
            assert rules.ORDER.index(after) >= rules.ORDER.index(state)


@pytest.mark.parametrize(
    ("act", "state", "how", "after"),
    [
        ("assigned", "new", {}, "assigned"),
        ("assigned", "explained", {}, "explained"),
        ("asked", "assigned", {}, "assigned"),
        ("answered", "assigned", {}, "assigned"),
        ("answered", "assigned", {"last": True}, "explained"),
        ("explained", "assigned", {}, "explained"),
        ("verdict", "explained", {}, "verified_ok"),
        ("verdict", "explained", {"bad": True}, "verified_bad"),
        ("clawback", "verified_bad", {}, "clawback"),
        ("refer", "clawback", {}, "refer"),
        ("clawback", "refer", {}, "refer"),
        ("closed", "verified_ok", {}, "closed"),
        ("receipt", "closed", {}, "closed"),
    ],
)
def test_an_act_leads_to_its_state(act, state, how, after):
    assert rules.state_after(act, state, **how) == after


def test_lines_are_held_for_the_gravest_rule_that_has_a_reason():
    assert rules.reason_for("A06,A07") == "burst"
    assert rules.reason_for("A16,A27") == "not_eaten"
    assert rules.reason_for("A16") == rules.reason_for("") == "other"
    assert set(rules.REASONS.values()) <= set(REASONS)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (Standing(1, 300), "hold"),
        (Standing(1, 0), "nothing"),
        (Standing(1, 300, reversed=True), "nothing"),
        (Standing(1, 300, approved=True), "approved"),
        (Standing(1, 300, hold=7), "elsewhere"),
        (Standing(1, 300, hold=7, approved=True), "elsewhere"),
        (Standing(1, 300, carved=True), "elsewhere"),
    ],
)
def test_what_can_be_held_and_what_cannot(line, kind):
    found = rules.what_could_be_held([line])
    assert [name for name, (number, _) in found.items() if number] == [kind]
    assert found[kind] == (1, line.worth_fen)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (Standing(1, 300, "bad", approved=True), True),
        (Standing(1, 300, "ok", approved=True), False),
        (Standing(1, 300, "bad"), False),
        (Standing(1, 300, "bad", approved=True, reversed=True), False),
        (Standing(1, 300, "bad", approved=True, claimed=True), False),
        (Standing(1, 300, "bad", approved=True, hold=7), False),
        (Standing(1, 0, "bad", approved=True), False),
    ],
)
def test_only_what_is_wrong_and_approved_is_clawed_back(line, expected):
    assert line.to_claw_back is expected


@pytest.mark.parametrize(
    ("sight", "act", "who"),
    [
        (Sight("new"), "assigned", rules.WORKER),
        (Sight("assigned", AFTER), "asked", rules.WORKER),
        (Sight("assigned", AFTER, 1, 1), "wait", rules.POINT),
        (Sight("assigned", TODAY, 1, 1), "wait", rules.POINT),
        (Sight("assigned", BEFORE, 1, 1), "explained", rules.WORKER),
        (Sight("explained", AFTER, 1, 0), "verdict", rules.DECIDER),
        (Sight("explained", AFTER, 2, 1), "wait", rules.POINT),
        (Sight("explained", BEFORE, 1, 1), "verdict", rules.DECIDER),
        (Sight("verified_ok"), "closed", rules.CLOSER),
        (Sight("verified_bad", to_claw_back=2), "clawback", "区业务管理"),
        (Sight("verified_bad", foreign=1, to_claw_back=2), "holds", rules.CLOSER),
        (Sight("clawback", clawback="proposed"), "wait", "区审批"),
        (Sight("clawback", clawback="approved", mode="cash"), "wait", "财政"),
        (Sight("clawback", clawback="approved", mode="offset"), "closed", rules.CLOSER),
        (Sight("clawback", clawback="repaid", mode="cash"), "closed", rules.CLOSER),
    ],
)
def test_the_next_step_and_who_has_to_take_it(sight, act, who):
    step = rules.next_step(sight, TODAY)
    assert step is not None
    assert (step.act, step.who) == (act, who)


def test_nothing_comes_after_the_end():
    assert rules.next_step(Sight("closed"), TODAY) is None


@pytest.mark.parametrize(
    ("sight", "number"),
    [
        (Sight("verified_ok"), 0),
        (Sight("verified_bad", holds=1), 1),
        (Sight("verified_bad", to_claw_back=1), 1),
        (Sight("refer", to_claw_back=1, letters=1), 0),
        (Sight("clawback", clawback="rejected", to_claw_back=1), 0),
        (Sight("clawback", clawback="proposed"), 1),
        (Sight("clawback", clawback="approved", mode="cash"), 1),
        (Sight("clawback", clawback="approved", mode="offset"), 0),
        (Sight("clawback", clawback="repaid", mode="cash"), 0),
        (Sight("refer", holds=2, clawback="proposed", letters=1), 2),
    ],
)
def test_what_is_in_the_way_of_the_end(sight, number):
    assert len(rules.why_not_closed(sight)) == number


@pytest.mark.parametrize(
    ("state", "due_on", "late"),
    [
        ("assigned", BEFORE, True),
        ("new", BEFORE, True),
        ("assigned", TODAY, False),
        ("assigned", None, False),
        ("explained", BEFORE, False),
        ("closed", BEFORE, False),
    ],
)
def test_only_an_unexplained_case_is_overdue(state, due_on, late):
    assert rules.is_overdue(state, due_on, TODAY) is late
