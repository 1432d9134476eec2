"""The elders of a month: who they are, when they died or moved, and who is registered twice."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from mealsvc.auditing.scanning.packing import BETWEEN, WIDE, listed, strung, unstrung
from mealsvc.auditing.scanning.rules.district import OTHER_SEX, SAME_DIGITS, SAME_NAME, Twin
from mealsvc.auditing.scanning.rules.view import Departure, Ints, People
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.lookups import look_up

MALE = "male"
SEX_DIGIT, DIGITS = 16, 17  # of an ID number: the place of the one, and how many count
LONG_AGO = 100_000  # days before 1970 that a date may lie, so that no number is negative
_CONTACTS = (
    "SELECT id, lon, lat, phone FROM resident WHERE id IN ({these})"
    " AND (lon IS NOT NULL OR phone IS NOT NULL)"
)
_GONE = (
    "SELECT resident_id, value, {from_on}, {to_on}, source FROM resident_fact"
    " WHERE kind = 'departure' AND resident_id IN ({{these}})"
)
_NUMBERS = "SELECT id, id_number FROM resident WHERE id IN ({these})"
_NONE = np.zeros(0, np.int64)
Flat = Callable[[float | None, float | None], tuple[float, float]]


def day_in_sql(column: str, lite: bool) -> str:
    """SQL of a date as days from 1970-01-01; NULL stays."""
    return f"unixepoch({column}) / 86400" if lite else f"({column} - DATE '1970-01-01')"


class Elders:
    """Everybody who ate in the month, in ascending order of id."""

    def __init__(self, connection: Connection, ids: Ints, flat: Flat) -> None:
        self._connection = connection
        self._lite = connection.dialect.name == "sqlite"
        self.people, self._names = self._read(ids, flat)
        self.departures = self._departures()

    def of(self, residents: Ints) -> People:
        """These, who are given in ascending order."""
        at = np.searchsorted(self.people.id, residents)
        return People(
            **{name: getattr(self.people, name)[at] for name in People.__slots__},
        )

    def departures_of(self, residents: Ints) -> list[Departure]:
        """The departures of these."""
        gone = self.departures
        if not gone:
            return []
        some = residents[np.isin(residents, np.fromiter(gone, np.int64, len(gone)))]
        return [one for resident in some.tolist() for one in gone[resident]]

    def seen_first(self, days: Ints) -> None:
        """The first day of each, in the order of the elders."""
        self.people.first_day[:] = days

    def twins(self) -> list[Twin]:
        """Who of them seems to be registered twice."""
        groups, self._names = self._alike(), []  # the names are not needed again
        numbers = self._id_numbers({resident for group in groups for resident in group})
        return [
            Twin(older, younger, _why(numbers[older], numbers[younger]))
            for group in groups
            for place, older in enumerate(group)
            for younger in group[place + 1 :]
        ]

    def _alike(self) -> list[list[int]]:
        """Those of one name and birth date, in ascending order."""
        births = self.people.birth_day
        marks = np.fromiter(map(hash, self._names), np.int64, len(self._names)) ^ births
        _, place, times = np.unique(marks, return_inverse=True, return_counts=True)
        alike: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
        for row in np.flatnonzero(times[place] > 1).tolist():
            alike[int(births[row]), self._names[row]].append(int(self.people.id[row]))
        return [group for group in alike.values() if len(group) > 1]

    def _read(self, ids: Ints, flat: Flat) -> tuple[People, list[str]]:
        digits = WIDE if self._lite else 0
        birth, enrolled = (day_in_sql(name, self._lite) for name in ("birth_on", "enrolled_on"))
        numbers = (
            "id",
            f"{birth} + {LONG_AGO}",
            f"(CASE sex WHEN '{MALE}' THEN 1 ELSE 2 END)",
            f"coalesce({enrolled} + {LONG_AGO}, {LONG_AGO})",
        )
        statement = (
            f"SELECT {strung(numbers, digits)}, {listed('name', self._lite)}"
            " FROM resident WHERE id IN ({these})"
        )
        columns: list[list[Ints]] = [[] for _ in numbers]
        names: list[str] = []
        for packed, told in look_up(self._connection, statement, ids.tolist()):
            for column, part in zip(columns, unstrung(packed, len(numbers), digits), strict=True):
                column.append(part)
            names += told.split(BETWEEN)
        who, births, sexes, since = (np.concatenate([_NONE, *parts]) for parts in columns)
        order = np.argsort(who)
        phones, places = self._contacts(who[order], flat)
        people = People(
            id=who[order],
            birth_day=births[order] - LONG_AGO,
            sex=sexes[order],
            first_day=np.zeros(len(who), np.int64),
            enrolled_day=since[order] - LONG_AGO,
            phone=phones,
            x=places[:, 0],
            y=places[:, 1],
        )
        return people, [names[row] for row in order.tolist()]

    def _contacts(self, ids: Ints, flat: Flat) -> tuple[Ints, NDArray[np.float64]]:
        """A number for each phone, the same for equal ones (0: none); and where each lives."""
        phones, places = np.zeros(len(ids), np.int64), np.full((len(ids), 2), np.nan)
        opened, numbers = vault().open, {}
        for who, lon, lat, sealed in look_up(self._connection, _CONTACTS, ids.tolist()):
            row = np.searchsorted(ids, who)
            places[row] = flat(lon, lat)
            if sealed is not None:
                phones[row] = numbers.setdefault(opened(bytes(sealed)), len(numbers) + 1)
        return phones, places

    def _departures(self) -> dict[int, list[Departure]]:
        found: defaultdict[int, list[Departure]] = defaultdict(list)
        ends = {name: day_in_sql(name, self._lite) for name in ("from_on", "to_on")}
        statement = _GONE.format(**ends)
        for row in look_up(self._connection, statement, self.people.id.tolist()):
            resident, kind, start, end, source = row
            last = None if kind == "deceased" or end is None else int(end)
            found[resident].append(Departure(resident, kind, int(start or 0), last, source))
        return dict(found)

    def _id_numbers(self, residents: Iterable[int]) -> dict[int, str]:
        opened = vault().open
        rows = look_up(self._connection, _NUMBERS, sorted(residents))
        return {resident: opened(bytes(sealed)) for resident, sealed in rows}


def _why(one: str, other: str) -> str:
    """What two ID numbers of people of one name and birth date have in common."""
    differing = [place for place in range(DIGITS) if one[place] != other[place]]
    if not differing:
        return SAME_DIGITS
    odd = (int(one[SEX_DIGIT]) + int(other[SEX_DIGIT])) % 2
    return OTHER_SEX if differing == [SEX_DIGIT] and odd else SAME_NAME


def first_days(
    connection: Connection, ids: Ints, seen: NDArray[Any], before: date, back_to: date
) -> Ints:
    """The first day of each, of those not `seen` (0) looked up between two days, both inclusive.

    By day and resident: the ledger has no index that begins with the resident.
    """
    days = seen.astype(np.int64)
    unknown = ids[days == 0].tolist()
    if not unknown or back_to > before:
        return days
    lite = connection.dialect.name == "sqlite"
    span = [back_to + timedelta(days=number) for number in range((before - back_to).days + 1)]
    listed = ", ".join(f"'{day}'" for day in span)
    statement = (
        f"SELECT resident_id, min({day_in_sql('served_on', lite)}) FROM serving"
        f" WHERE served_on IN ({listed}) AND resident_id IN ({{these}}) GROUP BY resident_id"
    )
    found = dict(look_up(connection, statement, unknown))
    if found:
        at = np.searchsorted(ids, np.fromiter(found, np.int64, len(found)))
        days[at] = np.fromiter(found.values(), np.int64, len(found))
    return days
