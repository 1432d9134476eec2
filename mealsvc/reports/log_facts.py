"""Reads the daily logs of a time: samples, daily control, temperatures, incidents, by point."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import case, func, select

from mealsvc.menus.models import MenuItem
from mealsvc.menus.rules import SET_MEAL
from mealsvc.plumbing.db import db
from mealsvc.reports.oversight_facts import LogFacts
from mealsvc.reports.period import Period
from mealsvc.reports.point_facts import PointFacts
from mealsvc.supervision.logs.kinds import READINGS
from mealsvc.supervision.logs.models import LogEntry

Codes = Mapping[int, str]
Days = Mapping[str, Collection[date]]


def logs_part(
    period: Period,
    points: Collection[PointFacts],
    codes: Codes,
    worked: Mapping[str, frozenset[date]],
) -> dict[str, Any]:
    """What each point's logs hold, and which kinds the district keeps at all."""
    dishes, control = _dishes(period, codes), _control(period, codes)
    counts = _counts(period, codes)
    cooks = {point.code for point in points if point.cooks}
    logs = {}
    for code in codes.values():
        own = worked.get(code, frozenset())
        menus = dishes.get(code, {}) if code in cooks else {}
        served = [counted for day, counted in menus.items() if day in own]
        kinds = counts.get(code, {})
        logs[code] = LogFacts(
            dishes=sum(number for number, _ in served),
            dishes_sampled=sum(sampled for _, sampled in served),
            control_days=len(control.get(code, frozenset()) & own),
            operating_days=len(own),
            readings=sum(kinds.get(kind, (0, 0, 0))[1] for kind in READINGS),
            readings_within=sum(kinds.get(kind, (0, 0, 0))[2] for kind in READINGS),
            incidents=kinds.get("incident", (0, 0, 0))[0],
        )
    kept = {kind for kinds in counts.values() for kind in kinds}
    return {"logs": logs, "kept": frozenset(kept | ({"logs"} if kept else set()))}


def worked_days(points: Collection[PointFacts], days: Days) -> dict[str, frozenset[date]]:
    """The days on which a point served, or as a kitchen cooked for one that did."""
    found: dict[str, set[date]] = defaultdict(set)
    for point in points:
        own = days.get(point.code, ())
        found[point.code].update(own)
        found[point.kitchen].update(own)
    return {code: frozenset(own) for code, own in found.items()}


def entries_in(period: Period) -> tuple[Any, ...]:
    """The condition for log entries about the time that hold."""
    return (
        LogEntry.day.between(period.first_day, period.last_day),
        LogEntry.withdrawn_at.is_(None),
    )


def sampled() -> Any:
    """Whether a dish of a menu has a sample that kept to the rules."""
    return (
        select(LogEntry.id)
        .where(
            LogEntry.point_id == MenuItem.point_id,
            LogEntry.day == MenuItem.served_on,
            LogEntry.kind == "sample",
            LogEntry.meal == MenuItem.meal,
            LogEntry.subject == MenuItem.name,
            LogEntry.within.is_not(False),
            LogEntry.withdrawn_at.is_(None),
        )
        .exists()
    )


def dishes_in(period: Period) -> tuple[Any, ...]:
    """The condition for dishes on the time's menus; a set meal is made of dishes."""
    return (
        MenuItem.served_on.between(period.first_day, period.last_day),
        MenuItem.withdrawn_at.is_(None),
        MenuItem.kind != SET_MEAL,
    )


def _dishes(period: Period, codes: Codes) -> dict[str, dict[date, tuple[int, int]]]:
    """Of each point and day the dishes on the menu, and those with a sample."""
    rows = db.session.execute(
        select(
            MenuItem.point_id,
            MenuItem.served_on,
            func.count(),
            func.sum(case((sampled(), 1), else_=0)),
        )
        .where(*dishes_in(period))
        .group_by(MenuItem.point_id, MenuItem.served_on)
    )
    found: dict[str, dict[date, tuple[int, int]]] = defaultdict(dict)
    for point, day, count, kept in rows:
        found[codes[point]][day] = (int(count), int(kept))
    return found


def _control(period: Period, codes: Codes) -> dict[str, frozenset[date]]:
    """The days of each point with a daily control."""
    rows = db.session.execute(
        select(LogEntry.point_id, LogEntry.day)
        .where(*entries_in(period), LogEntry.kind == "daily_control")
        .distinct()
    )
    found: dict[str, set[date]] = defaultdict(set)
    for point, day in rows:
        found[codes[point]].add(day)
    return {code: frozenset(own) for code, own in found.items()}


def _counts(period: Period, codes: Codes) -> dict[str, dict[str, tuple[int, int, int]]]:
    """Of each point and kind: entries, those that were judged, those within the limits."""
    judged = func.sum(case((LogEntry.within.is_not(None), 1), else_=0))
    good = func.sum(case((LogEntry.within.is_(True), 1), else_=0))
    rows = db.session.execute(
        select(LogEntry.point_id, LogEntry.kind, func.count(), judged, good)
        .where(*entries_in(period))
        .group_by(LogEntry.point_id, LogEntry.kind)
    )
    found: dict[str, dict[str, tuple[int, int, int]]] = defaultdict(dict)
    for point, kind, count, known, within in rows:
        found[codes[point]][kind] = (int(count), int(known), int(within))
    return found
