"""What a till asks while it is on line: how the day stands, who that is, what she would pay."""

from datetime import date, datetime
from typing import Any, NamedTuple

from flask_wtf.csrf import generate_csrf

from mealsvc.accounts.permissions import ROLES
from mealsvc.accounts.sessions import reporting_device
from mealsvc.api.refusals import UnknownTill
from mealsvc.api.safety import head, safety
from mealsvc.kernel.ages import age_on
from mealsvc.kernel.dates import format_instant
from mealsvc.kernel.masking import mask_name, polite
from mealsvc.kernel.meals import LOCAL, MEALS, local_date, meal_at
from mealsvc.kernel.refusals import Refusal
from mealsvc.menus.rules import list_price_fen, prices_on
from mealsvc.places.models import MealPoint
from mealsvc.places.queries import stopped_on
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import Principal, bearer_token
from mealsvc.policies.rules import Decision
from mealsvc.policies.wording import REASON_NAMES, SOURCE_NAMES
from mealsvc.servings import ledger, till
from mealsvc.servings.asking import Asked, asked_for
from mealsvc.servings.closing import is_closed
from mealsvc.servings.refusals import BadPrice
from mealsvc.servings.rules import Order
from mealsvc.servings.taking_back import manages
from mealsvc.servings.till import Choice
from mealsvc.servings.uploads import count_open

Json = dict[str, Any]


class Wanted(NamedTuple):
    """The meal that the till asks about; what is empty is chosen by time and day."""

    meal: str
    mode: str
    price_fen: int | None
    method: str


def state_of(point: MealPoint, me: Principal, now: datetime) -> Json:
    """Everything that the till's edge shows: count, capacity, prices, the last servings."""
    today = local_date(now)
    closed = is_closed(point.id, today)
    return {
        "server_time": format_instant(now),
        "day": today.isoformat(),
        "point": {"code": point.code, "name": point.name},
        **safety(),
        "sequence": head(),
        "csrf_token": None if bearer_token() is not None else generate_csrf(),
        "operator": _operator(me),
        "device": _device_name(me),
        "count": _count(point, today),
        "capacity": point.daily_capacity,
        "day_closed": closed,
        "stopped": stopped_on(point, today),
        "conflicts": count_open(point.code),
        "meal": meal_at(now.astimezone(LOCAL).time()),
        "prices": {
            meal: {"elder_fen": elder, "public_fen": public}
            for meal, (elder, public) in till.prices_of(point.id, now).items()
        },
        "last": [_line(row, may_undo(me, closed)) for row in ledger.last_lines(point.id, today)],
    }


def may_undo(me: Principal, closed: bool) -> bool:
    """After the day is closed only the manager takes a meal back."""
    return me.can("servings.reverse") and (not closed or manages(me))


def search_for(typed: str, now: datetime) -> Json:
    """The elders that fit what was typed, with their full names: nothing of this is kept."""
    try:
        found = till.search(typed)
    except Refusal as refusal:
        return {"people": [], "more": False, "message": refusal.message}
    today = local_date(now)
    return {
        "people": [
            {**_person(one, today), "sex": one.sex, "last4": one.last4, "method": one.method}
            for one in found[: till.MOST_SHOWN]
        ],
        "more": len(found) > till.MOST_SHOWN,
    }


def preview_of(point: str, credential: str, wanted: Wanted, login: str, now: datetime) -> Json:
    """What this meal would cost whom; raises the refusal that recording it would give."""
    asked = asked_for(db.session.connection(), point, credential, wanted.method)
    if asked.point_id is None:
        raise UnknownTill(point=point)
    who, order = asked.who, _order(point, asked, wanted, login, now)
    card = till.card_for(order, who, now)
    if card.refusal is not None and not (
        order.price_fen is None and isinstance(card.refusal, BadPrice)
    ):
        raise card.refusal
    earlier = card.earlier
    return {
        **_person(who, local_date(now)),
        "meal": order.meal,
        "mode": order.mode,
        "method": order.method,
        **_amounts(asked, order, card.decision),
        "sentence": card.sentence,
        "earlier": earlier and {"at": format_instant(earlier.at), "point": earlier.point},
    }


def _order(point: str, asked: Asked, wanted: Wanted, login: str, now: datetime) -> Order:
    meal = wanted.meal or meal_at(now.astimezone(LOCAL).time())
    price = wanted.price_fen
    if price is None and meal in MEALS:
        price = till.usual_price(asked.point_id or 0, meal, now)
    mode, who = wanted.mode or "dine_in", asked.who
    key = till.new_key(now)
    return Order(key, point, who.token, now, meal, mode, price, who.method, operator=login)


def _amounts(asked: Asked, order: Order, decision: Decision | None) -> Json:
    if order.price_fen is None or decision is None:
        names = ("list_price_fen", "discount_fen", "price_fen", "subsidy_fen", "self_pay_fen")
        return {
            **dict.fromkeys(names),
            "sources": [],
            "reason": None,
            "reason_name": "",
            "delivery_fen": 0,
        }
    listed = list_price_fen(prices_on(asked.filed(order.meal), order.day), order.price_fen)
    return {
        "list_price_fen": listed,
        "discount_fen": listed - order.price_fen,
        "price_fen": order.price_fen,
        "subsidy_fen": decision.subsidy_fen,
        "self_pay_fen": decision.self_pay_fen,
        "sources": _sources(decision),
        "reason": decision.reason,
        "reason_name": REASON_NAMES.get(decision.reason or "", ""),
        "delivery_fen": decision.delivery.fen if decision.delivery else 0,
    }


def _sources(decision: Decision) -> list[Json]:
    totals: dict[str, int] = {}
    for paid in decision.rules:
        for source, fen in paid.funding:
            totals[source] = totals.get(source, 0) + fen
    return [
        {"name": SOURCE_NAMES[one], "fen": totals[one]} for one in SOURCE_NAMES if totals.get(one)
    ]


def _person(who: Choice, today: date) -> Json:
    return {
        "token": who.token,
        "name": who.name,
        "title": polite(who.name, who.sex),
        "age": age_on(who.birth_on, today),
        "place": who.place,
    }


def _operator(me: Principal) -> Json | None:
    if me.kind != "user":
        return None
    role = {"role": me.role, "role_name": ROLES[me.role].name}
    return {"login": me.login, "name": me.name, **role}


def _device_name(me: Principal) -> str | None:
    device = reporting_device(me)
    return device and device.name


def _count(point: MealPoint, today: date) -> dict[str, int]:
    wanted = ledger.LineFilter(today, today, point.code)
    sums = ledger.totals(MealPoint.id == point.id, wanted)
    assert sums is not None
    return {"servings": sums.servings, "subsidised": sums.subsidised}


def _line(row: Any, may: bool) -> Json:
    one = row.Serving
    return {
        "key": one.key,
        "sequence": one.sequence,
        "name": mask_name(row.name),
        "title": polite(row.name, row.sex),
        "meal": one.meal,
        "mode": one.mode,
        "served_at": format_instant(one.served_at),
        "price_fen": one.price_fen,
        "subsidy_fen": one.subsidy_fen,
        "self_pay_fen": one.self_pay_fen,
        "reason": one.reason,
        "undone": bool(row.undone),
        "may_undo": may and not row.undone,
    }
