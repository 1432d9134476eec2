"""How many elders of a group were served in a time: counts only, nobody is named."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import and_, case, func, literal, or_, select, union_all

from mealsvc.coverage.register import years_before
from mealsvc.coverage.rules import AGED, OLD
from mealsvc.plumbing.db import db
from mealsvc.reports.ledger import NET, own_lines
from mealsvc.reports.period import Period
from mealsvc.reports.point_facts import Served
from mealsvc.residents.models import Resident, ResidentFact
from mealsvc.servings.models import Serving

CARED_FOR = ("TK", "DB", "SN", "DJ", "JS")
NEEDS_DELIVERY = "delivery"
Fed = dict[int, set[int]]
"""Elders (by their row) with the points that served them."""


def served_and_brought(period: Period) -> tuple[Fed, Fed]:
    """Who had a subsidised meal that was not taken back, and to whom one was brought, and where.

    One reading of the ledger gives both; only rows' numbers leave the database.
    """
    sign = case((Serving.reverses.is_(None), 1), else_=-1)
    fed = func.sum(case((Serving.subsidy_fen != 0, sign), else_=0))
    brought = func.sum(case((Serving.mode == "delivery", sign), else_=0))
    rows = db.session.execute(
        select(Serving.resident_id, Serving.point_id, fed, brought)
        .where(*own_lines(period))
        .group_by(Serving.resident_id, Serving.point_id)
    )
    subsidised: Fed = defaultdict(set)
    delivered: Fed = defaultdict(set)
    for resident, point, meals, deliveries in rows:
        if meals > 0:
            subsidised[resident].add(point)
        if deliveries > 0:
            delivered[resident].add(point)
    return dict(subsidised), dict(delivered)


def elders_by_place(fed: Fed, codes: Mapping[int, str], towns: Mapping[int, str]) -> dict[str, int]:
    """How many of them each point, each town and (under "") the district served."""
    counts: dict[str, int] = defaultdict(int)
    for points in fed.values():
        for place in {"", *(codes[p] for p in points), *(towns[p] for p in points)}:
            counts[place] += 1
    return dict(counts)


def groups_by_place(day: date, fed: Fed, brought: Fed) -> dict[str, dict[str, Served]]:
    """Registered and served elders by category, of 80 and over, and of those who need delivery:
    of each town in which they live and (under "") of the district."""
    known: dict[tuple[str, str], int] = defaultdict(int)
    served: dict[tuple[str, str], int] = defaultdict(int)
    for kind, resident, town in _members(day):
        was = resident in (brought if kind == NEEDS_DELIVERY else fed)
        for place in ("", town):
            known[place, kind] += 1
            served[place, kind] += was
    groups: dict[str, dict[str, Served]] = defaultdict(dict)
    for (place, kind), count in known.items():
        groups[place][kind] = Served(count, served[place, kind])
    return dict(groups)


def regular_deliveries(period: Period, days: int) -> frozenset[str]:
    """The communities to which meals were delivered on at least so many days."""
    home = _home()
    per_day = (
        select(home.label("home"), Serving.served_on)
        .join(Resident, Resident.id == Serving.resident_id)
        .where(*own_lines(period), Serving.mode == "delivery")
        .group_by(home, Serving.served_on)
        .having(NET > 0)
        .subquery()
    )
    rows = select(per_day.c.home).group_by(per_day.c.home).having(func.count() >= days)
    return frozenset(db.session.scalars(rows))


def _members(day: date) -> Iterable[tuple[str, int, str]]:
    """(group, resident, town) of everybody registered, alive and not moved out on that day."""
    town = func.substr(_home(), 1, 9).label("town")
    here = ~_gone(day)
    old = Resident.birth_on <= years_before(day, OLD)
    in_category = (
        select(ResidentFact.value.label("kind"), Resident.id, town)
        .join(Resident, Resident.id == ResidentFact.resident_id)
        .where(_holds(day, "category"), ResidentFact.value.in_(CARED_FOR), here)
        .distinct()
    )
    aged = select(literal(AGED), Resident.id, town).where(old, here)
    in_need = select(literal(NEEDS_DELIVERY), Resident.id, town).where(
        or_(_has(day, "SN"), _has(day, "DJ") & old), here
    )
    rows = db.session.execute(union_all(in_category, aged, in_need))
    return [(kind, key, home) for kind, key, home in rows]


def _home():
    return func.coalesce(func.nullif(Resident.residence_division, ""), Resident.hukou_division)


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
