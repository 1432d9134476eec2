"""Where a report looks: a place, the meal points in it, what was served there, and to how many."""

from dataclasses import dataclass
from datetime import date

SERVES_COOKED_ELSEWHERE = frozenset({"serving_point", "neighbour_table"})
CENTRAL_KITCHEN = "central_kitchen"
DISTRICT, TOWN, POINT = LEVELS = ("district", "town", "point")
TOWN_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Place:
    """What a report is about: the district, a town or a meal point."""

    level: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class PointFacts:
    """A meal point on the last day, and how it came or went."""

    code: str
    name: str
    kind: str
    division: str
    unit: str
    seats: int
    daily_capacity: int
    opened_on: date | None
    closed_on: date | None
    licence_no: str
    licence_expires_on: date | None
    supplier: str
    suspended: tuple[tuple[date, date | None], ...] = ()

    @property
    def town(self) -> str:
        return self.division[:TOWN_DIGITS]

    @property
    def cooks(self) -> bool:
        return self.kind not in SERVES_COOKED_ELSEWHERE

    @property
    def serves(self) -> bool:
        """Whether elders eat or are served here: a kitchen without seats only supplies others."""
        return self.kind != CENTRAL_KITCHEN or self.seats > 0

    @property
    def kitchen(self) -> str:
        """The code of the kitchen that its meals come from."""
        return self.supplier or self.code

    def open_on(self, day: date) -> bool:
        """Whether it has opened and not closed; a suspension does not count here."""
        return (self.opened_on is None or self.opened_on <= day) and (
            self.closed_on is None or day <= self.closed_on
        )

    def operates_on(self, day: date) -> bool:
        return self.open_on(day) and not any(
            start <= day and (end is None or day <= end) for start, end in self.suspended
        )


@dataclass(frozen=True, slots=True)
class Slice:
    """Servings that agree in all that the report distinguishes; counts and fen net of reversals."""

    point: str
    age: int
    tier: str | None
    mode: str
    method: str
    price_fen: int
    servings: int
    subsidy_fen: int
    self_pay_fen: int


@dataclass(frozen=True, slots=True)
class Served:
    """People of a group: how many are registered, how many of them were served."""

    known: int = 0
    served: int = 0
