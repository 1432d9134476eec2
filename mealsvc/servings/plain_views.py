"""Pages: the plain till (简易版), for browsers without a script: find, card, serve, one page each."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from mealsvc.kernel.meals import local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.menus.prices import parts
from mealsvc.places.models import MealPoint
from mealsvc.places.services import point_by_code
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.plumbing.guards import current, guard
from mealsvc.servings import ledger, till
from mealsvc.servings.forms import CardForm, FindForm
from mealsvc.servings.rules import Order
from mealsvc.servings.services import Receipt, log_refusal, record_serving

Answer = str | Response | tuple[str, int]

bp = Blueprint("plain_till", __name__)


class AmountChanged(Exception):
    """What the elder pays is no longer what the operator was shown: she must see it first."""


@bp.get("/till/plain")
@guard("till.use")
def till_page() -> Answer:
    return _till(own_point())


@bp.post("/till/plain/find")
@guard("till.use")
def find() -> Answer:
    point, form = own_point(), FindForm()
    if not form.validate():
        return _till(point, 422, problem=next(iter(form.q.errors), ""))
    try:
        found = till.search(form.q.data or "")
    except Refusal as refusal:
        return _till(point, problem=refusal.message)  # an answer, not a mistake
    if len(found) > 1:
        return _till(point, found=found[: till.MOST_SHOWN], more=len(found) > till.MOST_SHOWN)
    return _first_card(point, found[0])


@bp.post("/till/plain/card")
@guard("till.use")
def card() -> Answer:
    """The card of an elder picked from a list, or the same card after a change."""
    point, form = own_point(), CardForm()
    try:
        who = till.by_token(form.credential.data or "", form.method.data or "manual")
    except Refusal as refusal:
        return _till(point, 422, problem=refusal.message)
    if not form.key.data:
        return _first_card(point, who)
    if form.meal.data != form.shown_meal.data:
        usual = till.usual_price(point.id, str(form.meal.data), clock.now())
        form.price.data = usual or form.price.data
    return _card(point, _asked(form, point), who)


@bp.post("/till/plain/serve")
@guard("servings.record")
def serve() -> Answer:
    point, form, now = own_point(), CardForm(), clock.now()
    order = _asked(form, point)
    try:
        receipt = _record(order, form.expected.data or "")
    except Refusal as refusal:
        _log(order, refusal)
        return _till(point, 422, problem=refusal.message)
    except AmountChanged:
        who = till.by_token(order.credential, order.method)
        return _card(point, order, who, changed=True)
    shown = parts(point.id, order.meal, order.day, receipt.price_fen)
    return _till(point, done=receipt, order=order, at=now, parts=shown)


def own_point() -> MealPoint:
    """The point of whoever is at the till; 404 where it was never entered."""
    point = point_by_code(current().point_code or "")
    if point is None:
        abort(404)
    return point


def _till(point: MealPoint, status: int = 200, **shown: Any) -> tuple[str, int]:
    """The till's one page: the search field, what came of the last step, and the last servings."""
    last = ledger.last_lines(point.id, local_date(clock.now()))
    facts = {"point": point, "find": FindForm(formdata=None), "last": last, **shown}
    return render_template("servings/plain.html", **facts), status


def _first_card(point: MealPoint, who: till.Choice) -> tuple[str, int]:
    order = till.first_order(who, point, _operator(), clock.now())
    return _card(point, order, who, asking=order.price_fen is None)


def _card(
    point: MealPoint, order: Order, who: till.Choice, changed: bool = False, asking: bool = False
) -> tuple[str, int]:
    shown = till.card_for(order, who, clock.now())
    status = 200 if asking or (shown.decision is not None and not changed) else 422
    facts = {
        "card": shown,
        "form": CardForm.of(shown, request.form.get("price", "")),
        "changed": changed,
        "asking": asking,
        "parts": parts(point.id, order.meal, order.day, order.price_fen or 0),
    }
    return _till(point, status, **facts)


def _operator() -> str:
    """Who serves; a registered tablet does not say."""
    return current().login if current().kind == "user" else ""


def _asked(form: CardForm, point: MealPoint) -> Order:
    try:
        order = form.order(point.code, _operator())
        return order if _operator() else replace(order, device=current().login)
    except ValueError:
        abort(400)


def _record(order: Order, expected: str) -> Receipt:
    """Records the order, unless the elder would pay something else than was shown."""
    with writing() as connection:
        receipt = record_serving(connection, order, current().actor(), clock.now())
        if receipt.fresh and str(receipt.self_pay_fen) != expected:
            raise AmountChanged
    return receipt


def _log(order: Order, refusal: Refusal) -> None:
    if refusal.code != "malformed":
        with writing() as connection:
            log_refusal(connection, order, refusal, clock.now())
