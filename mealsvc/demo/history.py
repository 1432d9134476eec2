"""Fourteen months of made-up servings: a slow start, habits, holidays, and 85,000 in the end."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import NamedTuple

from mealsvc.demo.district import POINTS, DemoPoint
from mealsvc.demo.stories import KEEPER, Stories
from mealsvc.kernel.meals import LOCAL
from mealsvc.kernel.money import share
from mealsvc.servings.rules import Order

FIRST, LAST = date(2023, 4, 10), date(2024, 5, 31)
TOTAL = 85_000
TAKEN_BACK = 3  # more are recorded in the paid months: a case takes them back (see `cases`)
MAY = date(2024, 5, 1)
SPRING_FESTIVAL = (date(2024, 2, 9), date(2024, 2, 17))
MODES = {"dine_in": 78, "take_away": 13, "delivery": 9}
METHODS = {"card": 86, "qr": 7, "id_card": 5, "manual": 2}
SLIPS = 0.004  # of the servings are slips of the hand: taken back and entered again


class Diner(NamedTuple):
    """An elder who comes to eat: credentials, from when, until when (a day before a departure)."""

    card: str | None
    id_number: str
    home: str
    since: date
    until: date
    habit: float


class Reversal(NamedTuple):
    """A slip taken back: its own key, the key it reverses, when."""

    key: str
    reverses: str
    at: datetime


class Day(NamedTuple):
    """What one day brings: first the servings, then the slips that are taken back."""

    day: date
    orders: list[Order]
    reversals: list[Reversal]
    again: list[Order]


def daily_totals(random: Random) -> dict[date, int]:
    """How many servings remain unreversed on each day; the sum is exactly `TOTAL`."""
    days = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
    may = {day: 760 + 8 * day.day + random.randint(-50, 50) for day in days if day >= MAY}
    before = [day for day in days if day < MAY]
    weights = [
        int(1000 * _rise(number / len(before), day, random)) for number, day in enumerate(before)
    ]
    shares = share(TOTAL + TAKEN_BACK - sum(may.values()), weights)
    return dict(zip(before, shares, strict=True)) | may


def _rise(progress: float, day: date, random: Random) -> float:
    level = 0.045 + 0.955 * progress**4.2
    if SPRING_FESTIVAL[0] <= day <= SPRING_FESTIVAL[1]:
        level *= 0.35
    return level * (0.82 if day.weekday() >= 5 else 1.0) * random.uniform(0.9, 1.1)


def days(diners: Sequence[Diner], random: Random) -> Iterator[Day]:
    """Each day's servings in order of time. Everyone eats once a day, where she usually does."""
    by_town: dict[str, list[Diner]] = defaultdict(list)
    for diner in diners:
        by_town[diner.home[:9]].append(diner)
    pools = {point.code: _pool(point, by_town, diners, random) for point in POINTS}
    told = Stories()
    for day, total in daily_totals(random).items():
        yield _day(day, total, pools, told, random)


def _pool(
    point: DemoPoint, by_town: dict[str, list[Diner]], diners: Sequence[Diner], random: Random
) -> list[Diner]:
    """Who comes to this point: mostly people of its town, a few from anywhere."""
    near = by_town[point.town]
    size = min(len(near), point.weight * 60)
    return random.sample(near, size) + random.sample(list(diners), point.weight * 4)


def _day(
    day: date, total: int, pools: dict[str, list[Diner]], told: Stories, random: Random
) -> Day:
    open_points = [point for point in POINTS if point.opened_on <= day]
    weights = [point.weight * random.randint(90, 110) for point in open_points]
    eaten: set[str] = set()
    orders: list[Order] = []
    for point, wanted in zip(open_points, share(total, weights), strict=True):
        orders += _at_point(point, day, wanted, pools[point.code], eaten, random)
    short = total - len(orders)
    everyone = [diner for pool in pools.values() for diner in pool]
    orders += _at_point(open_points[0], day, short, everyone, eaten, random, first=5000)
    orders = told.altered(day, orders, pools[KEEPER])
    orders.sort(key=lambda order: (order.served_at, order.key))
    slips = [order for order in orders if random.random() < SLIPS]
    reversals = [
        Reversal(f"{slip.key}-R", slip.key, slip.served_at + timedelta(minutes=2)) for slip in slips
    ]
    again = [
        replace(slip, key=f"{slip.key}-2", served_at=slip.served_at + timedelta(minutes=3))
        for slip in slips
    ]
    return Day(day, orders, reversals, again)


def _at_point(
    point: DemoPoint,
    day: date,
    wanted: int,
    pool: list[Diner],
    eaten: set[str],
    random: Random,
    first: int = 1,
) -> list[Order]:
    here = [
        diner for diner in pool if diner.since <= day < diner.until and diner.id_number not in eaten
    ]
    here.sort(key=lambda diner: diner.habit * random.random(), reverse=True)
    coming = here[:wanted]
    eaten.update(diner.id_number for diner in coming)
    return [_order(point, day, diner, number, random) for number, diner in enumerate(coming, first)]


def _order(point: DemoPoint, day: date, diner: Diner, number: int, random: Random) -> Order:
    dinner = point.dinner and random.random() < 0.16
    start, minutes = (time(16, 35), 75) if dinner else (time(10, 40), 105)
    after = timedelta(minutes=random.triangular(0, minutes, minutes * 0.4))
    local = datetime.combine(day, start, LOCAL) + after
    method = _one_of(METHODS, random)
    by_card = diner.card is not None and method != "id_card"
    return Order(
        key=f"DEMO-{day:%Y%m%d}-{point.code}-{number:04d}",
        point=point.code,
        credential=diner.card if by_card and diner.card else diner.id_number,
        served_at=local.replace(microsecond=0).astimezone(UTC),
        meal="dinner" if dinner else "lunch",
        mode=_one_of(MODES, random),
        price_fen=point.price_fen,
        method=method if by_card or method == "manual" else "id_card",
        device=f"{point.code}-平板",
        note="老人未带卡" if method == "manual" else "",
    )


def _one_of(weights: dict[str, int], random: Random) -> str:
    return random.choices(list(weights), list(weights.values()))[0]
