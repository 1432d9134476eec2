"""What the pages of a unit's papers and people show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from mealsvc.kernel.masking import mask_name
from mealsvc.places.models import MealPoint
from mealsvc.places.units import rules
from mealsvc.places.units.models import StaffMember, StaffPaper, UnitDocument, UnitEvent
from mealsvc.places.units.queries import states_on, warning_days
from mealsvc.places.units.rules import UnitState
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import Principal

MOST_ROWS = 300
STATES = {"lapsed": "有过期的", "missing": "有未登记的", "expiring": "快到期的", "fine": "齐全有效"}
_NAMED = ("units.write", "orders.issue")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that a point must have, as its page shows it: `tone` and `word` are the chip's."""

    kind: str
    name: str
    basis: str
    tone: str
    word: str
    until: date | None
    advice: str

    @property
    def papers(self) -> bool:
        """Whether it is entered as a paper of the point, not of its people."""
        return self.kind in rules.DOCUMENTS


def lines_of(state: UnitState, day: date) -> list[Line]:
    """What a point must have, the most urgent first."""
    edges = warning_days(day)
    soon = dict(state.expiring)
    lines = [_line(kind, "bad", "已过期", until) for kind, until in state.lapsed]
    for kind, _ in state.missing:
        lines.append(_line(kind, "bad" if kind in rules.KEY else "warn", "未登记", None))
    for kind, until in sorted(soon.items(), key=lambda one: one[1]):
        days = rules.stage(until, edges)
        tone = "info" if days == max(edges) else "warn"
        lines.append(_line(kind, tone, f"{days}个工作日内到期", until))
    held = [one for one in state.held if one[0] not in soon]
    return lines + [_line(kind, "good", "有效", until) for kind, until in held]


def documents_of(point_id: int | None) -> Sequence[UnitDocument]:
    """A point's papers, or the district's, the latest first; withdrawn ones too."""
    rows = select(UnitDocument).where(UnitDocument.point_id == point_id)
    return db.session.scalars(
        rows.order_by(UnitDocument.valid_to.desc(), UnitDocument.id.desc()).limit(MOST_ROWS)
    ).all()


def rules_held(documents: Sequence[UnitDocument], day: date) -> dict[str, UnitDocument]:
    """Which of the twelve rules are in force, by code."""
    return {
        one.kind: one
        for one in documents
        if one.kind in rules.RULES and one.withdrawn_at is None and in_force(one, day)
    }


def in_force(document: UnitDocument, day: date) -> bool:
    begun = document.valid_from is None or document.valid_from <= day
    return begun and (document.valid_to is None or document.valid_to >= day)


def staff_of(point_id: int, gone: bool, day: date) -> Sequence[StaffMember]:
    """Who works at a point, or who has left it."""
    left = StaffMember.left_on < day
    here = or_(StaffMember.left_on.is_(None), StaffMember.left_on >= day)
    rows = select(StaffMember).where(StaffMember.point_id == point_id, left if gone else here)
    order = StaffMember.left_on.desc() if gone else StaffMember.joined_on
    return db.session.scalars(rows.order_by(order, StaffMember.id).limit(MOST_ROWS)).all()


def papers_of(members: Sequence[StaffMember]) -> dict[int, list[StaffPaper]]:
    """The papers in account of each of these people, the latest first."""
    rows = (
        select(StaffPaper)
        .where(
            StaffPaper.staff_id.in_([one.id for one in members]), StaffPaper.withdrawn_at.is_(None)
        )
        .order_by(StaffPaper.issued_on.desc(), StaffPaper.id.desc())
    )
    found: dict[int, list[StaffPaper]] = {}
    for paper in db.session.scalars(rows):
        found.setdefault(paper.staff_id, []).append(paper)
    return found


def all_papers_of(member: StaffMember) -> Sequence[StaffPaper]:
    """A person's papers, withdrawn ones too."""
    rows = select(StaffPaper).where(StaffPaper.staff_id == member.id)
    return db.session.scalars(
        rows.order_by(StaffPaper.issued_on.desc(), StaffPaper.id.desc()).limit(MOST_ROWS)
    ).all()


def events_of(point_id: int) -> Sequence[UnitEvent]:
    """A point's drills and hours of volunteers, the latest first; withdrawn ones too."""
    rows = select(UnitEvent).where(UnitEvent.point_id == point_id)
    return db.session.scalars(
        rows.order_by(UnitEvent.held_on.desc(), UnitEvent.id.desc()).limit(50)
    ).all()


def points_seen(seen: ColumnElement[bool], day: date, town: str, text: str) -> Sequence[MealPoint]:
    """The points that somebody sees and that are not closed, in order of code."""
    rows = select(MealPoint).where(
        seen, or_(MealPoint.closed_on.is_(None), MealPoint.closed_on >= day)
    )
    if town:
        rows = rows.where(MealPoint.division.startswith(town, autoescape=True))
    if text:
        name = MealPoint.name.contains(text, autoescape=True)
        rows = rows.where(name | MealPoint.code.startswith(text, autoescape=True))
    return db.session.scalars(rows.order_by(MealPoint.code)).all()


def matches(state: UnitState, wanted: str) -> bool:
    """Whether a point belongs in the list of those that lack something of this sort."""
    return {
        "lapsed": bool(state.lapsed),
        "missing": bool(state.missing),
        "expiring": bool(state.expiring),
        "fine": state.settled,
    }.get(wanted, True)


def namer(principal: Principal) -> Any:
    """How names of staff are shown: whole to who enters them or inspects, masked to others."""
    whole = any(map(principal.can, _NAMED))
    return (lambda name: name) if whole else mask_name


def _line(kind: str, tone: str, word: str, until: date | None) -> Line:
    about = rules.KINDS[kind]
    return Line(kind, about.name, about.basis, tone, word, until, about.advice)


def to_do(points: Sequence[MealPoint], day: date) -> dict[str, int]:
    """How many of these points lack something, by the worst of it: `key`, `lapsed`, `missing`,
    `soon` (expiring within the second distance of warning)."""
    states = states_on(day, [point.id for point in points])
    edges = sorted(warning_days(day).values(), reverse=True)
    soon = edges[1] if len(edges) > 1 else edges[0]
    counts: dict[str, int] = {"key": 0, "lapsed": 0, "missing": 0, "soon": 0}
    for state in states.values():
        if state.flagged:
            counts["key"] += 1
        elif state.lapsed:
            counts["lapsed"] += 1
        elif state.missing:
            counts["missing"] += 1
        elif any(until <= soon for _, until in state.expiring):
            counts["soon"] += 1
    return counts
