"""How the service stands: who is reached, registered and served, by community, town and district.

`standing` reads the register once for the whole area and keeps the answer in this process; see
decision 0046 for the denominator, the two distances and how long an answer is kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask import current_app
from sqlalchemy import func, or_, select

from mealsvc.coverage.rules import Walk, managed, walk_of
from mealsvc.coverage.services import points_on
from mealsvc.kernel.months import Month
from mealsvc.places.models import Division, MealPoint
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.servings.models import DailyTally
from mealsvc.settings.services import value_on
from mealsvc.trail.models import TrailEvent

if TYPE_CHECKING:
    from mealsvc.coverage.register import People

_CACHE, _MOST_KEPT = "standing", 3
FRESH = timedelta(minutes=5)  # how long new lines of the till may wait to be counted
MOST_NEW = 20_000  # rows of the trail that are looked through for something else than the till's
TOWN_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Group:
    """People of a group in need: registered, and of those served in the month."""

    known: int = 0
    served: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A community, a town or the whole.

    `eligible`: hukou of 60 and over; `near`, `reached`, `walked`: those of them whose community's
    centre lies within `near_m`, `radius_m`, `walk_m` of a point. `registered`: who lives here,
    alive and not moved out; `own_*`: those whose own position is known and, of those, within;
    `reg_*`: all registered within, by their own position where known, else by the centre.
    `active` had subsidised meals in the month, `servings` of them. `points` operate here on the
    day; `seats` and `capacity` are those of the `effective` ones. `nearest_m` is the centre's.
    """

    division: str
    name: str
    town: str = ""
    eligible: int = 0
    registered: int = 0
    active: int = 0
    servings: int = 0
    near: int = 0
    reached: int = 0
    walked: int = 0
    own_known: int = 0
    own_near: int = 0
    own_reached: int = 0
    own_walked: int = 0
    reg_near: int = 0
    reg_reached: int = 0
    reg_walked: int = 0
    seats: int = 0
    capacity: int = 0
    points: int = 0
    effective: int = 0
    spots: int = 0
    centred: int = 0
    groups: Mapping[str, Group] = field(default_factory=dict)
    nearest_m: float | None = None
    lon: float | None = None
    lat: float | None = None

    @property
    def is_spot(self) -> bool:
        """Whether this community is a blank spot (空白点)."""
        return self.spots == 1 and len(self.division) > TOWN_DIGITS

    @property
    def gap(self) -> int:
        """Eligible elders outside the radius."""
        return self.eligible - self.reached


@dataclass(frozen=True, slots=True)
class Outside:
    """A division in the list that somebody else runs: no part of any figure."""

    division: str
    name: str
    managed_by: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Rows in order of code. `elsewhere` counts registered elders who live in none of the managed
    communities; `located_share` is the share of the registered whose own position is known."""

    as_of: datetime
    day: date
    month: Month
    radius_m: int
    near_m: int
    walk_m: int
    walk_words: str
    gap_pop60: int
    rows: tuple[Row, ...]
    towns: tuple[Row, ...]
    total: Row
    located_share: float
    elsewhere: Row = field(default_factory=lambda: Row("", ""))
    left_out: tuple[Outside, ...] = ()

    def row(self, division: str) -> Row | None:
        """The community, town or whole with this code."""
        return next((one for one in (*self.rows, *self.towns) if one.division == division), None)


_COUNTS = tuple(one.name for one in fields(Row) if one.type in (int, "int"))


def standing(day: date, month: Month, within: str = "", fresh: bool = False) -> Standing:
    """Everything about an area on a day, with what was served in a month; points elsewhere count
    as near as those inside. `fresh` asks for an answer of this moment."""
    whole = standing_and_people(day, month, fresh)[0]
    return whole if not within else _narrowed(whole, within)


def standing_and_people(day: date, month: Month, fresh: bool = False) -> tuple[Standing, "People"]:
    """The whole area, and the register's columns behind its counts."""
    kept = current_app.extensions["mealsvc.caches"].setdefault(_CACHE, {})
    head, now = db.session.scalar(select(func.max(TrailEvent.seq))) or 0, clock.now()
    found: tuple[int, Standing, People] | None = None if fresh else kept.get((day, month))
    if found is None or not _holds(found[0], found[1], head, now):
        from mealsvc.coverage.reckoning import reckon

        found = (head, *reckon(_scene(day, month, now)))
        kept.pop((day, month), None)
        while len(kept) >= _MOST_KEPT:
            kept.pop(next(iter(kept)))
        kept[day, month] = found
    return found[1:]


def summed(rows: Iterable[Row], division: str, name: str, town: str = "") -> Row:
    """The rows added up."""
    rows = list(rows)
    counts = {one: sum(getattr(row, one) for row in rows) for one in _COUNTS}
    known: dict[str, int] = {}
    served: dict[str, int] = {}
    for row in rows:
        for kind, group in row.groups.items():
            known[kind] = known.get(kind, 0) + group.known
            served[kind] = served.get(kind, 0) + group.served
    groups = {kind: Group(known[kind], served[kind]) for kind in known}
    return Row(division, name, town, **counts, groups=groups)


def _holds(since: int, kept: Standing, head: int, now: datetime) -> bool:
    """Whether nothing but meals was written since, and the answer is not old."""
    if since == head:
        return True
    if not 0 < head - since <= MOST_NEW or now - kept.as_of > FRESH:
        return False
    changed = or_(
        TrailEvent.action.startswith("places."),
        TrailEvent.action.startswith("residents."),
        TrailEvent.action.startswith("settings."),
        TrailEvent.action.startswith("coverage."),
    )
    seen = TrailEvent.action != "residents.reveal"
    found_one = select(TrailEvent.seq).where(TrailEvent.seq > since, changed, seen).limit(1)
    return db.session.scalar(found_one) is None


@dataclass(frozen=True, slots=True)
class Scene:
    """What `reckon` starts from: thresholds, managed communities, and the points of the day."""

    as_of: datetime
    day: date
    month: Month
    radius_m: int
    near_m: int
    walk: Walk
    gap_pop60: int
    communities: Sequence[Division]
    names: Mapping[str, str]
    left_out: tuple[Outside, ...]
    points: Sequence[MealPoint]
    effective: frozenset[int]


def _scene(day: date, month: Month, now: datetime) -> Scene:
    divisions = db.session.scalars(select(Division).order_by(Division.code)).all()
    own = managed({one.code: (one.name, one.managed_by) for one in divisions})
    return Scene(
        as_of=now,
        day=day,
        month=month,
        radius_m=int(value_on("coverage.radius_m", day)),
        near_m=int(value_on("coverage.near_m", day)),
        walk=walk_of(value_on("coverage.walk", day)),
        gap_pop60=int(value_on("coverage.gap_pop60", day)),
        communities=[one for one in divisions if one.level == "community" and one.code in own],
        names={one.code: one.name for one in divisions},
        left_out=_left_out(divisions, own),
        points=points_on(day),
        effective=_effective(day, month),
    )


def _left_out(divisions: Sequence[Division], own: set[str]) -> tuple[Outside, ...]:
    """The highest divisions that somebody else runs, with who does."""
    found: list[Outside] = []
    for one in divisions:
        if one.code not in own and not (found and one.code.startswith(found[-1].division)):
            found.append(Outside(one.code, one.name, one.managed_by))
    return tuple(found)


def _effective(day: date, month: Month) -> frozenset[int]:
    """The points that meet the rule of effective operation (有效运营) in the month; up to the day
    where the month has not ended by then."""
    days, meals = (
        int(value_on(key, day)) for key in ("point.effective_days", "point.effective_meals")
    )
    until = min(day, month.last_day) if day in month else month.last_day
    if until < month.last_day:
        days = -(-days * until.day // 30)
    net = func.sum(DailyTally.lines - DailyTally.reversals)
    busy = (
        select(DailyTally.point_id, DailyTally.served_on)
        .where(
            DailyTally.settle_month == month.key,
            ~DailyTally.late,
            DailyTally.served_on.between(month.first_day, until),
        )
        .group_by(DailyTally.point_id, DailyTally.served_on)
        .having(net >= meals)
        .subquery()
    )
    often = select(busy.c.point_id).group_by(busy.c.point_id).having(func.count() >= days)
    return frozenset(db.session.scalars(often))


def _narrowed(whole: Standing, within: str) -> Standing:
    """The part of it that lies in a division; a community has no rows of towns."""
    rows = tuple(row for row in whole.rows if row.division.startswith(within))
    towns = tuple(row for row in whole.towns if row.division.startswith(within))
    name = next((row.name for row in (*towns, *rows) if row.division == within), "")
    total = summed(rows, within, name or whole.total.name)
    values: dict[str, Any] = {one.name: getattr(whole, one.name) for one in fields(Standing)}
    located = total.own_known / total.registered if total.registered else 0.0
    values |= {"rows": rows, "towns": towns, "total": total, "located_share": located}
    values["left_out"] = tuple(one for one in whole.left_out if one.division.startswith(within))
    if len(within) >= TOWN_DIGITS:
        values["elsewhere"] = Row("", "")
    return Standing(**values)
