"""Which items of the checklist apply to a point: does it cook, does it receive meals, does it deliver."""

from collections.abc import Collection
from datetime import date, timedelta

from sqlalchemy import select

from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.servings.models import Serving

COOK, DIST, DLV = "COOK", "DIST", "DLV"
NOT_COOKING = ("serving_point", "neighbour_table")
RECEIVING = "serving_point"
DELIVERED_WITHIN = timedelta(days=90)


def traits_of(point_ids: Collection[int], day: date) -> dict[int, frozenset[str]]:
    """The traits of each point on a day; it delivers if it did in the 90 days up to then."""
    rows = db.session.execute(
        select(MealPoint.id, MealPoint.code, MealPoint.kind, MealPoint.supplier).where(
            MealPoint.id.in_(point_ids)
        )
    )
    delivering = set(
        db.session.scalars(
            select(Serving.point_id)
            .where(
                Serving.point_id.in_(point_ids),
                Serving.served_on > day - DELIVERED_WITHIN,
                Serving.served_on <= day,
                Serving.mode == "delivery",
            )
            .distinct()
        )
    )
    return {
        row.id: _traits(row.kind, row.supplier not in ("", row.code), row.id in delivering)
        for row in rows
    }


def _traits(kind: str, supplied: bool, delivers: bool) -> frozenset[str]:
    found = set()
    if kind not in NOT_COOKING:
        found.add(COOK)
    if supplied or kind == RECEIVING:
        found.add(DIST)
    if delivers:
        found.add(DLV)
    return frozenset(found)


def written(traits: Collection[str]) -> str:
    """Traits as a visit keeps them: `COOK;DLV`."""
    return ";".join(sorted(traits))


def read(text: str) -> frozenset[str]:
    """Traits from what a visit keeps."""
    return frozenset(text.split(";")) - {""}
