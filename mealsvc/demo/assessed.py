"""The demo's assessment: the points' costs from their sheets, and two tariffs tried on May 2024."""

from datetime import datetime

from mealsvc.demo.history import LAST
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.plumbing.db import writing
from mealsvc.policies.register import policies_in_force
from mealsvc.simulation.services import simulate
from mealsvc.survey.assessing import services, trials
from mealsvc.survey.rounds.queries import latest_round

# What is tried: the name, amounts of rules, amounts of deliveries (fen).
TRIED = (
    ("（演示）80岁以上每份多1元", {"U80": 500}, {}),
    ("（演示）低保特困多1元、送餐2元", {"T1": 300}, {"D1": 200, "D2": 200}),
)


def put_assessed(by: Actor, now: datetime) -> None:
    """Opens its own transactions; after the survey."""
    row = latest_round()
    policy = next(one for one in policies_in_force() if one.code == "DEMO-2023")
    if row is None:
        return
    with writing():
        services.take_costs(row.id, by, now)
    months = [Month.of(LAST)]
    for name, amounts, carried in TRIED:
        draft = trials.changed(policy, amounts, carried, None, {})
        outcome = trials.outcome_of(simulate(draft, months, now), months)
        with writing():
            document = trials.written(draft, name)
            services.keep_trial(row, name, document, outcome, by, now)
