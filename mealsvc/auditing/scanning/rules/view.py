"""What the rules look at: a point's month as columns, what is known of point and people, and what
was usual before.

Columns are numpy arrays of equal length. A `second` counts from midnight of the local day (a meal
after midnight of its own day may exceed 86,400); a `day` counts from 1970-01-01, local.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
BREAKFAST, LUNCH, DINNER = range(3)
DINE_IN, TAKE_AWAY, DELIVERY = range(3)
CARD, QR, ID_CARD, MANUAL = range(4)
MEALS = ("breakfast", "lunch", "dinner")
MODES = ("dine_in", "take_away", "delivery")
METHODS = ("card", "qr", "id_card", "manual")
SEVERITIES = ("block", "high", "case", "watch")  # the gravest first


@dataclass(frozen=True, slots=True)
class Lines:
    """Servings eaten in the month that stand (unreversed; those recorded late are in), in the order
    of day, meal, second, sequence. A `lateness` of more than twelve days counts as twelve."""

    sequence: Ints  # the ledger's number
    resident: Ints  # id
    day: Ints
    second: Ints
    meal: Ints  # index into MEALS
    mode: Ints  # index into MODES
    method: Ints  # index into METHODS
    price: Ints  # fen
    subsidy: Ints  # fen; 0 where the meal was at full price
    source: Ints  # number of the device, else of the operator, within the month; 0: neither given
    lateness: Ints  # seconds from the meal to its recording

    def __len__(self) -> int:
        return len(self.sequence)

    def take(self, which: NDArray[Any]) -> "Lines":
        """The lines that a mask or an index array chooses."""
        return Lines(**{name: getattr(self, name)[which] for name in Lines.__slots__})


@dataclass(frozen=True, slots=True)
class Habits:
    """What each elder used to do here in the months before, one row an elder and meal.

    From up to `days` opening days before the month. `at` is the mean second, `spread` its standard
    deviation; `home` the share (0…1) of all the elder's servings anywhere that were here.
    """

    resident: Ints
    meal: Ints
    servings: Ints
    at: NDArray[np.float64]
    spread: NDArray[np.float64]
    manual: Ints
    delivered: Ints
    home: NDArray[np.float64]
    days: int = 0


@dataclass(frozen=True, slots=True)
class People:
    """The month's elders, by id in ascending order.

    `first_day` is the day of the first serving anywhere, ever; `enrolled_day` 0 if unknown;
    `phone` a number that equal phones share (0: none); `x`, `y` metres east and north (NaN unknown).
    """

    id: Ints
    birth_day: Ints
    sex: Ints  # 1 male, 2 female
    first_day: Ints
    enrolled_day: Ints
    phone: Ints
    x: NDArray[np.float64]
    y: NDArray[np.float64]

    def at(self, residents: Ints) -> Ints:
        """The row of each of these residents, all of whom are known."""
        return np.searchsorted(self.id, residents)


@dataclass(frozen=True, slots=True)
class Departure:
    """Someone died, moved away or lives in an institution, `from_day` to `to_day` inclusive."""

    resident: int
    kind: str  # deceased | moved_out | institution
    from_day: int
    to_day: int | None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """What is known of one point in the month.

    `hours` are seconds of the day by meal. `open_days` are those on which it should serve (None:
    unknown). `counts` are the servings of earlier days by (day, meal), up to six months back.
    `logged` names the food-safety log kinds kept on each day; empty if the point keeps none.
    """

    id: int
    code: str
    name: str
    kind: str
    seats: int | None = None
    daily_capacity: int | None = None
    x: float = float("nan")
    y: float = float("nan")
    hours: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    closed_days: frozenset[int] = frozenset()
    counts: Mapping[tuple[int, int], int] = field(default_factory=dict)
    purchases: Sequence[
        tuple[int, str, float]
    ] = ()  # day, item, kg; three months back and the month
    logged: Mapping[int, frozenset[str]] = field(default_factory=dict)
    staff: frozenset[int] = frozenset()  # residents who work here
    headcounts: Sequence[tuple[int, int, int, int]] = ()  # day, second, counted, recorded then
    drawers: Sequence[tuple[int, int, int]] = ()  # day, recorded self-pay, taken in (fen)
    filed: Sequence[tuple[int, int, int]] = ()  # meal, from day, fen: filed list prices


@dataclass(frozen=True, slots=True)
class PointMonth:
    """One point's month: what the rules of one point see."""

    first_day: int
    last_day: int
    point: Point
    lines: Lines
    people: People
    habits: Habits
    departures: Sequence[Departure] = ()
    denied: frozenset[int] = frozenset()  # sequences of which somebody says: I did not eat that
    policy_starts: Sequence[int] = ()  # days on which a policy that covers the point began
    foreign_devices: frozenset[int] = (
        frozenset()
    )  # lines from a device of another point, or revoked
    redecided: Mapping[int, str] = field(
        default_factory=dict
    )  # sequence: reason under today's facts
    delivered: Mapping[int, Mapping[str, Any]] = field(
        default_factory=dict
    )  # sequence: events' facts
    clocks: Mapping[int, int] = field(default_factory=dict)  # sequence: the device's clock error, s

    def only(self, which: NDArray[Any]) -> "PointMonth":
        """The same with some of its lines."""
        return replace(self, lines=self.lines.take(which))


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One rule's finding at one point.

    `sequences` are the lines held responsible: the excess, not the whole day. `chance` is the
    probability that an honest month shows this at least once somewhere in the district (None for
    rules of fact). `summary` says in a sentence what is unusual, with numbers; `honest` names the
    innocent explanations to rule out first. `evidence` is JSON-able.
    """

    rule: str
    severity: str
    point: str
    sequences: tuple[int, ...]
    days: tuple[int, ...]
    residents: tuple[int, ...]
    summary: str
    honest: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    chance: float | None = None


def day_number(day: date) -> int:
    """Days from 1970-01-01."""
    return day.toordinal() - 719_163


def day_of(number: int) -> date:
    """The date of a day number."""
    return date.fromordinal(int(number) + 719_163)
