"""What the menus of a period say, read set-based: days served, publication, dishes and weights."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, case, func, or_, select

from mealsvc.menus.models import MenuDay, MenuItem
from mealsvc.menus.rules import monday_of
from mealsvc.plumbing.db import db
from mealsvc.servings.models import DailyTally
from mealsvc.settings.models import Setting
from mealsvc.settings.services import value_on
from mealsvc.supervision.prices.menu_rules import DIETS, MAINS, PARTS, SALTED, VEGETABLES
from mealsvc.supervision.prices.queries import eaten

Ids = Collection[int] | None


def operating_days(from_on: date, to_on: date, point_ids: Ids) -> dict[int, set[date]]:
    """The days on which each point served, net of what was taken back."""
    net = func.sum(DailyTally.lines - DailyTally.reversals)
    same = (DailyTally.point_id, DailyTally.served_on)
    rows = select(*same).where(*eaten(from_on, to_on, point_ids)).group_by(*same).having(net > 0)
    found: dict[int, set[date]] = defaultdict(set)
    for point, day in db.session.execute(rows.order_by(DailyTally.point_id)):
        found[point].add(day)
    return found


def first_published(from_on: date, to_on: date, point_ids: Ids) -> dict[tuple[int, date], datetime]:
    """When the first menu of each point's week was first published, by point and Monday."""
    rows = select(MenuDay.point_id, MenuDay.served_on, MenuDay.first_published_at)
    found: dict[tuple[int, date], datetime] = {}
    for point, day, at in db.session.execute(
        rows.where(*_between(MenuDay, from_on, to_on, point_ids))
    ):
        key = (point, monday_of(day))
        found[key] = min(found.get(key, at), at)
    return found


def diet_days(from_on: date, to_on: date, point_ids: Ids) -> set[tuple[int, date]]:
    """Points and days whose menu has a dish for those who must eat little salt or sugar, or soft."""
    marked = or_(*(MenuItem.diet.contains(diet) for diet in DIETS))
    rows = select(MenuItem.point_id, MenuItem.served_on).where(*_on_menu(from_on, to_on, point_ids))
    return {(point, day) for point, day in db.session.execute(rows.where(marked).distinct())}


def menus(from_on: date, to_on: date, point_ids: Ids) -> Iterable[Any]:
    """Each menu that has dishes: how many of each kind in `PARTS` (columns 3 to 7), how many
    different ones, and what they weigh together, beside how many weights are unknown."""
    kind = MenuItem.kind
    same = (MenuItem.point_id, MenuItem.served_on, MenuItem.meal)
    dishes = _count(kind.in_(PARTS))
    rows = (
        select(
            *same,
            *(_count(kind == part) for part in PARTS),
            func.count(func.distinct(case((kind.in_(PARTS), MenuItem.name)))).label("kinds"),
            func.count(MenuItem.portion_g).label("weights"),
            func.sum(MenuItem.salt_g).label("salt"),
            _unknown(MenuItem.salt_g, SALTED).label("salt_unknown"),
            _sum(MenuItem.portion_g, (VEGETABLES,)).label("greens"),
            _unknown(MenuItem.portion_g, (VEGETABLES,)).label("greens_unknown"),
            _sum(MenuItem.portion_g, MAINS).label("protein"),
            _unknown(MenuItem.portion_g, MAINS).label("protein_unknown"),
        )
        .where(*_on_menu(from_on, to_on, point_ids))
        .group_by(*same)
        .having(dishes > 0)
        .order_by(*same)
    )
    return db.session.execute(rows)


def main_dishes(from_on: date, to_on: date, point_ids: Ids) -> Iterable[Any]:
    """Point, day and name of each main dish on a menu."""
    rows = select(MenuItem.point_id, MenuItem.served_on, MenuItem.name).where(
        *_on_menu(from_on, to_on, point_ids), MenuItem.kind.in_(MAINS)
    )
    return db.session.execute(rows)


def thresholds(key: str, from_on: date, to_on: date) -> Callable[[date], str]:
    """A threshold on each day of a period, read at once."""
    later = (
        select(Setting.effective_from, Setting.value)
        .where(Setting.key == key, Setting.effective_from > from_on)
        .where(Setting.effective_from <= to_on)
        .order_by(Setting.effective_from.desc())
    )
    changes = [(since, value) for since, value in db.session.execute(later)]
    first = value_on(key, from_on)
    return lambda day: next((value for since, value in changes if since <= day), first)


def _count(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


def _sum(column: Any, kinds: tuple[str, ...]) -> Any:
    return func.sum(case((MenuItem.kind.in_(kinds), column)))


def _unknown(column: Any, kinds: tuple[str, ...]) -> Any:
    return _count(and_(MenuItem.kind.in_(kinds), column.is_(None)))


def _on_menu(from_on: date, to_on: date, point_ids: Ids) -> tuple[Any, ...]:
    return (*_between(MenuItem, from_on, to_on, point_ids), MenuItem.withdrawn_at.is_(None))


def _between(table: Any, from_on: date, to_on: date, point_ids: Ids) -> tuple[Any, ...]:
    within = () if point_ids is None else (table.point_id.in_(point_ids),)
    return (table.served_on.between(from_on, to_on), *within)
