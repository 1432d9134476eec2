"""What honest points record: habits with noise, queues, couples, rounds, outages, storms."""

import numpy as np

from mealsvc.auditing.scanning.rules.view import (
    CARD,
    DELIVERY,
    DINE_IN,
    DINNER,
    ID_CARD,
    LUNCH,
    MANUAL,
    QR,
    TAKE_AWAY,
)
from tests.fraud.book import Book
from tests.fraud.district import District, Spot


def queue(arrivals: np.ndarray, pace: tuple[float, float], rng: np.random.Generator) -> np.ndarray:
    """When each is served at one till, first come first served."""
    order = np.argsort(arrivals, kind="stable")
    needed = rng.uniform(*pace, len(arrivals))
    done = np.empty(len(arrivals))
    free = -np.inf
    for at, takes in zip(order, needed, strict=True):
        free = max(arrivals[at], free + takes)
        done[at] = free
    return done


def absences(n: int, days: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n, days): who is away for some days, ill or with the children."""
    away = np.zeros((n, len(days)), bool)
    for elder in np.flatnonzero(rng.random(n) < 0.15):
        start = rng.integers(0, len(days))
        away[elder, start : start + rng.integers(3, 11)] = True
    return away


def methods_of(n: int, world: District, rng: np.random.Generator) -> np.ndarray:
    """Cards mostly; the odd one is typed by hand."""
    usual = CARD if world.style.card_only else rng.choice([CARD, CARD, CARD, QR, ID_CARD], n)
    return np.where(rng.random(n) < world.style.manual, MANUAL, usual)


def rounds(spot: Spot, n: int, meal: int, rng: np.random.Generator) -> np.ndarray:
    """When a courier confirms each stop of the round, in the order of the route."""
    opens, closes = spot.hours[meal]
    start = opens + rng.uniform(300, 1500)
    if spot.round_at_once:
        return np.minimum(start + 1500, closes - 400) + np.cumsum(rng.uniform(2, 9, n))
    gaps = np.cumsum(rng.gamma(4.0, 22, n) + 15)
    return start + np.minimum(gaps, gaps * (closes - start - 60) / max(gaps[-1], 1))


def outage(
    seconds: np.ndarray, spot: Spot, meal: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Whose lines waited for the network, and when they were sent after it."""
    opens, closes = spot.hours[meal]
    begins = rng.uniform(opens, (opens + closes) / 2)
    back = min(begins + rng.uniform(1500, 5400), closes + 2400)
    waited = (seconds >= begins) & (seconds < back)
    order = np.argsort(np.argsort(seconds[waited]))
    sent = back + np.cumsum(rng.uniform(2, 8, waited.sum()))
    return waited, sent[order] if waited.any() else sent


class Kitchen:
    """One point's honest month."""

    def __init__(self, world: District, index: int, book: Book, rng: np.random.Generator):
        self.world, self.index, self.book, self.rng = world, index, book, rng
        self.spot, elders = world.spots[index], world.elders
        self.who = np.flatnonzero((elders.home == index) | (elders.second == index))
        self.visits = elders.home[self.who] != index
        place = {int(elder): row for row, elder in enumerate(self.who)}
        self.lead = np.array([place.get(int(p), -1) for p in elders.partner[self.who]], np.int64)
        self.weekday = np.clip(rng.normal(1, 0.12, 7), 0.6, 1.3)

    def month(self, days: list[int], out: tuple[int, int] | None) -> None:
        """All meals of these days; `out` is the day and meal of a network outage."""
        away = absences(len(self.who), np.array(days), self.rng)
        for at, day in enumerate(days):
            for meal in self.spot.hours:
                self.meal(day, meal, ~away[:, at], out == (day, meal))

    def meal(self, day: int, meal: int, can: np.ndarray, outage_now: bool) -> None:
        """One meal of one day."""
        come = np.flatnonzero(self.come(day, meal, can))
        if not len(come):
            return
        elders, rng = self.world.elders, self.rng
        who = self.who[come]
        seconds = self.arrivals(come, meal)
        carried = elders.delivered[who] & ~self.visits[come]
        mode = np.where(elders.takes_away[who], TAKE_AWAY, DINE_IN)
        mode[carried] = DELIVERY
        dine = ~carried
        seconds[dine] = queue(seconds[dine], self.spot.pace, rng)
        if carried.any():
            seconds[carried] = rounds(self.spot, int(carried.sum()), meal, rng)
        method = methods_of(len(who), self.world, rng)
        look = self.looks(come, method, carried)
        if outage_now:
            waited, sent = outage(np.where(carried, -1, seconds), self.spot, meal, rng)
            seconds[waited] = sent
            method[waited] = MANUAL if rng.random() < 0.5 else CARD
            look[waited] = self.book.name("outage")
        self.keep(day, meal, who, seconds, mode, method, carried, look)

    def come(self, day: int, meal: int, can: np.ndarray) -> np.ndarray:
        """Who comes: each by rate, the day's mood, the weather; partners together."""
        world, rng, elders = self.world, self.rng, self.world.elders
        mood = self.weekday[day % 7] * rng.lognormal(0, 0.05)
        mood *= 0.5 if day in world.storms else 0.65 if day in world.holidays else 1.0
        rate = elders.rate[self.who, meal]
        daily = elders.daily[self.who]
        rate = np.where(daily, rate, np.minimum(rate * mood, 0.97))
        rate = np.where(self.visits, rate * 0.12, rate)
        come = rng.random(len(rate)) < rate
        follows = self.lead >= 0
        together = follows & (rng.random(len(rate)) < 0.95)
        come[together] = come[self.lead[together]] & (elders.rate[self.who, meal][together] >= 0)
        here = (elders.starts[self.who] <= day) & (day <= elders.ends[self.who])
        return come & here & (can | daily)

    def arrivals(self, come: np.ndarray, meal: int) -> np.ndarray:
        """When they reach the till, before the queue."""
        elders, rng, spot = self.world.elders, self.rng, self.spot
        opens, closes = spot.hours[meal]
        who = self.who[come]
        if spot.table:
            seconds = opens + rng.exponential(rng.uniform(60, 200), len(who))
        else:
            seconds = rng.normal(elders.at[who, meal], elders.spread[who])
        row = {int(c): i for i, c in enumerate(come)}
        for i, c in enumerate(come):
            leads = row.get(int(self.lead[c]), -1)
            if leads >= 0:
                seconds[i] = seconds[leads] + rng.uniform(1, 4)
        early = opens + rng.uniform(-90, 240, len(who))
        late = closes - rng.uniform(0, 600, len(who))
        return np.where(seconds < opens, early, np.where(seconds > closes, late, seconds))

    def looks(self, come: np.ndarray, method: np.ndarray, carried: np.ndarray) -> np.ndarray:
        """Which kind of look-alike each line is."""
        elders, book = self.world.elders, self.book
        who = self.who[come]
        kinds = (
            ("village", np.full(len(who), self.spot.table)),
            ("couple", self.lead[come] >= 0),
            ("daily", elders.daily[who]),
            ("visitor", self.visits[come]),
            ("newcomer", elders.newcomer[who]),
            ("courier", carried),
            ("manual", method == MANUAL),
        )
        look = np.zeros(len(who), np.int64)
        for word, those in kinds:
            look[those] = book.name(word)
        return look

    def keep(self, day, meal, who, seconds, mode, method, carried, look) -> None:
        """Writes the lines as the till keeps them."""
        style = self.world.style
        till = self.index * 3 + 1
        self.book.add(
            spot=self.index,
            elder=who,
            day=day,
            second=(seconds // style.step * style.step).astype(np.int64),
            meal=meal,
            mode=mode,
            method=method,
            price=self.spot.price[meal],
            device=np.where(carried, till + 1, till) if style.devices else 0,
            operator=operator_of(self.world, self.index, day),
            look=look,
        )


def operator_of(world: District, spot: int, day: int) -> int:
    """Who is at the till: two people by turns."""
    if not world.style.operators:
        return 0
    return spot * 2 + 1 + int((day * 7 + spot) % 9 < 4)


def honest_book(world: District, rng: np.random.Generator) -> Book:
    """All honest lines, history first."""
    book = Book()
    struck = {int(s) for s in rng.choice(len(world.spots), 2, replace=False)}
    for index, spot in enumerate(world.spots):
        kitchen = Kitchen(world, index, book, rng)
        for back in range(world.style.history, -1, -1):
            days = world.open_days(index, back)
            out = None
            if index in struck and not spot.table and rng.random() < 0.8:
                meal = DINNER if DINNER in spot.hours and rng.random() < 0.3 else LUNCH
                out = (int(rng.choice(days)), meal)
            kitchen.month(days, out)
    return book
