"""Menus and filed prices as pages and papers show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, select

from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.meals import MEALS
from mealsvc.menus.models import FiledPrice, MenuDay, MenuItem
from mealsvc.menus.rules import KINDS, SET_MEAL, marks, missing_parts
from mealsvc.plumbing.db import db

_MEALS = {meal: number for number, meal in enumerate(MEALS)}
_KINDS = {kind: number for number, kind in enumerate((SET_MEAL, *KINDS[:-1]))}


@dataclass(frozen=True, slots=True)
class MealMenu:
    """One meal of one day: `items` with those taken off, and when it was made public."""

    day: date
    meal: str
    items: tuple[MenuItem, ...]
    published: MenuDay | None

    @property
    def dishes(self) -> tuple[MenuItem, ...]:
        """What is really on it."""
        return tuple(item for item in self.items if item.withdrawn_at is None)

    @property
    def set_meals(self) -> tuple[MenuItem, ...]:
        return tuple(item for item in self.dishes if item.kind == SET_MEAL)

    @property
    def state(self) -> str:
        """empty, draft, changed (since it was made public) or published."""
        if self.published is None:
            return "draft" if self.dishes else "empty"
        since = self.published.published_at
        fresh = any(item.changed_at and item.changed_at > since for item in self.items)
        return "changed" if fresh else "published"

    def changed_after(self, item: MenuItem) -> bool:
        """Whether a dish is not as it was when the menu was first made public."""
        if self.published is None or item.changed_at is None:
            return False
        return item.changed_at > self.published.first_published_at

    def missing(self, pattern: str) -> tuple[str, ...]:
        """What a set meal should have and this one has not; nothing where there is none."""
        if not self.set_meals:
            return ()
        return missing_parts(pattern, {item.kind for item in self.dishes})

    def warnings(self, pattern: str) -> list[str]:
        """What should be put right before the menu is made public."""
        when = f"{chinese_date(self.day)}{MEALS.get(self.meal, self.meal)}"
        found = []
        if not self.set_meals:
            found.append(f"{when}没有套餐，收银台没有套餐价可用。")
        if parts := self.missing(pattern):
            found.append(f"{when}的套餐还缺：{'、'.join(parts)}。")
        unmarked = [i.name for i in self.dishes if i.kind != SET_MEAL and not marks(i.allergens)]
        if unmarked:
            found.append(f"{when}没有标过敏原：{'、'.join(unmarked)}。")
        return found


@dataclass(frozen=True, slots=True)
class Copying:
    """What copying a week would add; `skipped` are days of the target that have dishes already."""

    source: date
    target: date
    items: tuple[MenuItem, ...]
    skipped: tuple[date, ...]

    def day_of(self, item: MenuItem) -> date:
        """The day in the target week that this dish is copied to."""
        return item.served_on + (self.target - self.source)

    def meals(self) -> list[tuple[tuple[date, str], list[MenuItem]]]:
        """The dishes to come by day and meal."""
        found: dict[tuple[date, str], list[MenuItem]] = {}
        for item in self.items:
            found.setdefault((self.day_of(item), item.meal), []).append(item)
        return list(found.items())


def meal_menu(point_id: int, day: date, meal: str) -> MealMenu:
    """One meal's menu, which may be empty."""
    found = _menus(point_id, day, day).get((day, meal))
    return found or MealMenu(day, meal, (), None)


def week_menus(point_id: int, monday: date) -> dict[tuple[date, str], MealMenu]:
    """The menus of a week by day and meal, those that have dishes or had some, in order."""
    return _menus(point_id, monday, monday + timedelta(days=6))


def plan_copy(point_id: int, source: date, target: date, today: date) -> Copying:
    """What would be copied from one week to another: onto days to come that have no dishes."""
    taken = {day for (day, _), menu in week_menus(point_id, target).items() if menu.items}
    move = target - source
    items, skipped = [], set()
    for menu in week_menus(point_id, source).values():
        day = menu.day + move
        if day in taken or day < today:
            skipped.add(day)
        else:
            items += menu.dishes
    return Copying(source, target, tuple(items), tuple(sorted(skipped)))


def filed_of(point_id: int) -> Select[Any]:
    """Everything that a point has filed, the latest first."""
    order = (FiledPrice.effective_from.desc(), FiledPrice.id.desc())
    return select(FiledPrice).where(FiledPrice.point_id == point_id).order_by(*order)


def _menus(point_id: int, first: date, last: date) -> dict[tuple[date, str], MealMenu]:
    items: dict[tuple[date, str], list[MenuItem]] = {}
    rows = select(MenuItem).where(
        MenuItem.point_id == point_id, MenuItem.served_on.between(first, last)
    )
    for item in db.session.scalars(rows):
        items.setdefault((item.served_on, item.meal), []).append(item)
    public = select(MenuDay).where(
        MenuDay.point_id == point_id, MenuDay.served_on.between(first, last)
    )
    published = {(row.served_on, row.meal): row for row in db.session.scalars(public)}
    keys = sorted(items.keys() | published.keys(), key=lambda key: (key[0], _MEALS.get(key[1], 9)))
    return {key: MealMenu(*key, _in_order(items.get(key, ())), published.get(key)) for key in keys}


def _in_order(items: Sequence[MenuItem]) -> tuple[MenuItem, ...]:
    return tuple(sorted(items, key=lambda item: (_KINDS.get(item.kind, 9), item.id)))
