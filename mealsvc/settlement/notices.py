"""Public notices (公示): which months of which points are posted where, from when to when."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.places.models import Division, MealPoint
from mealsvc.plumbing.db import db
from mealsvc.settings.calendar import add_working_days, is_working
from mealsvc.settings.services import value_on
from mealsvc.settlement import refusals
from mealsvc.settlement.acts import ACTS
from mealsvc.settlement.models import NoticeBatch, PublicNotice, SettlementBatch
from mealsvc.settlement.steps import take
from mealsvc.trail.services import record

READY = ACTS["notice"].starts


def post_notice(
    month: Month,
    division: str,
    codes: Sequence[str],
    from_on: date,
    to_on: date,
    place: str,
    by: Actor,
    now: datetime,
) -> PublicNotice:
    """Posts the month of these points, which stand in the division, from day to day inclusive.

    Raises `NoticeNotAtHand`, `NoticeElsewhere`, `NoticePast`, `NoticeTooShort`.
    """
    rows: Sequence[Any] = db.session.execute(
        ready(month).where(MealPoint.code.in_(set(codes))).order_by(MealPoint.code)
    ).all()
    if not rows or len(rows) != len(set(codes)):
        raise refusals.NoticeNotAtHand()
    outside = [point.name for _, point in rows if not point.division.startswith(division)]
    if outside:
        raise refusals.NoticeElsewhere(points="、".join(outside[:5]))
    _check_days(from_on, to_on, local_date(now))
    notice = PublicNotice(
        number=_next_number(month, division),
        month=month.key,
        division=division,
        from_on=from_on,
        to_on=to_on,
        place=place,
        posted_by=str(by),
        posted_at=now,
    )
    db.session.add(notice)
    db.session.flush()
    detail = {"notice": notice.number, "to_on": str(to_on)}
    for batch, _ in rows:
        db.session.add(NoticeBatch(notice_id=notice.id, batch_id=batch.id))
        take(ACTS["notice"], batch, by, now, "", detail)
    db.session.flush()
    told = {"from": str(from_on), "to": str(to_on), "points": len(rows)}
    record(by, "notices.post", notice.number, told)
    return notice


def ready(month: Month) -> Any:
    """The batches of a month that can be posted, each with its point."""
    return (
        select(SettlementBatch, MealPoint)
        .join(MealPoint, MealPoint.id == SettlementBatch.point_id)
        .where(SettlementBatch.month == month.key, SettlementBatch.status.in_(READY))
    )


def months_ready(seen: ColumnElement[bool]) -> list[Month]:
    """The months in which one of these points can be posted, the oldest first."""
    keys = (
        select(SettlementBatch.month)
        .join(MealPoint, MealPoint.id == SettlementBatch.point_id)
        .where(SettlementBatch.status.in_(READY), seen)
        .distinct()
        .order_by(SettlementBatch.month)
    )
    return [Month.from_key(key) for key in db.session.scalars(keys)]


def posted(seen: ColumnElement[bool]) -> Any:
    """The notices that show one of these points, the newest first, with how many they show."""
    return (
        select(PublicNotice, Division.name, func.count().label("points"))
        .join(NoticeBatch, NoticeBatch.notice_id == PublicNotice.id)
        .join(SettlementBatch, SettlementBatch.id == NoticeBatch.batch_id)
        .join(MealPoint, MealPoint.id == SettlementBatch.point_id)
        .outerjoin(Division, Division.code == PublicNotice.division)
        .where(seen)
        .group_by(PublicNotice.id, Division.name)
        .order_by(PublicNotice.id.desc())
    )


def batches_in(notice: PublicNotice, seen: ColumnElement[bool]) -> Sequence[Any]:
    """The batches that a notice shows, each with its point, in order of code."""
    return db.session.execute(
        select(SettlementBatch, MealPoint)
        .join(MealPoint, MealPoint.id == SettlementBatch.point_id)
        .join(NoticeBatch, NoticeBatch.batch_id == SettlementBatch.id)
        .where(NoticeBatch.notice_id == notice.id, seen)
        .order_by(MealPoint.code)
    ).all()


def last_day(from_on: date, days: int) -> date:
    """The last of so many working days from this day on, by the calendar of working days."""
    return add_working_days(from_on, days - is_working(from_on))


def working_days(today: date) -> int:
    """How many working days a notice lasts at least."""
    return int(value_on("notice.working_days", today))


def _check_days(from_on: date, to_on: date, today: date) -> None:
    if from_on < today:
        raise refusals.NoticePast()
    days = working_days(today)
    earliest = last_day(from_on, days)
    if to_on < earliest:
        raise refusals.NoticeTooShort(
            days=days, first=chinese_date(from_on), last=chinese_date(earliest)
        )


def _next_number(month: Month, division: str) -> str:
    """GS-2024-05-320412100, and with -N2 for the second of the same month and place (a paper's
    second edition has -2)."""
    first = f"GS-{month}-{division}"
    known = db.session.scalar(
        select(func.count()).where(
            PublicNotice.month == month.key, PublicNotice.division == division
        )
    )
    return f"{first}-N{known + 1}" if known else first
