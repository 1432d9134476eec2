"""Paid lines taken back: reversed once, set off once, never twice, by two persons."""

import json

import pytest
from sqlalchemy import text

from mealsvc.places.services import point_by_code
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.models import Serving
from mealsvc.servings.services import reverse_serving
from mealsvc.settlement import holding, refusals
from mealsvc.settlement.batches import batch_at
from mealsvc.settlement.clawback_queries import lines_shown, offsets_of
from mealsvc.settlement.clawbacks import (
    approve_clawback,
    lines_of,
    propose_clawback,
    record_repaid,
    reject_clawback,
)
from mealsvc.settlement.models import SettlementAdjustment
from mealsvc.settlement.services import settlement_of
from tests.factories import payments as made
from tests.factories.payments import JUNE, MAY, NOW, sequence_of, staff
from tests.factories.tills import LUNCH, SHELL, serve, small_district

JULY_3 = NOW.replace(month=7)


@pytest.fixture
def may(app, monkeypatch):
    """Two subsidised servings of May at P01; it is June."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    small_district()
    serve("a", "C001")
    serve("b", "C002", served_at=LUNCH.replace(day=7))


@pytest.fixture
def paid(may):
    """May is paid."""
    made.payee()
    made.paid(made.ordered(made.approved()))


def propose(keys=("a",), mode="offset", reason="not_eaten"):
    clerk, point = staff("clerk"), point_by_code("P01")
    numbers = [sequence_of(key) for key in keys]
    with writing():
        return propose_clawback(point, numbers, reason, "电话核实未就餐", mode, clerk, NOW)


def approve(clawback, by="chief"):
    chief = staff(by)
    with writing():
        return approve_clawback(clawback.id, "同意", chief, NOW)


def june():
    points = settlement_of(JUNE, "P01")["points"]
    return points[0] if points else None


def test_an_approved_clawback_is_set_off_in_the_next_open_month(paid):
    before = settlement_of(MAY, "P01")
    one = propose()
    assert june() is None
    approve(one)
    (line,) = lines_of(one)
    reversal = db.session.get_one(Serving, line.reversal)
    assert (one.number, one.state) == ("ZH-2024-001", "approved")
    assert (reversal.reverses, reversal.late, reversal.settle_month) == (
        line.sequence,
        True,
        202406,
    )
    assert one.amount_fen == line.amount_fen == sum(json.loads(line.funding).values())
    assert (june()["adjustment_fen"], june()["payable_fen"]) == (-one.amount_fen, -one.amount_fen)
    assert june()["adjustment_funding"] == {
        source: -part for source, part in json.loads(line.funding).items()
    }
    assert settlement_of(MAY, "P01") == before
    (offset,) = offsets_of(one, lines_shown(one))
    assert (str(offset["month"]), offset["fen"], offset["state"]) == (
        "2024-06",
        -one.amount_fen,
        "未提交",
    )


def test_what_was_paid_back_in_cash_is_not_set_off_too(paid):
    one, money = propose(("a", "b"), mode="cash"), staff("money", "finance")
    with pytest.raises(refusals.NotRepayable), writing():
        record_repaid(one.id, NOW.date(), "YH-1", money, NOW)
    approve(one)
    assert june()["payable_fen"] == -one.amount_fen
    for day in (NOW.date().replace(day=1), NOW.date().replace(day=9)):
        with pytest.raises(refusals.BadRepaymentDay), writing():
            record_repaid(one.id, day, "YH-1", money, NOW)
    with writing():
        record_repaid(one.id, NOW.date(), "YH-1", money, NOW)
    assert (june()["adjustment_fen"], june()["payable_fen"], june()["late"]) == (0, 0, 2)
    raw = db.session.execute(
        text("SELECT SUM(amount_fen) FROM settlement_adjustment WHERE kind = 'repaid'")
    ).scalar_one()
    assert raw == one.amount_fen
    with pytest.raises(refusals.NotRepayable), writing():
        record_repaid(one.id, NOW.date(), "YH-1", money, NOW)


def test_the_set_off_lowers_what_the_next_order_pays(paid, monkeypatch):
    one = approve(propose())
    monkeypatch.setattr(clock, "now", lambda: JULY_3)
    serve("c", "C001", served_at=LUNCH.replace(month=6))
    serve("d", "C002", served_at=LUNCH.replace(month=6))
    order = made.ordered(made.approved(JUNE, now=JULY_3), now=JULY_3)
    assert order.total_fen == june()["payable_fen"] > 0
    assert june()["adjustment_fen"] == -one.amount_fen
    (offset,) = offsets_of(one, lines_shown(one))
    assert (offset["state"], offset["order"]) == ("已下达拨付", order.number)


def test_whoever_proposed_does_not_approve(paid):
    one, clerk = propose(), staff("clerk")
    with pytest.raises(refusals.OwnClawback), writing():
        approve_clawback(one.id, "", clerk, NOW)
    with pytest.raises(refusals.OwnClawback), writing():
        reject_clawback(one.id, "", clerk, NOW)
    twin = staff("clerk2")
    with writing():
        db.session.execute(
            text(
                "UPDATE account SET person = (SELECT id FROM account WHERE login = 'clerk')"
                " WHERE login = 'clerk2'"
            )
        )
    db.session.expire_all()
    with pytest.raises(refusals.OwnClawback), writing():
        approve_clawback(one.id, "", twin, NOW)
    approve(one)
    chief = staff("chief")
    with pytest.raises(refusals.ClawbackDecided), writing():
        approve_clawback(one.id, "", chief, NOW)


def test_no_line_is_taken_back_twice(paid):
    one = propose()
    with pytest.raises(refusals.NotToClawBack, match="已在另一笔追回中"):
        propose()
    chief = staff("chief")
    with writing():
        reject_clawback(one.id, "证据不足", chief, NOW)
    again = approve(propose())
    assert again.number == "ZH-2024-001"
    with pytest.raises(refusals.NotToClawBack, match="已经冲正"):
        propose()
    db.session.rollback()
    key = db.session.get_one(Serving, lines_of(again)[0].reversal).key
    with pytest.raises(refusals.NotToClawBack, match="是一笔冲正"):
        propose((key,))


def test_a_line_reversed_meanwhile_stops_the_approval(paid):
    one = propose(("a", "b"))
    with writing() as connection:
        reverse_serving(connection, "b-", "b", "登错人", None, SHELL, NOW)
    with pytest.raises(refusals.NotToClawBack, match="已经冲正"):
        approve(one)
    assert one.state == "proposed"


def test_before_the_approval_a_line_is_held_and_not_clawed_back(may):
    made.reviewed()
    with pytest.raises(refusals.NotToClawBack, match="还没有审批"):
        propose()


def test_cash_needs_a_payment(may):
    made.approved()
    with pytest.raises(refusals.NotToClawBack, match="还没有拨付"):
        propose(mode="cash")
    assert propose(mode="offset").state == "proposed"


def test_a_held_line_waits_for_its_end_and_comes_back_with_its_month(may):
    town, boss = staff("town"), staff("boss")
    with writing():
        (hold,) = holding.hold_lines(
            MAY, point_by_code("P01").id, [sequence_of("a")], "not_eaten", "", town, NOW
        )
    made.payee()
    made.paid(made.ordered(made.approved()))
    assert batch_at(MAY, "P01").held_fen == hold.amount_fen
    with pytest.raises(refusals.NotToClawBack, match="正在暂缓"):
        propose()
    with writing():
        holding.release(hold.id, "核实", boss, NOW)
    with pytest.raises(refusals.NotToClawBack, match="还没有审批"):
        propose()
    assert db.session.query(SettlementAdjustment).one().settle_month == 202406


def test_lines_of_others_and_unknown_ones_are_refused(paid):
    clerk, point = staff("clerk"), point_by_code("P02")
    with pytest.raises(refusals.NotAtThisPoint), writing():
        propose_clawback(point, [sequence_of("a")], "other", "", "offset", clerk, NOW)
    with pytest.raises(refusals.NoLines), writing():
        propose_clawback(point, [], "other", "", "offset", clerk, NOW)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE clawback SET amount_fen = 1",
        "UPDATE clawback SET number = 'ZH-2024-009'",
        "UPDATE clawback_line SET reversal = NULL",
        "DELETE FROM clawback_line",
        "DELETE FROM clawback",
    ],
)
def test_an_approved_clawback_never_changes(paid, change):
    approve(propose())
    with pytest.raises(Exception, match="clawback"), writing():
        db.session.execute(text(change))
