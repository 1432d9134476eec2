"""Pages: charged against filed, posted and public prices, by point, kind and town, with what deviates."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy import select

from mealsvc.kernel.dates import parse_date
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.kernel.text import tidy
from mealsvc.menus import flags
from mealsvc.places.models import Division, MealPoint
from mealsvc.places.rules import KIND_NAMES
from mealsvc.places.scope import point_or_404, points_seen_by, towns_seen
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import current, guard
from mealsvc.servings.models import DailyTally
from mealsvc.supervision.prices import queries, rules
from mealsvc.supervision.prices.rules import PriceFact, Ratio, Spread

LONGEST = 366
RAISED = "raised"
KINDS = {**rules.DEVIATIONS, RAISED: "政策生效前调价"}

bp = Blueprint("supervision_prices", __name__, url_prefix="/supervision/prices")


@dataclass(frozen=True, slots=True)
class Period:
    """The days that a page is about; `fault` says why they are not those that were asked for."""

    from_on: date
    to_on: date
    fault: str = ""

    @property
    def month(self) -> Month | None:
        """The month, where the period is exactly one."""
        month = Month.of(self.from_on)
        whole = (month.first_day, month.last_day) == (self.from_on, self.to_on)
        return month if whole else None

    @property
    def query(self) -> dict[str, str]:
        """The period as it stands in an address."""
        if self.month:
            return {"month": str(self.month)}
        return {"from": str(self.from_on), "to": str(self.to_on)}

    @property
    def months(self) -> list[Month]:
        found = [Month.of(self.from_on)]
        while found[-1] < Month.of(self.to_on):
            found.append(found[-1].next)
        return found


@dataclass(frozen=True, slots=True)
class Group:
    """Some servings: their prices, and elder against public."""

    name: str
    spread: Spread
    ratio: Ratio

    @classmethod
    def of(cls, name: str, facts: Sequence[PriceFact]) -> "Group":
        prices = [(fact.price_fen, fact.servings) for fact in facts]
        return cls(name, rules.spread(prices), rules.elder_ratio(facts))


@bp.get("")
@guard("supervision.read")
def index() -> str:
    period, points = period_asked(), points_asked()
    facts = queries.price_facts(period.from_on, period.to_on, list(points))
    posted = queries.posted_prices(period.from_on, period.to_on, list(points))
    found = rules.deviations(facts, posted)
    by_point = _grouped(facts, lambda fact: fact.point_id)
    rows = [(points[key], Group.of("", own)) for key, own in by_point.items()]
    rows.sort(key=lambda row: row[0].code)
    towns = _town_names()
    kinds = _grouped(facts, lambda fact: points[fact.point_id].kind)
    places = _grouped(facts, lambda fact: points[fact.point_id].division[:9])
    return render_template(
        "supervision/prices/prices.html",
        period=period,
        page=pages_of(rows),
        all=Group.of("", facts),
        kinds=[Group.of(KIND_NAMES[kind], own) for kind, own in sorted(kinds.items())],
        towns=[Group.of(towns.get(town) or town, own) for town, own in sorted(places.items())],
        paid=_paid(period, list(points)),
        undeclared=rules.undeclared_changes(found),
        deviating=_by_point(found),
        choices=towns_seen(),
    )


@bp.get("/deviations")
@guard("supervision.read")
def deviations() -> str:
    """What was charged or posted otherwise than filed, and rises shortly before a policy."""
    period, points = period_asked(), points_asked()
    kind = request.args.get("kind", "")
    ids = list(points)
    facts = queries.price_facts(period.from_on, period.to_on, ids)
    posted = queries.posted_prices(period.from_on, period.to_on, ids)
    found = rules.deviations(facts, posted)
    raised = [
        flag
        for flag in flags.flagged(points_seen_by(current()), local_date(clock.now()))
        if flag.place.id in points and flag.change.rises
        if period.from_on <= flag.change.price.effective_from <= period.to_on
    ]
    counted = {name: sum(one.kind == name for one in found) for name in rules.DEVIATIONS}
    return render_template(
        "supervision/prices/deviations.html",
        period=period,
        page=pages_of([one for one in found if kind in ("", one.kind)]),
        raised=raised if kind in ("", RAISED) else [],
        counts=counted | {RAISED: len(raised)},
        points=points,
        kinds=KINDS,
        choices=towns_seen(),
    )


@bp.get("/<code>")
@guard("supervision.read")
def point(code: str) -> str:
    """One point's prices, each with the days and months whose servings stand behind it."""
    place, period = point_or_404(code), period_asked()
    facts = queries.price_facts(period.from_on, period.to_on, [place.id])
    posted = queries.posted_prices(period.from_on, period.to_on, [place.id])
    months = _grouped(facts, lambda fact: Month.of(fact.served_on))
    return render_template(
        "supervision/prices/point.html",
        place=place,
        period=period,
        all=Group.of("", facts),
        prices=list(_grouped(facts, lambda fact: (fact.meal, fact.price_fen)).items()),
        months=[(month, Group.of("", own)) for month, own in sorted(months.items())],
        deviations=rules.deviations(facts, posted),
        paid=_paid(period, [place.id]),
    )


def period_asked() -> Period:
    """From and to in the address, else the month there, else the latest month with servings.

    Days that make no sense, turned round or more than a year give the month, and say so.
    """
    fault = ""
    if request.args.get("from") or request.args.get("to"):
        try:
            asked = Period(parse_date(request.args["from"]), parse_date(request.args["to"]))
        except (KeyError, ValueError):
            fault = "请写起止两个日期，如 20240501 和 20240531。"
        else:
            ahead = asked.to_on.year == date.max.year  # nothing can follow, not even its week
            if 0 <= (asked.to_on - asked.from_on).days < LONGEST and not ahead:
                return asked
            fault = "起止日期要先后有序，最长一年。"
    month = pages.month_asked() or _latest_month()
    return Period(month.first_day, month.last_day, fault)


def points_asked() -> dict[int, MealPoint]:
    """The points within the scope, of the town in the address if one is named."""
    rows = select(MealPoint).where(points_seen_by(current())).order_by(MealPoint.code)
    if town := tidy(request.args.get("town", "")):
        rows = rows.where(MealPoint.division.startswith(town, autoescape=True))
    return {one.id: one for one in db.session.scalars(rows)}


def pages_of(rows: Sequence[Any]) -> pages.Page:
    """One page of rows that were worked out already."""
    number, size = pages.page_asked(), pages.size_asked()
    first = (number - 1) * size
    shown = rows[first : first + size]
    return pages.Page(shown, number, len(rows) > first + size, total=len(rows), per_page=size)


def _paid(period: Period, ids: list[int]) -> dict[str, list[tuple[str, int, Any]]]:
    """N23 as rows of (name, servings, mean) under `all`, `band` and `tier`."""
    rows = queries.self_pay(period.from_on, period.to_on, ids)
    found = {"all": [("合计", *rules.mean_paid(rows))]}
    for key in ("band", "tier"):
        groups = rules.by_key(rows, key).items()
        found[key] = [(name, *rules.mean_paid(own)) for name, own in groups]
    return found


def _by_point(found: Iterable[rules.Deviation]) -> dict[int, int]:
    counted: dict[int, int] = defaultdict(int)
    for one in found:
        counted[one.point_id] += 1
    return counted


def _grouped(
    facts: Iterable[PriceFact], key: Callable[[PriceFact], Any]
) -> dict[Any, list[PriceFact]]:
    found: dict[Any, list[PriceFact]] = defaultdict(list)
    for fact in facts:
        found[key(fact)].append(fact)
    return dict(found)


def _town_names() -> dict[str, str]:
    rows = select(Division.code, Division.name).where(Division.level == "town")
    return {row.code: row.name for row in db.session.execute(rows)}


def _latest_month() -> Month:
    latest = select(DailyTally.settle_month).order_by(DailyTally.settle_month.desc()).limit(1)
    key = db.session.scalar(latest)
    return Month.from_key(key) if key else Month.of(local_date(clock.now()))
