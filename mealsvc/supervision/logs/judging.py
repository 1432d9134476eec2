"""Whether an entry keeps to the thresholds of its day, and what else it must say. Pure.

Every threshold is handed in as text, as the settings hold it on the entry's day.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from mealsvc.supervision.logs.kinds import (
    ABSENT,
    CHILLER,
    COLD_ROOM,
    FIT,
    FREEZER,
    INSTANT,
    KINDS,
    NUMBER,
    OK,
    SAMPLE_FRIDGE,
    WRONG,
)

_SPAN = re.compile(r"(-?[0-9.]+)-(-?[0-9.]+)")
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Limits:
    """The thresholds as they hold on one day, by key."""

    values: Mapping[str, str]

    def number(self, key: str) -> float:
        """A threshold that is one number."""
        return float(self.values[key])

    def span(self, key: str) -> tuple[float, float]:
        """`0-8`: from and to, both allowed."""
        found = _SPAN.fullmatch(self.values[key])
        if not found:
            raise ValueError(f"{key} is no span")
        return float(found[1]), float(found[2])

    def pair(self, key: str) -> tuple[float, float]:
        """`100,10`: two numbers."""
        first, _, second = self.values[key].partition(",")
        return float(first), float(second)


@dataclass(frozen=True, slots=True)
class Problem:
    """A value that is out of range, or missing: the fact's name, and what people are told."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`within`: every value in range; None where there is nothing to judge. `wrong` says what not.

    `demands`: whether what was done must be written down.
    """

    within: bool | None
    wrong: tuple[Problem, ...] = ()

    @property
    def demands(self) -> bool:
        return self.within is False


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before it is kept; `at` is when it was measured or done."""

    kind: str
    day: date
    meal: str
    subject: str
    at: datetime
    facts: Facts = field(default_factory=dict)
    action: str = ""


def number(value: float) -> str:
    """A number as people write it: 4, not 4.0; at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def lacking(draft: Draft) -> list[Problem]:
    """What an entry of its kind must say and this one does not, or says in no possible way."""
    kind = KINDS[draft.kind]
    found = []
    if kind.subject and not draft.subject:
        found.append(Problem("subject", f"请填写{kind.subject}。"))
    if kind.by_meal and not draft.meal:
        found.append(Problem("meal", "请选择餐次。"))
    for fact in kind.facts:
        value = draft.facts.get(fact.name)
        if value is None or value == "":
            if fact.required:
                found.append(Problem(fact.name, f"请填写{fact.chinese}。"))
        elif fact.shape == NUMBER and not fact.low <= value <= fact.high:
            low, high = number(fact.low), number(fact.high)
            found.append(Problem(fact.name, f"{fact.chinese}要在 {low} 到 {high} 之间，请核对。"))
        elif fact.choices and isinstance(value, str) and value not in fact.choices:
            found.append(Problem(fact.name, f"请选择{fact.chinese}。"))
    return found + _MORE.get(draft.kind, _nothing)(draft)


def judge(draft: Draft, limits: Limits) -> Verdict:
    """Whether the entry is in range. Raises KeyError for a kind that is none."""
    KINDS[draft.kind]
    rule = _JUDGES.get(draft.kind)
    if rule is None:
        return Verdict(None)
    wrong = rule(draft, limits)
    if wrong is None:
        return Verdict(None)
    return Verdict(not wrong, tuple(wrong))


def kept_until(taken_at: datetime, limits: Limits) -> datetime:
    """How long a sample must be kept at least."""
    return taken_at + timedelta(hours=limits.number("sample.min_hours"))


def _nothing(_draft: Draft) -> list[Problem]:
    return []


def _health_must(draft: Draft) -> list[Problem]:
    """Whoever is not fit is taken off duty."""
    if draft.facts.get("result") in (None, FIT, ABSENT) or draft.facts.get("off_duty"):
        return []
    return [Problem("off_duty", "身体不适的人员必须离岗：请先安排离岗，再勾选“已离岗”。")]


def _disinfection_must(draft: Draft) -> list[Problem]:
    needed = {
        "steam": ("temp_c", "minutes"),
        "infrared": ("temp_c", "minutes"),
        "washer": ("temp_c", "seconds"),
        "chlorine": ("ppm", "minutes"),
    }.get(str(draft.facts.get("method")), ())
    kind = KINDS["disinfection"]
    return [
        Problem(name, f"请填写{fact.chinese}（{fact.unit}）。")
        for name in needed
        if draft.facts.get(name) is None and (fact := kind.fact(name)) is not None
    ]


def _control_must(draft: Draft) -> list[Problem]:
    items = draft.facts.get("items")
    if isinstance(items, Mapping) and items:
        return []
    return [Problem("items", "请逐项回答。")]


def _sample_must(draft: Draft) -> list[Problem]:
    until = draft.facts.get("kept_until")
    if isinstance(until, datetime) and until <= draft.at:
        return [Problem("kept_until", "保存到的时间要晚于留样时间。")]
    return []


_MORE: dict[str, Callable[[Draft], list[Problem]]] = {
    "morning_check": _health_must,
    "disinfection": _disinfection_must,
    "daily_control": _control_must,
    "sample": _sample_must,
}


def _health(draft: Draft, _limits: Limits) -> list[Problem] | None:
    result = draft.facts["result"]
    if result == ABSENT:
        return None
    return [] if result == FIT else [Problem("result", "身体不适，不能接触食品。")]


def _sample(draft: Draft, limits: Limits) -> list[Problem]:
    wrong = []
    least = limits.number("sample.min_grams")
    if draft.facts["grams"] < least:
        wrong.append(Problem("grams", f"不足 {number(least)} 克。"))
    low, high = limits.span("sample.temp_c")
    temp = draft.facts.get("temp_c")
    if temp is not None and not low <= temp <= high:
        wrong.append(Problem("temp_c", f"留样柜应在 {number(low)}～{number(high)} ℃。"))
    until = draft.facts.get("kept_until")
    if until is not None and until < kept_until(draft.at, limits):
        hours = number(limits.number("sample.min_hours"))
        wrong.append(Problem("kept_until", f"保存不足 {hours} 小时。"))
    return wrong


def _disposed(draft: Draft, _limits: Limits) -> list[Problem] | None:
    """Not before the sample has been kept long enough; None for a sample that nobody logged."""
    until = draft.facts.get("kept_until")
    if until is None:
        return None
    return [Problem("kept_until", "保存时间还没到。")] if draft.at < until else []


def _core(draft: Draft, limits: Limits) -> list[Problem]:
    least = limits.number("cook.core_c")
    if draft.facts["temp_c"] >= least:
        return []
    return [Problem("temp_c", f"低于 {number(least)} ℃，没有烧熟煮透。")]


def _hold(draft: Draft, limits: Limits) -> list[Problem]:
    """Hot or cold; between them only for a while, which must be known."""
    temp, minutes = draft.facts["temp_c"], draft.facts.get("minutes")
    hot, cold = limits.number("hold.hot_c"), limits.number("hold.cold_c")
    most = limits.number("hold.danger_minutes")
    if temp >= hot or temp <= cold or (minutes is not None and minutes <= most):
        return []
    between = f"在 {number(cold)}～{number(hot)} ℃ 之间"
    if minutes is None:
        return [Problem("temp_c", f"{between}：请填写已放了几分钟。")]
    return [Problem("temp_c", f"{between}超过 {number(most)} 分钟。")]


def _cold(draft: Draft, limits: Limits) -> list[Problem]:
    temp, device = draft.facts["temp_c"], draft.facts["device"]
    if device in (CHILLER, SAMPLE_FRIDGE):
        low, high = limits.span("fridge.c" if device == CHILLER else "sample.temp_c")
        bad = not low <= temp <= high
        return [Problem("temp_c", f"应在 {number(low)}～{number(high)} ℃。")] if bad else []
    most = limits.number({FREEZER: "freezer.c", COLD_ROOM: "coldroom.c"}[device])
    return [Problem("temp_c", f"应不高于 {number(most)} ℃。")] if temp > most else []


def _disinfection(draft: Draft, limits: Limits) -> list[Problem]:
    method = draft.facts["method"]
    if method == "bought":
        good = bool(draft.facts.get("certificate"))
        return [] if good else [Problem("certificate", "没有合格证明或过了期限，不能使用。")]
    names = {"washer": ("temp_c", "seconds"), "chlorine": ("ppm", "minutes")}
    least = limits.pair(f"disinfect.{method}")
    wrong = []
    for name, wanted in zip(names.get(method, ("temp_c", "minutes")), least, strict=True):
        fact = KINDS["disinfection"].fact(name)
        if fact is not None and draft.facts[name] < wanted:
            wrong.append(Problem(name, f"{fact.chinese}不足 {number(wanted)} {fact.unit}。"))
    return wrong


def _purchase(draft: Draft, _limits: Limits) -> list[Problem]:
    facts = draft.facts
    wrong = [
        Problem(name, words)
        for name, words in (
            ("licence", "没有供货者许可证。"),
            ("certificate", "没有合格证明（畜禽肉还要检疫证明）。"),
            ("sound", "感官异常。"),
        )
        if not facts.get(name)
    ]
    if (until := facts.get("expires_on")) is not None and until < draft.day:
        wrong.append(Problem("expires_on", "已经过了保质期。"))
    return wrong


def _control(draft: Draft, _limits: Limits) -> list[Problem]:
    if WRONG in draft.facts["items"].values():
        return [Problem("items", "有问题的项目要写明怎么处理的。")]
    return []


def _weekly(draft: Draft, _limits: Limits) -> list[Problem]:
    return [] if draft.facts["result"] == OK else [Problem("result", "请写明怎么整改。")]


def _weighing(draft: Draft, limits: Limits) -> list[Problem]:
    most = limits.number("visit.portion_deviation")
    menu, grams = draft.facts["menu_grams"], draft.facts["grams"]
    gap = 100 * (grams - menu) / menu
    if abs(gap) <= most:
        return []
    return [Problem("grams", f"与菜单份量相差 {gap:+.0f}%，超过 {number(most)}%。")]


def _incident(_draft: Draft, _limits: Limits) -> list[Problem]:
    return [Problem("found", "请写明已经采取的措施。")]


_JUDGES: dict[str, Callable[[Draft, Limits], list[Problem] | None]] = {
    "morning_check": _health,
    "sample": _sample,
    "sample_disposed": _disposed,
    "core_temp": _core,
    "hold_temp": _hold,
    "cold_store": _cold,
    "disinfection": _disinfection,
    "purchase_check": _purchase,
    "daily_control": _control,
    "weekly_check": _weekly,
    "weighing": _weighing,
    "incident": _incident,
}


def as_kept(facts: Facts) -> dict[str, Any]:
    """Facts as JSON keeps them: days and instants as text, what is empty left out."""
    kept = {}
    for name, value in facts.items():
        if value is None or value == "" or value is False:
            continue
        is_time = isinstance(value, date | datetime)
        kept[name] = value.isoformat() if is_time else value
    return kept


def as_read(kind: str, kept: Facts) -> dict[str, Any]:
    """Facts of JSON with their instants and days again."""
    found = dict(kept)
    for fact in KINDS[kind].facts:
        value = found.get(fact.name)
        if not isinstance(value, str):
            continue
        if fact.shape == INSTANT:
            found[fact.name] = datetime.fromisoformat(value)
        elif fact.shape == "day":
            found[fact.name] = date.fromisoformat(value)
    return found
