"""The first page after signing in, and the figures of months and days."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from mealsvc.home import answers, figures, tables
from mealsvc.home.frame import frame
from mealsvc.home.register import residents_by_division
from mealsvc.home.todo import tasks_of
from mealsvc.kernel.meals import MEALS, local_date
from mealsvc.kernel.months import Month
from mealsvc.kernel.text import tidy
from mealsvc.places.models import MealPoint
from mealsvc.places.queries import division_names, statuses
from mealsvc.places.rules import KIND_NAMES, KITCHEN, SERVING
from mealsvc.places.scope import points_seen_by, towns_seen
from mealsvc.plumbing import clock, outlook, pages
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import Principal, current, guard, require_division, signed_in
from mealsvc.settlement.queries import newest_record

MONTHS = 12

bp = Blueprint("home", __name__)
bp.app_context_processor(frame)


@bp.record_once
def _answer(state: Any) -> None:
    outlook.init(state.app, answers)


@bp.get("/")
@signed_in
def index() -> str | Response:
    me, today = current(), local_date(clock.now())
    if me.outside:
        return redirect(url_for("batches.index"))
    if not me.can("figures.read"):
        return render_template("home/administration.html")
    points = _points(me)
    ids = [point.id for point in points]
    month = pages.month_asked() or figures.latest_month(ids) or Month.of(today)
    by_point = figures.by_month_and_point(ids, month.previous, month)
    days = figures.by_day(ids, month.previous, month)
    states = statuses(points, today)
    facts, before = tables.compared(month, by_point, days, ids)
    if not me.at_point:
        facts["points_operating"] = sum(
            states[point.id] == "operating" and point.kind != KITCHEN for point in points
        )
        facts["residents"] = sum(residents_by_division(me.scope, today).values())
    total = _total(by_point, month)
    return render_template(
        "home/index.html",
        month=month,
        as_of=newest_record(),
        facts=facts,
        before=before,
        links=_links(me, month),
        days=_bars(me, figures.last_days(days, _last_day(days, month))),
        todo=tasks_of(me, points, clock.now()),
        points=[_point_row(point, states[point.id], by_point, month) for point in points],
        total=total,
    )


@bp.get("/figures")
@guard("figures.read")
def by_month() -> str:
    """Twelve months; the last of them by point or town, and by day and meal."""
    asked = {name: tidy(request.args.get(name, "")) for name in ("town", "point")}
    seen = _points(current())
    points = _narrowed(seen, **asked)
    ids = [point.id for point in points]
    month = pages.month_asked() or figures.latest_month(ids) or Month.of(local_date(clock.now()))
    by = "town" if request.args.get("by") == "town" and not current().at_point else "point"
    sums = figures.by_month_and_point(ids, tables.months_back(month, MONTHS - 1), month)
    months = tables.months_table(sums, _part_names(points, by))
    days = tables.days_table(figures.by_day_and_meal(ids, month))
    return render_template(
        "home/figures.html",
        months=months,
        month=month,
        chosen=next((row for row in months if row.month == month), None),
        days=days,
        by_meal=tables.summed_by_meal(days),
        meals=MEALS,
        by=by,
        towns=towns_seen(),
        points=[(point.code, point.name) for point in seen],
        **asked,
    )


def _part_names(points: Sequence[MealPoint], by: str) -> dict[int, tuple[str, str]]:
    """Code and name of the part of a month that each point counts in: itself, or its town."""
    if by == "point":
        return {point.id: (point.code, point.name) for point in points}
    towns = {point.id: point.division[:9] for point in points}
    names = division_names(set(towns.values()))
    return {point: (town, names.get(town, town)) for point, town in towns.items()}


def _points(me: Principal) -> Sequence[MealPoint]:
    return db.session.scalars(
        select(MealPoint).where(points_seen_by(me)).order_by(MealPoint.code)
    ).all()


def _narrowed(points: Sequence[MealPoint], town: str, point: str) -> Sequence[MealPoint]:
    if town and not current().at_point:
        require_division(town)
        points = [one for one in points if one.division.startswith(town)]
    if point:
        points = [one for one in points if one.code == point]
        if not points:
            abort(404)
    return points


def _total(by_point: tables.PointSums, month: Month) -> outlook.Sums:
    """All points of one month together."""
    return sum((sums for (of, _), sums in by_point.items() if of == month), outlook.Sums())


def _point_row(
    point: MealPoint, status: str, by_point: tables.PointSums, month: Month
) -> dict[str, Any]:
    sums = by_point.get((month, point.id), outlook.Sums())
    return {
        "name": point.name,
        "kind_name": KIND_NAMES.get(point.kind, point.kind),
        "status": status,
        "url": url_for("places.point", code=point.code, month=month),
        "lines": _servings(month=month, point=point.code) if current().can("servings.read") else "",
        "servings": sums.servings,
        "subsidised": sums.subsidised,
        "subsidy_fen": sums.subsidy_fen,
        "self_pay_fen": sums.self_pay_fen,
    }


def _links(me: Principal, month: Month) -> dict[str, str]:
    """Where each figure's records are, as far as this person may see them."""
    links = {"average_day": url_for("home.by_month", month=month)}
    if me.can("servings.read"):
        links |= {
            "servings": _servings(month=month),
            "subsidised": _servings(month=month, reason="none"),
            "subsidy_fen": _servings(month=month, reason="none"),
            "self_pay_fen": _servings(month=month),
        }
    else:
        figures_url = url_for("home.by_month", month=month)
        links |= dict.fromkeys(
            ("servings", "subsidised", "subsidy_fen", "self_pay_fen"), figures_url
        )
    if me.can("points.read"):
        links["points_operating"] = url_for("places.points", status="operating", kind=SERVING)
    if me.can("residents.read"):
        links["residents"] = f"{request.script_root}/residents"
    return links


def _bars(me: Principal, days: Sequence[tuple[date, int]]) -> list[dict[str, Any]]:
    """One bar a day; the month stands at the first and wherever a new one begins."""
    sees = me.can("servings.read")
    return [
        {
            "label": pages.cn_date(day, "short") if not place or day.day == 1 else f"{day.day}日",
            "value": number,
            "url": _servings(day=day) if sees else "",
        }
        for place, (day, number) in enumerate(days)
    ]


def _last_day(days: dict[date, Any], month: Month) -> date:
    """The last day with servings up to the end of the month."""
    return max((day for day in days if day in month), default=month.last_day)


def _servings(**query: Any) -> str:
    text = "&".join(f"{name}={value}" for name, value in query.items())
    return f"{request.script_root}/servings?{text}"
