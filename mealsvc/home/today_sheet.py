"""What is due this week for whoever asks, short enough for half a page: reviews, rectifications,
complaints, elders to call, blank spots."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from flask import url_for
from sqlalchemy import select

from mealsvc.coverage.queries import time_meant
from mealsvc.coverage.rules import GROUP_NAMES
from mealsvc.coverage.standing import standing
from mealsvc.coverage.wording import metres
from mealsvc.home.todo import tasks_of
from mealsvc.kernel.meals import local_date
from mealsvc.places.models import Division, MealPoint
from mealsvc.places.scope import points_seen_by
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import Principal
from mealsvc.reports.todo_words import Line, Section, Sheet
from mealsvc.supervision.complaints.lists import complaints_seen
from mealsvc.supervision.findings import queries as findings

MOST_READ = 50
MOST_TASKS, MOST_ORDERS, MOST_COMPLAINTS, MOST_SPOTS = 6, 4, 3, 3


def sheet_of(me: Principal, now: datetime) -> Sheet:
    """The sheet of this person's scope; `until` is the Sunday of this week."""
    today = local_date(now)
    until = today + timedelta(days=6 - today.weekday())
    seen = points_seen_by(me)
    points = db.session.scalars(select(MealPoint).where(seen).order_by(MealPoint.code)).all()
    tasks = [Line(one.title, one.why, url=one.url) for one in tasks_of(me, points, now)]
    sections = (
        ("要办的事", tasks, MOST_TASKS),
        ("本周到期的整改", list(_orders(me, until, today)), MOST_ORDERS),
        ("本周到期的投诉", list(_complaints(me, until, today)), MOST_COMPLAINTS),
        ("服务覆盖", list(_reach(me, today)), MOST_SPOTS + 1),
    )
    place = db.session.scalar(select(Division.name).where(Division.code == me.scope))
    return Sheet(
        place=place or me.scope,
        day=today,
        until=until,
        sections=tuple(_cut(*one) for one in sections if one[1]),
    )


def _cut(title: str, lines: Sequence[Line], most: int) -> Section:
    """As many as fit; the rest is counted."""
    return Section(title, tuple(lines[:most]), max(len(lines) - most, 0))


def _orders(me: Principal, until: date, today: date) -> Iterator[Line]:
    if not me.can("supervision.read"):
        return
    rows = findings.found_orders(points_seen_by(me), findings.Asked(state="running"), today)
    for row in db.session.execute(rows.limit(MOST_READ)):
        order = row.RectificationOrder
        if order.deadline <= until:
            late = "已逾期" if order.deadline < today else ""
            url = url_for("orders.order", order_id=order.id)
            yield Line(
                f"{row.name}：{row.left}项没有改好", late or order.number, order.deadline, url
            )


def _complaints(me: Principal, until: date, today: date) -> Iterator[Line]:
    if not me.can("complaints.read"):
        return
    rows = complaints_seen(points_seen_by(me), state="open").limit(MOST_READ)
    for row in db.session.execute(rows):
        one = row.Complaint
        if one.due_on and one.due_on <= until:
            late = "已超期" if one.due_on < today else "答复并写明处理结果"
            url = url_for("complaints.complaint", complaint_id=one.id)
            yield Line(f"{row.name}：投诉意见第{one.id}号", late, one.due_on, url)


def _reach(me: Principal, today: date) -> Iterator[Line]:
    """Whom to call first, and the largest blank spots."""
    month, day = time_meant(None, None, today)
    here = standing(day, month, me.scope)
    left = {kind: one.known - one.served for kind, one in here.total.groups.items()}
    waiting = [f"{GROUP_NAMES[kind]}{number:,}名" for kind, number in left.items() if number]
    if waiting:
        calls = "outreach.index" if me.can("outreach.call") else "coverage.index"
        url = url_for(calls)
        yield Line(f"打电话问就餐：{'、'.join(waiting)}", f"{month.month}月没有来就餐", url=url)
    spots = [row for row in here.rows if row.is_spot]
    for row in sorted(spots, key=lambda one: (-one.eligible, one.division))[:MOST_SPOTS]:
        away = "" if row.nearest_m is None else f"，最近的助餐点{metres(row.nearest_m)}"
        yield Line(
            f"空白点 {row.name}", f"{row.eligible:,}名户籍老人{away}", url=_place(row.division)
        )


def _place(division: str) -> str:
    return url_for("coverage.place", division=division)
