"""What a point keeps from day to day, menus and purchases, and the district's yearly budget."""

from collections.abc import Hashable, Sequence
from typing import Any

from sqlalchemy import Connection, select

from mealsvc.exchange.importers.base import KeyedImporter, Outcome
from mealsvc.kernel.actors import Actor
from mealsvc.menus.services import put_item
from mealsvc.places.models import MealPoint
from mealsvc.servings.refusals import UnknownPoint
from mealsvc.settlement.budget_lines import put_budget
from mealsvc.supervision.logs.purchases import put_purchase


class AtPoint(KeyedImporter):
    """Rows that belong to a point; its number is looked up once a batch."""

    _ids: dict[str, int]
    _now: Any

    def apply(
        self, connection: Connection, rows: Sequence[Any], by: Actor, now: Any
    ) -> Sequence[Outcome]:
        codes = {row.point for row in rows}
        statement = select(MealPoint.code, MealPoint.id).where(MealPoint.code.in_(codes))
        self._ids = {row.code: row.id for row in connection.execute(statement)}
        self._now = now
        return super().apply(connection, rows, by, now)

    def point_id(self, code: str) -> int:
        """The row number of the point. Raises `UnknownPoint`."""
        if code not in self._ids:
            raise UnknownPoint(point=code)
        return self._ids[code]


class MenuImporter(AtPoint):
    def identity(self, row: Any) -> Hashable:
        return row.point, row.date, row.meal, row.name

    def put(self, row: Any, by: Actor) -> str:
        values = self.given(row, ("meal", "name", "kind", "allergens", "diet"), ("price_fen",))
        values["served_on"] = row.date
        for name in ("portion_g", "salt_g"):
            if name in self.present:
                values[name] = _number(getattr(row, name))
        return put_item(self.point_id(row.point), row.point, values, by, self._now)


class PurchaseImporter(AtPoint):
    def identity(self, row: Any) -> Hashable:
        return row.point, row.date, row.item, row.supplier or "", row.batch or ""

    def put(self, row: Any, by: Actor) -> str:
        values = self.given(row, ("item",), ("expires_on",)) | {
            "bought_on": row.date,
            "quantity_kg": _number(row.quantity_kg),
            "supplier": row.supplier or "",
            "batch": row.batch or "",
        }
        return put_purchase(self.point_id(row.point), row.point, values, by)


class BudgetImporter(KeyedImporter):
    """A line that is there already changes on the ground of the file, if its row names no basis."""

    def identity(self, row: Any) -> Hashable:
        return row.year, row.source, row.division or ""

    def put(self, row: Any, by: Actor) -> str:
        basis = row.basis or f"导入文件 {self.filename}"
        return put_budget(row.year, row.source, row.amount_fen, by, row.division or "", basis)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
