"""What a desk reads for many orders at once: keys, people, points, slots."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint, PointSuspension
from mealsvc.places.rules import POINT, SUBSIDY
from mealsvc.plumbing.lookups import look_up
from mealsvc.residents.models import Resident
from mealsvc.servings.lookup import (
    PEOPLE,
    PRICE_LIMIT,
    Person,
    frozen_months,
    identify,
    person_on,
)
from mealsvc.servings.models import ServingSlot
from mealsvc.servings.rules import PointFacts
from mealsvc.settings.models import Setting

MOST_KEPT = 20_000  # residents in memory; a file may name any number
_KEYS = (
    "SELECT k.key, s.content_mac FROM serving_key k JOIN serving s ON s.sequence = k.sequence"
    " WHERE k.key IN ({these})"
)
_ATTEMPTS = "SELECT key, code FROM refused_attempt WHERE key IN ({these})"
_OWNERS = (
    "SELECT digest, resident_id FROM credential WHERE status = 'active' AND digest IN ({these})"
)
_FACTS = PEOPLE.where(Resident.id.in_(bindparam("ids", expanding=True)))
_SLOTS = select(ServingSlot.meal, ServingSlot.resident_id).where(
    ServingSlot.served_on == bindparam("day")
)


class People:
    """Whom credentials stand for, and what decides their meals; kept from batch to batch."""

    def __init__(self) -> None:
        self._who: dict[str, int] = {}
        self._facts: dict[int, Person | list[Any]] = {}

    def on(self, day: date, credential: str) -> Person | None:
        """The resident with the divisions of that day; None when nobody has this credential."""
        facts = self._facts.get(self._who.get(credential, 0))
        return person_on(day, facts) if isinstance(facts, list) else facts

    def load(self, connection: Connection, credentials: set[str]) -> None:
        """Reads those that are not known yet."""
        if len(self._facts) > MOST_KEPT:
            self._who, self._facts = {}, {}
        self._find(connection, credentials - self._who.keys())
        ids = {self._who[one] for one in credentials if one in self._who} - self._facts.keys()
        if not ids:
            return
        rows: defaultdict[int, list[Any]] = defaultdict(list)
        for row in connection.execute(_FACTS, {"ids": list(ids)}):
            rows[row.resident_id].append(row)
        for resident_id, facts in rows.items():
            moves = any(row.fact in ("hukou", "residence") for row in facts)
            self._facts[resident_id] = facts if moves else person_on(date.min, facts)

    def _find(self, connection: Connection, credentials: set[str]) -> None:
        shown: defaultdict[bytes, list[str]] = defaultdict(list)
        for credential in credentials:
            as_card, as_id, row = identify(credential)
            if row is not None:
                self._who[credential] = row
                continue
            for digest in {as_card, as_id}:
                shown[digest].append(credential)
        for digest, resident_id in look_up(connection, _OWNERS, shown):
            for credential in shown[bytes(digest)]:
                self._who[credential] = resident_id


def used_keys(connection: Connection, keys: Collection[str]) -> dict[str, bytes]:
    """Of these keys those that are used, with the MAC of what was written under them."""
    return {key: bytes(mac) for key, mac in look_up(connection, _KEYS, keys)}


def earlier_attempts(connection: Connection, keys: Collection[str]) -> set[tuple[str, str]]:
    """The refused attempts, key and code, that are logged for these keys."""
    return {(key, code) for key, code in look_up(connection, _ATTEMPTS, keys)}


def read_slots(connection: Connection, day: date) -> set[tuple[str, int]]:
    """The subsidised meals of that day: meal and resident."""
    return {(meal, taker) for meal, taker in connection.execute(_SLOTS, {"day": day})}


def month_counts(connection: Connection, month: Month) -> defaultdict[int, int]:
    """How many subsidised meals each resident had in that month."""
    found = connection.execute(
        select(ServingSlot.resident_id, func.count())
        .where(ServingSlot.served_on.between(month.first_day, month.last_day))
        .group_by(ServingSlot.resident_id)
    )
    return defaultdict(int, {row[0]: row[1] for row in found})


def read_points(
    connection: Connection, codes: set[str]
) -> tuple[dict[str, PointFacts | None], dict[int, frozenset[int]]]:
    """These points by code, None for who is none of ours; and the months that each submitted."""
    columns = (MealPoint.id, MealPoint.code, MealPoint.opened_on, MealPoint.closed_on)
    places = connection.execute(select(*columns).where(MealPoint.code.in_(codes))).all()
    ids = [place.id for place in places]
    periods: defaultdict[tuple[int, str], list[tuple[date, date | None]]] = defaultdict(list)
    for point_id, scope, start, end in connection.execute(
        select(
            PointSuspension.point_id,
            PointSuspension.scope,
            PointSuspension.from_on,
            PointSuspension.to_on,
        ).where(PointSuspension.point_id.in_(ids))
    ):
        periods[point_id, scope].append((start, end))
    points: dict[str, PointFacts | None] = dict.fromkeys(codes)
    for place in places:
        stops = (tuple(periods[place.id, scope]) for scope in (POINT, SUBSIDY))
        points[place.code] = PointFacts(*place[:4], *stops)
    return points, frozen_months(connection, ids)


def price_limits(connection: Connection) -> list[tuple[date, int]]:
    """The price limit (fen) from each day on, the latest day first."""
    statement = (
        select(Setting.effective_from, Setting.value)
        .where(Setting.key == PRICE_LIMIT)
        .order_by(Setting.effective_from.desc())
    )
    return [(start, int(value)) for start, value in connection.execute(statement)]
