"""Who is on which list to call, and what a call leaves behind."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from mealsvc.coverage.outreach import queries, services
from mealsvc.coverage.outreach.models import OutreachCall
from mealsvc.coverage.outreach.refusals import NoPhone, NotListed
from mealsvc.places.services import point_by_code, suspend_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, writing
from mealsvc.residents.services import NewFact, add_fact
from mealsvc.servings.services import reverse_serving
from mealsvc.trail.models import TrailEvent
from tests.factories import contacts, tills
from tests.factories.contacts import frame, line, who
from tests.factories.tills import SHELL

pytestmark = pytest.mark.ground(by=contacts.scene)


def listed(topic, scope="320412"):
    db.session.rollback()
    return [row.name for row in db.session.execute(queries.list_of(topic, frame(scope)))]


def test_days_are_counted_from_the_last_day_with_records(app):
    assert frame().day == date(2024, 5, 28)
    assert frame().min_age == 60


def test_in_need_within_reach_and_not_seen_for_a_month(app):
    assert set(listed("quiet")) == {"欧阳秀英", "低保婆"}
    tills.serve("Q1", "C002", served_at=tills.a_day(27))
    assert listed("quiet") == ["低保婆"]


def test_a_meal_that_was_taken_back_is_none(app):
    tills.serve("Q1", "C002", served_at=tills.a_day(27))
    with writing() as connection:
        at = tills.a_day(27)
        reverse_serving(connection, "Q1R", "Q1", "误操作", at, SHELL, clock.now())
    assert "欧阳秀英" in listed("quiet")


def test_came_of_age_or_registered_lately_and_never_ate(app):
    assert set(listed("new")) == {"满龄婆", "新登记"}
    tills.serve("N1", "X3", served_at=tills.a_day(20))
    assert listed("new") == ["满龄婆"]


def test_a_regular_who_stopped_coming_is_asked_after(app):
    rows = db.session.execute(queries.list_of("regular", frame())).all()
    assert [(row.name, row.meals, row.last_on) for row in rows] == [
        ("常客公", 13, date(2024, 5, 20))
    ]
    tills.serve("R0", "X4", served_at=tills.a_day(22))
    assert listed("regular") == []


def test_a_suspended_point_tells_who_usually_eats_there(app):
    assert listed("closure") == []
    with writing():
        suspend_point(point_by_code("P01"), date(2024, 5, 22), "设备检修", SHELL)
    assert listed("closure") == ["常客公"]
    [stop] = queries.stops(date(2024, 5, 28))
    assert (stop.code, stop.from_on, stop.to_on) == ("P01", date(2024, 5, 22), None)


def test_in_need_in_a_blank_spot_unless_meals_are_brought(app):
    assert listed("blank") == ["空白翁"]
    tills.serve("B1", "X1", served_at=tills.a_day(26), mode="delivery")
    assert listed("blank") == []


def test_who_moved_is_listed_where_she_lives_now(app):
    moved = NewFact("residence", contacts.FAR, date(2024, 5, 1), None, "测试")
    with writing():
        add_fact(who("欧阳秀英").id, moved, SHELL)
    assert listed("quiet") == ["低保婆"]
    assert set(listed("blank")) == {"空白翁", "欧阳秀英"}
    assert set(listed("blank", contacts.FAR)) == {"空白翁", "欧阳秀英"}


@pytest.mark.parametrize("event", ["deceased", "moved_out", "institution"])
def test_nobody_calls_who_is_gone(app, event):
    with writing():
        gone = NewFact("departure", event, date(2024, 5, 1), None, "测试")
        add_fact(who("欧阳秀英").id, gone, SHELL)
    assert listed("quiet") == ["低保婆"]


def test_each_sees_the_own_area(app):
    assert listed("quiet", contacts.FAR) == []
    assert listed("blank", contacts.COMMUNITY) == []
    assert set(listed("quiet", contacts.COMMUNITY)) == {"欧阳秀英", "低保婆"}


def _call(outcome, words="", days=0):
    with writing():
        at = clock.now() - timedelta(days=days)
        services.note_call(line(), outcome, words, SHELL, at)


@pytest.mark.parametrize(
    ("outcome", "days", "back"),
    [
        ("declined", 0, False),
        ("declined", 29, False),
        ("declined", 31, True),
        ("no_answer", 1, False),
        ("no_answer", 3, True),
    ],
)
def test_a_call_takes_somebody_off_the_list_for_a_while(app, outcome, days, back):
    _call(outcome, days=days)
    assert ("欧阳秀英" in listed("quiet")) is back
    assert queries.outcomes_of("quiet", frame()) == ({outcome: 1} if days < 30 else {})


def test_what_was_said_is_sealed_and_stays(app):
    _call("will_come", "下周来看看")
    [kept] = db.session.scalars(select(OutreachCall)).all()
    assert "下周".encode() not in kept.words
    assert vault().open(kept.words) == "下周来看看"
    with pytest.raises(DBAPIError), writing() as connection:
        connection.execute(text("UPDATE outreach_call SET outcome = 'reached'"))
    db.session.rollback()
    with pytest.raises(NotListed):
        line()


def test_a_number_is_shown_to_who_asked_and_the_trail_tells(app):
    with writing():
        assert services.reveal(line(), SHELL) == contacts.PHONE
    row = db.session.scalars(select(TrailEvent).order_by(TrailEvent.seq.desc()).limit(1)).one()
    assert (row.action, row.subject) == ("outreach.reveal", who("欧阳秀英").ref)
    assert contacts.PHONE not in row.detail


def test_without_a_number_there_is_nothing_to_show(app):
    with writing():
        who("欧阳秀英").phone = None
    with pytest.raises(NoPhone), writing():
        services.reveal(line(), SHELL)


def test_a_list_of_another_day_counts_from_that_day(app):
    earlier = replace(frame(), day=date(2024, 5, 21))
    rows = db.session.execute(queries.list_of("regular", earlier)).all()
    assert rows == []
