"""Servings and reversals from files: order, caps, replays, conflicts, late lines, refusals."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from mealsvc.auditing.proof import verify
from mealsvc.kernel.months import Month
from mealsvc.places.services import put_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.desk import Desk, Recorded
from mealsvc.servings.models import RefusedAttempt, Serving
from mealsvc.servings.services import record_serving
from mealsvc.settlement.services import settlement_of, submit
from tests.factories.tills import ID_NUMBERS, SHELL, order, serve, small_district
from tests.services.test_imports import document, dump, lines, rejected_rows

HEADING = "key,point,credential,served_at,meal,mode,price_fen"
REVERSALS = "key,reverses,reason,at"
MAY = Month(2024, 5)


@pytest.fixture
def district(app):
    small_district()
    return app


def row(key, card="C001", at="06T11:30", meal="lunch", mode="dine_in", price=1200, point="P01"):
    return f"{key},{point},{card},2024-05-{at}:00+08:00,{meal},{mode},{price}"


def servings(*rows: str) -> dict:
    return document("servings", lines(HEADING, *rows))


def reversals(*rows: str) -> dict:
    return document("reversals", lines(REVERSALS, *rows))


def test_time_decides_who_is_first_and_not_the_file(district):
    counted = servings(row("A", at="06T12:00", point="P02"), row("B", at="06T11:00"))
    assert counted["full_price"] == {"already_served": 1}
    reasons = dict(db.session.execute(select(Serving.key, Serving.reason)).all())
    assert reasons == {"A": "already_served", "B": None}


def test_at_one_time_the_key_decides_by_code_point(district):
    servings(row("b"), row("B"), row("a"))
    reasons = dict(db.session.execute(select(Serving.key, Serving.reason)).all())
    assert reasons == {"B": None, "a": "already_served", "b": "already_served"}


def test_counts_add_up(district):
    counted = servings(
        row("S1"),
        row("S1"),
        row("S2", card="C002"),
        row("S3", card="C003"),
        row("S4", card="NOBODY"),
        row("S5", price="abc"),
        row("S6", card="C002", meal="brunch"),
    )
    assert counted == {
        "kind": "servings",
        "rows": 7,
        "recorded": 3,
        "subsidised": 2,
        "replayed": 1,
        "full_price": {"under_age": 1},
        "rejected": {"bad_price": 1, "malformed": 1, "unknown_resident": 1},
        "subsidy_fen": 300 + 400,
    }


def test_the_month_cap_counts_earlier_months_lines_and_this_files(district):
    days = [f"{day:02d}T{hour}:30" for day in range(1, 22) for hour in ("11", "17")]
    meals = ("lunch", "dinner")
    counted = servings(*(row(f"S{n:02d}", at=at, meal=meals[n % 2]) for n, at in enumerate(days)))
    assert counted["subsidised"] == 40
    assert counted["full_price"] == {"month_cap": 2}


def test_the_file_and_the_till_decide_alike(district):
    """Each row through the till, then the same rows under other keys at another desk."""
    orders = [
        order("T1", "C001", mode="delivery"),
        order("T2", "C002", price_fen=350),
        order("T3", ID_NUMBERS["张国丰"].lower(), meal="dinner"),
        order("T4", "C003"),
        order("T5", "C004", meal="breakfast"),
    ]
    with writing() as connection:
        singly = [record_serving(connection, one, SHELL, clock.now()) for one in orders]
    content = select(Serving.key, Serving.subsidy_fen, Serving.decision_id, Serving.age)
    by_till = db.session.execute(content.order_by(Serving.sequence)).all()
    with writing() as connection:
        taken_back = [f"R{one.key},{one.key},重试,2024-05-07T08:00:00+08:00" for one in singly]
    assert reversals(*taken_back)["created"] == 5
    again = [
        order(
            one.key.replace("T", "U"),
            one.credential,
            meal=one.meal,
            mode=one.mode,
            price_fen=one.price_fen,
        )
        for one in orders
    ]
    with writing() as connection:
        outcomes = Desk().record(connection, again, SHELL, clock.now())
    assert outcomes == [Recorded(one.subsidy_fen, one.reason, True) for one in singly]
    by_file = db.session.execute(
        content.where(Serving.key.startswith("U")).order_by(Serving.sequence)
    ).all()
    assert [line[1:] for line in by_file] == [line[1:] for line in by_till]
    assert verify().events > 10


def test_a_key_with_other_content_conflicts_and_does_not_spend_itself(district):
    assert servings(row("S1"))["recorded"] == 1
    assert servings(row("S1", price=1300))["rejected"] == {"key_conflict": 1}
    assert servings(row("S9", card="NOBODY"))["rejected"] == {"unknown_resident": 1}
    assert servings(row("S9", card="C002"))["recorded"] == 1


def test_refused_rows_are_logged_once_however_often_they_come(district):
    for _ in range(2):
        servings(row("S9", card="NOBODY"), row("S8", point="P99"))
    assert db.session.scalar(select(func.count()).select_from(RefusedAttempt)) == 2


def test_the_same_person_in_several_spellings_within_one_batch(district):
    number = ID_NUMBERS["单于福"]
    counted = servings(
        row("S1", card="C004"),
        row("S2", card=number, at="07T11:30"),
        row("S3", card=number.lower(), at="08T11:30"),
        row("S4", card=f" {number} ", at="09T11:30"),
    )
    assert counted["subsidised"] == 4


def test_rejects_point_at_the_column_that_is_wrong(district):
    found = rejected_rows(
        "servings",
        lines(
            HEADING,
            row("S1", card="NOBODY"),
            row("S2", point="P99"),
            row("S3", price=0),
            row("", card="C002"),
        ),
    )
    assert [(one["line"], one["column"], one["code"]) for one in found] == [
        ("2", "credential", "unknown_resident"),
        ("3", "point", "unknown_point"),
        ("4", "price_fen", "bad_price"),
        ("5", "key", "malformed"),
    ]


def test_a_closed_point_and_a_meal_to_come_are_refused(district):
    with writing():
        closed = {"code": "P02", "closed_on": datetime(2024, 5, 5, tzinfo=UTC).date()}
        put_point(closed, SHELL)
    ahead = row("S2").replace("2024", "2124")
    assert servings(row("S1", point="P02"), ahead)["rejected"] == {
        "in_future": 1,
        "point_not_operating": 1,
    }


def test_reversals_free_the_slot_once_and_come_back_when_they_cannot(district):
    serve("S1")
    at = "2024-05-06T12:00:00+08:00"
    counted = reversals(
        f"R1,S1,登记错误,{at}",
        f"R1,S1,登记错误,{at}",
        f"R2,S1,再来一次,{at}",
        f"R3,NONE,没有,{at}",
        f"R4,R1,冲正的冲正,{at}",
    )
    assert counted == {
        "kind": "reversals",
        "rows": 5,
        "created": 1,
        "updated": 0,
        "unchanged": 1,
        "rejected": {"already_reversed": 1, "not_reversible": 1, "unknown_serving": 1},
    }
    assert servings(row("S2", at="06T12:30"))["subsidised"] == 1
    assert reversals(f"S2,S2,流水号用过,{at}")["rejected"] == {"key_conflict": 1}


def test_lines_after_the_submission_are_late_and_settle_in_the_next_month(district):
    servings(row("S1"), row("S2", card="C002"))
    with writing():
        submit(MAY, None, SHELL, clock.now())
    before = settlement_of(MAY)
    counted = servings(row("S3", at="07T11:30"))
    assert counted["subsidised"] == 1
    assert reversals("R1,S2,登记错误,2024-06-01T08:00:00+08:00")["created"] == 1
    assert settlement_of(MAY) == before
    june = settlement_of(MAY.next)["points"][0]
    assert (june["late"], june["adjustment_fen"], june["servings"]) == (2, 300 - 400, 0)


def test_one_big_file_keeps_its_order_across_batches(district, monkeypatch):
    monkeypatch.setattr("mealsvc.exchange.importers.servings.ServingImporter.size", 3)
    monkeypatch.setattr("mealsvc.exchange.importing.RUN", 4)
    rows = [
        row(f"S{n:02d}", card=f"C00{n % 2 + 1}", at=f"{n // 4 + 1:02d}T11:3{n % 4}")
        for n in range(40)
    ]
    counted = servings(*reversed(rows))
    assert (counted["subsidised"], counted["full_price"]) == (20, {"already_served": 20})
    ordered = db.session.scalars(select(Serving.served_at).order_by(Serving.sequence)).all()
    assert ordered == sorted(ordered)
    before = dump()
    assert servings(*rows)["replayed"] == 40
    assert dump() == before
