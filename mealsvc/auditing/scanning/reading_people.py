"""The elders of a month: who they are, when they died or moved, and who is registered twice."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from mealsvc.auditing.scanning.rules.district import OTHER_SEX, SAME_DIGITS, SAME_NAME, Twin
from mealsvc.auditing.scanning.rules.view import Departure, Ints, People
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.lookups import look_up

MALE = "male"
SEX_DIGIT, DIGITS = 16, 17  # of an ID number: the place of the one, and how many count
_PEOPLE = "SELECT id, {birth}, sex, {enrolled}, lon, lat, phone, name FROM resident WHERE id IN ({{these}})"
_GONE = (
    "SELECT resident_id, value, {from_on}, {to_on}, source FROM resident_fact"
    " WHERE kind = 'departure' AND resident_id IN ({{these}})"
)
_NUMBERS = "SELECT id, id_number FROM resident WHERE id IN ({these})"
Flat = Callable[[float | None, float | None], tuple[float, float]]


def day_in_sql(column: str, lite: bool) -> str:
    """SQL of a date as days from 1970-01-01; NULL stays."""
    return f"unixepoch({column}) / 86400" if lite else f"({column} - DATE '1970-01-01')"


class Elders:
    """Everybody who ate in the month, in ascending order of id."""

    def __init__(self, connection: Connection, ids: Ints, flat: Flat) -> None:
        self._connection = connection
        lite = connection.dialect.name == "sqlite"
        self._birth, self._enrolled = (
            day_in_sql(column, lite) for column in ("birth_on", "enrolled_on")
        )
        self._ends = {name: day_in_sql(name, lite) for name in ("from_on", "to_on")}
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
        alike: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
        births = self.people.birth_day.tolist()
        for resident, birth, name in zip(self.people.id.tolist(), births, self._names, strict=True):
            alike[birth, name].append(resident)
        groups = [group for group in alike.values() if len(group) > 1]
        numbers = self._id_numbers({resident for group in groups for resident in group})
        return [
            Twin(older, younger, _why(numbers[older], numbers[younger]))
            for group in groups
            for place, older in enumerate(group)
            for younger in group[place + 1 :]
        ]

    def _read(self, ids: Ints, flat: Flat) -> tuple[People, list[str]]:
        statement = _PEOPLE.format(birth=self._birth, enrolled=self._enrolled)
        rows = sorted(look_up(self._connection, statement, ids.tolist()))
        births, sexes, enrolled = ([row[place] for row in rows] for place in (1, 2, 3))
        lon, lat, phones, names = ([row[place] for row in rows] for place in (4, 5, 6, 7))
        places = np.array([flat(*one) for one in zip(lon, lat, strict=True)]).reshape(-1, 2)
        people = People(
            id=np.array([row[0] for row in rows], np.int64),
            birth_day=np.array(births, np.int64),
            sex=np.array([1 if sex == MALE else 2 for sex in sexes], np.int64),
            first_day=np.zeros(len(rows), np.int64),
            enrolled_day=np.array([one or 0 for one in enrolled], np.int64),
            phone=_equal_phones(phones),
            x=places[:, 0],
            y=places[:, 1],
        )
        return people, names

    def _departures(self) -> dict[int, list[Departure]]:
        found: defaultdict[int, list[Departure]] = defaultdict(list)
        statement = _GONE.format(**self._ends)
        for row in look_up(self._connection, statement, self.people.id.tolist()):
            resident, kind, start, end, source = row
            last = None if kind == "deceased" or end is None else int(end)
            found[resident].append(Departure(resident, kind, int(start or 0), last, source))
        return dict(found)

    def _id_numbers(self, residents: Iterable[int]) -> dict[int, str]:
        opened = vault().open
        rows = look_up(self._connection, _NUMBERS, sorted(residents))
        return {resident: opened(bytes(sealed)) for resident, sealed in rows}


def _equal_phones(sealed: Sequence[bytes | None]) -> Ints:
    """A number for each phone, the same for equal ones; 0 for none."""
    opened, numbers = vault().open, {"": 0}
    told = ("" if one is None else opened(bytes(one)) for one in sealed)
    return np.fromiter(
        (numbers.setdefault(phone, len(numbers)) for phone in told), np.int64, len(sealed)
    )


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
