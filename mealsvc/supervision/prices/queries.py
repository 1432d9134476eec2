"""What was charged, filed and posted: a few set-based questions over the ledger and the menus.

A meal counts on the day on which it was eaten, also when it was recorded late; what was taken back
counts nowhere. A year of a district is read in one pass, grouped by the database.
"""

import json
from collections import defaultdict
from collections.abc import Collection
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, and_, case, cast, func, select

from mealsvc.menus.models import MenuDay, MenuItem
from mealsvc.menus.register import filed_prices
from mealsvc.menus.rules import SET_MEAL, Filed, prices_on
from mealsvc.plumbing.db import db
from mealsvc.servings.models import DailyTally, Decision, Serving
from mealsvc.supervision.prices.rules import (
    ABOVE_FILED,
    UNFILED,
    Deviation,
    Posted,
    PriceFact,
    Ratio,
    SelfPay,
    deviations,
    elder_ratio,
)

Ids = Collection[int] | None
NET = func.sum(case((Serving.reverses.is_(None), 1), else_=-1))


def price_facts(from_on: date, to_on: date, point_ids: Ids = None) -> list[PriceFact]:
    """Each point's, day's, meal's and price's servings beside the prices filed and posted for it.

    In order of point, day, meal and price; only what was really served (net above 0).
    """
    posted: dict[tuple[int, date, str], set[int]] = defaultdict(set)
    for point, day, meal, fen in _posted_rows(from_on, to_on, point_ids):
        posted[point, day, meal].add(fen)
    price = func.abs(Serving.price_fen).label("price")
    same = (Serving.point_id, Serving.served_on, Serving.meal, price)
    rows = (
        select(*same, NET)
        .where(Serving.served_on.between(from_on, to_on), *_within(Serving.point_id, point_ids))
        .group_by(*same)
        .having(NET > 0)
        .order_by(*same)
    )
    in_force = _in_force()
    found = []
    for point, day, meal, fen, net in db.session.execute(rows):
        filed = in_force(point, meal, day)
        public = [one.public_fen for one in filed]
        found.append(
            PriceFact(
                point,
                day,
                meal,
                int(fen),
                int(net),
                filed[0].elder_fen if filed else None,
                min((one.public_fen for one in filed if one.elder_fen == fen), default=None),
                max(public, default=None),
                tuple(sorted(posted.get((point, day, meal), ()))),
            )
        )
    return found


def posted_prices(from_on: date, to_on: date, point_ids: Ids = None) -> list[Posted]:
    """The priced set meals of published menus, beside the elder prices in force on that day."""
    in_force = _in_force()
    return [
        Posted(
            point, day, meal, fen, tuple(sorted({one.elder_fen for one in in_force(point, meal, day)}))
        )
        for point, day, meal, fen in _posted_rows(from_on, to_on, point_ids)
    ]  # fmt: skip


def undeclared(from_on: date, to_on: date, point_ids: Ids = None) -> list[Deviation]:
    """What was charged without any filing, or above it (N24: `rules.undeclared_changes` counts)."""
    found = deviations(price_facts(from_on, to_on, point_ids))
    return [one for one in found if one.kind in (UNFILED, ABOVE_FILED)]


def elder_to_public(from_on: date, to_on: date, point_ids: Ids = None) -> Ratio:
    """N25: what elders pay by the filed prices, measured by what the public pays."""
    return elder_ratio(price_facts(from_on, to_on, point_ids))


def self_pay(from_on: date, to_on: date, point_ids: Ids = None) -> list[SelfPay]:
    """N23: what elders paid for subsidised meals, by point, age and tier."""
    same = (Serving.point_id, Serving.age, Serving.decision_id)
    paid = cast(func.sum(Serving.self_pay_fen), BigInteger)
    rows = (
        select(*same, NET, paid)
        .where(
            Serving.served_on.between(from_on, to_on),
            Serving.reason.is_(None),
            *_within(Serving.point_id, point_ids),
        )
        .group_by(*same)
        .having(NET != 0)
        .order_by(*same)
    )
    read = db.session.execute(rows).all()
    tiers = _tiers({row.decision_id for row in read})
    return [
        SelfPay(point, age, tiers[decision], int(net), int(fen))
        for point, age, decision, net, fen in read
    ]


def eaten(from_on: date, to_on: date, point_ids: Ids = None) -> tuple[Any, ...]:
    """The condition for tally rows of meals eaten on these days: they settle then or later."""
    return (
        DailyTally.settle_month >= from_on.year * 100 + from_on.month,
        DailyTally.served_on.between(from_on, to_on),
        *_within(DailyTally.point_id, point_ids),
    )


def _in_force() -> Any:
    register = filed_prices()

    @lru_cache(maxsize=20_000)
    def on(point_id: int, meal: str, day: date) -> tuple[Filed, ...]:
        filed = register.get((point_id, meal), ())
        return prices_on(filed, day) if filed else ()

    return on


def _posted_rows(from_on: date, to_on: date, point_ids: Ids) -> list[Any]:
    published = and_(
        MenuDay.point_id == MenuItem.point_id,
        MenuDay.served_on == MenuItem.served_on,
        MenuDay.meal == MenuItem.meal,
    )
    same = (MenuItem.point_id, MenuItem.served_on, MenuItem.meal, MenuItem.price_fen)
    rows = (
        select(*same)
        .join(MenuDay, published)
        .where(
            MenuItem.served_on.between(from_on, to_on),
            MenuItem.kind == SET_MEAL,
            MenuItem.price_fen.is_not(None),
            MenuItem.withdrawn_at.is_(None),
            *_within(MenuItem.point_id, point_ids),
        )
        .order_by(*same)
    )
    return list(db.session.execute(rows).all())


def _tiers(ids: Collection[int]) -> dict[int, str]:
    rows = select(Decision.id, Decision.content).where(Decision.id.in_(ids))
    return {key: json.loads(text).get("tier_name") or "" for key, text in db.session.execute(rows)}


def _within(column: Any, point_ids: Ids) -> tuple[Any, ...]:
    return () if point_ids is None else (column.in_(point_ids),)
