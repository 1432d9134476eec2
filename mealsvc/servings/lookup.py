"""What the till reads before it decides: one joined statement, built once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Date,
    LargeBinary,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
)

from mealsvc.kernel.meals import MEALS
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.resident_id import normalise
from mealsvc.menus.register import REVISION as FILED_REVISION
from mealsvc.places.models import MealPoint, PointSuspension
from mealsvc.places.rules import SUBSIDY
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.prepared import Prepared
from mealsvc.policies.register import REVISION
from mealsvc.policies.rules import CategoryFact, Departure, ResidentFacts
from mealsvc.residents.models import Credential, Resident, ResidentFact
from mealsvc.servings.models import FrozenMonth, Serving, ServingKey, ServingSlot
from mealsvc.servings.rules import PointFacts
from mealsvc.settings.models import Setting
from mealsvc.trail.models import TrailEvent
from mealsvc.trail.rules import Link

PRICE_LIMIT = "serving.price_limit_fen"
DEFAULT_PRICE_LIMIT_FEN = 20_000
NOBODY = bytes(16)
_STOPPED = 2  # not served at all; 1: served at full price

_NOW = select(literal(1).label("one")).subquery()
_DAY = Date().with_variant(Text(), "sqlite")  # given as ISO 8601 text, which both understand
_day = bindparam("day", type_=_DAY)
_meal = bindparam("meal", type_=Text)
_MEALS = [literal_column(f"'{meal}'") for meal in MEALS]
_DAYS = [f"day_{number:02d}" for number in range(1, 32)]


def _slots(*conditions: Any) -> Any:
    return (
        select(func.count())
        .select_from(ServingSlot)
        .where(ServingSlot.served_on == _day, ServingSlot.resident_id == Resident.id, *conditions)
        .correlate(Resident)
        .scalar_subquery()
    )


_STATEMENT = Prepared(
    select(
        select(ServingKey.sequence)
        .where(ServingKey.key == bindparam("key", type_=Text))
        .scalar_subquery()
        .label("prior"),
        MealPoint.id.label("point_id"),
        MealPoint.opened_on,
        MealPoint.closed_on,
        select(func.max(case((PointSuspension.scope == SUBSIDY, 1), else_=_STOPPED)))
        .where(
            PointSuspension.point_id == MealPoint.id,
            PointSuspension.from_on <= _day,
            or_(PointSuspension.to_on.is_(None), PointSuspension.to_on >= _day),
        )
        .correlate(MealPoint)
        .scalar_subquery()
        .label("suspended"),
        select(func.count())
        .select_from(FrozenMonth)
        .where(FrozenMonth.point_id == MealPoint.id, FrozenMonth.month == bindparam("month"))
        .correlate(MealPoint)
        .scalar_subquery()
        .label("frozen"),
        select(Setting.value)
        .where(Setting.key == PRICE_LIMIT, Setting.effective_from <= _day)
        .order_by(Setting.effective_from.desc())
        .limit(1)
        .scalar_subquery()
        .label("price_limit"),
        REVISION.label("policy_revision"),
        FILED_REVISION.label("filed_revision"),
        select(TrailEvent.seq)
        .order_by(TrailEvent.seq.desc())
        .limit(1)
        .scalar_subquery()
        .label("head_seq"),
        select(TrailEvent.mac)
        .order_by(TrailEvent.seq.desc())
        .limit(1)
        .scalar_subquery()
        .label("head_mac"),
        Resident.id.label("resident_id"),
        Resident.name,
        Resident.birth_on,
        Resident.hukou_division,
        Resident.residence_division,
        _slots(ServingSlot.meal == _meal).label("taken"),
        _slots(ServingSlot.meal.in_(_MEALS)).label("day_count"),
        ResidentFact.kind.label("fact"),
        ResidentFact.value,
        ResidentFact.from_on,
        ResidentFact.to_on,
    )
    .select_from(_NOW)
    .outerjoin(MealPoint, MealPoint.code == bindparam("point", type_=Text))
    .outerjoin(
        Credential,
        and_(
            Credential.digest.in_(
                (
                    bindparam("digest", type_=LargeBinary),
                    bindparam("digest_id", type_=LargeBinary),
                )
            ),
            Credential.status == "active",
        ),
    )
    .outerjoin(
        Resident,
        Resident.id
        == func.coalesce(cast(bindparam("resident"), BigInteger), Credential.resident_id),
    )
    .outerjoin(ResidentFact, ResidentFact.resident_id == Resident.id)
)
_MONTH_COUNT = Prepared(  # covered by an index: one look-up a day, and no slot is read
    select(
        func.coalesce(
            func.sum(case((Serving.subsidy_fen > 0, 1), (Serving.subsidy_fen < 0, -1), else_=0)), 0
        ).label("servings")
    ).where(
        Serving.served_on.in_([bindparam(name, type_=_DAY) for name in _DAYS]),
        Serving.resident_id == bindparam("resident", type_=BigInteger),
    )
)


PEOPLE = select(
    Resident.id.label("resident_id"),
    Resident.name,
    Resident.birth_on,
    Resident.hukou_division,
    Resident.residence_division,
    ResidentFact.kind.label("fact"),
    ResidentFact.value,
    ResidentFact.from_on,
    ResidentFact.to_on,
).outerjoin(ResidentFact, ResidentFact.resident_id == Resident.id)
"""Residents with their facts, one row for each fact: what `person_on` reads."""


@dataclass(frozen=True, slots=True)
class Person:
    """A resident as the till needs her on one day."""

    id: int
    name: str
    facts: ResidentFacts


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that was read for one request."""

    prior: int | None
    point: PointFacts | None
    frozen: bool
    price_limit_fen: int
    policy_revision: int
    filed_revision: int
    head: Link
    person: Person | None
    slot_taken: bool
    day_count: int


def identify(credential: str) -> tuple[bytes, bytes, int | None]:
    """How a credential is looked up: blind index as a card, as an ID number, or a till token's row."""
    keys = vault()
    row = keys.number_of(credential)
    if row is not None:
        return NOBODY, NOBODY, row
    as_card = keys.index("card", credential)
    try:
        as_id = keys.index("id", normalise(credential).number)
    except Refusal:
        as_id = as_card
    return as_card, as_id, None


def read_scene(
    connection: Connection, key: str, point: str, credential: str, day: date, meal: str
) -> Scene:
    """One statement for key, point, resident with dated facts, slots, policies and chain."""
    as_card, as_id, row = identify(credential)
    rows = _STATEMENT(
        connection,
        {
            "key": key,
            "point": point,
            "digest": as_card,
            "digest_id": as_id,
            "resident": row,
            "day": day.isoformat(),
            "meal": meal,
            "month": Month.of(day).key,
        },
    )
    first = rows[0]
    place = None
    if first.point_id is not None:
        today = ((day, day),) if first.suspended else ()
        stops = (today, ()) if first.suspended == _STOPPED else ((), today)
        place = PointFacts(first.point_id, point, first.opened_on, first.closed_on, *stops)
    limit = DEFAULT_PRICE_LIMIT_FEN if first.price_limit is None else int(first.price_limit)
    return Scene(
        first.prior,
        place,
        bool(first.frozen),
        limit,
        first.policy_revision,
        first.filed_revision,
        Link(first.head_seq, first.head_mac) if first.head_seq else Link(),
        person_on(day, rows) if first.resident_id is not None else None,
        bool(first.taken),
        first.day_count or 0,
    )


def person_on(day: date, rows: Sequence[Any]) -> Person:
    """A resident with the divisions of that day and all dated categories and departures.

    `rows` repeat the resident, one for each fact: `fact` (kind), `value`, `from_on`, `to_on`.
    """
    first = rows[0]
    categories, departures = [], []
    places = {
        "hukou": (date.min, first.hukou_division),
        "residence": (date.min, first.residence_division),
    }
    for row in rows:
        if row.fact == "category":
            categories.append(CategoryFact(row.value, row.from_on, row.to_on))
        elif row.fact == "departure":
            departures.append(Departure(row.value, row.from_on, row.to_on))
        elif row.fact is not None:
            since = row.from_on or date.min
            if places[row.fact][0] <= since <= day:
                places[row.fact] = (since, row.value)
    facts = ResidentFacts(
        first.birth_on,
        places["hukou"][1],
        places["residence"][1] or None,
        tuple(categories),
        tuple(departures),
    )
    return Person(first.resident_id, first.name, facts)


def month_count(connection: Connection, resident_id: int, day: date) -> int:
    """The resident's subsidised, unreversed servings in that calendar month."""
    values = _days_of(Month.of(day)) | {"resident": resident_id}
    return _MONTH_COUNT(connection, values)[0].servings


@lru_cache(maxsize=60)
def _days_of(month: Month) -> dict[str, str]:
    days = range(1, month.last_day.day + 1)
    return {f"day_{number:02d}": f"{month}-{number:02d}" for number in days}


def frozen_months(connection: Connection, points: Iterable[int]) -> dict[int, frozenset[int]]:
    """The months that each of these points has submitted."""
    found: dict[int, set[int]] = {point: set() for point in points}
    rows = connection.execute(
        select(FrozenMonth.point_id, FrozenMonth.month).where(FrozenMonth.point_id.in_(found))
    )
    for point_id, month in rows:
        found[point_id].add(month)
    return {point: frozenset(months) for point, months in found.items()}
