"""Communities on a line east of one point, candidates between them, and a plan that was kept."""

from datetime import UTC, date, datetime

from mealsvc.coverage.planning import services
from mealsvc.coverage.planning.rules import Answer, Question
from mealsvc.places.services import put_candidate, put_division, put_point
from mealsvc.plumbing.db import writing
from tests.factories.tills import SHELL

DISTRICT, TOWNS = "320412", ("320412100", "320412101")
NOW, DAY = datetime(2024, 5, 31, 4, tzinfo=UTC), date(2024, 5, 31)
LAT, STEP = 31.7, 0.01  # a hundredth of a degree is 946 m here
# code, elders, steps to the east
COMMUNITIES = (
    (f"{TOWNS[0]}001", 300, 0),
    (f"{TOWNS[0]}002", 400, 2),
    (f"{TOWNS[0]}003", 100, 3),
    (f"{TOWNS[1]}001", 250, 5),
    (f"{TOWNS[1]}002", 150, 6),
)
# code, steps to the east, daily capacity, yuan to build
CANDIDATES = (("C01", 2.5, 60, 300_000), ("C02", 5.5, 10, 200_000), ("C03", 0.5, None, 100_000))


def east(steps: float) -> dict[str, float]:
    return {"lon": 119.9 + steps * STEP, "lat": LAT}


def ground() -> None:
    """Within 1 km the point reaches 300 of 1,200 elders; C01 adds 500, C02 400, C03 nobody."""
    with writing():
        put_division({"code": DISTRICT, "name": "武进区", "level": "district"}, SHELL)
        for number, code in enumerate(TOWNS):
            town = {"code": code, "name": ("湖塘镇", "牛塘镇")[number], "level": "town"}
            put_division(town, SHELL)
        for code, pop60, steps in COMMUNITIES:
            who = {"code": code, "name": f"社区{code[-4:]}", "level": "community", "pop60": pop60}
            put_division({**who, **east(steps)}, SHELL)
        kind = {"kind": "community_canteen", "division": COMMUNITIES[0][0], "daily_capacity": 10}
        put_point({"code": "P01", "name": "丰乐助餐点", **kind, **east(0)}, SHELL)
        for code, steps, capacity, yuan in CANDIDATES:
            cost = {"daily_capacity": capacity, "build_cost_fen": yuan * 100}
            who = {"code": code, "name": f"用房{code}", "division": COMMUNITIES[1][0]}
            put_candidate({**who, **cost, **east(steps)}, SHELL)


def kept(name: str = "近期方案", sites: tuple[str, ...] = ("C01",), within: str = DISTRICT) -> int:
    """A plan of these sites, in the transaction that is open."""
    answer = Answer(sites, 1_200, 300, 800, True, 800)
    question = Question(1_000, len(sites), within=within)
    return services.keep_plan(name, question, answer, SHELL, NOW, DAY).id


def one_of_each(home: str) -> dict[str, object]:
    """What addresses need: a candidate in this community and a plan of its district."""
    with writing():
        put_candidate({"code": "C01", "name": "闲置用房", "division": home, **east(0)}, SHELL)
        return {"site": "C01", "kept_id": kept(within=home[:6])}


def shown(home: str) -> dict[str, object]:
    """Two candidates that reach a community nobody reaches, and two plans to compare."""
    with writing():
        put_division({"code": home, "pop60": 900, **east(3)}, SHELL)
        for code, steps, cost_fen in (("C01", 2.5, 30_000_000), ("C02", 3.5, None)):
            facts = {"name": f"{code}闲置用房", "division": home, "build_cost_fen": cost_fen}
            put_candidate({"code": code, **facts, **east(steps)}, SHELL)
        return {"kept_id": kept(within=home[:6]), "other": kept("另一处", ("C02",), home[:6])}
