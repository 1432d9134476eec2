"""Looking at a month's meals with all rules: nothing is written."""

import json
import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from sqlalchemy import func, select

from mealsvc.auditing.scanning import refusals
from mealsvc.auditing.scanning.helping import helper, in_turns
from mealsvc.auditing.scanning.reading import Reading
from mealsvc.auditing.scanning.rules.leads import Story, leads_of
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.scan import finish, scan_district, scan_point
from mealsvc.auditing.scanning.rules.view import Anomaly, Lines, PointMonth
from mealsvc.auditing.scanning.thresholds import limits_on
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.plumbing.errors import told_safely
from mealsvc.servings.models import DailyTally

Progress = Callable[[int, int], None]
log = logging.getLogger(__name__)
MUCH = 200_000  # servings
DISTRICT = "全区比较"


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a look at a month found; `last` is the ledger's last line that it knew.

    `failed` are points at which a rule broke down (or `DISTRICT`): what the other rules found counts.
    """

    month: Month
    last: int
    servings: int
    points: int
    limits: Limits
    anomalies: tuple[Anomaly, ...]
    stories: tuple[Story, ...]
    started_at: datetime
    failed: tuple[str, ...] = ()


def look(
    month: Month,
    codes: Collection[str] | None = None,
    progress: Progress | None = None,
    helped: bool = False,
) -> Scanned:
    """Looks for anomalies in the meals eaten in a month; writes nothing.

    `progress` is told how many points are done, of how many. `helped`: a second process takes
    half of the points; only where no other thread runs.
    """
    started_at = clock.now()
    with helper(helped) as another, Reading(month, codes) as reading:
        reading.prepare()
        total = len(reading.points)
        limits = limits_on(month.last_day, total)
        found: list[Anomaly] = []
        subsidies: dict[int, int] = {}
        parts = in_turns(find, ((seen, limits) for seen in reading.months()), another)
        failed: list[str] = []
        for done, (here, fen, broken) in enumerate(parts, 1):
            found += here
            subsidies |= fen
            failed += broken
            if progress is not None:
                progress(done, total)
        district = reading.district()
        between = scan_district(district, limits, _noting(DISTRICT, failed))
        subsidies |= _subsidies(between, district.lines)
        anomalies = [_plain(one) for one in finish([*found, *between], limits)]
        return Scanned(
            month,
            reading.last,
            reading.servings,
            total,
            limits,
            tuple(anomalies),
            tuple(leads_of(anomalies, subsidies)),
            started_at,
            tuple(sorted(set(failed))),
        )


def find(seen: PointMonth, limits: Limits) -> tuple[list[Anomaly], dict[int, int], tuple[str, ...]]:
    """What the rules find at one point, the subsidy of the lines held responsible, and the point's
    code where a rule broke down: one odd point must not keep the district from being scanned."""
    broken: list[str] = []
    here = scan_point(seen, limits, _noting(seen.point.code, broken))
    return here, _subsidies(here, seen.lines), tuple(broken[:1])


def _noting(code: str, broken: list[str]) -> Callable[[Exception], None]:
    """Notes that a rule broke down at a point."""

    def note(error: Exception) -> None:
        log.error("a rule broke down at %s: %s", code, told_safely(error))
        broken.append(code)

    return note


def is_much(month: Month) -> bool:
    """Whether the month has so many servings that a second process pays for itself."""
    lines = select(func.sum(DailyTally.lines)).where(DailyTally.settle_month == month.key)
    number = db.session.scalar(lines) or 0
    db.session.rollback()  # nothing is open when the process is forked
    return number > MUCH


def known_points(codes: Collection[str]) -> list[str]:
    """These codes; raises `UnknownPoint` for one that there is not."""
    known = set(db.session.scalars(select(MealPoint.code).where(MealPoint.code.in_(codes))))
    for code in codes:
        if code not in known:
            raise refusals.UnknownPoint(code=code)
    return sorted(known)


def _plain(anomaly: Anomaly) -> Anomaly:
    """The same without numpy's numbers: for JSON, and for the database."""
    evidence = json.loads(json.dumps(anomaly.evidence, default=lambda value: value.tolist()))
    whole = {
        name: tuple(int(one) for one in getattr(anomaly, name))
        for name in ("sequences", "days", "residents")
    }
    return replace(anomaly, evidence=evidence, **whole)


def _subsidies(anomalies: Iterable[Anomaly], lines: Lines) -> dict[int, int]:
    """Fen by the ledger's number, of the lines that these hold responsible."""
    wanted = [sequence for one in anomalies for sequence in one.sequences]
    if not wanted:
        return {}
    its = np.isin(lines.sequence, np.unique(np.array(wanted, np.int64)))
    return dict(zip(lines.sequence[its].tolist(), lines.subsidy[its].tolist(), strict=True))
