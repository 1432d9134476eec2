"""A suspension is obeyed at once: by the till, its device, the desk of files, and whatever decides again."""

from datetime import date

import pytest
from sqlalchemy import select

from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.places import queries, services
from mealsvc.places.queries import stopped_on
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.policies.document import read_policy
from mealsvc.servings.desk import Desk
from mealsvc.servings.models import Serving
from mealsvc.servings.services import preview, record_serving
from mealsvc.settlement.redeciding import decide_again, lines_of
from mealsvc.simulation.services import simulate
from mealsvc.supervision.findings.measures import resume
from mealsvc.supervision.findings.refusals import (
    AlreadyStopped,
    MeasureEnded,
    NotResumable,
    PastMeasure,
    ResumedEarly,
)
from tests.factories import findings as made
from tests.factories import tills, visits
from tests.factories.policies import SAMPLE

DAY = made.TODAY
SUSPENDED = "subsidy_suspended"


@pytest.fixture
def district(app, monkeypatch):
    """It is noon of 6 May 2024."""
    monkeypatch.setattr(clock, "now", lambda: made.NOW)
    made.district()
    return app


def stop(scope: str, from_on: date = DAY, point: str = "P01") -> None:
    with writing():
        services.suspend_point(visits.the_point(point), from_on, "检查", tills.SHELL, scope)


def told(order) -> str | None:
    """The reason of the full price, or the code of the refusal."""
    with writing() as connection:
        try:
            return record_serving(connection, order, tills.SHELL, made.NOW).reason
        except Refusal as refusal:
            return refusal.code


def by_desk(order) -> str | None:
    with writing() as connection:
        (outcome,) = Desk().record(connection, [order], tills.SHELL, made.NOW)
    return outcome.code if isinstance(outcome, Refusal) else outcome.reason


def previewed(order) -> str | None:
    with db.engine.connect() as connection:
        try:
            return preview(connection, order, made.NOW)[1].reason
        except Refusal as refusal:
            return refusal.code


@pytest.mark.parametrize(
    ("scope", "answer"), [("point", "point_not_operating"), ("subsidy", SUSPENDED)]
)
def test_till_preview_and_desk_obey_from_the_first_day_on(district, scope, answer):
    before = tills.order("k0", served_at=tills.a_day(5))
    order = tills.order("k1")
    stop(scope)
    assert previewed(order) == answer
    assert (told(before), told(order)) == (None, answer)
    assert by_desk(tills.order("k2", "C002")) == answer


def test_a_withheld_meal_is_recorded_at_full_price_and_takes_no_slot(district):
    stop("subsidy")
    first = tills.serve("k1")
    assert (first.reason, first.subsidy_fen, first.self_pay_fen) == (SUSPENDED, 0, 1200)
    elsewhere = tills.serve("k2", point="P02")
    assert elsewhere.reason is None


def test_reasons_of_the_resident_are_told_as_without_a_suspension(district):
    tills.serve("k0")
    stop("subsidy")
    assert told(tills.order("k1")) == "already_served"
    assert told(tills.order("k2", "C003")) == "under_age"
    assert told(tills.order("k3", "C002")) == SUSPENDED


def test_both_suspensions_at_once_refuse_the_meal(district):
    stop("subsidy")
    stop("point")
    assert told(tills.order("k1")) == by_desk(tills.order("k1")) == "point_not_operating"


def test_a_point_without_subsidy_still_operates(district):
    stop("subsidy")
    point = visits.the_point()
    assert queries.statuses([point], DAY)[point.id] == "operating"
    assert queries.suspended_on(DAY) == set()
    assert (stopped_on(point, DAY), stopped_on(point, date(2024, 5, 5))) == ("subsidy", None)


def test_deciding_again_withholds_what_the_till_withheld(district):
    early = tills.serve("k0", "C002").sequence
    stop("subsidy")
    late = tills.serve("k1").sequence
    young = tills.serve("k2", "C003").sequence
    reasons = {
        one.line.sequence: one.reason for one in decide_again(lines_of([early, late, young]))
    }
    # what was subsidised before the decision of the same day stays so
    assert reasons == {early: None, late: SUSPENDED, young: "under_age"}
    assert not any(one.differs for one in decide_again(lines_of([early, late, young])))


def test_a_line_stays_withheld_when_the_suspension_was_lifted_on_its_day(district):
    stop("subsidy")
    line = tills.serve("k1").sequence
    with writing():
        services.resume_point(visits.the_point(), DAY, tills.SHELL, "subsidy")
    assert tills.serve("k2", "C002").reason is None
    assert [one.reason for one in decide_again(lines_of([line]))] == [SUSPENDED]


def test_a_replay_of_the_month_withholds_it_under_both_policies(district):
    tills.serve("k0", "C002")
    stop("subsidy")
    tills.serve("k1")
    replayed = simulate(read_policy(SAMPLE), [Month(2024, 5)], made.NOW)
    assert replayed["recorded"]["subsidised"] == 1
    assert (replayed["base"]["subsidised"], replayed["trial"]["subsidised"]) == (1, 1)
    assert replayed["recorded"]["differences"] == []


def test_a_measure_stops_the_till_and_its_resumption_lets_it_go_on(district):
    measure = made.suspended("subsidy")
    assert told(tills.order("k1")) == SUSPENDED
    with writing():
        resume(measure.id, DAY, "复查通过", made.DISTRICT, made.NOW)
    assert told(tills.order("k2")) is None
    kept = made.reread(measure)
    assert kept.number != kept.resume_number is not None
    assert (kept.resumed_on, kept.suspension_id) == (DAY, None)


def test_a_later_resumption_leaves_the_days_between_suspended(district):
    measure = made.suspended("point", date(2024, 5, 7))
    with writing():
        resume(measure.id, date(2024, 5, 9), "复查通过", made.DISTRICT, made.NOW)
    days = [stopped_on(visits.the_point(), date(2024, 5, day)) for day in (6, 7, 8, 9)]
    assert days == [None, "point", "point", None]
    assert made.reread(measure).suspension_id is not None


def test_the_end_of_the_agreement_closes_the_point_for_good(district):
    measure = made.suspended("terminate")
    assert told(tills.order("k1")) == "point_not_operating"
    assert told(tills.order("k2", served_at=tills.a_day(5))) is None
    with pytest.raises(NotResumable), writing():
        resume(measure.id, DAY, "重来", made.DISTRICT, made.NOW)


def test_what_was_decided_cannot_be_lifted_by_the_register_of_points(district):
    made.suspended("point")
    with pytest.raises(services.SuspendedByDecision), writing():
        services.resume_point(visits.the_point(), date(2024, 5, 9), tills.SHELL)
    assert told(tills.order("k1")) == "point_not_operating"


def test_a_decision_takes_over_a_stop_that_the_point_had_made_itself(district):
    stop("point")
    measure = made.suspended("point")
    with pytest.raises(services.SuspendedByDecision), writing():
        services.resume_point(visits.the_point(), date(2024, 5, 9), tills.SHELL)
    with pytest.raises(AlreadyStopped):
        made.suspended("point")
    with writing():
        resume(measure.id, date(2024, 5, 9), "复查通过", made.DISTRICT, made.NOW)
    assert stopped_on(visits.the_point(), date(2024, 5, 9)) is None


def test_a_measure_is_neither_of_the_past_nor_decided_twice(district):
    with pytest.raises(PastMeasure):
        made.suspended("subsidy", date(2024, 5, 5))
    measure = made.suspended("subsidy")
    with pytest.raises(AlreadyStopped):
        made.suspended("subsidy", date(2024, 5, 8))
    with pytest.raises(ResumedEarly), writing():
        resume(measure.id, date(2024, 5, 5), "早了", made.DISTRICT, made.NOW)
    with writing():
        resume(measure.id, DAY, "复查通过", made.DISTRICT, made.NOW)
    with pytest.raises(MeasureEnded), writing():
        resume(measure.id, DAY, "再来", made.DISTRICT, made.NOW)


def test_what_the_ledger_holds_says_why(district):
    stop("subsidy")
    tills.serve("k1")
    db.session.rollback()
    line = db.session.scalars(select(Serving).where(Serving.key == "k1")).one()
    assert (line.reason, line.subsidy_fen, line.delivery_fen) == (SUSPENDED, 0, 0)
