"""A district of points and elders, different with every seed: sizes, habits, devices, clocks."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np

from mealsvc.auditing.scanning.rules.view import DINNER, LUNCH, day_number

MINUTE, HOUR = 60, 3600
KINDS = ("community_canteen", "serving_point", "partner_restaurant", "institution_canteen")
SIDE = 9_000.0  # metres across the district


@dataclass
class Style:
    """How this world keeps its records."""

    step: int  # times are rounded down to so many seconds
    history: int  # months before the one judged
    devices: bool
    operators: bool
    card_only: bool
    manual: float  # share of honest entries typed by hand
    punctual: float  # share of elders who come to the minute
    scale: float


@dataclass
class Spot:
    """A meal point, and how it works."""

    code: str
    name: str
    kind: str
    x: float
    y: float
    division: str
    seats: int | None
    capacity: int | None
    hours: dict[int, tuple[int, int]]
    told_hours: bool
    weekdays_closed: frozenset[int]
    price: dict[int, int]
    pace: tuple[float, float]  # seconds that the till needs for one elder
    delivers: bool
    round_at_once: bool  # the courier confirms the whole round at its end
    table: bool  # a village table: everybody at the stroke of the gong
    rice: float  # grams a serving
    buys_every: int  # days


@dataclass
class Elders:
    """Columns of everybody registered."""

    home: np.ndarray
    second: np.ndarray  # another point visited now and then, or -1
    rate: np.ndarray  # (n, 3) probability of coming on an open day
    at: np.ndarray  # (n, 3) habitual second of the day
    spread: np.ndarray  # (n,) seconds
    partner: np.ndarray  # the one they always come with (leads), or -1
    delivered: np.ndarray
    takes_away: np.ndarray
    daily: np.ndarray
    sleeper: np.ndarray
    newcomer: np.ndarray
    birth: np.ndarray
    sex: np.ndarray
    enrolled: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    phone: np.ndarray
    x: np.ndarray
    y: np.ndarray
    twin_of: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))

    def __len__(self) -> int:
        return len(self.home)


@dataclass
class District:
    """The world of one seed; the month judged is the last."""

    seed: int
    style: Style
    month: tuple[int, int]
    spots: list[Spot]
    elders: Elders
    storms: frozenset[int]
    holidays: frozenset[int]
    departures: list[tuple[int, str, int, int | None]] = field(default_factory=list)

    def span(self, back: int = 0) -> tuple[int, int]:
        """First and last day of the month judged, or of one before it."""
        return span(self.month, back)

    def open_days(self, spot: int, back: int = 0) -> list[int]:
        """The days on which the point serves."""
        first, last = self.span(back)
        closed = self.spots[spot].weekdays_closed
        return [day for day in range(first, last + 1) if (day + 3) % 7 not in closed]


def span(month: tuple[int, int], back: int = 0) -> tuple[int, int]:
    """First and last day of a month, or of one before it."""
    index = month[0] * 12 + month[1] - 1 - back
    first = date(index // 12, index % 12 + 1, 1)
    index += 1
    after = date(index // 12, index % 12 + 1, 1)
    return day_number(first), day_number(after) - 1


def style_of(rng: np.random.Generator) -> Style:
    """How records are kept in this seed."""
    return Style(
        step=int(rng.choice([1, 1, 1, 1, 5, 10, 60])),
        history=int(rng.choice([0, 0, 1, 2, 3, 4])),
        devices=bool(rng.random() < 0.75),
        operators=bool(rng.random() < 0.75),
        card_only=bool(rng.random() < 0.3),
        manual=float(rng.uniform(0.005, 0.028)),
        punctual=float(rng.choice([0.02, 0.1, 0.35])),
        scale=float(rng.uniform(0.6, 1.5)),
    )


def spot_of(number: int, rng: np.random.Generator) -> Spot:
    """One point; the first is always a village table."""
    table = number == 0 or rng.random() < 0.12
    kind = "neighbour_table" if table else str(rng.choice(KINDS))
    opens = int(rng.choice([10.5, 10.75, 11.0])) * HOUR if not table else 11 * HOUR
    hours = {LUNCH: (opens, opens + int(rng.choice([90, 105, 120, 150])) * MINUTE)}
    if not table and rng.random() < 0.65:
        evening = int(rng.choice([16.5, 17.0, 17.5]) * HOUR)
        hours[DINNER] = (evening, evening + int(rng.choice([60, 90, 120])) * MINUTE)
    closed = [frozenset(), frozenset({6}), frozenset({5, 6})][int(rng.choice([0, 0, 0, 1, 2]))]
    slow = rng.uniform(3, 9)
    lunch = int(rng.choice([800, 1000, 1200, 1500]))
    return Spot(
        code=f"TD{number + 1:03d}",
        name=f"演示{number + 1}号点",
        kind=kind,
        x=float(rng.uniform(0, SIDE)),
        y=float(rng.uniform(0, SIDE)),
        division=f"320412{101 + number % 4}{1 + number:03d}",
        seats=None,
        capacity=None,
        hours=hours,
        told_hours=bool(rng.random() < 0.8),
        weekdays_closed=closed,
        price={LUNCH: lunch, DINNER: lunch - 200},
        pace=(slow, slow * rng.uniform(1.5, 3)),
        delivers=not table and bool(rng.random() < 0.5),
        round_at_once=bool(rng.random() < 0.5),
        table=table,
        rice=float(rng.uniform(110, 190)),
        buys_every=int(rng.choice([1, 2, 3, 7])),
    )


def habits(spot: Spot, n: int, style: Style, rng: np.random.Generator) -> tuple:
    """Rates, times and spreads of the elders of a point."""
    rate = np.zeros((n, 3))
    rate[:, LUNCH] = rng.beta(2.2, 2.0, n)
    if DINNER in spot.hours:
        rate[:, DINNER] = np.where(rng.random(n) < 0.5, rng.beta(1.2, 3, n), 0.0)
    at = np.zeros((n, 3))
    for meal, (opens, closes) in spot.hours.items():
        wide = closes - opens
        at[:, meal] = opens + np.minimum(wide * rng.beta(1.6, 3.2, n) + 60, wide - 300)
    spread = rng.gamma(3.0, 150, n) + 60
    spread[rng.random(n) < style.punctual] = rng.uniform(15, 60)
    return rate, at, spread


def people_of(index: int, spot: Spot, style: Style, first: int, rng: np.random.Generator) -> Elders:
    """The elders whose home point this is; a third of them hardly ever come."""
    size = int(np.clip(rng.lognormal(4.35, 0.75) * style.scale, 15, 420))
    size = min(size, 45) if spot.table else size
    n = int(size * rng.uniform(1.3, 1.8))
    rate, at, spread = habits(spot, n, style, rng)
    sleeper = np.arange(n) >= size
    rate[sleeper] *= 0.04
    daily = ~sleeper & (rng.random(n) < 0.08)
    rate[daily, LUNCH] = 0.997
    if DINNER in spot.hours:
        rate[daily, DINNER] = np.where(rng.random(daily.sum()) < 0.7, 0.99, 0)
    delivered = ~sleeper & spot.delivers & (rng.random(n) < rng.uniform(0.05, 0.25))
    partner = np.full(n, -1)
    free = np.flatnonzero(~sleeper & ~delivered & ~daily)
    pairs = free[: 2 * (len(free) // 8)].reshape(-1, 2)
    partner[pairs[:, 1]] = pairs[:, 0]
    sex = rng.integers(1, 3, n)
    sex[pairs[:, 1]] = 3 - sex[pairs[:, 0]]
    phone = np.arange(1, n + 1)
    phone[pairs[:, 1]] = phone[pairs[:, 0]]
    x, y = spot.x + rng.normal(0, 600, n), spot.y + rng.normal(0, 600, n)
    x[pairs[:, 1]], y[pairs[:, 1]] = x[pairs[:, 0]], y[pairs[:, 0]]
    return Elders(
        home=np.full(n, index),
        second=np.full(n, -1),
        rate=rate,
        at=at,
        spread=spread,
        partner=partner,
        delivered=delivered,
        takes_away=rng.random(n) < 0.12,
        daily=daily,
        sleeper=sleeper,
        newcomer=np.zeros(n, bool),
        birth=first - (rng.integers(60 * 365 + 400, 93 * 365, n)),
        sex=sex,
        enrolled=first - rng.integers(200, 1500, n),
        starts=np.zeros(n, np.int64),
        ends=np.full(n, 10**6),
        phone=phone,
        x=x,
        y=y,
        twin_of=np.full(n, -1),
    )


def joined(parts: list[Elders]) -> Elders:
    """All points' elders in one table; partners and phones are renumbered."""
    offset = 0
    for part in parts:
        part.partner = np.where(part.partner >= 0, part.partner + offset, -1)
        part.twin_of = np.where(part.twin_of >= 0, part.twin_of, -1)
        part.phone = part.phone + offset
        offset += len(part)
    names = Elders.__dataclass_fields__
    return Elders(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in names})


def furnish(spot: Spot, people: Elders, rng: np.random.Generator) -> None:
    """Seats and capacity that the usual day fits into; some points never stated them."""
    busiest = max(people.rate[:, meal].sum() for meal in spot.hours)
    if rng.random() < 0.85:
        spot.seats = int(np.ceil(busiest * rng.uniform(0.55, 1.1))) + 6
    if rng.random() < 0.75:
        spot.capacity = int(people.rate.sum() * rng.uniform(1.3, 2.2)) + 15


def newcomers(elders: Elders, spots: list[Spot], first: int, rng: np.random.Generator) -> None:
    """A community that joins in the month: enrolled within days, coming from then on."""
    where = int(rng.integers(0, len(spots)))
    here = np.flatnonzero((elders.home == where) & elders.sleeper)
    group = here[: int(rng.integers(8, 30))]
    start = first + int(rng.integers(3, 16))
    elders.enrolled[group] = start - rng.integers(1, 9, len(group))
    elders.starts[group] = start + rng.poisson(2.0, len(group))
    elders.rate[group, LUNCH] = rng.beta(2.5, 2, len(group))
    elders.sleeper[group], elders.newcomer[group] = False, True


def departures_of(elders: Elders, first: int, rng: np.random.Generator) -> list:
    """The honest ones: whoever died, moved or went into a home stopped coming."""
    gone = []
    some = rng.choice(len(elders), max(3, len(elders) // 70), replace=False)
    for number in some:
        day = first + int(rng.integers(-60, 28))
        kind = str(rng.choice(["deceased", "institution"]))
        elders.ends[number] = day - 1
        until = None if kind == "deceased" or rng.random() < 0.5 else day + int(rng.integers(5, 40))
        gone.append((int(number), kind, day, until))
    return gone


def district_of(seed: int) -> District:
    """The world of a seed, before anybody has eaten."""
    rng = np.random.default_rng(seed)
    style = style_of(rng)
    spots = [spot_of(number, rng) for number in range(int(rng.integers(7, 13)))]
    month = (int(rng.choice([2023, 2024])), int(rng.integers(1, 13)))
    first, last = span(month)
    parts = [people_of(i, spot, style, first, rng) for i, spot in enumerate(spots)]
    for spot, part in zip(spots, parts, strict=True):
        furnish(spot, part, rng)
    elders = joined(parts)
    visiting = rng.random(len(elders)) < 0.03
    visiting &= ~elders.sleeper
    elders.second[visiting] = rng.integers(0, len(spots), visiting.sum())
    elders.second[elders.second == elders.home] = -1
    if rng.random() < 0.6:
        newcomers(elders, spots, first, rng)
    days = np.arange(span(month, style.history)[0], last + 1)
    return District(
        seed,
        style,
        month,
        spots,
        elders,
        frozenset(int(d) for d in days[rng.random(len(days)) < 0.04]),
        frozenset(int(d) for d in days[rng.random(len(days)) < 0.04]),
        departures_of(elders, first, rng),
    )
