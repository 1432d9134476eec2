"""The demo's plans for new points: three at once, five with the towns evened out, one by money."""

from datetime import datetime

from mealsvc.coverage.planning import services
from mealsvc.coverage.planning.reading import ground_on
from mealsvc.coverage.planning.rules import Question
from mealsvc.demo import history
from mealsvc.kernel.actors import Actor
from mealsvc.plumbing.db import writing
from mealsvc.settings.services import value_on
from mealsvc.settlement.area import district

NEAR, EVEN, MONEY = "近期三点", "五点、镇街均衡", "预算100万元"
BUDGET_FEN, SECONDS = 100_000_000, 10.0


def put_plans(by: Actor, now: datetime) -> None:
    """Answers and keeps the three plans; opens its own transactions."""
    day, here = history.LAST, district()
    radius_m = float(value_on("coverage.radius_m", day))
    ground = ground_on(day, here)
    questions = {
        NEAR: Question(radius_m, 3, within=here),
        EVEN: Question(radius_m, 5, equity=True, within=here),
        MONEY: Question(radius_m, budget_fen=BUDGET_FEN, within=here),
    }
    answers = {name: services.solved(ground, one, SECONDS) for name, one in questions.items()}
    with writing():
        for name, question in questions.items():
            services.keep_plan(name, question, answers[name], by, now, day)
