"""Reads a month into `MonthFacts`: a few set-based questions, no row of a person."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import case, func, select

from mealsvc.coverage.services import reaches_on
from mealsvc.kernel.months import Month
from mealsvc.menus.models import MenuItem
from mealsvc.places.models import Division, MealPoint, Operator, PointSuspension
from mealsvc.plumbing.db import db
from mealsvc.reports.facts import Limits, MenuFacts, MonthFacts, PointFacts, Slice
from mealsvc.reports.ledger import NET, own_lines
from mealsvc.reports.people import groups_of, regular_deliveries, served_elders
from mealsvc.servings.models import DailyTally, Decision, Serving
from mealsvc.settings.services import value_on
from mealsvc.settlement.acts import PREVIEW
from mealsvc.settlement.budget_lines import lines_of
from mealsvc.settlement.models import SettlementBatch
from mealsvc.settlement.services import district, settlement_of
from mealsvc.settlement.spending import PAID, fixed_costs
from mealsvc.supervision.logs.models import Purchase
from mealsvc.trail.models import TrailEvent

PARTS = ("大荤", "小荤", "素", "汤", "主食")  # of a set meal (domain: 套餐结构)
AMOUNTS = ("subsidy_fen", "delivery_fen", "operating_fen", "adjustment_fen", "payable_fen")


def gather(month: Month) -> MonthFacts:
    """Everything that the supervision report says about one month."""
    day, here = month.last_day, district()
    limits = _limits(day)
    reaches = tuple(reaches_on(day))
    points = _points()
    codes = {key: point.code for key, point in points.items()}
    days = _days(month, codes)
    settlement = settlement_of(month)["points"]
    towns = {reach.home.town for reach in reaches}
    return MonthFacts(
        month=month,
        district=here,
        district_name=db.session.scalar(select(Division.name).where(Division.code == here)) or here,
        as_of=_as_of(month),
        demo=is_demo(),
        limits=limits,
        names=_names() | {point.code: point.name for point in points.values()},
        managed_towns=tuple(sorted(towns)),
        points=tuple(sorted(points.values(), key=lambda point: point.code)),
        slices=tuple(_slices(month, codes)),
        days=days,
        reaches=reaches,
        active_elders=served_elders(month),
        groups=groups_of(month),
        delivered_communities=regular_deliveries(month, limits.effective_days),
        menus=_menus(month, codes, days),
        settled={name: sum(entry[name] for entry in settlement) for name in AMOUNTS},
        funding=_sum_up(entry["funding"] for entry in settlement),
        committed=_committed(month),
        budget=_budget(month.year),
        paid=_paid(month),
        purchases=_purchases(month),
        reversed_lines=sum(entry["reversed"] for entry in settlement),
    )


def is_demo() -> bool:
    """Whether this installation was filled with the demo district."""
    found = select(TrailEvent.seq).where(TrailEvent.action == "demo.load").limit(1)
    return db.session.scalar(found) is not None


def _limits(day: date) -> Limits:
    def of(key: str, read: Callable[[str], Any] = int) -> Any:
        return read(value_on(key, day))

    return Limits(
        effective_days=of("point.effective_days"),
        effective_meals=of("point.effective_meals"),
        radius_m=of("coverage.radius_m"),
        walk_m=of("coverage.walk_m"),
        gap_pop60=of("coverage.gap_pop60"),
        manual_share=of("audit.manual_share", float),
        rectify_days=of("report.rectify_days"),
        licence_days=of("report.licence_days"),
        price_spread=of("report.price_spread", float),
        concentration=of("report.concentration", float),
    )


def _points() -> dict[int, PointFacts]:
    suspended: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
    for row in db.session.scalars(select(PointSuspension).order_by(PointSuspension.from_on)):
        suspended[row.point_id].append((row.from_on, row.to_on))
    units = {row.id: row.name for row in db.session.execute(select(Operator.id, Operator.name))}
    return {
        row.id: PointFacts(
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
        for row in db.session.scalars(select(MealPoint))
    }


def _names() -> dict[str, str]:
    rows = db.session.execute(select(Division.code, Division.name))
    return {row.code: row.name for row in rows}


def _as_of(month: Month) -> Any:
    return db.session.scalar(select(func.max(Serving.recorded_at)).where(*own_lines(month)))


def _slices(month: Month, codes: Mapping[int, str]) -> Iterable[Slice]:
    tiers = {
        key: json.loads(content).get("tier_name")
        for key, content in db.session.execute(select(Decision.id, Decision.content))
    }
    price = func.abs(Serving.price_fen)
    same = (
        Serving.point_id,
        Serving.age,
        Serving.decision_id,
        Serving.mode,
        Serving.method,
        price,
    )
    rows = db.session.execute(
        select(
            *same,
            NET,
            func.sum(Serving.subsidy_fen),
            func.sum(Serving.self_pay_fen),
        )
        .where(*own_lines(month))
        .group_by(*same)
        .order_by(*same)
    )
    for point, age, decision, mode, method, fen, net, subsidy, paid in rows:
        if net or subsidy or paid:
            yield Slice(
                codes[point],
                age,
                tiers[decision],
                mode,
                method,
                int(fen),
                int(net),
                int(subsidy),
                int(paid),
            )


def _days(month: Month, codes: Mapping[int, str]) -> dict[str, dict[date, int]]:
    net = func.sum(DailyTally.lines - DailyTally.reversals)
    rows = db.session.execute(
        select(DailyTally.point_id, DailyTally.served_on, net)
        .where(DailyTally.settle_month == month.key, ~DailyTally.late)
        .group_by(DailyTally.point_id, DailyTally.served_on)
        .having(net > 0)
        .order_by(DailyTally.point_id, DailyTally.served_on)
    )
    days: dict[str, dict[date, int]] = defaultdict(dict)
    for point, day, count in rows:
        days[codes[point]][day] = int(count)
    return dict(days)


def _menus(
    month: Month, codes: Mapping[int, str], days: Mapping[str, Mapping[date, int]]
) -> MenuFacts:
    mondays = [
        day
        for number in range(month.last_day.day)
        if (day := month.first_day + timedelta(days=number)).weekday() == 0
    ]
    end = month.last_day + timedelta(days=6)
    entered = {
        (codes[point], _monday(day))
        for point, day in db.session.execute(
            select(MenuItem.point_id, MenuItem.served_on)
            .where(
                MenuItem.served_on.between(month.first_day, end), MenuItem.withdrawn_at.is_(None)
            )
            .distinct()
        )
    }
    busy = {(point, _monday(day)) for point, counts in days.items() for day in counts}
    weeks = [(point, monday) for point, monday in busy if monday in mondays]
    parts = func.count(func.distinct(case((MenuItem.kind.in_(PARTS), MenuItem.kind))))
    meals = [
        found
        for (found,) in db.session.execute(
            select(parts)
            .where(
                MenuItem.served_on.between(month.first_day, month.last_day),
                MenuItem.withdrawn_at.is_(None),
            )
            .group_by(MenuItem.point_id, MenuItem.served_on, MenuItem.meal)
            .having(parts > 0)
        )
    ]
    return MenuFacts(
        weeks_with_menu=sum(week in entered for week in weeks),
        weeks_operating=len(weeks),
        meals_complete=sum(found == len(PARTS) for found in meals),
        meals_with_dishes=len(meals),
    )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _committed(month: Month) -> dict[str, int]:
    """What the submitted months of the year so far cost each source, adjustments included."""
    documents = db.session.scalars(
        select(SettlementBatch.document).where(
            SettlementBatch.month.between(month.year * 100 + 1, month.key),
            SettlementBatch.status != PREVIEW,
        )
    )
    read = [json.loads(document) for document in documents]
    return _sum_up(
        [entry["funding"] for entry in read] + [entry["adjustment_funding"] for entry in read]
    )


def _paid(month: Month) -> dict[str, int]:
    """What each source has paid for the months of the year so far."""
    costs = fixed_costs(month.year)
    return _sum_up(one.funding for one in costs if one.stage == PAID and one.month <= month.key)


def _budget(year: int) -> dict[str, int]:
    """What each source gives for the year, the towns' own lines included."""
    return _sum_up({source: fen} for (_, source), fen in lines_of(year).items())


def _purchases(month: Month) -> int:
    bought = Purchase.bought_on.between(month.first_day, month.last_day)
    return db.session.scalar(select(func.count()).select_from(Purchase).where(bought)) or 0


def _sum_up(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    totals: dict[str, int] = defaultdict(int)
    for part in parts:
        for source, fen in part.items():
            totals[source] += fen
    return dict(totals)
