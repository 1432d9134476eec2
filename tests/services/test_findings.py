"""From a signed visit to a closed order: every step, what it refuses, what is counted."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from mealsvc.accounts.models import Account
from mealsvc.accounts.persons import bind_accounts
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.guards import Principal
from mealsvc.reports.oversight import orders_part
from mealsvc.reports.period import Period
from mealsvc.reports.supervision.facts_cases import reinspection_facts
from mealsvc.supervision.findings import queries, refusals, services
from mealsvc.supervision.findings.models import (
    Finding,
    FindingAct,
    OrderItem,
    RectificationOrder,
    ReInspection,
    ReInspectionItem,
)
from mealsvc.supervision.findings.queries import Asked
from mealsvc.supervision.visits import inspectors
from mealsvc.supervision.visits.signing import sign
from tests.factories import findings as made
from tests.factories import visits
from tests.factories.payments import staff

KEY, PLAIN = made.KEY, made.PLAIN
EVERYWHERE = MealPoint.code.is_not(None)


@pytest.fixture
def district(app, monkeypatch):
    """It is 12:30 of 6 May 2024."""
    monkeypatch.setattr(clock, "now", lambda: made.NOW)
    made.district()
    return app


def acts(finding) -> list[str]:
    db.session.rollback()
    rows = select(FindingAct.act).where(FindingAct.finding_id == finding.id)
    return list(db.session.scalars(rows.order_by(FindingAct.id)))


def test_a_signed_visit_raises_a_finding_for_each_item_that_was_wrong(district):
    found = made.raised({KEY: "FAIL", PLAIN: "PARTIAL", "AGE-05": "FAIL"}, AGE_05="ON_SITE_FIX")
    assert [(one.item, one.critical, one.outcome, one.state) for one in found] == [
        ("AGE-05", False, "ON_SITE_FIX", "fixed"),
        (KEY, True, "RECTIFY_BY_DATE", "open"),
        (PLAIN, False, "RECTIFY_BY_DATE", "open"),
    ]
    assert all(one.found_on == made.TODAY and one.repeats is None for one in found)
    assert acts(found[0]) == ["raised", "fixed"]
    assert made.raised({}) == []


def test_the_whole_way_of_an_order_with_two_rounds(district):
    key, plain = made.raised()
    order = made.ordered([key, plain])
    assert (order.number[-6:], order.deadline) == ("〕0001号", date(2024, 5, 11))
    made.replied(order, key)
    assert made.reread(order).state == "issued"
    made.replied(order, plain)
    assert made.reread(order).state == "replied"
    check = made.checked(order, {key.id: "done", plain.id: "partial"}, made.later(3))
    assert check.conclusion.startswith("2项中已整改1项")
    again = made.reread(order)
    assert (again.state, again.first_deadline) == ("issued", date(2024, 5, 11))
    assert again.deadline == date(2024, 5, 15)  # five working days on; the Saturday is one
    made.replied(order, plain, now=made.later(4))
    made.checked(order, {plain.id: "done"}, made.later(8))
    closed = made.reread(order)
    assert (closed.state, closed.closed_on) == ("closed", date(2024, 5, 14))
    assert [made.reread(one).state for one in (key, plain)] == ["closed", "closed"]
    assert acts(plain) == [
        "raised", "ordered", "replied", "re_inspected", "replied", "re_inspected",
    ]  # fmt: skip
    rounds = [row.round for row, _ in queries.replies_of(order.id)[plain.id]]
    assert rounds == [1, 2]
    opinions = db.session.scalars(select(ReInspection).order_by(ReInspection.id))
    told = [reinspection_facts(one).new_deadline for one in opinions]
    assert told == [date(2024, 5, 15), None], "the first opinion keeps the deadline that it set"


def test_an_item_whose_deadline_is_ahead_is_neither_kept_nor_missed_in_the_report(
    district, monkeypatch
):
    order = made.ordered(made.raised({PLAIN: "FAIL"}))
    codes = {order.point_id: "P01"}

    def told(now):
        monkeypatch.setattr(clock, "now", lambda: now)
        (one,) = orders_part(Period.of(Month(2024, 5)), codes)["due"]
        return one.due, one.ahead

    assert told(made.later(1)) == (False, True)
    assert told(made.later(30)) == (True, False)


def test_the_same_form_sent_twice_is_one_reply(district):
    found = made.raised({PLAIN: "FAIL"})
    order = made.ordered(found)
    first, second = made.replied(order, found[0]), made.replied(order, found[0])
    assert first.id == second.id


def test_an_item_found_wrong_again_within_a_year_is_a_repeat(district):
    first = made.raised({PLAIN: "FAIL"})[0]
    again = made.raised({PLAIN: "FAIL", KEY: "FAIL"}, now=made.later(30))
    assert [one.repeats for one in again] == [None, first.id]
    much_later = made.raised({KEY: "FAIL", PLAIN: "FAIL"}, now=made.later(30 + 367))
    assert [one.repeats for one in much_later] == [None, None]
    rows = db.session.execute(queries.found_findings(EVERYWHERE, Asked(repeats="1"))).all()
    assert [row.Finding.id for row in rows] == [again[1].id]


def test_an_order_takes_open_findings_of_one_point_with_a_demand_each(district):
    key, plain = made.raised()
    for demands, days, refusal in (
        ({}, 5, refusals.NothingChosen),
        ({key.id: " "}, 5, refusals.DemandMissing),
        ({key.id: "改"}, 0, refusals.BadDays),
        ({key.id: "改"}, 61, refusals.BadDays),
        ({key.id: "改", 999: "改"}, 5, refusals.NothingChosen),
    ):
        with pytest.raises(refusal), writing():
            services.issue_order(demands, days, "后果", made.INSPECTOR, made.NOW)
    made.ordered([key])
    with pytest.raises(refusals.FindingEnded):
        made.ordered([key, plain])
    assert db.session.scalars(select(RectificationOrder.number)).all()[0].endswith("0001号")


def test_a_reply_is_about_an_open_item_of_its_order_and_dated_within_it(district):
    key, plain = made.raised()
    order = made.ordered([key])
    for finding, done, refusal in (
        (plain, made.DONE, refusals.NotInOrder),
        (key, replace(made.DONE, done_on=date(2024, 5, 7)), refusals.DoneLater),
        (key, replace(made.DONE, done_on=date(2024, 5, 5)), refusals.DoneLater),
    ):
        with pytest.raises(refusal), writing():
            services.reply(order.id, finding.id, done, (), made.UNIT, made.NOW)
    made.checked(order, {key.id: "done"}, made.NOW)
    with pytest.raises(refusals.OrderClosed):
        made.replied(order, key)


def test_a_re_inspection_is_made_by_two_who_do_not_keep_away(district):
    key, _ = made.raised()
    order = made.ordered([key])
    with writing():
        inspectors.declare_interest(2, "P01", "", "亲属任职", made.DISTRICT, made.NOW)
    for changed, refusal in (
        ({"second_id": 1}, refusals.TwoInspectors),
        ({"second_id": 99}, refusals.TwoInspectors),
        ({}, refusals.Recused),
        ({"second_id": 3, "items": {}}, refusals.EvidenceMissing),
        ({"second_id": 3, "items": {key.id: ("done", " ")}}, refusals.EvidenceMissing),
        ({"second_id": 3, "checked_on": date(2024, 5, 7)}, refusals.CheckedLater),
    ):
        with pytest.raises(refusal):
            made.checked(order, {key.id: "undone"}, made.NOW, **changed)
    staff(made.INSPECTOR.name, "inspector")
    with writing():
        inspectors.change_inspector(2, "区民政局", made.INSPECTOR.name, True, made.DISTRICT)
    with pytest.raises(refusals.Recused):  # nor does she enter what others found
        made.checked(order, {key.id: "done"}, made.NOW, second_id=3)
    db.session.rollback()
    with writing():
        inspectors.change_inspector(2, "区民政局", None, True, made.DISTRICT)
    assert made.checked(order, {key.id: "done"}, made.NOW, second_id=3).lead_id == 1


def test_nobody_decides_on_what_they_inspected_themselves_under_any_account(district):
    inspector, second = staff("li", "inspector"), staff("li2", "approver")
    with writing():
        asked = visits.visit(mode="full")
        document = visits.document(asked, paper=True)
        document["results"][KEY] |= {"result": "FAIL", "note": "没有留样"}
        visit = sign(asked.id, document, inspector, made.NOW)
        (found,) = services.raise_findings(visit, inspector, made.NOW)
        ids = {one.login: one.id for one in db.session.scalars(select(Account))}
    point = visits.the_point()
    with pytest.raises(refusals.OneSigned), writing():
        services.suspend("point", point, made.TODAY, "", "", inspector, made.NOW, found.id)
    with writing():
        bind_accounts(ids["li"], ids["li2"], made.DISTRICT)
    with pytest.raises(refusals.OneSigned), writing():
        services.suspend("point", point, made.TODAY, "", "", second, made.NOW, found.id)
    with pytest.raises(refusals.OneSigned), writing():  # nor by leaving out what it rests on
        services.suspend("point", point, made.TODAY, "", "", second, made.NOW)
    assert made.suspended("point", finding_id=found.id).decided_by == str(made.DISTRICT)
    assert acts(found)[-1] == "suspend_point"


def test_a_failed_key_item_asks_for_an_order_and_a_decision_about_referral(district):
    key, plain = made.raised()
    assert queries.owed_by([key, plain]) == {
        key.id: ["order", "referral_decision"],
        plain.id: ["order"],
    }
    with pytest.raises(refusals.WhyMissing), writing():
        services.decide_referral(key.id, False, " ", made.DISTRICT, made.NOW)
    with writing():
        services.decide_referral(key.id, False, "当场补做", made.DISTRICT, made.NOW)
    with pytest.raises(refusals.AlreadyDecided), writing():
        services.decide_referral(key.id, True, "改主意", made.DISTRICT, made.NOW)
    made.ordered([key, plain])
    assert queries.owed_by([made.reread(key)]) == {key.id: []}


def test_a_letter_ends_only_what_needs_no_order(district):
    key, plain = made.raised(SMP_03="REFER_SAMR")
    point = visits.the_point()
    with writing():
        copy = services.refer(
            point, [plain.id], replace(made.LETTER, copy_only=True), made.DISTRICT, made.NOW
        )
    assert made.reread(plain).state == "open"
    with writing():
        letter = services.refer(point, [key.id, plain.id], made.LETTER, made.DISTRICT, made.NOW)
    assert [made.reread(one).state for one in (key, plain)] == ["open", "referred"]
    assert acts(key) == ["raised", "referral_decided", "refer"]
    assert copy.number != letter.number
    with pytest.raises(refusals.UnknownBody), writing():
        strange = replace(made.LETTER, body="nobody")
        services.refer(point, [key.id], strange, made.DISTRICT, made.NOW)


def test_receipt_and_answer_of_a_letter_are_noted_once(district):
    key, _ = made.raised()
    with writing():
        letter = services.refer(visits.the_point(), [key.id], made.LETTER, made.DISTRICT, made.NOW)
    for day in (date(2024, 5, 5), date(2024, 5, 7)):
        with pytest.raises(refusals.ReceiptDay), writing():
            services.note_receipt(letter.id, "1号", day, made.DISTRICT, made.NOW)
    with writing():
        services.note_receipt(letter.id, "1号", made.TODAY, made.DISTRICT, made.NOW)
        services.note_answer(letter.id, "已查处", made.DISTRICT, made.NOW)
    with pytest.raises(refusals.AlreadyReceipted), writing():
        services.note_receipt(letter.id, "2号", made.TODAY, made.DISTRICT, made.NOW)
    with pytest.raises(refusals.AlreadyAnswered), writing():
        services.note_answer(letter.id, "又查", made.DISTRICT, made.NOW)


def test_a_paper_left_behind_needs_a_witness_and_a_signature_is_sealed(district):
    with pytest.raises(refusals.WitnessMissing):
        made.delivered("1号", "left")
    with pytest.raises(refusals.BadStrokes):
        made.delivered("1号", strokes="<svg>")
    slip = made.delivered("1号", strokes=visits.STROKES)
    assert visits.STROKES.encode() not in made.reread(slip).strokes


def test_overdue_orders_go_up_by_themselves(district):
    found = made.raised()
    order = made.ordered(found)  # until Saturday 11 May, which is worked
    expected = {10: "", 11: "", 12: "town", 14: "town", 15: "district"}
    for day, level in expected.items():
        today = date(2024, 5, day)
        told = queries.levels_of([order], today)
        assert (told[order.id].code if told else "") == level, day
        for asked in ("any", "town", "district"):
            rows = db.session.execute(
                queries.found_orders(EVERYWHERE, Asked(overdue=asked), today)
            ).all()
            assert bool(rows) == (bool(level) and asked in ("any", level)), (day, asked)
    assert queries.findings_at(order.point_id, date(2024, 5, 15)) == {
        "running": 2, "repeats": 0, "overdue": 1,
    }  # fmt: skip


def test_orders_kept_in_time_are_counted_by_their_first_deadline(district):
    for number, shift in enumerate((0, 5)):
        found = made.raised({PLAIN: "FAIL"}, now=made.later(40 * number))
        order = made.ordered(found, now=made.later(40 * number))
        at = made.later(40 * number + 3)
        if shift:
            made.checked(order, {found[0].id: "undone"}, at, working_days=20)
            at = made.later(40 * number + 12)
        made.checked(order, {found[0].id: "done"}, at)
    still_open = made.raised({KEY: "FAIL"}, now=made.later(80))
    made.ordered(still_open, now=made.later(80))
    point = visits.the_point().id
    year = queries.closed_in_time(date(2024, 1, 1), date(2024, 12, 31))
    assert year == {point: (3, 1)}
    assert queries.closed_in_time(date(2024, 5, 1), date(2024, 5, 31), [point]) == {point: (1, 1)}
    assert queries.closed_in_time(date(2024, 5, 1), date(2024, 5, 31), [point + 1]) == {}


def test_what_waits_for_whom_is_counted_within_the_scope(district):
    key, plain = made.raised(SMP_03="INTERVIEW")
    today = made.TODAY
    assert queries.to_do(somebody("320412"), today) == {
        "owed_orders": 2, "owed_decisions": 1, "owed_acts": 1, "to_reply": 0, "to_check": 0,
        "overdue": 0, "escalated": 0,
    }  # fmt: skip
    order = made.ordered([key, plain])
    made.replied(order, key)
    assert queries.to_do(somebody("320412100"), date(2024, 5, 20))["escalated"] == 1
    assert queries.to_do(somebody("320413"), date(2024, 5, 20)) == dict.fromkeys(
        ("owed_orders", "owed_decisions", "owed_acts", "to_reply", "to_check", "overdue", "escalated"), 0
    )  # fmt: skip


def test_the_query_of_what_is_owed_agrees_with_the_rule(district):
    outcomes = (
        "SUSPEND_SUBSIDY",
        "SUSPEND_POINT",
        "INTERVIEW",
        "REFER_SAMR",
        "REFER_FIRE",
        "TERMINATE",
    )
    items = ("AGE-01", "AGE-03", "AGE-04", "AGE-05", "PRC-01", "PRC-03")
    chosen = {item.replace("-", "_"): one for item, one in zip(items, outcomes, strict=True)}
    found = made.raised(dict.fromkeys((*items, KEY, PLAIN), "FAIL"), **chosen)
    with writing():
        services.hold_interview(visits.the_point(), made.HELD, made.DISTRICT, made.NOW, found[2].id)
        services.decide_referral(found[-2].id, False, "补做", made.DISTRICT, made.NOW)
    made.ordered([found[-1]])
    rows = db.session.scalars(select(Finding)).all()
    owed = queries.owed_by(rows)
    for step in ("order", "referral_decision"):
        asked = db.session.execute(queries.found_findings(EVERYWHERE, Asked(owed=step))).all()
        assert {row.Finding.id for row in asked} == {
            one for one, told in owed.items() if step in told
        }
    asked = db.session.execute(queries.found_findings(EVERYWHERE, Asked(owed="act"))).all()
    others = {one for one, told in owed.items() if set(told) - {"order", "referral_decision"}}
    assert {row.Finding.id for row in asked} == others
    assert len(others) == 5


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE finding SET fact = 'x'",
        "DELETE FROM finding",
        "DELETE FROM finding_act",
        "UPDATE rectification_order SET first_deadline = '2030-01-01'",
        "UPDATE order_item SET demand = 'x'",
        "UPDATE order_item SET closed_on = '2024-05-07' WHERE closed_on IS NOT NULL",
        "UPDATE referral SET receipt_no = 'x'",
        "UPDATE referral SET answer = 'x'",
        "DELETE FROM rectification_reply",
        "UPDATE re_inspection_item SET result = 'done'",
        "UPDATE finding SET state = 'open' WHERE state = 'closed'",
    ],
)
def test_the_database_keeps_what_was_written(district, change):
    key, plain = made.raised()
    order = made.ordered([key, plain])
    made.replied(order, key)
    made.checked(order, {key.id: "done", plain.id: "undone"}, made.NOW)
    with writing():
        point, by = visits.the_point(), made.DISTRICT
        sent = services.refer(point, [plain.id], made.LETTER, by, made.NOW).id
        services.note_receipt(sent, "1", made.TODAY, by, made.NOW)
        services.note_answer(sent, "已立案", by, made.NOW)
    with pytest.raises(DatabaseError), writing() as connection:
        connection.exec_driver_sql(change)
    db.session.rollback()
    assert db.session.scalars(select(ReInspectionItem.result)).all() == ["done", "undone"]
    assert db.session.get_one(OrderItem, (order.id, key.id)).closed_on == made.TODAY


def test_an_interview_and_a_delivery_are_never_noted_before_they_happened(district):
    late = made.NOW + timedelta(minutes=1)
    with pytest.raises(refusals.HeldLater), writing():
        held = replace(made.HELD, held_at=late)
        services.hold_interview(visits.the_point(), held, made.DISTRICT, made.NOW)
    with pytest.raises(refusals.DeliveredLater), writing():
        told = services.Receipt("1号", "整改通知书", "direct", "店长", late)
        services.note_delivery(visits.the_point(), told, made.INSPECTOR, made.NOW)


def somebody(scope: str) -> Principal:
    return Principal(1, "x", "x", "town", scope, frozenset())
