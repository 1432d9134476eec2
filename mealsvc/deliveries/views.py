"""Pages of the office: a day's deliveries, one delivery's record, doors that nobody opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mealsvc.deliveries import queries, rules, services
from mealsvc.deliveries.forms import OFFICE_OUTCOMES, CookedForm, StepForm
from mealsvc.deliveries.keys import new_key
from mealsvc.deliveries.queries import Stop
from mealsvc.kernel.dates import parse_date
from mealsvc.kernel.meals import LOCAL, MEALS, local_date, meal_at
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.signatures import strokes
from mealsvc.kernel.text import tidy
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import point_or_404, points_seen_by
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard
from mealsvc.trail.wording import actor_name

Answer = str | Response | tuple[str, int]

bp = Blueprint("deliveries", __name__, url_prefix="/deliveries")


@dataclass(frozen=True, slots=True)
class Shown:
    """A stop as the day's page shows it: with what is to be looked at."""

    stop: Stop
    overdue: bool
    verdicts: tuple[str, ...]


@bp.record_once
def _words(state: Any) -> None:
    pages.add_words(
        state.app,
        delivery_result_name=rules.RESULTS,
        receiver_name=rules.RECEIVERS,
        verdict_name=rules.VERDICTS,
        delivery_name=rules.KINDS,
    )


@bp.get("")
@guard("deliveries.read")
def day() -> str:
    code = tidy(request.args.get("point", "")) or current().point_code
    if not code:
        return _all_points()
    return _day_page(point_or_404(code), CookedForm(formdata=None))


@bp.post("/cooked")
@guard("deliveries.carry")
def cooked() -> Answer:
    """When the meal that goes out was cooked: from it the time to eat by."""
    point, form = point_or_404(current().point_code or ""), CookedForm()
    day, meal = asked_day(), asked_meal()
    if form.validate_on_submit():
        at = datetime.combine(day, form.cooked.data, LOCAL)
        try:
            with writing():
                services.note_cooking(point, day, meal, at, current().actor(), clock.now())
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("烧熟时间已登记。", "good")
            return redirect(url_for(".day", day=day, meal=meal), 303)
    return _day_page(point, form), 422


@bp.get("/unanswered")
@guard("deliveries.read")
def unanswered() -> str:
    rows = queries.alarms(queries.may_see(current()))
    page = pages.page_of(rows, pages.page_asked(), pages.size_asked())
    return render_template(
        "deliveries/unanswered.html",
        page=page,
        alarms=queries.shown(page.items),
        now=clock.now(),
        limit=queries.answer_minutes(_today()),
    )


@bp.get("/<int:booking_id>")
@guard("deliveries.read")
def delivery(booking_id: int) -> str:
    return _record(stop_in_scope(booking_id), StepForm(formdata=None))


@bp.post("/<int:booking_id>/answer")
@guard("deliveries.answer")
def answer(booking_id: int) -> Answer:
    """Called, reported, or closed: by whoever looks after the elder."""
    stop, form = stop_in_scope(booking_id), StepForm()
    if form.validate_on_submit():
        try:
            with writing():
                take_step(booking_id, form, informed=not current().at_point)
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("已登记。", "good")
            return redirect(url_for(".delivery", booking_id=booking_id), 303)
    return _record(stop, form), 422


@bp.post("/<int:booking_id>/return")
@guard("deliveries.plan")
def take_back(booking_id: int) -> Answer:
    """The manager finds the meal back at the point."""
    stop, form = stop_in_scope(booking_id), StepForm()
    form.step.data, form.result.data = "returned", ""
    try:
        with writing():
            key = f"{form.key.data if form.key.validate(form) else abort(400)}:returned"
            services.return_meal(booking_id, key, current().actor(), clock.now())
    except Refusal as refusal:
        show(form, refusal)
        return _record(stop, form), 422
    flash("已登记退回，这一份没有就餐记录，也不补贴。", "good")
    return redirect(url_for(".delivery", booking_id=booking_id), 303)


def take_step(booking_id: int, form: StepForm, informed: bool) -> None:
    """One step of the loop that follows an unanswered door; inside `writing()`."""
    step, result = str(form.step.data), str(form.result.data)
    common = (booking_id, f"{form.key.data}:{step}-{result}")
    by, now = current().actor(), clock.now()
    if step == "called":
        services.note_call(*common, result, by, now)
    elif step == "reported":
        services.note_report(*common, result, by, now)
    else:
        services.close_alert(*common, result, form.note.data or "", by, now, informed)


def stop_in_scope(booking_id: int) -> Stop:
    """The delivery, if it is of the own point or its elder lives in the scope; else 404 or 403."""
    stop, me = queries.stop_of(booking_id), current()
    if stop is None:
        abort(404)
    if not (me.sees_point(stop.point, stop.point_division) or me.sees_division(stop.home)):
        abort(403, description="这份送餐不在您的管辖范围内。")
    return stop


def asked_day() -> date:
    """The day in the address, else today; nobody plans for a day beyond next year."""
    today = _today()
    try:
        asked = parse_date(request.args.get("day", ""))
    except ValueError:
        return today
    return asked if 2000 <= asked.year <= today.year + 1 else today


def asked_meal() -> str:
    """The meal in the address, else the one of this hour; breakfast, seldom carried, if asked for."""
    asked = request.args.get("meal", "")
    if asked in MEALS:
        return asked
    return "dinner" if meal_at(clock.now().astimezone(LOCAL).time()) == "dinner" else "lunch"


def shown_stops(stops: Sequence[Stop], day: date, meal: str, cooked_at: datetime | None) -> Any:
    """Stops with what is wrong with each."""
    limits, now = queries.limits_on(day, meal), clock.now()
    found = []
    for stop in stops:
        last = stop.progress.last
        wrong: tuple[str, ...] = ()
        if last is not None and stop.progress.meal == rules.DELIVERED:
            wrong = rules.verdicts(last, cooked_at, limits)
        overdue = rules.is_overdue(stop.progress, day, now, limits)
        found.append(Shown(stop, overdue, wrong))
    return found


def _day_page(point: MealPoint, form: CookedForm) -> str:
    day, meal = asked_day(), asked_meal()
    cooked_at = queries.cooked_at(point.id, day, meal)
    rows = shown_stops(queries.stops_of(point.id, day, meal), day, meal, cooked_at)
    groups = [(name, list(group)) for name, group in groupby(rows, _round)]
    return render_template(
        "deliveries/day.html",
        point=point,
        day=day,
        meal=meal,
        is_today=day == _today(),
        groups=[(key, group, _counts(group)) for key, group in groups],
        counts=_counts(rows),
        window=queries.limits_on(day, meal).window,
        cooked_at=cooked_at,
        form=form,
        alarms=[one.stop for one in rows if one.stop.progress.alarmed],
        now=clock.now(),
        limit=queries.answer_minutes(day),
    )


def _all_points() -> str:
    day, meal = asked_day(), asked_meal()
    rows = queries.points_on(points_seen_by(current()), day, meal)
    return render_template(
        "deliveries/points.html",
        page=pages.page_of(rows, pages.page_asked(), pages.size_asked()),
        day=day,
        meal=meal,
        open=queries.open_alarms(queries.may_see(current())),
        now=clock.now(),
    )


def _record(stop: Stop, form: StepForm) -> str:
    form.key.data = form.key.data or new_key(clock.now())
    booking, me = stop.booking, current()
    cooked_at = queries.cooked_at(booking.point_id, booking.served_on, booking.meal)
    (shown,) = shown_stops([stop], booking.served_on, booking.meal, cooked_at)
    return render_template(
        "deliveries/delivery.html",
        shown=shown,
        stop=stop,
        booking=booking,
        form=form,
        outcomes=OFFICE_OUTCOMES,
        cooked_at=cooked_at,
        is_today=booking.served_on == _today(),
        signatures=_signatures(stop) if me.can("deliveries.plan") else {},
        actor=actor_name,
        now=clock.now(),
        limit=queries.answer_minutes(booking.served_on),
    )


def _signatures(stop: Stop) -> dict[int, list[str]]:
    keys = vault()
    return {
        event.id: strokes(keys.open(event.signature))
        for event in stop.rows
        if event.signature is not None
    }


def _round(shown: Shown) -> tuple[int, str]:
    return shown.stop.round_id, shown.stop.round_name


def _counts(rows: Sequence[Shown]) -> rules.Counts:
    return rules.counts_of((one.stop.progress, one.overdue) for one in rows)


def _today() -> date:
    return local_date(clock.now())
