"""What could go wrong (风险): each with what was found and how certain it is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

BAD, WARN = "bad", "warn"


@dataclass(frozen=True, slots=True)
class Risk:
    """A risk as it is told: `basis` is the rule behind it, `url` its records."""

    code: str
    tone: str
    title: str
    text: str
    basis: str
    url: str


@dataclass(frozen=True, slots=True)
class Part:
    """Who has the largest part of something."""

    key: str
    name: str
    amount: int
    whole: int
    members: int

    @property
    def percent(self) -> Fraction:
        return Fraction(self.amount * 100, self.whole) if self.whole else Fraction(0)


def largest(rows: Iterable[tuple[str, int]], names: Mapping[str, str]) -> Part | None:
    """Of amounts by key the largest with its part of the whole; None where there is nothing."""
    sums: dict[str, int] = defaultdict(int)
    members: dict[str, int] = defaultdict(int)
    for key, amount in rows:
        sums[key] += amount
        members[key] += 1
    whole = sum(sums.values())
    if whole <= 0:
        return None
    key = min(sums, key=lambda one: (-sums[one], one))
    return Part(key, names.get(key, key), sums[key], whole, members[key])
