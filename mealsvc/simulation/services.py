"""The planner's verb: months replayed under a draft beside the policies in force. Writes nothing."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import select

from mealsvc.kernel.masking import mask_name
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.grades import stars_on
from mealsvc.places.models import MealPoint
from mealsvc.places.queries import division_names
from mealsvc.plumbing.db import db
from mealsvc.policies.register import policies_in_force
from mealsvc.policies.rules import Policy
from mealsvc.residents.models import Resident
from mealsvc.simulation import figures, rules
from mealsvc.simulation.budget import year_of
from mealsvc.simulation.figures import Place, Side, Sums
from mealsvc.simulation.reading import (
    Register,
    count_lines,
    lines_of,
    snapshot,
    withheld_days,
)
from mealsvc.simulation.replay import Eater, Replay

Watch = Callable[[int, int], bool]


class Stopped(Refusal):
    """测算已停止，没有写入任何数据；需要时请重新测算。"""

    code: ClassVar[str] = "stopped"


def months_between(first: Month, last: Month) -> list[Month]:
    """Both ends included, in order; none if the last comes before the first."""
    months = []
    while first <= last:
        months.append(first)
        first = first.next
    return months


def simulate(
    draft: Policy,
    months: Sequence[Month],
    now: datetime,
    watch: Watch = lambda *_: True,
    within: str = "",
) -> dict[str, Any]:
    """What these months cost under the policies in force and with the draft among them, at the
    points that stand `within` a division.

    `watch` is told how many lines are done of how many, and answers whether to go on; raises
    `Stopped` when it does not.
    """
    approved = policies_in_force()
    base, trial = rules.Judge(approved), rules.Judge(rules.trial_policies(draft, approved))
    replay, sums, places = Replay(base, trial, draft), Sums(), places_within(within)
    with snapshot() as connection:
        register = Register(connection, replay.eaters)
        done, total = 0, count_lines(connection, months, places)
        for month in months:
            of_month = replay.begin(month, withheld_days(month, places))
            for lines in lines_of(connection, month, places):
                register.load(lines)
                replay.add(of_month, lines)
                done += len(lines)
                if not watch(done, max(done, total)):
                    raise Stopped()
            stars = stars_on(places, month.last_day)
            figures.fold(sums, of_month, (base, trial), places, stars)
    replaced = [policy for policy in approved if policy.division == draft.division]
    return _document(draft, replaced, months, replay, sums, places, now)


def _document(
    draft: Policy,
    replaced: Sequence[Policy],
    months: Sequence[Month],
    replay: Replay,
    sums: Sums,
    places: dict[int, Place],
    now: datetime,
) -> dict[str, Any]:
    eaters = {who: eater for who, eater in replay.eaters.items() if eater.group}
    changes = [figures.change_of(eater) for eater in eaters.values()]
    base, trial = sums.base.shown(), sums.trial.shown()
    recorded = figures.recorded(replay.recorded)
    return {
        "policy": draft.code,
        "title": draft.title,
        "division": draft.division,
        "scope": draft.scope,
        "dates_ignored": True,
        "replaces": [policy.code for policy in replaced],
        "months": [str(month) for month in months],
        "lines": sums.base.servings,
        "left_out": recorded["servings"] - sums.base.servings,
        "recorded": recorded,
        "base": base,
        "trial": trial,
        "difference": figures.difference(base, trial),
        "winners": sum(change < 0 for change in changes),
        "losers": sum(change > 0 for change in changes),
        "unchanged": changes.count(0),
        "by_month": [
            {"month": str(month), **_beside(sides)} for month, sides in sums.months.items()
        ],
        **_groups(draft, replaced, eaters),
        "points": sorted(
            (
                {
                    "point": places[point].code,
                    "name": places[point].name,
                    **_beside(sides),
                    "base_delivery_fen": sides[0].delivery_fen,
                    "trial_delivery_fen": sides[1].delivery_fen,
                }
                for point, sides in sums.points.items()
            ),
            key=lambda row: row["point"],
        ),
        "residents": _residents(figures.most_changed(eaters)),
        "year": year_of(sums, sum(month.last_day.day for month in months), now),
    }


def _beside(sides: tuple[Side, Side]) -> dict[str, Any]:
    base, trial = sides
    return {
        "servings": base.servings,
        "base_fen": base.total_fen,
        "trial_fen": trial.total_fen,
        "difference_fen": trial.total_fen - base.total_fen,
        "base_operating_fen": base.operating_fen,
        "trial_operating_fen": trial.operating_fen,
    }


def _groups(
    draft: Policy, replaced: Sequence[Policy], eaters: dict[int, Eater]
) -> dict[str, list[dict[str, Any]]]:
    """Who gains and loses, by the age band, category and town of her last meal."""
    starts = rules.bands(rules.age_edges([draft, *replaced]))
    everybody = list(eaters.values())

    def group(eater: Eater) -> Any:
        return eater.group

    by_band = figures.groups(everybody, lambda one: rules.band_of(starts, group(one).age))
    by_category = figures.groups(everybody, lambda one: rules.category_rank(group(one).category))
    by_town = figures.groups(everybody, lambda one: group(one).division[:9])
    names = division_names(list(by_town))
    return {
        "bands": [{"band": rules.band_name(starts, one), **row} for one, row in by_band.items()],
        "categories": [
            {"category": rules.category_at(one), **row} for one, row in by_category.items()
        ],
        "towns": [
            {"town": code, "name": names.get(code, ""), **row} for code, row in by_town.items()
        ],
    }


def _residents(most: list[tuple[int, Eater]]) -> list[dict[str, Any]]:
    ids = [who for who, _ in most]
    found = db.session.scalars(select(Resident).where(Resident.id.in_(ids)))
    known = {resident.id: resident for resident in found}
    return [
        {
            "resident": known[who].ref,
            "name": mask_name(known[who].name),
            "servings": eater.servings,
            "self_pay_base_fen": eater.price - eater.base_subsidy,
            "self_pay_trial_fen": eater.price - eater.trial_subsidy,
            "change_fen": figures.change_of(eater),
        }
        for who, eater in most
    ]


def places_within(within: str) -> dict[int, Place]:
    """The points that stand within a division, by id."""
    columns = MealPoint.id, MealPoint.code, MealPoint.name, MealPoint.division
    here = MealPoint.division.startswith(within, autoescape=True)
    rows = db.session.execute(select(*columns).where(here)).all()
    return {row.id: Place(row.code, row.name, row.division) for row in rows}
