"""Everything about the points that anybody may know, read at once and kept for a minute."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select

from mealsvc.menus.models import MenuDay
from mealsvc.menus.queries import MealMenu, week_menus
from mealsvc.menus.rules import NO_ALLERGENS, diet_names, marks, monday_of
from mealsvc.places.grades import stars_on
from mealsvc.places.models import Division, MealPoint, PointSuspension
from mealsvc.places.rules import KIND_NAMES, KITCHEN, POINT, is_hours, status_on
from mealsvc.plumbing.db import db
from mealsvc.policies.tiers import PriceRow, tariff
from mealsvc.public.kept import kept
from mealsvc.public.rules import KIND_WORDS, Hours
from mealsvc.supervision.findings.published import Result, last_of
from mealsvc.supervision.prices.bands import price_rows


@dataclass(frozen=True, slots=True)
class Area:
    """A town or community."""

    code: str
    name: str
    level: str
    lon: float | None
    lat: float | None


@dataclass(frozen=True, slots=True)
class Place:
    """A point as citizens see it. `stopped` is the span of a suspension that covers the day,
    `withheld` whether its subsidy is suspended."""

    id: int
    code: str
    name: str
    kind: str
    kind_words: str
    division: str
    areas: tuple[str, ...]
    address: str
    lon: float | None
    lat: float | None
    seats: int | None
    hours: Hours
    status: str
    opened_on: date | None
    closed_on: date | None
    stopped: tuple[date, date | None] | None
    withheld: bool
    stars: int | None
    checked: Result | None
    prices: tuple[PriceRow, ...]

    @property
    def town(self) -> str:
        return self.division[:9]

    @property
    def listed(self) -> bool:
        """Closed points keep a page, for whoever scans an old poster, and leave the lists."""
        return self.status != "point_closed"

    @property
    def where(self) -> str:
        """The address with its town and community, each said once."""
        return "".join([*(name for name in self.areas if name not in self.address), self.address])

    @property
    def tariff(self) -> list[tuple[tuple[str, ...], PriceRow]]:
        return tariff(self.prices)

    @property
    def cheapest(self) -> list[tuple[str, int]]:
        """What each age pays at least for a main meal."""
        least: dict[str, int] = {}
        for row in self.prices:
            for tier in row.tiers:
                pays = row.elder_fen if self.withheld else tier.self_pay_fen
                least[tier.label] = min(pays, least.get(tier.label, pays))
        return list(least.items())


@dataclass(frozen=True, slots=True)
class Board:
    """The points that serve citizens by code, in order of code, and the areas they ask by."""

    day: date
    places: Mapping[str, Place]
    areas: Mapping[str, Area]

    @property
    def listed(self) -> list[Place]:
        return [place for place in self.places.values() if place.listed]

    @property
    def towns(self) -> list[Area]:
        """Towns in which somebody lives or eats."""
        used = {code[:9] for code in self.areas if len(code) == 12}
        used |= {place.town for place in self.places.values()}
        return [area for area in self.areas.values() if area.level == "town" and area.code in used]

    def communities(self, town: str) -> list[Area]:
        return [
            area
            for area in self.areas.values()
            if area.level == "community" and area.code.startswith(town)
        ]


@dataclass(frozen=True, slots=True)
class Dish:
    """One dish as it was made public; `cancelled` since then."""

    name: str
    price_fen: int | None
    allergens: tuple[str, ...]
    no_allergens: bool
    diet: tuple[str, ...]
    cancelled: bool


@dataclass(frozen=True, slots=True)
class MealOn:
    """One published meal; `changing`: something was changed since and is not public yet."""

    day: date
    meal: str
    dishes: tuple[Dish, ...]
    changing: bool


@dataclass(frozen=True, slots=True)
class Week:
    """The published menus of the week from `monday` on; `now`: it is the week of today."""

    monday: date
    now: bool
    meals: tuple[MealOn, ...]

    def by_day(self) -> list[tuple[date, list[MealOn]]]:
        days = dict.fromkeys(meal.day for meal in self.meals)
        return [(day, [meal for meal in self.meals if meal.day == day]) for day in days]


def board(day: date) -> Board:
    """As it stands; at most a minute old."""
    return kept(("board", day), lambda: _read(day))


def week_of(place: Place, day: date) -> Week | None:
    """The week's published menus, else those of the last week that has any; None where none has."""
    return kept(("week", place.id, day), lambda: _week(place.id, day))


def _read(day: date) -> Board:
    # a kitchen without seats serves other points and nobody who comes to its door
    serves = or_(MealPoint.kind != KITCHEN, func.coalesce(MealPoint.seats, 0) > 0)
    points = list(db.session.scalars(select(MealPoint).where(serves).order_by(MealPoint.code)))
    ids = [point.id for point in points]
    areas = {
        row.code: Area(row.code, row.name, row.level, row.lon, row.lat)
        for row in db.session.execute(
            select(
                Division.code, Division.name, Division.level, Division.lon, Division.lat
            ).order_by(Division.code)
        )
    }
    stops = _stops(day)
    stars, checked, prices = stars_on(ids, day), last_of(ids), price_rows(points, day)
    places = {}
    for point in points:
        stopped = stops.get((point.id, POINT))
        places[point.code] = Place(
            id=point.id,
            code=point.code,
            name=point.name,
            kind=KIND_NAMES.get(point.kind, point.kind),
            kind_words=KIND_WORDS.get(point.kind, ""),
            division=point.division,
            areas=_area(point.division, areas),
            address=point.address,
            lon=point.lon,
            lat=point.lat,
            seats=point.seats or None,
            hours=_hours(point),
            status=status_on(day, point.opened_on, point.closed_on, stopped is not None),
            opened_on=point.opened_on,
            closed_on=point.closed_on,
            stopped=stopped,
            withheld=any(key[0] == point.id and key[1] != POINT for key in stops),
            stars=stars.get(point.id),
            checked=checked.get(point.id),
            prices=prices[point.id],
        )
    return Board(day, places, areas)


def _stops(day: date) -> dict[tuple[int, str], tuple[date, date | None]]:
    """Suspensions that cover the day, by point and scope; of several the one that ends last."""
    rows = db.session.execute(
        select(
            PointSuspension.point_id,
            PointSuspension.scope,
            PointSuspension.from_on,
            PointSuspension.to_on,
        )
        .where(
            PointSuspension.from_on <= day,
            or_(PointSuspension.to_on.is_(None), PointSuspension.to_on >= day),
        )
        .order_by(PointSuspension.id)
    )
    found: dict[tuple[int, str], tuple[date, date | None]] = {}
    for point, scope, from_on, to_on in rows:
        known = found.get((point, scope))
        if known is None or (known[1] is not None and (to_on is None or to_on > known[1])):
            found[point, scope] = (from_on, to_on)
    return found


def _area(division: str, areas: Mapping[str, Area]) -> tuple[str, ...]:
    """镇 and 社区 in which it stands."""
    codes = dict.fromkeys((division[:9], division))
    return tuple(areas[code].name for code in codes if code in areas)


def _hours(point: MealPoint) -> Hours:
    written = (("lunch", point.lunch_hours), ("dinner", point.dinner_hours))
    return tuple((meal, hours) for meal, hours in written if is_hours(hours))


def _week(point_id: int, day: date) -> Week | None:
    monday = monday_of(day)
    this = _published(point_id, monday)
    if this:
        return Week(monday, True, this)
    last = db.session.scalar(
        select(func.max(MenuDay.served_on)).where(
            MenuDay.point_id == point_id, MenuDay.served_on < monday
        )
    )
    if last is None:
        return None
    return Week(monday_of(last), False, _published(point_id, monday_of(last)))


def _published(point_id: int, monday: date) -> tuple[MealOn, ...]:
    return tuple(
        MealOn(
            menu.day,
            menu.meal,
            _dishes(menu, menu.published.published_at),
            menu.state == "changed",
        )
        for menu in week_menus(point_id, monday).values()
        if menu.published is not None
    )


def _dishes(menu: MealMenu, since: datetime) -> tuple[Dish, ...]:
    """What was changed after it was made public is left out until it is public again."""
    return tuple(
        Dish(
            item.name,
            item.price_fen,
            tuple(mark for mark in marks(item.allergens) if mark != NO_ALLERGENS),
            NO_ALLERGENS in marks(item.allergens),
            diet_names(item.diet),
            item.withdrawn_at is not None,
        )
        for item in menu.items
        if item.withdrawn_at is not None or item.changed_at is None or item.changed_at <= since
    )
