"""Points' months by hand and by dice, for the tests of single rules."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mealsvc.auditing.scanning.rules.district import District, Summary, Visits
from mealsvc.auditing.scanning.rules.view import (
    CARD,
    DINE_IN,
    LUNCH,
    Habits,
    Lines,
    People,
    Point,
    PointMonth,
)

FIRST, LAST = 19_844, 19_874  # May 2024
NOON = 11 * 3600
NOBODY = np.zeros(0, np.int64)
NO_HABITS = Habits(
    *(NOBODY, NOBODY, NOBODY, np.zeros(0), np.zeros(0), NOBODY, NOBODY, np.zeros(0)), 0
)
BASE = {
    "day": FIRST,
    "second": NOON,
    "meal": LUNCH,
    "mode": DINE_IN,
    "method": CARD,
    "price": 1300,
    "subsidy": 300,
    "source": 1,
    "lateness": 0,
}


def lines(rows: Sequence[dict[str, Any]]) -> Lines:
    """These lines, numbered from 1 in the order given, then ordered as the rules expect."""
    full = [{**BASE, "sequence": place + 1, **row} for place, row in enumerate(rows)]
    columns = {
        name: np.array([row[name] for row in full], np.int64).reshape(-1)
        for name in Lines.__slots__
    }
    found = Lines(**columns)
    return found.take(np.lexsort((found.sequence, found.second, found.meal, found.day)))


def month(
    rows: Sequence[dict[str, Any]], people: dict[str, Any] | None = None, **known: Any
) -> PointMonth:
    """A point's month; `people` overrides columns, `point` is a dict of the point's own fields."""
    held = lines(rows)
    who = np.unique(held.resident)
    zero = np.zeros(len(who), np.int64)
    columns: dict[str, Any] = {
        "id": who,
        "birth_day": np.arange(len(who)) * 37,
        "sex": zero + 1,
        "first_day": zero + FIRST - 300,
        "enrolled_day": zero,
        "phone": zero,
        "x": np.full(len(who), np.nan),
        "y": np.full(len(who), np.nan),
    }
    point = {"id": 1, "code": "WJ001", "name": "演示点", "kind": "community_canteen"}
    point |= known.pop("point", {})
    known.setdefault("habits", NO_HABITS)
    return PointMonth(
        FIRST, LAST, Point(**point), held, People(**columns | (people or {})), **known
    )


def honest(
    rng: np.random.Generator, elders: int = 60, days: Sequence[int] | None = None, first_id: int = 1
) -> list[dict[str, Any]]:
    """Elders with rates and times of their own, day by day."""
    rate, at = rng.uniform(0.3, 0.95, elders), NOON + rng.uniform(0, 4500, elders)
    found = []
    for day in days or [one for one in range(FIRST, LAST + 1) if one % 7 != 3]:
        for who in np.flatnonzero(rng.random(elders) < rate).tolist():
            second = int(at[who] + rng.normal(0, 240))
            found.append({"resident": first_id + who, "day": day, "second": second})
    return found


def district(
    rows: Sequence[dict[str, Any]],
    points: Sequence[tuple[int, str, float, float]],
    visits: Sequence[tuple[int, int, int, int]],
    **known: Any,
) -> District:
    """Several points at once; each row names its point as `at`."""
    held = lines([{k: v for k, v in row.items() if k != "at"} for row in rows])
    held = held.take(np.lexsort((held.sequence, held.second, held.day, held.resident)))
    where = np.array([row["at"] for row in rows], np.int64)[held.sequence - 1]
    places = [
        Summary(Point(id=one, code=code, name=code, kind="community_canteen", x=x, y=y), NOBODY)
        for one, code, x, y in points
    ]
    seen = [np.array(column, np.int64) for column in zip(*visits, strict=True)]
    return District(FIRST, LAST, places, held, where, Visits(*seen), **known)


def with_point(seen: PointMonth, **fields: Any) -> PointMonth:
    """The same month at a point of which this is known too."""
    return replace(seen, point=replace(seen.point, **fields))
