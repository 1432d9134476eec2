"""What the supervision report knows of a time and a place: plain values, gathered once, read by
every indicator, finding and chart, so that the text, the annex and the database say the same."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from mealsvc.coverage.rules import Reach
from mealsvc.reports.oversight_facts import (
    BatchFacts,
    CaseFacts,
    DueItem,
    LogFacts,
    Money,
    PaperFacts,
    PriceFacts,
    StaffFacts,
    VisitFacts,
    VoiceFacts,
)
from mealsvc.reports.period import Period
from mealsvc.reports.point_facts import DISTRICT, TOWN, Place, PointFacts, Served, Slice
from mealsvc.supervision.prices.standards import MenuStandards

Lines = Mapping[tuple[str, str], int]
"""Fen by division and source."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The thresholds as they hold on the last day; days, metres, people, percent.

    `effective_days` is for the time of the report: so many days a month.
    """

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
    satisfaction: float = 85.0
    least_answers: int = 10
    settle_days: int = 30
    drill_months: int = 12
    near_m: int = 500
    walk: str = ""  # how `walk_m` was reckoned


@dataclass(frozen=True)
class Facts:
    """Everything about a time and a place. Days and counts are of meals eaten in that time and
    settled in their own month.

    What is kept by point has the point's code as its key; `elders` and `groups` count persons, each
    once, so they have the district, its towns and its points each on their own. `kept` names the
    kinds of records that the district keeps at all in that time: without them there is no figure.
    """

    period: Period
    place: Place
    district: str
    district_name: str
    as_of: datetime | None
    demo: bool
    limits: Limits
    names: Mapping[str, str]
    managed_towns: tuple[str, ...]
    points: tuple[PointFacts, ...]
    slices: tuple[Slice, ...] = ()
    days: Mapping[str, Mapping[date, int]] = field(default_factory=dict)
    reaches: tuple[Reach, ...] = ()
    elders: Mapping[str, int] = field(default_factory=dict)
    groups: Mapping[str, Mapping[str, Served]] = field(default_factory=dict)
    delivered_communities: frozenset[str] = frozenset()
    menus: Mapping[str, MenuStandards] = field(default_factory=dict)
    money: Mapping[str, Money] = field(default_factory=dict)
    committed: Lines = field(default_factory=dict)
    budget: Lines = field(default_factory=dict)
    paid: Lines = field(default_factory=dict)
    batches: tuple[BatchFacts, ...] = ()
    purchases: Mapping[str, int] = field(default_factory=dict)
    reversals: Mapping[str, int] = field(default_factory=dict)
    visits: tuple[VisitFacts, ...] = ()
    grades: Mapping[str, tuple[str, date]] = field(default_factory=dict)
    due: tuple[DueItem, ...] = ()
    logs: Mapping[str, LogFacts] = field(default_factory=dict)
    staff: Mapping[str, StaffFacts] = field(default_factory=dict)
    papers: Mapping[str, PaperFacts] = field(default_factory=dict)
    rules_issued: int = 0
    managers: Mapping[str, str] = field(default_factory=dict)
    prices: Mapping[str, PriceFacts] = field(default_factory=dict)
    voices: Mapping[str, VoiceFacts] = field(default_factory=dict)
    cases: Mapping[str, CaseFacts] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()
    others: tuple[PointFacts, ...] = ()  # points elsewhere, of which some supply these

    @property
    def last_day(self) -> date:
        return self.period.last_day

    @property
    def has_servings(self) -> bool:
        return any(count for days in self.days.values() for count in days.values())

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
    def reversed_lines(self) -> int:
        return sum(self.reversals.values())

    @property
    def active_elders(self) -> int:
        """Elders with a subsidised meal here, each once."""
        return self.elders.get(self.place.code, 0)

    @property
    def eligible(self) -> int:
        """Elders of the managed communities (60岁以上户籍人口)."""
        return sum(reach.home.pop60 for reach in self.reaches)

    @property
    def communities(self) -> int:
        return len(self.reaches)

    @property
    def operating(self) -> tuple[PointFacts, ...]:
        """The points that serve elders on the last day."""
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
        """Servings on each day that has any."""
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

    def group(self, kind: str) -> Served:
        """The people of a group who belong to this place."""
        return self.groups.get(self.place.code, {}).get(kind, Served())

    def name(self, code: str) -> str:
        """What people call a division or point."""
        return self.names.get(code, code)

    def point(self, code: str) -> PointFacts | None:
        """A point here or elsewhere."""
        return next((one for one in (*self.points, *self.others) if one.code == code), None)

    def at(self, place: Place) -> "Facts":
        """The same facts for a town or a point of the district."""
        if place.level == DISTRICT:
            return self
        here = [point for point in self.points if _inside(point, place)]
        codes = {point.code for point in here}
        town = place.level == TOWN
        reaches = tuple(r for r in self.reaches if town and r.home.town == place.code)
        return replace(
            self,
            place=place,
            points=tuple(here),
            others=tuple(point for point in self.points if point.code not in codes),
            managed_towns=tuple(code for code in self.managed_towns if code == place.code),
            reaches=reaches,
            **{name: _those(getattr(self, name), codes) for name in _ROWS},
            **{name: _keyed(getattr(self, name), codes) for name in _KEYED},
            **{name: _lines_at(getattr(self, name), place) for name in _LINES},
        )


def _inside(point: PointFacts, place: Place) -> bool:
    return place.code in (point.code, point.town)


_ROWS = ("slices", "batches", "visits", "due")
_KEYED = (
    "days", "menus", "money", "purchases", "reversals", "grades", "logs", "staff", "papers",
    "managers", "prices", "voices", "cases",
)  # fmt: skip
_LINES = ("committed", "budget", "paid")


def _those(rows: Iterable[Any], codes: set[str]) -> tuple[Any, ...]:
    return tuple(row for row in rows if row.point in codes)


def _keyed(values: Mapping[str, Any], codes: set[str]) -> dict[str, Any]:
    return {code: value for code, value in values.items() if code in codes}


def _lines_at(lines: Lines, place: Place) -> Lines:
    """A town's own lines; a point has none."""
    return {line: fen for line, fen in lines.items() if line[0] == place.code}
