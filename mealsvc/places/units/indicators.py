"""What the supervision report asks of papers and people, by point: a few queries each, then rules.

`point_ids` None: every point. Points about which nothing is known are left out.
"""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, or_, select

from mealsvc.places.units import rules
from mealsvc.places.units.models import StaffMember, UnitDocument, UnitEvent
from mealsvc.places.units.queries import (
    Part,
    last_drills,
    licence_spans,
    people_on,
    points_asked,
    spans_of_people,
    spans_of_points,
    suppliers_of,
    training_months,
)
from mealsvc.plumbing.db import db
from mealsvc.settings.services import value_on

Ids = Collection[int] | None
TURNOVER_MONTHS = 12
_CERTIFIED_POSTS = ("officer", "director")


class Turnover(NamedTuple):
    """Who left in the twelve months up to a day, beside the mean headcount of those months."""

    leavers: int
    mean_headcount: float


def papers_valid_on(day: date, point_ids: Ids = None) -> set[int]:
    """The points whose licence and agreement are both in date (N41).

    A serving point's licence is its supplier's; a neighbour table has a health declaration instead.
    """
    points = points_asked(point_ids)
    suppliers = suppliers_of(points.values())
    wanted = None if point_ids is None else {*points, *suppliers.values()}
    kinds = ("licence", "supplier_licence", "agreement", "health_declaration")
    spans = spans_of_points(wanted, kinds)

    def holds(point_id: int, kind: str) -> bool:
        if kind == "supplier_licence":
            found = licence_spans(spans, points[point_id], suppliers)
        else:
            found = spans.get((point_id, kind), [])
        return rules.standing(found, day).state == "held"

    return {
        point_id
        for point_id, point in points.items()
        if all(holds(point_id, kind) for kind in rules.required(point.kind) if kind in kinds)
    }


def agreements_on(day: date, point_ids: Ids = None) -> set[int]:
    """The points whose agreement is in force (Z32)."""
    spans = spans_of_points(point_ids, ("agreement",))
    return {
        point_id
        for (point_id, kind), found in spans.items()
        if kind == "agreement" and rules.standing(found, day).state == "held"
    }


def certified_on(day: date, point_ids: Ids = None) -> dict[int, Part]:
    """Of the people who need a certificate, how many hold every one that they need (Z22).

    Who handles food needs a health certificate; officers and directors need their appointment.
    """
    papers = spans_of_people(day, point_ids, ("health", *_CERTIFIED_POSTS))
    found: dict[int, Part] = {}
    for person in people_on(day, point_ids):
        needed = [kind for kind in _CERTIFIED_POSTS if kind == person.post]
        needed += ["health"] if person.handles_food else []
        if needed:
            spans = (papers.get((person.id, kind), []) for kind in needed)
            every = all(rules.standing(each, day).state == "held" for each in spans)
            found[person.point_id] = found.get(person.point_id, Part(0, 0)).plus(every)
    return found


def training_in(from_on: date, to_on: date, point_ids: Ids = None) -> dict[int, Part]:
    """Of the trainings that were due in a period, how many were done in time (Z23).

    Due are those of people who handle food, volunteers apart: by the day on which they began, and
    again so many months after each training; also those that were overdue when the period began.
    """
    points = points_asked(point_ids)
    trained: dict[int, list[date]] = {}
    for (person, _), spans in spans_of_people(to_on, point_ids, ("training",)).items():
        trained[person] = [one.first for one in spans if one.first is not None]
    months = {kind: training_months(kind, to_on) for kind in {one.kind for one in points.values()}}
    found: dict[int, Part] = {}
    for member in _staff(
        point_ids, StaffMember.handles_food.is_(True), StaffMember.joined_on <= to_on
    ):
        interval = months[points[member.point_id].kind]
        days = trained.get(member.id, [])
        for in_time in _due_in(member, days, interval, from_on, to_on):
            found[member.point_id] = found.get(member.point_id, Part(0, 0)).plus(in_time)
    return found


def turnover(day: date, point_ids: Ids = None) -> dict[int, Turnover]:
    """Who left in the twelve months up to a day, and how many worked there on average (Z24)."""
    begun = rules.months_later(day, -TURNOVER_MONTHS) + timedelta(days=1)
    length = (day - begun).days + 1
    stayed = or_(StaffMember.left_on.is_(None), StaffMember.left_on >= begun)
    days: dict[int, int] = {}
    leavers: dict[int, int] = {}
    for member in _staff(point_ids, StaffMember.joined_on <= day, stayed):
        first, last = max(member.joined_on, begun), min(member.left_on or day, day)
        days[member.point_id] = days.get(member.point_id, 0) + (last - first).days + 1
        if member.left_on is not None and member.left_on <= day:
            leavers[member.point_id] = leavers.get(member.point_id, 0) + 1
    return {point: Turnover(leavers.get(point, 0), days[point] / length) for point in days}


def volunteer_hours(from_on: date, to_on: date, point_ids: Ids = None) -> dict[int, float]:
    """Hours of volunteers in a period (Z25)."""
    rows = (
        select(UnitEvent.point_id, func.sum(UnitEvent.hours))
        .where(
            UnitEvent.kind == "volunteer_hours",
            UnitEvent.withdrawn_at.is_(None),
            UnitEvent.held_on.between(from_on, to_on),
        )
        .group_by(UnitEvent.point_id)
    )
    if point_ids is not None:
        rows = rows.where(UnitEvent.point_id.in_(point_ids))
    return {point: float(hours or 0) for point, hours in db.session.execute(rows)}


def rules_on(day: date, point_ids: Ids = None) -> tuple[int, dict[int, int]]:
    """How many of the twelve rules are in force: of the district itself, and by point (Z31)."""
    in_force = (
        select(UnitDocument.point_id, func.count(UnitDocument.kind.distinct()))
        .where(
            UnitDocument.kind.in_(rules.RULES),
            UnitDocument.withdrawn_at.is_(None),
            or_(UnitDocument.valid_from.is_(None), UnitDocument.valid_from <= day),
            or_(UnitDocument.valid_to.is_(None), UnitDocument.valid_to >= day),
        )
        .group_by(UnitDocument.point_id)
    )
    if point_ids is not None:
        asked = UnitDocument.point_id.in_(point_ids)
        in_force = in_force.where(or_(UnitDocument.point_id.is_(None), asked))
    by_point = dict(db.session.execute(in_force).all())
    own = by_point.pop(None, 0)
    return own, {point: number for point, number in by_point.items() if point is not None}


def drilled_by(day: date, point_ids: Ids = None) -> set[int]:
    """The points that had a drill within the months that the rules allow (Z33)."""
    months = int(value_on("drill.months", day))
    drills = last_drills(day, point_ids)
    return {
        point
        for point, held_on in drills.items()
        if rules.standing([rules.lasting(held_on, months)], day).state == "held"
    }


def _staff(point_ids: Ids, *conditions: ColumnElement[bool]) -> Iterable[StaffMember]:
    rows = select(StaffMember).where(~StaffMember.volunteer, *conditions)
    return db.session.scalars(
        rows if point_ids is None else rows.where(StaffMember.point_id.in_(point_ids))
    )


def _due_in(
    member: StaffMember, trained: list[date], months: int, from_on: date, to_on: date
) -> Iterable[bool]:
    """For each training that counts in the period, whether it was done in time."""
    last = min(member.left_on or to_on, to_on)
    for due_on, in_time in rules.training_due(member.joined_on, trained, months):
        if from_on <= due_on <= last:
            yield in_time
        overdue = due_on < from_on <= last and not in_time
        if overdue and not any(due_on < day < from_on for day in trained):
            yield False
