"""Deliveries recorded: nothing is served before the door, nothing twice, no shut door forgotten."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DatabaseError

from mealsvc.auditing.proof import verify
from mealsvc.bookings.rules import written_note
from mealsvc.bookings.services import cancel
from mealsvc.deliveries import queries, refusals, rounds, services
from mealsvc.deliveries.models import DeliveryEvent, RoundStop
from mealsvc.deliveries.rounds import Place
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.models import Serving, ServingSlot
from mealsvc.servings.services import reverse_serving
from mealsvc.trail.models import TrailEvent
from tests.factories import deliveries as made
from tests.factories import tills
from tests.factories.deliveries import COURIER, NOON, TODAY, deliver, kinds, minutes, step


@pytest.fixture
def booked(app, monkeypatch):
    """The numbers of today's bookings by name."""
    monkeypatch.setattr(clock, "now", lambda: NOON)
    return made.small_rounds()


@pytest.fixture
def one(booked):
    return booked["张国丰"]


def lines():
    return db.session.scalar(select(func.count()).select_from(Serving))


def slots():
    return db.session.scalar(select(func.count()).select_from(ServingSlot))


def told(action):
    rows = select(TrailEvent.detail).where(TrailEvent.action == action)
    return [json.loads(text) for text in db.session.scalars(rows)]


def test_a_meal_is_served_and_subsidised_when_it_is_handed_over_and_not_before(one):
    step(services.note_no_answer, one, "N1")
    step(services.close_alert, one, "C1", "out", "")
    step(services.return_meal, one, "R1", at=minutes(3))
    assert (lines(), slots()) == (0, 0)
    done = deliver(one, at=minutes(5))
    line = db.session.scalars(select(Serving)).one()
    assert (line.mode, line.key, line.served_at) == ("delivery", f"D-{one}", minutes(5))
    assert (line.price_fen, line.subsidy_fen, line.self_pay_fen) == (1200, 300, 900)
    assert done.event.sequence == line.sequence
    verify()


def test_a_form_sent_again_is_one_event_and_one_meal(one):
    first, again = deliver(one), deliver(one, at=minutes(1))
    assert again.event.id == first.event.id and again.receipt is None
    for verb, facts in ((services.note_no_answer, ()), (services.return_meal, ())):
        with pytest.raises(refusals.KeyConflict):
            step(verb, one, "E1", *facts)
    with pytest.raises(refusals.AlreadyDelivered):
        deliver(one, "E2", at=minutes(1))
    assert (lines(), kinds(one)) == (1, ["delivered"])


@pytest.mark.parametrize(
    ("verb", "facts", "other"),
    [
        (services.note_no_answer, (), None),
        (services.note_call, ("reached",), ("unreached",)),
        (services.note_report, ("village",), ("family",)),
        (services.close_alert, ("safe", ""), ("out", "")),
        (services.return_meal, (), None),
    ],
)
def test_every_step_sent_again_is_one(one, verb, facts, other):
    if verb is not services.note_no_answer:
        step(services.note_no_answer, one, "N1")
    before = len(kinds(one))
    ids = {step(verb, one, "K", *facts).id for _ in range(2)}
    assert len(ids) == 1 and len(kinds(one)) == before + 1
    if other:
        with pytest.raises(refusals.KeyConflict):
            step(verb, one, "K", *other)


def test_an_undelivered_meal_leaves_no_serving_and_the_elder_may_eat_elsewhere(one):
    step(services.return_meal, one, "R1")
    assert tills.serve("K1", served_at=minutes(3)).subsidy_fen == 300
    with pytest.raises(refusals.AlreadyReturned):
        step(services.return_meal, one, "R2")


def test_a_meal_already_eaten_elsewhere_is_handed_over_at_full_price_only_as_shown(one):
    tills.serve("K1", served_at=minutes(-20), point="P02")
    with pytest.raises(refusals.AmountChanged):
        deliver(one, expected_fen=900)
    assert (lines(), kinds(one)) == (1, [])
    receipt = deliver(one, "E2", expected_fen=1200).receipt
    assert receipt is not None and receipt.reason == "already_served"
    assert receipt.subsidy_fen == 0


def test_a_shut_door_is_not_left_by_delivering_without_saying_how_it_ended(one):
    step(services.note_no_answer, one, "N1")
    with pytest.raises(refusals.AlertStillOpen):
        deliver(one)
    assert (lines(), kinds(one)) == (0, ["no_answer"])
    deliver(one, outcome="delivered")
    assert kinds(one) == ["no_answer", "closed", "delivered"]
    assert not queries.progress_at(one).alarmed


def test_a_meal_that_went_back_leaves_the_shut_door_open(one):
    step(services.note_no_answer, one, "N1")
    step(services.return_meal, one, "R1")
    progress = queries.progress_at(one)
    assert (progress.meal, progress.alarmed) == ("returned", True)


def test_after_a_quarter_of_an_hour_somebody_must_be_told_before_it_is_closed(one):
    step(services.note_no_answer, one, "N1")
    step(services.note_call, one, "C1", "unreached", at=minutes(2))
    with pytest.raises(refusals.ReportFirst):
        step(services.close_alert, one, "X1", "safe", "", at=minutes(15))
    step(services.note_report, one, "P1", "village", at=minutes(16))
    step(services.close_alert, one, "X1", "safe", "", at=minutes(17))
    assert kinds(one) == ["no_answer", "called", "reported", "closed"]


def test_whom_one_would_report_to_closes_it_without_reporting_to_herself(one):
    step(services.note_no_answer, one, "N1")
    step(services.close_alert, one, "X1", "hospital", "", at=minutes(40), informed=True)
    assert not queries.progress_at(one).alarmed


def test_another_outcome_is_written_down(one):
    step(services.note_no_answer, one, "N1")
    with pytest.raises(refusals.SayWhat):
        step(services.close_alert, one, "X1", "other", "没事")
    step(services.close_alert, one, "X1", "other", "在邻居家打牌")


def test_what_is_not_alarmed_cannot_be_closed_and_twice_is_not_two(one):
    for verb, facts in (
        (services.note_call, ("reached",)),
        (services.note_report, ("family",)),
        (services.close_alert, ("safe", "")),
    ):
        with pytest.raises(refusals.NoAlert):
            step(verb, one, "A1", *facts)
    step(services.note_no_answer, one, "N1")
    with pytest.raises(refusals.AlertOpen):
        step(services.note_no_answer, one, "N2")


def test_a_delivery_taken_back_in_the_ledger_waits_again_and_can_be_made_again(one):
    deliver(one)
    with writing() as connection:
        reverse_serving(connection, "U1", f"D-{one}", "登错人", None, COURIER, minutes(1))
    assert queries.progress_at(one).state == "waiting"
    deliver(one, "E2", at=minutes(2))
    assert queries.progress_at(one).state == "delivered"
    keys = select(Serving.key).order_by(Serving.sequence)
    assert list(db.session.scalars(keys)) == [f"D-{one}", "U1", f"D-{one}-2"]
    assert slots() == 1
    verify()


def test_a_cancelled_booking_is_not_carried_but_its_shut_door_stays(one):
    step(services.note_no_answer, one, "N1")
    with writing():
        cancel(db.session.get_one(made.Booking, one), "家属来电", COURIER, NOON, late=True)
    for verb in (services.return_meal, services.note_no_answer):
        with pytest.raises(refusals.NotADelivery):
            step(verb, one, "K")
    with pytest.raises(refusals.NotADelivery):
        deliver(one)
    step(services.close_alert, one, "X1", "hospital", "")


@pytest.mark.parametrize(
    "facts", [{"signature": "1,2;<svg>"}, {"signature": "1,1;" * 1100 + "1,1"}]
)
def test_a_signature_that_is_none_is_refused(one, facts):
    with pytest.raises(refusals.BadSignature):
        deliver(one, **facts)
    assert (lines(), kinds(one)) == (0, [])


@pytest.mark.parametrize("hours", [-24, 13, 24])
def test_a_meal_of_another_day_is_not_handed_over(one, hours):
    with pytest.raises(refusals.NotToday):
        made.deliver(one, at=NOON + timedelta(hours=hours))
    assert made.kinds(one) == []


def test_a_meal_without_a_price_is_not_handed_over(booked):
    with writing():
        dinner = made.book(1, TODAY, "dinner").id
    with pytest.raises(refusals.NoPrice):
        deliver(dinner)


def test_the_events_cannot_be_changed_or_taken_out(one):
    deliver(one)
    for statement in (
        "UPDATE delivery_event SET note = 'x'",
        "DELETE FROM delivery_event",
        "UPDATE cooking_time SET meal = 'dinner'",
    ):
        with writing():
            services.note_cooking(made.the_point(), TODAY, "lunch", minutes(-5), COURIER, NOON)
        with pytest.raises(DatabaseError, match="append-only"), writing() as connection:
            connection.exec_driver_sql(statement)


@pytest.mark.only("sqlite")
def test_an_event_cannot_be_put_over_another(one):
    deliver(one)
    columns = ", ".join(column.name for column in DeliveryEvent.__table__.columns)
    statement = f"REPLACE INTO delivery_event SELECT {columns} FROM delivery_event"
    with pytest.raises(DatabaseError, match="append-only"), writing() as connection:
        connection.exec_driver_sql(statement)


def test_the_trail_tells_of_each_step_without_name_house_or_phone(one):
    deliver(one, signature="1,2 3,4")
    with writing():
        assert services.reveal_phone(one, COURIER) == made.PHONE
    rows = db.session.execute(
        select(TrailEvent.subject, TrailEvent.detail).where(
            TrailEvent.action.startswith("deliveries.")
        )
    ).all()
    assert len(rows) == 4  # a round, its order, the delivery, the phone
    text = "".join(subject + detail for subject, detail in rows)
    assert not [word for word in ("张国丰", made.HOUSE, made.PHONE, "1,2") if word in text]
    assert told("deliveries.phone") == [{"fields": ["phone"]}]


def test_the_cooking_time_corrected_last_counts_and_lies_within_the_day(booked):
    point = made.the_point()
    assert queries.cooked_at(point.id, TODAY, "lunch") is None
    for at in (minutes(-60), minutes(-50)):
        with writing():
            services.note_cooking(point, TODAY, "lunch", at, COURIER, NOON)
    assert queries.cooked_at(point.id, TODAY, "lunch") == minutes(-50)
    for at in (minutes(1), minutes(-24 * 60)):
        with pytest.raises(refusals.BadCookingTime), writing():
            services.note_cooking(point, TODAY, "lunch", at, COURIER, NOON)


def order_of(round_id=1):
    rows = select(RoundStop.resident_id).where(RoundStop.round_id == round_id)
    return list(db.session.scalars(rows.order_by(RoundStop.position)))


def test_an_order_is_remembered_told_and_told_once(booked):
    put = [Place(2, ("no:奶", "low_salt")), Place(1)]
    for _ in range(2):
        with writing():
            rounds.put_stops(made.the_round(), "P01", put, COURIER)
    assert order_of() == [2, 1]
    assert told("deliveries.order") == [
        {"order": ["R000001", "R000002"]},
        {"order": ["R000002", "R000001"]},
    ]
    stops = queries.stops_of(made.the_point().id, TODAY, "lunch")
    assert [stop.name for stop in stops] == ["欧阳秀英", "张国丰", "张桂芳"]
    assert stops[0].diet == ["低盐", "奶过敏"]


@pytest.mark.parametrize("put", [[Place(1), Place(1)], [Place(1), Place(3)]])
def test_an_order_with_strangers_or_twins_is_refused(booked, put):
    with pytest.raises(refusals.BadOrder), writing():
        rounds.put_stops(made.the_round(), "P01", put, COURIER)
    assert order_of() == [1, 2]


def test_who_is_left_out_has_no_round_and_may_be_given_another(booked):
    point = made.the_point()
    with writing():
        rounds.put_stops(made.the_round(), "P01", [Place(2)], COURIER)
        west = rounds.add_round(point, "西线", "", COURIER)
        assert rounds.assign(west, point, [1, 2, 3], TODAY, COURIER) == 2  # 2 has a round
    assert (order_of(), set(order_of(west.id))) == ([2], {1, 3})
    assert not queries.without_round(point.id, TODAY)


def test_a_round_has_a_name_of_its_own_and_is_not_closed_with_people_on_it(booked):
    point = made.the_point()
    with pytest.raises(refusals.RoundExists), writing():
        rounds.add_round(point, "东线", "", COURIER)
    with pytest.raises(refusals.RoundInUse), writing():
        rounds.change_round(made.the_round(), "P01", "东线", "王师傅", False, COURIER)
    with writing():
        rounds.put_stops(made.the_round(), "P01", [], COURIER)
        rounds.change_round(made.the_round(), "P01", "东一线", "王师傅", False, COURIER)
    assert (made.the_round().name, made.the_round().active) == ("东一线", False)


def test_the_wishes_of_one_booking_join_the_marks_of_the_round(booked):
    with writing():
        db.session.get_one(RoundStop, (1, 1)).diet = "soft"
        made.book(1, made.date(2024, 5, 7), note=written_note(("halal", "soft", "no:鱼"), "勺子"))
    (stop,) = queries.stops_of(made.the_point().id, made.date(2024, 5, 7))
    assert (stop.diet, stop.remark) == (["软食", "鱼过敏", "清真"], "勺子")


def test_only_the_day_and_meal_asked_for_are_listed(booked):
    with writing():
        made.book(4, TODAY, "dinner")
        made.book(4, made.date(2024, 5, 7))
    point = made.the_point()
    assert len(queries.stops_of(point.id, TODAY)) == 4
    assert len(queries.stops_of(point.id, TODAY, "lunch")) == 3
