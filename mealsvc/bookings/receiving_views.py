"""Pages: what each kitchen has to cook, what it sent off, and the check of what arrived."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from mealsvc.bookings import kitchen, receiving, rules
from mealsvc.bookings.forms import CheckForm, PaperCheckForm, SendForm, at_on
from mealsvc.bookings.models import MealDispatch, MealReceipt
from mealsvc.bookings.views import day_asked, meal_asked
from mealsvc.kernel.meals import LOCAL, MEALS, MODES, local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import point_or_404, points_seen_by
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.addresses import number_asked
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard, require_point

Answer = str | Response | tuple[str, int]

bp = Blueprint("receiving", __name__, url_prefix="/bookings")


@bp.record_once
def _words(state: Any) -> None:
    pages.add_words(state.app, fault_name=rules.FAULTS, measure_name=rules.MEASURES)


@bp.get("/kitchen")
@guard("bookings.read")
def kitchen_page() -> str:
    kitchens = kitchen.kitchens_of(points_seen_by(current()))
    return render_template(
        "bookings/kitchen.html",
        count=count_asked(kitchens),
        kitchens=[(one.code, f"{one.name}（{one.code}）") for one in kitchens],
        meals=list(MEALS.items()),
        modes=MODES,
        now=clock.now(),
        cutoff_words=rules.cutoff_words,
        day=day_asked(),
        meal=meal_asked(),
    )


def count_asked(kitchens: Sequence[MealPoint]) -> kitchen.Count | None:
    """The sheet that the address asks for: of one of these kitchens, the first unless told.

    Whoever sees the kitchen itself sees all its points; others only theirs.
    """
    code = tidy(request.args.get("kitchen", ""))
    found = [one for one in kitchens if not code or one.code == code]
    if not found:
        if code:
            point_or_404(code)  # 403 for what lies elsewhere
        return None
    me, one = current(), found[0]
    seen = None if me.sees_point(one.code, one.division) else points_seen_by(me)
    return kitchen.count_of(one, day_asked(), meal_asked(), seen)


@bp.get("/receiving")
@guard("bookings.read")
def board() -> str:
    """What is to be checked and was; and, for whoever cooks, what goes out."""
    day, now = day_asked(), clock.now()
    seen = db.session.scalars(select(MealPoint).where(points_seen_by(current()))).all()
    here = kitchen.kitchens_of(points_seen_by(current()))
    cooks = [one for one in here if current().sees_point(one.code, one.division)]
    supplied = _supplied(cooks)
    return render_template(
        "bookings/board.html",
        day=day,
        today=local_date(now),
        entries=receiving.board(seen, day),
        outgoing=receiving.board(supplied, day) if supplied and current().at_point else [],
        kitchen=cooks[0] if cooks and supplied and current().at_point else None,
        limits=receiving.limits_on(day),
        writes=current().can("receiving.write"),
    )


def _supplied(kitchens: Sequence[MealPoint]) -> Sequence[MealPoint]:
    codes = [one.code for one in kitchens]
    rows = select(MealPoint).where(MealPoint.supplier.in_(codes), MealPoint.code.not_in(codes))
    return db.session.scalars(rows.order_by(MealPoint.code)).all()


@bp.route("/receiving/<code>", methods=["GET", "POST"])
@guard("receiving.write")
def check(code: str) -> Answer:
    """The check of one load, or of a meal that came without being registered; or its correction."""
    point, day, meal = point_or_404(code), day_asked(), meal_asked()
    sent, corrects = _of(point, MealDispatch, "dispatch"), _of(point, MealReceipt, "corrects")
    if corrects is not None:
        day, meal = corrects.served_on, corrects.meal
        sent = db.session.get(MealDispatch, corrects.dispatch_id) if corrects.dispatch_id else None
    elif sent is not None:
        day, meal = sent.served_on, sent.meal
    form = CheckForm() if sent else PaperCheckForm()
    if form.validate_on_submit():
        try:
            with writing():
                one = _checking(form, point, day, meal, sent)
                row = receiving.receive(one, current().actor(), clock.now(), corrects)
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(
                "验收已登记：合格。" if not row.faults else "验收已登记，问题和措施已记下。", "good"
            )
            return redirect(url_for(".receipt", receipt_id=row.id), 303)
    if request.method == "GET":
        _prefill(form, point, day, meal, corrects)
    facts = {"form": form, "point": point, "day": day, "meal": meal, "sent": sent}
    facts |= {"corrects": corrects, "limits": receiving.limits_on(day)}
    return render_template("bookings/check.html", **facts), 422 if form.errors else 200


@bp.get("/receiving/checks/<int:receipt_id>")
@guard("bookings.read")
def receipt(receipt_id: int) -> str:
    one = db.session.get(MealReceipt, receipt_id) or abort(404)
    point = db.session.get_one(MealPoint, one.point_id)
    require_point(point.code, point.division)
    limits, arrival = receiving.limits_on(one.served_on), _arrival_of(one)
    later = select(MealReceipt).where(MealReceipt.corrects == one.id)
    return render_template(
        "bookings/receipt.html",
        one=one,
        point=point,
        sent=db.session.get(MealDispatch, one.dispatch_id) if one.dispatch_id else None,
        faults=[
            rules.fault_words(fault, arrival, limits) for fault in one.faults.split(";") if fault
        ],
        measures=[rules.MEASURES[code] for code in one.measure.split(";") if code],
        minutes=arrival.minutes if one.cooked_at else None,
        later=db.session.scalar(later),
        writes=current().can("receiving.write"),
    )


@bp.route("/dispatch/<code>", methods=["GET", "POST"])
@guard("receiving.write")
def dispatch(code: str) -> Answer:
    """Registers what the kitchen at this point sends to those that it supplies."""
    cooks, day, form = point_or_404(code), day_asked(), SendForm()
    points = _supplied([cooks])
    form.point.choices = [(one.code, one.name) for one in points]
    corrects = _sent_by(cooks)
    if form.validate_on_submit():
        try:
            with writing():
                one = _sending(form, cooks, points, corrects.served_on if corrects else day)
                receiving.send(one, current().actor(), clock.now(), corrects)
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(f"发餐已登记：{one.point.name}{MEALS[one.meal]} {one.portions} 份。", "good")
            return redirect(url_for(".board", day=one.day), 303)
    if request.method == "GET":
        _prefill_sending(form, corrects)
    facts = {"form": form, "kitchen": cooks, "day": corrects.served_on if corrects else day}
    facts |= {"points": points, "corrects": corrects}
    return render_template("bookings/dispatch.html", **facts), 422 if form.errors else 200


def _of(point: MealPoint, model: Any, name: str) -> Any:
    """The row that the address names, of this point; None where it names none."""
    number = number_asked(name)
    if number is None:
        return None
    row = db.session.get(model, number)
    return row if row is not None and row.point_id == point.id else abort(404)


def _sent_by(cooks: MealPoint) -> MealDispatch | None:
    number = number_asked("corrects")
    if number is None:
        return None
    row = db.session.get(MealDispatch, number)
    return row if row is not None and row.kitchen_id == cooks.id else abort(404)


def _checking(
    form: CheckForm, point: MealPoint, day: date, meal: str, sent: MealDispatch | None
) -> receiving.Checking:
    if isinstance(form, PaperCheckForm):
        expected = form.expected.data
        cooked_at = at_on(day, form.cooked.data) if form.cooked.data else None
    else:
        assert sent is not None  # else the paper's form was shown
        expected, cooked_at = sent.portions, sent.cooked_at
    arrival = rules.Arrival(
        expected,
        form.portions.data,
        cooked_at,
        at_on(day, form.arrived.data),
        form.core.data,
        form.seal.data == "ok",
        form.label.data == "ok",
    )
    return receiving.Checking(
        point,
        day,
        meal,
        arrival,
        sent,
        tuple(form.measures.data or ()),
        form.reheated.data,
        form.note.data or "",
        form.checked_by.data or current().name,
    )


def _prefill(
    form: CheckForm,
    point: MealPoint,
    day: date,
    meal: str,
    corrects: MealReceipt | None,
) -> None:
    form.arrived.data = clock.now().astimezone(LOCAL).time()
    form.checked_by.data = current().name
    if corrects is not None:
        _prefill_again(form, corrects)
    elif isinstance(form, PaperCheckForm):
        found = [one for one in receiving.board([point], day) if one.meal == meal]
        form.expected.data = sum(one.booked for one in found) or None


def _prefill_again(form: CheckForm, one: MealReceipt) -> None:
    if isinstance(form, PaperCheckForm):
        form.expected.data = one.expected
        form.cooked.data = one.cooked_at.astimezone(LOCAL).time() if one.cooked_at else None
    form.portions.data = one.portions
    form.arrived.data = one.arrived_at.astimezone(LOCAL).time()
    form.core.data, form.reheated.data = one.core_temp_tenths, one.reheated_tenths
    form.seal.data = "ok" if one.seal_ok else "broken"
    form.label.data = "ok" if one.label_ok else "missing"
    form.measures.data = one.measure.split(";") if one.measure else []
    form.checked_by.data, form.note.data = one.checked_by, one.note


def _arrival_of(one: MealReceipt) -> rules.Arrival:
    return rules.Arrival(
        one.expected,
        one.portions,
        one.cooked_at,
        one.arrived_at,
        one.core_temp_tenths,
        one.seal_ok,
        one.label_ok,
    )


def _sending(
    form: SendForm, cooks: MealPoint, points: Sequence[MealPoint], day: date
) -> receiving.Sending:
    point = next(one for one in points if one.code == form.point.data)
    return receiving.Sending(
        cooks,
        point,
        day,
        form.meal.data,
        form.portions.data,
        at_on(day, form.cooked.data),
        at_on(day, form.left.data),
        form.container.data or "",
        form.seal_no.data or "",
        form.note.data or "",
    )


def _prefill_sending(form: SendForm, corrects: MealDispatch | None) -> None:
    form.left.data = clock.now().astimezone(LOCAL).time()
    form.point.data, form.meal.data = tidy(request.args.get("point", "")), meal_asked()
    portions = request.args.get("portions", type=int)
    form.portions.data = portions if portions and portions > 0 else None
    if corrects is None:
        return
    point = db.session.get_one(MealPoint, corrects.point_id)
    form.point.data, form.meal.data = point.code, corrects.meal
    form.portions.data, form.container.data = corrects.portions, corrects.container
    form.cooked.data = corrects.cooked_at.astimezone(LOCAL).time()
    form.left.data = corrects.left_at.astimezone(LOCAL).time()
    form.seal_no.data, form.note.data = corrects.seal_no, corrects.note
