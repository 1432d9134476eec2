"""The verbs of menus and filed prices."""

from datetime import date, timedelta

from sqlalchemy import select

from mealsvc.kernel.meals import local_date
from mealsvc.menus import filing, services
from mealsvc.menus.models import FiledPrice, MenuItem
from mealsvc.menus.queries import meal_menu, plan_copy
from mealsvc.menus.rules import Filed, monday_of
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from tests.factories.menus import SHELL, cook, dish, place
from tests.factories.verb import BY, Verb

WEEK = timedelta(days=7)


def _today() -> date:
    return local_date(clock.now())


def _cook() -> None:
    cook(_today(), clock.now())


def _dish() -> MenuItem:
    return db.session.scalars(select(MenuItem).where(MenuItem.name == "红烧肉")).one()


def _copy() -> None:
    monday = monday_of(_today())
    copying = plan_copy(1, monday, monday + WEEK, _today())
    services.copy_week(place(), copying, BY, clock.now())


def _file(by=BY) -> FiledPrice:
    price = Filed("标准套餐", 1500, 1200, _today())
    return filing.file_price(place(), "lunch", price, "服务协议", by, clock.now())


def _end() -> None:
    tomorrow = _today() + timedelta(days=1)
    filing.end_price(place(), "lunch", "标准套餐", tomorrow, "停售", BY, clock.now())


MENU_VERBS = {
    "menus.services.put_item": Verb(
        ("menus.put",),
        lambda: services.put_item(1, "P01", dish(_today(), "红烧肉"), BY, clock.now()),
    ),
    "menus.services.add_dish": Verb(
        ("menus.put",),
        lambda: services.add_dish(place(), dish(_today(), "红烧肉"), BY, clock.now()),
    ),
    "menus.services.change_dish": Verb(
        ("menus.put",),
        lambda: services.change_dish(
            _dish(), place(), {"name": "糖醋排骨", "price_fen": 300}, BY, clock.now()
        ),
        _cook,
    ),
    "menus.services.remove_dish": Verb(
        ("menus.remove",),
        lambda: services.remove_dish(_dish(), place(), BY, clock.now()),
        _cook,
    ),
    "menus.services.copy_week": Verb(("menus.copy",), _copy, _cook),
    "menus.services.publish": Verb(
        ("menus.publish",),
        lambda: services.publish(place(), [meal_menu(1, _today(), "lunch")], BY, clock.now()),
        _cook,
    ),
    "menus.filing.file_price": Verb(("prices.file",), _file),
    "menus.filing.end_price": Verb(("prices.end",), _end, lambda: _file(SHELL)),
}
