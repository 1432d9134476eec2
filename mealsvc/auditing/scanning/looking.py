"""Looking at a month's meals with all rules: nothing is written."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import select

from mealsvc.auditing.scanning import refusals
from mealsvc.auditing.scanning.reading import Reading
from mealsvc.auditing.scanning.rules.leads import Story, leads_of
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.scan import finish, scan_district, scan_point
from mealsvc.auditing.scanning.rules.view import Anomaly, Lines
from mealsvc.auditing.scanning.thresholds import limits_on
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a look at a month found; `last` is the ledger's last line that it knew."""

    month: Month
    last: int
    servings: int
    points: int
    limits: Limits
    anomalies: tuple[Anomaly, ...]
    stories: tuple[Story, ...]
    started_at: datetime


def look(
    month: Month, codes: Collection[str] | None = None, progress: Progress | None = None
) -> Scanned:
    """Looks for anomalies in the meals eaten in a month; writes nothing.

    `progress` is told how many points are done, of how many.
    """
    started_at = clock.now()
    found: list[Anomaly] = []
    subsidies: dict[int, int] = {}
    with Reading(month, codes) as reading:
        reading.prepare()
        total = len(reading.points)
        limits = limits_on(month.last_day, total)
        for done, seen in enumerate(reading.months(), 1):
            here = scan_point(seen, limits)
            found += here
            subsidies |= _subsidies(here, seen.lines)
            if progress is not None:
                progress(done, total)
        district = reading.district()
        between = scan_district(district, limits)
        subsidies |= _subsidies(between, district.lines)
        anomalies = finish([*found, *between], limits)
        return Scanned(
            month,
            reading.last,
            reading.servings,
            total,
            limits,
            tuple(anomalies),
            tuple(leads_of(anomalies, subsidies)),
            started_at,
        )


def known_points(codes: Collection[str]) -> list[str]:
    """These codes; raises `UnknownPoint` for one that there is not."""
    known = set(db.session.scalars(select(MealPoint.code).where(MealPoint.code.in_(codes))))
    for code in codes:
        if code not in known:
            raise refusals.UnknownPoint(code=code)
    return sorted(known)


def _subsidies(anomalies: Iterable[Anomaly], lines: Lines) -> dict[int, int]:
    """Fen by the ledger's number, of the lines that these hold responsible."""
    wanted = [sequence for one in anomalies for sequence in one.sequences]
    if not wanted:
        return {}
    its = np.isin(lines.sequence, np.unique(np.array(wanted, np.int64)))
    return dict(zip(lines.sequence[its].tolist(), lines.subsidy[its].tolist(), strict=True))
