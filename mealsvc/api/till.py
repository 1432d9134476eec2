"""What a till asks while it is on line: how the day stands, who that is, what she would pay."""

from datetime import date, datetime
from typing import Any

from flask_wtf.csrf import generate_csrf

from mealsvc.accounts.permissions import ROLES
from mealsvc.accounts.sessions import reporting_device
from mealsvc.api.safety import head, safety
from mealsvc.kernel.ages import age_on
from mealsvc.kernel.dates import format_instant
from mealsvc.kernel.masking import mask_name, polite
from mealsvc.kernel.meals import LOCAL, MEALS, local_date, meal_at
from mealsvc.kernel.refusals import Refusal
from mealsvc.menus.prices import parts, public_price
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.guards import Principal, bearer_token
from mealsvc.policies.rules import Decision
from mealsvc.policies.wording import REASON_NAMES, SOURCE_NAMES
from mealsvc.servings import ledger, till
from mealsvc.servings.closing import is_closed
from mealsvc.servings.refusals import BadPrice
from mealsvc.servings.rules import Order
from mealsvc.servings.taking_back import manages
from mealsvc.servings.till import Choice
from mealsvc.servings.uploads import count_open

Json = dict[str, Any]


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
        "conflicts": count_open(point.code),
        "meal": meal_at(now.astimezone(LOCAL).time()),
        "prices": {meal: _prices(point.id, meal, now) for meal in MEALS},
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


def preview_of(point: MealPoint, who: Choice, order: Order, now: datetime) -> Json:
    """What this meal would cost whom; raises the refusal that recording it would give."""
    card = till.card_for(order, who, now)
    if card.refusal is not None and not (
        order.price_fen is None and isinstance(card.refusal, BadPrice)
    ):
        raise card.refusal
    return {
        **_person(who, local_date(now)),
        "meal": order.meal,
        "mode": order.mode,
        "method": order.method,
        **_amounts(point.id, order, card.decision),
        "sentence": card.sentence,
        "earlier": card.earlier
        and {"at": format_instant(card.earlier.at), "point": card.earlier.point},
    }


def _amounts(point_id: int, order: Order, decision: Decision | None) -> Json:
    if order.price_fen is None or decision is None:
        names = ("list_price_fen", "discount_fen", "price_fen", "subsidy_fen", "self_pay_fen")
        return {
            **dict.fromkeys(names),
            "sources": [],
            "reason": None,
            "reason_name": "",
            "delivery_fen": 0,
        }
    listed, discount = parts(point_id, order.meal, order.day, order.price_fen)
    return {
        "list_price_fen": listed,
        "discount_fen": discount,
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


def _prices(point_id: int, meal: str, now: datetime) -> dict[str, int | None]:
    return {
        "elder_fen": till.usual_price(point_id, meal, now),
        "public_fen": public_price(point_id, meal, local_date(now)),
    }


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
