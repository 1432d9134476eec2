"""On which days and meals a point served, and what stood on its menu: what makes logs due."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select

from mealsvc.kernel.meals import MEALS
from mealsvc.kernel.months import Month
from mealsvc.menus.models import MenuItem
from mealsvc.menus.rules import SET_MEAL
from mealsvc.places.models import MealPoint
from mealsvc.places.rules import KITCHEN
from mealsvc.plumbing.db import db
from mealsvc.servings.models import DailyTally


class Dish(NamedTuple):
    """A dish of a menu; `portion_g` as the menu says, if it does."""

    name: str
    kind: str
    portion_g: float | None


@dataclass
class Served:
    """`meals`: by point and day, each meal with the number of its dishes (0: no menu known)."""

    meals: dict[tuple[int, date], dict[str, int]] = field(default_factory=dict)

    def on(self, point_id: int, day: date) -> dict[str, int]:
        """The meals of a day in their order."""
        found = self.meals.get((point_id, day), {})
        return {meal: found[meal] for meal in MEALS if meal in found}

    def between(self, point_id: int, first: date, last: date) -> bool:
        """Whether the point served on any of these days."""
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return any((point_id, day) in self.meals for day in days)


def not_a_set() -> Any:
    """Dishes that are really cooked: on the menu, and no set meal."""
    return (MenuItem.withdrawn_at.is_(None), MenuItem.kind != SET_MEAL)


def meals_served(point_ids: Collection[int] | None, from_on: date, to_on: date) -> Any:
    """A select of point, day and meal with servings left after reversals."""
    rows = (
        select(DailyTally.point_id, DailyTally.served_on, DailyTally.meal)
        .where(
            DailyTally.settle_month >= Month.of(from_on).key,
            DailyTally.served_on.between(from_on, to_on),
        )
        .group_by(DailyTally.point_id, DailyTally.served_on, DailyTally.meal)
        .having(func.sum(DailyTally.lines - DailyTally.reversals) > 0)
    )
    return rows if point_ids is None else rows.where(DailyTally.point_id.in_(point_ids))


def served(
    points: Sequence[MealPoint], from_on: date, to_on: date, today: date | None = None
) -> Served:
    """Days and meals with servings; on `today` also meals that are on the menu only."""
    homes = _homes(points)
    found = Served()
    dishes = _dishes(homes, from_on, to_on)
    rows = [tuple(row) for row in db.session.execute(meals_served(homes, from_on, to_on))]
    if today is not None:
        rows += [key for key in dishes if key[1] == today]
    for point_id, day, meal in rows:
        for home in homes[point_id]:
            meals = found.meals.setdefault((home, day), {})
            meals[meal] = dishes.get((home, day, meal), 0)
    return found


def dishes_on(point: MealPoint, day: date) -> dict[str, list[Dish]]:
    """What is cooked at the point on a day, by meal; a central kitchen cooks for its points."""
    homes = _homes([point])
    rows = (
        select(MenuItem.meal, MenuItem.name, MenuItem.kind, func.max(MenuItem.portion_g))
        .where(MenuItem.point_id.in_(homes), MenuItem.served_on == day, *not_a_set())
        .group_by(MenuItem.meal, MenuItem.name, MenuItem.kind)
        .order_by(func.min(MenuItem.id))
    )
    found: dict[str, list[Dish]] = {}
    for meal, name, kind, portion in db.session.execute(rows):
        found.setdefault(meal, []).append(Dish(name, kind, portion))
    return {meal: found[meal] for meal in MEALS if meal in found}


def _homes(points: Iterable[MealPoint]) -> dict[int, list[int]]:
    """Whose meals count for whom: each point's own, and a kitchen's those of its points."""
    homes = {point.id: [point.id] for point in points}
    kitchens = {point.code: point.id for point in points if point.kind == KITCHEN}
    if kitchens:
        rows = select(MealPoint.id, MealPoint.supplier).where(MealPoint.supplier.in_(kitchens))
        for point_id, supplier in db.session.execute(rows):
            homes.setdefault(point_id, []).append(kitchens[supplier])
    return homes


def _dishes(
    homes: dict[int, list[int]], from_on: date, to_on: date
) -> dict[tuple[int, date, str], int]:
    """How many dishes are on the menu of each meal; what a kitchen cooks for several counts once."""
    columns = (MenuItem.point_id, MenuItem.served_on, MenuItem.meal)
    mine = (MenuItem.served_on.between(from_on, to_on), *not_a_set())
    counts = select(*columns, func.count()).where(MenuItem.point_id.in_(homes), *mine)
    found = {
        (point_id, day, meal): number
        for point_id, day, meal, number in db.session.execute(counts.group_by(*columns))
    }
    fed = {point_id for point_id, all_homes in homes.items() if all_homes != [point_id]}
    names: dict[tuple[int, date, str], set[str]] = {}
    rows = select(*columns, MenuItem.name).where(
        MenuItem.point_id.in_(fed | {home for one in fed for home in homes[one]}), *mine
    )
    for point_id, day, meal, name in db.session.execute(rows) if fed else ():
        for home in homes[point_id]:
            names.setdefault((home, day, meal), set()).add(name)
    return found | {key: len(dishes) for key, dishes in names.items()}
