"""What in a point's month should make a reviewer look: small rules, named as in the catalogue of
anomalies. Pure: one point's month as slim lines in, sentences with the lines responsible out.

A signal accuses nobody: it says what is unusual, with numbers, and which lines to look at.
"""

import itertools
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from statistics import fmean, median, pstdev

from mealsvc.kernel.meals import LOCAL, MEALS, local_date
from mealsvc.settlement.ranks import correlation

HIGH, CASE, WATCH = "high", "case", "watch"
SEVERITIES = {HIGH: "高", CASE: "需核实", WATCH: "留意"}
REPLAY_COMMON = 30
EVEN_DAYS, EVEN_SERVINGS = 15, 10
MONTHS_FOR_A_PATTERN = 3
DEPARTED = {"deceased": "已去世", "moved_out": "已迁出"}


@dataclass(frozen=True, slots=True)
class Line:
    """One serving that settles in the month and was not taken back within it."""

    sequence: int
    served_at: datetime
    served_on: date
    recorded_at: datetime
    meal: str
    mode: str
    manual: bool
    resident: int
    source: str  # the device, or without one the operator
    subsidised: bool
    late: bool = False
    departed: str = ""  # deceased or moved_out before that day, by what is known now


@dataclass(frozen=True, slots=True)
class Limits:
    """The thresholds, as set for the month's last day."""

    manual_percent: Fraction
    manual_a_day: int
    burst_lines: int
    burst_seconds: int
    gap_seconds: int
    gap_lines: int
    replay: float
    grace: timedelta
    turns: int
    even_percent: Fraction
    volume_percent: int
    new_sigmas: int
    new_least: int


@dataclass(frozen=True, slots=True)
class Point:
    """What is known of the point: hours by meal, seats, daily capacity, days without service; the
    servings of earlier months, and how many elders came for the first time in each of them.
    """

    limits: Limits
    hours: Mapping[str, tuple[time, time]] = field(default_factory=dict)
    seats: int | None = None
    daily_capacity: int | None = None
    shut: Callable[[date], bool] = lambda day: False
    servings_before: Sequence[int] = ()
    newcomers_before: Sequence[int] = ()
    newcomers: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Signal:
    """One finding: `code` of the catalogue, a sentence with numbers, the lines responsible."""

    code: str
    name: str
    severity: str
    sentence: str
    sequences: tuple[int, ...] = ()


Check = Callable[[Sequence[Line], Point], Signal | None]


def signals_of(lines: Sequence[Line], point: Point) -> list[Signal]:
    """Everything that the rules find in a month, the gravest first; `lines` in the ledger's order."""
    found = [signal for check in CHECKS if (signal := check(lines, point)) is not None]
    return sorted(found, key=lambda one: list(SEVERITIES).index(one.severity))


def departed(lines: Sequence[Line], point: Point) -> Signal | None:
    """A01: subsidised meals of people who had died or moved away."""
    hit = [one for one in lines if one.departed and one.subsidised]
    if not hit:
        return None
    kinds = Counter(one.departed for one in hit)
    told = "、".join(f"{DEPARTED[kind]}{number:,}笔" for kind, number in kinds.items())
    return Signal("A01", "去世迁出后就餐", HIGH, f"就餐日老人{told}。", _sequences(hit))


def burst(lines: Sequence[Line], point: Point) -> Signal | None:
    """A06: too many on one till in a short time, or too quick one after another for long."""
    limits, hit = point.limits, set[int]()
    window = timedelta(seconds=limits.burst_seconds)
    worst = 0
    for run in _by(lines, lambda one: (one.source, one.served_on)):
        recent: deque[Line] = deque()
        for one in sorted(run, key=_when):
            recent.append(one)
            while one.served_at - recent[0].served_at > window:
                recent.popleft()
            if len(recent) >= limits.burst_lines:
                worst = max(worst, len(recent))
                hit.update(each.sequence for each in recent)
        hit.update(_quick(sorted(run, key=_when), limits))
    if not hit:
        return None
    told = f"同一设备或操作员集中登记{len(hit):,}笔"
    if worst:
        told += f"，最密时{limits.burst_seconds}秒内{worst:,}笔"
    return Signal("A06", "短时间集中登记", CASE, told + "。", tuple(sorted(hit)))


def replay(lines: Sequence[Line], point: Point) -> Signal | None:
    """A07: the same elders in the same order on different days, as from a list."""
    days = [
        (run[0].served_on, run[0].meal, {one.resident: one for one in sorted(run, key=_when)})
        for run in _by(_own(lines), lambda one: (one.served_on, one.meal))
        if len(run) >= REPLAY_COMMON
    ]
    hit, pairs, first = set[int](), 0, ""
    for place, (day, meal, earlier) in enumerate(days):
        for other_day, other_meal, later in days[place + 1 :]:
            if meal != other_meal:
                continue
            both = [person for person in earlier if person in later]
            if len(both) < REPLAY_COMMON:
                continue
            orders = ([_when(of[person])[0] for person in both] for of in (earlier, later))
            found = correlation(*orders)
            if found is not None and found > point.limits.replay:
                pairs += 1
                first = first or (
                    f"{_day(day)}与{_day(other_day)}{MEALS[meal]}：{len(both)}人次序相关{found:.2f}"
                )
                hit.update(later[person].sequence for person in both)
    if not hit:
        return None
    told = f"有{pairs:,}对日子的老人几乎按同一次序登记，如{first}。"
    return Signal("A07", "名单重放", HIGH, told, tuple(sorted(hit)))


def off_hours(lines: Sequence[Line], point: Point) -> Signal | None:
    """A08: outside the meal's hours (deliveries apart), or on a day without service."""
    hit = [one for one in _own(lines) if point.shut(one.served_on) or _outside(one, point)]
    if not hit:
        return None
    shut = sum(point.shut(one.served_on) for one in hit)
    told = f"{len(hit) - shut:,}笔不在供餐时段（含宽限）"
    if shut:
        told += f"，{shut:,}笔在停业日"
    return Signal("A08", "不在供餐时段", CASE, told + "。", _sequences(hit))


def by_hand(lines: Sequence[Line], point: Point) -> Signal | None:
    """A09: too many entered by hand; deliveries are always entered so and don't count."""
    counted = [one for one in lines if one.mode != "delivery"]
    hand = [one for one in counted if one.manual]
    return _too_many("A09", "手工登记偏多", "手工登记", hand, len(counted), point.limits)


def recorded_late(lines: Sequence[Line], point: Point) -> Signal | None:
    """A09: too many recorded later than the day after the meal."""
    after = timedelta(days=1)
    hit = [one for one in lines if local_date(one.recorded_at) > one.served_on + after]
    return _too_many("A09L", "补录偏多", "次日以后才登记", hit, len(lines), point.limits)


def over_capacity(lines: Sequence[Line], point: Point) -> Signal | None:
    """A10: more at the tables than seats × turns, or more on a day than the kitchen can."""
    hit: dict[int, Line] = {}
    worst = ""
    for run in _by(_own(lines), lambda one: (one.served_on, one.meal)):
        seated = [one for one in run if one.mode == "dine_in"]
        most = (point.seats or 0) * point.limits.turns
        if most and len(seated) > most:
            hit |= {one.sequence: one for one in seated[most:]}
            told = f"{_day(run[0].served_on)}{MEALS[run[0].meal]}堂食{len(seated):,}份"
            worst = worst or f"{told}，座位只够{most:,}份"
    for run in _by(_own(lines), lambda one: one.served_on):
        most = point.daily_capacity or 0
        if most and len(run) > most:
            hit |= {one.sequence: one for one in run[most:]}
            worst = worst or f"{_day(run[0].served_on)}共{len(run):,}份，供餐能力{most:,}份"
    if not hit:
        return None
    told = f"超出能力{len(hit):,}份，如{worst}。"
    return Signal("A10", "超过供餐能力", HIGH, told, tuple(sorted(hit)))


def too_even(lines: Sequence[Line], point: Point) -> Signal | None:
    """A11: day after day almost the same number."""
    numbers = list(Counter(one.served_on for one in _own(lines)).values())
    if len(numbers) < EVEN_DAYS or (mean := fmean(numbers)) < EVEN_SERVINGS:
        return None
    swing = 100 * pstdev(numbers) / mean
    if swing >= point.limits.even_percent:
        return None
    told = f"{len(numbers)}天供餐平均每天{mean:,.1f}份，上下只差{swing:.1f}%。"
    return Signal("A11", "过于平稳", WATCH, told)


def newcomers(lines: Sequence[Line], point: Point) -> Signal | None:
    """A20: many more elders for the first time than in the months before, or all on one day."""
    first: dict[int, Line] = {}
    for one in lines:
        if one.resident in point.newcomers:
            first.setdefault(one.resident, one)
    if len(first) < point.limits.new_least or len(point.newcomers_before) < MONTHS_FOR_A_PATTERN:
        return None
    usual = fmean(point.newcomers_before)
    most = usual + point.limits.new_sigmas * pstdev(point.newcomers_before)
    day, together = Counter(one.served_on for one in first.values()).most_common(1)[0]
    if len(first) <= most and together * 2 <= len(first):
        return None
    told = f"首次在这里就餐的老人{len(first):,}位，前几个月平均{usual:.1f}位；{_day(day)}一天{together:,}位。"
    return Signal("A20", "新增老人突增", CASE, told, _sequences(first.values()))


def off_pattern(lines: Sequence[Line], point: Point) -> Signal | None:
    """The month's volume far off what is usual here."""
    before = [number for number in point.servings_before if number]
    number = len(_own(lines))
    if len(before) < MONTHS_FOR_A_PATTERN:
        return None
    usual = fmean(before)
    change = 100 * (number - usual) / usual
    if abs(change) <= point.limits.volume_percent:
        return None
    told = f"本月{number:,}份，前{len(before)}个月平均{usual:,.0f}份，{'增加' if change > 0 else '减少'}{abs(change):.0f}%。"
    return Signal("VOL", "份数偏离常态", CASE, told)


CHECKS: tuple[Check, ...] = (
    departed,
    burst,
    replay,
    off_hours,
    by_hand,
    recorded_late,
    over_capacity,
    too_even,
    newcomers,
    off_pattern,
)


def _too_many(
    code: str, name: str, what: str, hit: Sequence[Line], whole: int, limits: Limits
) -> Signal | None:
    """Beyond a share of the month all of them, else what exceeds the number allowed on a day."""
    if not hit:
        return None
    share = Fraction(100 * len(hit), whole)
    over = [
        one for run in _by(hit, lambda one: one.served_on) for one in run[limits.manual_a_day :]
    ]
    if share > limits.manual_percent and len(hit) > limits.manual_a_day:
        over = list(hit)
    if not over:
        return None
    told = f"{what}{len(hit):,}笔，占{float(share):.1f}%（上限{float(limits.manual_percent):g}%）。"
    busiest, most = Counter(one.served_on for one in hit).most_common(1)[0]
    if most > limits.manual_a_day:
        told = f"{told[:-1]}；{_day(busiest)}一天{most:,}笔（每天上限{limits.manual_a_day}笔）。"
    return Signal(code, name, CASE, told, _sequences(over))


def _quick(run: Sequence[Line], limits: Limits) -> set[int]:
    """The stretches of `gap_lines` gaps whose median is under `gap_seconds`."""
    gaps = [
        (later.served_at - one.served_at).total_seconds() for one, later in itertools.pairwise(run)
    ]
    hit = set[int]()
    for start in range(len(gaps) - limits.gap_lines + 1):
        stretch = gaps[start : start + limits.gap_lines]
        if any(stretch) and median(stretch) < limits.gap_seconds:
            hit.update(one.sequence for one in run[start : start + limits.gap_lines + 1])
    return hit


def _outside(one: Line, point: Point) -> bool:
    hours = point.hours.get(one.meal)
    if hours is None or one.mode == "delivery":
        return False
    midnight = datetime.combine(one.served_on, time(), LOCAL)
    opens, closes = (midnight + timedelta(hours=at.hour, minutes=at.minute) for at in hours)
    return not opens - point.limits.grace <= one.served_at <= closes + point.limits.grace


def _by(lines: Iterable[Line], key: Callable[[Line], object]) -> list[list[Line]]:
    groups: dict[object, list[Line]] = defaultdict(list)
    for one in lines:
        groups[key(one)].append(one)
    return list(groups.values())


def _own(lines: Sequence[Line]) -> list[Line]:
    """Without what comes late from earlier months: it is no part of this month's days."""
    return [one for one in lines if not one.late]


def _when(one: Line) -> tuple[datetime, int]:
    return one.served_at, one.sequence


def _sequences(lines: Iterable[Line]) -> tuple[int, ...]:
    return tuple(sorted(one.sequence for one in lines))


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"
