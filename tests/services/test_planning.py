"""Plans from the shell by the contract's words, and plans that somebody kept."""

import json
from datetime import timedelta
from fractions import Fraction

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from mealsvc.cli import cli
from mealsvc.coverage.planning import effects, reading, refusals, services
from mealsvc.coverage.planning.commands import document
from mealsvc.coverage.planning.rules import Answer, Question
from mealsvc.places.services import (
    point_by_code,
    put_candidate,
    put_division,
    put_point,
    suspend_point,
)
from mealsvc.plumbing.db import db, writing
from mealsvc.settings.services import change_setting
from tests.factories import plans, tills
from tests.factories.tills import SHELL

pytestmark = pytest.mark.ground(by=plans.ground)
KEYS = ("radius_m", "add", "sites", "covered_before", "covered_after", "optimal", "bound")


def run(*words):
    return CliRunner().invoke(cli, ["coverage", "plan", *map(str, words)])


def told(add=None, target=None, **asked):
    """The document of a question within 1 km, without the shell."""
    question = Question(1000, add, None if target is None else Fraction(target), **asked)
    return document(question, services.plan(question, plans.DAY))


@pytest.mark.parametrize(("add", "sites", "after"), [(1, ["C01"], 800), (9, ["C01", "C02"], 1200)])
def test_the_document_is_the_contracts(app, add, sites, after):
    done = run("--add", add, "--radius", 1000, "--on", plans.DAY, "--json")
    found = json.loads(done.stdout)
    assert found == dict(zip(KEYS, (1000, add, sites, 300, after, True, after), strict=True))
    assert list(found) == list(KEYS)


def test_the_radius_may_have_decimals_and_is_whole_where_it_can_be(app):
    assert (Question(1000.5, 1).radius_m, repr(Question(1000.0, 1).radius_m)) == (1000.5, "1000")
    # without one it is the setting; the day is today
    assert "1000米内：300 → 800 人" in run("--add", 1).output


@pytest.mark.parametrize(
    "words",
    [
        ("--add", 0, "--radius", 1000),
        ("--add", -1, "--radius", 1000),
        ("--add", 1, "--radius", 0),
        ("--add", 1, "--radius", "nan"),
        ("--add", 1, "--radius", "inf"),
        ("--radius", 1000),
        ("--target", "80"),
        ("--target", "0"),
        ("--budget", "12.345"),
    ],
)
def test_nonsense_is_wrong_usage(app, words):
    assert run(*words).exit_code == 2


def test_without_candidates_nothing_is_chosen_and_that_is_the_best(app):
    with writing():
        db.session.execute(text("DELETE FROM candidate_site"))
    found = told(3)
    assert (found["sites"], found["covered_after"], found["optimal"]) == ([], 300, True)
    assert found["bound"] == 300


def test_what_does_not_count(app):
    """Divisions that others run, communities without a position; closed and suspended points."""
    with writing():
        put_division({"code": plans.TOWNS[1], "managed_by": "常州经开区"}, SHELL)
        put_division({"code": f"{plans.TOWNS[0]}003", "lon": None, "lat": None}, SHELL)
    assert told(3)["sites"] == ["C01"]
    point = point_by_code("P01")
    assert point is not None
    with writing():
        suspend_point(point, plans.DAY, "停电", SHELL)
    found = told(3)
    assert (found["covered_before"], found["sites"]) == (0, ["C01", "C03"])
    before = services.plan(Question(1000, 3), plans.DAY - timedelta(1))
    assert before.covered_before == 300


def test_points_and_candidates_count_wherever_they_stand(app):
    with writing():
        kind = {"kind": "community_canteen", "division": "320413100001"}
        put_point({"code": "P99", "name": "邻区点", **kind, **plans.east(2)}, SHELL)
        put_candidate({"code": "A01", "division": "320413100001", **plans.east(5.4)}, SHELL)
    found = told(2)
    assert (found["covered_before"], found["sites"]) == (800, ["A01"])


def test_equals_go_to_the_cheaper_and_then_to_the_first_by_code(app):
    with writing():
        put_candidate({"code": "A01", "build_cost_fen": 40_000_000, **plans.east(2.5)}, SHELL)
        put_candidate({"code": "B01", "build_cost_fen": 30_000_000, **plans.east(2.5)}, SHELL)
    assert told(1)["sites"] == ["B01"]


def test_a_target_says_what_it_takes_or_what_the_best_is(app):
    found = told(target="0.6")
    assert (found["sites"], found["met"], found["fewest"]) == (["C01"], True, 1)
    with writing():
        db.session.execute(text("DELETE FROM candidate_site WHERE code = 'C02'"))
    found = told(target="0.9")
    assert (found["met"], found["covered_after"], found["fewest"]) == (False, 800, 1)
    assert "达不到目标" in run("--on", "2024-05-31", "--target", "90%").output


def test_a_budget_and_seats_limit_what_is_chosen(app):
    found = told(budget_fen=29_999_999)
    assert (found["sites"], found["cost_fen"], found["budget_fen"]) == (
        ["C02"],
        20_000_000,
        29_999_999,
    )
    found = told(2, uptake=reading.uptake_on(plans.DAY))
    # 5 in 100 come: the point feeds 200 of its 300, C01 its 500, C02 200 of 400; C03 the rest of the first
    assert (found["sites"], found["covered_before"]) == (["C01", "C02"], 200)
    assert found["covered_after"] == 200 + 500 + 200
    with writing():
        change_setting("plan.uptake", "0", "试", plans.DAY, False, SHELL, plans.DAY)
    with pytest.raises(refusals.NoUptake):
        reading.uptake_on(plans.DAY)


def test_equity_names_the_towns(app):
    found = told(1, equity=True)
    assert found["sites"] == ["C02"]  # C01 adds more, yet leaves the other town at nought
    assert [town["after"] for town in found["towns"]] == [300, 400]


def test_a_clock_that_has_run_out_leaves_an_honest_answer(app):
    answer = services.plan(Question(1000, 1), plans.DAY, seconds=0.0)
    assert answer.sites == ("C01",)
    assert (answer.covered_after, answer.optimal) == (800, False)
    assert answer.bound == 1200


def test_a_kept_plan_never_changes_and_is_dropped_once(app):
    with writing():
        kept_id = plans.kept()
        put_candidate({"code": "C01", "name": "改了名", "build_cost_fen": 1}, SHELL)
    [plan] = services.kept_plans(plans.DISTRICT)
    assert (plan.names, plan.gained) == (
        "用房C01",
        (f"{plans.TOWNS[0]}002", f"{plans.TOWNS[0]}003"),
    )
    for statement in ("UPDATE site_plan SET name = 'x'", "DELETE FROM site_plan"):
        with pytest.raises(DBAPIError), writing():
            db.session.execute(text(statement))
    with writing():
        services.drop_plan(kept_id, SHELL, plans.NOW)
    assert services.kept_plans() == []
    for wrong, refusal in ((kept_id, refusals.PlanDropped), (99, refusals.UnknownPlan)):
        with pytest.raises(refusal), writing():
            services.drop_plan(wrong, SHELL, plans.NOW)


def test_what_has_no_name_or_no_site_is_not_kept(app):
    empty = Answer((), 1, 0, 0, True, 0)
    full = Answer(("C01",), 1, 0, 1, True, 1)
    for name, answer, refusal in (
        (" ", full, refusals.UnnamedPlan),
        ("长" * 31, full, refusals.UnnamedPlan),
        ("空", empty, refusals.NothingToKeep),
    ):
        with pytest.raises(refusal), writing():
            services.keep_plan(name, Question(1, 1), answer, SHELL, plans.NOW, plans.DAY)


@pytest.mark.ground(by=tills.small_district)
def test_the_cost_of_a_year_rests_on_the_last_months_subsidy(app):
    assert effects.assumed_on(plans.DAY).mean_fen is None
    for number, card in enumerate(("C001", "C002")):
        tills.serve(f"K{number}", card)
    assumed = effects.assumed_on(plans.DAY)
    spent = db.session.execute(text("SELECT sum(subsidy_fen), count(*) FROM serving")).one()
    # 5 in 100 come on each of 300 days
    assert assumed.year_fen(1000) == round(1000 * 0.05 * 300 * int(spent[0]) / spent[1])
    assert "2024年5月" in assumed.words
