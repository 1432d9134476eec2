"""What a till had promised without network, against what the server decided: noted, then settled."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from mealsvc.accounts.models import Device
from mealsvc.plumbing import clock
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, writing
from mealsvc.servings import uploads
from mealsvc.servings.models import Serving, UploadConflict
from mealsvc.servings.refusals import AlreadySettled, NoSuchSettlement, NotThatDay
from mealsvc.trail.models import TrailEvent
from tests.factories import tills

BY = tills.SHELL
DAY = tills.LUNCH.date()


class Till:
    """A till that uploads its queue, some hours later."""

    def __init__(self, app):
        self.client = app.test_client()
        self.head = {"Authorization": f"Bearer {tills.till_token()}"}

    def upload(self, *entries, **more):
        body = {"entries": list(entries), **more}
        answer = self.client.post("/api/v1/till/P01/uploads", json=body, headers=self.head)
        assert answer.status_code == 200, answer.text
        return answer.json["results"]

    def one(self, *entry):
        [result] = self.upload(*entry)
        return result


@pytest.fixture
def till(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: tills.LUNCH + timedelta(hours=3))
    tills.small_district()
    return Till(app)


def entry(key, resident=1, shown=900, doubtful=False, **fields):
    """A lunch of 12 yuan for which the elder was told to pay `shown`."""
    usual = {
        "kind": "serving",
        "key": key,
        "point": "P01",
        "credential": vault().token(resident),
        "served_at": "2024-05-06T11:30:00+08:00",
        "meal": "lunch",
        "mode": "dine_in",
        "price_fen": 1200,
        "method": "card",
        "shown": {"subsidy_fen": 1200 - shown, "self_pay_fen": shown},
        "clock": {"offset_ms": 12, "doubtful": doubtful},
    }
    return usual | fields


def back(key, reverses):
    return {"kind": "reversal", "key": key, "reverses": reverses, "reason": "登错人"}


def conflicts():
    db.session.rollback()
    return db.session.scalars(select(UploadConflict).order_by(UploadConflict.key)).all()


def trail_of(action):
    db.session.rollback()
    rows = select(TrailEvent.subject).where(TrailEvent.action == action)
    return list(db.session.scalars(rows.order_by(TrailEvent.seq)))


def lines():
    return db.session.scalar(select(func.count()).select_from(Serving))


def settle(key, settlement, day=None, note=""):
    with writing() as connection:
        found = uploads.conflict_of(key)
        return uploads.settle_conflict(connection, found, settlement, day, note, BY, clock.now())


def test_what_ends_as_promised_is_no_conflict(till):
    result = till.one(entry("K1"))
    assert (result["status"], result["conflict"], result["self_pay_fen"]) == (201, None, 900)
    assert conflicts() == []


def test_a_place_taken_elsewhere_meanwhile_is_recorded_at_full_price_and_noted(till):
    tills.serve("K0", point="P02")
    result = till.one(entry("K1"))
    assert (result["status"], result["reason"]) == (201, "already_served")
    assert result["conflict"] == "full_price"
    [noted] = conflicts()
    assert (noted.outcome, noted.code) == ("full_price", "already_served")
    assert (noted.shown_self_pay_fen, noted.self_pay_fen) == (900, 1200)
    assert (noted.point, noted.resident_id, noted.device) == ("P01", 1, "till-P01")
    assert trail_of("conflicts.note") == ["K1"]


def test_a_subsidy_of_another_amount_is_noted(till):
    result = till.one(entry("K1", resident=2, shown=900))
    assert (result["self_pay_fen"], result["conflict"]) == (800, "amount")
    assert [one.outcome for one in conflicts()] == ["amount"]


def test_a_full_price_that_was_shown_as_such_is_no_conflict(till):
    tills.serve("K0", point="P02")
    assert till.one(entry("K1", shown=1200))["conflict"] is None


def test_a_refused_meal_is_kept_for_the_manager_and_answered_alike_for_ever(till):
    first = till.one(entry("K1", price_fen=99_999, shown=99_699))
    assert (first["status"], first["code"], first["conflict"]) == (422, "bad_price", "refused")
    again = till.one(entry("K1", price_fen=99_999, shown=99_699))
    assert (again["status"], again["code"], again["conflict"]) == (422, "bad_price", "refused")
    assert len(conflicts()) == 1
    assert lines() == 0


def test_a_meal_refused_once_is_not_recorded_by_sending_it_again_later(till):
    """The manager may have settled it: it must not turn up a second time."""
    till.one(entry("K1", resident=99))
    settle("K1", "paid")
    assert till.one(entry("K1"))["status"] == 422
    assert lines() == 0


def test_sent_again_it_is_one_line_and_one_conflict(till):
    tills.serve("K0", point="P02")
    first = till.one(entry("K1"))
    for _ in range(3):
        again = till.one(entry("K1"))
        assert again == first | {"status": 200}
    assert len(conflicts()) == 1
    assert trail_of("conflicts.note") == ["K1"]


def test_a_conflict_is_not_lost_when_the_first_answer_was_that_of_a_single_request(till):
    tills.serve("K0", point="P02")
    order = {k: v for k, v in entry("K1").items() if k not in ("kind", "key", "shown", "clock")}
    head = till.head | {"Idempotency-Key": "K1"}
    assert till.client.post("/api/v1/servings", json=order, headers=head).status_code == 201
    result = till.one(entry("K1"))
    assert (result["status"], result["conflict"]) == (200, "full_price")
    assert len(conflicts()) == 1


def test_a_doubtful_clock_waits_for_a_person(till):
    result = till.one(entry("K1", doubtful=True))
    assert (result["status"], result["code"]) == (422, "clock_in_doubt")
    assert result["conflict"] == "clock"
    assert lines() == 0
    assert till.one(entry("K1", doubtful=True)) == result
    assert len(conflicts()) == 1


def test_a_doubtful_meal_that_was_recorded_already_is_a_replay(till):
    tills.serve("K1", vault().token(1), method="card")
    result = till.one(entry("K1", doubtful=True))
    assert (result["status"], result["conflict"]) == (200, None)


def test_the_manager_names_the_day_and_the_meal_is_recorded_under_its_key(till):
    till.one(entry("K1", doubtful=True, served_at="2023-01-01T11:40:00+08:00"))
    receipt = settle("K1", "record", DAY - timedelta(days=1))
    assert (receipt.key, receipt.subsidy_fen) == ("K1", 300)
    line = db.session.scalars(select(Serving)).one()
    assert (line.served_on, line.device) == (DAY - timedelta(days=1), "till-P01")
    again = till.one(entry("K1", doubtful=True, served_at="2023-01-01T11:40:00+08:00"))
    assert (again["status"], again["sequence"], again["conflict"]) == (200, line.sequence, "clock")
    assert lines() == 1


def test_a_day_on_which_the_meal_cannot_have_been_is_refused(till):
    till.one(entry("K1", doubtful=True))
    for day in (None, DAY + timedelta(days=1), DAY - timedelta(days=9)):
        with pytest.raises(NotThatDay):
            settle("K1", "record", day)
    assert lines() == 0
    assert conflicts()[0].settled_at is None


def test_a_till_ahead_of_time_puts_its_clock_right_and_sends_again(till):
    result = till.one(entry("K1", served_at="2024-05-06T18:00:00+08:00"))
    assert (result["code"], result["conflict"]) == ("in_future", None)
    assert result["server_time"]
    assert conflicts() == []
    assert till.one(entry("K1"))["status"] == 201


def test_entries_end_one_by_one_in_their_order(till):
    results = till.upload(
        entry("K1"),
        back("R1", "K1"),
        entry("K2"),
        entry("K3"),
        {"kind": "tea", "key": "K4"},
        entry("K5", point="P02"),
        back("R9", "nothing"),
    )
    assert [one["key"] for one in results] == ["K1", "R1", "K2", "K3", "K4", "K5", "R9"]
    assert [one["status"] for one in results] == [201, 201, 201, 201, 422, 403, 404]
    assert [one["conflict"] for one in results] == [None, None, None, "full_price", *[None] * 3]
    again = till.upload(entry("K1"), back("R1", "K1"), entry("K2"))
    assert [one["status"] for one in again] == [200, 200, 200]


def test_taking_back_what_was_never_recorded_settles_it(till):
    till.upload(entry("K1", doubtful=True), entry("K2", resident=99))
    results = till.upload(back("R1", "K1"), back("R2", "K2"))
    assert [(one["status"], one["code"]) for one in results] == [(404, "unknown_serving")] * 2
    assert [one.settlement for one in conflicts()] == ["void", "void"]
    with pytest.raises(AlreadySettled):
        settle("K1", "record", DAY)


def test_a_hundred_entries_are_taken_and_one_more_is_not(till):
    assert len(till.upload(*[{"key": "x"}] * 100)) == 100
    body = {"entries": [{"key": "x"}] * 101}
    answer = till.client.post("/api/v1/till/P01/uploads", json=body, headers=till.head)
    assert (answer.status_code, answer.json["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "broken",
    [
        {"shown": None},
        {"shown": {}},
        {"shown": {"self_pay_fen": "9"}},
        {"clock": 7},
        {"price_fen": None, "meal": "tea"},
        {"note": "x" * 101},
    ],
)
def test_what_makes_no_sense_is_malformed_and_no_conflict(till, broken):
    result = till.one(entry("K1") | broken)
    assert (result["code"], result["conflict"]) == ("malformed", None)
    assert conflicts() == []


def test_a_price_of_any_size_can_be_refused_and_kept(till):
    assert till.one(entry("K1", price_fen=10**30))["conflict"] == "refused"
    assert conflicts()[0].price_fen == 0


@pytest.mark.parametrize("settlement", ["collect", "absorb"])
def test_settling_the_difference_leaves_the_ledger_alone(till, settlement):
    tills.serve("K0", point="P02")
    till.one(entry("K1"))
    before = lines()
    assert settle("K1", settlement, note="已说明") is None
    [noted] = conflicts()
    assert (noted.settlement, noted.settled_by, noted.note) == (settlement, "tests", "已说明")
    assert lines() == before
    assert trail_of("conflicts.settle") == ["K1"]


def test_a_meal_may_be_taken_back_and_no_second_time(till):
    tills.serve("K0", point="P02")
    till.one(entry("K1"))
    assert settle("K1", "reverse").reverses == "K1"
    with pytest.raises(AlreadySettled):
        settle("K1", "collect")
    assert lines() == 3


def test_a_meal_that_was_taken_back_before_is_settled_without_another_line(till):
    tills.serve("K0", point="P02")
    till.upload(entry("K1"), back("R1", "K1"))
    assert settle("K1", "reverse") is None
    assert lines() == 3


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({}, "void"),
        ({"doubtful": True}, "collect"),
        ({"resident": 99}, "record"),
        ({"resident": 2}, "collect"),  # she was told too much: there is something to give back
    ],
)
def test_only_what_fits_the_outcome_can_be_chosen(till, fields, refused):
    if not fields:
        tills.serve("K0", point="P02")
    till.one(entry("K1", **fields))
    with pytest.raises(NoSuchSettlement):
        settle("K1", refused)


def test_what_was_overpaid_is_given_back(till):
    till.one(entry("K1", resident=2, shown=900))
    assert uploads.difference_of(uploads.conflict_of("K1")) == -100
    settle("K1", "refund")
    assert conflicts()[0].settlement == "refund"


def test_uploads_measure_the_clock(till):
    till.upload(device_time="2024-05-06T14:20:00+08:00")
    assert db.session.scalars(select(Device)).one().clock_offset_ms == 600_000
