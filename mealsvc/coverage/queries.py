"""What the pages of coverage ask: which month and day are meant, and rows filtered and in order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from mealsvc.coverage.services import sites_on
from mealsvc.coverage.standing import Row, Standing, standing_and_people
from mealsvc.kernel.months import Month
from mealsvc.plumbing.db import db
from mealsvc.plumbing.pages import Page
from mealsvc.servings.models import DailyTally

COMMUNITY, TOWN = "community", "town"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of communities or towns is narrowed to, and its order."""

    level: str = COMMUNITY
    town: str = ""
    text: str = ""
    spots: bool = False
    sort: str = ""


def _rate(part: str, whole: str) -> Callable[[Row], float]:
    def rate(row: Row) -> float:
        bottom = getattr(row, whole)
        return getattr(row, part) / bottom if bottom else -1.0

    return rate


SORTS: dict[str, Callable[[Row], Any]] = {
    "code": lambda row: row.division,
    "eligible": lambda row: row.eligible,
    "near": _rate("near", "eligible"),
    "reached": _rate("reached", "eligible"),
    "walked": _rate("walked", "eligible"),
    "gap": lambda row: row.gap,
    "nearest": lambda row: float("inf") if row.nearest_m is None else row.nearest_m,
    "registered": lambda row: row.registered,
    "own": _rate("reg_reached", "registered"),
    "active": lambda row: row.active,
    "penetration": _rate("active", "eligible"),
    "frequency": _rate("servings", "active"),
    "points": lambda row: row.points,
    "spots": lambda row: row.spots,
}


def found_rows(standing: Standing, wanted: Wanted) -> list[Row]:
    """The rows asked for: blank spots first, then where most elders are out of reach, unless
    another order is asked for (`-` before it: falling)."""
    rows: Sequence[Row] = standing.towns if wanted.level == TOWN else standing.rows
    found = [
        row
        for row in rows
        if row.division.startswith(wanted.town)
        and (not wanted.spots or row.spots)
        and (not wanted.text or wanted.text in row.name or row.division.startswith(wanted.text))
    ]
    key = SORTS.get(wanted.sort.lstrip("-"))
    if key is None:
        return sorted(found, key=lambda row: (not row.is_spot, -row.gap, row.division))
    return sorted(found, key=key, reverse=wanted.sort.startswith("-"))


def page_of_rows(rows: Sequence[Any], page: int, per_page: int) -> Page:
    """One page of rows that are in memory."""
    start = (page - 1) * per_page
    shown = rows[start : start + per_page]
    return Page(shown, page, len(rows) > start + per_page, len(rows), False, per_page)


def latest_month() -> Month | None:
    """The latest month in which meals were served and settle."""
    keys = select(DailyTally.settle_month).where(~DailyTally.late)
    key = db.session.scalar(keys.order_by(DailyTally.settle_month.desc()).limit(1))
    return None if key is None else Month.from_key(key)


def time_meant(month: Month | None, day: date | None, today: date) -> tuple[Month, date]:
    """The month and day of a question: asked for, or the latest month with records and its last
    day, as far as it has come. A day alone means its month."""
    if month is None:
        month = Month.of(day) if day else latest_month() or Month.of(today)
    return month, day or max(min(month.last_day, today), month.first_day)


@dataclass(frozen=True, slots=True)
class Elder:
    """Somebody who lives in a division: row number, metres to the nearest point (None: unknown),
    whether from the own position, and subsidised meals of the month."""

    resident_id: int
    nearest_m: float | None
    own: bool
    meals: int


@dataclass(frozen=True, slots=True)
class Which:
    """Which registered elders are meant: a group's code, `yes` or `no` for those served in the
    month or not, `in` or `out` of the radius; empty texts don't narrow."""

    group: str = ""
    served: str = ""
    reach: str = ""


def elders_of(day: date, month: Month, division: str, which: Which) -> list[Elder]:
    """The registered elders behind the figures of a community or town, those who live farthest
    first."""
    import numpy as np

    from mealsvc.coverage.measuring import nearest_m

    whole, people = standing_and_people(day, month)
    inside = np.array([row.division.startswith(division) for row in whole.rows] + [False])
    wanted = people.here & inside[people.home]  # the last place is for those who live elsewhere
    if which.group in people.groups:
        wanted &= people.groups[which.group]
    if which.served:
        wanted &= (people.meals > 0) == (which.served == "yes")
    rows = np.flatnonzero(wanted)
    own = ~np.isnan(people.lon[rows]) & ~np.isnan(people.lat[rows])
    measured = nearest_m(people.lon[rows[own]], people.lat[rows[own]], sites_on(day))
    from_home = dict(zip(rows[own].tolist(), measured, strict=True))
    found = [
        Elder(
            int(people.ids[row]),
            from_home.get(row, whole.rows[people.home[row]].nearest_m),
            row in from_home,
            int(people.meals[row]),
        )
        for row in rows.tolist()
    ]
    if which.reach:
        found = [one for one in found if _within(one, whole.radius_m) == (which.reach == "in")]
    return sorted(found, key=_farthest_first)


def _within(one: Elder, radius_m: float) -> bool:
    return one.nearest_m is not None and one.nearest_m <= radius_m


def _farthest_first(one: Elder) -> tuple[float, int]:
    return (float("-inf") if one.nearest_m is None else -one.nearest_m, one.resident_id)
