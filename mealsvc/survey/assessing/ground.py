"""What an assessment stands on: everything that it reads, as plain values, gathered once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from mealsvc.coverage.standing import Standing
from mealsvc.kernel.months import Month
from mealsvc.places.rules import KITCHEN
from mealsvc.survey.assessing.rules.breakeven import Economics
from mealsvc.survey.assessing.rules.demand import Counted, Key, Range, Told
from mealsvc.survey.assessing.rules.sites import Candidate
from mealsvc.survey.assessing.rules.supply import Site

Cell = tuple[str, str]
"""A town and an age band."""
Answers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Limits:
    """The thresholds as they hold on the day."""

    radius_m: int
    near_m: int
    effective_days: int
    effective_meals: int
    one_kitchen: Fraction
    seat_turns: int
    licence_days: int
    gap_pop60: int


@dataclass(frozen=True, slots=True)
class Point:
    """A meal point on the day, with its month."""

    id: int
    code: str
    name: str
    kind: str
    division: str
    operator: str
    seats: int
    capacity: int
    supplier: str
    licence_expires_on: date | None
    position: tuple[float, float] | None
    operates: bool
    busy_days: int
    month: Economics

    @property
    def town(self) -> str:
        return self.division[:9]

    @property
    def serves(self) -> bool:
        """Whether elders are served here: a kitchen without seats only supplies others."""
        return self.operates and (self.kind != KITCHEN or self.seats > 0)

    @property
    def kitchen(self) -> str:
        """The code of the kitchen that its meals come from."""
        return self.supplier or self.code

    def site(self) -> Site:
        return Site(
            self.code,
            self.name,
            self.town,
            self.position,
            self.capacity,
            self.seats,
            self.month.servings_day,
        )


@dataclass(frozen=True, slots=True)
class Service:
    """The ledger: everything up to the day, and the month by itself."""

    first_on: date | None
    servings_total: int
    servings: int
    days: int
    delivered: int


@dataclass(frozen=True, slots=True)
class Money:
    """The year's budget beside what it pays, by source (fen), and the month's own sources."""

    year: int
    as_of: date
    budget: Mapping[str, int]
    spent: Mapping[str, int]
    forecast_fen: int | None
    short: tuple[str, ...]
    funding: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Register:
    """Registered elders on the day by town and band; who reaches 80 within five years."""

    bands: Mapping[Cell, int]
    soon_80: int


@dataclass(frozen=True, slots=True)
class Interview:
    """A finished questionnaire: whose, how many elders it stands for, and what was answered."""

    town: str
    band: str
    weight: Fraction
    answers: Answers

    @property
    def wishes(self) -> bool:
        return wishes(self.answers)


@dataclass(frozen=True, slots=True)
class Survey:
    """What was handed in: by form, the latest accepted answers of each unit. What the questionnaire
    says of everybody stands as `sampling.estimates` works it out: `wish` and `delivery` are shares,
    `meals_week` is of those who wish, `told` of all elders by town and band, `paying` the same of
    those only who would pay what elders pay now."""

    drawn: int = 0
    margin: Fraction | None = None
    wish: Range | None = None
    delivery: Range | None = None
    meals_week: Range | None = None
    told: Mapping[Key, Told] = field(default_factory=dict)
    paying: Mapping[Key, Told] = field(default_factory=dict)
    interviews: tuple[Interview, ...] = ()
    villages: Mapping[str, Answers] | None = None
    points: Mapping[str, Answers] | None = None
    resources: Mapping[str, Answers] | None = None
    meetings: int = 0


@dataclass(frozen=True, slots=True)
class Problems:
    """What supervision has open on the day."""

    findings: int
    overdue: int
    visits: int
    complaints: int
    rules_issued: int


@dataclass(frozen=True, slots=True)
class Trial:
    """A tariff that was replayed: `outcome` is the simulation's document."""

    id: int
    name: str
    outcome: Mapping[str, Any]


@dataclass(frozen=True)
class Ground:
    """All of it. `round_id` is None without a survey; `month` the service month."""

    round_id: int | None
    number: str
    as_of: date
    month: Month
    district: str
    names: Mapping[str, str]
    standing: Standing
    points: tuple[Point, ...]
    service: Service
    money: Money
    register: Register
    survey: Survey
    candidates: tuple[Candidate, ...]
    problems: Problems
    trials: tuple[Trial, ...]
    limits: Limits

    @property
    def serving(self) -> tuple[Point, ...]:
        """The points at which elders are served on the day."""
        return tuple(point for point in self.points if point.serves)

    @property
    def effective(self) -> tuple[Point, ...]:
        return tuple(point for point in self.serving if self.is_effective(point))

    def is_effective(self, point: Point) -> bool:
        return point.busy_days >= self.limits.effective_days

    @property
    def self_pay_fen(self) -> Fraction:
        """What an elder pays now for a serving, on average over the month."""
        return mean_self_pay(self.points)

    @property
    def eligible(self) -> int:
        return self.standing.total.eligible

    def counted(self) -> list[Counted]:
        """What the villages' sheets say of each community."""
        return [counted_of(code, sheet) for code, sheet in (self.survey.villages or {}).items()]


def mean_self_pay(points: Iterable[Point]) -> Fraction:
    """Fen a serving of these points' month; nothing without a serving."""
    months = [point.month for point in points]
    servings = sum(one.servings for one in months)
    return Fraction(sum(one.self_pay_fen for one in months), servings) if servings else Fraction(0)


def wishes(answers: Answers) -> bool:
    """Whether somebody wants to eat at a point, at home, or both."""
    return answers.get("D09") in ("out", "home", "both")


def meals_wanted(answers: Answers) -> int:
    """Lunches and dinners a week; who does not want any or is not sure counts as none."""
    if not wishes(answers):
        return 0
    return answers.get("D10", 0) * len({"lunch", "dinner"} & set(answers.get("D11") or ()))


def counted_of(division: str, sheet: Answers) -> Counted:
    """Form A of a community as the demand is computed from it."""
    return Counted(
        division,
        eligible=sheet.get("A05", 0),
        asked=sheet.get("A30", 0),
        wishing=sheet.get("A31", 0) + sheet.get("A32", 0),
        meals=sheet.get("A35", 0) + sheet.get("A36", 0),
        days=tuple(sheet.get(code, 0) for code in ("A41", "A42", "A43")),
        prices=tuple(sheet.get(code, 0) for code in ("A51", "A52", "A53", "A54", "A55")),
    )
