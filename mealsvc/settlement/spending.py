"""What a year's months take out of each source, point by point: paid, approved, claimed, open."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app
from sqlalchemy import select, union

from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.servings.models import DailyTally, FrozenMonth
from mealsvc.settlement.acts import FIXED, PREVIEW
from mealsvc.settlement.batches import held_of
from mealsvc.settlement.budgeting import Line, paying
from mealsvc.settlement.models import SettlementAdjustment, SettlementBatch
from mealsvc.settlement.rules import Held
from mealsvc.settlement.services import claims_of

PAID, COMMITTED, CLAIMED, OPEN = STAGES = ("paid", "committed", "claimed", "open")
_OTHERS = "mealsvc.other_costs"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a point costs its sources in a month (fen, net of what is held) and how far it got.

    `title` names it where it is no month's settlement, such as a construction grant.
    """

    point: str
    name: str
    division: str
    month: int
    status: str
    funding: Mapping[str, int]
    title: str = ""

    @property
    def stage(self) -> str:
        if self.status in FIXED:
            return PAID if self.status in ("paid", "closed") else COMMITTED
        return OPEN if self.status == PREVIEW else CLAIMED


def also(app: Flask, costs: Callable[[int], Iterable[Cost]]) -> None:
    """Lets another room add what it takes out of a year's budget."""
    app.extensions.setdefault(_OTHERS, []).append(costs)


def costs_of(year: int) -> list[Cost]:
    """Everything that the year's months cost: one query of batches, and one computation for each
    month that is still open somewhere.
    """
    return [*_submitted(year), *_open(year), *_others(year)]


def fixed_costs(year: int) -> list[Cost]:
    """What was approved or paid of the year, without computing any open month."""
    fixed = SettlementBatch.status.in_(FIXED)
    others = (one for one in _others(year) if one.stage in (PAID, COMMITTED))
    return [*_submitted(year, fixed), *others]


def committed_by_line(year: int, lines: Collection[Line]) -> Counter[Line]:
    """What was approved or paid in the year, by the line that pays it."""
    return by_line(fixed_costs(year), lines)


def by_line(costs: Iterable[Cost], lines: Collection[Line]) -> Counter[Line]:
    """Costs by division and source of the line that pays them; ("", source) where none does."""
    sums: Counter[Line] = Counter()
    for line, _, fen in charged(costs, lines):
        sums[line] += fen
    return sums


def charged(costs: Iterable[Cost], lines: Collection[Line]) -> Iterator[tuple[Line, Cost, int]]:
    """Each cost's fen by source, with the line that pays it."""
    payers: dict[Line, Line] = {}
    for cost in costs:
        for source, fen in cost.funding.items():
            at = (cost.division, source)
            if at not in payers:
                payers[at] = (paying(lines, source, cost.division), source)
            yield payers[at], cost, fen


def _submitted(year: int, *conditions: Any) -> list[Cost]:
    rows = db.session.execute(
        select(
            SettlementBatch.point_id,
            SettlementBatch.month,
            SettlementBatch.status,
            SettlementBatch.document,
            SettlementBatch.held_funding,
            SettlementBatch.grounds,
            MealPoint.code,
            MealPoint.name,
            MealPoint.division,
        )
        .join(MealPoint, MealPoint.id == SettlementBatch.point_id)
        .where(SettlementBatch.month.between(*_span(year)), *conditions)
        .order_by(SettlementBatch.month, MealPoint.code)
    ).all()
    held = _held({(row.month, row.point_id) for row in rows if row.held_funding is None})
    return [
        Cost(
            row.code,
            row.name,
            json.loads(row.grounds).get(
                "division", row.division
            ),  # a point may move: money does not
            row.month,
            row.status,
            funding_of(
                json.loads(row.document),
                held.get((row.month, row.point_id), {})
                if row.held_funding is None
                else json.loads(row.held_funding),
            ),
        )
        for row in rows
    ]


def _open(year: int) -> list[Cost]:
    costs = []
    for key, ids in sorted(_open_months(year).items()):
        places = {
            place.id: place
            for place in db.session.scalars(select(MealPoint).where(MealPoint.id.in_(ids)))
        }
        month = Month.from_key(key)
        held = held_of(month, list(places))
        for point_id, claim in claims_of(month, places).items():
            place = places[point_id]
            funding = funding_of(claim, held.get(point_id, Held()).funding)
            costs.append(Cost(place.code, place.name, place.division, key, PREVIEW, funding))
    return costs


def _open_months(year: int) -> Mapping[int, Sequence[int]]:
    """The points that have money in a month which they have not submitted, by month."""
    pairs = union(
        *(
            select(table.settle_month, table.point_id).where(
                table.settle_month.between(*_span(year)),
                ~select(FrozenMonth.month)
                .where(
                    FrozenMonth.point_id == table.point_id,
                    FrozenMonth.month == table.settle_month,
                )
                .exists(),
            )
            for table in (DailyTally, SettlementAdjustment)
        )
    )
    found: dict[int, list[int]] = defaultdict(list)
    for month, point_id in db.session.execute(pairs):
        found[month].append(point_id)
    return found


def _held(open_: set[tuple[int, int]]) -> dict[tuple[int, int], Mapping[str, int]]:
    """What is carved out now, by month and point."""
    found = {}
    for key in sorted({month for month, _ in open_}):
        ids = [point_id for month, point_id in open_ if month == key]
        for point_id, held in held_of(Month.from_key(key), ids).items():
            found[key, point_id] = held.funding
    return found


def funding_of(claim: Mapping[str, Any], held: Mapping[str, int]) -> dict[str, int]:
    """A claim's money by source: its own, its adjustments, less what is held."""
    sums = Counter(claim["funding"])
    for source, fen in claim["adjustment_funding"].items():
        sums[source] += fen
    for source, fen in held.items():
        sums[source] -= fen
    return dict(sums)


def _others(year: int) -> list[Cost]:
    return [cost for costs in current_app.extensions.get(_OTHERS, ()) for cost in costs(year)]


def _span(year: int) -> tuple[int, int]:
    return year * 100 + 1, year * 100 + 12
