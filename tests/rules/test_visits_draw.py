"""Drawing at random: reproducible by anybody, weighted by risk."""

import hashlib
from collections import Counter

import pytest

from mealsvc.supervision.visits.draw import Risk, candidate, draw, usual_seed, weights_of
from tests.factories.visits import TODAY

WEIGHTS = weights_of("30,20,20,15,15")
POINTS = {"P01": 10, "P02": 30, "P03": 60}


def test_a_draw_can_be_done_again_with_a_calculator():
    first = int(hashlib.sha256(b"seed|points|1").hexdigest(), 16) % 100
    expected = "P01" if first < 10 else "P02" if first < 40 else "P03"
    assert draw("seed", "points", POINTS, 1) == [expected]


def test_the_same_seed_draws_the_same_and_another_seed_does_not():
    many = {f"P{number:02d}": 10 for number in range(40)}
    assert draw("a", "points", many, 10) == draw("a", "points", dict(reversed(many.items())), 10)
    assert draw("a", "points", many, 10) != draw("b", "points", many, 10)
    assert draw("a", "points", many, 10) != draw("a", "inspectors|P01", many, 10)


def test_nobody_is_drawn_twice_and_no_more_than_there_are():
    assert sorted(draw("s", "points", POINTS, 9)) == ["P01", "P02", "P03"]
    assert draw("s", "points", {}, 2) == []
    assert draw("s", "points", {"P01": 0, "P02": 1}, 2) == ["P02"]


def test_who_weighs_more_is_drawn_more_often_in_proportion():
    drawn = Counter(draw(str(seed), "points", POINTS, 1)[0] for seed in range(4000))
    shares = {key: drawn[key] / 4000 for key in POINTS}
    assert shares == {key: pytest.approx(weight / 100, abs=0.03) for key, weight in POINTS.items()}


@pytest.mark.parametrize(
    ("risk", "weight"),
    [
        (Risk("A", months=0), 10),
        (Risk("D", months=0), 40),
        (Risk("B", months=0), 19),  # a third of 30, whole points
        (Risk("C", months=0), 30),
        (Risk(months=0), 25),  # never graded: in the middle
        (Risk("A", anomalies=1, months=0), 14),
        (Risk("A", anomalies=5, months=0), 30),
        (Risk("A", anomalies=50, months=0), 30),
        (Risk("A", papers=1, months=0), 20),
        (Risk("A", papers=2, months=0), 30),
        (Risk("A", gap=0.5, months=0), 17),
        (Risk("A", gap=1.0, months=0), 25),
        (Risk("A", months=12), 17),
        (Risk("A", months=24), 25),
        (Risk("A", months=90), 25),
        (Risk("A", months=None), 25),
        (Risk("D", 9, 2, 1.0, None), 110),
    ],
)
def test_a_points_weight_is_ten_and_its_share_of_each_factor(risk, weight):
    assert candidate("P01", risk, WEIGHTS, 24).weight == weight


def test_the_reasons_add_up_to_the_weight():
    found = candidate("P01", Risk("C", 2, 1, 0.25, 6), WEIGHTS, 24)
    assert found.reasons == (
        "基础10", "等级+20（上次C级）", "异常+8（未处理异常2件）", "临期+10（证照临期）",
        "日志缺+3（日志缺25%）", "久未查+3（距上次6个月）",
    )  # fmt: skip
    assert found.weight == 10 + 20 + 8 + 10 + 3 + 3


def test_a_factor_that_the_setting_leaves_out_weighs_nothing():
    assert weights_of("30,20") == (30, 20, 0, 0, 0)
    assert candidate("P01", Risk("A", 0, 2, 1.0, None), weights_of("30"), 24).weight == 10


def test_the_usual_seed_is_the_day_and_the_plans_number():
    assert usual_seed(TODAY, "武民助计〔2024〕0001号") == "20240506-武民助计〔2024〕0001号"
