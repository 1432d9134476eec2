"""Reads a time into `Facts`: a fixed number of set-based questions, no name of a person."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import func, select

from mealsvc.coverage.rules import walk_of
from mealsvc.coverage.services import reaches_on
from mealsvc.places.models import Division, MealPoint, Operator, PointSuspension
from mealsvc.plumbing.db import db
from mealsvc.reports import (
    case_facts,
    ledger,
    log_facts,
    money_facts,
    oversight,
    people,
    unit_facts,
    voice_facts,
)
from mealsvc.reports.facts import Facts, Limits, Lines
from mealsvc.reports.period import Period
from mealsvc.reports.point_facts import DISTRICT, TOWN_DIGITS, Place, PointFacts
from mealsvc.settings.services import value_on
from mealsvc.settlement.services import district
from mealsvc.supervision.logs.models import Purchase
from mealsvc.supervision.prices.standards import menu_facts
from mealsvc.trail.models import TrailEvent

Found = dict[str, Any]
"""Fields of `Facts`."""


class Scene:
    """What several parts need: the time, the points as they stand, their codes, the thresholds."""

    def __init__(self, period: Period):
        self.period, self.limits = period, limits_of(period)
        self.places = {place.id: place for place in db.session.scalars(select(MealPoint))}
        self.codes = {key: place.code for key, place in self.places.items()}

    @cached_property
    def days(self) -> Mapping[str, Mapping[date, int]]:
        return ledger.days_of(self.period, self.codes)

    @cached_property
    def worked(self) -> Mapping[str, frozenset[date]]:
        return log_facts.worked_days(self.points, self.days)

    @cached_property
    def points(self) -> tuple[PointFacts, ...]:
        return _points(self.places)


def gather(period: Period, parts: Collection[str] | None = None) -> Facts:
    """Everything that the supervision report says about a time of the whole district.

    `parts` (of `PARTS`) leaves out what nobody asks for; points, days and names are always there.
    """
    scene, here = Scene(period), district()
    names = _names()
    facts = Facts(
        period=period,
        place=Place(DISTRICT, here, names.get(here, here)),
        district=here,
        district_name=names.get(here, here),
        as_of=None,
        demo=is_demo(),
        limits=scene.limits,
        names=names | {point.code: point.name for point in scene.points},
        managed_towns=(),
        points=scene.points,
        days=scene.days,
    )
    for name, read in PARTS.items():
        if parts is None or name in parts:
            found = read(scene, here)
            kept = facts.kept | found.pop("kept", frozenset())
            facts = replace(facts, kept=kept, **found)
    return facts


def is_demo() -> bool:
    """Whether this installation was filled with the demo district."""
    found = select(TrailEvent.seq).where(TrailEvent.action == "demo.load").limit(1)
    return db.session.scalar(found) is not None


def limits_of(period: Period) -> Limits:
    """The thresholds of the last day."""
    day = period.last_day

    def of(key: str, read: Callable[[str], Any] = int) -> Any:
        return read(value_on(key, day))

    return Limits(
        effective_days=period.scaled(of("point.effective_days")),
        effective_meals=of("point.effective_meals"),
        radius_m=of("coverage.radius_m"),
        walk_m=of("coverage.walk", walk_of).metres,
        walk=of("coverage.walk", walk_of).words,
        near_m=of("coverage.near_m"),
        gap_pop60=of("coverage.gap_pop60"),
        manual_share=of("audit.manual_share", float),
        rectify_days=of("report.rectify_days"),
        licence_days=of("report.licence_days"),
        price_spread=of("report.price_spread", float),
        concentration=of("report.concentration", float),
        satisfaction=of("satisfaction.target", float),
        least_answers=of("satisfaction.least_answers"),
        settle_days=of("payment.days"),
        drill_months=of("drill.months"),
    )


def _points(places: Mapping[int, MealPoint]) -> tuple[PointFacts, ...]:
    suspended: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
    stopped = select(PointSuspension).where(PointSuspension.scope == "point")
    for row in db.session.scalars(stopped.order_by(PointSuspension.from_on)):
        suspended[row.point_id].append((row.from_on, row.to_on))
    units = {row.id: row.name for row in db.session.execute(select(Operator.id, Operator.name))}
    found = [
        PointFacts(
            code=row.code,
            name=row.name,
            kind=row.kind,
            division=row.division,
            unit=units.get(row.operator_id or 0, ""),
            seats=row.seats or 0,
            daily_capacity=row.daily_capacity or 0,
            opened_on=row.opened_on,
            closed_on=row.closed_on,
            licence_no=row.licence_no,
            licence_expires_on=row.licence_expires_on,
            supplier=row.supplier,
            suspended=tuple(suspended[row.id]),
        )
        for row in places.values()
    ]
    return tuple(sorted(found, key=lambda point: point.code))


def _names() -> dict[str, str]:
    rows = db.session.execute(select(Division.code, Division.name))
    return {row.code: row.name for row in rows}


def _ledger(scene: Scene, here: str) -> Found:
    slices, as_of = ledger.slices_of(scene.period, scene.codes)
    reversals = ledger.reversals_of(scene.period, scene.codes)
    return {"slices": slices, "as_of": as_of, "reversals": reversals}


def _coverage(scene: Scene, here: str) -> Found:
    reaches = tuple(reaches_on(scene.period.last_day))
    return {"reaches": reaches, "managed_towns": tuple(sorted({r.home.town for r in reaches}))}


def _people(scene: Scene, here: str) -> Found:
    fed, brought = people.served_and_brought(scene.period)
    towns = {key: place.division[:TOWN_DIGITS] for key, place in scene.places.items()}
    groups = people.groups_by_place(scene.period.last_day, fed, brought)
    return {
        "elders": _at_home(people.elders_by_place(fed, scene.codes, towns), here),
        "groups": _at_home(groups, here),
        "delivered_communities": people.regular_deliveries(
            scene.period, scene.limits.effective_days
        ),
    }


def _lines_at_home(lines: Lines, here: str) -> Lines:
    """What no line of the budget pays is the district's to explain."""
    return {(division or here, source): fen for (division, source), fen in lines.items()}


def _at_home(counted: dict[str, Any], here: str) -> dict[str, Any]:
    """The district's own figures under its code."""
    return {place or here: value for place, value in counted.items()}


def _money(scene: Scene, here: str) -> Found:
    claims = money_facts.claims(scene.period, scene.places)
    budget, committed, paid = money_facts.budget_of(scene.period, claims, scene.places)
    return {
        "money": money_facts.money_of(scene.period, claims, scene.codes),
        "budget": budget,
        "committed": _lines_at_home(committed, here),
        "paid": _lines_at_home(paid, here),
        "batches": money_facts.batches_of(scene.period, scene.codes, scene.limits.settle_days),
        "kept": frozenset({"approved"} if money_facts.ever_approved(scene.period) else ()),
    }


def _menus(scene: Scene, here: str) -> Found:
    found = menu_facts(scene.period.first_day, scene.period.last_day)
    return {"menus": {scene.codes[point]: counts for point, counts in found.items()}}


def _purchases(scene: Scene, here: str) -> Found:
    rows = db.session.execute(
        select(Purchase.point_id, func.count())
        .where(Purchase.bought_on.between(scene.period.first_day, scene.period.last_day))
        .group_by(Purchase.point_id)
    )
    return {"purchases": {scene.codes[point]: int(count) for point, count in rows}}


PARTS: dict[str, Callable[[Scene, str], Found]] = {
    "coverage": _coverage,
    "ledger": _ledger,
    "people": _people,
    "money": _money,
    "menus": _menus,
    "purchases": _purchases,
    "visits": lambda scene, _: oversight.visits_part(scene.period, scene.codes),
    "orders": lambda scene, _: oversight.orders_part(scene.period, scene.codes),
    "logs": lambda scene, _: log_facts.logs_part(
        scene.period, scene.points, scene.codes, scene.worked
    ),
    "units": lambda scene, _: unit_facts.units_part(scene.period, scene.codes, scene.worked),
    "prices": lambda scene, _: voice_facts.prices_part(scene.period, scene.codes),
    "voices": lambda scene, _: voice_facts.voices_part(scene.period, scene.codes),
    "cases": lambda scene, _: case_facts.cases_part(scene.period, scene.codes),
}
"""Parts of the facts, each read by its own questions."""
