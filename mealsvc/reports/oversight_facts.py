"""What the supervision report knows of logs, papers, staff, inspections, prices, voices and money,
point by point or row by row: plain values without a name of anybody who eats or complains."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from mealsvc.supervision.complaints.rules import Rated

GOOD_GRADES = "ABC"
SELF_CHECK = "self_check"


@dataclass(frozen=True, slots=True)
class Money:
    """What a point's whole months cost: counts and fen; `funding` by source."""

    servings: int = 0
    subsidy_fen: int = 0
    delivery_fen: int = 0
    operating_fen: int = 0
    self_pay_fen: int = 0
    funding: Mapping[str, int] = field(default_factory=dict)

    @property
    def cost_fen(self) -> int:
        return self.subsidy_fen + self.delivery_fen + self.operating_fen


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """A point's submitted month on its way to be paid; days are those of the last step's end.

    `waits` tells whether it was approved and not yet paid on the last day, too long ago.
    """

    point: str
    month: int
    payable_fen: int
    days_to_pay: int | None  # from the month's end, where it was paid in the time
    noticed: bool
    waits: bool


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """An inspection that was due or made in the time; items by their codes."""

    id: int
    point: str
    number: str
    kind: str
    due: bool  # planned for the time, not cancelled, not entered afterwards without a plan
    signed_on: (
        date | None
    )  # the day on which it ended, where it is signed and took place in the time
    done: bool  # took place by the last day and is signed
    grade: str
    score: int | None
    failed: tuple[str, ...] = ()
    failed_key: tuple[str, ...] = ()
    price_passed: int = 0
    price_judged: int = 0
    signatures: int = 0
    inspectors: tuple[str, ...] = ()
    planned_on: date | None = None  # None: a point of a plan for which no visit was arranged

    @property
    def official(self) -> bool:
        """Made in the time by inspectors: a unit's own check is none."""
        return self.signed_on is not None and self.kind != SELF_CHECK


@dataclass(frozen=True, slots=True)
class DueItem:
    """Something found wrong: an item of a rectification order that was due in the time or open on
    its last day, or (without an order) a finding that was open on that day."""

    point: str
    item: str
    fact: str
    critical: bool
    order_id: int | None = None
    number: str = ""
    demand: str = ""
    deadline: date | None = None
    due: bool = False
    in_time: bool = False
    open: bool = True
    ahead: bool = False  # the deadline has not passed yet: neither kept nor missed


@dataclass(frozen=True, slots=True)
class LogFacts:
    """Counts of a point's logs."""

    dishes: int = 0
    dishes_sampled: int = 0
    control_days: int = 0
    operating_days: int = 0
    readings: int = 0
    readings_within: int = 0
    incidents: int = 0


@dataclass(frozen=True, slots=True)
class StaffFacts:
    """Counts of a point's staff on the last day and over twelve months; no name."""

    handlers: int = 0
    handlers_valid: int = 0
    needing: int = 0
    certified: int = 0
    training_due: int = 0
    trained: int = 0
    leavers: int = 0
    mean_headcount: Fraction = Fraction(0)
    staff_days: int = 0
    volunteer_hours: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class PaperFacts:
    """Which of a point's papers are in date on the last day."""

    valid: bool = False  # licence and agreement, or what stands for them
    agreement: bool = False
    drilled: bool = False
    rules: int = 0
    lacking: str = ""  # key papers that are not in order, in words


@dataclass(frozen=True, slots=True)
class PriceFacts:
    """Charged without or above a filing; elder prices and public prices of what was filed."""

    undeclared: int = 0
    elder_fen: int = 0
    public_fen: int = 0
    above: int = 0
    pairs: int = 0


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """Cases of a point whose explanation fell due in the time, those in time, and what the cases kept
    from being paid or brought back; `rows` are (id, number, whether in time)."""

    due: int = 0
    in_time: int = 0
    refused_fen: int = 0
    recovered_fen: int = 0
    rows: tuple[tuple[int, str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class VoiceFacts:
    """Complaints and ratings."""

    received: int = 0
    due: int = 0
    in_time: int = 0
    rated: Rated = field(default_factory=Rated)
