"""What is known of a month's points: place, hours, usual days, purchases, logs, visits, drawers."""

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date, time, timedelta
from math import cos, nan, radians
from typing import Any

from sqlalchemy import func, or_, select

from mealsvc.auditing.scanning.rules.view import MEALS, Point, day_number
from mealsvc.kernel.distance import EARTH_RADIUS_M
from mealsvc.kernel.meals import LOCAL
from mealsvc.kernel.months import Month
from mealsvc.menus.register import filed_prices
from mealsvc.places.models import MealPoint, PointSuspension
from mealsvc.places.rules import POINT
from mealsvc.plumbing.db import db
from mealsvc.policies.register import policies_in_force
from mealsvc.servings.models import DailyTally, DayClose
from mealsvc.supervision.logs.models import LogEntry, Purchase
from mealsvc.supervision.visits.models import Visit

USUAL_MONTHS, BOUGHT_MONTHS = 6, 3  # how far back the usual counts and the purchases are read
SIGNED = "signed"
HOURS = {"lunch": "lunch_hours", "dinner": "dinner_hours"}


class Places:
    """The points of a month; `codes` names the ones wanted (None: all)."""

    def __init__(self, month: Month, codes: Collection[str] | None) -> None:
        self.month = month
        rows = select(MealPoint).order_by(MealPoint.code)
        if codes is not None:
            rows = rows.where(MealPoint.code.in_(codes))
        self.rows = {row.id: row for row in db.session.scalars(rows)}
        self.flat = _flattening([(row.lon, row.lat) for row in self.rows.values()])
        self._shut = self._suspensions()
        self._visits = self._headcounts()
        self._filed = self._prices()

    def plain(self, number: int) -> Point:
        """A point with what stands in its own row."""
        row = self.rows[number]
        x, y = self.flat(row.lon, row.lat)
        return Point(
            id=row.id,
            code=row.code,
            name=row.name,
            kind=row.kind,
            seats=row.seats,
            daily_capacity=row.daily_capacity,
            x=x,
            y=y,
            hours=_hours(row),
        )

    def known(self, number: int) -> Point:
        """A point with all that is known of it."""
        return replace(
            self.plain(number),
            closed_days=self._closed(number),
            counts=self._counts(number),
            purchases=self._purchases(number),
            logged=self._logged(number),
            headcounts=tuple(self._visits.get(number, ())),
            drawers=self._drawers(number),
            filed=tuple(self._filed.get(number, ())),
        )

    def policy_starts(self, number: int) -> tuple[int, ...]:
        """The days on which a policy that covers the point began."""
        division = self.rows[number].division
        starts = (one.effective_from for one in policies_in_force() if one.covers(division))
        return tuple(sorted({day_number(day) for day in starts}))

    def _suspensions(self) -> dict[int, list[tuple[date, date]]]:
        first, last = self.month.first_day, self.month.last_day
        rows = db.session.execute(
            select(PointSuspension.point_id, PointSuspension.from_on, PointSuspension.to_on).where(
                PointSuspension.scope == POINT,
                PointSuspension.from_on <= last,
                or_(PointSuspension.to_on.is_(None), PointSuspension.to_on >= first),
            )
        )
        found: defaultdict[int, list[tuple[date, date]]] = defaultdict(list)
        for row in rows:
            found[row.point_id].append((row.from_on, row.to_on or last))
        return found

    def _closed(self, number: int) -> frozenset[int]:
        row, first = self.rows[number], self.month.first_day
        opened, closed = row.opened_on or date.min, row.closed_on or date.max
        spans = self._shut.get(number, ())
        days = (first + timedelta(days=day) for day in range(self.month.last_day.day))
        return frozenset(
            day_number(day)
            for day in days
            if not opened <= day <= closed or any(one <= day <= other for one, other in spans)
        )

    def _counts(self, number: int) -> dict[tuple[int, int], int]:
        """The point's servings of each earlier day and meal, late ones too, net of reversals."""
        first = months_back(self.month, USUAL_MONTHS).first_day
        rows = db.session.execute(
            select(
                DailyTally.served_on,
                DailyTally.meal,
                func.sum(DailyTally.lines - DailyTally.reversals),
            )
            .where(
                DailyTally.settle_month.between(Month.of(first).key, self.month.previous.key),
                DailyTally.point_id == number,
                DailyTally.served_on.between(first, self.month.previous.last_day),
            )
            .group_by(DailyTally.served_on, DailyTally.meal)
        )
        return {(day_number(day), MEALS.index(meal)): int(net) for day, meal, net in rows if net}

    def _purchases(self, number: int) -> tuple[tuple[int, str, float], ...]:
        first = months_back(self.month, BOUGHT_MONTHS).first_day
        rows = db.session.execute(
            select(Purchase.bought_on, Purchase.item, Purchase.quantity_kg)
            .where(
                Purchase.point_id == number,
                Purchase.bought_on.between(first, self.month.last_day),
                Purchase.quantity_kg.is_not(None),
            )
            .order_by(Purchase.bought_on, Purchase.id)
        )
        return tuple((day_number(day), item, float(kg or 0)) for day, item, kg in rows)

    def _logged(self, number: int) -> dict[int, frozenset[str]]:
        rows = db.session.execute(
            select(LogEntry.day, LogEntry.kind)
            .where(
                LogEntry.point_id == number,
                LogEntry.day.between(self.month.first_day, self.month.last_day),
                LogEntry.withdrawn_at.is_(None),
            )
            .distinct()
        )
        found: defaultdict[int, set[str]] = defaultdict(set)
        for day, kind in rows:
            found[day_number(day)].add(kind)
        return {day: frozenset(kinds) for day, kinds in found.items()}

    def _headcounts(self) -> dict[int, list[tuple[int, int, int, int]]]:
        first, last = self.month.first_day, self.month.last_day
        rows = db.session.execute(
            select(Visit.point_id, Visit.counted_at, Visit.counted, Visit.system_count)
            .where(
                Visit.planned_on.between(first - timedelta(days=31), last),
                Visit.status == SIGNED,
                Visit.counted_at.is_not(None),
            )
            .order_by(Visit.counted_at)
        )
        found: defaultdict[int, list[tuple[int, int, int, int]]] = defaultdict(list)
        for point, at, counted, recorded in rows:
            if at is None or counted is None or recorded is None:
                continue
            local = at.astimezone(LOCAL)
            if local.date() in self.month:
                second = local.hour * 3600 + local.minute * 60 + local.second
                found[point].append((day_number(local.date()), second, counted, recorded))
        return found

    def _drawers(self, number: int) -> tuple[tuple[int, int, int], ...]:
        """The last closing of each day: what was recorded and what was taken in."""
        rows = db.session.execute(
            select(
                DayClose.served_on, DayClose.self_pay_fen, DayClose.drawer_fen + DayClose.other_fen
            )
            .where(
                DayClose.point_id == number,
                DayClose.served_on.between(self.month.first_day, self.month.last_day),
            )
            .order_by(DayClose.served_on, DayClose.number)
        )
        latest = {day: (recorded, taken) for day, recorded, taken in rows}
        return tuple((day_number(day), *fen) for day, fen in sorted(latest.items()))

    def _prices(self) -> dict[int, list[tuple[int, int, int]]]:
        found: defaultdict[int, list[tuple[int, int, int]]] = defaultdict(list)
        for (point, meal), prices in filed_prices().items():
            for price in prices:
                if not price.ended:
                    since = day_number(price.effective_from)
                    found[point].append((MEALS.index(meal), since, price.elder_fen))
        return found


def months_back(month: Month, number: int) -> Month:
    """The month so many months earlier."""
    for _ in range(number):
        month = month.previous
    return month


def _hours(row: MealPoint) -> dict[int, tuple[int, int]]:
    hours = {}
    for meal, column in HOURS.items():
        opens, _, closes = getattr(row, column).partition("-")
        if closes:
            hours[MEALS.index(meal)] = (_second(opens), _second(closes))
    return hours


def _second(text: str) -> int:
    told = time.fromisoformat(text)
    return told.hour * 3600 + told.minute * 60


def _flattening(
    positions: list[tuple[float | None, float | None]],
) -> Callable[[float | None, float | None], tuple[float, float]]:
    """Degrees to metres east and north of the middle of these positions; NaN where unknown."""
    known = [(lon, lat) for lon, lat in positions if lon is not None and lat is not None]
    lon_0 = sum(lon for lon, _ in known) / len(known) if known else 0.0
    lat_0 = sum(lat for _, lat in known) / len(known) if known else 0.0
    north = radians(1) * EARTH_RADIUS_M
    east = north * cos(radians(lat_0))

    def flat(lon: Any, lat: Any) -> tuple[float, float]:
        if lon is None or lat is None:
            return nan, nan
        return (lon - lon_0) * east, (lat - lat_0) * north

    return flat
