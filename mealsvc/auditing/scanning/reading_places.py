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
AT_ONCE = 50  # points whose days are read together
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
        self._policies = policies_in_force()
        self._usual: dict[int, dict[str, Any]] = {}

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
        """A point with all that is known of it; ask in the order of `rows`."""
        if number not in self._usual:
            self._usual = self._read_some(number)
        return replace(
            self.plain(number),
            closed_days=self._closed(number),
            headcounts=tuple(self._visits.get(number, ())),
            filed=tuple(self._filed.get(number, ())),
            **self._usual[number],
        )

    def policy_starts(self, number: int) -> tuple[int, ...]:
        """The days on which a policy that covers the point began."""
        division = self.rows[number].division
        starts = (one.effective_from for one in self._policies if one.covers(division))
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

    def _read_some(self, number: int) -> dict[int, dict[str, Any]]:
        """What is kept by day, of this point and the ones after it."""
        numbers = list(self.rows)
        start = numbers.index(number)
        some = numbers[start : start + AT_ONCE]
        counts, logged = self._counts(some), self._logged(some)
        purchases, drawers = self._purchases(some), self._drawers(some)
        return {
            one: {
                "counts": counts.get(one, {}),
                "purchases": tuple(purchases.get(one, ())),
                "logged": logged.get(one, {}),
                "drawers": tuple(drawers.get(one, ())),
            }
            for one in some
        }

    def _counts(self, some: list[int]) -> dict[int, dict[tuple[int, int], int]]:
        """Servings of each earlier day and meal, late ones too, net of reversals."""
        first = months_back(self.month, USUAL_MONTHS).first_day
        rows = db.session.execute(
            select(
                DailyTally.point_id,
                DailyTally.served_on,
                DailyTally.meal,
                func.sum(DailyTally.lines - DailyTally.reversals),
            )
            .where(
                DailyTally.settle_month.between(Month.of(first).key, self.month.previous.key),
                DailyTally.point_id.in_(some),
                DailyTally.served_on.between(first, self.month.previous.last_day),
            )
            .group_by(DailyTally.point_id, DailyTally.served_on, DailyTally.meal)
        )
        found: dict[int, dict[tuple[int, int], int]] = {one: {} for one in some}
        for point, day, meal, net in rows:
            if net:
                found[point][day_number(day), MEALS.index(meal)] = int(net)
        return found

    def _purchases(self, some: list[int]) -> dict[int, list[tuple[int, str, float]]]:
        first = months_back(self.month, BOUGHT_MONTHS).first_day
        rows = db.session.execute(
            select(Purchase.point_id, Purchase.bought_on, Purchase.item, Purchase.quantity_kg)
            .where(
                Purchase.point_id.in_(some),
                Purchase.bought_on.between(first, self.month.last_day),
                Purchase.quantity_kg.is_not(None),
            )
            .order_by(Purchase.bought_on, Purchase.id)
        )
        found: defaultdict[int, list[tuple[int, str, float]]] = defaultdict(list)
        for point, day, item, kg in rows:
            found[point].append((day_number(day), item, float(kg or 0)))
        return found

    def _logged(self, some: list[int]) -> dict[int, dict[int, frozenset[str]]]:
        rows = db.session.execute(
            select(LogEntry.point_id, LogEntry.day, LogEntry.kind)
            .where(
                LogEntry.point_id.in_(some),
                LogEntry.day.between(self.month.first_day, self.month.last_day),
                LogEntry.withdrawn_at.is_(None),
            )
            .distinct()
        )
        found: defaultdict[int, defaultdict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        for point, day, kind in rows:
            found[point][day_number(day)].add(kind)
        return {
            point: {day: frozenset(kinds) for day, kinds in days.items()}
            for point, days in found.items()
        }

    def _drawers(self, some: list[int]) -> dict[int, list[tuple[int, int, int]]]:
        """The last closing of each day: what was recorded and what was taken in."""
        rows = db.session.execute(
            select(
                DayClose.point_id,
                DayClose.served_on,
                DayClose.self_pay_fen,
                DayClose.drawer_fen + DayClose.other_fen,
            )
            .where(
                DayClose.point_id.in_(some),
                DayClose.served_on.between(self.month.first_day, self.month.last_day),
            )
            .order_by(DayClose.served_on, DayClose.number)
        )
        latest = {(point, day): fen for point, day, *fen in rows}
        found: defaultdict[int, list[tuple[int, int, int]]] = defaultdict(list)
        for (point, day), (recorded, taken) in latest.items():
            found[point].append((day_number(day), recorded, taken))
        return found

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
