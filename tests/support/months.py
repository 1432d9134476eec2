"""Small made-up months of one point, as columns, for tests of the anomaly rules."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.view import (
    CARD,
    DINE_IN,
    DINNER,
    LUNCH,
    Anomaly,
    Habits,
    Lines,
    People,
    Point,
    PointMonth,
    day_number,
    day_of,
)

FIRST = day_number(day_of(19_844))  # 2024-05-01
HOURS = {LUNCH: (39_600, 46_800), DINNER: (61_200, 66_600)}  # 11:00–13:00, 17:00–18:30
COLUMNS = ("day", "meal", "second", "resident", "mode", "method", "source", "lateness", "fraud")


class Month:
    """Lines in the making; every line may be marked as put there by a fraud."""

    def __init__(self, seed: int = 1, **point: Any) -> None:
        self.rng = np.random.default_rng(seed)
        self.rows: list[tuple[int, ...]] = []
        self.point: dict[str, Any] = {"kind": "community_canteen", "hours": HOURS, **point}
        self.days = [FIRST + k for k in range(31) if (FIRST + k + 3) % 7 < 6]

    def add(
        self,
        day: int,
        who: Iterable[int],
        seconds: Iterable[float],
        *,
        meal: int = LUNCH,
        mode: int = DINE_IN,
        method: int = CARD,
        source: int = 1,
        lateness: int = 20,
        fraud: bool = False,
    ) -> None:
        """Enters these elders at these seconds."""
        for person, second in zip(who, seconds, strict=False):
            self.rows.append(
                (day, meal, int(second), int(person), mode, method, source, lateness, int(fraud))
            )

    def crowd(
        self,
        elders: int = 70,
        rate: float = 0.6,
        spread: float = 500.0,
        meal: int = LUNCH,
        days: Iterable[int] | None = None,
    ) -> "Month":
        """Honest elders with habits: each about at a time of their own, on most days."""
        opens, closes = HOURS[meal]
        usual = opens + 300 + (closes - opens - 1200) * self.rng.beta(1.6, 2.4, elders)
        for day in self.days if days is None else days:
            who = np.flatnonzero(self.rng.random(elders) < rate)
            at = usual[who] + spread * self.rng.standard_t(5, len(who)) * 0.8
            shift = self.rng.uniform(0, 600, len(who))
            at = np.where(at < opens, opens + shift, np.where(at > closes, closes - shift, at))
            self.add(day, who + 100, at, meal=meal)
        return self

    def made(self) -> tuple[PointMonth, np.ndarray]:
        """The month as the rules see it, and which of its lines are fraud."""
        table = np.array(self.rows, np.int64)
        columns = {name: table[:, at] for at, name in enumerate(COLUMNS)}
        order = np.lexsort(
            (columns["resident"], columns["second"], columns["meal"], columns["day"])
        )
        columns = {name: held[order] for name, held in columns.items()}
        fraud = columns.pop("fraud") > 0
        count = len(order)
        lines = Lines(
            sequence=np.arange(1, count + 1),
            price=np.full(count, 1200),
            subsidy=np.full(count, 300),
            **columns,
        )
        people = people_of(np.unique(lines.resident))
        point = Point(1, "P1", "试点", **self.point)
        seen = PointMonth(self.days[0], self.days[-1], point, lines, people, no_habits())
        return seen, fraud


def people_of(ids: np.ndarray) -> People:
    """People of whom nothing is known."""
    zeros, unknown = np.zeros(len(ids), np.int64), np.full(len(ids), np.nan)
    return People(ids, zeros, zeros + 1, zeros, zeros, zeros, unknown, unknown)


def no_habits() -> Habits:
    """No months before."""
    none = np.zeros(0, np.int64)
    empty = np.zeros(0)
    return Habits(none, none, none, empty, empty, none, none, empty)


Rule = Callable[[PointMonth, Limits], Iterator[Anomaly]]


def told(month: Month, rule: Rule, limits: Limits | None = None) -> list[Anomaly]:
    """What a rule finds in a month."""
    return list(rule(month.made()[0], limits or Limits()))


def caught(month: Month, rule: Rule) -> tuple[float, float]:
    """Recall and precision of a rule over the lines of a month."""
    seen, fraud = month.made()
    named = {one for each in rule(seen, Limits()) for one in each.sequences}
    hit = np.isin(seen.lines.sequence, list(named))
    right = int((hit & fraud).sum())
    return right / max(int(fraud.sum()), 1), right / max(int(hit.sum()), 1)
