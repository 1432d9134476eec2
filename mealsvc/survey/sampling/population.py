"""Reads who may be drawn: elders of 60 and over who live, on a day, where the district itself runs.

Left out: who died, moved away or entered an institution by then.
"""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import and_, func, or_, select

from mealsvc.coverage.register import homes_moved, years_before
from mealsvc.coverage.services import homes
from mealsvc.kernel.ages import age_on
from mealsvc.plumbing.db import db
from mealsvc.residents.models import Resident, ResidentFact
from mealsvc.survey.sampling.rules import LEAST_AGE, Cell, Person, band_of, living_of

AT_ONCE = 20_000


def people_of(division: str, day: date) -> list[Person]:
    """Everybody who may be drawn, in order of number."""
    own = {one.division for one in homes() if one.division.startswith(division)}
    gone, moved = _gone(day), homes_moved(day)
    alone, couple = _of_category("DJ", day), _of_category("KC", day)
    ages: dict[date, int] = {}
    cells: dict[tuple[str, int, str], Cell] = {}
    found: list[Person] = []
    for number, home, born in _elders(day):
        place = moved.get(number, home)
        if number in gone or place not in own:
            continue
        if born not in ages:
            ages[born] = band_of(age_on(born, day))
        key = (place[:9], ages[born], living_of(number in alone, number in couple))
        cell = cells.get(key)
        if cell is None:
            cell = cells[key] = Cell(*key)
        found.append(Person(number, cell, place))
    return found


def _elders(day: date) -> Iterable[tuple[int, str, date]]:
    rows = db.session.execute(
        select(
            Resident.id,
            func.coalesce(func.nullif(Resident.residence_division, ""), Resident.hukou_division),
            Resident.birth_on,
        )
        .where(Resident.birth_on <= years_before(day, LEAST_AGE))
        .order_by(Resident.id),
        execution_options={"yield_per": AT_ONCE},
    )
    return ((number, home, born) for number, home, born in rows)


def _holds(day: date):
    return and_(
        or_(ResidentFact.from_on.is_(None), ResidentFact.from_on <= day),
        or_(ResidentFact.to_on.is_(None), ResidentFact.to_on >= day),
    )


def _of_category(code: str, day: date) -> set[int]:
    return set(
        db.session.scalars(
            select(ResidentFact.resident_id).where(
                ResidentFact.kind == "category", ResidentFact.value == code, _holds(day)
            )
        )
    )


def _gone(day: date) -> set[int]:
    left = or_(
        and_(ResidentFact.value == "deceased", ResidentFact.from_on <= day),
        and_(ResidentFact.value.in_(("moved_out", "institution")), _holds(day)),
    )
    return set(
        db.session.scalars(
            select(ResidentFact.resident_id).where(ResidentFact.kind == "departure", left)
        )
    )
