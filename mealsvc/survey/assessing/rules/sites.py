"""Where another point would bring most for its money."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from mealsvc.survey.assessing.rules.supply import Position, Spot, within

TEN_THOUSAND_YUAN = 1_000_000  # fen


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place where a point could be built."""

    code: str
    name: str
    division: str
    position: Position
    capacity: int | None
    cost_fen: int | None


@dataclass(frozen=True, slots=True)
class Ranked:
    """What a candidate alone would add: elders newly within reach, and for 10,000 yuan.

    `resources` are places that villages reported in the communities it would reach.
    """

    code: str
    name: str
    division: str
    gain: int
    communities: int
    cost_fen: int | None
    capacity: int | None
    resources: int

    @property
    def per_ten_thousand(self) -> Fraction | None:
        """Elders newly within reach for 10,000 yuan of building; None without a cost."""
        return Fraction(self.gain * TEN_THOUSAND_YUAN, self.cost_fen) if self.cost_fen else None


def ranked(
    candidates: Iterable[Candidate],
    outside: Sequence[Spot],
    resources: Iterable[str],
    radius_m: float,
) -> list[Ranked]:
    """The candidates, those that add most elders for their money first, then those without a known
    cost by what they add; who adds nobody comes last."""
    listed, found = list(resources), []
    for one in candidates:
        near = [
            spot
            for spot in outside
            if spot.position and within(spot.position, one.position, radius_m)
        ]
        reached = {spot.division for spot in near} | {one.division}
        found.append(
            Ranked(
                one.code,
                one.name or one.code,
                one.division,
                sum(spot.eligible for spot in near),
                len(near),
                one.cost_fen,
                one.capacity,
                sum(division in reached for division in listed),
            )
        )
    return sorted(found, key=_worth)


def _worth(one: Ranked) -> tuple[bool, bool, Fraction, int, str]:
    rate = one.per_ten_thousand
    return one.gain == 0, rate is None, -(rate or Fraction(0)), -one.gain, one.code
