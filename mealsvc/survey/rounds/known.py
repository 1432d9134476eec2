"""What the system knows about the units of a form already: a few questions for any number of them.

`whole` is what should agree with the answers; `part` what is counted in a register that does not
hold everybody (but for what answers may differ anyway), and so only a lower bound.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import and_, case, func, or_, select

from mealsvc.coverage.register import years_before
from mealsvc.kernel.months import Month
from mealsvc.places.models import Division, MealPoint
from mealsvc.plumbing.db import db
from mealsvc.residents.models import Resident, ResidentFact
from mealsvc.servings.models import Serving
from mealsvc.settings.services import value_on
from mealsvc.settlement.models import SettlementBatch
from mealsvc.survey.forms.community import AGES, ELIGIBLE, GROUPS
from mealsvc.survey.rounds.models import SurveySheet

OLD_ALONE = "A20"
ALONE = "DJ"
OLD = 80
MEALS = {"breakfast": "B23", "lunch": "B24", "dinner": "B25"}
WEEKS = timedelta(days=30)
LIVING = (("DJ", "alone"), ("KC", "spouse"))  # the category, and what it says to question D01


@dataclass(frozen=True, slots=True)
class Known:
    """By field code: a number (money in fen), an option's code or an ISO date."""

    whole: Mapping[str, Any] = field(default_factory=dict)
    part: Mapping[str, int] = field(default_factory=dict)


NOTHING = Known()


def known_of(sheets: Sequence[SurveySheet], as_of: date) -> dict[int, Known]:
    """What is known for each of these sheets of any forms, by sheet."""
    by_form: dict[str, list[SurveySheet]] = defaultdict(list)
    for sheet in sheets:
        by_form[sheet.form].append(sheet)
    found: dict[int, Known] = {}
    for form, own in by_form.items():
        read = _READERS.get(form)
        told = read(own, as_of) if read else {}
        found |= {sheet.id: told.get(sheet.unit, NOTHING) for sheet in own}
    return found


def _communities(sheets: Sequence[SurveySheet], as_of: date) -> dict[str, Known]:
    codes = {sheet.unit for sheet in sheets}
    pop60 = dict(
        db.session.execute(
            select(Division.code, Division.pop60).where(
                Division.code.in_(codes), Division.pop60.is_not(None)
            )
        ).all()
    )
    counts = _registered(codes, as_of)
    tolerance = Fraction(value_on("survey.tolerance", as_of))
    found = {}
    for code in codes:
        own = counts[code]
        registered = sum(own[age] for age in AGES)
        total = pop60.get(code)
        if total is None or registered * 100 >= (100 - tolerance) * total:
            found[code] = Known({**own, ELIGIBLE: registered if total is None else total})
        else:
            part = {field: number for field, number in own.items() if number}
            found[code] = Known({ELIGIBLE: total}, part)
    return found


def _registered(codes: Collection[str], as_of: date) -> dict[str, Counter[str]]:
    """By community, by field: the registered elders of 60 and over with their hukou there."""
    hukou = _hukou(as_of)
    there = [
        Resident.birth_on <= years_before(as_of, 60),
        ~_gone(as_of),
        hukou.in_(codes),
        or_(Resident.hukou_division.in_(codes), _moved_into(codes)),
    ]
    age = case(
        (Resident.birth_on > years_before(as_of, 70), AGES[0]),
        (Resident.birth_on > years_before(as_of, 80), AGES[1]),
        (Resident.birth_on > years_before(as_of, 90), AGES[2]),
        else_=AGES[3],
    ).label("age")
    found: dict[str, Counter[str]] = {
        code: Counter(dict.fromkeys((*AGES, *GROUPS, OLD_ALONE), 0)) for code in codes
    }
    place = hukou.label("place")
    rows = select(place, age, func.count()).where(*there).group_by(place, age)
    for code, band, number in db.session.execute(rows):
        found[code][band] += number
    old = case((Resident.birth_on <= years_before(as_of, OLD), 1), else_=0).label("old")
    people = func.count(Resident.id.distinct())
    rows = (
        select(place, ResidentFact.value, old, people)
        .join(ResidentFact, ResidentFact.resident_id == Resident.id)
        .where(*there, _holds(as_of, "category"), ResidentFact.value.in_(set(GROUPS.values())))
        .group_by(place, ResidentFact.value, old)
    )
    fields = {category: code for code, category in GROUPS.items()}
    for code, category, is_old, number in db.session.execute(rows):
        found[code][fields[category]] += number
        if category == ALONE and is_old:
            found[code][OLD_ALONE] += number
    return found


def _points(sheets: Sequence[SurveySheet], as_of: date) -> dict[str, Known]:
    codes = [sheet.unit for sheet in sheets]
    points = db.session.scalars(select(MealPoint).where(MealPoint.code.in_(codes))).all()
    month = Month.of(as_of)
    served = _served([one.id for one in points], month)
    rows = select(SettlementBatch.point_id, SettlementBatch.payable_fen).where(
        SettlementBatch.month == month.key, SettlementBatch.point_id.in_([x.id for x in points])
    )
    owed = dict(db.session.execute(rows).all())
    return {one.code: _point(one, served[one.id], owed.get(one.id)) for one in points}


def _point(point: MealPoint, served: Mapping[str, Any], owed: int | None) -> Known:
    expires = point.licence_expires_on
    whole = {
        "B01": point.kind,
        "B08": point.catering_mode,
        "B02": point.seats,
        "B05": point.licence_no,
        "B06": expires.isoformat() if expires else None,
        "B21": point.daily_capacity,
        "B43": owed,
        **served,
    }
    return Known({code: value for code, value in whole.items() if value not in (None, "")})


def _served(point_ids: Sequence[int], month: Month) -> dict[int, dict[str, Any]]:
    """What each point served in the month, net of reversals, on the day on which it was eaten."""
    net = func.sum(case((Serving.reverses.is_(None), 1), else_=-1))
    own = [
        Serving.point_id.in_(point_ids),
        Serving.served_on.between(month.first_day, month.last_day),
    ]
    found: dict[int, Counter[str]] = defaultdict(Counter)
    prices: dict[int, Counter[int]] = defaultdict(Counter)
    days: dict[int, set[date]] = defaultdict(set)
    price = func.abs(Serving.price_fen).label("price")
    keys = (Serving.point_id, Serving.served_on, Serving.meal, Serving.mode, price)
    for one in db.session.execute(select(*keys, net.label("net")).where(*own).group_by(*keys)):
        found[one.point_id][MEALS[one.meal]] += one.net
        found[one.point_id]["B26"] += one.net
        found[one.point_id]["B27"] += one.net if one.mode == "delivery" else 0
        prices[one.point_id][one.price] += one.net
        if one.net > 0:
            days[one.point_id].add(one.served_on)
    usual = {key: min(each, key=lambda at: (-each[at], at)) for key, each in prices.items()}
    return {
        key: {**found[key], "B22": len(days[key]), "B31": usual[key]} if key in found else {}
        for key in point_ids
    }


def _people(sheets: Sequence[SurveySheet], as_of: date) -> dict[str, Known]:
    units = {sheet.resident_id: sheet.unit for sheet in sheets if sheet.resident_id}
    net = func.sum(case((Serving.reverses.is_(None), 1), else_=-1))
    eaten = (
        select(Serving.resident_id, Serving.served_on)
        .where(
            Serving.served_on.between(as_of - WEEKS, as_of), Serving.resident_id.in_(list(units))
        )
        .group_by(Serving.resident_id, Serving.served_on)
        .having(net > 0)
        .subquery()
    )
    rows = select(eaten.c.resident_id, func.count()).group_by(eaten.c.resident_id)
    days = dict(db.session.execute(rows).all())
    held: dict[int, set[str]] = defaultdict(set)
    facts = select(ResidentFact.resident_id, ResidentFact.value).where(
        ResidentFact.resident_id.in_(list(units)), _holds(as_of, "category")
    )
    for resident_id, category in db.session.execute(facts):
        held[resident_id].add(category)
    found = {}
    for resident_id, unit in units.items():
        whole: dict[str, Any] = {"D06": "yes" if days.get(resident_id) else "no"}
        if days.get(resident_id):
            whole["D07"] = days[resident_id]
        living = [told for category, told in LIVING if category in held[resident_id]]
        if living:
            whole["D01"] = living[0]
        found[unit] = Known(whole)
    return found


def _hukou(day: date) -> Any:
    """Where somebody's hukou is on that day: the latest move up to then, else the first one."""
    move = (
        select(ResidentFact.value)
        .where(
            ResidentFact.resident_id == Resident.id,
            ResidentFact.kind == "hukou",
            or_(ResidentFact.from_on.is_(None), ResidentFact.from_on <= day),
        )
        .order_by(func.coalesce(ResidentFact.from_on, date.min).desc(), ResidentFact.id.desc())
        .limit(1)
        .correlate(Resident)
        .scalar_subquery()
    )
    return func.coalesce(move, Resident.hukou_division)


def _moved_into(codes: Collection[str]) -> Any:
    return Resident.id.in_(
        select(ResidentFact.resident_id).where(
            ResidentFact.kind == "hukou", ResidentFact.value.in_(codes)
        )
    )


def _gone(day: date) -> Any:
    """Dead, moved out, or in an institution on that day."""
    left = or_(
        and_(ResidentFact.value == "deceased", ResidentFact.from_on <= day),
        and_(ResidentFact.value.in_(("moved_out", "institution")), _holds(day, "departure")),
    )
    return Resident.id.in_(
        select(ResidentFact.resident_id).where(ResidentFact.kind == "departure", left)
    )


def _holds(day: date, kind: str) -> Any:
    return and_(
        ResidentFact.kind == kind,
        or_(ResidentFact.from_on.is_(None), ResidentFact.from_on <= day),
        or_(ResidentFact.to_on.is_(None), ResidentFact.to_on >= day),
    )


_READERS: Mapping[str, Callable[[Sequence[SurveySheet], date], dict[str, Known]]] = {
    "A": _communities,
    "B": _points,
    "D": _people,
}
