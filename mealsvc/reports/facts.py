"""What the supervision report knows of a month: plain values, gathered once, read by every
indicator, finding and chart, so that the text, the annex and the database say the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from mealsvc.coverage.rules import Reach
from mealsvc.kernel.months import Month

SERVES_COOKED_ELSEWHERE = frozenset({"serving_point", "neighbour_table"})
CENTRAL_KITCHEN = "central_kitchen"


@dataclass(frozen=True, slots=True)
class Limits:
    """The thresholds as they hold on the month's last day; days, metres, people, percent."""

    effective_days: int
    effective_meals: int
    radius_m: int
    walk_m: int
    gap_pop60: int
    manual_share: float
    rectify_days: int
    licence_days: int
    price_spread: float
    concentration: float


@dataclass(frozen=True, slots=True)
class PointFacts:
    """A meal point on the month's last day, and how it came or went in the month."""

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
        return self.division[:9]

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


@dataclass(frozen=True, slots=True)
class MenuFacts:
    """Counts from the menus: weeks that start in the month, and meals with dishes entered."""

    weeks_with_menu: int = 0
    weeks_operating: int = 0
    meals_complete: int = 0
    meals_with_dishes: int = 0


@dataclass(frozen=True)
class MonthFacts:
    """Everything about one month. Days and counts are of meals eaten and settled in it."""

    month: Month
    district: str
    district_name: str
    as_of: datetime | None
    demo: bool
    limits: Limits
    names: Mapping[str, str]
    managed_towns: tuple[str, ...]
    points: tuple[PointFacts, ...]
    slices: tuple[Slice, ...]
    days: Mapping[str, Mapping[date, int]]
    reaches: tuple[Reach, ...]
    active_elders: int
    groups: Mapping[str, Served]
    delivered_communities: frozenset[str]
    menus: MenuFacts
    settled: Mapping[str, int]
    funding: Mapping[str, int]
    committed: Mapping[str, int]
    budget: Mapping[str, int]
    paid: Mapping[str, int] = field(default_factory=dict)
    purchases: int = 0
    reversed_lines: int = 0

    @property
    def last_day(self) -> date:
        return self.month.last_day

    @property
    def has_servings(self) -> bool:
        return any(piece.servings for piece in self.slices)

    @property
    def servings(self) -> int:
        return sum(piece.servings for piece in self.slices)

    @property
    def subsidised(self) -> int:
        return sum(piece.servings for piece in self.slices if piece.tier is not None)

    @property
    def subsidy_fen(self) -> int:
        return sum(piece.subsidy_fen for piece in self.slices)

    @property
    def eligible(self) -> int:
        """Elders of the managed communities (60岁以上户籍人口)."""
        return sum(reach.home.pop60 for reach in self.reaches)

    @property
    def communities(self) -> int:
        return len(self.reaches)

    @property
    def operating(self) -> tuple[PointFacts, ...]:
        """The points that serve elders on the month's last day."""
        return tuple(
            point for point in self.points if point.serves and point.operates_on(self.last_day)
        )

    @property
    def effective(self) -> tuple[PointFacts, ...]:
        """The operating points that meet the rule of effective operation (有效运营)."""
        return tuple(point for point in self.operating if self.is_effective(point))

    def is_effective(self, point: PointFacts) -> bool:
        return self.busy_days(point) >= self.limits.effective_days

    def busy_days(self, point: PointFacts) -> int:
        """The days with at least as many meals as effective operation asks."""
        counts = self.days.get(point.code, {}).values()
        return sum(count >= self.limits.effective_meals for count in counts)

    def by_day(self) -> dict[date, int]:
        """Servings of the whole district on each day that has any."""
        totals: dict[date, int] = {}
        for counts in self.days.values():
            for day, count in counts.items():
                totals[day] = totals.get(day, 0) + count
        return dict(sorted(totals.items()))

    def by_point(self) -> dict[str, int]:
        """Servings of each point that has any, in order of code."""
        totals: dict[str, int] = {}
        for piece in self.slices:
            totals[piece.point] = totals.get(piece.point, 0) + piece.servings
        return dict(sorted(totals.items()))

    def name(self, code: str) -> str:
        """What people call a division or point."""
        return self.names.get(code, code)

    def point(self, code: str) -> PointFacts | None:
        return next((point for point in self.points if point.code == code), None)
