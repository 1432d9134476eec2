"""What the auditor's desk reads: leads by weight with their sums, one lead with its lines and editions."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from mealsvc.auditing.cases.models import AuditCase
from mealsvc.auditing.scanning.models import AuditScan, Lead, LeadEdition, LeadLine
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import points_seen_by
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import Principal
from mealsvc.residents.models import Resident
from mealsvc.servings.models import DailyTally, Serving
from mealsvc.settlement.area import district

MOST_NEIGHBOURS = 12
MOST_PEOPLE = 50
EVERY = "every"  # a state that also shows what was dismissed
_LATEST = and_(LeadEdition.lead_id == Lead.id, LeadEdition.number == Lead.edition)
_Undo = aliased(Serving)
_ORDER = (LeadEdition.weight.desc(), Lead.id)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of leads is narrowed to; empty texts don't narrow, but for what was dismissed."""

    month: Month
    point: str = ""
    rule: str = ""
    severity: str = ""
    state: str = ""


class Sums(NamedTuple):
    """What the leads of a filter come to; an elder or a line in two leads counts twice."""

    leads: int
    open: int
    servings: int
    residents: int
    subsidy_fen: int


def leads_seen_by(principal: Principal) -> ColumnElement[bool]:
    """Leads of the points within the scope; those of no single point only with the whole district."""
    seen = points_seen_by(principal)
    if principal.at_point:
        return false()
    whole = len(principal.scope) <= 6 and district().startswith(principal.scope)
    return or_(seen, Lead.point_id.is_(None)) if whole else seen


def listed(seen: ColumnElement[bool], wanted: Wanted) -> Select[Any]:
    """Leads with their latest edition and point, the heaviest first."""
    columns = (Lead, LeadEdition, MealPoint.code, MealPoint.name)
    return _narrowed(_joined(*columns), seen, wanted).order_by(*_ORDER)


def sums(seen: ColumnElement[bool], wanted: Wanted) -> Sums:
    """Totals of a filter."""
    added = (LeadEdition.servings, LeadEdition.residents, LeadEdition.subsidy_fen)
    still_open = case((Lead.state == "open", 1), else_=0)
    rows = _joined(
        func.count(),
        *(cast(func.coalesce(func.sum(one), 0), BigInteger) for one in (still_open, *added)),
    )
    return Sums(*db.session.execute(_narrowed(rows, seen, wanted)).one())


def _joined(*columns: Any) -> Any:
    rows = select(*columns).select_from(Lead).join(LeadEdition, _LATEST)
    return rows.outerjoin(MealPoint, MealPoint.id == Lead.point_id)


def _narrowed(rows: Any, seen: ColumnElement[bool], wanted: Wanted) -> Any:
    rows = rows.where(seen, Lead.month == wanted.month.key)
    if wanted.point:
        rows = rows.where(MealPoint.code == wanted.point)
    if wanted.rule:
        rows = rows.where(LeadEdition.rules.contains(wanted.rule, autoescape=True))
    if wanted.severity:
        rows = rows.where(LeadEdition.severity == wanted.severity)
    if wanted.state == EVERY:
        return rows
    return rows.where(Lead.state == wanted.state if wanted.state else Lead.state != "dismissed")


def last_scan(month: Month | None = None) -> AuditScan | None:
    """The last scan of a month, or of any."""
    rows = select(AuditScan)
    if month is not None:
        rows = rows.where(AuditScan.month == month.key)
    return db.session.scalar(rows.order_by(AuditScan.id.desc()).limit(1))


def latest_month() -> int | None:
    """The latest month that was scanned."""
    return db.session.scalar(select(func.max(AuditScan.month)))


class Days(NamedTuple):
    """Servings of a month by day: the lead's, and all of its point."""

    found: Counter[int]
    every: Counter[int]


def days_of(leads: Sequence[Lead], month: Month) -> dict[int, Days]:
    """For the small pictures of a list: two queries however many leads there are."""
    found: dict[int, Counter[int]] = {one.id: Counter() for one in leads}
    wanted = (
        select(LeadLine.lead_id, Serving.served_on, func.count())
        .join(Lead, and_(Lead.id == LeadLine.lead_id, Lead.edition == LeadLine.number))
        .join(Serving, Serving.sequence == LeadLine.sequence)
        .where(LeadLine.lead_id.in_(list(found)))
        .group_by(LeadLine.lead_id, Serving.served_on)
    )
    for lead_id, day, number in db.session.execute(wanted):
        if Month.of(day) == month:
            found[lead_id][day.day] = number
    every = served_by_day({one.point_id for one in leads if one.point_id}, month)
    nothing: Counter[int] = Counter()
    return {
        one.id: Days(found[one.id], every.get(one.point_id, nothing) if one.point_id else nothing)
        for one in leads
    }


def served_by_day(point_ids: set[int], month: Month) -> dict[int, Counter[int]]:
    """Net servings of the points in a month by day."""
    rows = (
        select(
            DailyTally.point_id,
            DailyTally.served_on,
            func.sum(DailyTally.lines - DailyTally.reversals),
        )
        .where(
            DailyTally.settle_month >= month.key,
            DailyTally.point_id.in_(point_ids),
            DailyTally.served_on.between(month.first_day, month.last_day),
        )
        .group_by(DailyTally.point_id, DailyTally.served_on)
    )
    found: dict[int, Counter[int]] = {}
    for point_id, day, number in db.session.execute(rows):
        found.setdefault(point_id, Counter())[day.day] = int(number)
    return found


def lead_row(seen: ColumnElement[bool], lead_id: int) -> Any:
    """A lead with its latest edition and its point (`MealPoint` or None); None outside the scope."""
    return db.session.execute(
        _joined(Lead, LeadEdition, MealPoint).where(seen, Lead.id == lead_id)
    ).first()


def lines(lead: Lead, number: int | None = None) -> Select[Any]:
    """The lines that an edition (the latest) holds responsible, in order of time."""
    rows: Any = (
        select(
            LeadLine.rules,
            Serving,
            Resident.name,
            exists().where(_Undo.reverses == Serving.sequence).correlate(Serving).label("undone"),
        )
        .join(Serving, Serving.sequence == LeadLine.sequence)
        .join(Resident, Resident.id == Serving.resident_id)
        .where(LeadLine.lead_id == lead.id, LeadLine.number == (number or lead.edition))
        .order_by(Serving.served_on, Serving.served_at, Serving.sequence)
    )
    return rows


def editions(lead_id: int) -> Sequence[Any]:
    """Every edition of a lead with its scan, the latest first."""
    rows = (
        select(LeadEdition, AuditScan.started_at, AuditScan.by)
        .join(AuditScan, AuditScan.id == LeadEdition.scan_id)
        .where(LeadEdition.lead_id == lead_id)
    )
    return db.session.execute(rows.order_by(LeadEdition.number.desc())).all()


def people_of(ids: Sequence[int]) -> Sequence[Resident]:
    """The elders whom evidence names, in its order as far as they are known."""
    rows = select(Resident).where(Resident.id.in_(list(ids)[:MOST_PEOPLE]))
    return db.session.scalars(rows.order_by(Resident.id)).all()


def cases_of(lead_id: int) -> Sequence[AuditCase]:
    """The cases that follow a lead."""
    rows = select(AuditCase).where(AuditCase.lead_id == lead_id)
    return db.session.scalars(rows.order_by(AuditCase.id)).all()


def neighbours(seen: ColumnElement[bool], lead: Lead) -> Sequence[Any]:
    """Other leads of the point, the latest month first."""
    if lead.point_id is None:
        return ()
    rows = _joined(Lead, LeadEdition).where(
        seen, Lead.point_id == lead.point_id, Lead.id != lead.id
    )
    rows = rows.order_by(Lead.month.desc(), *_ORDER).limit(MOST_NEIGHBOURS)
    return db.session.execute(rows).all()


def beside(
    seen: ColumnElement[bool], wanted: Wanted, lead: Lead, weight: int
) -> tuple[int | None, int | None]:
    """The leads before and after this one in the list of this filter."""
    heavier = or_(
        LeadEdition.weight > weight, and_(LeadEdition.weight == weight, Lead.id < lead.id)
    )
    lighter = or_(
        LeadEdition.weight < weight, and_(LeadEdition.weight == weight, Lead.id > lead.id)
    )
    rows = _narrowed(_joined(Lead.id), seen, wanted)
    before = rows.where(heavier).order_by(LeadEdition.weight, Lead.id.desc()).limit(1)
    after = rows.where(lighter).order_by(*_ORDER).limit(1)
    return db.session.scalar(before), db.session.scalar(after)
