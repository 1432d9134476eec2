"""Inspectors, plans and visits: who may, when, how often, and what stays."""

import json
from dataclasses import asdict, replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from mealsvc.accounts.persons import bind_accounts
from mealsvc.accounts.services import add_user, find_user
from mealsvc.kernel.actors import Actor
from mealsvc.places.models import MealPoint, Operator
from mealsvc.plumbing.db import db, writing
from mealsvc.settings.services import change_setting
from mealsvc.supervision.visits import inspectors as register
from mealsvc.supervision.visits import planning, queries, refusals, risk, services, showing
from mealsvc.supervision.visits.draw import Candidate
from mealsvc.supervision.visits.models import Visit, VisitInspector, VisitPlan
from mealsvc.supervision.visits.signing import sign
from tests.factories import tills
from tests.factories import visits as made
from tests.factories.visits import JUDGE, MAKER, NOW, TODAY, the_point

LATER = date(2024, 5, 20)
CANDIDATES = (Candidate("P01", 10), Candidate("P02", 60))


@pytest.fixture
def district(app):
    tills.small_district()
    with writing():
        made.inspectors()
    return app


def refused(refusal, call):
    with pytest.raises(refusal), writing():
        call()
    db.session.rollback()


def admin(plan, **changed):
    usual = {"kind": "admin_inspection", "mode": "full", "planned_on": LATER, "plan_id": plan.id}
    return made.visit(**(usual | changed))


def approved(**changed):
    with writing():
        return made.approved(**changed)


def test_an_administrative_inspection_needs_an_approved_plan_that_names_the_point(district):
    refused(refusals.PlanNeeded, lambda: made.visit(kind="admin_inspection"))
    with writing():
        draft = services.plan_visit(made.proposal(), MAKER, NOW)
    refused(refusals.PlanNeeded, lambda: admin(draft))
    plan = approved()
    refused(refusals.NotInPlan, lambda: admin(plan, point=the_point("P02")))
    refused(refusals.NotInPlan, lambda: made.visit(kind="joint", plan_id=plan.id))
    refused(refusals.OutsidePeriod, lambda: admin(plan, planned_on=date(2024, 6, 1)))
    with writing():
        admin(plan)
    refused(refusals.AlreadyArranged, lambda: admin(plan))


def test_the_cap_of_a_year_stops_the_third_and_a_cancelled_one_does_not_count(district):
    plans = [approved() for _ in range(4)]
    with writing():
        for plan in plans[:2]:
            admin(plan)
    with pytest.raises(refusals.OverCap, match="改为协议履约巡查"), writing():
        admin(plans[2])
    with writing():
        made.visit()  # a patrol is none of them
        services.cancel(1, "停业装修", MAKER, NOW)
        admin(plans[3])
    assert queries.admin_counts([the_point().id], 2024) == {the_point().id: 2}


def test_a_notice_goes_out_three_working_days_ahead(district):
    # 6 May 2024 is a Monday: 7, 8, 9 May are the three.
    plan = approved()
    with writing():
        visit = admin(plan, planned_on=date(2024, 5, 8))
    refused(refusals.TooShortNotice, lambda: services.notice(visit.id, MAKER, NOW))
    with writing():
        services.move(visit.id, date(2024, 5, 9), False, "", MAKER, NOW)
        one = services.notice(visit.id, MAKER, NOW)
        assert (one.status, one.notice_number) == ("noticed", "武民助通〔2024〕0001号")
        assert services.notice(visit.id, MAKER, NOW).notice_number == one.notice_number
    refused(refusals.NotOpen, lambda: services.move(visit.id, LATER, False, "", MAKER, NOW))


def test_a_visit_without_notice_says_why_and_its_paper_goes_along(district):
    plan = approved()
    refused(refusals.ReasonNeeded, lambda: admin(plan, unannounced=True))
    with writing():
        visit = admin(plan, unannounced=True, reason="投诉线索", planned_on=TODAY)
        assert services.notice(visit.id, MAKER, NOW).notice_number
        patrol = made.visit()
    refused(refusals.NoNoticeNeeded, lambda: services.notice(patrol.id, MAKER, NOW))


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"inspectors": (1,)}, refusals.TwoInspectors),
        ({"inspectors": (1, 1)}, refusals.TwoInspectors),
        ({"inspectors": (1, 9)}, refusals.NoInspector),
        ({"lead": 3}, refusals.LeadNotAmong),
        ({"lead": None}, refusals.LeadNotAmong),
        ({"kind": "self_check"}, refusals.OwnPeopleOnly),
        ({"planned_on": TODAY - timedelta(1)}, refusals.PastDay),
        ({"unannounced": True}, refusals.ReasonNeeded),
    ],
)
def test_a_visit_is_refused_for(district, changed, refusal):
    refused(refusal, lambda: made.visit(**changed))


def test_a_self_check_is_of_the_units_own_people_and_a_past_one_is_entered_from_paper(district):
    with writing():
        own = made.visit(kind="self_check", mode="daily", inspectors=(), lead=None)
        late = made.visit(planned_on=TODAY - timedelta(30), late=True)
    assert queries.inspectors_of([own.id]) == {own.id: []}
    assert late.planned_on == TODAY - timedelta(30)


def test_the_same_key_is_the_same_visit(district):
    with writing():
        assert made.visit(key="K1").id == made.visit(key="K1").id


def test_a_closed_point_is_not_visited(district):
    with writing():
        the_point().closed_on = date(2024, 5, 10)
    refused(refusals.PointNotOpen, lambda: made.visit(planned_on=date(2024, 5, 11)))


def test_who_keeps_away_from_a_point_or_its_unit_does_not_go_there(district):
    with writing():
        unit = Operator(name="丰乐餐饮")
        db.session.add(unit)
        db.session.flush()
        the_point("P02").operator_id = unit.id
        register.declare_interest(1, "P01", "", "亲属任职", MAKER, NOW)
        register.declare_interest(1, "P02", "", "亲属任职", MAKER, NOW)
        own = register.declare_interest(2, "", "丰乐餐饮", "持有股份", MAKER, NOW)
    refused(refusals.Recused, made.visit)
    refused(refusals.Recused, lambda: made.visit(point=the_point("P02"), inspectors=(2, 3), lead=2))
    with writing():
        made.visit(inspectors=(2, 3), lead=2)  # P01 is not that unit's
        register.end_interest(own.id, MAKER, NOW)
        made.visit(point=the_point("P02"), inspectors=(2, 3), lead=2)


def test_an_inspector_of_a_town_goes_to_points_of_that_town_only(district):
    with writing():
        far = register.add_inspector("远", "T-1", "牛塘镇", "320412102", MAKER)
        near = register.add_inspector("近", "T-2", "湖塘镇", "320412100", MAKER)
    refused(refusals.Elsewhere, lambda: made.visit(inspectors=(1, far.id)))
    with writing():
        made.visit(inspectors=(1, near.id))


def test_who_is_recused_on_the_spot_stays_on_the_record_and_is_replaced(district):
    with writing():
        visit = made.visit()
        services.recuse(visit.id, 2, "与店长是亲属", MAKER, NOW)
    refused(refusals.Recused, lambda: services.change_inspectors(visit.id, (1, 2), 1, MAKER, NOW))
    with writing():
        services.change_inspectors(visit.id, (1, 3), 1, MAKER, NOW)
    rows = db.session.scalars(select(VisitInspector)).all()
    assert {(row.inspector_id, row.lead, row.recused_why) for row in rows} == {
        (1, True, ""), (2, False, "与店长是亲属"), (3, False, ""),
    }  # fmt: skip


def test_cards_and_logins_are_one_persons(district):
    with writing():
        add_user("looker", "leader", "320412", "看客", MAKER, NOW)
    refused(
        refusals.InspectorExists,
        lambda: register.add_inspector("丁", "WJ-1", "区局", "320412", MAKER),
    )
    for login in ("nobody", "looker"):
        refused(
            refusals.NoSuchLogin,
            lambda login=login: register.add_inspector("丁", "X", "区局", "320412", MAKER, login),
        )
    refused(
        refusals.InterestAbout,
        lambda: register.declare_interest(1, "P77", "", "亲属", MAKER, NOW),
    )


def test_nobody_approves_an_own_plan_not_even_under_another_account(district):
    with writing():
        for login in ("first", "second"):
            add_user(login, "district", "320412", "某人", MAKER, NOW)
        bind_accounts(*_ids("first", "second"), Actor("user", "officer"))
        one, other = Actor("user", "first"), Actor("user", "second")
        plan = services.plan_visit(made.proposal(), one, NOW)
    for by in (one, other):
        refused(refusals.OwnPlan, lambda by=by: services.decide_plan(plan.id, True, "", by, NOW))
    refused(refusals.NotOwnPlan, lambda: services.withdraw_plan(plan.id, "x", JUDGE, NOW))
    refused(refusals.WhyNeeded, lambda: services.decide_plan(plan.id, False, "", JUDGE, NOW))
    with writing():
        assert services.decide_plan(plan.id, False, "依据不足", JUDGE, NOW).status == "refused"
    refused(refusals.PlanDecided, lambda: services.decide_plan(plan.id, True, "", JUDGE, NOW))
    with pytest.raises(DBAPIError), writing():
        db.session.execute(update(VisitPlan).values(status="approved"))


def _ids(*logins):
    return [find_user(login).id for login in logins]


def test_a_draw_is_kept_with_its_seed_and_comes_out_the_same_again(district):
    with writing():
        plan = services.plan_visit(
            made.proposal(points=(), candidates=CANDIDATES, count=1), MAKER, NOW
        )
    assert plan.seed == "20240506-武民助计〔2024〕0001号"
    assert planning.draws_again(plan)
    kept = planning.read_chosen(plan)
    assert kept.candidates == CANDIDATES and len(kept.assigned) == 1
    assert all(len(set(pair)) == 2 for pair in kept.assigned.values())
    drawn = next(iter(kept.assigned))
    other = "P02" if drawn == "P01" else "P01"
    pair = kept.assigned[drawn]
    turned = tuple(replace(one, weight=1 if one.key == drawn else 10**9) for one in CANDIDATES)
    for altered in (
        {"assigned": {other: pair}},
        {"assigned": {drawn: pair[::-1]}},
        {"candidates": turned},
    ):
        assert not planning.draws_again(_altered(plan, kept, **altered)), altered


def _altered(plan, kept, **changed):
    """The same plan with something in its kept draw changed by hand."""
    return VisitPlan(seed=plan.seed, draw=json.dumps(asdict(replace(kept, **changed))))


def test_who_is_recused_is_never_drawn(district):
    with writing():
        register.declare_interest(2, "P01", "", "亲属任职", MAKER, NOW)
        pairs = [
            planning.read_chosen(
                services.plan_visit(made.proposal(seed=str(seed), inspectors=()), MAKER, NOW)
            ).assigned["P01"]
            for seed in range(5)
        ]
    assert {frozenset(pair) for pair in pairs} == {frozenset((1, 3))}
    with writing():
        register.declare_interest(3, "P01", "", "亲属任职", MAKER, NOW)
    refused(refusals.NothingToDraw, lambda: services.plan_visit(made.proposal(), MAKER, NOW))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kind": "self_check"}, "检查种类"),
        ({"to_on": date(2024, 4, 1)}, "结束日期"),
        ({"points": ()}, "请选择助餐点"),
        ({"candidates": CANDIDATES, "count": 1}, "请选择助餐点"),
        ({"points": (), "candidates": CANDIDATES, "count": 3}, "抽取数量"),
        ({"points": (), "candidates": CANDIDATES, "count": 0}, "抽取数量"),
        ({"inspectors": (1, 1)}, "两名以上"),
        ({"points": ("P77",)}, "P77"),
    ],
)
def test_a_plan_is_refused_for(district, changed, said):
    with pytest.raises(refusals.BadPlan, match=said), writing():
        services.plan_visit(made.proposal(**changed), MAKER, NOW)


def test_risk_counts_the_last_grade_and_the_months_since(district):
    with writing():
        visit = made.visit(planned_on=date(2024, 2, 6), late=True)
        failed = {"COK-02": {"result": "FAIL", "note": "未烧透", "measured": {"core_temp_c": "60"}}}
        sign(visit.id, made.document(visit, results=failed, paper=True), MAKER, NOW)
    points = db.session.scalars(select(MealPoint)).all()
    found = risk.risks_of(points, TODAY)
    assert (found[1].grade, found[1].months) == ("D", 3)
    assert (found[2].grade, found[2].months) == ("", None)
    weights = {one.key: one.weight for one in risk.candidates_of(points, TODAY)}
    assert weights["P01"] > weights["P02"]


def test_points_that_nobody_visited_in_time_are_found(district):
    seen = select(MealPoint.code).where(queries.visited_since(date(2024, 1, 1)))
    assert db.session.scalars(seen).all() == []
    made.signed()
    assert db.session.scalars(seen).all() == ["P01"]


def test_a_town_is_warned_of_what_the_district_checked_within_three_months(district):
    made.signed()
    with writing():
        town = [
            register.add_inspector(name, f"T-{name}", "湖塘镇", "320412100", MAKER).id
            for name in ("丁", "戊")
        ]
        visit = made.visit(inspectors=town, lead=town[0], planned_on=LATER)
        own = made.visit(planned_on=LATER)
    [(earlier, items)] = showing.repeated(visit)
    assert earlier.day == TODAY and "COK-02" in items
    assert showing.repeated(own) == []


def test_the_cap_and_the_notice_follow_the_settings(district):
    first = date(2024, 5, 6)
    with writing():
        for key, value in (("visit.cap_a_year", "1"), ("visit.notice_days", "1")):
            change_setting(key, value, "本区规定", date(2024, 5, 7), True, MAKER, first)
    plans = approved(), approved()
    with writing():
        visit = admin(plans[0], planned_on=date(2024, 5, 8))
        services.notice(visit.id, MAKER, NOW + timedelta(days=1))
    refused(refusals.OverCap, lambda: admin(plans[1]))


def test_a_signed_or_cancelled_visit_is_not_changed_by_any_verb(district):
    done = made.signed()
    with writing():
        gone = made.visit()
        services.cancel(gone.id, "改期", MAKER, NOW)
    for visit in (done, gone):
        for act in (
            lambda visit=visit: services.cancel(visit.id, "x", MAKER, NOW),
            lambda visit=visit: services.recuse(visit.id, 1, "x", MAKER, NOW),
            lambda visit=visit: services.begin(visit.id, MAKER, NOW),
            lambda visit=visit: services.change_inspectors(visit.id, (1, 2), 1, MAKER, NOW),
        ):
            refused(refusals.NotOpen, act)
    with pytest.raises(DBAPIError), writing():
        db.session.execute(update(Visit).values(grade="A"))
