"""Many tills at once, against the production server: one subsidised lunch, one line for one key."""

from functools import partial

import pytest
from sqlalchemy import func, select

from mealsvc.auditing.proof import verify
from mealsvc.places.services import put_point
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.models import Serving
from tests.factories import tills
from tests.hostile.served import RemoteTill, all_at_once, serving

THREADS, ROUNDS = 16, 5
POINTS = ("P01", "P02", "P03")


@pytest.fixture
def district(app):
    tills.small_district()
    with writing():
        kind = {"kind": "community_canteen", "division": tills.COMMUNITY}
        put_point({"code": "P03", "name": "滆湖助餐点", **kind}, tills.SHELL)
    return {point: tills.till_token(point) for point in POINTS}


@pytest.fixture
def race_tills(district, tmp_path):
    log = tmp_path / "server.log"
    with serving(log) as server:
        yield [RemoteTill(server, point, token) for point, token in district.items()]
    assert "locked" not in log.read_text()
    assert "error" not in log.read_text()


def count(*conditions) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Serving).where(*conditions))


def test_of_16_tills_that_race_for_one_lunch_exactly_one_is_subsidised(race_tills):
    for day in range(6, 6 + ROUNDS):
        at = f"2024-05-{day:02d}T11:30:00+08:00"
        answers = all_at_once(
            [
                partial(race_tills[n % 3].record, f"race-{day}-{n}", served_at=at)
                for n in range(THREADS)
            ]
        )
        assert [answer.status for answer in answers] == [201] * THREADS
        bodies = [answer.json for answer in answers]
        won = [body for body in bodies if body["subsidy_fen"] > 0]
        lost = [body for body in bodies if body["subsidy_fen"] == 0]
        assert [(body["reason"], body["self_pay_fen"]) for body in won] == [(None, 900)]
        assert {(body["reason"], body["self_pay_fen"]) for body in lost} == {
            ("already_served", 1200)
        }
        assert len({body["sequence"] for body in bodies}) == THREADS
    assert count(Serving.subsidy_fen > 0) == ROUNDS
    assert count() == ROUNDS * THREADS
    verify()


def test_many_sends_of_one_key_at_once_give_one_line_and_equal_answers(race_tills):
    for round_ in range(ROUNDS):
        key, card = f"same-{round_}", f"C00{1 + round_ % 3}"
        send = partial(race_tills[0].record, key, card)
        answers = all_at_once([send] * THREADS)
        assert sorted(answer.status for answer in answers) == [200] * (THREADS - 1) + [201]
        assert len({answer.body for answer in answers}) == 1
        assert count(Serving.key == key) == 1


def test_one_key_at_once_for_two_different_meals_is_kept_for_one_of_them(race_tills):
    prices = [1200, 1500] * (THREADS // 2)
    answers = all_at_once(
        [partial(race_tills[0].record, "mixed", price_fen=price) for price in prices]
    )
    told = {(answer.status, answer.json.get("code")) for answer in answers}
    assert told == {(201, None), (200, None), (422, "key_conflict")}
    kept = {answer.json["price_fen"] for answer in answers if answer.status < 300}
    assert len(kept) == 1
    assert count() == 1


def test_the_last_place_under_a_daily_cap_is_given_once(race_tills):
    """Two subsidised meals a day: of lunch and two dinners of different tills, never all three."""
    meals = [("lunch", "11:30"), ("dinner", "17:30")] * (THREADS // 2)
    answers = all_at_once(
        [
            partial(
                race_tills[n % 3].record,
                f"cap-{n}",
                meal=meal,
                served_at=f"2024-05-20T{clock}:00+08:00",
            )
            for n, (meal, clock) in enumerate(meals)
        ]
    )
    assert {answer.status for answer in answers} == {201}
    assert count(Serving.subsidy_fen > 0, Serving.meal == "lunch") == 1
    assert count(Serving.subsidy_fen > 0, Serving.meal == "dinner") == 1
