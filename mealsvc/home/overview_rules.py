"""What leaders see, and which problems come first. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from mealsvc.coverage.rules import GROUP_NAMES
from mealsvc.coverage.standing import Row, Standing
from mealsvc.coverage.wording import metres, percent
from mealsvc.kernel.months import Month
from mealsvc.plumbing.outlook import Sums
from mealsvc.settlement.budget_rows import Warned

FALL = 15  # percent fewer meals than the month before, up to the same day, is a problem
MOST = 3


class Money(NamedTuple):
    """A year's budget (fen; None where there is none) and what was spent and claimed of it."""

    year: int
    budget_fen: int | None
    used_fen: int


@dataclass(frozen=True, slots=True)
class Overview:
    """One person's scope at a glance. `day` is the last day with meals, None where there is none;
    `month` is its month, `before` the one before up to the same day."""

    today: date
    day: date | None
    meals: int
    usual: int
    month: Month
    sums: Sums
    before: Sums
    money: Money | None
    warned: Warned | None
    grades: dict[str, int]
    starred: int
    findings: int
    overdue: int
    complaints: int
    complaints_overdue: int
    cases: int
    cases_overdue: int
    here: Standing
    points: int

    @property
    def open(self) -> int:
        """Everything that nobody has settled."""
        return self.findings + self.complaints + self.cases


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mind: a short sentence, what to do, and the page of its records."""

    title: str
    advice: str
    page: str
    query: Mapping[str, Any] = field(default_factory=dict)


def problems(seen: Overview) -> list[Problem]:
    """The worst three, safety before money before reach."""
    found = (check(seen) for check in CHECKS)
    return [one for one in found if one is not None][:MOST]


def _starred(seen: Overview) -> Problem | None:
    if not seen.starred:
        return None
    title = f"{seen.starred}个关键项问题没有办结"
    return Problem(title, "盯住整改和复查，必要时暂停。", "findings.index", {"state": "running"})


def _orders(seen: Overview) -> Problem | None:
    if not seen.overdue:
        return None
    title = f"{seen.overdue}份整改通知逾期"
    return Problem(title, "催办、约谈，或者暂停运营。", "orders.index", {"overdue": "any"})


def _complaints(seen: Overview) -> Problem | None:
    if not seen.complaints_overdue:
        return None
    title = f"{seen.complaints_overdue}件投诉超过答复期限"
    return Problem(title, "督促承办单位答复。", "complaints.index", {"state": "open"})


def _money(seen: Overview) -> Problem | None:
    if seen.warned is None or seen.money is None:
        return None
    title = f"{seen.money.year}年经费：{seen.warned.chip}"
    return Problem(title, seen.warned.sentence, "budget.budget", {"year": seen.money.year})


def _cases(seen: Overview) -> Problem | None:
    if not seen.cases_overdue:
        return None
    title = f"{seen.cases_overdue}件核查案件逾期没有答复"
    return Problem(title, "催办，或者按未答复继续核查。", "cases.index", {"overdue": 1})


def _fewer(seen: Overview) -> Problem | None:
    now, before = seen.sums.servings, seen.before.servings
    if not before or (before - now) * 100 < before * FALL:
        return None
    title = f"{seen.month.month}月就餐比上月同期少{percent(before - now, before, 0)}"
    return Problem(title, "看哪个助餐点、哪一餐少了。", "home.by_month", {"month": seen.month})


def _spot(seen: Overview) -> Problem | None:
    spots = [row for row in seen.here.rows if row.is_spot]
    if not spots:
        return None
    worst = max(spots, key=_size)
    away = "" if worst.nearest_m is None else f"，最近的助餐点{metres(worst.nearest_m)}"
    advice = f"最大的是{worst.name}：{worst.eligible:,}名户籍老人{away}。"
    return Problem(f"{len(spots)}个空白点", advice, "coverage.index", {"spots": 1})


def _alone(seen: Overview) -> Problem | None:
    """The group in need of which most people were not served."""
    left = {kind: one.known - one.served for kind, one in seen.here.total.groups.items()}
    kind = max(left, key=lambda one: left[one], default="")
    if not kind or not left[kind]:
        return None
    title = f"{left[kind]:,}名{GROUP_NAMES[kind]}老人这个月没有来就餐"
    advice = f"登记{seen.here.total.groups[kind].known:,}名。逐户联系，问要不要送餐。"
    return Problem(title, advice, "coverage.index", {"shown": "people"})


def _size(row: Row) -> tuple[int, str]:
    return row.eligible, row.division


CHECKS: Sequence[Callable[[Overview], Problem | None]] = (
    _starred,
    _orders,
    _complaints,
    _money,
    _cases,
    _fewer,
    _spot,
    _alone,
)
