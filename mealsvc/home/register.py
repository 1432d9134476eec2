"""How many people stand in the register today, by division: alive and not moved out."""

from collections import Counter
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select

from mealsvc.plumbing.db import db
from mealsvc.residents.models import Resident, ResidentFact

_LEFT = ("deceased", "moved_out")


def residents_by_division(within: str, today: date) -> dict[str, int]:
    """Residents of an area by the division of their hukou as it holds today."""
    here = Resident.hukou_division.startswith(within, autoescape=True)
    counted = (
        select(Resident.hukou_division, func.count())
        .where(here, ~_departed(today))
        .group_by(Resident.hukou_division)
    )
    numbers = Counter(dict(db.session.execute(counted).all()))
    for before, after in _moved(today):
        if before.startswith(within):
            numbers[before] -= 1
        if after.startswith(within):
            numbers[after] += 1
    return {code: number for code, number in numbers.items() if number}


def _moved(today: date) -> list[tuple[str, str]]:
    """(first division, present division) of those whose hukou moved and who are still here."""
    moves = (
        select(ResidentFact.resident_id, Resident.hukou_division, ResidentFact.value)
        .join(Resident, Resident.id == ResidentFact.resident_id)
        .where(ResidentFact.kind == "hukou", _holds(today), ~_departed(today))
        .order_by(ResidentFact.from_on)
    )
    latest = {who: (before, after) for who, before, after in db.session.execute(moves)}
    return list(latest.values())


def _departed(today: date) -> ColumnElement[bool]:
    return (
        select(ResidentFact.id)
        .where(
            ResidentFact.resident_id == Resident.id,
            ResidentFact.kind == "departure",
            ResidentFact.value.in_(_LEFT),
            ResidentFact.from_on <= today,
            or_(
                ResidentFact.value == "deceased",
                ResidentFact.to_on.is_(None),
                ResidentFact.to_on >= today,
            ),
        )
        .correlate(Resident)
        .exists()
    )


def _holds(today: date) -> ColumnElement[bool]:
    begun = or_(ResidentFact.from_on.is_(None), ResidentFact.from_on <= today)
    return and_(begun, or_(ResidentFact.to_on.is_(None), ResidentFact.to_on >= today))
