"""What the route sheet and the bag labels of one round say, gathered from its stops."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select

from mealsvc.deliveries import queries
from mealsvc.deliveries.models import DeliveryRound
from mealsvc.deliveries.queries import Stop
from mealsvc.kernel.masking import mask_name, mask_phone
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.reports.bag_labels import Label
from mealsvc.reports.route_sheet import Call, Route

NO_ROUND = "未编线路"
TITLES = {"male": "爷爷", "female": "奶奶"}
SET_MEAL = "当日套餐"


def stops_of_round(point: MealPoint, day: date, meal: str, round_id: int) -> list[Stop]:
    """The stops of one round (0: those without one) in their order."""
    return [stop for stop in queries.stops_of(point.id, day, meal) if stop.round_id == round_id]


def route_of(point: MealPoint, day: date, meal: str, stops: Sequence[Stop]) -> Route:
    """The sheet of a round: full addresses, masked phones."""
    doors = queries.doors_of([stop.booking.resident_id for stop in stops])
    limits = queries.limits_on(day, meal)
    cooked = queries.cooked_at(point.id, day, meal)
    round_id = stops[0].round_id if stops else 0
    one = db.session.get(DeliveryRound, round_id) if round_id else None
    calls = []
    for stop in stops:
        address, phone = doors[stop.booking.resident_id]
        shown = mask_phone(phone) if phone else "没有登记"
        dish = stop.booking.dish or SET_MEAL
        calls.append(Call(stop.name, address, shown, "、".join(stop.diet), dish))
    return Route(
        point.name,
        one.name if one else NO_ROUND,
        one.courier if one else "",
        day,
        meal,
        limits.window,
        cooked,
        cooked and cooked + timedelta(minutes=limits.eat_by_minutes),
        calls,
    )


def labels_of(point: MealPoint, day: date, meal: str, stops: Sequence[Stop]) -> list[Label]:
    """The labels of a round's bags: surname with title and the masked name, no address."""
    limits, kitchen = queries.limits_on(day, meal), _kitchen(point)
    cooked = queries.cooked_at(point.id, day, meal)
    return [
        Label(
            f"{_surname(stop.name)}{TITLES.get(stop.sex, '')}（{mask_name(stop.name)}）",
            stop.round_name or NO_ROUND,
            number,
            stop.booking.dish or SET_MEAL,
            "、".join(stop.diet),
            kitchen,
            day,
            meal,
            cooked,
            (limits.warm_minutes, limits.eat_by_minutes),
        )
        for number, stop in enumerate(stops, 1)
    ]


def _surname(name: str) -> str:
    """What the mask leaves at the start: one character, or a compound surname."""
    return mask_name(name).partition("*")[0][:2] or name[:1]


def _kitchen(point: MealPoint) -> str:
    """Who cooked: the kitchen that supplies the point, else the point itself."""
    supplier = select(MealPoint.name).where(MealPoint.code == point.supplier)
    return (db.session.scalar(supplier) if point.supplier else None) or point.name
