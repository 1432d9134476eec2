"""When a point pays for itself (保本): fixed cost ÷ (price + subsidy − variable cost).

The price is what elders pay themselves, the subsidy all public money that grows with servings;
money that comes once a month (lump sums, other income) lowers the fixed cost.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor

HOPELESS, BELOW, ABOVE = "hopeless", "below", "above"


@dataclass(frozen=True, slots=True)
class Economics:
    """A point's month (fen): what came in and what it cost.

    `by_serving_fen` is the part of `operating_fen` that is paid for each serving; `days` are those
    with servings; the costs are None where nobody entered any.
    """

    point: str
    name: str
    month: int
    days: int
    servings: int
    self_pay_fen: int
    subsidy_fen: int
    delivery_fen: int
    operating_fen: int
    by_serving_fen: int
    fixed_fen: int | None = None
    variable_fen: int | None = None
    other_fen: int = 0
    basis: str = ""
    cost_month: int | None = None

    @property
    def known(self) -> bool:
        """Whether there is something to say: costs and servings."""
        return self.fixed_fen is not None and self.servings > 0 and self.days > 0

    @property
    def growing_fen(self) -> int:
        """Income that grows with servings."""
        return self.self_pay_fen + self.subsidy_fen + self.delivery_fen + self.by_serving_fen

    @property
    def income_fen(self) -> int:
        meals = self.self_pay_fen + self.subsidy_fen + self.delivery_fen
        return meals + self.operating_fen + self.other_fen

    @property
    def cost_fen(self) -> int:
        return (self.fixed_fen or 0) + (self.variable_fen or 0) * self.servings

    @property
    def result_fen(self) -> int | None:
        """What is left of the month; negative where it lost money."""
        return self.income_fen - self.cost_fen if self.known else None

    @property
    def price_fen(self) -> Fraction | None:
        """What an elder pays on average for a serving."""
        return Fraction(self.self_pay_fen, self.servings) if self.servings else None

    @property
    def subsidy_a_serving_fen(self) -> Fraction | None:
        """Public money that each serving brings on average, delivery included."""
        public = self.growing_fen - self.self_pay_fen
        return Fraction(public, self.servings) if self.servings else None

    @property
    def margin_fen(self) -> Fraction | None:
        """What a serving leaves for the fixed cost."""
        if not self.known:
            return None
        return Fraction(self.growing_fen, self.servings) - (self.variable_fen or 0)

    @property
    def to_carry_fen(self) -> int:
        """The fixed cost that servings have to carry."""
        lump = self.operating_fen - self.by_serving_fen + self.other_fen
        return max(0, (self.fixed_fen or 0) - lump)

    @property
    def break_even_day(self) -> int | None:
        """Servings a day, on as many days, from which the month loses nothing; None where each
        serving loses money, or nothing is known."""
        margin = self.margin_fen
        if margin is None or (margin <= 0 < self.to_carry_fen) or margin < 0:
            return None
        return ceil(self.to_carry_fen / margin / self.days) if self.to_carry_fen else 0

    @property
    def servings_day(self) -> Fraction:
        return Fraction(self.servings, self.days) if self.days else Fraction(0)

    @property
    def state(self) -> str | None:
        """`hopeless`: each serving loses money; `below` or `above` break-even; None: not known."""
        result, margin = self.result_fen, self.margin_fen
        if result is None or margin is None:
            return None
        if margin <= 0 and result < 0:
            return HOPELESS
        return BELOW if result < 0 else ABOVE

    @property
    def missing_day(self) -> int | None:
        """How many more servings a day it takes; 0 where it pays for itself already."""
        if self.state == ABOVE:
            return 0
        needed = self.break_even_day
        return None if needed is None else max(1, ceil(needed - self.servings_day))


@dataclass(frozen=True, slots=True)
class Variant:
    """What would change if price or volume were another."""

    name: str
    result_fen: int
    break_even_day: int | None


def with_price(now: Economics, by_fen: int) -> Economics:
    """Every elder pays so much more (or less) for a serving, and comes as often."""
    return replace(now, self_pay_fen=now.self_pay_fen + by_fen * now.servings)


def with_volume(now: Economics, percent: int) -> Economics:
    """So many more servings on the same days: what grows with them grows alike."""
    servings = now.servings * (100 + percent) // 100

    def grown(fen: int) -> int:
        return floor(Fraction(fen * servings, now.servings) + Fraction(1, 2))

    lump = now.operating_fen - now.by_serving_fen
    by_serving = grown(now.by_serving_fen)
    return replace(
        now,
        servings=servings,
        self_pay_fen=grown(now.self_pay_fen),
        subsidy_fen=grown(now.subsidy_fen),
        delivery_fen=grown(now.delivery_fen),
        operating_fen=lump + by_serving,
        by_serving_fen=by_serving,
    )


def sensitivity(now: Economics) -> list[Variant]:
    """Price by a yuan, volume by a tenth, up and down."""
    if not now.known:
        return []
    tried = (
        ("自付每份多1元，份数不变", with_price(now, 100)),
        ("自付每份少1元，份数不变", with_price(now, -100)),
        ("份数多10%", with_volume(now, 10)),
        ("份数少10%", with_volume(now, -10)),
    )
    return [Variant(name, one.result_fen or 0, one.break_even_day) for name, one in tried]
