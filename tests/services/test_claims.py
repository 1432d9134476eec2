"""A month on its way from the point to the treasury: steps, persons, holds, returns."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mealsvc.accounts.services import add_user
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.models import Serving
from mealsvc.settlement import acts, holding, refusals, returning, steps
from mealsvc.settlement.batches import acts_of, batch_at
from mealsvc.settlement.services import settlement_of, submit
from tests.factories.tills import SHELL, serve, small_district

MAY, JUNE = Month(2024, 5), Month(2024, 6)
NOW = datetime(2024, 6, 3, 4, 0, tzinfo=UTC)
MAY_7 = datetime(2024, 5, 7, 3, 30, tzinfo=UTC)


@pytest.fixture
def may(app, monkeypatch):
    """Two subsidised servings of May at P01, submitted by the shell; it is June."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    small_district()
    serve("a", "C001")
    serve("b", "C002", served_at=MAY_7)
    with writing():
        submit(MAY, None, SHELL, NOW)


def person(login, role="district", scope="320412"):
    with writing():
        add_user(login, role, scope, login, SHELL, NOW)
    return Actor("user", login)


def sequence_of(key):
    return db.session.scalars(select(Serving.sequence).where(Serving.key == key)).one()


def point(month=MAY, code="P01"):
    return settlement_of(month, code)["points"][0]


def take(verb, by, *, now=NOW, opinion="同意"):
    with writing():
        verb(MAY, "P01", opinion, by, now)


def reviewed(by):
    take(steps.first_review, by("town"))
    take(steps.recheck, by("district"))
    with writing():
        steps.take(acts.ACTS["notice"], batch_at(MAY, "P01"), by("clerk"), NOW)


@pytest.fixture
def by(may):
    staff = ("town", "district", "clerk", "chief", "chief2", "pay1", "pay2", "boss")
    return {login: person(login) for login in staff}.__getitem__


def test_a_month_goes_its_way_step_by_step(by):
    reviewed(by)
    take(steps.approve, by("chief"))
    assert point()["status"] == "approved"
    with writing():
        steps.take(acts.ACTS["order"], batch_at(MAY, "P01"), by("pay1"), NOW)
        steps.take(acts.ACTS["pay"], batch_at(MAY, "P01"), by("pay2"), NOW)
    take(steps.close, by("clerk"))
    assert point()["status"] == "closed"
    told = [(one.act, one.name) for one in acts_of(batch_at(MAY, "P01").id)]
    assert told[1:3] == [("first_review", "town"), ("recheck", "district")]
    assert [act for act, _ in told][-3:] == ["order", "pay", "close"]


def test_a_held_line_leaves_the_month_and_comes_back_later(by):
    before = point()
    with writing():
        hold = holding.hold_lines(
            MAY, _point_id(), [sequence_of("a")], "not_eaten", "", by("town"), NOW
        )[0]
    held = point()
    assert held["held_fen"] == hold.amount_fen > 0
    assert held["payable_fen"] == before["payable_fen"] - hold.amount_fen
    reviewed(by)
    take(steps.approve, by("chief"))
    with pytest.raises(refusals.OwnHold), writing():
        holding.release(hold.id, "", by("town"), NOW)
    with writing():
        holding.release(hold.id, "电话核实", by("chief"), NOW)
    assert point() == held | {"status": "approved"}
    june = point(JUNE)
    assert (june["adjustment_fen"], june["payable_fen"]) == (hold.amount_fen, hold.amount_fen)
    assert june["adjustment_funding"] == json.loads(hold.funding)


def test_a_refused_line_is_reversed_and_never_paid(by):
    with writing():
        hold = holding.hold_lines(
            MAY, _point_id(), [sequence_of("a")], "not_eaten", "", by("town"), NOW
        )[0]
    with writing():
        holding.refuse(hold.id, "老人在住院", by("chief"), NOW)
    reviewed(by)
    take(steps.approve, by("chief2"))
    assert point()["held_fen"] == hold.amount_fen
    june = point(JUNE)
    assert (june["late"], june["adjustment_fen"], june["payable_fen"]) == (1, 0, 0)


def test_what_the_point_gives_up_after_a_return_is_not_paid(by):
    with writing():
        returning.return_batch(
            MAY,
            "P01",
            [returning.Objection(sequence_of("a"), "by_hand")],
            "请说明",
            by("town"),
            NOW,
        )
    assert point()["status"] == "returned"
    batch = batch_at(MAY, "P01")
    with pytest.raises(refusals.AnswersMissing), writing():
        returning.resubmit(MAY, "P01", "", by("boss"), NOW)
    (objection,) = returning.objections_of(batch)
    with writing():
        returning.answer(objection.id, "agreed", "同意核减", by("boss"), NOW)
        returning.resubmit(MAY, "P01", "", by("boss"), NOW)
    assert point()["status"] == "submitted"
    assert point()["held_fen"] > 0
    take(steps.first_review, by("clerk"), now=NOW + timedelta(days=1))
    with pytest.raises(refusals.SamePerson), writing():
        steps.recheck(MAY, "P01", "", by("town"), NOW + timedelta(days=1))


def _point_id():
    return batch_at(MAY, "P01").point_id
