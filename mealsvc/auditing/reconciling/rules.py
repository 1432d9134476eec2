"""From kitchen to plate: where a day's figures of a point contradict each other. Pure.

What was sent, received, booked and served, and the samples kept, are compared meal by meal. `firm`
mismatches cannot be explained by how people behave; the others only ask for an explanation.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from mealsvc.kernel.meals import MEALS

LEAST, SHARE = 5, 0.2  # portions, and the share of the larger figure, that are no mismatch
BOOKED_SHARE = 0.5  # bookings count for a point where so many of its servings are booked
LEAST_POINTS = 4  # with purchases, before a point's share can be out of the ordinary
RICE = ("大米", "米")

KINDS = {
    "served_over_received": "就餐多于到餐",
    "sent_received": "发出和收到不一致",
    "served_unreceived": "有就餐、没有收餐记录",
    "no_sample": "有就餐、没有留样",
    "left_over": "到餐多于就餐",
    "served_over_booked": "就餐多于预订",
    "booked_unserved": "预订多于就餐",
    "rice": "用米与份数不符",
}
_WEIGHTS = {
    "served_over_received": 10,
    "sent_received": 6,
    "served_unreceived": 3,
    "no_sample": 2,
    "rice": 2,
    "left_over": 2,
    "served_over_booked": 1,
    "booked_unserved": 1,
}
FIRM = ("served_over_received", "sent_received")


@dataclass(frozen=True, slots=True)
class Meal:
    """One meal of a point on a day. None: nobody recorded it (nothing sent is not 0 sent)."""

    served: int = 0
    reversed: int = 0
    subsidy_fen: int = 0
    booked: int = 0
    sent: int | None = None
    received: int | None = None
    samples: int = 0


@dataclass(frozen=True, slots=True)
class PointFacts:
    """What of a point decides which comparisons make sense: does it cook, is it supplied, do its
    elders book, has it begun to keep samples in the system."""

    code: str
    name: str
    cooks: bool
    supplied: bool
    books: bool
    samples: bool


class Mismatch(NamedTuple):
    """Portions (or kilograms) that don't fit, worth `fen` at the day's mean subsidy."""

    kind: str
    size: int
    weight: int
    sentence: str

    @property
    def firm(self) -> bool:
        return self.kind in FIRM


def mismatches(point: PointFacts, meal: str, told: Meal) -> Iterator[Mismatch]:
    """What does not fit in one meal."""
    name = MEALS[meal]
    yield from _arrivals(point, name, told)
    yield from _orders(point, name, told)
    if point.cooks and point.samples and told.served and not told.samples:
        yield _found("no_sample", told.served, f"{name}就餐{told.served}份，没有留样记录。")


def _arrivals(point: PointFacts, name: str, told: Meal) -> Iterator[Mismatch]:
    if told.sent is not None and told.received is not None and told.sent != told.received:
        size = abs(told.sent - told.received)
        words = f"{name}发出{told.sent}份，收到{told.received}份，差{size}份。"
        yield _found("sent_received", size, words)
    if not point.supplied:
        return
    if told.received is None:
        if told.served:
            words = f"{name}就餐{told.served}份，没有收餐验收记录。"
            yield _found("served_unreceived", told.served, words)
        return
    over = told.served - told.received
    if over > 0:
        words = f"{name}收到{told.received}份，却登记就餐{told.served}份，多{over}份。"
        yield _found("served_over_received", over, words)
    elif is_much(-over, told.received):
        words = f"{name}收到{told.received}份，就餐{told.served}份，剩{-over}份没有去向。"
        yield _found("left_over", -over, words)


def _orders(point: PointFacts, name: str, told: Meal) -> Iterator[Mismatch]:
    if not point.books:
        return
    over = told.served - told.booked
    if over > 0 and is_much(over, told.served):
        words = f"{name}预订{told.booked}份，就餐{told.served}份，{over}份没有预订。"
        yield _found("served_over_booked", over, words)
    elif over < 0 and is_much(-over, told.booked):
        words = f"{name}预订{told.booked}份，就餐{told.served}份，{-over}份订了没来。"
        yield _found("booked_unserved", -over, words)


def is_much(difference: int, of: int) -> bool:
    """Whether a difference is more than people change their minds about."""
    return difference > max(LEAST, SHARE * of)


def _found(kind: str, size: int, sentence: str) -> Mismatch:
    return Mismatch(kind, size, size * _WEIGHTS[kind], sentence)


def repeated(found: Sequence[Mismatch], days: int) -> Mismatch:
    """The same kind on several days of a month as one, with its gravest sentence."""
    worst = max(found, key=lambda one: one.size)
    size = sum(one.size for one in found)
    words = f"全月{days}天这样，共{size}份。最多的一次：{worst.sentence}"
    return Mismatch(worst.kind, size, sum(one.weight for one in found), words)


def books_ahead(booked: int, served: int) -> bool:
    """Whether meals are usually booked at a point, by its month."""
    return served > 0 and booked >= BOOKED_SHARE * served


def grams_a_serving(kg: float, served: int) -> float | None:
    """Rice for each serving; None where nothing was bought or served."""
    return 1000 * kg / served if kg and served else None


def rice_out_of_band(
    grams: Sequence[tuple[str, float]], percent: float
) -> dict[str, tuple[float, float]]:
    """Points (code) whose rice for each serving lies further from the median of all than so many
    percent, with both figures."""
    if len(grams) < LEAST_POINTS:
        return {}
    usual = median(value for _, value in grams)
    return {
        code: (value, usual)
        for code, value in grams
        if usual and abs(value - usual) > percent / 100 * usual
    }


def rice_mismatch(own: float, usual: float, served: int, kg: float) -> Mismatch:
    """A month's rice that does not fit its servings."""
    covered = round(1000 * kg / usual)
    size = abs(served - covered)
    words = (
        f"全月购米{kg:,.0f}公斤，就餐{served}份，每份{own:.0f}克；"
        f"各点中位数{usual:.0f}克，这些米相当于{covered}份。"
    )
    return _found("rice", size, words)
