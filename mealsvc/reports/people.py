"""How many elders of a group were served in a month: counts only, nobody is named."""

from datetime import date

from sqlalchemy import Select, and_, func, literal, or_, select, union_all

from mealsvc.kernel.months import Month
from mealsvc.plumbing.db import db
from mealsvc.reports.facts import Served
from mealsvc.reports.ledger import NET, own_lines
from mealsvc.residents.models import Resident, ResidentFact
from mealsvc.servings.models import Serving

CARED_FOR = ("TK", "DB", "SN", "DJ", "JS")
AGED = "80+"
NEEDS_DELIVERY = "delivery"
OLD = 80


def served_elders(month: Month) -> int:
    """Elders with at least one subsidised meal that was not taken back."""
    return db.session.scalar(select(func.count()).select_from(_served(month).subquery())) or 0


def groups_of(month: Month) -> dict[str, Served]:
    """Registered and served elders by category, of 80 and over, and of those who need delivery."""
    day = month.last_day
    served = _served(month).subquery()
    brought = _served(month, delivered=True).subquery()
    groups = _members(day).subquery()
    rows = db.session.execute(
        select(
            groups.c.kind,
            func.count(func.distinct(groups.c.resident_id)),
            func.count(func.distinct(served.c.resident_id)),
            func.count(func.distinct(brought.c.resident_id)),
        )
        .outerjoin(served, served.c.resident_id == groups.c.resident_id)
        .outerjoin(brought, brought.c.resident_id == groups.c.resident_id)
        .group_by(groups.c.kind)
    )
    return {
        kind: Served(known, brought_to if kind == NEEDS_DELIVERY else fed)
        for kind, known, fed, brought_to in rows
    }


def regular_deliveries(month: Month, days: int) -> frozenset[str]:
    """The communities to which meals were delivered on at least so many days of the month."""
    home = func.coalesce(func.nullif(Resident.residence_division, ""), Resident.hukou_division)
    per_day = (
        select(home.label("home"), Serving.served_on)
        .join(Resident, Resident.id == Serving.resident_id)
        .where(*own_lines(month), Serving.mode == "delivery")
        .group_by(home, Serving.served_on)
        .having(NET > 0)
        .subquery()
    )
    rows = select(per_day.c.home).group_by(per_day.c.home).having(func.count() >= days)
    return frozenset(db.session.scalars(rows))


def _served(month: Month, delivered: bool = False) -> Select[int]:
    counted = Serving.mode == "delivery" if delivered else Serving.subsidy_fen != 0
    return (
        select(Serving.resident_id)
        .where(*own_lines(month), counted)
        .group_by(Serving.resident_id)
        .having(NET > 0)
    )


def _members(day: date):
    """(group, resident) of everybody registered, alive and not moved out on that day."""
    category = ResidentFact.value.label("kind")
    here = ~_gone(day)
    in_category = (
        select(category, ResidentFact.resident_id)
        .join(Resident, Resident.id == ResidentFact.resident_id)
        .where(_holds(day, "category"), ResidentFact.value.in_(CARED_FOR), here)
    )
    aged = select(literal(AGED), Resident.id).where(Resident.birth_on <= _years_before(day), here)
    alone = _has(day, "DJ") & (Resident.birth_on <= _years_before(day))
    in_need = select(literal(NEEDS_DELIVERY), Resident.id).where(or_(_has(day, "SN"), alone), here)
    return union_all(in_category, aged, in_need)


def _holds(day: date, kind: str):
    return and_(
        ResidentFact.kind == kind,
        or_(ResidentFact.from_on.is_(None), ResidentFact.from_on <= day),
        or_(ResidentFact.to_on.is_(None), ResidentFact.to_on >= day),
    )


def _has(day: date, code: str):
    return Resident.id.in_(
        select(ResidentFact.resident_id).where(_holds(day, "category"), ResidentFact.value == code)
    )


def _gone(day: date):
    left = or_(
        and_(ResidentFact.value == "deceased", ResidentFact.from_on <= day),
        and_(ResidentFact.value == "moved_out", _holds(day, "departure")),
    )
    return Resident.id.in_(
        select(ResidentFact.resident_id).where(ResidentFact.kind == "departure", left)
    )


def _years_before(day: date) -> date:
    """The latest birthday of somebody who is 80 on that day."""
    try:
        return day.replace(year=day.year - OLD)
    except ValueError:
        return date(day.year - OLD, 2, 28)
