"""Daily logs from a file: judged by the thresholds of their day, each key once."""

from collections.abc import Hashable, Sequence
from typing import Any

from sqlalchemy import Connection, select

from mealsvc.exchange.headings import Matched
from mealsvc.exchange.importers.base import Outcome
from mealsvc.exchange.log_rows import draft_of
from mealsvc.kernel.actors import Actor
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.servings.refusals import UnknownPoint
from mealsvc.supervision.logs.rules import control_items
from mealsvc.supervision.logs.services import Row, log_batch


class LogImporter:
    """Keeps the rows in the file's order; days may lie back as far as they like."""

    size = 1_000

    def __init__(self, matched: Matched, filename: str) -> None:
        pass

    def order(self, row: Any) -> Any:
        return None

    def identity(self, row: Any) -> Hashable:
        return row.line

    def apply(
        self, connection: Connection, rows: Sequence[Any], by: Actor, now: Any
    ) -> Sequence[Outcome]:
        codes = {row.point for row in rows}
        found = db.session.scalars(select(MealPoint).where(MealPoint.code.in_(codes)))
        points = {point.code: point for point in found}
        known = [row for row in rows if row.point in points]
        made = [
            Row(points[row.point], draft_of(row, control_items(points[row.point].kind)), row.key)
            for row in known
        ]
        kept = iter(log_batch(made, by, now, any_day=True))
        return [
            next(kept) if row.point in points else UnknownPoint(point=row.point) for row in rows
        ]
