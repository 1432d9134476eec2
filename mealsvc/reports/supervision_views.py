"""Pages: the supervision indicators of a time and a place, and what stands behind each of them."""

from fractions import Fraction
from typing import Any

from flask import Blueprint, Response, abort, current_app, render_template, request, url_for
from sqlalchemy import select

from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import points_seen_by, towns_seen
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import current, guard
from mealsvc.plumbing.paper.charts import drawing_to_svg
from mealsvc.reports.asking import DaysUnclear, period_asked, place_seen
from mealsvc.reports.facts import Facts
from mealsvc.reports.gathering import gather
from mealsvc.reports.indicators import BY_CODE, COVERAGE, INSTITUTION, STANDARDISATION, readings
from mealsvc.reports.measures import Indicator, Reading, read_one
from mealsvc.reports.period import Period, PeriodTooLong
from mealsvc.reports.point_facts import DISTRICT, POINT, TOWN, Place
from mealsvc.reports.record_lists import LISTS
from mealsvc.reports.records import Cell, Where, page_of
from mealsvc.reports.report_charts import side_by_side, trend
from mealsvc.reports.report_forms import Times, times_of
from mealsvc.reports.report_words import as_of, definition
from mealsvc.reports.source_names import sources_of, tables_of
from mealsvc.reports.trends import MONTHS, compared, trend_of
from mealsvc.settlement.services import latest_month
from mealsvc.supervision.visits.planning import DISTRICT_DIGITS

CHART = 640.0  # points wide
MOST_PLACES = 40
AHEAD = ("visits_planned",)
FAMILIES = (
    ("规范化", STANDARDISATION),
    ("普及化", (COVERAGE,)),
    ("制度化", INSTITUTION),
)
LEVEL_NAMES = {TOWN: "镇（街道）", POINT: "助餐点"}

bp = Blueprint("supervision", __name__, url_prefix="/supervision")


@bp.get("")
@guard("supervision.read")
def index() -> str:
    """All indicators of a time and a place by family."""
    period, place, wrong = _asked()
    times = times_of(period, place)
    read = readings(times.now, times.before, times.district)
    families = [
        (name, [(chapter, _shown(chapter.indicators, read)) for chapter in chapters])
        for name, chapters in FAMILIES
    ]
    return render_template(
        "reports/supervision.html",
        **_frame(period, place, wrong),
        families=[(name, [one for one in found if one[1]]) for name, found in families],
        facts=times.now,
        about=_about(times.now),
        ready=sum(reading.now is not None for reading in read.values()),
        total=len(read),
        bad=[reading for reading in read.values() if reading.verdict[0] == "bad"],
    )


@bp.get("/indicators/<indicator>")
@guard("supervision.read")
def one(indicator: str) -> str:
    """One indicator: what it is, its trend and comparison, and the records behind it."""
    period, place, wrong = _asked()
    of = _indicator(indicator, place)
    times = _times(of, period, place)
    reading = _reading(of, times)
    names = [name for name in of.records if name in LISTS and _is_told(name)]
    asked, listed, page = request.args.get("list", ""), "", None
    for listed in (asked,) if asked in names else names:  # unasked: the first that has rows
        page = page_of(LISTS[listed], Where(period, place), times.now, pages.page_asked())
        if page.items:
            break
    return render_template(
        "reports/supervision_indicator.html",
        **_frame(period, place, wrong),
        reading=reading,
        of=of,
        about=_about(times.now)(of),
        tables=tables_of(of),
        lists=[(name, LISTS[name].title) for name in names],
        listed=listed,
        listing=LISTS.get(listed),
        page=page,
        url_of=_url_of,
        charted=reading.now is None or reading.now.figure is not None,
        compares=[(level, LEVEL_NAMES[level]) for level in _levels(of, place)]
        if reading.now is not None and reading.now.figure is not None
        else [],
    )


@bp.get("/indicators/<indicator>/trend.svg")
@guard("supervision.read")
def trend_chart(indicator: str) -> Response:
    """The indicator over twelve months up to the time's last."""
    period, place, _ = _asked()
    of = _indicator(indicator, place)
    series = trend_of([of], Month.of(period.last_day), place)[of.code]
    wanted = None
    if of.target is not None:
        wanted = float(of.target.of(gather(period, ()).at(place)))
    drawing = trend(series, width=CHART, unit=of.unit, target=wanted)
    return _svg(drawing, f"{place.name}近{MONTHS}个月{of.name}")


@bp.get("/indicators/<indicator>/places.svg")
@guard("supervision.read")
def places_chart(indicator: str) -> Response:
    """The indicator of each town or point that this person sees, side by side."""
    period, place, _ = _asked()
    of = _indicator(indicator, place)
    level = request.args.get("level", "")
    if level not in _levels(of, place):
        abort(404)
    facts = gather(period, of.parts).at(place)
    items: list[tuple[str, Fraction]] = [
        (one.name, figure) for one, figure in compared(of, facts, level)[:MOST_PLACES]
    ]
    drawing = side_by_side(items, width=CHART, unit=of.unit)
    return _svg(drawing, f"{period.chinese}各{LEVEL_NAMES[level]}{of.name}")


def _asked() -> tuple[Period, Place, str]:
    """The time and place in the address, and what was wrong with the time, if anything."""
    place = place_seen()
    last = latest_month() or Month.of(local_date(clock.now()))
    try:
        return period_asked() or Period.of(last), place, ""
    except (PeriodTooLong, DaysUnclear) as refusal:
        return Period.of(last), place, refusal.message


def _is_told(listed: str) -> bool:
    """What is still to be inspected is the district's to know: no unit and no town learns of a
    visit from a list before its notice.
    """
    me = current()
    return listed not in AHEAD or not (me.at_point or len(me.scope) > DISTRICT_DIGITS)


def _frame(period: Period, place: Place, wrong: str) -> dict[str, Any]:
    """What both pages show on top: the choosers, and the address of this time and place."""
    me = current()
    at = {"period": str(period), "place": None if place.level == DISTRICT else place.code}
    rows = select(MealPoint.code, MealPoint.name).where(points_seen_by(me))
    points = (
        [] if me.at_point else [tuple(r) for r in db.session.execute(rows.order_by(MealPoint.code))]
    )
    return {
        "period": period,
        "place": place,
        "wrong": wrong,
        "at": at,
        "periods": _periods(period),
        "towns": towns_seen(),
        "points": points,
        "whole": DISTRICT if not me.at_point and len(me.scope) < 9 else "",
        "levels": {"district": DISTRICT, "town": TOWN, "point": POINT},
    }


def _periods(chosen: Period) -> list[tuple[str, str]]:
    """The last twelve months and their quarters, and what is chosen."""
    month = latest_month() or Month.of(local_date(clock.now()))
    found: list[Period] = []
    for _ in range(MONTHS):
        if month.month % 3 == 0 or not found:
            found.append(Period.of_quarter(month.year, (month.month + 2) // 3))
        found.append(Period.of(month))
        month = month.previous
    found = found if chosen in found else [chosen, *found]
    return [(str(one), one.chinese) for one in found]


def _shown(indicators: tuple[Indicator, ...], read: dict[str, Reading]) -> list[Reading]:
    return [read[one.code] for one in indicators if one.code in read]


def _about(facts: Facts) -> Any:
    """What the ⓘ of an indicator tells: definition, as-of, source."""
    moment = as_of(facts)
    return lambda of: (definition(of, facts), moment, sources_of(of))


def _indicator(code: str, place: Place) -> Indicator:
    found = BY_CODE.get(code)
    if found is None or place.level not in found.levels:
        abort(404)
    return found


def _times(of: Indicator, period: Period, place: Place) -> Times:
    parts = tuple(dict.fromkeys((*of.parts, "ledger", "coverage")))
    return times_of(period, place, parts)


def _reading(of: Indicator, times: Times) -> Reading:
    district = times.district
    operating = district.operating if district else ()
    towns = {point.town for point in operating}
    number = len(operating) if times.now.place.level == POINT else len(towns)
    return read_one(of, times.now, times.before, district, number)


def _levels(of: Indicator, place: Place) -> list[str]:
    """At which levels its places are compared: below the one that is shown."""
    below = {DISTRICT: (TOWN, POINT), TOWN: (POINT,), POINT: ()}[place.level]
    return [level for level in below if level in of.levels]


def _url_of(cell: Cell) -> str:
    """Where a cell leads this person: nowhere without the right, or where there is no such page."""
    if cell.link is None or (cell.right and not current().can(cell.right)):
        return ""
    endpoint, values = cell.link
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""


def _svg(drawing: Any, title: str) -> Response:
    return Response(drawing_to_svg(drawing, title), mimetype="image/svg+xml")
