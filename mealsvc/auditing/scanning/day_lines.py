"""A day's lines of the ledger as columns of numbers."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from mealsvc.auditing.scanning.packing import BETWEEN, DIGIT, WIDE, listed, strung, unstrung
from mealsvc.auditing.scanning.rules.view import MEALS, METHODS, MODES, Ints
from mealsvc.kernel.meals import LOCAL
from mealsvc.plumbing.db import micros

EARLY = 4096  # seconds that a till's clock may run ahead of the server's
OF_A_DAY = 1 << 17  # more seconds than a day has
DENSE = 2  # a day's lines lie this close together in the ledger: read the whole stretch
STANDS = " FILTER (WHERE reverses IS NULL)"


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
        digits = WIDE
        row = _read(connection, columns, day, last, extent, digits, sources is not None)
    if row.packed is None:
        return None
    taken = unstrung(row.packed, len(columns), digits)
    values = dict(zip(columns, taken, strict=True))
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
    asked = [f"{strung(numbers, digits, STANDS)} AS packed", "max(price_fen) AS dearest"]
    gone = "group_concat(reverses)" if digits else "string_agg(reverses::text, ',')"
    asked.append(f"{gone} AS undone")
    if sources:
        asked.append(f"{listed(_SOURCE, digits > 0, STANDS)} AS sources")
    return f"SELECT {', '.join(asked)} FROM {_where(extent, digits)}"


def _where(extent: Any, digits: int) -> str:
    """The rows of a day; on SQLite in the ledger's order, so that each page is read once."""
    if not digits:
        return "serving WHERE served_on = %s AND sequence <= %s"
    if extent.high - extent.low + 1 <= DENSE * extent.lines:
        return (
            "serving NOT INDEXED WHERE served_on = ? AND sequence <= ?"
            f" AND sequence BETWEEN {extent.low} AND {extent.high}"
        )
    return (
        "(SELECT sequence AS wanted FROM serving WHERE served_on = ? AND sequence <= ?"
        " ORDER BY sequence) CROSS JOIN serving ON sequence = wanted"
    )


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
