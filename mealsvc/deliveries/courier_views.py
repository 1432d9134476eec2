"""The courier's pages for the phone: the day's rounds, and one stop at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from flask import Blueprint, abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from mealsvc.deliveries import queries, refusals, rules, services
from mealsvc.deliveries.forms import HandoverForm, StepForm
from mealsvc.deliveries.keys import new_key
from mealsvc.deliveries.queries import Stop
from mealsvc.deliveries.services import Handover
from mealsvc.deliveries.views import take_step
from mealsvc.kernel.meals import LOCAL, MEALS, local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.models import MealPoint
from mealsvc.places.services import point_by_code
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard, require_point
from mealsvc.policies.rules import Decision
from mealsvc.policies.wording import explain
from mealsvc.servings import refusals as till_refusals
from mealsvc.servings.ledger import line_of, subsidised_already
from mealsvc.servings.services import log_refusal, preview

Answer = str | Response | tuple[str, int]
LOGGED = (
    till_refusals.UnknownResident,
    till_refusals.PointNotOperating,
    till_refusals.ResidentDeceased,
    till_refusals.BadPrice,
    till_refusals.AboveFiledPrice,
)

bp = Blueprint("courier", __name__, url_prefix="/deliveries/carry")


@dataclass(frozen=True, slots=True)
class Bill:
    """What to take at the door and why; `refusal` says why the meal cannot be handed over."""

    decision: Decision | None = None
    sentence: str = ""
    refusal: str = ""


@bp.get("")
@guard("deliveries.carry")
def rounds() -> str:
    """Today's rounds with the next stop of each."""
    point = _own_point()
    stops = queries.stops_of(point.id, local_date(clock.now()))
    order = {meal: number for number, meal in enumerate(MEALS)}
    stops.sort(key=lambda stop: order[stop.booking.meal])  # stable: rounds keep their order
    groups = [(*key, list(group)) for key, group in groupby(stops, _group)]
    return render_template(
        "deliveries/carry.html",
        point=point,
        groups=[(meal, name, group, _next_of(group)) for meal, _, name, group in groups],
        now=clock.now(),
    )


@bp.get("/<int:booking_id>")
@guard("deliveries.carry")
def stop(booking_id: int) -> Answer:
    return _page(_today_stop(booking_id))


@bp.post("/<int:booking_id>/phone")
@guard("deliveries.carry")
def phone(booking_id: int) -> Answer:
    """The number stands on this one answer, and the trail tells who asked."""
    one = _today_stop(booking_id)
    with writing():
        number = services.reveal_phone(booking_id, current().actor())
    return _page(one, asked_phone=True, phone=number)


@bp.post("/<int:booking_id>/delivered")
@guard("deliveries.carry")
def delivered(booking_id: int) -> Answer:
    one, form = _today_stop(booking_id), HandoverForm()
    if not form.validate_on_submit():
        return _again(one, form)
    if _wants_warning(one, form):
        form.warned.data = str(form.temperature.data)
        return _page(one, form, warning=True), 422
    given = Handover(
        f"{form.key.data}:delivered",
        form.receiver.data,
        form.temperature.data,
        form.signature.data or "",
        form.outcome.data or "",
        form.note.data or "",
        _fen(form.expected.data or ""),
    )
    return _acted(one, form, lambda by, now: services.deliver(booking_id, given, by, now))


@bp.post("/<int:booking_id>/no-answer")
@guard("deliveries.carry")
def no_answer(booking_id: int) -> Answer:
    one, form = _today_stop(booking_id), _keyed()
    key = f"{form.key.data}:no_answer"
    return _acted(one, form, lambda by, now: services.note_no_answer(booking_id, key, by, now))


@bp.post("/<int:booking_id>/answer")
@guard("deliveries.carry")
def answer(booking_id: int) -> Answer:
    """A call or a report. How it ended is for the manager or the community to say."""
    one, form = _today_stop(booking_id), StepForm()
    if not form.validate_on_submit() or form.step.data == "closed":
        return _again(one, form)
    return _acted(one, form, lambda *_: take_step(booking_id, form, informed=False))


@bp.post("/<int:booking_id>/return")
@guard("deliveries.carry")
def take_back(booking_id: int) -> Answer:
    one, form = _today_stop(booking_id), _keyed()
    key = f"{form.key.data}:returned"
    return _acted(one, form, lambda by, now: services.return_meal(booking_id, key, by, now))


def _acted(one: Stop, form: Any, act: Callable[..., object]) -> Answer:
    """Does it in one transaction and shows the stop; a refusal is told on the same page."""
    try:
        with writing():
            act(current().actor(), clock.now())
    except Refusal as refusal:
        if isinstance(refusal, LOGGED):
            _log(one, refusal)
        show(form, refusal)
        return _again(_today_stop(one.booking.id), form, refusal.message)
    return redirect(url_for(".stop", booking_id=one.booking.id), 303)


def _again(one: Stop, form: Any, problem: str = "") -> Answer:
    """The same page with what was typed, and why it was not taken."""
    told = problem or "；".join(str(one) for errors in form.errors.values() for one in errors)
    typed = form if isinstance(form, HandoverForm) else None
    return _page(one, typed, problem=told or "没有登记，请再试一次。"), 422


def _page(one: Stop, form: HandoverForm | None = None, **told: Any) -> str:
    booking, now = one.booking, clock.now()
    form = form or HandoverForm(formdata=None)
    form.key.data = form.key.data or new_key(now)
    live = one.progress.meal != rules.DELIVERED
    bill = _bill(one, now) if live else Bill()
    form.expected.data = str(bill.decision.self_pay_fen) if bill.decision else ""
    address, _ = queries.door_of(booking.resident_id) if live else ("", "")
    limits = queries.limits_on(booking.served_on, booking.meal)
    cooked_at = queries.cooked_at(booking.point_id, booking.served_on, booking.meal)
    round_stops = _round_of(one)
    return render_template(
        "deliveries/stop.html",
        stop=one,
        booking=booking,
        form=form,
        bill=bill,
        address=address,
        cooked_at=cooked_at,
        old=rules.age_verdict(now - cooked_at, False, limits) if cooked_at and live else [],
        limits=limits,
        line=_line(one),
        number=next(n for n, other in enumerate(round_stops, 1) if other.booking.id == booking.id),
        whole=len(round_stops),
        next=_next_of(round_stops, booking.id),
        now=now,
        limit=queries.answer_minutes(booking.served_on),
        **told,
    )


def _bill(one: Stop, now: datetime) -> Bill:
    """What the till would decide now; read before anything is handed over."""
    order = services.order_for(one.booking, one.point, current().actor(), now)
    if order.price_fen is None:
        return Bill(refusal=refusals.NoPrice().message)
    try:
        person, decision = preview(db.session.connection(), order, now)
    except Refusal as refusal:
        return Bill(refusal=refusal.message)
    earlier = ""
    if decision.reason == "already_served":
        line = subsidised_already(person.id, order.day, order.meal)
        at = line and line.Serving.served_at.astimezone(LOCAL)
        earlier = f"{at:%H:%M} 在{line.point_name}" if line else ""
    return Bill(decision, explain(decision, earlier))


def _line(one: Stop) -> Any:
    """The ledger line of a meal that was handed over."""
    done = [row.sequence for row in one.rows if row.sequence is not None]
    return line_of(done[-1]) if done and one.progress.meal == rules.DELIVERED else None


def _fen(written: str) -> int | None:
    """The amount that the page said to take."""
    fits = written.isascii() and written.isdigit() and len(written) < 12
    return int(written) if fits else None


def _wants_warning(one: Stop, form: HandoverForm) -> bool:
    tenths = form.temperature.data
    if tenths is None or form.warned.data == str(tenths):
        return False
    return tenths < queries.limits_on(one.booking.served_on, one.booking.meal).hot_tenths


def _round_of(one: Stop) -> list[Stop]:
    booking = one.booking
    stops = queries.stops_of(booking.point_id, booking.served_on, booking.meal)
    return [other for other in stops if other.round_id == one.round_id]


def _next_of(stops: Sequence[Stop], after: int = 0) -> Stop | None:
    """The next stop of a round still to be made: after this one, then from the start."""
    ids = [stop.booking.id for stop in stops]
    place = ids.index(after) + 1 if after in ids else 0
    turned = [*stops[place:], *stops[: max(place - 1, 0)]]
    for state in (rules.WAITING, "no_answer"):
        for stop in turned:
            if stop.progress.state == state:
                return stop
    return None


def _group(stop: Stop) -> tuple[str, int, str]:
    return stop.booking.meal, stop.round_id, stop.round_name


def _today_stop(booking_id: int) -> Stop:
    """A stop of today at the own point; nothing of any other day is shown to a courier."""
    one = queries.stop_of(booking_id)
    if one is None:
        abort(404)
    require_point(one.point, one.point_division)
    booking = one.booking
    if booking.served_on != local_date(clock.now()) or booking.cancelled_at is not None:
        abort(404)
    return one


def _own_point() -> MealPoint:
    return point_by_code(current().point_code or "") or abort(404)


def _keyed() -> StepForm:
    form = StepForm()
    if not form.key.validate(form):
        abort(400)
    return form


def _log(one: Stop, refusal: Refusal) -> None:
    now = clock.now()
    with writing() as connection:
        order = services.order_for(one.booking, one.point, current().actor(), now)
        log_refusal(connection, order, refusal, now)
