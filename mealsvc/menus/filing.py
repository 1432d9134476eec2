"""Filing prices (备案): added from today on, never changed, never taken out."""

from datetime import date, datetime

from sqlalchemy import select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.money import display
from mealsvc.menus import refusals
from mealsvc.menus.models import FiledPrice
from mealsvc.menus.register import filed_prices
from mealsvc.menus.rules import Filed, prices_on
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.settings.services import value_on
from mealsvc.trail.services import record

PRICE_LIMIT = "serving.price_limit_fen"


def file_price(
    place: MealPoint, meal: str, price: Filed, basis: str, by: Actor, now: datetime
) -> FiledPrice:
    """Files what a meal costs the public and elders from a day on."""
    limit = int(value_on(PRICE_LIMIT, price.effective_from))
    if price.elder_fen > price.public_fen:
        raise refusals.ElderAbovePublic()
    if not 0 < price.elder_fen <= price.public_fen <= limit:
        raise refusals.PriceOutOfRange(limit=display(limit))
    before = _before(place, meal, price.name, price.effective_from)
    if before is not None and before[1:3] == price[1:3]:
        raise refusals.SamePrice()
    return _add(place, meal, price, basis, by, now)


def end_price(
    place: MealPoint, meal: str, name: str, from_on: date, basis: str, by: Actor, now: datetime
) -> FiledPrice:
    """From this day on the named meal is no longer offered at its filed price."""
    before = _before(place, meal, name, from_on)
    if before is None:
        raise refusals.NotInForce(name=name, day=chinese_date(from_on))
    ending = before._replace(effective_from=from_on, ended=True)
    return _add(place, meal, ending, basis, by, now)


def _before(place: MealPoint, meal: str, name: str, day: date) -> Filed | None:
    filed = filed_prices().get((place.id, meal), ())
    return next((price for price in prices_on(filed, day) if price.name == name), None)


def _add(
    place: MealPoint, meal: str, price: Filed, basis: str, by: Actor, now: datetime
) -> FiledPrice:
    if price.effective_from < local_date(now):
        raise refusals.BackdatedPrice()
    key = {"meal": meal, "name": price.name, "effective_from": price.effective_from}
    if db.session.scalar(select(FiledPrice.id).filter_by(point_id=place.id, **key)):
        day = chinese_date(price.effective_from)
        raise refusals.AlreadyFiled(name=price.name, day=day)
    row = FiledPrice(
        point_id=place.id,
        meal=meal,
        name=price.name,
        public_price_fen=price.public_fen,
        elder_price_fen=price.elder_fen,
        effective_from=price.effective_from,
        ended=price.ended,
        basis=basis,
        filed_at=now,
        filed_by=by.name,
    )
    db.session.add(row)
    db.session.flush()
    detail = {
        "meal": meal,
        "name": price.name,
        "public_price_fen": price.public_fen,
        "elder_price_fen": price.elder_fen,
        "effective_from": price.effective_from,
        "basis": basis,
    }
    record(by, "prices.end" if price.ended else "prices.file", place.code, detail)
    return row
