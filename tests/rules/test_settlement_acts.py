"""The chain of a submitted month as pure values: turns, persons, the state of a whole."""

import pytest

from mealsvc.settlement import acts
from mealsvc.settlement.acts import ACTS, Done, earlier_step, least_advanced, next_acts, return_from


def test_each_act_starts_and_ends_in_states_that_exist_and_every_state_can_be_reached():
    assert {state for act in ACTS.values() for state in (*act.starts, act.leads_to)} <= set(
        acts.STATES
    )
    assert {act.leads_to for act in ACTS.values()} | {acts.PREVIEW, acts.RETURNED} == set(
        acts.STATES
    )
    assert set(acts.STATE_NAMES) == set(acts.STATES)


@pytest.mark.parametrize(
    ("status", "codes"),
    [
        ("preview", ["submit"]),
        ("returned", ["resubmit"]),
        ("submitted", ["first_review"]),
        ("district_review", ["sample", "notice"]),
        ("payment_ordered", ["recall", "pay"]),
        ("closed", []),
    ],
)
def test_what_can_be_done_next(status, codes):
    assert [act.code for act in next_acts(status)] == codes


def test_sending_back_is_the_turn_of_whoever_reviews_next_and_ends_at_the_approval():
    turns = {state: act.turn for state in acts.STATES if (act := return_from(state))}
    assert turns == {
        "submitted": "first_review",
        "town_review": "recheck",
        "district_review": "approve",
        "sampled": "approve",
        "public_notice": "approve",
    }
    assert return_from("submitted").leads_to == acts.RETURNED


def test_a_right_is_that_of_the_turn():
    assert ACTS["recall"].right == ACTS["order"].right == "settlement.order"
    assert ACTS["resubmit"].right == "settlement.submit"


def test_one_person_repeats_a_step_and_takes_no_other_that_decides():
    done = [Done("submit", "person:1"), Done("notice", "person:2"), Done("order", "user:x")]
    assert earlier_step("submit", "person:1", done) is None
    assert earlier_step("approve", "person:1", done) == "submit"
    assert earlier_step("approve", "person:2", done) is None  # a notice decides nothing
    assert earlier_step("notice", "person:1", done) is None
    assert earlier_step("pay", "user:x", done) == "order"
    assert earlier_step("pay", "user:y", done) is None


def test_a_whole_stands_where_its_last_part_stands():
    assert least_advanced([]) == "preview"
    assert least_advanced(["paid", "approved", "closed"]) == "approved"
    assert least_advanced(["submitted", "returned"]) == "returned"
    assert acts.FIXED == ("approved", "payment_ordered", "paid", "closed")
