"""Keeping the purchase ledger."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from mealsvc.kernel.actors import Actor
from mealsvc.plumbing.db import db
from mealsvc.supervision.logs.models import Purchase
from mealsvc.trail.services import record

KEY = ("bought_on", "item", "supplier", "batch")


def put_purchase(point_id: int, point: str, values: Mapping[str, Any], by: Actor) -> str:
    """Adds or updates one purchase by point, day, item, supplier and batch."""
    key = {name: values[name] for name in KEY}
    line = db.session.scalar(select(Purchase).filter_by(point_id=point_id, **key))
    changed = {
        name: value
        for name, value in values.items()
        if line is None or getattr(line, name) != value
    }
    if line is not None and not changed:
        return "unchanged"
    created = line is None
    if line is None:
        line = Purchase(point_id=point_id, **key)
        db.session.add(line)
    for name, value in changed.items():
        setattr(line, name, value)
    db.session.flush()
    record(by, "supervision.purchase", f"{point}/{values['bought_on']}/{values['item']}", changed)
    return "created" if created else "updated"


def take_back_purchase(point_id: int, point: str, values: Mapping[str, Any], by: Actor) -> bool:
    """Takes a line out of the ledger whose check was withdrawn, if it still says the same."""
    found = select(Purchase).filter_by(
        point_id=point_id,
        quantity_kg=values["quantity_kg"],
        **{name: values[name] for name in KEY},
    )
    line = db.session.scalar(found)
    if line is None:
        return False
    db.session.delete(line)
    db.session.flush()
    what = f"{point}/{values['bought_on']}/{values['item']}"
    record(by, "supervision.purchase_withdrawn", what, {"quantity_kg": values["quantity_kg"]})
    return True
