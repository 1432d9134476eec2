"""Servings in the order of their time, reversals in the order of the file."""

from collections.abc import Hashable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from mealsvc.exchange.headings import Matched
from mealsvc.exchange.importers.base import CREATED, UNCHANGED, Outcome
from mealsvc.exchange.records import ReversalRow, ServingRow
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.refusals import Refusal
from mealsvc.servings.desk import Desk
from mealsvc.servings.rules import Order
from mealsvc.servings.services import reverse_serving

USUAL_METHOD = "card"


class ServingImporter:
    """Rows are evaluated in order of time, key and line, against what is already recorded."""

    size = 5_000

    def __init__(self, matched: Matched, filename: str) -> None:
        self._desk = Desk()

    def order(self, row: ServingRow) -> Any:
        return row.served_at, row.key, row.line

    def identity(self, row: ServingRow) -> Hashable:
        return row.line

    def apply(
        self, connection: Connection, rows: Sequence[ServingRow], by: Actor, now: datetime
    ) -> Sequence[Outcome]:
        orders = [
            Order(
                row.key,
                row.point,
                row.credential,
                row.served_at,
                row.meal,
                row.mode,
                row.price_fen,
                row.method or USUAL_METHOD,
                row.operator or by.name,
                row.device or "",
            )
            for row in rows
        ]
        return self._desk.record(connection, orders, by, now)


class ReversalImporter:
    """Each row takes back one line; the same row again is a replay and changes nothing."""

    size = 1_000

    def __init__(self, matched: Matched, filename: str) -> None:
        pass

    def order(self, row: ReversalRow) -> Any:
        return None

    def identity(self, row: ReversalRow) -> Hashable:
        return row.line

    def apply(
        self, connection: Connection, rows: Sequence[ReversalRow], by: Actor, now: datetime
    ) -> Sequence[Outcome]:
        return [_reverse(connection, row, by, now) for row in rows]


def _reverse(connection: Connection, row: ReversalRow, by: Actor, now: datetime) -> Outcome:
    try:
        receipt = reverse_serving(connection, row.key, row.reverses, row.reason, row.at, by, now)
    except Refusal as refusal:
        return refusal
    return CREATED if receipt.fresh else UNCHANGED
