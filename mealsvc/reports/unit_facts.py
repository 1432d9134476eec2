"""Reads papers, staff and unit events: which are in date on a day, and counts of a time, by point."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import or_, select

from mealsvc.places.units import indicators as units
from mealsvc.places.units.models import StaffMember, StaffPaper, UnitDocument
from mealsvc.places.units.queries import Part, handlers_on, states_on
from mealsvc.plumbing.db import db
from mealsvc.reports.oversight_facts import PaperFacts, StaffFacts
from mealsvc.reports.period import Period

Codes = Mapping[int, str]
NOBODY = Part(0, 0)


def units_part(
    period: Period, codes: Codes, worked: Mapping[str, Collection[date]]
) -> dict[str, Any]:
    """Staff and papers of every point, and the district's own rules; `worked`: days with meals."""
    day = period.last_day
    agreed, valid = units.agreements_on(day), units.papers_valid_on(day)
    drilled, states = units.drilled_by(day), states_on(day)
    issued, rules = units.rules_on(day)
    staff = _staff(period, codes, worked)
    papers = {
        code: PaperFacts(
            valid=key in valid,
            agreement=key in agreed,
            drilled=key in drilled,
            rules=rules.get(key, 0),
            lacking=states[key].words if key in states else "",
        )
        for key, code in codes.items()
    }
    kept = {*db.session.scalars(select(StaffPaper.kind).distinct())}
    agreements = select(UnitDocument.id).where(UnitDocument.kind == "agreement").limit(1)
    kept |= {"agreements"} if db.session.scalar(agreements) is not None else set()
    kept |= {"drills"} if drilled else set()
    kept |= {"hours"} if any(one.volunteer_hours for one in staff.values()) else set()
    kept |= {"rules"} if issued or rules else set()
    return {
        "staff": staff,
        "papers": papers,
        "rules_issued": issued,
        "managers": _managers(day, codes),
        "kept": frozenset(kept),
    }


def _managers(day: date, codes: Codes) -> dict[str, str]:
    """Who is in charge of each point (负责人), to put things right."""
    rows = db.session.execute(
        select(StaffMember.point_id, StaffMember.name)
        .where(
            StaffMember.post == "manager",
            StaffMember.joined_on <= day,
            or_(StaffMember.left_on.is_(None), StaffMember.left_on >= day),
        )
        .order_by(StaffMember.joined_on.desc(), StaffMember.id)
    )
    return {codes[point]: name for point, name in rows}


def _staff(
    period: Period, codes: Codes, worked: Mapping[str, Collection[date]]
) -> dict[str, StaffFacts]:
    day = period.last_day
    handlers, certified = handlers_on(day), units.certified_on(day)
    trained = units.training_in(period.first_day, day)
    left, hours = units.turnover(day), units.volunteer_hours(period.first_day, day)
    days = _staff_days(period, codes, worked)
    found = {}
    for key in {*handlers, *certified, *trained, *left, *hours, *days}:
        healthy, holds, done = (part.get(key, NOBODY) for part in (handlers, certified, trained))
        gone = left.get(key)
        found[codes[key]] = StaffFacts(
            handlers=healthy.of,
            handlers_valid=healthy.number,
            needing=holds.of,
            certified=holds.number,
            training_due=done.of,
            trained=done.number,
            leavers=gone.leavers if gone else 0,
            mean_headcount=Fraction(gone.mean_headcount) if gone else Fraction(0),
            staff_days=days.get(key, 0),
            volunteer_hours=Fraction(str(hours.get(key, 0))),
        )
    return found


def _staff_days(
    period: Period, codes: Codes, worked: Mapping[str, Collection[date]]
) -> dict[int, int]:
    """Of each point the days with meals, counted once for everybody on its staff list that day."""
    rows = db.session.execute(
        select(StaffMember.point_id, StaffMember.joined_on, StaffMember.left_on).where(
            ~StaffMember.volunteer,
            StaffMember.joined_on <= period.last_day,
            or_(StaffMember.left_on.is_(None), StaffMember.left_on >= period.first_day),
        )
    )
    found: dict[int, int] = defaultdict(int)
    for point, joined, left in rows:
        own = worked.get(codes[point], ())
        found[point] += sum(joined <= day and (left is None or day <= left) for day in own)
    return found
