"""Logs kept, taken back, missing; and the figures that reports make of them."""

import json
from datetime import time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.services import reverse_serving
from mealsvc.settings.services import change_setting
from mealsvc.supervision.logs import queries, refusals, services
from mealsvc.supervision.logs.judging import Draft
from mealsvc.supervision.logs.models import LogEntry, Purchase
from mealsvc.supervision.logs.services import Row
from mealsvc.trail.models import TrailEvent
from tests.factories import logs as made
from tests.factories import tills
from tests.factories.logs import COOK, DAY, EVENING, NOON, hours, log, sample


@pytest.fixture
def kitchen(app):
    made.kitchen()
    return made.the_point()


def missing(day=DAY, **more):
    db.session.rollback()
    found = queries.missing_on(day, [made.the_point()], **more)
    return {(one.kind, one.meal): (one.have, one.wanted) for one in found.get(1, [])}


def refused(code, kind, key, **values):
    with pytest.raises(Refusal) as caught:
        log(kind, key, **values)
    assert caught.value.code == code
    return caught.value


def test_an_entry_is_kept_with_its_verdict_and_by_whom(kitchen):
    one = sample()
    assert (one.within, one.by, one.day, one.at) == (True, "user:cook", DAY, NOON)
    facts = json.loads(one.facts)
    assert facts["kept_until"] == (NOON + timedelta(hours=48)).isoformat()
    [row] = db.session.scalars(select(TrailEvent).where(TrailEvent.action == "logs.log"))
    assert "甲师傅" not in row.detail and "红烧肉" not in row.detail


def test_out_of_range_without_an_action_is_refused_and_with_one_kept(kitchen):
    told = refused("action_missing", "core_temp", "C1", meal="lunch", subject="鱼", temp_c=62)
    assert "70" in told.message and told.field == "action"
    one = log("core_temp", "C1", meal="lunch", subject="鱼", temp_c=62, action="继续加热")
    assert (one.within, one.action) == (False, "继续加热")


def test_the_same_form_sent_twice_counts_once_and_another_content_is_refused(kitchen):
    first = sample("S1")
    assert sample("S1").id == first.id
    assert len(list(db.session.scalars(select(LogEntry)))) == 1
    with pytest.raises(refusals.KeyConflict):
        sample("S1", grams=140)


def test_a_dish_is_sampled_once_unless_the_first_was_out_of_range(kitchen):
    sample("S1", grams=100, action="补足")
    sample("S2", grams=130)
    with pytest.raises(refusals.LoggedAlready):
        sample("S3", grams=131)
    with writing():
        services.withdraw(
            db.session.scalars(select(LogEntry.id).filter_by(key="S2")).one(), "错", COOK, NOON
        )
    assert sample("S4").within is True


def test_whoever_is_ill_must_be_off_duty_and_may_fall_ill_later_the_same_day(kitchen):
    log("morning_check", "M1", subject="甲师傅", result="normal")
    refused("malformed", "morning_check", "M2", subject="甲师傅", result="fever")
    ill = log("morning_check", "M2", subject="甲师傅", result="fever", off_duty=True)
    assert (ill.within, ill.action) == (False, "已离岗")


@pytest.mark.parametrize(
    ("now", "code"),
    [(NOON - timedelta(hours=1), "in_future"), (NOON + timedelta(days=4), "too_late")],
)
def test_a_log_is_of_today_or_of_the_last_days(kitchen, now, code):
    refused(code, "waste", "W1", subject="厨余垃圾", quantity_kg=3, now=now)


def test_a_log_entered_the_next_day_tells_so_by_its_times(kitchen):
    one = log("waste", "W1", subject="厨余垃圾", quantity_kg=3, now=NOON + timedelta(days=3))
    assert (one.at, one.recorded_at) == (NOON, NOON + timedelta(days=3))


def test_the_thresholds_are_those_of_the_entrys_own_day(kitchen):
    with writing():
        change_setting("sample.min_grams", "200", "测试", DAY + timedelta(days=1), True, COOK, DAY)
    assert sample("S1", grams=150, now=hours(30)).within is True
    later = hours(24)
    refused("action_missing", "sample", "S2", at=later, meal="lunch", subject="红烧肉", grams=150)


def test_an_entry_is_never_edited_or_deleted_and_withdrawn_once(kitchen):
    one = sample()
    for statement in ("UPDATE log_entry SET facts = '{}'", "DELETE FROM log_entry"):
        with pytest.raises(DatabaseError), writing() as connection:
            connection.exec_driver_sql(statement)
    with pytest.raises(refusals.WhyMissing), writing():
        services.withdraw(one.id, " ", COOK, NOON)
    with writing():
        services.withdraw(one.id, "称错了", COOK, EVENING)
    with pytest.raises(refusals.WithdrawnAlready), writing():
        services.withdraw(one.id, "称错了", COOK, EVENING)


def test_of_a_batch_all_good_ones_are_kept_under_one_row_of_the_trail(kitchen):
    drafts = [Draft("core_temp", DAY, "lunch", str(n), NOON, {"temp_c": n}) for n in (60, 80, 90)]
    with writing():
        outcomes = services.log_batch(
            [Row(kitchen, one, one.subject) for one in drafts], COOK, NOON
        )
    assert [getattr(one, "code", one) for one in outcomes] == [
        "action_missing",
        "created",
        "created",
    ]
    rows = db.session.scalars(select(TrailEvent.detail).where(TrailEvent.action == "logs.log"))
    assert [json.loads(row)["kinds"] for row in rows] == [{"core_temp": 2}]


def test_within_a_batch_a_device_is_read_twice_and_a_dish_sampled_once(kitchen):
    cold, kept = {"device": "chiller", "temp_c": 4}, {"grams": 130}
    rows = [
        Row(kitchen, Draft(kind, DAY, meal, "一号", NOON, facts), f"{kind}{number}")
        for kind, meal, facts in (("cold_store", "", cold), ("sample", "lunch", kept))
        for number in range(2)
    ]
    with writing():
        outcomes = services.log_batch(rows, COOK, NOON)
    told = [getattr(one, "code", one) for one in outcomes]
    assert told == ["created", "created", "created", "logged_already"]


def test_goods_that_were_taken_in_stand_in_the_ledger_until_the_check_is_withdrawn(kitchen):
    goods = {
        "quantity_kg": 25,
        "supplier": "某粮油",
        "licence": True,
        "certificate": True,
        "sound": True,
    }
    one = log("purchase_check", "P1", subject="大米", batch="B1", result="accepted", **goods)
    log("purchase_check", "P2", subject="坏米", result="refused", action="退货", **goods)
    [line] = db.session.scalars(select(Purchase))
    assert (line.item, line.quantity_kg, line.batch, line.bought_on) == ("大米", 25, "B1", DAY)
    with writing():
        services.withdraw(one.id, "数量看错", COOK, NOON)
    assert not list(db.session.scalars(select(Purchase)))


def test_a_sample_is_kept_until_its_time_is_over_and_somebody_disposes_of_it(kitchen):
    sample()
    db.session.rollback()
    [kept] = queries.samples_kept(1, DAY)
    assert not kept.due(hours(47.9)) and kept.due(hours(48))
    gone = {"day": DAY, "meal": "lunch", "subject": "红烧肉"}
    refused("action_missing", "sample_disposed", "X1", at=hours(47), **gone)
    assert log("sample_disposed", "X1", hours(48), **gone).within is True
    assert queries.samples_kept(1, DAY) == []


def test_what_is_missing_is_everything_that_was_due_and_no_more_once_it_is_logged(kitchen):
    assert missing() == {
        ("morning_check", ""): (0, 2), ("sample", "lunch"): (0, 5), ("core_temp", "lunch"): (0, 1),
        ("hold_temp", "lunch"): (0, 1), ("disinfection", "lunch"): (0, 1),
        ("cold_store", ""): (0, 2), ("daily_control", ""): (0, 1),
    }  # fmt: skip
    assert queries.gaps([kitchen], DAY, DAY) == {1: 1.0}
    made.a_full_day()
    assert missing() == {}
    assert queries.gaps([kitchen], DAY, DAY) == {1: 0.0}


def test_a_withdrawn_entry_is_missing_again(kitchen):
    made.a_full_day()
    with writing():
        services.withdraw(
            db.session.scalars(select(LogEntry.id).filter_by(key="S0")).one(), "错", COOK, NOON
        )
    assert missing() == {("sample", "lunch"): (4, 5)}
    assert queries.gaps([kitchen], DAY, DAY)[1] == pytest.approx(0.2 / 7)


def test_nothing_is_missing_on_days_without_servings_but_today_a_menu_counts(app):
    made.kitchen(served=False)
    assert missing() == {}
    assert ("sample", "lunch") in missing(today=DAY, at=time(21, 0))
    assert missing(today=DAY, at=time(8, 0)) == {}  # all of it waits


def test_a_meal_whose_servings_were_all_taken_back_asks_for_nothing(kitchen):
    with writing() as connection:
        reverse_serving(connection, "K1R", "K1", "登错人", None, tills.SHELL, NOON)
    assert missing() == {}


def test_the_week_and_the_month_are_due_on_their_last_day_if_the_point_served(kitchen):
    sunday, last = DAY + timedelta(days=6), DAY.replace(day=31)
    assert missing(sunday) == {("weekly_check", ""): (0, 1)}
    assert missing(last) == {("monthly_meeting", ""): (0, 1)}
    log("weekly_check", "W1", result="ok", found="都查了", person="甲师傅")
    log("monthly_meeting", "Y1", people="全体", found="通报", decided="照办", person="甲师傅")
    assert missing(sunday) == missing(last) == {}


def test_a_serving_point_is_asked_for_tableware_and_control_and_its_kitchen_for_the_rest(app):
    made.kitchen(served=False)
    with writing():
        made.the_point("P02").kind = "central_kitchen"
        made.the_point("P01").kind, made.the_point("P01").supplier = "serving_point", "P02"
    tills.serve("K1")
    found = queries.missing_on(DAY, [made.the_point("P01"), made.the_point("P02")])
    assert {one.kind for one in found[1]} == {"disinfection", "daily_control"}
    wanted = {one.kind: one.wanted for one in found[2]}
    assert (wanted["sample"], wanted["core_temp"]) == (5, 1)


def test_what_waits_on_the_first_page(kitchen):
    sample()
    later = hours(24.9)  # the next day, 12:04
    assert queries.to_do(True, [kitchen], later) == queries.ToDo(0, 7, 0, 0)
    assert queries.to_do(False, [kitchen], later) == queries.ToDo(0, 0, 0, 1)
    assert queries.to_do(True, [kitchen], hours(50)).samples == 1
    assert queries.to_do(True, [kitchen], EVENING).today == 7
