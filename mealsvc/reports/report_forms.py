"""The papers of supervision: the report of a time and a place, its brief, a point's card."""

from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select

from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.models import Division, MealPoint
from mealsvc.plumbing.db import db
from mealsvc.reports.facts import Facts
from mealsvc.reports.gathering import gather
from mealsvc.reports.indicators import BY_CODE
from mealsvc.reports.period import Period
from mealsvc.reports.point_facts import DISTRICT, POINT, TOWN, TOWN_DIGITS, Place
from mealsvc.reports.trends import Trend, trend_of
from mealsvc.settlement.area import district

SHOWN_TRENDS = ("N14", "N16", "N17")  # of the paper: what the logs of each month say
REPORT, BRIEF, CARD = "老年助餐督查报告", "brief", "card"
FORMS = {BRIEF: "老年助餐督查简报", CARD: "助餐点督查成绩单"}


class UnknownPlace(Refusal):
    """没有编号为{place}的镇（街道）或助餐点：请核对后重试。"""

    code = "unknown_place"


class NoCard(Refusal):
    """成绩单是一个助餐点的：请用助餐点编号写明是哪一个。"""

    code = "card_needs_point"


@dataclass(frozen=True, slots=True)
class Times:
    """The facts of a place, those of the time before, and the whole district's where it is a part."""

    now: Facts
    before: Facts
    district: Facts | None


def place_of(code: str = "") -> Place:
    """The district, a town by its nine digits, or a point by its code. Raises `UnknownPlace`."""
    here = district()
    if code in ("", here):
        name = db.session.scalar(select(Division.name).where(Division.code == here))
        return Place(DISTRICT, here, name or here)
    name = db.session.scalar(select(MealPoint.name).where(MealPoint.code == code))
    if name is not None:
        return Place(POINT, code, name)
    name = db.session.scalar(
        select(Division.name).where(Division.code == code, Division.level == "town")
    )
    if name is None or len(code) != TOWN_DIGITS or not code.startswith(here):
        raise UnknownPlace(place=code)
    return Place(TOWN, code, name)


def times_of(period: Period, place: Place, parts: tuple[str, ...] | None = None) -> Times:
    """Reads the time and the one before it; `parts` as in `gather`."""
    whole = gather(period, parts)
    before = gather(period.previous, parts).at(place)
    return Times(whole.at(place), before, None if place.level == DISTRICT else whole)


def report(period: Period, place: Place) -> bytes:
    """The whole report, as a PDF."""
    from mealsvc.reports.supervision_report import draw

    times = times_of(period, place)
    return draw(
        times.now,
        times.before,
        current_app.config,
        district=times.district,
        trends=trends_for(SHOWN_TRENDS, period, place),
    )


def trends_for(codes: tuple[str, ...], period: Period, place: Place) -> dict[str, Trend]:
    """Twelve months up to the time's last one."""
    wanted = [BY_CODE[code] for code in codes]
    return dict(trend_of(wanted, Month.of(period.last_day), place))


def paper_of(form: str, period: Period, place: Place) -> bytes:
    """The report, or one page of it (`FORMS`), as a PDF. Raises `NoCard`."""
    if form not in FORMS:
        return report(period, place)
    return (brief if form == BRIEF else card)(period, place)


def brief(period: Period, place: Place) -> bytes:
    """One page for those who decide: eight figures, three problems, one chart."""
    from mealsvc.reports.supervision_brief import draw

    times = times_of(period, place)
    trends = trends_for(SHOWN_TRENDS, period, place)
    return draw(times.now, times.before, current_app.config, district=times.district, trends=trends)


def card(period: Period, place: Place) -> bytes:
    """A point's own page: its grade, its figures beside the district's, what to put right.

    Raises `NoCard` for anything but a point.
    """
    from mealsvc.reports.point_card import draw

    if place.level != POINT:
        raise NoCard()
    times = times_of(period, place)
    assert times.district is not None
    return draw(times.now, times.before, times.district, current_app.config)


def named(form: str, period: Period, place: Place) -> str:
    """老年助餐督查报告_2024-05_WJ001.pdf"""
    where = () if place.level == DISTRICT else (place.code,)
    return "_".join((FORMS.get(form, REPORT), str(period), *where)) + ".pdf"
