"""Drawing a round's questionnaire: who may be drawn, the proof, the reserve, weighted answers."""

import json
from collections import Counter
from datetime import date
from fractions import Fraction

import pytest
from sqlalchemy import select

from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.survey.rounds.models import SurveyRound
from mealsvc.survey.rounds.refusals import RoundLocked
from mealsvc.survey.sampling import queries, services
from mealsvc.survey.sampling.estimates import share
from mealsvc.survey.sampling.models import SurveyPerson
from mealsvc.survey.sampling.population import people_of
from mealsvc.survey.sampling.refusals import (
    BadSize,
    DrawnAlready,
    NobodyToDraw,
    NoReserve,
    NotAsked,
)
from mealsvc.trail.models import TrailEvent
from tests.factories import draws, surveys

pytestmark = pytest.mark.ground(by=draws.forty_elders)


@pytest.fixture
def row(app):
    return draws.drawn_round()


def call(row):
    with writing():
        return services.call_reserve(row, draws.DISTRICT, clock.now())


def test_only_elders_who_live_here_that_day_may_be_drawn(app):
    found = people_of("320412", surveys.AS_OF)
    assert [one.id for one in found] == list(range(1, 41))
    cells = Counter(one.cell.code for one in found)
    assert cells["320412100/60/DJ"] == 3
    assert cells["320412100/80/QT"] == cells["320412102/80/QT"] == 4
    assert people_of("320412102", surveys.AS_OF)[0].id == 21


def test_whoever_moves_counts_where_she_lives_on_the_day(app):
    with writing():
        draws.fact(1, "residence", draws.NIUTANG, date(2024, 5, 31))
        draws.fact(2, "residence", draws.NIUTANG, date(2024, 6, 1))
        draws.fact(4, "departure", "deceased", date(2024, 6, 1))
    homes = {one.id: one.division for one in people_of("320412", surveys.AS_OF)}
    assert (homes[1], homes[2], homes[4]) == (draws.NIUTANG, draws.HUTANG, draws.HUTANG)


def test_the_plan_is_what_is_drawn(app):
    row = draws.asked_round()
    plan = services.plan(row)
    drawn = services.look(row, draws.SEED).drawn
    assert (plan.population, plan.least, plan.needed) == (40, draws.SIZE, 36)
    assert [(one.cells, one.drawn) for one in plan.strata] == [
        (one.cells, one.drawn) for one in drawn.strata
    ]
    assert plan.drawn == drawn.size >= draws.SIZE
    assert 0.1 < plan.margin < 0.2


def test_a_draw_issues_a_questionnaire_to_each_and_keeps_its_reserve(row):
    kept = draws.draw_of(row)
    people = db.session.scalars(select(SurveyPerson).order_by(SurveyPerson.place)).all()
    sheets = draws.sheets_of(row)
    assert [one.unit for one in sheets] == [f"D{n:04d}" for n in range(1, kept.size + 1)]
    assert [one.resident_id for one in sheets] == [one.resident_id for one in people[: kept.size]]
    assert len(people) > kept.size
    event = db.session.scalars(select(TrailEvent).where(TrailEvent.action == "surveys.draw")).one()
    assert json.loads(event.detail)["seed"] == draws.SEED
    assert "R0000" not in event.detail


def test_anybody_can_draw_the_same_again(row):
    proof = services.redraw(row)
    assert (len(proof.same), proof.changed, proof.wrong) == (
        len(queries.sample_of(row.id).strata),
        (),
        (),
    )


def test_a_death_noted_late_leaves_its_stratum_out_of_the_proof(row):
    with writing():
        draws.fact(2, "departure", "deceased", date(2024, 5, 1))
    proof = services.redraw(row)
    assert [one.code for one in proof.changed] == ["320412100/60/DJ"]
    assert not proof.wrong
    assert proof.same


def test_a_draw_that_the_seed_does_not_make_is_found_out(row, monkeypatch):
    monkeypatch.setattr(services.rules, "rank_of", lambda seed, one: f"{one.id:09d}")
    assert services.redraw(row).wrong


def test_a_round_is_drawn_once_and_only_with_the_questionnaire(row):
    with pytest.raises(DrawnAlready):
        services.look(row, "another")
    with pytest.raises(NotAsked):
        services.look(surveys.opened("A"), "x")


def test_fewer_than_the_settings_ask_for_cannot_be_drawn(app):
    row = draws.asked_round()
    with pytest.raises(BadSize, match="20至40"):
        services.look(row, "x", 19)
    assert services.look(row, "x", 40).drawn.size == 40
    nowhere = SurveyRound(id=99, division="320413", as_of=surveys.AS_OF, forms="D")
    with pytest.raises(NobodyToDraw):
        services.look(nowhere, "x")


def test_whoever_refuses_is_replaced_within_the_stratum_and_only_once(row):
    with pytest.raises(NoReserve):
        call(row)
    sample = queries.sample_of(row.id)
    spare = Counter(one.stratum for one in sample.people if one.stands == queries.RESERVE)
    first = next(one for one in sample.people if spare[one.stratum])
    sheet = next(one for one in draws.sheets_of(row) if one.unit == first.unit)
    draws.visit(row, [(sheet, {"D00": "refused"})])
    assert call(row) == 1
    called = draws.sheets_of(row)[-1]
    sample = queries.sample_of(row.id)
    now = next(one for one in sample.people if one.unit == called.unit)
    assert (now.stratum, now.stands) == (first.stratum, queries.WAITING)
    assert queries.standing_of(sample).called == 1
    with pytest.raises(NoReserve):
        call(row)


def test_who_moved_away_is_not_replaced_and_weighs_with_the_strangers(row):
    sheets = draws.sheets_of(row)
    draws.visit(row, [(sheets[0], {"D00": "moved"}), *((one, draws.DONE) for one in sheets[1:])])
    with pytest.raises(NoReserve):
        call(row)
    standing = queries.standing(row.id)
    assert (standing.outside, standing.answered, standing.waiting) == (1, len(sheets) - 1, 0)
    found = queries.responses(row.id)
    assert len(found) == len(sheets) - 1
    sample = queries.sample_of(row.id)
    gone = next(one for one in sample.people if one.unit == "D0001")
    stratum = next(one for one in sample.strata if one.code == gone.stratum)
    away = Fraction(stratum.population, stratum.drawn)
    assert sum(one.weight for one in found) == 40 - away


def test_answers_under_review_count_only_where_asked_for(row):
    sheets = draws.sheets_of(row)
    with writing():
        draws.fill_batch(
            row, [draws.Filled(sheets[0], draws.DONE, {})], "web", draws.VILLAGE, clock.now()
        )
    assert queries.responses(row.id) == []
    assert len(queries.responses(row.id, "filled")) == 1
    assert queries.standing(row.id).margin is None


def test_estimates_speak_for_everybody_of_the_town(row):
    sheets = draws.sheets_of(row)
    given = [
        (one, draws.DONE if one.division == draws.HUTANG else draws.DONE | {"D09": "home"})
        for one in sheets
    ]
    draws.visit(row, given)
    sample = queries.sample_of(row.id)
    found = share(
        queries.strata_answered(sample),
        lambda one: float(one.answers["D09"] == "out") if one.answers else None,
    )
    assert found.value == pytest.approx(0.5)
    assert found.people == pytest.approx(40)
    town = queries.within(sample, draws.NIUTANG[:9])
    assert queries.standing_of(town).population == 20
    assert {one.town for one in queries.responses_of(town)} == {draws.NIUTANG[:9]}


def test_nothing_is_drawn_or_called_in_a_locked_round(app):
    row = draws.asked_round()
    made = services.look(row, draws.SEED)
    with writing():
        row.locked_at = clock.now()
    with pytest.raises(RoundLocked), writing():
        services.keep(row, made, draws.DISTRICT, clock.now())
    assert queries.sample_of(row.id) is None
