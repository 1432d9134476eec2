"""Pages: the bookings of a day, booking for an elder, one booking, and cancelling it."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import ColumnElement, select
from werkzeug.wrappers import Response

from mealsvc.bookings import queries, rules
from mealsvc.bookings.forms import BookForm, CancelForm, FindForm
from mealsvc.bookings.models import Booking
from mealsvc.bookings.queries import BookingFilter
from mealsvc.bookings.services import Order, Outcome, book_series, cancel
from mealsvc.kernel.dates import parse_date
from mealsvc.kernel.masking import mask_name
from mealsvc.kernel.meals import MEALS, MODES, local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.places.models import MealPoint
from mealsvc.places.queries import division_names
from mealsvc.places.rules import KITCHEN
from mealsvc.places.scope import points_seen_by
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard, require_division
from mealsvc.residents.models import Resident
from mealsvc.residents.search import find, lies_in

Answer = str | Response | tuple[str, int]
MOST_FOUND = 20
WEEKDAYS = "一二三四五六日"

bp = Blueprint("bookings", __name__, url_prefix="/bookings")


@bp.record_once
def _words(state: Any) -> None:
    pages.add_words(state.app, asked_by_name=rules.ASKED_BY)
    state.app.jinja_env.filters["wishes"] = rules.wishes_of
    state.app.jinja_env.filters["weekday"] = lambda day: f"周{WEEKDAYS[day.weekday()]}"
    state.app.jinja_env.filters["degrees"] = rules.degrees


@bp.get("")
@guard("bookings.read")
def bookings() -> str:
    wanted = BookingFilter(
        day_asked(),
        *(tidy(request.args.get(name, "")) for name in ("point", "meal", "mode")),
        state=tidy(request.args.get("state", "")) or "valid",
    )
    seen, now = queries.bookings_seen_by(current()), clock.now()
    times = queries.timetable()
    closing = {meal: times.closes_at(wanted.day, meal) for meal in MEALS}
    sums = queries.totals(seen, wanted)
    return render_template(
        "bookings/list.html",
        page=pages.page_of(
            queries.found_bookings(seen, wanted), pages.page_asked(), pages.size_asked()
        ),
        wanted=wanted,
        sums=sums,
        total=sum(row.portions for row in sums),
        modes=_by_mode(sums),
        closing={meal: rules.cutoff_words(at, now) for meal, at in closing.items()},
        over=_over(wanted.day, now),
        near=_days_near(wanted.day),
        choices={
            "points": _points_to_choose(points_seen_by(current())),
            "meals": list(MEALS.items()),
            "modes": list(MODES.items()),
            "states": list(queries.STATES.items()),
        },
    )


@bp.get("/new")
@guard("bookings.write")
def new() -> Answer:
    return _search(FindForm(formdata=None))


@bp.post("/new/find")
@guard("bookings.write")
def search() -> Answer:
    """By post, so that no ID number ever stands in an address."""
    form = FindForm()
    if not form.validate_on_submit():
        return _search(form, 422)
    found = find(form.q.data or "", MOST_FOUND, _scope())
    if len(found) == 1:
        return _book_page(_form(found[0]), found[0])
    return _search(form, found=found, searched=True)


@bp.post("/new/for")
@guard("bookings.write")
def choose() -> Answer:
    """The form for an elder picked from a list; also after another point was chosen."""
    who = _person()
    if who is None:
        return _nobody()
    if "meal" in request.form:
        return _book_page(_filled(BookForm()), who)
    return _book_page(_form(who), who)


@bp.post("/new")
@guard("bookings.write")
def save() -> Answer:
    who, form = _person(), _filled(BookForm())
    if who is None:
        return _nobody()
    if not form.validate():
        return _book_page(form, who)
    try:
        outcomes = _booked(form, who)
    except Refusal as refusal:
        show(form, refusal)
        return _book_page(form, who)
    kept = [one for one in outcomes if one.booking is not None]
    for one in outcomes:
        if one.refusal is not None and not kept:
            show(form, one.refusal)
    if not outcomes:
        form.days.errors = ["请勾选要订的日期。"]
    if not kept:
        return _book_page(form, who)
    _tell(who, kept, outcomes)
    return redirect(url_for(".bookings", day=kept[0].day, point=form.point.data), 303)


@bp.get("/<int:booking_id>")
@guard("bookings.read")
def booking(booking_id: int) -> str:
    row = _row(booking_id)
    times, one = queries.timetable(), row.Booking
    return render_template(
        "bookings/booking.html",
        row=row,
        one=one,
        history=queries.same_meal(one),
        token=vault().token(one.resident_id),
        closing=rules.cutoff_words(times.closes_at(one.served_on, one.meal), clock.now()),
        may_cancel=current().can("bookings.write") and not one.cancelled_at and not row.served,
        over=_over(one.served_on, clock.now()).get(one.meal, False),
    )


@bp.route("/<int:booking_id>/cancel", methods=["GET", "POST"])
@guard("bookings.write")
def cancel_booking(booking_id: int) -> Answer:
    row, form = _row(booking_id), CancelForm()
    one: Booking = row.Booking
    if form.validate_on_submit():
        try:
            with writing():
                late = current().can("bookings.late")
                cancel(one, form.reason, current().actor(), clock.now(), late)
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(f"已取消{mask_name(row.name)}{rules.short(one.served_on)}的预订。", "good")
            return redirect(url_for(".booking", booking_id=booking_id), 303)
    closes_at = queries.timetable().closes_at(one.served_on, one.meal)
    facts = {"row": row, "one": one, "form": form, "late": clock.now() >= closes_at}
    return render_template("bookings/cancel.html", **facts), 422 if form.errors else 200


# --- what the pages share ---


def day_asked() -> date:
    """The day in the address, else today; the calendar's ends have no day before or after them."""
    today = local_date(clock.now())
    try:
        asked = parse_date(request.args.get("day", ""))
    except ValueError:
        return today
    return asked if 2000 <= asked.year <= today.year + 1 else today


def meal_asked() -> str:
    """The meal in the address, else lunch."""
    asked = request.args.get("meal", "")
    return asked if asked in MEALS else "lunch"


def _days_near(day: date) -> list[date]:
    return [day - timedelta(days=1), day + timedelta(days=1)]


def _over(day: date, now: Any) -> dict[str, bool]:
    """Which meals of that day are over by the usual times."""
    return {meal: now >= rules.ends_at(day, meal, "") for meal in MEALS}


def _by_mode(sums: Sequence[Any]) -> dict[str, int]:
    counts = dict.fromkeys(MODES, 0)
    for row in sums:
        counts[row.mode] += row.portions
    return counts


def _points_to_choose(seen: ColumnElement[bool]) -> list[tuple[str, str]]:
    if current().at_point:
        return []
    rows = select(MealPoint.code, MealPoint.name).where(seen, MealPoint.kind != KITCHEN)
    found = db.session.execute(rows.order_by(MealPoint.code))
    return [(code, f"{name}（{code}）") for code, name in found]


def _row(number: int) -> Any:
    row = queries.booking_row(number)
    if row is None:
        abort(404)
    if not current().sees_point(row.point, row.division):
        mine = select(Resident.id).where(Resident.id == row.Booking.resident_id)
        if current().at_point or db.session.scalar(mine.where(lies_in(current().scope))) is None:
            require_division("")
    return row


# --- booking ---


def _scope() -> str | None:
    """Whom one may book for: at a point anybody who comes, else the residents of the division."""
    return None if current().at_point else current().scope


def _bookable() -> ColumnElement[bool]:
    """Where one may book: at a point there; for a village anywhere in its town, as few have a point."""
    me = current()
    if me.at_point:
        return MealPoint.code == me.scope
    return MealPoint.division.startswith(me.scope[:9], autoescape=True)


def _person() -> Resident | None:
    """The elder of the token that the page carried, if within the scope."""
    number = vault().number_of(request.form.get("credential", ""))
    mine = select(Resident).where(Resident.id == number)
    if _scope() is not None:
        mine = mine.where(lies_in(_scope() or ""))
    return None if number is None else db.session.scalar(mine)


def _nobody() -> Answer:
    form = FindForm(formdata=None)
    form.form_errors.append("没有找到这位老人，或不在您的管辖范围内，请重新查找。")
    return _search(form, 422)


def _search(form: FindForm, status: int = 200, found: Sequence[Resident] = (), **facts: Any):
    places = {one.residence_division or one.hukou_division for one in found}
    shown = {"form": form, "found": found, "names": division_names(places), **facts}
    shown["tokens"] = {one.id: vault().token(one.id) for one in found}
    return render_template("bookings/new.html", **shown), status


def _form(who: Resident) -> BookForm:
    return _filled(BookForm(formdata=None, credential=vault().token(who.id)))


def _filled(form: BookForm) -> BookForm:
    """The form with the choices that there are: points, days with what is left, dishes."""
    points = db.session.execute(
        select(MealPoint.code, MealPoint.name)
        .where(_bookable(), (MealPoint.kind != KITCHEN) | (MealPoint.seats > 0))
        .order_by(MealPoint.code)
    ).all()
    form.point.choices = [(code, name) for code, name in points]
    if not form.point.data and points:
        form.point.data = points[0].code
    point = _point(form)
    today, times = local_date(clock.now()), queries.timetable()
    last = times.last_day(today)
    all_days = rules.days_of("daily", (), today, last)
    counts = queries.booked_by_day(point.id, today, last) if point else {}
    capacity = point.daily_capacity if point else None
    form.days.choices = [(str(day), _day_words(day, capacity, counts)) for day in all_days]
    menus = queries.offered(point.id, today, last) if point else {}
    form.dish.choices = [("", "当日套餐"), *_dishes(menus)]
    return form


def _point(form: BookForm) -> MealPoint | None:
    """The point chosen, if one may book there."""
    chosen = select(MealPoint).where(MealPoint.code == form.point.data, _bookable())
    return db.session.scalar(chosen)


def _day_words(day: date, capacity: int | None, counts: dict[date, int]) -> str:
    words = f"{rules.short(day)} 周{WEEKDAYS[day.weekday()]}"
    if capacity is None:
        return words
    return f"{words}（剩{max(0, capacity - counts.get(day, 0))}份）"


def _dishes(menus: dict[tuple[date, str], queries.Menu]) -> list[tuple[str, str]]:
    """Each dish once, with the meals and days on which it may be had."""
    when: dict[str, list[str]] = {}
    for (day, meal), menu in menus.items():
        for name in menu.names:
            if name != menu.set_meal:
                when.setdefault(name, []).append(f"{rules.short(day)}{MEALS[meal]}")
    return [
        (name, f"{name}（{'、'.join(days[:3])}{'等' if len(days) > 3 else ''}）")
        for name, days in when.items()
    ]


def _book_page(form: BookForm, who: Resident) -> Answer:
    place = who.residence_division or who.hukou_division
    now, times = clock.now(), queries.timetable()
    today = local_date(now)
    facts = {"form": form, "who": who, "place": division_names({place}).get(place, "")}
    facts["closing"] = {
        meal: rules.cutoff_words(times.closes_at(today, meal), now) for meal in MEALS
    }
    return render_template("bookings/book.html", **facts), 422 if form.errors else 200


def _booked(form: BookForm, who: Resident) -> list[Outcome]:
    point, now = _point(form), clock.now()
    assert point is not None  # the form has checked its choices
    today = local_date(now)
    last = queries.timetable().last_day(today)
    days = rules.days_of(form.pattern.data, form.chosen_days(), today, last)
    if not days:
        return []
    order = Order(
        point,
        who.id,
        form.meal.data,
        form.mode.data,
        form.dish.data or "",
        form.asked_by.data,
        form.asked_name.data if form.asked_by.data == "family" else "",
        rules.written_note(form.marks.data or (), form.wish.data or ""),
    )
    late = bool(form.late.data) and current().can("bookings.late")
    with writing():
        return book_series(order, days, current().actor(), now, late)


def _tell(who: Resident, kept: Sequence[Outcome], outcomes: Sequence[Outcome]) -> None:
    days = "、".join(rules.short(one.day) for one in kept)
    flash(f"已为{mask_name(who.name)}订好 {len(kept)} 餐：{days}。", "good")
    for one in outcomes:
        if one.refusal is not None:
            flash(f"{rules.short(one.day)}没有订上：{one.refusal.message}", "warn")
