"""What the logs say: what is missing, what is kept, and the figures that reports are made of."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, distinct, func, or_, select
from sqlalchemy.orm import aliased

from mealsvc.kernel.meals import LOCAL
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.places.units.models import StaffMember
from mealsvc.plumbing.db import db
from mealsvc.supervision.logs import rules
from mealsvc.supervision.logs.judging import as_read
from mealsvc.supervision.logs.models import LogEntry
from mealsvc.supervision.logs.rules import Due, Serving
from mealsvc.supervision.logs.served import Served, served
from mealsvc.supervision.logs.thresholds import Thresholds, thresholds

SAMPLE_MEMORY = timedelta(days=60)  # a sample that was not disposed of for so long is forgotten
READINGS_KEY = "fridge.readings_a_day"
VALID = LogEntry.withdrawn_at.is_(None)
_Later = aliased(LogEntry)


class State(NamedTuple):
    """A log that is due: how much of it there is, and how that is called (see `rules.state_of`)."""

    kind: str
    meal: str
    wanted: int
    have: int
    state: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample in its fridge."""

    entry: LogEntry
    grams: float
    place: str
    person: str
    kept_until: datetime

    def due(self, now: datetime) -> bool:
        """Whether it has been kept long enough."""
        return now >= self.kept_until


def states_on(
    day: date, points: Sequence[MealPoint], today: date | None = None, at: time | None = None
) -> dict[int, list[State]]:
    """What is due at each point on a day and how it stands. `today` and `at` (local time): on that
    day menus count too, and what is not late yet is waiting.
    """
    now = at if day == today else None
    return {
        point_id: [
            State(due.kind, due.meal, due.wanted, have, rules.state_of(due, have, now))
            for due, have in days.get(day, ())
        ]
        for point_id, days in _due(points, day, day, today).items()
    }


def missing_on(
    day: date, points: Sequence[MealPoint], today: date | None = None, at: time | None = None
) -> dict[int, list[State]]:
    """What of a day is missing or half done, by point; points that lack nothing are left out."""
    late = (rules.MISSING, rules.PARTLY)
    found = {
        point_id: [one for one in states if one.state in late]
        for point_id, states in states_on(day, points, today, at).items()
    }
    return {point_id: states for point_id, states in found.items() if states}


def logs_in_order(point: MealPoint, day: date, today: date) -> dict[str, bool]:
    """By kind: whether all that is due on a day is there, and nothing was out of range."""
    outside = select(LogEntry.kind).where(
        LogEntry.point_id == point.id, LogEntry.day == day, LogEntry.within.is_(False), VALID
    )
    wrong = set(db.session.scalars(outside))
    found: dict[str, bool] = {}
    for one in states_on(day, [point], today).get(point.id, ()):
        good = one.have >= one.wanted and one.kind not in wrong
        found[one.kind] = found.get(one.kind, True) and good
    return found


def gaps(points: Sequence[MealPoint], from_on: date, to_on: date) -> dict[int, float]:
    """The share (0–1) of the logs due in a period that are missing, by point; 0 where none is due."""
    return {
        point_id: rules.share_missing([one for states in days.values() for one in states])
        for point_id, days in _due(points, from_on, to_on, None).items()
    }


def _due(
    points: Sequence[MealPoint], from_on: date, to_on: date, today: date | None
) -> dict[int, dict[date, list[tuple[Due, int]]]]:
    """Every due log of a period with how many entries there are: a few grouped reads."""
    ids = [point.id for point in points]
    early = min(rules.week_of(from_on)[0], from_on.replace(day=1))
    meals = served(points, early, to_on, today)
    had, staff = _entries(ids, early, to_on), _staff(ids)
    devices, limits = _devices(ids, from_on, to_on), thresholds()
    read_days = {one: [list(read) for read in own.values()] for one, own in devices.items()}
    found: dict[int, dict[date, list[tuple[Due, int]]]] = {}
    for point in points:
        days = found.setdefault(point.id, {})
        for number in range((to_on - from_on).days + 1):
            day = from_on + timedelta(days=number)
            asked = _serving(point, day, meals, staff, read_days)
            dues = rules.due_of(asked, _readings(limits, day))
            days[day] = [(due, _have(point.id, day, due, had, devices, limits)) for due in dues]
    return found


def _serving(
    point: MealPoint,
    day: date,
    meals: Served,
    staff: dict[int, list[tuple[date, date | None]]],
    read_days: dict[int, list[list[date]]],
) -> Serving:
    monday, sunday = rules.week_of(day)
    return Serving(
        rules.cooks(point.kind),
        meals.on(point.id, day),
        sum(since <= day and (to is None or day <= to) for since, to in staff[point.id]),
        sum(rules.is_known(read_on, day) for read_on in read_days.get(point.id, ())),
        day == sunday and meals.between(point.id, monday, sunday),
        day == Month.of(day).last_day and meals.between(point.id, day.replace(day=1), day),
    )


def _have(
    point_id: int,
    day: date,
    due: Due,
    had: dict[tuple[int, str], dict[tuple[date, str], int]],
    devices: dict[int, dict[str, dict[date, int]]],
    limits: Thresholds,
) -> int:
    if due.kind == "cold_store":
        most = _readings(limits, day)
        return sum(min(read.get(day, 0), most) for read in devices[point_id].values())
    entries = had[point_id, due.kind]
    if due.kind == "weekly_check":
        monday, sunday = rules.week_of(day)
        return sum(number for (one, _), number in entries.items() if monday <= one <= sunday)
    if due.kind == "monthly_meeting":
        return sum(
            n for (one, _), n in entries.items() if (one.year, one.month) == (day.year, day.month)
        )
    return entries.get((day, due.meal), 0)


def _readings(limits: Thresholds, day: date) -> int:
    return int(limits.on(day).number(READINGS_KEY))


def _entries(
    ids: Collection[int], from_on: date, to_on: date
) -> dict[tuple[int, str], dict[tuple[date, str], int]]:
    """How many different subjects were logged, by point and kind, then by day and meal."""
    columns = (LogEntry.point_id, LogEntry.kind, LogEntry.day, LogEntry.meal)
    rows = (
        select(*columns, func.count(distinct(LogEntry.subject)))
        .where(
            LogEntry.point_id.in_(ids),
            LogEntry.kind.in_(rules.DUE),
            LogEntry.kind != "cold_store",
            LogEntry.day.between(from_on, to_on),
            VALID,
        )
        .group_by(*columns)
    )
    found: dict[tuple[int, str], dict[tuple[date, str], int]] = defaultdict(dict)
    for point_id, kind, day, meal, number in db.session.execute(rows):
        found[point_id, kind][day, meal] = number
    return found


def _staff(ids: Collection[int]) -> dict[int, list[tuple[date, date | None]]]:
    """From when to when people belong to the staff: volunteers only if they handle food."""
    found: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
    rows = select(StaffMember.point_id, StaffMember.joined_on, StaffMember.left_on)
    for point_id, since, to in db.session.execute(rows.where(*_of_staff(ids))):
        found[point_id].append((since, to))
    return found


def _of_staff(ids: Collection[int]) -> tuple[Any, ...]:
    counts = or_(StaffMember.volunteer.is_(False), StaffMember.handles_food.is_(True))
    return (StaffMember.point_id.in_(ids), counts)


def _devices(
    ids: Collection[int], from_on: date, to_on: date
) -> dict[int, dict[str, dict[date, int]]]:
    """How often each device was read on each day in order, those of the weeks before too."""
    columns = (LogEntry.point_id, LogEntry.subject, LogEntry.day)
    rows = (
        select(*columns, func.count())
        .where(
            LogEntry.point_id.in_(ids),
            LogEntry.kind == "cold_store",
            LogEntry.day.between(from_on - rules.DEVICE_MEMORY, to_on),
            VALID,
        )
        .group_by(*columns)
        .order_by(LogEntry.day)
    )
    found: dict[int, dict[str, dict[date, int]]] = defaultdict(lambda: defaultdict(dict))
    for point_id, subject, day, number in db.session.execute(rows):
        found[point_id][subject][day] = number
    return found


def staff_on(point_id: int, day: date) -> Sequence[StaffMember]:
    """Who belongs to the point's staff on a day, by name."""
    rows = select(StaffMember).where(
        *_of_staff([point_id]),
        StaffMember.joined_on <= day,
        or_(StaffMember.left_on.is_(None), StaffMember.left_on >= day),
    )
    return db.session.scalars(rows.order_by(StaffMember.id)).all()


def devices_of(point_id: int, day: date) -> list[tuple[str, str]]:
    """The cold devices that were read lately: name and type, in the order of their first entry."""
    rows = select(LogEntry.subject, LogEntry.facts).where(
        LogEntry.point_id == point_id,
        LogEntry.kind == "cold_store",
        LogEntry.day.between(day - rules.DEVICE_MEMORY, day),
        VALID,
    )
    found: dict[str, str] = {}
    for subject, facts in db.session.execute(rows.order_by(LogEntry.day, LogEntry.id)):
        found.setdefault(subject, json.loads(facts)["device"])
    return list(found.items())


def last_of(point_id: int, kind: str) -> LogEntry | None:
    """The latest entry of a kind at the point, whose place, keeper and so on are proposed again."""
    rows = select(LogEntry).where(LogEntry.point_id == point_id, LogEntry.kind == kind, VALID)
    return db.session.scalar(rows.order_by(LogEntry.day.desc(), LogEntry.id.desc()).limit(1))


def entries_on(point_id: int, day: date) -> Sequence[LogEntry]:
    """A point's entries of a day, withdrawn ones too, in order of time."""
    rows = select(LogEntry).where(LogEntry.point_id == point_id, LogEntry.day == day)
    return db.session.scalars(rows.order_by(LogEntry.at, LogEntry.kind, LogEntry.id)).all()


def entries(
    point_ids: Select[Any] | Collection[int],
    kind: str = "",
    period: tuple[date, date] | None = None,
    out_only: bool = False,
) -> Any:
    """A select of entries with their points, the latest first."""
    rows = select(LogEntry, MealPoint).join(MealPoint, MealPoint.id == LogEntry.point_id)
    rows = rows.where(LogEntry.point_id.in_(point_ids))
    if kind:
        rows = rows.where(LogEntry.kind == kind)
    if period is not None:
        rows = rows.where(LogEntry.day.between(*period))
    if out_only:
        rows = rows.where(LogEntry.within.is_(False), VALID)
    return rows.order_by(LogEntry.day.desc(), LogEntry.id.desc())


def samples_kept(point_id: int, since: date) -> list[Sample]:
    """The samples that nobody has disposed of, the oldest first."""
    gone = (
        select(_Later.id)
        .where(
            _Later.point_id == LogEntry.point_id,
            _Later.kind == "sample_disposed",
            _Later.day == LogEntry.day,
            _Later.meal == LogEntry.meal,
            _Later.subject == LogEntry.subject,
            _Later.withdrawn_at.is_(None),
        )
        .exists()
    )
    rows = select(LogEntry).where(
        LogEntry.point_id == point_id,
        LogEntry.kind == "sample",
        LogEntry.day >= since,
        VALID,
        ~gone,
    )
    return [_sample(row) for row in db.session.scalars(rows.order_by(LogEntry.at, LogEntry.id))]


def samples_of(point_id: int, day: date, meal: str) -> list[Sample]:
    """The samples of a day, or of one of its meals, as the labels show them."""
    rows = select(LogEntry).where(
        LogEntry.point_id == point_id, LogEntry.kind == "sample", LogEntry.day == day, VALID
    )
    if meal:
        rows = rows.where(LogEntry.meal == meal)
    return [_sample(row) for row in db.session.scalars(rows.order_by(LogEntry.at, LogEntry.id))]


def _sample(entry: LogEntry) -> Sample:
    facts = as_read("sample", json.loads(entry.facts))
    return Sample(
        entry, facts["grams"], facts.get("place", ""), facts.get("person", ""), facts["kept_until"]
    )


def subjects_logged(point_id: int, kind: str, day: date, meal: str) -> Iterator[LogEntry]:
    """The valid entries of a kind about one meal (or the day, with meal ""), in their order."""
    rows = select(LogEntry).where(
        LogEntry.point_id == point_id,
        LogEntry.kind == kind,
        LogEntry.day == day,
        LogEntry.meal == meal,
        VALID,
    )
    yield from db.session.scalars(rows.order_by(LogEntry.id))


def is_logged(point_id: int, kind: str, from_on: date, to_on: date) -> bool:
    """Whether there is a valid entry of a kind within these days."""
    rows = select(LogEntry.id).where(
        LogEntry.point_id == point_id,
        LogEntry.kind == kind,
        LogEntry.day.between(from_on, to_on),
        VALID,
    )
    return db.session.scalar(rows.limit(1)) is not None


class ToDo(NamedTuple):
    """What waits on the first page: at a point its own logs, elsewhere points with gaps."""

    today: int = 0
    yesterday: int = 0
    samples: int = 0
    points: int = 0


def to_do(at_point: bool, points: Sequence[MealPoint], now: datetime) -> ToDo:
    """Logs of today that are late and of yesterday that are missing, and samples whose time is
    over, of the own point; for others the number of these points that lacked something yesterday.
    """
    local = now.astimezone(LOCAL)
    today, before = local.date(), local.date() - timedelta(days=1)
    lacking = missing_on(before, points)
    if not at_point:
        return ToDo(points=len(lacking))
    late = missing_on(today, points, today, local.time())
    kept = [one for point in points for one in samples_kept(point.id, today - SAMPLE_MEMORY)]
    return ToDo(
        sum(map(len, late.values())),
        sum(map(len, lacking.values())),
        sum(one.due(now) for one in kept),
    )
