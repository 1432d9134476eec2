"""Star grades: which one counts in a month, and that a submitted month keeps the one it knew."""

import json
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.places.grades import SameGrade, give_grade, grades_of, stars_on
from mealsvc.places.services import point_by_code
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.services import reverse_serving
from mealsvc.settlement import refusals, steps
from mealsvc.settlement.batches import batch_at
from mealsvc.settlement.services import earned_of, settlement_of, submit
from tests.factories import tills
from tests.factories.policies import SAMPLE

MAY, JUNE = Month(2024, 5), Month(2024, 6)
NOW = datetime(2024, 6, 3, 4, 0, tzinfo=UTC)
STARRED = SAMPLE + (
    '\n[[operating]]\ncode = "S3"\nmin_stars = 3\nmonthly_fen = 10000\n'
    "steps = [{ from = 1, per_serving_fen = 20 }, { from = 2, per_serving_fen = 10 }]\n"
    "funding = { town = 1 }\n"
)
PER_SERVING, LUMP = 50, 10_000


@pytest.fixture
def place(app, monkeypatch):
    """Two subsidised lunches of May at P01, under a policy that pays points of three stars."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr(tills, "SAMPLE", STARRED)
    tills.small_district()
    tills.serve("a", "C001")
    tills.serve("b", "C002")
    return point_by_code("P01")


def give(place, stars, from_on, basis="评定"):
    with writing():
        return give_grade(place, stars, from_on, basis, tills.SHELL, NOW)


def operating(month=MAY):
    return settlement_of(month, "P01")["points"][0]["operating_fen"]


@pytest.mark.parametrize(
    ("given", "stars"),
    [
        ([], None),
        # Mid-month: the grade of the last day judges the whole month.
        ([(2, date(2024, 1, 1)), (3, date(2024, 5, 15))], 3),
        ([(4, date(2024, 1, 1)), (2, date(2024, 5, 31))], 2),
        ([(3, date(2024, 5, 31))], 3),
        # From the next day on, it is next month's.
        ([(3, date(2024, 6, 1))], None),
        ([(2, date(2024, 1, 1)), (3, date(2024, 6, 1))], 2),
        # Of two from one day, the one given last; whatever was entered first, the later day.
        ([(3, date(2024, 5, 1)), (2, date(2024, 5, 1))], 2),
        ([(2, date(2024, 5, 20)), (5, date(2024, 5, 10))], 2),
    ],
)
def test_the_grade_of_the_month_s_last_day_judges_it(place, given, stars):
    for number, from_on in given:
        give(place, number, from_on)
    assert stars_on([place.id], MAY.last_day).get(place.id) == stars
    earned = LUMP + 20 + 10 if (stars or 0) >= 3 else 0
    assert operating() == 2 * PER_SERVING + earned


def test_the_same_grade_again_is_refused_and_another_is_kept_beside_it(place):
    give(place, 3, date(2024, 5, 1))
    with pytest.raises(SameGrade):
        give(place, 3, date(2024, 5, 10))
    give(place, 4, date(2024, 5, 10))
    assert [(one.stars, one.from_on.day) for one in grades_of(place.id)] == [(4, 10), (3, 1)]


def test_a_grade_that_is_dated_back_changes_no_submitted_month(place):
    with writing():
        submit(MAY, None, tills.SHELL, NOW)
    before = settlement_of(MAY, "P01")
    give(place, 5, date(2024, 1, 1))
    assert settlement_of(MAY, "P01") == before
    assert json.loads(batch_at(MAY, "P01").grounds)["stars"] is None
    assert [one.rule.code for one in earned_of(MAY, place, batch_at(MAY, "P01"))] == ["O1"]
    tills.serve("c", "C001", served_at=tills.LUNCH.replace(month=6, day=2))
    assert operating(JUNE) == PER_SERVING + LUMP + 20
    with writing():  # recomputed with the grade known then: nothing differs
        steps.first_review(MAY, "P01", "同意", Actor("system", "镇"), NOW)


def test_a_claim_that_rests_on_another_grade_than_was_known_is_found(place, monkeypatch):
    give(place, 3, date(2024, 5, 1))
    with writing():
        submit(MAY, None, tills.SHELL, NOW)
    monkeypatch.setattr(steps, "stars_of", lambda batch: 2)
    with pytest.raises(refusals.BatchDiffers), writing():
        steps.first_review(MAY, "P01", "同意", Actor("system", "镇"), NOW)


def test_late_lines_do_not_touch_the_steps_of_either_month(place):
    give(place, 3, date(2024, 5, 1))
    with writing():
        submit(MAY, None, tills.SHELL, NOW)
    before = settlement_of(MAY, "P01")
    tills.serve("late", "C001", served_at=tills.a_day(8))
    with writing() as connection:
        reverse_serving(connection, "R1", "a", "登记错误", None, tills.SHELL, NOW)
    assert settlement_of(MAY, "P01") == before
    june = settlement_of(JUNE, "P01")["points"][0]
    assert (june["late"], june["operating_fen"], june["adjustment_fen"]) == (2, 0, 0)
    tills.serve("late2", "C002", served_at=tills.a_day(8))
    june = settlement_of(JUNE, "P01")["points"][0]
    assert june["operating_fen"] == 0
    assert june["adjustment_fen"] == 400 + PER_SERVING


@pytest.mark.parametrize(
    "tampering", ["UPDATE point_grade SET stars = 5", "DELETE FROM point_grade"]
)
def test_a_grade_once_given_stays(place, tampering):
    give(place, 3, date(2024, 5, 1))
    with pytest.raises(DatabaseError), writing() as connection:
        connection.execute(text(tampering))
    db.session.expire_all()
    assert stars_on([place.id], MAY.last_day) == {place.id: 3}
