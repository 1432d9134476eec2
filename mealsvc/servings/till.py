"""What happens at the till before a meal is recorded: finding the elder, and the card to confirm."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from mealsvc.kernel.dates import format_instant
from mealsvc.kernel.meals import LOCAL, MEALS, local_date, meal_at
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy_code
from mealsvc.menus.register import filed_prices
from mealsvc.menus.rules import prices_on
from mealsvc.menus.services import set_meal_price, set_meals_of
from mealsvc.places.models import MealPoint
from mealsvc.places.queries import division_names
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.policies.rules import Decision
from mealsvc.policies.wording import explain
from mealsvc.residents.card_numbers import is_own
from mealsvc.residents.models import Credential, Resident
from mealsvc.residents.search import find
from mealsvc.servings.ledger import last_price, subsidised_already
from mealsvc.servings.lookup import identify
from mealsvc.servings.rules import Order
from mealsvc.servings.services import preview

MOST_SHOWN = 7  # what fits on one screen, and one digit picks
METHODS = {"card": "card", "id": "id_card"}


class CardNotValid(Refusal):
    """这张卡已{state}，不能使用。请改用身份证，或输入姓名查找；补卡请联系所在村（社区）。"""

    code = "unknown_resident"


class NobodyFound(Refusal):
    """没有找到这位老人。请核对卡号、身份证号或姓名后再查；未登记的请先到村（社区）登记。"""

    code = "unknown_resident"


@dataclass(frozen=True, slots=True)
class Choice:
    """One elder found, as the operator tells her from others. `token` stands for her on the page."""

    token: str
    name: str
    birth_on: Any
    place: str
    last4: str
    method: str
    sex: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """What the operator confirms: who, which meal, who pays what and why.

    `decision` is None while the order cannot be recorded; `refusal` says why.
    """

    order: Order
    who: Choice
    age: int | None
    decision: Decision | None
    sentence: str
    refusal: Refusal | None
    earlier: "Earlier | None" = None


class Earlier(NamedTuple):
    """When and where this very meal was subsidised before."""

    at: datetime
    point: str

    def __str__(self) -> str:
        return f"{self.at.astimezone(LOCAL):%H:%M} 在{self.point}"


def search(typed: str) -> list[Choice]:
    """The elders that fit; one more than `MOST_SHOWN` if there are more.

    Raises `NobodyFound`, or `CardNotValid` for a card that was lost, stopped or replaced.
    """
    shown = _by_credential(typed)
    if shown is not None:
        return shown
    found = find(typed, limit=MOST_SHOWN + 1)
    if not found:
        raise NobodyFound()
    return _choices(found, "manual")


def by_token(token: str, method: str) -> Choice:
    """The elder of a token that an earlier page carried."""
    number = vault().number_of(token)
    resident = db.session.get(Resident, number) if number is not None else None
    if resident is None:
        raise NobodyFound()
    return _choices([resident], method)[0]


def _by_credential(typed: str) -> list[Choice] | None:
    as_card, as_id, _ = identify(tidy_code(typed))
    rows = db.session.execute(
        select(Credential.kind, Credential.status, Resident)
        .join(Resident, Resident.id == Credential.resident_id)
        .where(Credential.digest.in_((as_card, as_id)))
    ).all()
    valid = [row for row in rows if row.status == "active"]
    if valid:
        return _choices([valid[0].Resident], _method(valid[0].kind, typed))
    if rows:
        raise CardNotValid(state=state_of_card(rows[0].status))
    return None


def _method(kind: str, typed: str) -> str:
    """How somebody was found; the cards that we print ourselves bear a QR code only."""
    return "qr" if is_own(tidy_code(typed)) else METHODS[kind]


def state_of_card(status: str) -> str:
    """Why a card is no longer good, as it is said at the counter."""
    return {"lost": "挂失", "stopped": "停用", "replaced": "换成新卡"}.get(status, "停用")


def _choices(found: Sequence[Resident], method: str) -> list[Choice]:
    names = division_names({_place_code(one) for one in found})
    return [
        Choice(
            vault().token(one.id),
            one.name,
            one.birth_on,
            names.get(_place_code(one), ""),
            one.id_last4,
            method,
            one.sex,
        )
        for one in found
    ]


def _place_code(resident: Resident) -> str:
    return resident.residence_division or resident.hukou_division


def new_key(now: datetime) -> str:
    """A key for one card shown; in order of time."""
    return f"T-{int(now.timestamp() * 1000):012x}{secrets.token_hex(8)}"


def first_order(who: Choice, point: MealPoint, operator: str, now: datetime) -> Order:
    """The order that the till proposes: this hour's meal, eaten here, at the day's price."""
    meal = meal_at(now.astimezone(LOCAL).time())
    return Order(
        new_key(now),
        point.code,
        who.token,
        now,
        meal,
        "dine_in",
        usual_price(point.id, meal, now),
        who.method,
        operator=operator,
    )


def usual_price(point_id: int, meal: str, now: datetime) -> int | None:
    """The day's set meal on the menu, else the filed price, else what was taken last (fen)."""
    today = local_date(now)
    return set_meal_price(point_id, today, meal) or last_price(point_id, meal, today)


def prices_of(point_id: int, now: datetime) -> dict[str, tuple[int | None, int | None]]:
    """By meal what elders usually pay (see `usual_price`) and the public price, for the whole day."""
    today, filed = local_date(now), filed_prices()
    on_the_menu, told = set_meals_of(point_id, today), {}
    for meal in MEALS:
        holding = prices_on(filed.get((point_id, meal), ()), today)
        elder = on_the_menu.get(meal) or _only({price.elder_fen for price in holding})
        public = _only({price.public_fen for price in holding})
        told[meal] = (elder or last_price(point_id, meal, today), public)
    return told


def _only(prices: set[int]) -> int | None:
    """The price, where there is exactly one."""
    return prices.pop() if len(prices) == 1 else None


def card_for(order: Order, who: Choice, now: datetime) -> Card:
    """The card to confirm, or to correct where the order would be refused."""
    try:
        person, decision = preview(db.session.connection(), order, now)
    except Refusal as refusal:
        return Card(order, who, None, None, "", refusal)
    earlier = None
    if decision.reason == "already_served":
        earlier = _where_and_when(person.id, order)
    sentence = explain(decision, str(earlier or ""))
    return Card(order, who, decision.age, decision, sentence, None, earlier)


def _where_and_when(resident_id: int, order: Order) -> Earlier | None:
    line = subsidised_already(resident_id, order.day, order.meal)
    return Earlier(line.Serving.served_at, line.point_name) if line is not None else None


def written_instant(order: Order) -> str:
    """The order's instant as the page carries it."""
    return format_instant(order.served_at)
