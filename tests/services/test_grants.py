"""Construction grants: claimed once, reviewed by different persons, paid stage by stage."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from mealsvc.accounts import persons
from mealsvc.accounts.services import add_user, find_user
from mealsvc.kernel.actors import Actor
from mealsvc.payments import grant_refusals as refusals
from mealsvc.payments import grants
from mealsvc.payments.grant_chain import acts_of, stages_of
from mealsvc.payments.grant_models import ConstructionGrant
from mealsvc.places.services import point_by_code, put_point
from mealsvc.plumbing.db import db, writing
from tests.factories.grants import (
    A_YEAR_ON,
    CLAIM,
    NOW,
    approved,
    building_policy,
    claimed,
    stage,
)
from tests.factories.tills import SHELL, small_district

MANAGER, TREASURY, CASHIER = (Actor("system", who) for who in ("店长", "制单", "出纳"))


@pytest.fixture
def place(app):
    """P01, opened on 31 March 2020, under a policy that pays half of the cost in two stages."""
    small_district()
    with writing():
        building_policy()
    return point_by_code("P01")


@pytest.fixture
def grant(place):
    with writing():
        return claimed(MANAGER)


def paid(one, day=NOW):
    with writing():
        grants.mark_ordered([one.id], "BF-2020-001", TREASURY, day)
        grants.mark_paid([one.id], "BF-2020-001", day.date(), CASHIER, day)


def join(login, other):
    persons.bind_accounts(find_user(login).id, find_user(other).id, SHELL)


def user(login, role="district", scope="320412"):
    with writing():
        add_user(login, role, scope, login, SHELL, NOW)
    return Actor("user", login)


def test_half_of_the_cost_in_two_stages_the_last_of_which_takes_the_odd_fen(grant):
    """180,000.01 yuan: 9,000,000 fen of 9,000,000.5; 60 % are 5,400,000."""
    assert (grant.number, grant.amount_fen, grant.status) == ("JB-2020-001", 9_000_000, "applied")
    first, second = stages_of(grant.id)
    assert [first.amount_fen, second.amount_fen] == [5_400_000, 3_600_000]
    assert json.loads(first.funding) == {"district": 3_600_000, "town": 1_800_000}
    assert (first.due_on, second.due_on) == (CLAIM.completed_on, date(2021, 3, 31))
    assert (first.status, second.status) == ("submitted", "not_applied")


def test_a_grant_goes_its_way_from_the_claim_to_the_last_payment(grant):
    first = approved(grant)
    assert (grant.status, first.approved_on) == ("running", NOW.date())
    (payable,) = grants.payable_stages([grant.point_id])
    assert (payable.id, payable.number, payable.amount_fen) == (first.id, grant.number, 5_400_000)
    assert payable.funding == {"district": 3_600_000, "town": 1_800_000}
    paid(first)
    assert grants.payable_stages() == []
    with writing():
        grants.apply_stage(stage(grant, 2), "运营台账", MANAGER, A_YEAR_ON)
    paid(approved(grant, 2, A_YEAR_ON), A_YEAR_ON)
    assert grant.status == "finished"
    told = [act.act for act in acts_of([first.id])]
    assert told == ["apply", "first_review", "recheck", "approve", "order", "pay"]


def test_what_a_year_commits_and_pays_is_told_by_source(grant):
    first = approved(grant)
    own = {"district": 3_600_000, "town": 1_800_000}
    assert grants.committed_by_source(2020) == own
    assert grants.paid_by_source(2020) == {}
    with writing():
        grants.mark_ordered([first.id], "BF-1", TREASURY, NOW)
        grants.mark_paid([first.id], "BF-1", date(2021, 1, 1), CASHIER, A_YEAR_ON)
    assert (grants.committed_by_source(2020), grants.paid_by_source(2020)) == (own, {})
    assert (grants.committed_by_source(2021), grants.paid_by_source(2021)) == ({}, own)


def test_a_rule_is_claimed_once_and_another_one_beside_it(grant, place):
    with pytest.raises(refusals.GrantExists), writing():
        claimed(MANAGER)
    with writing():
        other = claimed(MANAGER, "J2")
    assert (other.number, other.amount_fen) == ("JB-2020-002", 2_000_000)
    assert [one.name for one in stages_of(other.id)] == ["验收合格"]
    assert grants.rules_for(place) == []


AMOUNTS = [
    # Half of the cost, rounded down to the fen.
    (200, 100),
    (301, 150),
    # At the limit and above it.
    (20_000_000, 10_000_000),
    (20_000_002, 10_000_000),
]


@pytest.mark.parametrize(("cost_fen", "amount_fen"), AMOUNTS)
def test_a_percentage_is_limited_and_its_stages_add_up(place, cost_fen, amount_fen):
    with writing():
        grant = claimed(claim=replace(CLAIM, cost_fen=cost_fen))
    parts = [one.amount_fen for one in stages_of(grant.id)]
    assert (grant.amount_fen, sum(parts)) == (amount_fen, amount_fen)
    assert parts[0] == amount_fen * 60 // 100


def test_what_does_not_fit_the_policy_is_refused(place):
    for claim, rule, expected in (
        (replace(CLAIM, completed_on=date(2019, 12, 31)), "J1", refusals.NoGrantRule),
        (CLAIM, "J3", refusals.NoGrantRule),
        (replace(CLAIM, completed_on=date(2020, 6, 2)), "J1", refusals.CompletedInFuture),
        (replace(CLAIM, cost_fen=199), "J1", refusals.GrantTooSmall),
        (replace(CLAIM, documents=""), "J1", refusals.DocumentsMissing),
    ):
        with pytest.raises(expected), writing():
            claimed(rule=rule, claim=claim)
    with writing():
        put_point({"code": "P01", "kind": "neighbour_table"}, SHELL)
    with pytest.raises(refusals.NoGrantRule), writing():
        claimed()


def test_the_second_stage_waits_for_its_day_and_for_the_first(grant):
    second = stage(grant, 2)
    with pytest.raises(refusals.EarlierStageOpen), writing():
        grants.apply_stage(second, "台账", MANAGER, A_YEAR_ON)
    approved(grant)
    day_before = datetime(2021, 3, 30, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    with pytest.raises(refusals.StageNotDue), writing():
        grants.apply_stage(second, "台账", MANAGER, day_before)
    with writing():
        grants.apply_stage(second, "台账", MANAGER, day_before.replace(hour=16, minute=0))
    assert second.status == "submitted"


def test_a_stage_after_the_opening_waits_for_the_opening(grant):
    approved(grant)
    with writing():
        put_point({"code": "P01", "opened_on": None}, SHELL)
    with pytest.raises(refusals.OpeningUnknown), writing():
        grants.apply_stage(stage(grant, 2), "台账", MANAGER, A_YEAR_ON)


def test_a_closed_point_gets_no_further_stage(grant):
    approved(grant)
    with writing():
        put_point({"code": "P01", "closed_on": date(2021, 3, 31)}, SHELL)
    with pytest.raises(refusals.GrantPointClosed), writing():
        grants.apply_stage(stage(grant, 2), "台账", MANAGER, A_YEAR_ON)
    with writing():  # it still serves on the day on which it closes
        grants.apply_stage(stage(grant, 2), "台账", MANAGER, datetime(2021, 3, 31, 4, tzinfo=UTC))
    one, later = stage(grant, 2), A_YEAR_ON
    with writing():
        grants.first_review(one, "", Actor("system", "town2"), later)
        grants.recheck(one, "", Actor("system", "district2"), later)
    with pytest.raises(refusals.GrantPointClosed), writing():
        grants.approve(one, "", Actor("system", "approver2"), later)


def test_what_was_sent_back_is_stated_anew_and_computed_anew(grant):
    first = stage(grant)
    with pytest.raises(refusals.ReturnReasonMissing), writing():
        grants.send_back(first, "first_review", "", Actor("system", "镇"), NOW)
    with pytest.raises(refusals.NotGrantsTurn), writing():
        grants.send_back(first, "recheck", "不是我的环节", Actor("system", "区"), NOW)
    with writing():
        grants.send_back(first, "first_review", "决算不清", Actor("system", "镇"), NOW)
    assert first.status == "returned"
    with writing():
        grants.restate(first, replace(CLAIM, cost_fen=10_000_000), MANAGER, NOW)
    assert (grant.cost_fen, grant.amount_fen) == (10_000_000, 5_000_000)
    assert [one.amount_fen for one in stages_of(grant.id)] == [3_000_000, 2_000_000]
    approved(grant)
    with pytest.raises(refusals.NotGrantsTurn), writing():
        grants.restate(first, CLAIM, MANAGER, NOW)


def test_each_step_waits_for_its_turn(grant):
    for verb in (grants.recheck, grants.approve):
        with pytest.raises(refusals.NotGrantsTurn), writing():
            verb(stage(grant), "", Actor("system", "先到"), NOW)
    with pytest.raises(refusals.NotGrantsTurn), writing():
        grants.mark_ordered([stage(grant).id], "BF-1", TREASURY, NOW)


def test_one_person_takes_one_step_also_with_two_accounts(grant):
    town, other = user("town", "town", "320412100"), user("town2")
    with writing():
        join("town", "town2")
        grants.first_review(stage(grant), "", town, NOW)
    with pytest.raises(refusals.SameGrantPerson) as caught, writing():
        grants.recheck(stage(grant), "", other, NOW)
    assert "“初审”" in caught.value.message
    clerk = user("clerk")
    with writing():
        grants.recheck(stage(grant), "", clerk, NOW)
    with pytest.raises(refusals.SameGrantPerson), writing():
        grants.approve(stage(grant), "", MANAGER, NOW)  # who had applied


def test_accounts_that_are_joined_afterwards_count_as_one_person(grant):
    town, other = user("town", "town", "320412100"), user("town2")
    with writing():
        grants.first_review(stage(grant), "", town, NOW)
        join("town", "town2")
    with pytest.raises(refusals.SameGrantPerson), writing():
        grants.recheck(stage(grant), "", other, NOW)


def test_who_ordered_the_payment_does_not_pay_it_and_may_take_it_back(grant):
    first = approved(grant)
    with writing():
        grants.mark_ordered([first.id], "BF-1", TREASURY, NOW)
    with pytest.raises(refusals.SameGrantPerson), writing():
        grants.mark_paid([first.id], "BF-1", NOW.date(), TREASURY, NOW)
    with writing():
        grants.mark_recalled([first.id], "BF-1", TREASURY, NOW)
    assert [one.id for one in grants.payable_stages()] == [first.id]
    assert grant.status == "running"


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE construction_grant SET cost_fen = cost_fen + 2",
        "UPDATE construction_grant SET amount_fen = amount_fen + 1",
        "UPDATE grant_stage SET amount_fen = amount_fen + 1 WHERE number = 2",
        "UPDATE grant_stage SET funding = '{\"district\": 5400000}' WHERE number = 1",
    ],
)
def test_a_step_recomputes_the_amounts_and_stops_at_a_difference(grant, tampering):
    with writing() as connection:
        connection.execute(text(tampering))
    db.session.expire_all()
    with pytest.raises(refusals.GrantDiffers), writing():
        grants.first_review(stage(grant), "", Actor("system", "镇"), NOW)


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE grant_stage SET amount_fen = 1 WHERE number = 1",
        "UPDATE grant_stage SET status = 'not_applied' WHERE number = 1",
        "UPDATE grant_stage SET status = 'paid' WHERE number = 1",
        "DELETE FROM grant_stage WHERE number = 2",
        "UPDATE construction_grant SET cost_fen = 1",
        "UPDATE construction_grant SET point_id = 2",
        "DELETE FROM construction_grant",
        "UPDATE grant_act SET opinion = ''",
        "DELETE FROM grant_act",
    ],
)
def test_the_database_keeps_what_was_approved(grant, tampering):
    approved(grant)
    with pytest.raises(DatabaseError), writing() as connection:
        connection.execute(text(tampering))
    assert db.session.get_one(ConstructionGrant, grant.id).amount_fen == 9_000_000
