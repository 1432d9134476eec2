"""Divisions, points and candidate sites."""

from typing import Any

from mealsvc.exchange.importers.base import KeyedImporter
from mealsvc.exchange.values import Hours
from mealsvc.kernel.actors import Actor
from mealsvc.places.services import put_candidate, put_division, put_point


class DivisionImporter(KeyedImporter):
    def put(self, row: Any, by: Actor) -> str:
        texts, others = ("code", "name", "level", "managed_by"), ("pop60", "lon", "lat")
        return put_division(self.given(row, texts, others), by)


class CandidateImporter(KeyedImporter):
    def put(self, row: Any, by: Actor) -> str:
        others = ("lon", "lat", "daily_capacity", "build_cost_fen")
        return put_candidate(self.given(row, ("code", "name", "division"), others), by)


class PointImporter(KeyedImporter):
    """A `supplier` may be a point that comes later in the file, or a firm outside the list."""

    TEXTS = (
        "code",
        "name",
        "kind",
        "division",
        "address",
        "catering_mode",
        "licence_no",
        "supplier",
    )
    OTHERS = (
        "lon",
        "lat",
        "seats",
        "daily_capacity",
        "opened_on",
        "closed_on",
        "operator",
        "uscc",
        "licence_expires_on",
    )

    def put(self, row: Any, by: Actor) -> str:
        values = self.given(row, self.TEXTS, self.OTHERS)
        for name in ("lunch_hours", "dinner_hours"):
            if name in self.present:
                values[name] = _written(getattr(row, name))
        return put_point(values, by)


def _written(hours: Hours | None) -> str:
    return f"{hours.opens:%H:%M}-{hours.closes:%H:%M}" if hours else ""
