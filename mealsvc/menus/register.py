"""The filed prices, kept in the process and read again when somebody has filed a new one."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from flask import current_app
from sqlalchemy import func, select

from mealsvc.menus.models import FiledPrice
from mealsvc.menus.rules import Filed, ceiling_fen, prices_on
from mealsvc.plumbing.db import db, once_durable

REVISION = select(func.coalesce(func.max(FiledPrice.id), 0)).scalar_subquery()
"""Rows are never changed or taken out, so the last one tells whether there is a new one."""

Register = Mapping[tuple[int, str], tuple[Filed, ...]]
_COLUMNS = (
    FiledPrice.point_id,
    FiledPrice.meal,
    FiledPrice.name,
    FiledPrice.public_price_fen,
    FiledPrice.elder_price_fen,
    FiledPrice.effective_from,
    FiledPrice.ended,
)
_ROWS = select(*_COLUMNS).order_by(FiledPrice.effective_from, FiledPrice.id)


def filed_prices(revision: int | None = None) -> Register:
    """Everything that was ever filed, by point (id) and meal, in order of the day it holds from.

    `revision` is `REVISION` as the caller has just read it with something else; else it is read.
    """
    if revision is None:
        revision = db.session.execute(select(REVISION)).scalar_one()
    caches = current_app.extensions["mealsvc.caches"]
    cached = caches.get("filed_prices")
    if cached is None or cached[0] != revision:
        cached = (revision, _read())
        once_durable(lambda: caches.__setitem__("filed_prices", cached))
    return cached[1]


def in_force(point_id: int, meal: str, day: date) -> tuple[Filed, ...]:
    """The prices that hold at a point for a meal on a day, the dearest for elders first."""
    return prices_on(filed_prices().get((point_id, meal), ()), day)


def elder_ceiling(register: Register, point_id: int, meal: str, day: date) -> int | None:
    """What an elder may be charged at most (fen) by what was filed; None where nothing was."""
    filed = register.get((point_id, meal))
    return None if filed is None else ceiling_fen(filed, day)


def _read() -> Register:
    found: defaultdict[tuple[int, str], list[Filed]] = defaultdict(list)
    for row in db.session.execute(_ROWS):
        found[row.point_id, row.meal].append(Filed(*row[2:]))
    return {key: tuple(prices) for key, prices in found.items()}
