"""What a stop's events amount to, what is wrong with a delivery, and in which order to go. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from mealsvc.bookings.rules import WISHES
from mealsvc.kernel.distance import great_circle_m
from mealsvc.kernel.meals import LOCAL

KINDS = {
    "delivered": "已送达",
    "no_answer": "无人应答",
    "called": "打电话",
    "reported": "上报",
    "closed": "处理完毕",
    "returned": "已退回",
}
CALLS = {"reached": "接通", "unreached": "未接"}
INFORMED = {"village": "村（社区）", "family": "家属"}
OUTCOMES = {
    "safe": "老人平安",
    "out": "外出不在家",
    "hospital": "已送医",
    "delivered": "随后已送到本人",
    "other": "其他（请写明）",
}
RECEIVERS = {"self": "本人", "family": "家属", "neighbour": "邻居"}
RESULTS = {**CALLS, **INFORMED, **OUTCOMES}
DIETS = {**{code: name for code, name in WISHES.items() if code != "halal"}, "no_pork": "不吃猪肉"}
"""The marks a person's box may carry: what a dish can be, and what must not be in it."""
VERDICTS = {
    "early": "早于送餐时段",
    "late": "晚于送餐时段",
    "cold": "中心温度不足",
    "no_temperature": "超过2小时没有测温",
    "too_old": "超过食用时限",
    "unsigned": "没有签收",
}
WAITING, DELIVERED, RETURNED = "waiting", "delivered", "returned"
_WINDOW = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Event:
    """One event as the rules see it; `undone`: its ledger line was reversed since."""

    kind: str
    at: datetime
    result: str = ""
    temperature: int | None = None
    receiver: str = ""
    signed: bool = False
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Alert:
    """A door that nobody opened: since when, what was tried, and how it ended."""

    since: datetime
    called: str = ""
    reported: str = ""
    closed: Event | None = None

    @property
    def is_open(self) -> bool:
        return self.closed is None

    def minutes(self, now: datetime) -> int:
        """How long it waits, or waited, in whole minutes."""
        until = self.closed.at if self.closed else now
        return max(0, int((until - self.since) / timedelta(minutes=1)))

    def must_report(self, now: datetime, limit: int) -> bool:
        """Whether nobody was reached in time and nobody has been told."""
        return (
            self.is_open
            and self.called != "reached"
            and not self.reported
            and self.minutes(now) >= limit
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a delivery stands: the meal, and the alert if a door stayed shut."""

    meal: str = WAITING
    last: Event | None = None
    alert: Alert | None = None

    @property
    def alarmed(self) -> bool:
        return self.alert is not None and self.alert.is_open

    @property
    def state(self) -> str:
        """One word for lists: waiting, no_answer, delivered, returned."""
        return "no_answer" if self.meal == WAITING and self.alarmed else self.meal


@dataclass(frozen=True, slots=True)
class Limits:
    """The thresholds of a day."""

    window: tuple[time, time] | None
    hot_tenths: int = 600
    warm_minutes: int = 120
    eat_by_minutes: int = 240


@dataclass(frozen=True, slots=True)
class Door:
    """Somebody to be put in order: id, community, and where she lives if that is known."""

    id: int
    place: str
    lon: float | None = None
    lat: float | None = None


def progress_of(events: Iterable[Event]) -> Progress:
    """What these events, in order of time, amount to."""
    meal, last, alert = WAITING, None, None
    for event in events:
        match event.kind:
            case "delivered":
                meal, last = (WAITING, last) if event.undone else (DELIVERED, event)
            case "returned":
                meal, last = RETURNED, event
            case "no_answer":
                alert = Alert(event.at)
            case _ if alert is not None and alert.is_open:
                alert = _after(alert, event)
    return Progress(meal, last, alert)


def _after(alert: Alert, event: Event) -> Alert:
    """The alert after a call, a report or its end."""
    called = event.result if event.kind == "called" else alert.called
    reported = event.result if event.kind == "reported" else alert.reported
    closed = event if event.kind == "closed" else None
    return Alert(alert.since, called, reported, closed)


def is_overdue(progress: Progress, day: date, now: datetime, limits: Limits) -> bool:
    """Whether the meal should have arrived by now and neither did nor went back."""
    if progress.meal != WAITING:
        return False
    local = now.astimezone(LOCAL)
    if local.date() != day:
        return local.date() > day
    return limits.window is not None and local.time() > limits.window[1]


def verdicts(event: Event, cooked_at: datetime | None, limits: Limits) -> tuple[str, ...]:
    """What is to be looked at in a delivery (anomaly A21), as codes of `VERDICTS`."""
    found = []
    if limits.window is not None:
        at = event.at.astimezone(LOCAL).time()
        found += ["early"] * (at < limits.window[0]) + ["late"] * (at > limits.window[1])
    if event.temperature is not None and event.temperature < limits.hot_tenths:
        found.append("cold")
    if cooked_at is not None:
        found += age_verdict(event.at - cooked_at, event.temperature is not None, limits)
    if not (event.receiver or event.signed):
        found.append("unsigned")
    return tuple(found)


def age_verdict(age: timedelta, measured: bool, limits: Limits) -> list[str]:
    """What the time since cooking means for handing a meal over."""
    if age > timedelta(minutes=limits.eat_by_minutes):
        return ["too_old"]
    if age > timedelta(minutes=limits.warm_minutes) and not measured:
        return ["no_temperature"]
    return []


def parse_window(text: str) -> tuple[time, time] | None:
    """10:30-12:30 as two local times; None for anything else."""
    found = _WINDOW.fullmatch(text.strip())
    if not found:
        return None
    start, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    return (start, end) if start < end else None


def diet_names(codes: str) -> list[str]:
    """The marks in words, in the order of `DIETS`."""
    held = set(codes.split(";"))
    return [name for code, name in DIETS.items() if code in held]


def in_order(doors: Sequence[Door], start: tuple[float, float] | None = None) -> list[Door]:
    """A first proposal: each community in turn, and within it always the nearest next.

    Who has no known position comes last in her community, in the order given.
    """
    groups: dict[str, list[Door]] = {}
    for door in doors:
        groups.setdefault(door.place, []).append(door)
    here, ordered = start, []
    while groups:
        place = _nearest_group(groups, here)
        walk, here = _walk(groups.pop(place), here)
        ordered += walk
    return ordered


def _nearest_group(groups: Mapping[str, list[Door]], here: tuple[float, float] | None) -> str:
    def far(place: str) -> float:
        return min((_metres(door, here) for door in groups[place]), default=0.0)

    return min(sorted(groups), key=far)


def _walk(
    doors: list[Door], here: tuple[float, float] | None
) -> tuple[list[Door], tuple[float, float] | None]:
    left = [door for door in doors if door.lon is not None]
    walk: list[Door] = []
    while left:
        nearest = min(left, key=lambda door: _metres(door, here))
        left.remove(nearest)
        walk.append(nearest)
        if nearest.lon is not None and nearest.lat is not None:
            here = nearest.lon, nearest.lat
    return walk + [door for door in doors if door.lon is None], here


def _metres(door: Door, here: tuple[float, float] | None) -> float:
    if here is None or door.lon is None or door.lat is None:
        return 0.0 if here is None else float("inf")
    return great_circle_m(*here, door.lon, door.lat)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many stops of a group are where."""

    whole: int = 0
    delivered: int = 0
    returned: int = 0
    no_answer: int = 0
    overdue: int = 0
    waiting: int = field(default=0)


def counts_of(stops: Iterable[tuple[Progress, bool]]) -> Counts:
    """Counts of (progress, overdue)."""
    seen = list(stops)
    states = [progress.state for progress, _ in seen]
    return Counts(
        len(seen),
        states.count(DELIVERED),
        states.count(RETURNED),
        sum(progress.alarmed for progress, _ in seen),
        sum(late for _, late in seen),
        states.count(WAITING),
    )
