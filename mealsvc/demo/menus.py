"""The demo's filed prices and menus: two weeks of May 2024, and this week and the next."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import NamedTuple

from mealsvc.demo import history
from mealsvc.demo.district import POINTS, DemoPoint
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.menus.filing import file_price
from mealsvc.menus.queries import plan_copy, week_menus
from mealsvc.menus.rules import SET_MEAL, Filed, joined, monday_of
from mealsvc.menus.services import copy_week, publish, put_item
from mealsvc.places.models import MealPoint
from mealsvc.places.services import point_by_code

SEED = 20240520
NAME = "标准套餐"
FILED = date(2023, 3, 1)
DEARER = Filed("双荤大份套餐", 2_200, 2_000, FILED)
RAISED = date(2023, 3, 28)  # four days before the demo's policy: what the reminder is there for
RAISES = "WJ003"
WEEKS = (monday_of(history.LAST) - timedelta(days=7), monday_of(history.LAST))


class _Dish(NamedTuple):
    name: str
    kind: str
    portion_g: float
    salt_g: float
    allergens: tuple[str, ...] = ("无",)
    diet: tuple[str, ...] = ()


DISHES = (
    _Dish("红烧肉", "大荤", 90, 0.6, ("大豆", "麸质"), ("soft", "boneless")),
    _Dish("清蒸鲈鱼", "大荤", 100, 0.4, ("鱼",), ("low_oil",)),
    _Dish("狮子头", "大荤", 100, 0.5, ("蛋", "大豆"), ("soft", "boneless")),
    _Dish("白切鸡", "大荤", 90, 0.4, ("无",), ("low_oil",)),
    _Dish("糖醋排骨", "大荤", 90, 0.5, ("大豆", "麸质")),
    _Dish("番茄炖牛腩", "大荤", 100, 0.5, ("无",), ("soft", "boneless")),
    _Dish("清炖鸭块", "大荤", 100, 0.4, ("无",), ("soft",)),
    _Dish("葱油鱼片", "大荤", 90, 0.4, ("鱼",), ("soft", "boneless")),
    _Dish("肉末豆腐", "小荤", 110, 0.4, ("大豆",), ("soft", "boneless")),
    _Dish("青椒肉丝", "小荤", 100, 0.4, ("大豆",), ("boneless",)),
    _Dish("番茄炒蛋", "小荤", 110, 0.3, ("蛋",), ("soft", "low_salt")),
    _Dish("香干芹菜", "小荤", 100, 0.4, ("大豆",)),
    _Dish("虾仁蒸蛋", "小荤", 110, 0.3, ("蛋", "虾蟹"), ("soft", "boneless", "low_salt")),
    _Dish("木耳肉片", "小荤", 100, 0.4, ("无",), ("boneless",)),
    _Dish("毛豆鸡丁", "小荤", 100, 0.4, ("大豆",), ("boneless",)),
    _Dish("清炒时蔬", "素", 140, 0.3, ("无",), ("vegetarian", "low_oil")),
    _Dish("醋溜白菜", "素", 140, 0.3, ("无",), ("vegetarian", "soft")),
    _Dish("蒜蓉生菜", "素", 130, 0.3, ("无",), ("vegetarian",)),
    _Dish("烧冬瓜", "素", 150, 0.3, ("无",), ("vegetarian", "soft", "low_salt")),
    _Dish("香菇青菜", "素", 140, 0.3, ("无",), ("vegetarian",)),
    _Dish("清炒西葫芦", "素", 140, 0.3, ("无",), ("vegetarian", "soft")),
    _Dish("番茄蛋汤", "汤", 200, 0.3, ("蛋",)),
    _Dish("紫菜虾皮汤", "汤", 200, 0.4, ("虾蟹",)),
    _Dish("冬瓜骨头汤", "汤", 200, 0.3, ("无",), ("soft",)),
    _Dish("萝卜汤", "汤", 200, 0.2, ("无",), ("vegetarian", "low_salt")),
    _Dish("米饭", "主食", 150, 0.0, ("无",), ("low_salt",)),
    _Dish("软米饭", "主食", 160, 0.0, ("无",), ("soft", "low_salt")),
    _Dish("杂粮饭", "主食", 150, 0.0, ("无",), ("low_sugar",)),
    _Dish("小馒头", "主食", 100, 0.2, ("麸质",), ("soft",)),
)
PARTS = ("大荤", "小荤", "素", "汤", "主食")


def file_prices(by: Actor) -> None:
    """What every point charges, filed before its first serving; one was raised just before the policy."""
    for point in POINTS:
        place = _place(point)
        for meal in _meals(point):
            public = point.price_fen + (300 if point.price_fen >= 1500 else 200)
            if point.code == RAISES:
                before = Filed(NAME, public - 100, point.price_fen - 100, FILED)
                file_price(place, meal, before, "服务协议", by, _morning(FILED))
            start = RAISED if point.code == RAISES else FILED
            basis = "调价申请" if point.code == RAISES else "服务协议"
            price = Filed(NAME, public, point.price_fen, start)
            file_price(place, meal, price, basis, by, _morning(start))
            file_price(place, meal, DEARER, "服务协议", by, _morning(FILED))


def put_menus(by: Actor, now: datetime) -> None:
    """A menu for every day of four weeks, each made public on the Saturday before."""
    random = Random(SEED)
    this_week = monday_of(local_date(now))
    coming = (this_week, this_week + timedelta(days=7))
    for point in POINTS:
        place = _place(point)
        for monday in WEEKS:
            for number in range(7):
                for meal in _meals(point):
                    _cook(place, point, monday + timedelta(days=number), meal, random, by)
        for source, monday in zip(WEEKS, coming, strict=True):
            copying = plan_copy(place.id, source, monday, monday)
            copy_week(place, copying, by, _morning(monday - timedelta(days=2)))
        for monday in sorted({*WEEKS, *coming}):
            menus = list(week_menus(place.id, monday).values())
            publish(place, menus, by, _morning(monday - timedelta(days=2)))


def _cook(
    place: MealPoint, point: DemoPoint, day: date, meal: str, random: Random, by: Actor
) -> None:
    common = {"served_on": day, "meal": meal}
    at = _morning(monday_of(day) - timedelta(days=3))
    set_meal = {"name": NAME, "kind": SET_MEAL, "price_fen": point.price_fen}
    put_item(place.id, point.code, common | set_meal, by, at)
    for part in PARTS:
        dish = random.choice([dish for dish in DISHES if dish.kind == part])
        values = {
            "name": dish.name,
            "kind": part,
            "portion_g": dish.portion_g,
            "salt_g": dish.salt_g,
            "allergens": joined(dish.allergens),
            "diet": joined(dish.diet),
        }
        put_item(place.id, point.code, common | values, by, at)


def _meals(point: DemoPoint) -> tuple[str, ...]:
    return ("lunch", "dinner") if point.dinner else ("lunch",)


def _place(point: DemoPoint) -> MealPoint:
    place = point_by_code(point.code)
    assert place is not None
    return place


def _morning(day: date) -> datetime:
    """9:00 in Shanghai."""
    return datetime.combine(day, time(1, 0), UTC)
