"""A plot as the scan reads it, without a database in between."""

from collections.abc import Iterator

import numpy as np

from mealsvc.auditing.scanning.rules.district import SAME_NAME, District, Summary, Twin, Visits
from mealsvc.auditing.scanning.rules.view import (
    DELIVERY,
    MANUAL,
    Departure,
    Habits,
    Lines,
    People,
    Point,
    PointMonth,
)
from tests.fraud.book import column
from tests.fraud.plot import Plot

WINDOW = 62  # days before the month that habits come from


def lines_of(plot: Plot, mask: np.ndarray) -> Lines:
    """These lines, in the order that the rules expect."""
    table, key, paid = plot.table[mask], plot.key[mask], plot.subsidised[mask]
    day, second, meal = (column(table, c) for c in ("day", "second", "meal"))
    device = column(table, "device")
    source = np.where(device > 0, device, column(table, "operator"))
    price = column(table, "price")
    old = (day - plot.world.elders.birth[column(table, "elder")]) // 365.25 >= 80
    subsidy = np.where(paid, np.minimum(np.where(old, 400, 300), price - 100), 0)
    end = (plot.world.span()[1] + 1) * 86_400 + 36_000
    columns = {
        "sequence": key,
        "resident": column(table, "elder") + 1,
        "day": day,
        "second": second,
        "meal": meal,
        "mode": column(table, "mode"),
        "method": column(table, "method"),
        "price": price,
        "subsidy": subsidy.astype(np.int64),
        "source": source,
        "lateness": end - day * 86_400 - second,
    }
    order = np.lexsort((key, second, meal, day))
    return Lines(**{name: values[order] for name, values in columns.items()})


def habits_of(plot: Plot, spot: int, before: np.ndarray) -> Habits:
    """What each elder did here in the months before."""
    here = before[column(before, "spot") == spot]
    slot = column(here, "elder") * 3 + column(here, "meal")
    kinds, row, n = np.unique(slot, return_inverse=True, return_counts=True)
    second = column(here, "second").astype(float)
    at = np.bincount(row, second, len(kinds)) / np.maximum(n, 1)
    square = np.bincount(row, (second - at[row]) ** 2, len(kinds)) / np.maximum(n, 1)
    all_of = np.bincount(column(before, "elder"), minlength=len(plot.world.elders))
    mine = np.bincount(column(here, "elder"), minlength=len(plot.world.elders))
    elder = kinds // 3
    return Habits(
        resident=elder + 1,
        meal=kinds % 3,
        servings=n.astype(np.int64),
        at=at,
        spread=np.sqrt(square),
        manual=np.bincount(row[column(here, "method") == MANUAL], minlength=len(kinds)),
        delivered=np.bincount(row[column(here, "mode") == DELIVERY], minlength=len(kinds)),
        home=mine[elder] / np.maximum(all_of[elder], 1),
        days=len(np.unique(column(here, "day"))),
    )


def people_of(plot: Plot, residents: np.ndarray) -> People:
    """What is known of these elders (ids are rows + 1)."""
    elders, rows = plot.world.elders, np.unique(residents) - 1
    first = np.zeros(len(elders), np.int64)
    who, at = np.unique(column(plot.table, "elder"), return_index=True)
    first[who] = column(plot.table, "day")[at]
    return People(
        id=rows + 1,
        birth_day=elders.birth[rows],
        sex=elders.sex[rows],
        first_day=first[rows],
        enrolled_day=elders.enrolled[rows],
        phone=elders.phone[rows],
        x=elders.x[rows],
        y=elders.y[rows],
    )


def purchases_of(plot: Plot, spot: int, rng: np.random.Generator) -> list[tuple[int, str, float]]:
    """Rice and oil for the honest servings of the days to come, as a kitchen buys; a third of the
    kitchens buys after eating, what the days since the last time took."""
    place, table = plot.world.spots[spot], plot.table
    mine = table[(column(table, "spot") == spot) & (column(table, "fraud") == 0)]
    if not len(mine):
        return []
    eaten = dict(zip(*np.unique(column(mine, "day"), return_counts=True), strict=True))
    bought, start = [], min(eaten)
    way = -1 if (plot.world.seed + spot) % 3 == 0 else 1
    for day in range(start, max(eaten) + 1, place.buys_every):
        mouths = sum(eaten.get(day + i * way, 0) for i in range(place.buys_every))
        for item, grams in (("大米", place.rice), ("食用油", 22.0), ("猪肉", 55.0)):
            kg = round(mouths * grams / 1000 * rng.uniform(0.92, 1.1), 1)
            if kg > 0:
                bought.append((int(day), item, float(kg)))
    return bought


def point_of(plot: Plot, spot: int) -> Point:
    """The point, with what earlier days counted."""
    place, first = plot.world.spots[spot], plot.world.span()[0]
    mine = plot.table[(column(plot.table, "spot") == spot) & ~plot.judged()]
    slots, n = np.unique(mine[:, [2, 4]], axis=0, return_counts=True)
    return Point(
        id=spot + 1,
        code=place.code,
        name=place.name,
        kind=place.kind,
        seats=place.seats,
        daily_capacity=place.capacity,
        x=place.x,
        y=place.y,
        hours=dict(place.hours) if place.told_hours else {},
        closed_days=frozenset(),
        counts={(int(d), int(m)): int(k) for (d, m), k in zip(slots, n, strict=True)},
        purchases=[
            p
            for p in purchases_of(plot, spot, np.random.default_rng([plot.world.seed, 9, spot]))
            if p[0] >= first - 92
        ],
    )


def point_months(plot: Plot) -> Iterator[PointMonth]:
    """Each point's month, as the scan gets them."""
    first, last = plot.world.span()
    table, judged = plot.table, plot.judged()
    before = table[(column(table, "day") < first) & (column(table, "day") >= first - WINDOW)]
    for spot in range(len(plot.world.spots)):
        mask = judged & (column(table, "spot") == spot)
        if not mask.any():
            continue
        lines, habits = lines_of(plot, mask), habits_of(plot, spot, before)
        known = np.unique(np.concatenate([lines.resident, habits.resident]))
        yield PointMonth(
            first_day=first,
            last_day=last,
            point=point_of(plot, spot),
            lines=lines,
            people=people_of(plot, known),
            habits=habits,
            departures=[
                Departure(who + 1, kind, start, end)
                for who, kind, start, end in plot.world.departures
                if who + 1 in known
            ],
            policy_starts=(),
        )


def district_of(plot: Plot, months: list[PointMonth]) -> District:
    """All points at once: elders at several points on a day, and the register's doubles."""
    table, judged = plot.table, plot.judged()
    elder, day, spot = (column(table, c) for c in ("elder", "day", "spot"))
    doubles = np.flatnonzero(plot.world.elders.twin_of >= 0)
    twins = [
        Twin(older=int(plot.world.elders.twin_of[d]) + 1, younger=int(d) + 1, why=SAME_NAME)
        for d in doubles
    ]
    involved = [one for twin in twins for one in (twin.older - 1, twin.younger - 1)]
    slots, row = np.unique(np.stack([elder, day], 1)[judged], axis=0, return_inverse=True)
    low = np.full(len(slots), 10**6)
    high = np.full(len(slots), -1)
    np.minimum.at(low, row, spot[judged])
    np.maximum.at(high, row, spot[judged])
    wanted = np.zeros(len(table), bool)
    wanted[np.flatnonzero(judged)] = (low < high)[row]
    wanted |= judged & np.isin(elder, involved)
    order = np.lexsort((column(table, "second")[wanted], day[wanted], elder[wanted]))
    lines = lines_of(plot, wanted)
    lines = lines.take(np.lexsort((lines.second, lines.day, lines.resident)))
    return District(
        first_day=months[0].first_day,
        last_day=months[0].last_day,
        points=[
            Summary(m.point, np.unique(m.lines.resident, return_counts=True)[1]) for m in months
        ],
        lines=lines,
        where=spot[wanted][order] + 1,
        visits=visits_of(plot, np.unique(elder[wanted])),
        twins=twins,
    )


def visits_of(plot: Plot, elders: np.ndarray) -> Visits:
    """How often these elders ate where."""
    table, judged = plot.table, plot.judged()
    recent = column(table, "day") >= plot.world.span()[0] - WINDOW
    mask = np.isin(column(table, "elder"), elders) & recent
    slots, row = np.unique(table[mask][:, [1, 0]], axis=0, return_inverse=True)
    now = judged[mask]
    return Visits(
        resident=slots[:, 0] + 1,
        point=slots[:, 1] + 1,
        month=np.bincount(row[now], minlength=len(slots)),
        before=np.bincount(row[~now], minlength=len(slots)),
    )
