"""Cases from the opening to the money: who may do what when, what is held, refused and taken back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mealsvc.auditing.cases import queries, refusals, services, showing, sums
from mealsvc.auditing.cases.models import AuditCase, CaseAct, CaseQuestion
from mealsvc.auditing.scanning.models import Lead
from mealsvc.kernel.meals import local_date
from mealsvc.plumbing.db import db, writing
from mealsvc.settlement import clawbacks, holding
from mealsvc.settlement.models import LineHold
from mealsvc.settlement.refusals import OwnHold
from mealsvc.settlement.services import settlement_of
from mealsvc.trail.models import TrailEvent
from tests.factories import cases as made
from tests.factories import claims
from tests.factories.cases import LETTER, WORDS
from tests.factories.claims import MAY, NOW, person

LATER = NOW + timedelta(days=30)


def may() -> dict:
    db.session.rollback()
    return settlement_of(MAY, "P01")["points"][0]


def worth(case_id: int) -> int:
    return made.lines_of(case_id)[0].subsidy_fen


def acts(case_id: int) -> list[str]:
    return [one.act for one in showing.acts_of(case_id)]


def test_a_grave_case_holds_its_lines_and_an_ordinary_one_only_when_asked(app):
    lines = made.submitted(4)
    case, other = made.opened(lines[:3]), made.opened(lines[3:], "case")
    one = worth(case.id)
    assert may()["held_fen"] == 3 * one > 0
    assert [line.hold_id is None for line in made.lines_of(other.id)] == [True]
    with writing():
        services.hold(other.id, made.town(), NOW)
    assert may()["held_fen"] == 4 * one
    assert {hold.reason for hold in db.session.query(LineHold)} == {"proxy"}
    with writing(), pytest.raises(refusals.NothingToHoldHere):
        services.hold(other.id, made.town(), NOW)


def test_the_verdict_releases_what_is_right_and_refuses_what_is_wrong(app):
    lines = made.submitted(3)
    before = may()["payable_fen"]
    case_id = made.brought_to("verified_bad", lines)
    one = worth(case_id)
    after = may()
    assert (after["held_fen"], after["payable_fen"]) == (2 * one, before - 2 * one)
    assert db.session.query(LineHold).filter_by(outcome="refused").count() == 2
    assert db.session.query(LineHold).filter_by(outcome="released").count() == 1
    money = sums.money_of([case_id])[case_id]
    assert (money.total_fen, money.held_fen, money.doubt_fen) == (3 * one, 0, 0)
    assert (money.refused_fen, money.released_fen, money.bad) == (2 * one, one, 2)
    assert made.reread(case_id).state == "verified_bad"


def test_what_was_never_held_is_refused_by_the_verdict_as_well(app):
    lines = made.month_of_lunches(2)
    case_id = made.brought_to("verified_bad", lines, "watch")
    assert sums.money_of([case_id])[case_id].refused_fen == worth(case_id)
    assert made.lines_of(case_id)[0].hold_id is None
    assert may()["servings"] == 1


def test_a_case_found_right_gives_everything_back(app):
    lines = made.submitted(3)
    before = may()["payable_fen"]
    case_id = made.brought_to("verified_ok", lines)
    assert (may()["held_fen"], may()["payable_fen"]) == (0, before)
    with writing():
        services.close(case_id, "属实", made.chief(), NOW)
    assert made.reread(case_id).state == "closed"


def test_who_opened_a_case_gives_no_verdict_whatever_the_account(app):
    lines = made.submitted(2)
    by = made.clerk()
    with writing():
        case_id = services.open_case(made.opening(lines), WORDS, by, NOW).id
        services.assign(case_id, made.account("clerk"), "", by, NOW)
        services.explain_without_answer(case_id, "无需询问", by, NOW)
    person("other")
    claims.bind("other", "clerk")
    for login in ("clerk", "other"):
        with writing(), pytest.raises(refusals.OpenedByYou):
            services.decide(case_id, made.verdict(lines), "", person(login), NOW)


def test_whoever_placed_the_holds_of_a_case_does_not_end_them(app):
    lines = made.submitted(2)
    case_id = made.opened(lines, "case").id
    with writing():
        services.hold(case_id, made.clerk(), NOW)
        services.assign(case_id, made.account("town"), "", made.town(), NOW)
        services.explain_without_answer(case_id, "无需询问", made.town(), NOW)
    with pytest.raises(OwnHold), writing():
        services.decide(case_id, made.verdict(lines), "", made.clerk(), NOW)
    assert made.reread(case_id).state == "explained"
    assert [line.finding for line in made.lines_of(case_id)] == [None, None]


def test_holds_of_others_stay_and_the_case_waits_for_them(app):
    lines = made.submitted(2)
    with writing():
        [theirs] = holding.hold_lines(
            MAY, made.place().id, lines[:1], "price", "", person("clerk"), NOW
        )
    case_id = made.brought_to("verified_bad", lines)
    assert db.session.get(LineHold, theirs.id).outcome is None
    with writing(), pytest.raises(refusals.NotToClose, match="1笔流水暂缓没有结论"):
        services.close(case_id, "结案", made.chief(), NOW)
    with writing():
        holding.release(theirs.id, "无误", made.chief(), NOW)
        services.close(case_id, "结案", made.chief(), NOW)
    assert made.reread(case_id).state == "closed"


def test_an_approved_month_is_not_held_and_what_is_wrong_comes_back_as_a_clawback(app):
    lines = made.paid(3)
    case_id = made.brought_to("verified_bad", lines)
    assert all(line.hold_id is None for line in made.lines_of(case_id))
    with writing(), pytest.raises(refusals.NotToClose, match="没有追回"):
        services.close(case_id, "结案", made.chief(), NOW)
    with writing():
        claim = services.claw_back(case_id, "cash", "没有就餐", made.clerk(), NOW)
    assert claim.amount_fen == 2 * worth(case_id)
    with writing(), pytest.raises(refusals.ClawbackRunning):
        services.claw_back(case_id, "cash", "再提一次", made.clerk(), NOW)
    with writing():
        clawbacks.approve_clawback(claim.id, "", person("boss2", "approver"), NOW)
    with writing(), pytest.raises(refusals.NotToClose, match="现金还没有到账"):
        services.close(case_id, "结案", made.chief(), NOW)
    with writing():
        clawbacks.record_repaid(claim.id, local_date(NOW), "001", person("purse", "finance"), NOW)
    with writing():
        services.close(case_id, "结案", made.chief(), NOW)
    money = sums.money_of([case_id])[case_id]
    assert (money.claimed_fen, money.recovered_fen) == (claim.amount_fen, claim.amount_fen)


def test_an_offset_counts_as_recovered_once_its_month_is_paid(app):
    lines = made.paid(2)
    case_id = made.brought_to("verified_bad", lines)
    with writing():
        claim = services.claw_back(case_id, "offset", "没有就餐", made.clerk(), NOW)
    with writing():
        clawbacks.approve_clawback(claim.id, "", person("boss2", "approver"), NOW)
        services.close(case_id, "结案", made.chief(), NOW)
    money = sums.money_of([case_id])[case_id]
    assert (money.claimed_fen, money.recovered_fen) == (claim.amount_fen, 0)


def test_a_rejected_clawback_may_be_proposed_again_or_left(app):
    case_id = made.brought_to("verified_bad", made.paid(2))
    with writing():
        claim = services.claw_back(case_id, "offset", "没有就餐", made.clerk(), NOW)
        clawbacks.reject_clawback(claim.id, "依据不足", made.chief(), NOW)
        again = services.claw_back(case_id, "offset", "补了依据", made.clerk(), NOW)
        clawbacks.reject_clawback(again.id, "依据不足", made.chief(), NOW)
        services.close(case_id, "不追回", made.chief(), NOW)
    assert made.reread(case_id).clawback_id == again.id


def test_a_case_may_be_handed_over_and_closed_by_that(app):
    case_id = made.brought_to("verified_bad", made.paid(2))
    with writing():
        letter = services.refer(case_id, LETTER, made.chief(), NOW)
        assert db.session.get(AuditCase, case_id).state == "refer"
        services.note_receipt(letter.id, "回1号", local_date(NOW), "收到", made.chief(), NOW)
        services.close(case_id, "已移送", made.chief(), NOW)
    assert letter.number == "武民助移〔2024〕0001号"
    assert acts(case_id)[-3:] == ["refer", "receipt", "closed"]
    with writing(), pytest.raises(refusals.SlipDay):
        day = local_date(NOW) - timedelta(days=1)
        services.note_receipt(letter.id, "回2号", day, "", made.chief(), NOW)


def test_a_letter_goes_to_a_body_that_there_is(app):
    case_id = made.brought_to("verified_bad", made.paid(2))
    with writing(), pytest.raises(refusals.UnknownCaseBody):
        nobody = services.Letter("nobody", "", "", "")
        services.refer(case_id, nobody, made.chief(), NOW)


def test_a_line_is_in_one_open_case_only(app):
    lines = made.submitted(2)
    case = made.opened(lines[:1])
    with writing(), pytest.raises(refusals.LineInOtherCase, match=case.number):
        services.open_case(made.opening(lines), "", made.town(), NOW)
    with writing():
        services.assign(case.id, made.account("town"), "", made.town(), NOW)
        services.explain_without_answer(case.id, "无需询问", made.town(), NOW)
        services.decide(case.id, {lines[0]: "ok"}, "", made.chief(), NOW)
        services.close(case.id, "", made.chief(), NOW)
    assert made.opened(lines).number == "武民助核〔2024〕0002号"


def test_a_case_has_lines_of_its_own_point_and_no_reversals(app):
    lines = made.submitted(2)
    with writing(), pytest.raises(refusals.NotALineOfThePoint):
        services.open_case(made.opening(lines, point="P02"), "", made.town(), NOW)
    with writing(), pytest.raises(refusals.NoCaseLines):
        services.open_case(made.opening([]), "", made.town(), NOW)
    with writing(), pytest.raises(refusals.NotALineOfThePoint):
        services.open_case(made.opening([max(lines) + 999]), "", made.town(), NOW)
    with writing(), pytest.raises(refusals.TooManyCaseLines):
        services.open_case(made.opening([*range(2001)]), "", made.town(), NOW)


def test_a_lead_becomes_a_case_with_its_lines_rules_and_severity(app):
    lines = made.submitted(3)
    lead_id = made.lead(lines)
    with writing():
        case = services.open_lead(lead_id, made.place().id, lines[:2], "", "立案", made.town(), NOW)
    assert (case.source, case.severity, case.rules, case.title) == (
        "lead", "high", "A07,A06", made.TITLE,
    )  # fmt: skip
    assert [one.sequence for one in made.lines_of(case.id)] == lines[:2]
    assert db.session.get(Lead, lead_id).state == "cased"
    assert queries.cases_of_lead([lead_id])[lead_id][0].number == case.number
    assert queries.open_cases([made.place().id]) == {made.place().id: 1}
    with writing():
        rest = services.open_lead(lead_id, made.place().id, lines[2:], "", "", made.town(), NOW)
    assert len(made.lines_of(rest.id)) == 1


def test_a_lead_that_was_set_aside_becomes_no_case(app):
    lead_id = made.lead(made.submitted(1))
    with writing():
        db.session.get(Lead, lead_id).state = "dismissed"
    with writing(), pytest.raises(refusals.UnknownCaseLead):
        services.open_lead(lead_id, made.place().id, None, "", "", made.town(), NOW)


def test_the_days_count_from_the_assignment_in_working_days(app):
    case_id = made.brought_to("assigned", made.submitted(1))
    assert (
        str(made.reread(case_id).due_on) == "2024-06-11"
    )  # Monday 3 June + 5, with 端午 on the 10th
    with writing():
        services.assign(case_id, made.account("town"), "", made.town(), LATER)
    assert str(made.reread(case_id).due_on) == "2024-06-11"


def test_a_case_is_given_to_somebody_who_may_work_it_there(app):
    case_id = made.opened(made.submitted(1)).id
    for login, role in (("boss", "manager"), ("reader", "leader")):
        person(login, role)
        with writing(), pytest.raises(refusals.NotAWorker):
            services.assign(case_id, made.account(login), "", made.town(), NOW)
    with writing(), pytest.raises(refusals.NotAWorker):
        services.assign(case_id, 999, "", made.town(), NOW)


def test_the_last_answer_makes_a_case_explained_and_none_is_given_twice(app):
    case_id = made.brought_to("asked", made.submitted(1))
    manager = person("boss", "manager")
    with writing():
        second = services.ask(case_id, WORDS, None, made.town(), NOW)
    first = db.session.query(CaseQuestion).order_by(CaseQuestion.id).first()
    with writing():
        services.answer(first.id, "（测试）一", [], manager, NOW)
    assert made.reread(case_id).state == "assigned"
    with writing():
        services.answer(second.id, "（测试）二", [], manager, NOW)
    assert made.reread(case_id).state == "explained"
    with writing(), pytest.raises(refusals.AnsweredAlready):
        services.answer(second.id, "（测试）三", [], manager, NOW)
    with writing(), pytest.raises(refusals.UnknownQuestion):
        services.answer(99, "（测试）", [], manager, NOW)


def test_the_point_has_its_days_and_after_them_the_case_goes_on_without_it(app):
    lines = made.submitted(1)
    case_id = made.brought_to("asked", lines)
    with writing(), pytest.raises(refusals.QuestionsOpen):
        services.explain_without_answer(case_id, "不等了", made.town(), NOW)
    with writing():
        services.explain_without_answer(case_id, "催了两次", made.town(), LATER)
    assert made.reread(case_id).state == "explained"
    assert showing.acts_of(case_id)[-1].detail["unanswered"] == 1
    with writing():
        services.decide(case_id, {lines[0]: "ok"}, "", made.chief(), LATER)


def test_a_question_that_is_open_stops_the_verdict(app):
    lines = made.submitted(1)
    case_id = made.brought_to("explained", lines)
    with writing():
        services.ask(case_id, WORDS, None, made.town(), NOW)
    with writing(), pytest.raises(refusals.QuestionsOpen):
        services.decide(case_id, {lines[0]: "ok"}, "", made.chief(), NOW)


def test_a_deadline_is_put_off_once_and_never_brought_forward(app):
    case_id = made.brought_to("asked", made.submitted(1))
    due = made.reread(case_id).due_on
    with writing(), pytest.raises(refusals.NotLater):
        services.extend(case_id, due, "店长住院", made.town(), NOW)
    with writing():
        services.extend(case_id, due + timedelta(days=3), "店长住院", made.town(), NOW)
    with writing(), pytest.raises(refusals.ExtendedAlready):
        services.extend(case_id, due + timedelta(days=9), "又", made.town(), NOW)
    with writing(), pytest.raises(refusals.NotLater):
        services.ask(case_id, WORDS, local_date(NOW) - timedelta(days=1), made.town(), NOW)


def test_every_line_needs_its_finding(app):
    lines = made.submitted(3)
    case_id = made.brought_to("explained", lines)
    with writing(), pytest.raises(refusals.FindingMissing, match="2笔"):
        services.decide(case_id, {lines[0]: "ok", lines[1]: "maybe"}, "", made.chief(), NOW)


@pytest.mark.parametrize("state", ["new", "assigned", "explained", "verified_bad"])
def test_no_step_is_taken_out_of_turn(app, state):
    lines = made.submitted(2)
    case_id = made.brought_to(state, lines)
    by, steps = made.chief(), {
        "assigned": lambda: services.explain_without_answer(case_id, "", by, LATER),
        "explained": lambda: services.decide(case_id, made.verdict(lines), "", by, LATER),
        "verified_bad": lambda: services.refer(case_id, LETTER, by, LATER),
    }  # fmt: skip
    for needs, step in steps.items():
        if needs != state:
            with writing(), pytest.raises(refusals.WrongCaseStep):
                step()
    with writing(), pytest.raises(refusals.UnknownCase):
        services.close(99, "", by, NOW)


def test_words_are_sealed_and_the_trail_tells_of_acts_only(app):
    secret = "（测试）张三丰没有来"
    lines = made.submitted(2)
    with writing():
        case = services.open_case(made.opening(lines), secret, made.town(), NOW)
        services.note(case.id, secret, [], made.town(), NOW)
    assert [one.words for one in showing.acts_of(case.id) if one.words] == [secret, secret]
    rows = db.session.scalars(select(TrailEvent).where(TrailEvent.action.startswith("cases.")))
    told = [(row.action, row.subject, row.detail) for row in rows]
    assert [action for action, _, _ in told] == ["cases.opened", "cases.held", "cases.noted"]
    assert secret not in str(told)
    raw = db.session.scalars(select(CaseAct.words).where(CaseAct.words.is_not(None))).all()
    assert all("张三丰".encode() not in words for words in raw)


def test_an_act_and_its_trail_row_are_kept_or_undone_together(app):
    lines = made.submitted(1)
    with pytest.raises(RuntimeError), writing():
        services.open_case(made.opening(lines), "", made.town(), NOW)
        raise RuntimeError
    assert db.session.query(AuditCase).count() == 0
    assert made.opened(lines).number.endswith("0001号")


def test_what_waits_is_counted_for_each_desk(app):
    lines = made.submitted(4)
    made.brought_to("explained", lines[:1])
    asked = made.brought_to("asked", lines[1:2])
    made.brought_to("new", lines[2:3])
    rows = queries.cases_seen(AuditCase.id > 0, state="open")
    assert db.session.execute(rows).first()[0].state == "new"
    late = queries.cases_seen(AuditCase.id > 0, overdue_on=local_date(LATER))
    assert [row[0].id for row in db.session.execute(late)] == [asked]
    for today, due in ((NOW, 1), (LATER, 2)):
        period = MAY.first_day, local_date(LATER), [made.place().id]
        handled = queries.cases_in(*period, local_date(today))[made.place().id]
        assert (handled.due, handled.in_time) == (due, 1)
