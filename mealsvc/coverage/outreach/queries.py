"""The lists to call: each one query over the register and the last days of the ledger."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    false,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from mealsvc.coverage.mapping.rules import OUTSIDE
from mealsvc.coverage.mapping.services import map_on
from mealsvc.coverage.outreach import rules
from mealsvc.coverage.outreach.models import OutreachCall
from mealsvc.coverage.outreach.refusals import NotListed
from mealsvc.coverage.register import years_before
from mealsvc.kernel.meals import local_date
from mealsvc.places.models import MealPoint, PointSuspension
from mealsvc.places.rules import POINT
from mealsvc.plumbing.db import db
from mealsvc.policies.register import policies_in_force
from mealsvc.residents.models import Resident, ResidentFact
from mealsvc.servings.models import Serving
from mealsvc.settings.services import value_on

SOON, LATELY = timedelta(days=14), timedelta(days=30)
MOST_STOPS = 50
_TakenBack = aliased(Serving)
OLDEST_START = 60  # where no policy says from which age


@dataclass(frozen=True, slots=True)
class Frame:
    """The days and thresholds of one look: `day` is the last day with records, from which all days
    are counted back."""

    scope: str
    day: date
    now: datetime
    quiet_days: int
    new_days: int
    usual_meals: int
    regular_meals: int
    stopped_days: int
    again_days: int
    retry_days: int
    min_age: int

    @property
    def words(self) -> dict[str, int]:
        names = (
            "quiet_days",
            "new_days",
            "usual_meals",
            "regular_meals",
            "stopped_days",
            "min_age",
        )
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class Stop:
    """A point that is or soon will be without meals: from which day, and until when if known."""

    point_id: int
    code: str
    name: str
    from_on: date
    to_on: date | None


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list, as it was found: see `list_of` for the row."""

    topic: str
    row: Any


def frame_of(scope: str, now: datetime) -> Frame:
    """The look that somebody of this scope takes now."""
    today = local_date(now)
    day = db.session.scalar(select(func.max(Serving.served_on)).where(Serving.served_on <= today))
    day = day or today
    numbers = {
        name: int(value_on(f"outreach.{name}", today))
        for name in (
            *("quiet_days", "new_days", "usual_meals", "regular_meals"),
            *("stopped_days", "again_days", "retry_days"),
        )
    }
    ages = [one.min_age for one in policies_in_force() if one.min_age is not None]
    return Frame(scope, day, now, min_age=min(ages, default=OLDEST_START), **numbers)


def list_of(topic: str, frame: Frame) -> Select[Any]:
    """Who is on a list now, by community and name; rows of id, name, sex, birth_on, home, has_phone,
    meals, last_on, point_id (the last three where the list tells them)."""
    chosen = _MAKERS[topic](frame)
    return chosen.where(
        Resident.id.not_in(_gone(local_date(frame.now))), Resident.id.not_in(_called(topic, frame))
    ).order_by(Resident.hukou_division, Resident.sort_key, Resident.id)


def listed(topic: str, resident_id: int, frame: Frame) -> Listed:
    """Somebody on a list, for a call. Raises `NotListed`."""
    rows = list_of(topic, frame).where(Resident.id == resident_id).order_by(None)
    row = db.session.execute(rows.limit(1)).first()
    if row is None:
        raise NotListed()
    return Listed(topic, row)


def stops(day: date) -> list[Stop]:
    """Points that stand still on the day or will within two weeks, and those that close."""
    suspended = db.session.execute(
        select(
            MealPoint.id,
            MealPoint.code,
            MealPoint.name,
            PointSuspension.from_on,
            PointSuspension.to_on,
        )
        .join(PointSuspension, PointSuspension.point_id == MealPoint.id)
        .where(
            PointSuspension.scope == POINT,
            PointSuspension.from_on <= day + SOON,
            or_(PointSuspension.to_on.is_(None), PointSuspension.to_on >= day),
        )
        .order_by(PointSuspension.from_on.desc())
        .limit(MOST_STOPS)
    )
    closed = db.session.execute(
        select(MealPoint.id, MealPoint.code, MealPoint.name, MealPoint.closed_on)
        .where(MealPoint.closed_on.between(day - LATELY, day + LATELY))
        .order_by(MealPoint.closed_on.desc())
        .limit(MOST_STOPS)
    )
    found = {row[0]: Stop(*row) for row in suspended}
    for point_id, code, name, closed_on in closed:
        if closed_on is not None:
            found[point_id] = Stop(point_id, code, name, closed_on + timedelta(days=1), None)
    return sorted(found.values(), key=lambda one: (one.from_on, one.code))


def calls_of(resident_id: int) -> Sequence[OutreachCall]:
    """The last calls to an elder, the latest first."""
    rows = select(OutreachCall).where(OutreachCall.resident_id == resident_id)
    return db.session.scalars(rows.order_by(OutreachCall.id.desc()).limit(10)).all()


def outcomes_of(topic: str, frame: Frame) -> dict[str, int]:
    """What came of the last 30 days' calls from a list, within the scope."""
    rows = (
        select(OutreachCall.outcome, func.count())
        .join(Resident, Resident.id == OutreachCall.resident_id)
        .where(OutreachCall.topic == topic, OutreachCall.at >= frame.now - rules.MONTH)
        .group_by(OutreachCall.outcome)
    )
    if len(frame.scope) > 6:
        rows = rows.where(_in_scope(frame))
    return dict(db.session.execute(rows).all())


def home_on(day: date) -> ColumnElement[str]:
    """Where a resident lives on a day: the latest residence, else the latest hukou."""
    return func.coalesce(
        _moved("residence", day),
        func.nullif(Resident.residence_division, ""),
        _moved("hukou", day),
        Resident.hukou_division,
    )


def lives_in(divisions: Callable[[ColumnElement[str]], ColumnElement[bool]], day: date):
    """Whether a resident's home on a day is such a one: most have no dated move, and are judged by
    the columns of the register alone."""
    movers = select(ResidentFact.resident_id).where(ResidentFact.kind.in_(("hukou", "residence")))
    base = func.coalesce(func.nullif(Resident.residence_division, ""), Resident.hukou_division)
    return or_(
        and_(divisions(base), Resident.id.not_in(movers)),
        and_(Resident.id.in_(movers), divisions(home_on(day))),
    )


def in_need(day: date) -> ColumnElement[bool]:
    """Whether a resident is 80 or over, or in a group that is cared for first."""
    grouped = select(ResidentFact.resident_id).where(
        ResidentFact.value.in_(rules.IN_NEED), _holds("category", day)
    )
    return or_(Resident.birth_on <= years_before(day, rules.AGED), Resident.id.in_(grouped))


def needs_of(ids: Sequence[int], day: date) -> dict[int, list[str]]:
    """The categories that residents belong to on a day."""
    rows = db.session.execute(
        select(ResidentFact.resident_id, ResidentFact.value)
        .where(
            ResidentFact.resident_id.in_(ids),
            ResidentFact.value.in_(rules.IN_NEED),
            _holds("category", day),
        )
        .order_by(ResidentFact.value)
    )
    found: dict[int, list[str]] = {}
    for resident_id, value in rows:
        found.setdefault(resident_id, []).append(value)
    return found


def _base(
    frame: Frame, meals: Subquery | None = None, homes: Sequence[str] | None = None
) -> Select[Any]:
    home = home_on(local_date(frame.now))
    told = [meals.c.meals, meals.c.last_on, meals.c.point_id] if meals is not None else [null()] * 3
    rows: Any = select(
        Resident.id,
        Resident.name,
        Resident.sex,
        Resident.birth_on,
        home.label("home"),
        Resident.phone.is_not(None).label("has_phone"),
        told[0].label("meals"),
        told[1].label("last_on"),
        told[2].label("point_id"),
    )
    if meals is not None:
        rows = rows.join(meals, meals.c.resident_id == Resident.id)
    if homes is not None:
        return rows.where(lives_in(lambda home: home.in_(homes), local_date(frame.now)))
    return rows.where(_in_scope(frame)) if frame.scope else rows


def _in_scope(frame: Frame) -> ColumnElement[bool]:
    return lives_in(
        lambda home: home.startswith(frame.scope, autoescape=True), local_date(frame.now)
    )


def _quiet(frame: Frame) -> Select[Any]:
    view = map_on(frame.day, frame.scope)
    reached = [one.code for one in view.communities if view.state(one) != OUTSIDE]
    ate = _ate(*rules.last_days(frame.day, frame.quiet_days))
    return _base(frame, homes=reached).where(in_need(frame.day), Resident.id.not_in(ate))


def _new(frame: Frame) -> Select[Any]:
    since, day = rules.last_days(frame.day, frame.new_days)
    came_of_age = Resident.birth_on.between(
        years_before(since, frame.min_age), years_before(day, frame.min_age)
    )
    enrolled = Resident.enrolled_on.between(since, day)
    return _base(frame).where(
        or_(came_of_age, enrolled),
        Resident.birth_on <= years_before(day, frame.min_age),
        Resident.id.not_in(_ate(since, day)),
    )


def _closure(frame: Frame) -> Select[Any]:
    spans = [
        and_(
            Serving.point_id == one.point_id,
            Serving.served_on.between(
                *rules.last_days(min(frame.day, one.from_on - timedelta(days=1)), 30)
            ),
        )
        for one in stops(frame.day)
    ]
    usual = (
        select(
            Serving.resident_id,
            Serving.point_id,
            func.count().label("meals"),
            func.max(Serving.served_on).label("last_on"),
        )
        .where(or_(*spans) if spans else false(), _counts())
        .group_by(Serving.resident_id, Serving.point_id)
        .having(func.count() >= frame.usual_meals)
        .subquery()
    )
    return _base(frame, usual)


def _regular(frame: Frame) -> Select[Any]:
    """Regulars of any of the months before the last weeks who did not come within the last days."""
    weeks = list(rules.stop_weeks(frame.day, frame.stopped_days))
    came_lately = _ate(*rules.last_days(frame.day, frame.stopped_days))
    often = or_(*(_count_in(*week) >= frame.regular_meals for week in weeks))
    came = (
        select(
            Serving.resident_id,
            func.count().label("meals"),
            func.max(Serving.served_on).label("last_on"),
            literal(None).label("point_id"),
        )
        .where(
            Serving.served_on.between(weeks[-1][0], weeks[0][1]),
            Serving.resident_id.not_in(came_lately),
            _counts(),
        )
        .group_by(Serving.resident_id)
        .having(often)
        .subquery()
    )
    return _base(frame, came)


def _blank(frame: Frame) -> Select[Any]:
    view = map_on(frame.day, frame.scope)
    homes = [one.code for one in view.blanks]
    there = lives_in(lambda home: home.in_(homes), local_date(frame.now))
    elders = select(Resident.id).where(in_need(frame.day), there)
    brought = _ate(*rules.last_days(frame.day, 30)).where(
        Serving.resident_id.in_(elders), Serving.mode == "delivery"
    )
    return _base(frame, homes=homes).where(in_need(frame.day), Resident.id.not_in(brought))


_MAKERS = {
    rules.QUIET: _quiet,
    rules.NEW: _new,
    rules.STOPPED_POINT: _closure,
    rules.REGULAR: _regular,
    rules.BLANK: _blank,
}


def _counts() -> ColumnElement[bool]:
    """Whether a line is a meal that stands: neither taken back nor what took one back."""
    undone = union_all(
        select(Serving.sequence).where(Serving.reverses.is_not(None)),
        select(_TakenBack.reverses).where(_TakenBack.reverses.is_not(None)),
    )
    return Serving.sequence.not_in(undone)


def _count_in(first: date, last: date) -> ColumnElement[int]:
    return func.sum(case((Serving.served_on.between(first, last), 1), else_=0))


def _ate(first: date, last: date) -> Select[int]:
    return select(Serving.resident_id).where(Serving.served_on.between(first, last), _counts())


def _gone(day: date) -> Select[int]:
    """Died, moved out or lives in an institution: nobody to call."""
    return select(ResidentFact.resident_id).where(
        ResidentFact.kind == "departure",
        or_(
            and_(ResidentFact.value == "deceased", ResidentFact.from_on <= day),
            and_(ResidentFact.value != "deceased", _holds("departure", day)),
        ),
    )


def _called(topic: str, frame: Frame) -> Select[int]:
    """Called from this list lately: those whom nobody picked up for come back sooner."""
    tried = frame.now - timedelta(days=frame.retry_days)
    spoken = frame.now - timedelta(days=frame.again_days)
    return select(OutreachCall.resident_id).where(
        OutreachCall.topic == topic,
        or_(
            and_(OutreachCall.outcome == "no_answer", OutreachCall.at > tried),
            and_(OutreachCall.outcome != "no_answer", OutreachCall.at > spoken),
        ),
    )


def _holds(kind: str, day: date) -> ColumnElement[bool]:
    return and_(
        ResidentFact.kind == kind,
        or_(ResidentFact.from_on.is_(None), ResidentFact.from_on <= day),
        or_(ResidentFact.to_on.is_(None), ResidentFact.to_on >= day),
    )


def _moved(kind: str, day: date):
    """Where the latest move of that kind up to the day went."""
    return (
        select(ResidentFact.value)
        .where(
            ResidentFact.resident_id == Resident.id,
            ResidentFact.kind == kind,
            ResidentFact.from_on <= day,
        )
        .order_by(ResidentFact.from_on.desc())
        .limit(1)
        .scalar_subquery()
    )
