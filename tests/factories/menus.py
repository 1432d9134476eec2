"""Menus and filed prices at a point, made through the services."""

from datetime import date, datetime, timedelta

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.menus.filing import file_price
from mealsvc.menus.queries import week_menus
from mealsvc.menus.rules import SET_MEAL, Filed, monday_of
from mealsvc.menus.services import publish, put_item
from mealsvc.places.models import MealPoint
from mealsvc.places.services import point_by_code
from mealsvc.plumbing.db import writing

SHELL = Actor("command", "tests")
DISHES = (
    ("标准套餐", SET_MEAL, 1200, ""),
    ("红烧肉", "大荤", None, "大豆"),
    ("番茄炒蛋", "小荤", None, "蛋"),
    ("炒青菜", "素", None, "无"),
    ("冬瓜汤", "汤", None, "无"),
    ("米饭", "主食", None, "无"),
)


def place(code: str = "P01") -> MealPoint:
    found = point_by_code(code)
    assert found is not None
    return found


def dish(day: date, name: str, kind: str = "大荤", meal: str = "lunch", **more) -> dict:
    """What is put on a menu."""
    return {"served_on": day, "meal": meal, "name": name, "kind": kind, **more}


def cook(day: date, now: datetime, code: str = "P01", dishes=DISHES, meal: str = "lunch") -> None:
    """These dishes on a day's menu."""
    for name, kind, price_fen, allergens in dishes:
        values = dish(day, name, kind, meal, price_fen=price_fen, allergens=allergens)
        put_item(place(code).id, code, values, SHELL, now)


def filed(
    elder_fen: int,
    from_on: date,
    now: datetime,
    code: str = "P01",
    meal: str = "lunch",
    public_fen: int | None = None,
    name: str = "标准套餐",
):
    """A price filed from a day on, 3 yuan below the public one."""
    price = Filed(name, elder_fen + 300 if public_fen is None else public_fen, elder_fen, from_on)
    with writing():
        return file_price(place(code), meal, price, "服务协议", SHELL, now)


def a_week(code: str, now: datetime) -> None:
    """A published lunch for today and tomorrow, one changed since, and a filed price."""
    today = local_date(now)
    filed(1200, today, now, code)
    with writing():
        for day in (today, today + timedelta(days=1)):
            cook(day, now, code)
        menus = list(week_menus(place(code).id, monday_of(today)).values())
        publish(place(code), menus, SHELL, now)
    with writing():
        later = now + timedelta(hours=1)
        changed = dish(today, "米饭", "主食", portion_g=150.0, salt_g=0.5, diet="soft")
        put_item(place(code).id, code, changed, SHELL, later)
