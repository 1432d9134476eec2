"""A round weighed up: figures that agree with plain counts, costs, trials, and the frozen snapshot."""

import json
from fractions import Fraction

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from mealsvc.kernel.months import Month
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.policies.document import read_policy
from mealsvc.servings.models import Serving
from mealsvc.survey.assessing import refusals, services, snapshots, trials
from mealsvc.survey.assessing.economics import economics, trend
from mealsvc.survey.assessing.figures import SPECS, figures, from_json, to_json
from mealsvc.survey.assessing.models import PointCost
from mealsvc.survey.rounds.refusals import RoundLocked
from tests.factories import assessments, surveys, tills
from tests.factories.policies import SAMPLE
from tests.factories.tills import SHELL

MAY = assessments.MAY


def make():
    tills.small_district()
    for card in ("C001", "C002", "C003"):
        tills.serve(card, card)


@pytest.fixture
def may(app):
    make()


def put(row, month=MAY, **amounts):
    assessments.entered(SHELL, month, **amounts)


@pytest.mark.ground(by=make)
def test_a_points_month_is_what_the_ledger_and_the_costs_say(may):
    sums = select(func.sum(Serving.self_pay_fen), func.sum(Serving.subsidy_fen))
    paid, given = map(int, db.session.execute(sums).one())
    put(None, fixed=1000, variable=500)
    one = economics(assessments.point(), MAY)
    assert (one.servings, one.days) == (3, 1)
    assert (one.self_pay_fen, one.subsidy_fen) == (paid, given)
    assert one.by_serving_fen == one.operating_fen == 2 * 50  # two were subsidised
    assert one.result_fen == paid + given + 100 - 1000 - 3 * 500
    assert one.margin_fen == Fraction(paid + given + 100, 3) - 500


@pytest.mark.ground(by=make)
def test_costs_hold_from_their_month_on_and_the_last_entered_counts(may):
    put(None, Month(2024, 4), fixed=100)
    put(None, fixed=200)
    put(None, fixed=300)
    months = trend(assessments.point(), MAY.next)
    assert [one.fixed_fen for one in months[-4:]] == [None, 100, 300, 300]
    with pytest.raises(refusals.SameCost):
        put(None, fixed=300)


@pytest.mark.ground(by=make)
def test_an_entered_cost_never_changes(may):
    put(None)
    db.session.rollback()
    with pytest.raises(DatabaseError), writing():
        db.session.execute(text("UPDATE point_cost SET fixed_fen = 1"))


@pytest.mark.ground(by=make)
def test_accepted_supply_sheets_bring_their_costs_once(may):
    row = assessments.round_with_supply()
    with writing():
        assert services.take_costs(row.id, SHELL, clock.now()) == 1
    with writing():
        assert services.take_costs(row.id, SHELL, clock.now()) == 0
    kept = db.session.scalars(select(PointCost)).one()
    own = economics(assessments.point(), MAY).self_pay_fen
    assert (kept.fixed_fen, kept.variable_fen, kept.month) == (1800, 500, 202405)
    assert kept.other_fen == 3900 - own


@pytest.mark.ground(by=make)
def test_a_round_without_supply_sheets_has_no_costs_to_take(may):
    row = surveys.opened("A")
    with pytest.raises(refusals.NoSheets), writing():
        services.take_costs(row.id, SHELL, clock.now())


@pytest.mark.ground(by=make)
def test_every_figure_is_told_with_what_it_counts_and_comes_back_exactly(may):
    found = figures(None, MAY)
    assert list(found) == list(SPECS)
    assert all(one.text and one.definition and one.as_of and one.source for one in found.values())
    assert found["servings_month"].value == 3 and found["servings_month"].text == "3份"
    assert found["mean_price"].value == Fraction(3600, 3)
    assert found["demand_day"].text == "未填报" and found["demand_day"].url == ""
    assert from_json(to_json(found)) == found
    assert to_json(from_json(to_json(found))) == to_json(found)


def test_without_a_single_serving_every_figure_still_says_something(app):
    tills.small_district()
    found = figures(None, MAY)
    assert found["mean_price"].text == "无记录" and found["servings_month"].text == "0份"


@pytest.mark.ground(by=make)
def test_villages_sheets_alone_give_a_demand(may):
    row = surveys.opened("A")
    surveys.accepted(row, surveys.sheet_of(row), A41="10", A42="10", A43="5", A53="25")
    result = services.assess(row.id)
    assert result.basis == "A" and result.by_survey is None
    assert result.by_sheets.mid == Fraction(22) * Fraction(80, 25) / 7  # nobody eligible elsewhere
    assert result.paying.mid == result.by_sheets.mid  # 8 to 10 yuan covers what they pay now


@pytest.mark.ground(by=make)
def test_a_locked_round_stays_as_it_was(may):
    row = surveys.opened("A")
    surveys.accepted(row, surveys.sheet_of(row))
    put(None)
    live = services.study(row.id)
    surveys.lock(row, json.dumps({**services.snapshot(row.id), "report": {}}, sort_keys=True))
    tills.serve("late", "C004")
    put(None, fixed=9999)
    kept = services.study(row.id)
    assert kept.locked and not live.locked
    assert to_json(kept.figures) == to_json(live.figures)
    assert kept.assessment == live.assessment
    assert snapshots.plain(kept.assessment) == services.snapshot(row.id)["assessment"]


@pytest.mark.ground(by=make)
def test_a_kept_trial_stands_beside_the_present_policy(may):
    row = surveys.opened("A")
    with writing():
        services.keep_trial(row, "高龄加一元", "", assessments.outcome(), SHELL, clock.now())
    (one,) = services.assess(row.id).trials
    assert (one.base_year_fen, one.trial_year_fen) == (9419, 10597)  # 8 and 9 yuan in 31 days
    assert one.base_self_pay_fen - one.trial_self_pay_fen == Fraction(100, one.servings)
    assert (one.winners, one.losers) == (1, 0)
    assert "residents" not in assessments.outcome()
    with pytest.raises(refusals.SameTrial), writing():
        services.keep_trial(row, "高龄加一元", "", assessments.outcome(), SHELL, clock.now())


@pytest.mark.ground(by=make)
def test_nothing_is_kept_beside_a_locked_round(may):
    row = surveys.opened("A")
    surveys.accepted(row, surveys.sheet_of(row))
    surveys.lock(row)
    with pytest.raises(RoundLocked), writing():
        services.keep_trial(row, "晚了", "", assessments.outcome(), SHELL, clock.now())


@pytest.mark.only("sqlite")
def test_a_tried_tariff_is_written_as_a_policy_that_reads_back(app):
    before = read_policy(SAMPLE)
    extra = trials.extra_rule("DB", 80, 100, "town")
    draft = trials.changed(before, {"U80": 600, "U60": 0}, {}, extra, {})
    read = read_policy(trials.written(draft, '加“一”元 "试"\\'))
    assert read.rules == draft.rules and read.deliveries == draft.deliveries
    assert read.title == '加“一”元 "试"\\'
    by_code = {rule.code: rule for rule in read.rules}
    assert "U60" not in by_code
    assert by_code["U80"].funding == (("district", 300), ("town", 300))
    assert by_code["EXTRA"].when.categories == {"DB"}
