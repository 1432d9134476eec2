"""Keeping a point's menu: dishes, last week's again, and making it public."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.meals import MEALS, local_date
from mealsvc.kernel.money import display
from mealsvc.menus import refusals
from mealsvc.menus.models import MenuDay, MenuItem
from mealsvc.menus.prices import elder_price
from mealsvc.menus.queries import Copying, MealMenu
from mealsvc.menus.register import elder_ceiling, filed_prices
from mealsvc.menus.rules import SET_MEAL
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.trail.services import record

COPIED = ("meal", "name", "kind", "price_fen", "portion_g", "salt_g", "allergens", "diet")


def put_item(point_id: int, point: str, values: Mapping[str, Any], by: Actor, now: datetime) -> str:
    """Adds or updates one dish by point, day, meal and name; tells created, updated or unchanged.

    A dish that was taken off a published menu is put back on it. Days past are taken as they come:
    files bring what was served.
    """
    key = {name: values[name] for name in ("served_on", "meal", "name")}
    item = db.session.scalar(select(MenuItem).filter_by(point_id=point_id, **key))
    created = item is None
    if item is None:
        item = MenuItem(point_id=point_id, **key)
        db.session.add(item)
    else:
        values = {**values, "withdrawn_at": None}
    changed = {
        name: value for name, value in values.items() if created or getattr(item, name) != value
    }
    if not changed:
        return "unchanged"
    _change(item, point, changed, by, now)
    return "created" if created else "updated"


def add_dish(place: MealPoint, values: Mapping[str, Any], by: Actor, now: datetime) -> None:
    """A dish more; refuses a name that this meal has already, and days past."""
    _refuse_past(values["served_on"], now)
    key = {name: values[name] for name in ("served_on", "meal", "name")}
    there = db.session.scalar(select(MenuItem).filter_by(point_id=place.id, **key))
    if there is not None and there.withdrawn_at is None:
        raise refusals.DishExists(name=values["name"])
    put_item(place.id, place.code, values, by, now)


def change_dish(
    item: MenuItem, place: MealPoint, values: Mapping[str, Any], by: Actor, now: datetime
) -> None:
    """Another name, kind, price, weight or marks for a dish; refuses days past."""
    _refuse_past(item.served_on, now)
    if values["name"] != item.name:
        key = {"served_on": item.served_on, "meal": item.meal, "name": values["name"]}
        if db.session.scalar(select(MenuItem.id).filter_by(point_id=place.id, **key)):
            raise refusals.DishExists(name=values["name"])
    changed = {name: value for name, value in values.items() if getattr(item, name) != value}
    if changed:
        _change(item, place.code, changed, by, now)


def remove_dish(item: MenuItem, place: MealPoint, by: Actor, now: datetime) -> bool:
    """Takes a dish off; True if it stays on show as cancelled, because the menu was public."""
    _refuse_past(item.served_on, now)
    public = db.session.get(MenuDay, (item.point_id, item.served_on, item.meal)) is not None
    if public:
        item.withdrawn_at = item.changed_at = now
    else:
        db.session.delete(item)
    db.session.flush()
    record(by, "menus.remove", _subject(place.code, item), {"name": item.name})
    return public


def copy_week(place: MealPoint, copying: Copying, by: Actor, now: datetime) -> int:
    """Copies the dishes that were shown as to be copied; returns how many."""
    for item in copying.items:
        _refuse_past(copying.day_of(item), now)
        values = {name: getattr(item, name) for name in COPIED}
        dish = MenuItem(point_id=place.id, served_on=copying.day_of(item), changed_at=now, **values)
        db.session.add(dish)
    db.session.flush()
    detail = {"from": copying.source, "to": copying.target, "dishes": len(copying.items)}
    record(by, "menus.copy", place.code, detail)
    return len(copying.items)


def publish(place: MealPoint, menus: Sequence[MealMenu], by: Actor, now: datetime) -> None:
    """Makes these meals' menus public, or public again as they are now.

    Refuses a price above the filed one, and when there is nothing to publish.
    """
    due = to_publish(menus, local_date(now))
    if not due:
        raise refusals.NothingToPublish()
    for refusal in above_filed(place.id, due):
        raise refusal
    for menu in due:
        row = menu.published or MenuDay(
            point_id=place.id, served_on=menu.day, meal=menu.meal, first_published_at=now
        )
        row.published_at, row.published_by = now, by.name
        db.session.add(row)
    db.session.flush()
    detail = {"menus": [f"{menu.day} {menu.meal}" for menu in due]}
    record(by, "menus.publish", place.code, detail)


def to_publish(menus: Iterable[MealMenu], today: date) -> list[MealMenu]:
    """Those that have dishes, are not over, and differ from what is public."""
    return [menu for menu in menus if menu.day >= today and menu.state in ("draft", "changed")]


def above_filed(point_id: int, menus: Iterable[MealMenu]) -> list[refusals.AboveFiled]:
    """The dishes that cost more than an elder may be charged for that meal."""
    register, found = filed_prices(), []
    for menu in menus:
        ceiling = elder_ceiling(register, point_id, menu.meal, menu.day)
        found += [
            refusals.AboveFiled(
                day=chinese_date(menu.day),
                meal=MEALS.get(menu.meal, menu.meal),
                name=item.name,
                price=display(item.price_fen or 0),
                filed=display(ceiling or 0),
            )
            for item in menu.dishes
            if ceiling is not None and (item.price_fen or 0) > ceiling
        ]
    return found


def set_meal_price(point_id: int, day: date, meal: str) -> int | None:
    """What the till proposes (fen): the day's set meal, else the one elder price that is filed."""
    on_the_menu = set_meals_of(point_id, day).get(meal)
    return elder_price(point_id, meal, day) if on_the_menu is None else on_the_menu


def set_meals_of(point_id: int, day: date) -> dict[str, int]:
    """The price (fen) of each meal's set meal on a day's menu, as far as it has one."""
    rows = select(MenuItem.meal, MenuItem.price_fen).where(
        MenuItem.point_id == point_id,
        MenuItem.served_on == day,
        MenuItem.kind == SET_MEAL,
        MenuItem.price_fen.is_not(None),
        MenuItem.withdrawn_at.is_(None),
    )
    prices: dict[str, int] = {}
    for meal, fen in db.session.execute(rows.order_by(MenuItem.id)).all():
        prices.setdefault(meal, fen or 0)  # of several the first
    return prices


def _change(item: MenuItem, point: str, changed: dict[str, Any], by: Actor, now: datetime) -> None:
    for name, value in changed.items():
        setattr(item, name, value)
    item.changed_at = now
    db.session.flush()
    record(by, "menus.put", _subject(point, item), changed)


def _subject(point: str, item: MenuItem) -> str:
    return f"{point}/{item.served_on}/{item.meal}"


def _refuse_past(day: date, now: datetime) -> None:
    if day < local_date(now):
        raise refusals.PastMenu(day=chinese_date(day))
