"""What a report is written from, read once: the assessment's ground and figures, kept plans, rules in
force, the months behind."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from mealsvc.coverage.planning.rules import Answer
from mealsvc.kernel.months import Month
from mealsvc.places.models import Division, MealPoint
from mealsvc.places.units import rules as units
from mealsvc.places.units.models import UnitDocument
from mealsvc.places.units.reading import documents_of, rules_held
from mealsvc.plumbing.db import db
from mealsvc.servings.models import DailyTally
from mealsvc.survey.assessing.assessment import Assessment
from mealsvc.survey.assessing.figures import Figure
from mealsvc.survey.assessing.ground import Ground
from mealsvc.survey.rounds.models import SurveyRound
from mealsvc.trail.models import TrailEvent

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Spot:
    """A site of a plan: its candidate's code, name and position."""

    code: str
    name: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A kept plan with the names of its sites; money in fen, None where nobody knows."""

    id: int
    name: str
    answer: Answer
    sites: tuple[Spot, ...]
    yearly_fen: int | None
    assumption: str = ""


@dataclass(frozen=True, slots=True)
class RuleState:
    """One of the twelve rules: since when the district has it, how many points have it."""

    code: str
    name: str
    district: str
    points: int


@dataclass(frozen=True)
class Scene:
    """All of it. `near` is the plan of fewest sites, `mid` that of most, if they differ."""

    round: SurveyRound | None
    ground: Ground
    found: Assessment
    figures: Mapping[str, Figure]
    district: str
    months: tuple[tuple[Month, int], ...]
    rules: tuple[RuleState, ...]
    plans: tuple[Plan, ...]
    demo: bool

    @property
    def surveyed(self) -> bool:
        return self.round is not None

    @property
    def near(self) -> Plan | None:
        return self.plans[0] if self.plans else None

    @property
    def mid(self) -> Plan | None:
        return self.plans[-1] if len(self.plans) > 1 else None


def months_of(last: Month) -> tuple[tuple[Month, int], ...]:
    """Servings net of reversals in the twelve months up to `last`, those before the first left out."""
    first = last
    for _ in range(MONTHS - 1):
        first = first.previous
    rows = (
        select(DailyTally.served_on, func.sum(DailyTally.lines - DailyTally.reversals))
        .where(DailyTally.served_on.between(first.first_day, last.last_day))
        .group_by(DailyTally.served_on)
        .order_by(DailyTally.served_on)
    )
    found: dict[Month, int] = {}
    for day, lines in db.session.execute(rows):
        month = Month.of(day)
        found[month] = found.get(month, 0) + int(lines)
    return tuple(found.items())


def rules_of(ground: Ground) -> tuple[RuleState, ...]:
    """The twelve rules as they stand on the day, at the district and at the points that serve."""
    day = ground.as_of
    own = rules_held(documents_of(None), day)
    serving = [point.id for point in ground.serving]
    rows = (
        select(UnitDocument.kind, func.count(UnitDocument.point_id.distinct()))
        .where(
            UnitDocument.kind.in_(units.RULES),
            UnitDocument.point_id.in_(serving),
            UnitDocument.withdrawn_at.is_(None),
            UnitDocument.valid_from.is_(None) | (UnitDocument.valid_from <= day),
            UnitDocument.valid_to.is_(None) | (UnitDocument.valid_to >= day),
        )
        .group_by(UnitDocument.kind)
    )
    points = dict(db.session.execute(rows).all())
    return tuple(
        RuleState(code, units.DOCUMENTS[code].name, _since(own.get(code)), points.get(code, 0))
        for code in units.RULES
    )


def full_points(ground: Ground, day: date) -> int:
    """Points that serve and have all twelve."""
    from mealsvc.places.units.indicators import rules_on

    ids = [point.id for point in ground.serving]
    _, by_point = rules_on(day, ids)
    return sum(by_point.get(one, 0) >= len(units.RULES) for one in ids)


def district_name(code: str) -> str:
    return db.session.scalar(select(Division.name).where(Division.code == code)) or code


def kitchens_supplying(ground: Ground) -> tuple[int, int]:
    """How many kitchens cook for other points, and for how many points."""
    rows = select(MealPoint.supplier).where(
        MealPoint.id.in_([point.id for point in ground.serving]), MealPoint.supplier != ""
    )
    suppliers = db.session.scalars(rows).all()
    return len(set(suppliers)), len(suppliers)


def is_demo() -> bool:
    """Whether this installation was filled with the demo district."""
    found = select(TrailEvent.seq).where(TrailEvent.action == "demo.load").limit(1)
    return db.session.scalar(found) is not None


def _since(document: UnitDocument | None) -> str:
    if document is None:
        return ""
    return f"{document.valid_from:%Y-%m-%d}" if document.valid_from else "已执行"
