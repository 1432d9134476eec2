"""Pages of the daily logs: what is due, the sheets, what was logged, and taking back."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from mealsvc.kernel.dates import parse_date
from mealsvc.kernel.meals import LOCAL, MEALS, local_date, meal_at
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.models import MealPoint
from mealsvc.places.queries import division_names
from mealsvc.places.scope import point_or_404, points_seen_by, towns_seen
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard, require_point
from mealsvc.supervision.logs import queries, rules, services, words
from mealsvc.supervision.logs.forms import WithdrawForm
from mealsvc.supervision.logs.kinds import KINDS, LOG_NAMES, LogKind
from mealsvc.supervision.logs.models import LogEntry
from mealsvc.supervision.logs.served import dishes_on, served
from mealsvc.supervision.logs.sheets import Sheet, empty_sheet, typed_sheet
from mealsvc.supervision.logs.thresholds import BACK_DAYS, thresholds

Answer = str | Response | tuple[str, int]
MOST_POINTS = 1_000
ANY_TIME = ("purchase_check", "waste", "weighing", "incident")

bp = Blueprint("logs", __name__, url_prefix="/logs")


@bp.record_once
def _words(state: Any) -> None:
    pages.add_words(state.app, log_name=LOG_NAMES)
    state.app.jinja_env.filters["log_summary"] = words.summary
    state.app.jinja_env.tests["late_log"] = words.is_late


@bp.get("")
@guard("logs.read")
def home() -> str:
    """At a point what is due today; for everybody else what was missing yesterday."""
    return _own_day() if current().at_point else _area()


@bp.get("/day/<code>")
@guard("logs.read")
def day(code: str) -> str:
    """One day of one point, all that is due and all that was logged."""
    return _day_page(point_or_404(code), _day_asked(_today() - timedelta(days=1)), False)


@bp.route("/new/<log>", methods=["GET", "POST"])
@guard("logs.write")
def sheet(log: str) -> Answer:
    kind, point, now = KINDS.get(log) or abort(404), _own_point(), clock.now()
    on = _day_asked(_today())
    if not rules.applies(kind.code, point.kind):
        abort(404)
    meal = _meal_asked(point, on, now) if kind.by_meal else ""
    if request.method == "GET":
        return _sheet_page(empty_sheet(kind, point, on, meal, _new_key(), now))
    typed = typed_sheet(kind, point, on, meal)
    try:
        kept = typed.is_sound() and _kept(typed, now)
    except Refusal as refusal:
        typed.tell(None, refusal)
        kept = False
    return redirect(_after(kind, on), 303) if kept else (_sheet_page(typed), 422)


@bp.get("/samples")
@guard("logs.read")
def samples() -> str:
    """The samples of one point that are still kept, those to be disposed of first."""
    point, now = _point_asked(), clock.now()
    kept = queries.samples_kept(point.id, _today() - queries.SAMPLE_MEMORY)
    return render_template(
        "supervision/logs/samples.html",
        point=point,
        kept=kept,
        due=[one for one in kept if one.due(now)],
        now=now,
        today=_today(),
        writes=_writes(point),
    )


@bp.get("/history")
@guard("logs.read")
def history() -> str:
    """Entries of one kind or all, by month."""
    month, kind = pages.month_asked(), request.args.get("kind", "")
    seen = select(MealPoint.id).where(points_seen_by(current()))
    code = request.args.get("point", "")
    if code:
        seen = seen.where(MealPoint.id == point_or_404(code).id)
    period = (month.first_day, month.last_day) if month else None
    only_out = request.args.get("state") == "out"
    rows = queries.entries(seen, kind if kind in KINDS else "", period, only_out)
    return render_template(
        "supervision/logs/history.html",
        page=pages.page_of(rows, pages.page_asked(), pages.size_asked()),
        sizes=pages.SIZES,
        kinds=list(LOG_NAMES.items()),
        at_point=current().at_point,
    )


@bp.get("/<int:entry_id>")
@guard("logs.read")
def entry(entry_id: int) -> str:
    one, point = _entry(entry_id)
    return render_template(
        "supervision/logs/entry.html",
        one=one,
        point=point,
        kind=KINDS[one.kind],
        facts=words.told(one),
        answers=words.answers_of(one),
        told=thresholds().told(_keys_of(one.kind, words.facts_of(one)), one.day),
        writes=_writes(point),
    )


@bp.route("/<int:entry_id>/withdraw", methods=["GET", "POST"])
@guard("logs.write")
def withdraw(entry_id: int) -> Answer:
    one, point = _entry(entry_id)
    form = WithdrawForm()
    if form.validate_on_submit():
        try:
            with writing():
                services.withdraw(entry_id, form.why.data or "", current().actor(), clock.now())
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("已撤回，原来的记录和原因都留着；需要的话请重新登记。", "good")
            return redirect(url_for(".entry", entry_id=entry_id), 303)
    status = 422 if request.method == "POST" else 200
    page = render_template("supervision/logs/withdraw.html", one=one, point=point, form=form)
    return page, status


def _own_day() -> str:
    point = _own_point()
    return _day_page(point, _day_asked(_today()), True)


def _day_page(point: MealPoint, on: date, own: bool) -> str:
    today, now = _today(), clock.now().astimezone(LOCAL).time()
    states = queries.states_on(on, [point], today, now).get(point.id, [])
    late = (rules.MISSING, rules.PARTLY)
    logged = queries.entries_on(point.id, on)
    kept = queries.samples_kept(point.id, today - queries.SAMPLE_MEMORY) if own else []
    yesterday = on - timedelta(days=1)
    before = queries.missing_on(yesterday, [point]) if own and on == today else {}
    return render_template(
        "supervision/logs/day.html",
        point=point,
        day=on,
        today=today,
        own=own,
        writes=_writes(point) and on >= today - timedelta(days=_back_days()),
        states=states,
        missing=[one for one in states if one.state in late],
        waiting=[one for one in states if one.state == rules.WAITING],
        logged=logged,
        any_time=ANY_TIME,
        periodic=_periodic(point, on, states),
        due_samples=sum(one.due(clock.now()) for one in kept),
        before=before.get(point.id, []),
        yesterday=yesterday,
        applies=lambda kind: rules.applies(kind, point.kind),
        days=[today - timedelta(days=number) for number in range(_back_days() + 1)],
    )


def _periodic(point: MealPoint, on: date, states: Sequence[Any]) -> list[tuple[str, bool, date]]:
    """The week's and the month's log while they are not due yet: kind, done, by when."""
    due = {one.kind for one in states}
    monday, sunday = rules.week_of(on)
    month = Month.of(on)
    found = []
    for kind, first, last in (
        ("weekly_check", monday, sunday),
        ("monthly_meeting", month.first_day, month.last_day),
    ):
        if kind not in due:
            done = queries.is_logged(point.id, kind, first, last)
            found.append((kind, done, last))
    return found


def _area() -> str:
    """Every point in the scope: how its logs of a day stand."""
    today = _today()
    on = _day_asked(today - timedelta(days=1))
    town = request.args.get("town", "")
    rows = select(MealPoint).where(points_seen_by(current()))
    if town:
        rows = rows.where(MealPoint.division.startswith(town, autoescape=True))
    found = db.session.scalars(rows.order_by(MealPoint.code).limit(MOST_POINTS)).all()
    now = clock.now().astimezone(LOCAL).time()
    states = queries.states_on(on, found, today, now)
    served = [point for point in found if states.get(point.id)]
    lacking = [point for point in served if _lacks(states[point.id])]
    shown = lacking if request.args.get("state") == "missing" else served
    page, per_page = pages.page_asked(), pages.size_asked()
    first = (page - 1) * per_page
    items = shown[first : first + per_page]
    return render_template(
        "supervision/logs/area.html",
        day=on,
        yesterday=today - timedelta(days=1),
        page=pages.Page(items, page, len(shown) > first + per_page, len(shown), False, per_page),
        sizes=pages.SIZES,
        cells={point.id: _cells(states[point.id]) for point in items},
        kinds=rules.DUE,
        served=len(served),
        lacking=len(lacking),
        towns=towns_seen(),
        names=division_names({point.division[:9] for point in items}),
    )


def _lacks(states: Sequence[Any]) -> bool:
    return any(one.state in (rules.MISSING, rules.PARTLY) for one in states)


def _cells(states: Sequence[Any]) -> dict[str, tuple[str, int]]:
    """By kind: the worst state of its meals, and how many of its logs lack."""
    order = (rules.DONE, rules.WAITING, rules.PARTLY, rules.MISSING)
    found: dict[str, tuple[str, int]] = {}
    for one in states:
        worst, lack = found.get(one.kind, (rules.DONE, 0))
        late = one.state in (rules.MISSING, rules.PARTLY)
        worst = max(worst, one.state, key=order.index)
        found[one.kind] = (worst, lack + late)
    return found


def _kept(typed: Sheet, now: datetime) -> bool:
    """Keeps all lines, or none: then the sheet says why."""
    rows = typed.rows()
    found = services.check([row for _, row in rows], now)
    wrong = [
        (line, one) for (line, _), one in zip(rows, found, strict=True) if isinstance(one, Refusal)
    ]
    if not wrong:
        with writing():
            kept = services.log_batch([row for _, row in rows], current().actor(), now)
            for one in kept:
                if isinstance(one, Refusal):  # somebody else was faster: none of the lines is kept
                    raise one
        number = kept.count(services.CREATED)
        flash(
            f"{typed.kind.chinese}已登记 {number} 条。" if number else "这张表已经登记过。", "good"
        )
        return True
    for line, refusal in wrong:
        typed.tell(line, refusal)
    return False


def _sheet_page(made: Sheet) -> str:
    limits = thresholds()
    on = limits.on(made.day)
    kind = made.kind
    return render_template(
        "supervision/logs/sheet.html",
        sheet=made,
        kind=kind,
        point=made.point,
        day=made.day,
        meal=made.meal,
        today=_today(),
        meals=list(MEALS) if kind.by_meal else [],
        told=limits.told(kind.keys, made.day),
        hints=words.hints_of(kind.code, on),
        devices=words.device_hints(on),
        control=rules.control_items(made.point.kind),
    )


def _after(kind: LogKind, on: date) -> str:
    if kind.code in ("sample", "sample_disposed"):
        return url_for(".samples")
    return url_for(".home", day=None if on == _today() else on)


def _meal_asked(point: MealPoint, on: date, now: datetime) -> str:
    """The meal in the address; else the next one that the point serves on that day."""
    asked = request.args.get("meal", "")
    if asked in MEALS:
        return asked
    local = now.astimezone(LOCAL).time()
    known = {*dishes_on(point, on), *served([point], on, on).on(point.id, on)}
    meals = [meal for meal in MEALS if meal in known]
    ahead = [meal for meal in meals if on != _today() or local < rules.MEAL_ENDS[meal]]
    return (ahead or meals[-1:] or [meal_at(local)])[0]


def _keys_of(kind: str, facts: dict[str, Any]) -> list[str]:
    """The thresholds that judged one entry."""
    if kind == "disinfection":
        return [key for key in KINDS[kind].keys if key.endswith(str(facts.get("method")))]
    return list(KINDS[kind].keys)


def _entry(entry_id: int) -> tuple[LogEntry, MealPoint]:
    found = db.session.get(LogEntry, entry_id) or abort(404)
    point = db.session.get_one(MealPoint, found.point_id)
    require_point(point.code, point.division)
    return found, point


def _point_asked() -> MealPoint:
    """The point in the address; the own one of somebody at a point."""
    return point_or_404(request.args.get("point") or current().point_code or "")


def _own_point() -> MealPoint:
    return point_or_404(current().point_code or "")


def _writes(point: MealPoint) -> bool:
    return current().can("logs.write") and current().point_code == point.code


def _back_days() -> int:
    return int(thresholds().on(_today()).number(BACK_DAYS))


def _day_asked(usual: date) -> date:
    try:
        asked = parse_date(request.args.get("day", ""))
    except ValueError:
        return usual
    return asked if 2000 <= asked.year < 3000 else usual


def _today() -> date:
    return local_date(clock.now())


def _new_key() -> str:
    return f"L-{int(clock.now().timestamp() * 1000):012x}{secrets.token_hex(8)}"
