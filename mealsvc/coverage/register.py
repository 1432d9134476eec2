"""Reads the register as columns: where everybody lives on a day, and who was fed in a month.

No name and no number of a person leaves the database; a row is known by its own number only.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, literal, or_, select

from mealsvc.coverage.rules import AGED, CARED_FOR, OLD
from mealsvc.kernel.months import Month
from mealsvc.plumbing.db import db
from mealsvc.residents.models import Resident, ResidentFact
from mealsvc.residents.rules import place_on
from mealsvc.servings.models import Serving

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Column = NDArray[Any]

AT_ONCE = 20_000
ELSEWHERE = -1


@dataclass(frozen=True, slots=True)
class People:
    """Everybody in the register, a row each: row number, the place of their community among those
    asked for (`ELSEWHERE`: none of them), whether they are alive and not moved out, their own
    position (not a number where it is unknown), subsidised meals of the month, and the groups they
    belong to."""

    ids: "Column"
    home: "Column"
    here: "Column"
    lon: "Column"
    lat: "Column"
    meals: "Column"
    groups: Mapping[str, "Column"]


def people_on(day: date, month: Month, communities: Collection[str]) -> People:
    """The register as it holds on that day. Somebody lives where the residence is, else where the
    hukou is."""
    import numpy as np

    index = {code: place for place, code in enumerate(communities)}
    ids, home, lon, lat, old = _columns(day, index)
    for resident, place in homes_moved(day).items():
        home[np.searchsorted(ids, resident)] = index.get(place, ELSEWHERE)
    here = np.ones(len(ids), dtype=bool)
    here[_rows_of(ids, _gone(day))] = False
    meals = np.zeros(len(ids), dtype=np.int32)
    fed = _fed(month)
    meals[_rows_of(ids, [resident for resident, _ in fed])] = [count for _, count in fed]
    groups = {AGED: old}
    for kind, members in _members(day).items():
        groups[kind] = np.zeros(len(ids), dtype=bool)
        groups[kind][_rows_of(ids, members)] = True
    return People(ids, home, here, lon, lat, meals, groups)


def _columns(day: date, index: Mapping[str, int]) -> tuple["Column", ...]:
    """Row number, community, position and 80 or over of everybody, in order of row numbers."""
    import numpy as np

    old = case((Resident.birth_on <= years_before(day, OLD), 1), else_=0)
    wanted = select(
        Resident.id,
        func.coalesce(func.nullif(Resident.residence_division, ""), Resident.hukou_division),
        Resident.lon,
        Resident.lat,
        old,
    ).order_by(Resident.id)
    parts = [_part(rows, index) for rows in _read(wanted)] or [_part([], index)]
    return tuple(np.concatenate(columns) for columns in zip(*parts, strict=True))


def _read(wanted: Any) -> Iterator[list[Any]]:
    """Rows as the driver gives them, a part at a time: whole numbers, decimals and texts need no
    more, and a row of SQLAlchemy's costs as much again as reading it. (Not for streamed results:
    there rows were fetched before the cursor is ours.)"""
    cursor = db.session.connection().execute(wanted).cursor
    while cursor is not None and (rows := cursor.fetchmany(AT_ONCE)):
        yield list(rows)


def _part(rows: list[Any], index: Mapping[str, int]) -> tuple["Column", ...]:
    import numpy as np

    ids, homes, lon, lat, old = (list(map(itemgetter(place), rows)) for place in range(5))
    return (
        np.array(ids, dtype=np.int64),
        np.array([index.get(home, ELSEWHERE) for home in homes], dtype=np.int32),
        np.array(lon, dtype=np.float64),  # None becomes "not a number"
        np.array(lat, dtype=np.float64),
        np.array(old, dtype=bool),
    )


def _rows_of(ids: "Column", wanted: Collection[int]) -> "Column":
    import numpy as np

    return np.searchsorted(ids, np.fromiter(wanted, dtype=np.int64, count=len(wanted)))


def homes_moved(day: date) -> dict[int, str]:
    """The present home of those whose residence or hukou is told by dated facts too."""
    moves = select(
        ResidentFact.resident_id,
        ResidentFact.kind,
        ResidentFact.from_on,
        ResidentFact.value,
        Resident.hukou_division,
        Resident.residence_division,
    ).join(Resident, Resident.id == ResidentFact.resident_id)
    rows = db.session.execute(
        moves.where(ResidentFact.kind.in_(("hukou", "residence"))).order_by(ResidentFact.from_on)
    )
    first: dict[int, dict[str, str]] = {}
    told: dict[int, dict[str, list[tuple[date | None, str]]]] = {}
    for resident, kind, from_on, value, hukou, residence in rows:
        first[resident] = {"hukou": hukou, "residence": residence}
        told.setdefault(resident, {"hukou": [], "residence": []})[kind].append((from_on, value))

    def on_the_day(resident: int, kind: str) -> str:
        return place_on(day, first[resident][kind], told[resident][kind])

    return {one: on_the_day(one, "residence") or on_the_day(one, "hukou") for one in told}


def _members(day: date) -> dict[str, set[int]]:
    """Who belongs to which group that is cared for first."""
    held = select(ResidentFact.value, ResidentFact.resident_id).where(
        _holds(day, "category"), ResidentFact.value.in_(CARED_FOR)
    )
    members: dict[str, set[int]] = {kind: set() for kind in CARED_FOR}
    for rows in _read(held):
        for kind, resident in rows:
            members[kind].add(resident)
    return members


def _gone(day: date) -> set[int]:
    """Who died or moved out by that day."""
    left = or_(
        and_(ResidentFact.value == "deceased", ResidentFact.from_on <= day),
        and_(ResidentFact.value == "moved_out", _holds(day, "departure")),
    )
    return set(
        db.session.scalars(
            select(ResidentFact.resident_id).where(ResidentFact.kind == "departure", left)
        )
    )


def _fed(month: Month) -> list[tuple[int, int]]:
    """Who has subsidised meals in the month that were not taken back, and how many; what came late
    settles elsewhere and is left out, as in the month's report."""
    sign = case((Serving.reverses.is_(None), 1), else_=literal(-1))
    meals = func.sum(case((Serving.subsidy_fen != 0, sign), else_=0))
    fed = (
        select(Serving.resident_id, meals)
        .where(Serving.served_on.between(month.first_day, month.last_day), ~Serving.late)
        .group_by(Serving.resident_id)
        .having(meals > 0)
    )
    return [(resident, int(count)) for rows in _read(fed) for resident, count in rows]


def _holds(day: date, kind: str):
    return and_(
        ResidentFact.kind == kind,
        or_(ResidentFact.from_on.is_(None), ResidentFact.from_on <= day),
        or_(ResidentFact.to_on.is_(None), ResidentFact.to_on >= day),
    )


def years_before(day: date, years: int) -> date:
    """The latest birthday of somebody who is so old on that day."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 2, 28)
