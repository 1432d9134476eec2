"""Complaints from their number to their end, who may do what, and what is counted of them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from mealsvc.accounts.persons import bind_accounts
from mealsvc.kernel.actors import Actor
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, writing
from mealsvc.settings.calendar import seed_calendar
from mealsvc.supervision.complaints import lists, queries, refusals, rules, services, throttle
from mealsvc.supervision.complaints.models import Complaint, ComplaintAct, Rating
from mealsvc.supervision.complaints.rules import Counts, Rated
from mealsvc.supervision.complaints.services import Stars
from mealsvc.supervision.logs.models import LogEntry
from mealsvc.trail.models import TrailEvent
from tests.factories import complaints, tills
from tests.factories.complaints import CONTACT, POINT, SHELL, TOWN, WORDS
from tests.factories.menus import place
from tests.support.people import account_of

NOW = tills.LUNCH
TODAY, MAY = date(2024, 5, 6), (date(2024, 5, 1), date(2024, 5, 31))
STEPS = {
    "assigned": lambda one: services.assign(one, "point", "", SHELL, NOW),
    "answered": lambda one: services.answer(one, "已经改了", "point", POINT, NOW),
    "returned": lambda one: services.send_back(one, "请补充", TOWN, NOW),
    "closed": lambda one: services.close(one, False, "同意", TOWN, NOW),
    "called": lambda one: services.note_call(one, "满意", TOWN, NOW),
}


@pytest.fixture
def district(app):
    tills.small_district()
    with writing():
        seed_calendar(SHELL)


def test_a_complaint_gets_the_next_number_and_five_working_days(district):
    one = complaints.received(now=NOW)
    assert one.number == "武民助诉〔2024〕0001号"
    assert (one.received_on, one.due_on) == (TODAY, date(2024, 5, 11))  # a Saturday that is worked
    before_holiday = datetime(2024, 4, 30, 4, tzinfo=UTC)
    other = complaints.received(now=before_holiday, key="K-00000002")
    assert other.due_on == date(2024, 5, 10)
    assert other.number == "武民助诉〔2024〕0002号"


def test_the_same_key_is_the_same_complaint(district):
    one = complaints.received(now=NOW)
    again = complaints.received(now=NOW + timedelta(minutes=1), contact="")
    assert again.id == one.id and again.contact is not None
    assert db.session.scalars(select(Complaint.number)).all() == [one.number]


def test_words_and_contact_are_sealed_and_stay_out_of_the_trail(district):
    number = complaints.brought_to("closed", now=NOW)
    one = db.session.get_one(Complaint, number)
    assert vault().open(one.words) == WORDS and vault().open(one.contact or b"") == CONTACT
    kept = [one.words, one.contact, *db.session.scalars(select(ComplaintAct.words))]
    assert not any(
        secret.encode() in (b or b"") for b in kept for secret in (WORDS, CONTACT, "同意")
    )
    details = " ".join(db.session.scalars(select(TrailEvent.detail)))
    assert not [word for word in (WORDS, CONTACT, "已经改了", "同意") if word in details]
    assert [act.words for act in lists.acts_of(number)] == ["请核实", "已经改了", "同意"]


def test_each_step_is_taken_from_the_states_that_allow_it_and_refused_from_others(district):
    for state in rules.STATES:
        for act, step in STEPS.items():
            one = complaints.brought_to(state, now=NOW, key=f"K-{state}-{act}")
            with writing():
                if rules.may_start(act, state):
                    assert step(one).state == rules.state_after(act, state)
                else:
                    with pytest.raises(refusals.WrongStep, match=rules.STATES[state]):
                        step(one)


def test_only_the_level_that_it_was_assigned_to_answers(district):
    one = complaints.brought_to("assigned", now=NOW)
    with writing(), pytest.raises(refusals.NotYours, match="助餐点"):
        services.answer(one, "已经改了", "town", TOWN, NOW)
    with writing():
        services.assign(one, "town", "", SHELL, NOW)
        assert services.answer(one, "已经改了", "town", TOWN, NOW).state == "answered"


def test_whoever_answered_does_not_close(district):
    one = complaints.brought_to("answered", now=NOW)
    with writing(), pytest.raises(refusals.OwnAnswer):
        services.close(one, True, "同意", POINT, NOW)
    with writing():
        services.send_back(one, "请补充", TOWN, NOW)
        services.answer(one, "补充了", "point", SHELL, NOW)
    with writing():  # of two answers the last one counts
        assert services.close(one, True, "同意", POINT, NOW).upheld is True


def test_two_accounts_of_one_person_do_not_answer_and_close(district):
    with writing():
        first, second = (account_of(f"town@{code}") for code in ("320412100", "320412101"))
        bind_accounts(first, second, SHELL)
    answers, closes = Actor("user", "town-320412100"), Actor("user", "town-320412101")
    one = complaints.brought_to("assigned", now=NOW)
    with writing():
        services.answer(one, "已经改了", "point", answers, NOW)
    with writing(), pytest.raises(refusals.OwnAnswer):
        services.close(one, True, "同意", closes, NOW)


def test_a_closed_complaint_and_its_acts_never_change(district):
    complaints.brought_to("closed", now=NOW)
    for statement in (
        "UPDATE complaint SET upheld = NOT upheld",
        "UPDATE complaint SET due_on = '2030-01-01'",
        "DELETE FROM complaint",
        "UPDATE complaint_act SET act = 'called'",
        "DELETE FROM complaint_act",
    ):
        with pytest.raises(DBAPIError), writing() as connection:
            connection.execute(text(statement))


def test_the_contact_is_shown_with_a_trail_row_and_not_where_there_is_none(district):
    one = complaints.received(now=NOW)
    with writing():
        assert services.reveal_contact(one.id, TOWN) == CONTACT
    last = db.session.scalars(select(TrailEvent).order_by(TrailEvent.seq.desc())).first()
    assert last and (last.action, last.actor, last.subject) == (
        "complaints.reveal", str(TOWN), one.number,
    )  # fmt: skip
    nobody = complaints.received(now=NOW, key="K-00000002", contact="")
    with writing(), pytest.raises(refusals.NoContact):
        services.reveal_contact(nobody.id, TOWN)
    with pytest.raises(refusals.UnknownComplaint):
        services.complaint_of(99)


def test_the_same_visitor_counts_once_a_day_at_a_point(district):
    with writing():
        for at in (NOW, NOW + timedelta(hours=1), NOW + timedelta(days=1)):
            services.rate(place(), Stars(5), "qr", "V1", SHELL, at)
        services.rate(place("P02"), Stars(1), "qr", "V1", SHELL, NOW)
    assert queries.ratings(*MAY).n == 3
    with pytest.raises(DBAPIError), writing() as connection:
        connection.execute(text("UPDATE rating SET stars = 5"))


def test_all_addresses_of_one_ipv6_connection_are_one_visitor(district):
    seen = [
        throttle.visitor_of(one, place(), TODAY)
        for one in ("2001:db8::1", "2001:db8:0:0:ffff::9", "2001:db8:0:1::1", "::ffff:192.0.2.1",
                    "192.0.2.1")
    ]  # fmt: skip
    assert seen[0] == seen[1] != seen[2] and seen[3] == seen[4]


def test_an_address_is_known_for_one_point_and_day_only(district):
    here = throttle.visitor_of("192.0.2.1", place(), TODAY)
    assert here == throttle.visitor_of("192.0.2.1", place(), TODAY)
    others = {
        throttle.visitor_of("192.0.2.2", place(), TODAY),
        throttle.visitor_of("192.0.2.1", place("P02"), TODAY),
        throttle.visitor_of("192.0.2.1", place(), TODAY + timedelta(days=1)),
    }
    assert len(others | {here}) == 4
    assert "192" not in here


def test_an_address_gives_so_many_answers_a_day_and_no_more(district):
    visitor = throttle.visitor_of("192.0.2.1", place(), TODAY)
    with writing():
        for number in range(10):
            throttle.check_answers(visitor, place(), TODAY)
            services.rate(place(), Stars(5), "qr", f"{visitor}/{number}", SHELL, NOW)
        with pytest.raises(refusals.TooMany):
            throttle.check_answers(visitor, place(), TODAY)
        throttle.check_answers(visitor, place(), TODAY + timedelta(days=1))
        throttle.check_answers(visitor, place("P02"), TODAY)
        throttle.check_complaints(visitor, place(), TODAY)


def test_complaints_are_counted_when_received_and_judged_when_due(district):
    complaints.brought_to("closed", now=NOW)  # in time
    complaints.brought_to("answered", now=NOW + timedelta(hours=1), key="K-00000002")  # overdue
    complaints.received(now=NOW.replace(day=29), key="K-00000003")  # due in June
    late = complaints.received("P02", now=NOW.replace(month=4, day=25), key="K-00000004")
    with writing():
        services.assign(late.id, "point", "", SHELL, NOW)
        services.answer(late.id, "已经改了", "point", POINT, NOW)
        services.close(late.id, False, "同意", TOWN, NOW)  # due on 6 May, closed that day
        db.session.add(_incident(place("P02").id))
    found = queries.counts(*MAY)
    assert found == {
        1: Counts(received=3, due=2, in_time=1, upheld=1),
        2: Counts(received=0, due=1, in_time=1, incidents=1),
    }
    assert queries.counts(*MAY, [2]) == {2: found[2]}
    tills.serve("S1")
    assert queries.cases_per_ten_thousand(*MAY) == (4, 1, 40_000)


def test_satisfaction_weighs_the_points_by_servings_and_tells_how_many_answered(district):
    for number, card in enumerate(("C001", "C002", "C003")):
        tills.serve(f"S{number}", card, point="P01" if number else "P02")
    complaints.rated("5421", "P01", now=NOW)
    complaints.rated("4", "P02", now=NOW)
    complaints.rated("1", "P02", now=NOW.replace(month=4))
    found = queries.ratings(*MAY)
    assert found.by_point == {1: Rated(4, 2, 2), 2: Rated(1, 1, 1)}
    assert (found.n, found.satisfied, found.share) == (5, 3, pytest.approx(3 / 5))
    assert found.weighted == pytest.approx((0.5 * 2 + 1 * 1) / 3)
    assert queries.ratings_by_month(date(2024, 4, 1), MAY[1]) == {
        (1, 202405): Rated(4, 2),
        (2, 202404): Rated(1, 0),
        (2, 202405): Rated(1, 1),
    }
    nobody = queries.ratings(*MAY, [99])
    assert (nobody.n, nobody.share, nobody.weighted) == (0, None, None)


def test_the_demo_tells_of_a_dozen_complaints_and_three_hundred_answers(app):
    from mealsvc.demo import complaints as demo
    from mealsvc.demo.district import POINTS
    from mealsvc.places.services import put_division, put_point

    with writing():
        put_division({"code": "320412", "name": "武进区", "level": "district"}, SHELL)
        for one in POINTS:
            kind = {"kind": "community_canteen", "division": "320412"}
            put_point({"code": one.code, "name": one.name, **kind}, SHELL)
        demo.put_complaints(SHELL, datetime(2024, 6, 3, 4, tzinfo=UTC))
    states = db.session.scalars(select(Complaint.state)).all()
    assert len(states) == 12 and set(states) == set(rules.STATES)
    assert len(db.session.scalars(select(Rating.id)).all()) == demo.ANSWERS


def _incident(point_id: int) -> LogEntry:
    return LogEntry(
        key="I-1",
        point_id=point_id,
        kind="incident",
        day=TODAY,
        at=NOW,
        recorded_at=NOW,
        by="tests",
    )
