"""Plans for new points: the best answer of the day, and the plans that somebody kept."""

import json
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from mealsvc.coverage.planning.models import SitePlan
from mealsvc.coverage.planning.reading import candidates, ground_on
from mealsvc.coverage.planning.refusals import (
    NothingToKeep,
    PlanDropped,
    UnknownPlan,
    UnnamedPlan,
)
from mealsvc.coverage.planning.rules import (
    Answer,
    Ground,
    Question,
    chosen_of,
    covered_homes,
    standing_points,
    within_reach,
)
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.text import tidy
from mealsvc.plumbing.db import db
from mealsvc.settings.services import value_on
from mealsvc.trail.services import record

LONGEST_NAME = 30
MOST_COMPARED = 4


@dataclass(frozen=True, slots=True)
class KeptSite:
    """A site as it stood when the plan was kept."""

    code: str
    name: str
    division: str
    lon: float
    lat: float
    daily_capacity: int | None
    cost_fen: int | None

    @property
    def title(self) -> str:
        return self.name or self.code


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept plan. `gained` are the communities that these sites reach and no point did."""

    id: int
    name: str
    division: str
    day: date
    question: Question
    answer: Answer
    sites: tuple[KeptSite, ...]
    gained: tuple[str, ...]
    made_at: datetime
    made_by: str
    dropped_at: datetime | None = None

    @property
    def names(self) -> str:
        """The sites in words."""
        return "、".join(site.title for site in self.sites)

    @property
    def cost_fen(self) -> int | None:
        """What the sites cost to build together; None when that of one is not known."""
        return self.answer.cost_fen


def plan(
    question: Question,
    day: date,
    seconds: float | None = None,
    stopped: Callable[[], bool] | None = None,
) -> Answer:
    """The best answer on the ground of that day, after at most so many seconds (default: the
    setting)."""
    ground = ground_on(day, question.within)
    most = float(value_on("plan.seconds", day)) if seconds is None else seconds
    return solved(ground, question, most, stopped)


def solved(
    ground: Ground, question: Question, seconds: float, stopped: Callable[[], bool] | None = None
) -> Answer:
    """The same for a ground that has been read; the solver is loaded here, not with the web."""
    from mealsvc.coverage.planning.solver import solve

    return solve(ground, question, seconds, stopped)


def keep_plan(
    name: str, question: Question, answer: Answer, by: Actor, now: datetime, day: date
) -> SitePlan:
    """Keeps a plan of the ground of `day` under a name; what it says never changes afterwards."""
    name = tidy(name)
    if not 0 < len(name) <= LONGEST_NAME:
        raise UnnamedPlan()
    if not answer.sites:
        raise NothingToKeep()
    ground = ground_on(day, question.within)
    told = answer.to_json() | {
        "gained": gained_by(ground, question, answer.sites),
        "chosen": [
            [
                row.code,
                row.name,
                row.division,
                row.lon,
                row.lat,
                row.daily_capacity,
                row.build_cost_fen,
            ]
            for row in candidates(answer.sites)
        ],
    }
    row = SitePlan(
        name=name,
        division=question.within,
        question=_canonical(question.to_json() | {"day": day.isoformat()}),
        answer=_canonical(told),
        made_at=now,
        made_by=str(by),
    )
    db.session.add(row)
    db.session.flush()
    detail = {
        "sites": list(answer.sites),
        "covered": answer.covered_after,
        "proven": answer.optimal,
    }
    record(by, "coverage.keep_plan", str(row.id), detail)
    return row


def drop_plan(plan_id: int, by: Actor, now: datetime) -> None:
    """Takes a plan off the list; it stays in the table."""
    row = db.session.get(SitePlan, plan_id)
    if row is None:
        raise UnknownPlan(plan=plan_id)
    if row.dropped_at is not None:
        raise PlanDropped()
    row.dropped_at, row.dropped_by = now, str(by)
    db.session.flush()
    record(by, "coverage.drop_plan", str(row.id), {})


def kept_plans(within: str = "", limit: int = 100) -> list[Kept]:
    """The plans on the list for a division or a part of it, the newest first."""
    rows = select(SitePlan).where(SitePlan.dropped_at.is_(None))
    if within:
        inside = SitePlan.division.startswith(within, autoescape=True)
        rows = rows.where(inside | (SitePlan.division == ""))
    newest = rows.order_by(SitePlan.id.desc()).limit(limit)
    return [kept_of(row) for row in db.session.scalars(newest)]


def plans_of(ids: Collection[int]) -> list[Kept]:
    """The kept plans with these ids that are still on the list, in the order asked for."""
    rows = db.session.scalars(
        select(SitePlan).where(SitePlan.id.in_(ids), SitePlan.dropped_at.is_(None))
    )
    found = {row.id: kept_of(row) for row in rows}
    return [found[one] for one in dict.fromkeys(ids) if one in found]


def kept_of(row: SitePlan) -> Kept:
    """A row of the table as values."""
    asked, told = json.loads(row.question), json.loads(row.answer)
    gained, chosen = told.pop("gained"), told.pop("chosen")
    return Kept(
        row.id,
        row.name,
        row.division,
        date.fromisoformat(asked.pop("day")),
        Question.from_json(asked),
        Answer.from_json(told),
        tuple(KeptSite(*site) for site in chosen),
        tuple(gained),
        row.made_at,
        row.made_by,
        row.dropped_at,
    )


def gained_by(ground: Ground, question: Question, codes: Collection[str]) -> list[str]:
    """The communities that these candidates reach and no standing point does, in order of code."""
    before = covered_homes(ground, question.radius_m, standing_points(ground, question))
    after = covered_homes(ground, question.radius_m, chosen_of(ground, codes))
    return sorted(ground.homes[place].division for place in after - before)


def adds(ground: Ground, question: Question) -> dict[str, int]:
    """For each candidate the elders whom it would reach and no standing point does."""
    done = covered_homes(ground, question.radius_m, standing_points(ground, question))
    reached = within_reach(ground.homes, ground.candidates, question.radius_m)
    return {
        site.code: sum(ground.homes[place].pop60 for place in set(places) - done)
        for site, places in zip(ground.candidates, reached, strict=True)
    }


def alone(ground: Ground, question: Question, codes: Collection[str]) -> dict[str, int]:
    """For each chosen site the elders whom no point and no other chosen site reaches."""
    done = covered_homes(ground, question.radius_m, standing_points(ground, question))
    chosen = chosen_of(ground, codes)
    reached = within_reach(ground.homes, chosen, question.radius_m)
    times = Counter(place for places in reached for place in places)
    return {
        site.code: sum(
            ground.homes[place].pop60 for place in places if times[place] == 1 and place not in done
        )
        for site, places in zip(chosen, reached, strict=True)
    }


def _canonical(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
