"""Lists of logs, dishes, complaints and ratings."""

from typing import Any

from sqlalchemy import func, select

from mealsvc.kernel.meals import MEALS
from mealsvc.menus.models import MenuItem
from mealsvc.places.models import MealPoint
from mealsvc.reports.log_facts import dishes_in, entries_in, sampled
from mealsvc.reports.point_facts import SERVES_COOKED_ELSEWHERE
from mealsvc.reports.records import Cell, Listing, Row, Where, number, to_point
from mealsvc.servings.models import Serving
from mealsvc.supervision.complaints.models import Complaint, Rating
from mealsvc.supervision.complaints.rules import SATISFIED
from mealsvc.supervision.logs.kinds import LOG_NAMES, READINGS
from mealsvc.supervision.logs.models import LogEntry

WITHIN = {True: "合规", False: "不合规", None: "—"}
LOG_HEADS = ("日期", "助餐点", "日志", "对象", "餐次", "结果")


def _entries(where: Where, *conditions: Any) -> Any:
    return (
        select(LogEntry, MealPoint.code, MealPoint.name)
        .join(MealPoint, MealPoint.id == LogEntry.point_id)
        .where(where.here, *entries_in(where.period), *conditions)
        .order_by(LogEntry.day.desc(), LogEntry.id.desc())
    )


def _entry(row: Any) -> Row:
    entry, code, name = row
    return (
        Cell(f"{entry.day}", ("logs.entry", {"entry_id": entry.id}), "logs.read"),
        to_point(code, name),
        Cell(LOG_NAMES[entry.kind]),
        Cell(entry.subject or "—"),
        Cell(MEALS.get(entry.meal, "全天")),
        Cell(WITHIN[entry.within]),
    )


def logs(title: str, *conditions: Any) -> Listing:
    """A list of log entries."""
    return Listing(title, LOG_HEADS, lambda where: _entries(where, *conditions), _entry)


def _dishes(where: Where) -> Any:
    return (
        select(MenuItem, MealPoint.code, MealPoint.name, sampled())
        .join(MealPoint, MealPoint.id == MenuItem.point_id)
        .where(
            where.here,
            MealPoint.kind.not_in(SERVES_COOKED_ELSEWHERE),
            *dishes_in(where.period),
            _served_then(),
        )
        .order_by(MenuItem.served_on.desc(), MenuItem.point_id, MenuItem.id)
    )


def _served_then() -> Any:
    """Whether anybody ate at the dish's point on its day."""
    return (
        select(Serving.sequence)
        .where(Serving.point_id == MenuItem.point_id, Serving.served_on == MenuItem.served_on)
        .exists()
    )


def _dish(row: Any) -> Row:
    dish, code, name, kept = row
    day = {"code": code, "day": str(dish.served_on)}
    return (
        Cell(f"{dish.served_on}", ("logs.day", day), "logs.read"),
        to_point(code, name),
        Cell(dish.name),
        Cell(MEALS[dish.meal]),
        Cell("已留样" if kept else "没有合规留样"),
    )


def _complaints(where: Where) -> Any:
    period = where.period
    return (
        select(Complaint, MealPoint.code, MealPoint.name)
        .join(MealPoint, MealPoint.id == Complaint.point_id)
        .where(where.here, Complaint.received_on.between(period.first_day, period.last_day))
        .order_by(Complaint.received_on.desc(), Complaint.id.desc())
    )


def _complaint(row: Any) -> Row:
    one, code, name = row
    link = ("complaints.complaint", {"complaint_id": one.id})
    return (
        Cell(one.number, link, "complaints.read"),
        to_point(code, name),
        Cell(f"{one.received_on}"),
        Cell(f"{one.due_on}"),
        Cell(f"{one.closed_on or '未办结'}"),
    )


def _ratings(where: Where, *conditions: Any) -> Any:
    period = where.period
    return (
        select(MealPoint.code, MealPoint.name, Rating.stars, func.count())
        .join(MealPoint, MealPoint.id == Rating.point_id)
        .where(where.here, Rating.rated_on.between(period.first_day, period.last_day), *conditions)
        .group_by(MealPoint.code, MealPoint.name, Rating.stars)
        .order_by(MealPoint.code, Rating.stars.desc())
    )


def _rating(row: Any) -> Row:
    code, name, stars, times = row
    return (to_point(code, name), Cell(f"{stars}星"), number(times, "份"))


RATING_HEADS = ("助餐点", "评价", "份数#")
LISTS = {
    "log_samples": logs("合规的留样", LogEntry.kind == "sample", LogEntry.within.is_not(False)),
    "log_control": logs("日管控记录", LogEntry.kind == "daily_control"),
    "log_readings": logs(
        "已判定的测温读数", LogEntry.kind.in_(READINGS), LogEntry.within.is_not(None)
    ),
    "log_readings_within": logs(
        "其中合规的读数", LogEntry.kind.in_(READINGS), LogEntry.within.is_(True)
    ),
    "log_incidents": logs("食品安全事件", LogEntry.kind == "incident"),
    "dishes": Listing(
        "有供餐的日子食谱中的菜品",
        ("日期", "助餐点", "菜品", "餐次", "留样"),
        _dishes,
        _dish,
    ),
    "complaints": Listing(
        "投诉意见", ("编号", "助餐点", "受理日期", "办结期限", "办结日期"), _complaints, _complaint
    ),
    "ratings": Listing("全部评价", RATING_HEADS, _ratings, _rating),
    "ratings_good": Listing(
        "四星、五星的评价",
        RATING_HEADS,
        lambda where: _ratings(where, Rating.stars >= SATISFIED),
        _rating,
    ),
}
