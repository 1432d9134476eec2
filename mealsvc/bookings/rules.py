"""When a meal may be booked, what a wish says, and whether what arrived may be served. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from mealsvc.bookings import refusals
from mealsvc.kernel.meals import LOCAL, MEALS, local_date
from mealsvc.menus.rules import ALLERGENS, DIETS

ASKED_BY = {"self": "本人", "family": "家属", "staff": "工作人员"}
RELATIONS = ("配偶", "儿子", "女儿", "儿媳", "女婿", "孙辈", "其他亲属", "护理员", "邻居")
CUTOFF_DAYS, DAYS_AHEAD = "booking.cutoff_days", "booking.days_ahead"
CUTOFFS = {meal: f"booking.cutoff_{meal}" for meal in MEALS}
KEYS = (CUTOFF_DAYS, DAYS_AHEAD, *CUTOFFS.values())
PATTERNS = {"chosen": "只订下面勾选的日期", "workdays": "两周内每个工作日", "daily": "两周内每天"}
_ENDS = {"breakfast": time(10), "lunch": time(14), "dinner": time(20)}
_HOURS = {"lunch": "lunch_hours", "dinner": "dinner_hours"}
_ALLERGY = "no:"
_NUMBER = re.compile(r"[0-9]{5,}|1[0-9]{2}[-.\s]*[0-9]{4}[-.\s]*[0-9]{4}")  # 138 1234 5678 too
_SETTING = Sequence[tuple[date, str]]


@dataclass(frozen=True, slots=True)
class Timetable:
    """The settings of bookings: of each key its values with their first days, the latest first."""

    values: Mapping[str, _SETTING]

    def of(self, key: str, day: date) -> str:
        return next(value for since, value in self.values[key] if since <= day)

    def closes_at(self, day: date, meal: str) -> datetime:
        """The instant from which on the meal of that day is closed (截单)."""
        days = self.of(CUTOFF_DAYS, day).split(",")
        place = list(MEALS).index(meal)
        before = timedelta(days=int(days[place]) if place < len(days) else 0)
        at = time.fromisoformat(self.of(CUTOFFS[meal], day))
        return datetime.combine(day - before, at, LOCAL).astimezone(UTC)

    def last_day(self, today: date) -> date:
        """The furthest day that may be booked."""
        return today + timedelta(days=int(self.of(DAYS_AHEAD, today)))


class Facts(NamedTuple):
    """What is known of one day before a booking: of the resident, and of the point."""

    deceased: bool
    operates: bool
    hours: Mapping[str, str]  # meal -> hours; "" where the point has none
    earlier: str | None  # the point where this meal is booked already
    served: bool
    dishes: Collection[str]  # what may be chosen besides the day's set meal
    booked: int
    capacity: int | None
    closes_at: datetime


def days_of(pattern: str, chosen: Iterable[date], today: date, last: date) -> list[date]:
    """The days of a series, in order and once each."""
    if pattern == "chosen":
        return sorted(set(chosen))
    days = (today + timedelta(days=number) for number in range((last - today).days + 1))
    return [day for day in days if pattern == "daily" or day.weekday() < 5]


def check(
    day: date, meal: str, dish: str, facts: Facts, now: datetime, last: date, late: bool
) -> bool:
    """Refuses what cannot be booked; tells whether it is an addition after the cut-off (加单)."""
    if day < local_date(now):
        raise refusals.PastDay(day=short(day))
    if day > last:
        raise refusals.TooFarAhead(last=short(last))
    if facts.deceased:
        raise refusals.ResidentDeceased()
    _check_point(day, meal, facts)
    if facts.earlier is not None:
        raise refusals.BookedAlready(meal=MEALS[meal], point=facts.earlier)
    if facts.served:
        raise refusals.ServedAlready(meal=MEALS[meal])
    if dish and dish not in facts.dishes:
        raise refusals.DishNotOffered(dish=dish, day=short(day))
    after = now >= facts.closes_at
    if after and not late:
        raise refusals.AfterCutoff(meal=MEALS[meal], at=moment(facts.closes_at))
    if facts.capacity is not None and facts.booked >= facts.capacity:
        raise refusals.NoRoom(day=short(day), capacity=facts.capacity)
    return after


def _check_point(day: date, meal: str, facts: Facts) -> None:
    if not facts.operates:
        raise refusals.PointNotOperating(day=short(day))
    if any(facts.hours.values()) and not facts.hours.get(meal, "any"):
        raise refusals.MealNotServed(meal=MEALS[meal])


def check_asked(asked_by: str, asked_name: str) -> None:
    """Refuses a family member of whom nothing is said, and numbers that are nobody's business."""
    if asked_by == "family" and not asked_name:
        raise refusals.WhoAsked()
    if has_number(asked_name):
        raise refusals.PersonalNumber()


def has_number(text: str) -> bool:
    """Whether a text holds what may be a telephone, card or ID number."""
    return bool(_NUMBER.search(text))


def written_note(marks: Iterable[str], text: str) -> str:
    """Wishes as they are stored: codes, then what was added in words."""
    codes = ";".join(mark for mark in WISHES if mark in set(marks))
    return f"{codes}|{text}" if text else codes


def wishes_of(note: str) -> tuple[tuple[str, ...], str]:
    """The wishes of a stored note in Chinese, and what was added in words."""
    codes, _, text = note.partition("|")
    return tuple(WISHES.get(code, code) for code in codes.split(";") if code), text


WISHES = DIETS | {f"{_ALLERGY}{name}": f"{name}过敏" for name in ALLERGENS}


def short(day: date) -> str:
    """5月6日"""
    return f"{day.month}月{day.day}日"


def moment(at: datetime) -> str:
    """5月6日 09:00, local."""
    local = at.astimezone(LOCAL)
    return f"{short(local.date())} {local:%H:%M}"


def cutoff_words(closes_at: datetime, now: datetime) -> str:
    """还有 25 分钟截单 / 5月7日 09:00 截单 / 5月6日 09:00 已截单"""
    left = -((now - closes_at) // timedelta(minutes=1))
    if left <= 0:
        return f"{moment(closes_at)} 已截单"
    if left > 12 * 60:
        return f"{moment(closes_at)} 截单"
    hours, minutes = divmod(left, 60)
    return "还有 " + (f"{hours} 小时 " if hours else "") + f"{minutes} 分钟截单"


def ends_at(day: date, meal: str, hours: str) -> datetime:
    """When the meal is over: the point's hours (10:30-12:30), else the usual time."""
    closing = hours.partition("-")[2]
    at = time.fromisoformat(closing) if closing else _ENDS[meal]
    return datetime.combine(day, at, LOCAL).astimezone(UTC)


def hours_of(point: object) -> dict[str, str]:
    """A point's written hours by meal."""
    return {meal: getattr(point, name) for meal, name in _HOURS.items()}


# --- what arrives at a serving point ---

FAULTS = {
    "too_old": "超过食用时限",
    "held_cold": "低温存放过久",
    "too_cold": "温度不够",
    "seal": "封签破损",
    "label": "标签不全",
    "short": "份数少",
    "over": "份数多",
}
MEASURES = {
    "returned": "退回供餐方",
    "discarded": "就地销毁",
    "reheated": "再加热",
    "relabelled": "核对后补标签",
    "topped_up": "补送",
    "reduced": "减供",
    "kept": "多余的留用并登记",
}
_AWAY = frozenset({"returned", "discarded"})
ANSWERS: dict[str, frozenset[str]] = {
    "too_old": _AWAY,
    "held_cold": _AWAY | {"reheated"},
    "too_cold": _AWAY | {"reheated"},
    "seal": _AWAY,
    "label": _AWAY | {"relabelled"},
    "short": _AWAY | {"topped_up", "reduced"},
    "over": _AWAY | {"kept"},
}


@dataclass(frozen=True, slots=True)
class Limits:
    """The thresholds of the receiving check as they hold on that day."""

    hot_c: int
    reheat_c: int
    danger_minutes: int
    eat_by_hours: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """What was found on arrival. `cooked_at` is None where neither kitchen nor label told."""

    expected: int
    portions: int
    cooked_at: datetime | None
    arrived_at: datetime
    core_temp_tenths: int
    seal_ok: bool
    label_ok: bool

    @property
    def minutes(self) -> int:
        """Whole minutes since it was cooked; 0 where that is not known."""
        since = self.cooked_at or self.arrived_at
        return int((self.arrived_at - since) / timedelta(minutes=1))


def faults_of(one: Arrival, limits: Limits) -> tuple[str, ...]:
    """What is wrong, the gravest first; empty when it passes (合格)."""
    cold = one.core_temp_tenths < 10 * limits.hot_c
    found = {
        "too_old": one.minutes > 60 * limits.eat_by_hours,
        "held_cold": cold and one.minutes > limits.danger_minutes,
        "too_cold": cold,
        "seal": not one.seal_ok,
        "label": not one.label_ok or one.cooked_at is None,
        "short": one.portions < one.expected,
        "over": one.portions > one.expected,
    }
    return tuple(fault for fault in FAULTS if found[fault])


def unanswered(faults: Iterable[str], measures: Collection[str]) -> tuple[str, ...]:
    """The faults that none of the measures taken answers."""
    return tuple(fault for fault in faults if not ANSWERS[fault] & set(measures))


def check_measures(
    faults: Sequence[str], measures: Collection[str], reheated_tenths: int | None, limits: Limits
) -> None:
    """Refuses a check whose faults were not dealt with, or that was not heated through again."""
    left = unanswered(faults, measures)
    if left:
        raise refusals.NoMeasure(faults="、".join(FAULTS[fault] for fault in left))
    if "reheated" in measures and (reheated_tenths or -1) < 10 * limits.reheat_c:
        raise refusals.NotReheated(reheat=limits.reheat_c)


def fault_words(fault: str, one: Arrival, limits: Limits) -> str:
    """One fault with its numbers, as the page and the row's reader see it."""
    temperature = degrees(one.core_temp_tenths)
    words = {
        "too_old": f"烧熟后 {one.minutes} 分钟，超过 {limits.eat_by_hours} 小时，不能再食用",
        "held_cold": f"烧熟后 {one.minutes} 分钟，超过 {limits.danger_minutes} 分钟，"
        f"中心温度 {temperature} ℃ 又不到 {limits.hot_c} ℃",
        "too_cold": f"中心温度 {temperature} ℃，应不低于 {limits.hot_c} ℃",
        "seal": "封签破损或没有封签",
        "label": "标签缺少供餐单位、加工时间或食用时限",
        "short": f"应到 {one.expected} 份，实收 {one.portions} 份，少 {one.expected - one.portions} 份",
        "over": f"应到 {one.expected} 份，实收 {one.portions} 份，多 {one.portions - one.expected} 份",
    }
    return words[fault]


def degrees(tenths: int) -> str:
    """625 as 62.5"""
    return f"{'-' if tenths < 0 else ''}{abs(tenths) // 10}.{abs(tenths) % 10}"
