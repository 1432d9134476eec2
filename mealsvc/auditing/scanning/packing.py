"""A day's lines of the ledger as columns of numbers: one row of one answer, whatever their number.

The database strings the numbers of all lines together and numpy takes them apart, so that no
Python object is made for a line. SQLite knows no array: there every number becomes one or two
characters of text, 20 bits each; PostgreSQL gives eight bytes each.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from mealsvc.auditing.scanning.rules.view import MEALS, METHODS, MODES, Ints
from mealsvc.kernel.meals import LOCAL
from mealsvc.plumbing.db import micros

DIGIT = 20  # bits; the characters from U+10000 on, of which there are 2**20
FIRST_CHARACTER = 1 << 16
EARLY = 4096  # seconds that a till's clock may run ahead of the server's
OF_A_DAY = 1 << 17  # more seconds than a day has
BETWEEN = "\x1f"
DENSE = 2  # a day's lines lie this close together in the ledger: read the whole stretch


def _number_of(column: str, codes: Sequence[str], step: int) -> str:
    """SQL of a code's place in its list, times a step; the last one needs no question."""
    cases = " ".join(f"WHEN '{code}' THEN {place * step}" for place, code in enumerate(codes[:-1]))
    return f"CASE {column} {cases} ELSE {(len(codes) - 1) * step} END"


MOMENT = f"{_number_of('meal', MEALS, OF_A_DAY)} + served_at / 1000000 - {{midnight}}"
MANNER = f"{_number_of('mode', MODES, 1)} + {_number_of('method', METHODS, 4)}"
LATEST = (1 << DIGIT) - 1 - EARLY  # seconds; what came later counts as so late
LATENESS = f"{{least}}((recorded_at - served_at) / 1000000, {LATEST}) + {EARLY}"
_SOURCE = "CASE device WHEN '' THEN operator ELSE device END"

# what is read of a line, as {name: SQL}; all are whole numbers of 0 and more
LINE = {
    "sequence": "sequence - {base}",
    "resident": "resident_id",
    "point": "point_id",
    "moment": MOMENT,
    "manner": MANNER,
    "price": "price_fen",
    "subsidy": "subsidy_fen",
    "lateness": LATENESS,
}
HABIT = {name: LINE[name] for name in ("sequence", "resident", "point", "moment", "manner")}
Columns = dict[str, Ints]


def day_columns(
    connection: Connection,
    day: date,
    last: int,
    columns: Mapping[str, str],
    sources: dict[str, int] | None = None,
) -> Columns | None:
    """The servings of a day that stand, recorded up to the ledger's line `last`, in its order.

    `moment` comes as `meal` and `second`, `manner` as `mode` and `method`. With `sources`, the
    numbers of devices and operators, new ones are added to it and `source` is given. None where
    there was nothing.
    """
    lite = connection.dialect.name == "sqlite"
    extent = _extent(connection, day, last, lite)
    if extent is None:
        return None
    digits = 1 if lite else 0
    row = _read(connection, columns, day, last, extent, digits, sources is not None)
    if lite and not _fits(row, extent):
        digits = 2
        row = _read(connection, columns, day, last, extent, digits, sources is not None)
    if row.packed is None:
        return None
    values = _unpacked(row.packed, columns, digits)
    values["sequence"] += extent.low
    if sources is not None:
        values["source"] = _numbered(row.sources, len(values["sequence"]), sources)
    return _tidied(values, row.undone)


def _extent(connection: Connection, day: date, last: int, lite: bool) -> Any:
    mark = "?" if lite else "%s"
    found = connection.exec_driver_sql(
        "SELECT count(*) AS lines, min(sequence) AS low, max(sequence) AS high,"
        f" max(resident_id) AS resident FROM serving WHERE served_on = {mark}"
        f" AND sequence <= {mark}",
        (_shown(day, lite), last),
    ).one()
    return found if found.lines else None


def _read(
    connection: Connection,
    columns: Mapping[str, str],
    day: date,
    last: int,
    extent: Any,
    digits: int,
    sources: bool,
) -> Any:
    statement = _statement(columns, day, extent, digits, sources)
    return connection.exec_driver_sql(statement, (_shown(day, digits > 0), last)).one()


def _fits(row: Any, extent: Any) -> bool:
    """Whether one digit was enough for every number."""
    widest = max(row.dearest, extent.resident, extent.high - extent.low)
    return widest < 1 << DIGIT


def _statement(
    columns: Mapping[str, str], day: date, extent: Any, digits: int, sources: bool
) -> str:
    midnight = micros(datetime(day.year, day.month, day.day, tzinfo=LOCAL).astimezone(UTC))
    numbers = [
        sql.format(
            midnight=midnight // 1_000_000, base=extent.low, least="min" if digits else "least"
        )
        for sql in columns.values()
    ]
    if digits:
        return _for_sqlite(numbers, extent, digits, sources)
    record = " || ".join(f"int8send({number})" for number in numbers)
    named = (
        f", string_agg({_SOURCE}, chr(31) ORDER BY sequence) FILTER (WHERE reverses IS NULL) AS sources"
        if sources
        else ""
    )
    return (
        f"SELECT string_agg({record}, ''::bytea ORDER BY sequence)"
        f" FILTER (WHERE reverses IS NULL) AS packed,"
        f" string_agg(reverses::text, ',') AS undone{named}"
        " FROM serving WHERE served_on = %s AND sequence <= %s"
    )


def _for_sqlite(numbers: Sequence[str], extent: Any, digits: int, sources: bool) -> str:
    parts: list[str] = []
    for number in numbers:
        if digits == 1:
            parts.append(f"{FIRST_CHARACTER} + {number}")
        else:
            parts.append(f"{FIRST_CHARACTER} + (({number}) & {(1 << DIGIT) - 1})")
            parts.append(f"{FIRST_CHARACTER} + (({number}) >> {DIGIT})")
    named = ""
    if sources:
        named = f", group_concat({_SOURCE}, char(31)) FILTER (WHERE reverses IS NULL) AS sources"
    where = "serving NOT INDEXED WHERE served_on = ? AND sequence <= ?"
    if extent.high - extent.low + 1 <= DENSE * extent.lines:
        where += f" AND sequence BETWEEN {extent.low} AND {extent.high}"
    else:  # in the ledger's order, so that each of its pages is read once
        where = (
            "(SELECT sequence AS wanted FROM serving WHERE served_on = ? AND sequence <= ?"
            " ORDER BY sequence) CROSS JOIN serving ON sequence = wanted"
        )
    return (
        f"SELECT group_concat(char({', '.join(parts)}), '') FILTER (WHERE reverses IS NULL)"
        f" AS packed, group_concat(reverses) AS undone, max(price_fen) AS dearest{named}"
        f" FROM {where}"
    )


def _unpacked(packed: Any, columns: Mapping[str, str], digits: int) -> Columns:
    if digits == 0:
        table = np.frombuffer(packed, dtype=">i8").reshape(-1, len(columns))
        return {name: table[:, place].astype(np.int64) for place, name in enumerate(columns)}
    letters = np.frombuffer(packed.encode("utf-32-le"), dtype="<u4")
    table = letters.reshape(-1, digits * len(columns))
    values: Columns = {}
    for place, name in enumerate(columns):
        value = table[:, place * digits].astype(np.int64) - FIRST_CHARACTER
        if digits == 2:
            value += (table[:, place * 2 + 1].astype(np.int64) - FIRST_CHARACTER) << DIGIT
        values[name] = value
    return values


class _Numbering(dict[str, int]):
    """Gives every new name the next number."""

    def __init__(self, known: dict[str, int]) -> None:
        super().__init__(known)
        self._known = known

    def __missing__(self, name: str) -> int:
        number = self[name] = self._known[name] = len(self._known) + 1 if name else 0
        return number


def _numbered(names: str, lines: int, sources: dict[str, int]) -> Ints:
    """The number of each line's device or operator; 0 for none."""
    if not names.strip(BETWEEN):
        return np.zeros(lines, np.int64)
    numbers = _Numbering(sources)
    return np.fromiter(map(numbers.__getitem__, names.split(BETWEEN)), np.int64, lines)


def _tidied(values: Columns, undone: str | None) -> Columns:
    """The codes by themselves, and without what was taken back."""
    moment, manner = values.pop("moment"), values.pop("manner")
    values["meal"], values["second"] = moment // OF_A_DAY, moment % OF_A_DAY
    values["mode"], values["method"] = manner % 4, manner // 4
    if "lateness" in values:
        values["lateness"] -= EARLY
    if not undone:
        return values
    gone = np.array(undone.split(","), dtype=np.int64)
    stands: NDArray[np.bool_] = ~np.isin(values["sequence"], gone)
    return {name: column[stands] for name, column in values.items()}


def _shown(day: date, lite: bool) -> Any:
    return day.isoformat() if lite else day
