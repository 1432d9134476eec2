"""What a report reads of the ledger: which lines count, and their counts by point, day and kind."""

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import case, func, select

from mealsvc.plumbing.db import db
from mealsvc.reports.period import Period
from mealsvc.reports.point_facts import Slice
from mealsvc.servings.models import DailyTally, Decision, Serving

NET = func.sum(case((Serving.reverses.is_(None), 1), else_=-1))
"""Servings less those taken back."""


def own_lines(period: Period) -> tuple[Any, ...]:
    """The condition for lines that were eaten in the time and settle in their own month, as its
    settlement counts them."""
    return (Serving.served_on.between(period.first_day, period.last_day), ~Serving.late)


def own_tallies(period: Period) -> tuple[Any, ...]:
    """The same lines summed up; the months come first, as in the tally's key."""
    return (
        DailyTally.settle_month.between(period.months[0].key, period.months[-1].key),
        ~DailyTally.late,
        DailyTally.served_on.between(period.first_day, period.last_day),
    )


def slices_of(
    period: Period, codes: Mapping[int, str]
) -> tuple[tuple[Slice, ...], datetime | None]:
    """The servings by all that the report distinguishes, and when the last line was recorded."""
    price = func.abs(Serving.price_fen)
    same = (
        Serving.point_id,
        Serving.age,
        Serving.decision_id,
        Serving.mode,
        Serving.method,
        price,
    )
    rows = db.session.execute(
        select(
            *same,
            NET,
            func.sum(Serving.subsidy_fen),
            func.sum(Serving.self_pay_fen),
            func.max(Serving.recorded_at, type_=Serving.recorded_at.type),
        )
        .where(*own_lines(period))
        .group_by(*same)
        .order_by(*same)
    ).all()
    tiers = _tiers({row[2] for row in rows})
    found = tuple(
        Slice(
            codes[point], age, tiers[decision], mode, method, int(fen), int(net), int(sub), int(own)
        )
        for point, age, decision, mode, method, fen, net, sub, own, _ in rows
        if net or sub or own
    )
    return found, max((row[-1] for row in rows), default=None)


def _tiers(decisions: set[int]) -> dict[int, str | None]:
    rows = db.session.execute(select(Decision.id, Decision.content))
    return {key: json.loads(content).get("tier_name") for key, content in rows if key in decisions}


def days_of(period: Period, codes: Mapping[int, str]) -> dict[str, dict[date, int]]:
    """Servings of each point on each day that has any."""
    net = func.sum(DailyTally.lines - DailyTally.reversals)
    rows = db.session.execute(
        select(DailyTally.point_id, DailyTally.served_on, net)
        .where(*own_tallies(period))
        .group_by(DailyTally.point_id, DailyTally.served_on)
        .having(net > 0)
        .order_by(DailyTally.point_id, DailyTally.served_on)
    )
    days: dict[str, dict[date, int]] = defaultdict(dict)
    for point, day, count in rows:
        days[codes[point]][day] = int(count)
    return dict(days)


def reversals_of(period: Period, codes: Mapping[int, str]) -> dict[str, int]:
    """How many lines were taken back at each point."""
    count = func.sum(DailyTally.reversals)
    rows = db.session.execute(
        select(DailyTally.point_id, count)
        .where(*own_tallies(period))
        .group_by(DailyTally.point_id)
        .having(count > 0)
    )
    return {codes[point]: int(number) for point, number in rows}
