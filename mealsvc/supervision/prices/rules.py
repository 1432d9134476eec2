"""Charged, filed, posted and public prices as values: means, spread, deviations, ratios. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import sqrt
from typing import NamedTuple

UNFILED, ABOVE_FILED, ABOVE_PUBLIC = "unfiled", "above_filed", "above_public"
ABOVE_POSTED, POSTED_OFF = "above_posted", "posted_off"
DEVIATIONS = {
    UNFILED: "没有备案价",
    ABOVE_FILED: "高于备案价",
    ABOVE_PUBLIC: "老人价高于社会价",
    ABOVE_POSTED: "高于公布的套餐价",
    POSTED_OFF: "公布价与备案价不一致",
}
BANDS = ((0, 59), (60, 69), (70, 79), (80, 89), (90, 200))
FULL_PRICE = ""


class PriceFact(NamedTuple):
    """Servings of one point, day and meal at one price, net of reversals, beside what was filed,
    posted and public that day; None or () where nothing was.

    `elder_fen` is the highest elder price in force, `public_fen` the lowest public price filed with
    exactly the charged elder price, `top_public_fen` the highest public price in force, `posted`
    the set-meal prices of the published menu.
    """

    point_id: int
    served_on: date
    meal: str
    price_fen: int
    servings: int
    elder_fen: int | None = None
    public_fen: int | None = None
    top_public_fen: int | None = None
    posted: tuple[int, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """The deviations of this price on this day."""
        found = []
        if self.elder_fen is None:
            found.append(UNFILED)
        elif self.price_fen > self.elder_fen:
            found.append(ABOVE_FILED)
        if self.top_public_fen is not None and self.price_fen > self.top_public_fen:
            found.append(ABOVE_PUBLIC)
        if self.posted and self.price_fen > max(self.posted):
            found.append(ABOVE_POSTED)
        return tuple(found)

    @property
    def against_fen(self) -> dict[str, int | None]:
        """What each deviation is measured by."""
        return {
            UNFILED: None,
            ABOVE_FILED: self.elder_fen,
            ABOVE_PUBLIC: self.top_public_fen,
            ABOVE_POSTED: max(self.posted, default=None),
        }


class Posted(NamedTuple):
    """A set-meal price of a published menu beside the elder prices in force on that day."""

    point_id: int
    served_on: date
    meal: str
    price_fen: int
    filed: tuple[int, ...]

    @property
    def differs(self) -> bool:
        return self.price_fen not in self.filed


@dataclass(frozen=True, slots=True)
class Deviation:
    """One price that a point charged or posted otherwise than it may, with the days on which it did
    and the servings of each (0 for what was only posted)."""

    kind: str
    point_id: int
    meal: str
    price_fen: int
    against_fen: int | None
    days: tuple[tuple[date, int], ...]

    @property
    def name(self) -> str:
        return DEVIATIONS[self.kind]

    @property
    def first_on(self) -> date:
        return self.days[0][0]

    @property
    def last_on(self) -> date:
        return self.days[-1][0]

    @property
    def servings(self) -> int:
        return sum(count for _, count in self.days)


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean price (fen) and coefficient of variation (0.1 = 10 %) of so many servings."""

    servings: int
    mean_fen: Fraction | None
    cv: Fraction | None


@dataclass(frozen=True, slots=True)
class SelfPay:
    """What elders of one age and tier paid for subsidised meals, net of reversals."""

    point_id: int
    age: int
    tier: str
    servings: int
    self_pay_fen: int


@dataclass(frozen=True, slots=True)
class Ratio:
    """What elders were charged by filed prices, and what the public pays for the same servings (fen).

    `worst` is the highest quotient, `unmatched` counts the servings at a price that nobody filed,
    `above` those that cost an elder more than the public pays (which no filing allows).
    """

    servings: int = 0
    elder_fen: int = 0
    public_fen: int = 0
    worst: Fraction | None = None
    unmatched: int = 0
    above: int = 0

    @property
    def mean(self) -> Fraction | None:
        """Elder ÷ public price, each serving the same; must not exceed 1."""
        return Fraction(self.elder_fen, self.public_fen) if self.public_fen else None


def spread(prices: Iterable[tuple[int, int]]) -> Spread:
    """Of (price in fen, servings): the mean, and the standard deviation of all servings ÷ mean."""
    counted = [(fen, count) for fen, count in prices if count > 0]
    servings = sum(count for _, count in counted)
    if not servings:
        return Spread(0, None, None)
    mean = Fraction(sum(fen * count for fen, count in counted), servings)
    variance = sum(Fraction(count) * (fen - mean) ** 2 for fen, count in counted) / servings
    return Spread(servings, mean, Fraction(sqrt(variance)) / mean)


def deviations(facts: Iterable[PriceFact], posted: Iterable[Posted] = ()) -> list[Deviation]:
    """One for each kind, point, meal and price, the kinds in their order, then by point and meal."""
    days: dict[tuple[str, int, str, int], dict[date, int]] = defaultdict(dict)
    against: dict[tuple[str, int, str, int], int | None] = {}
    for fact in facts:
        for kind in fact.kinds if fact.servings > 0 else ():
            key = (kind, fact.point_id, fact.meal, fact.price_fen)
            days[key][fact.served_on] = fact.servings
            against.setdefault(key, fact.against_fen[kind])
    for one in posted:
        if one.differs:
            key = (POSTED_OFF, one.point_id, one.meal, one.price_fen)
            days[key][one.served_on] = 0
            against.setdefault(key, max(one.filed, default=None))
    order = {kind: number for number, kind in enumerate(DEVIATIONS)}
    return [
        Deviation(*key, against[key], tuple(sorted(days[key].items())))
        for key in sorted(days, key=lambda key: (order[key[0]], *key[1:]))
    ]


def undeclared_changes(found: Iterable[Deviation]) -> int:
    """N24: the different (point, meal, price) that were charged without a filing that covers them."""
    kinds = (UNFILED, ABOVE_FILED)
    return len({(d.point_id, d.meal, d.price_fen) for d in found if d.kind in kinds})


def elder_ratio(facts: Iterable[PriceFact]) -> Ratio:
    """N25 over the servings that were charged exactly a filed elder price."""
    listed = list(facts)
    pairs = [(fact, fact.public_fen) for fact in listed if fact.public_fen]
    return Ratio(
        servings=sum(fact.servings for fact, _ in pairs),
        elder_fen=sum(fact.price_fen * fact.servings for fact, _ in pairs),
        public_fen=sum(public * fact.servings for fact, public in pairs),
        worst=max((Fraction(fact.price_fen, public) for fact, public in pairs), default=None),
        unmatched=sum(fact.servings for fact in listed if not fact.public_fen),
        above=sum(fact.servings for fact in listed if ABOVE_PUBLIC in fact.kinds),
    )


def band_name(age: int) -> str:
    """The age band of the reports: 60—69岁, 90岁以上."""
    low, high = next((low, high) for low, high in BANDS if low <= age <= high)
    if low == 0:
        return "60岁以下"
    return f"{low}—{high}岁" if high < 200 else f"{low}岁以上"


def mean_paid(rows: Iterable[SelfPay]) -> tuple[int, Fraction | None]:
    """N23: servings, and what was paid on average for one of them (fen)."""
    listed = list(rows)
    servings = sum(row.servings for row in listed)
    paid = sum(row.self_pay_fen for row in listed)
    return servings, Fraction(paid, servings) if servings else None


def by_key(rows: Iterable[SelfPay], key: str) -> Mapping[str, list[SelfPay]]:
    """The rows by `band` or `tier`, bands from the youngest, tiers in the order of their names."""
    found: dict[str, list[SelfPay]] = defaultdict(list)
    ordered: Sequence[SelfPay] = sorted(rows, key=lambda row: (row.age, row.tier))
    for row in ordered:
        found[band_name(row.age) if key == "band" else row.tier].append(row)
    return found if key == "band" else dict(sorted(found.items()))
