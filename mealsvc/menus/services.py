"""Keeping a point's menu."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from mealsvc.kernel.actors import Actor
from mealsvc.menus.models import MenuItem
from mealsvc.plumbing.db import db
from mealsvc.trail.services import record

SET_MEAL = "套餐"


def put_item(point_id: int, point: str, values: Mapping[str, Any], by: Actor) -> str:
    """Adds or updates one dish by point, day, meal and name; tells created, updated or unchanged."""
    key = {name: values[name] for name in ("served_on", "meal", "name")}
    item = db.session.scalar(select(MenuItem).filter_by(point_id=point_id, **key))
    changed = {
        name: value
        for name, value in values.items()
        if item is None or getattr(item, name) != value
    }
    if item is not None and not changed:
        return "unchanged"
    created = item is None
    if item is None:
        item = MenuItem(point_id=point_id, **key)
        db.session.add(item)
    for name, value in changed.items():
        setattr(item, name, value)
    db.session.flush()
    record(by, "menus.put", f"{point}/{key['served_on']}/{key['meal']}", changed)
    return "created" if created else "updated"


def set_meal_price(point_id: int, day: date, meal: str) -> int | None:
    """The price (fen) of the day's set meal at a point, if its menu has one."""
    return db.session.scalar(
        select(MenuItem.price_fen)
        .where(
            MenuItem.point_id == point_id,
            MenuItem.served_on == day,
            MenuItem.meal == meal,
            MenuItem.kind == SET_MEAL,
            MenuItem.price_fen.is_not(None),
        )
        .order_by(MenuItem.id)
        .limit(1)
    )
