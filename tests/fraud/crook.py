"""What a fraud has to work with: a point's honest month, its elders, its till."""

from collections.abc import Sequence

import numpy as np

from mealsvc.auditing.scanning.rules.view import CARD, DINE_IN, LUNCH, MANUAL
from tests.fraud.book import Book, column, where
from tests.fraud.district import District, Spot
from tests.fraud.honest import operator_of


class Crook:
    """One fraud at one point."""

    def __init__(self, name: str, world: District, spot: int, table: np.ndarray, book: Book, rng):
        self.name, self.world, self.at, self.book, self.rng = name, world, spot, book, rng
        self.table = where(table, spot=spot)
        self.label = book.name(name)
        self.spot: Spot = world.spots[spot]
        self.days = world.open_days(spot)
        if world.style.history and rng.random() < 0.25:  # it has been going on for a while
            before = [
                d for b in range(world.style.history, 0, -1) for d in world.open_days(spot, b)
            ]
            self.days = before + self.days
        self.dropped: list[int] = []  # elders whose honest lines here fall away
        self.gone: list[tuple[int, int]] = []  # elders who can't have eaten from a day on
        self.taken: set[int] = set()
        self._present: dict[tuple[int, int], set[int]] = {}
        for day, meal, elder in self.table[:, [2, 4, 1]].tolist():
            self._present.setdefault((day, meal), set()).add(elder)

    def present(self, day: int, meal: int = LUNCH) -> set[int]:
        """Who was truly here."""
        return self._present.get((day, meal), set())

    def listed(self, day: int, meal: int = LUNCH) -> np.ndarray:
        """The honest lines of a meal in their order."""
        return where(self.table, day=day, meal=meal)

    def some_days(self, low: float, high: float = 1.0) -> list[int]:
        """A share of the days: the cashier has days off."""
        share = self.rng.uniform(low, high)
        return [day for day in self.days if self.rng.random() < share]

    def number(self, low: int, high: int) -> int:
        """A whole number of the range, both ends in it."""
        return int(self.rng.integers(low, high + 1))

    def pool(self, n: int, sleepers: bool = True) -> np.ndarray:
        """Registered elders of the point that no other fraud uses."""
        elders = self.world.elders
        fit = (elders.home == self.at) & (elders.sleeper == sleepers) & ~elders.newcomer
        fit &= (elders.partner < 0) & (elders.twin_of < 0) & ~elders.daily
        fit &= elders.ends > self.days[-1]
        free = np.array([e for e in np.flatnonzero(fit) if int(e) not in self.taken], np.int64)
        chosen = self.rng.permutation(free)[:n]
        self.taken.update(int(e) for e in chosen)
        return chosen

    def kept(self, n: int) -> np.ndarray:
        """People whose cards lie in the till: sleepers, and some who used to come."""
        share = self.rng.choice([0.0, 0.3, 0.6])
        active = self.pool(int(n * share), sleepers=False)
        self.dropped += active.tolist()
        return np.concatenate([self.pool(n - len(active)), active])

    def anyone(self, n: int) -> np.ndarray:
        """A pool of registered elders of all sorts, not kept for this fraud alone."""
        elders = self.world.elders
        mine = np.flatnonzero((elders.home == self.at) & (elders.ends > self.days[-1]))
        mine = np.array([e for e in mine if int(e) not in self.taken], np.int64)
        return self.rng.permutation(mine)[:n]

    def absent(self, pool: np.ndarray, day: int, meal: int = LUNCH) -> np.ndarray:
        """Those of a pool who are not here at this meal."""
        here = self.present(day, meal)
        return np.array([e for e in pool if int(e) not in here], np.int64)

    def swipe(
        self,
        day: int,
        who: Sequence[int] | np.ndarray,
        seconds: np.ndarray,
        meal: int = LUNCH,
        mode: int = DINE_IN,
        method: int = CARD,
        operator: int | None = None,
        spot: int | None = None,
    ) -> None:
        """Enters these elders at these times."""
        who = np.asarray(who, np.int64)
        style, at = self.world.style, self.at if spot is None else spot
        if not len(who):
            return
        manual = (self.rng.random(len(who)) < style.manual) & (method == CARD)
        self.book.add(
            spot=at,
            elder=who,
            day=day,
            second=(np.asarray(seconds) // style.step * style.step).astype(np.int64)[: len(who)],
            meal=meal,
            mode=mode,
            method=np.where(manual, MANUAL, method),
            price=self.world.spots[at].price[meal],
            device=at * 3 + 1 if style.devices else 0,
            operator=operator_of(self.world, at, day) if operator is None else operator,
            fraud=self.label,
        )

    def gaps(self, start: float, n: int, low: float, high: float) -> np.ndarray:
        """A run of entries, one after the other."""
        return start + np.cumsum(self.rng.uniform(low, high, n))

    def hours(self, meal: int = LUNCH) -> tuple[int, int]:
        """Opening and closing of a meal."""
        return self.spot.hours[meal]

    def meal_times(self, n: int, meal: int = LUNCH) -> np.ndarray:
        """Times that look like any other of the meal."""
        opens, closes = self.hours(meal)
        return opens + 90 + (closes - opens - 180) * self.rng.beta(1.5, 2.2, n)

    @property
    def own(self) -> np.ndarray:
        """The honest lines of the days it works on."""
        return self.table[np.isin(column(self.table, "day"), self.days)]
