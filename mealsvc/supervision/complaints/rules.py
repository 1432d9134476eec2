"""Complaints and satisfaction as values: kinds, channels, states, who may take which step. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

KINDS = {
    "taste": "菜品口味",
    "safety": "食品卫生安全",
    "portion": "份量和菜单不符",
    "price": "价格和收费",
    "service": "服务态度",
    "delivery": "送餐",
    "place": "环境和设施",
    "subsidy": "补贴和刷卡",
    "other": "其他",
}
CHANNELS = {
    "counter": "窗口",
    "phone": "电话",
    "qr": "扫码",
    "hotline": "12345转办",
    "visit": "回访",
}
BY_STAFF = ("counter", "phone", "hotline", "visit")
LEVELS = {"point": "助餐点", "town": "镇（街道）", "district": "区"}
STATES = {"new": "待分派", "assigned": "办理中", "answered": "已答复", "closed": "已办结"}
ACTS = {
    "assigned": "分派",
    "answered": "答复",
    "returned": "退回重办",
    "closed": "办结",
    "called": "回访",
}
SATISFIED = 4
"""Stars from which somebody counts as satisfied."""

STARTS = {
    "assigned": ("new", "assigned"),
    "answered": ("assigned",),
    "returned": ("answered",),
    "closed": ("answered",),
    "called": ("assigned", "answered", "closed"),
}
ENDS = {"assigned": "assigned", "answered": "answered", "returned": "assigned", "closed": "closed"}


def may_start(act: str, state: str) -> bool:
    """Whether a complaint in this state can take this step."""
    return state in STARTS[act]


def state_after(act: str, state: str) -> str:
    """The state after the step; a call-back leaves it as it was."""
    return ENDS.get(act, state)


def is_overdue(due_on: date, closed_on: date | None, today: date) -> bool:
    """Whether it was closed after its last day, or is open after it."""
    return (closed_on or today) > due_on


@dataclass(frozen=True, slots=True)
class Counts:
    """Complaints of one point in a period: received in it; due in it, and of those closed in time;
    upheld of those received; serious incidents logged."""

    received: int = 0
    due: int = 0
    in_time: int = 0
    upheld: int = 0
    incidents: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.received + other.received,
            self.due + other.due,
            self.in_time + other.in_time,
            self.upheld + other.upheld,
            self.incidents + other.incidents,
        )


@dataclass(frozen=True, slots=True)
class Rated:
    """Answers at one point, how many of them are satisfied, and its servings as the weight."""

    n: int = 0
    satisfied: int = 0
    servings: int = 0

    @property
    def share(self) -> Fraction | None:
        return Fraction(self.satisfied, self.n) if self.n else None


def weighted(points: Iterable[Rated]) -> Fraction | None:
    """Z45: each point's share of satisfied answers, weighted by its servings; points without answers
    or servings weigh nothing. None where nothing weighs."""
    rated = [(one.share, one.servings) for one in points if one.share is not None]
    whole = sum(servings for _, servings in rated)
    if not whole:
        return None
    return sum((share * servings for share, servings in rated), Fraction(0)) / whole


def per_ten_thousand(cases: int, servings: int) -> Fraction | None:
    """N18: cases for every 10,000 servings."""
    return Fraction(cases * 10_000, servings) if servings > 0 else None
