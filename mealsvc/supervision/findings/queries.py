"""Findings, orders and what followed, as pages, papers and figures read them: set-based, bounded."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, not_, or_, select
from sqlalchemy.orm import aliased

from mealsvc.places.models import MealPoint
from mealsvc.places.scope import points_seen_by
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import Principal
from mealsvc.settings.calendar import workdays_known
from mealsvc.settings.services import value_on
from mealsvc.supervision.findings import rules
from mealsvc.supervision.findings.models import (
    Finding,
    FindingAct,
    OrderItem,
    RectificationOrder,
    ReInspection,
    ReInspectionItem,
    Reply,
    ReplyPhoto,
)
from mealsvc.supervision.photos.models import Photo
from mealsvc.supervision.visits.models import Inspector

_ACT_OF = {code: one.act for code, one in rules.OUTCOMES.items() if one.act}
_ORDERED = [code for code, one in rules.OUTCOMES.items() if one.order]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is narrowed to; what is empty narrows nothing."""

    state: str = ""
    point: str = ""
    town: str = ""
    overdue: str = ""
    repeats: str = ""
    owed: str = ""
    outcome: str = ""


class Level(NamedTuple):
    """Whoever hears of an order today, and how many working days it is over."""

    code: str
    days: int


class InTime(NamedTuple):
    """Orders whose first deadline fell into a period, and how many were closed by it (N13)."""

    due: int
    closed: int


def owes(step: str) -> ColumnElement[bool]:
    """Findings that still lack a step: `rules.owed` as a condition of a query."""
    running = Finding.state.not_in(rules.ENDED)
    if step == "order":
        needs = or_(Finding.critical, Finding.outcome.in_(_ORDERED))
        return and_(Finding.state == "open", needs)
    if step == "referral_decision":
        return and_(Finding.critical, ~_was_done("referral_decided"))
    wanted = [code for code, act in _ACT_OF.items() if step in ("act", act)]
    return and_(
        running,
        or_(*(and_(Finding.outcome == code, ~_was_done(_ACT_OF[code])) for code in wanted)),
    )


def found_findings(seen: ColumnElement[bool], asked: Asked) -> Any:
    """Findings with their points, the newest first."""
    rows = (
        select(Finding, MealPoint.code, MealPoint.name, OrderItem.order_id)
        .join(MealPoint, MealPoint.id == Finding.point_id)
        .outerjoin(OrderItem, OrderItem.finding_id == Finding.id)
        .where(seen, *_places(asked))
        .order_by(Finding.found_at.desc(), Finding.id.desc())
    )
    if asked.state == "running":
        rows = rows.where(Finding.state.not_in(rules.ENDED))
    elif asked.state:
        rows = rows.where(Finding.state == asked.state)
    if asked.outcome:
        rows = rows.where(Finding.outcome == asked.outcome)
    if asked.repeats:
        rows = rows.where(Finding.repeats.is_not(None))
    if asked.owed:
        rows = rows.where(owes(asked.owed))
    return rows


def found_orders(seen: ColumnElement[bool], asked: Asked, today: date) -> Any:
    """Orders with their points and counts of items: what is due first on top, then what was closed,
    the latest first.
    """
    counts = _counts_of_items()
    rows = (
        select(RectificationOrder, MealPoint.code, MealPoint.name, counts)
        .join(MealPoint, MealPoint.id == RectificationOrder.point_id)
        .join(counts, counts.c.order_id == RectificationOrder.id)
        .where(seen, *_places(asked))
        .order_by(
            RectificationOrder.state == "closed",
            case((RectificationOrder.state != "closed", RectificationOrder.deadline)),
            RectificationOrder.deadline.desc(),
            RectificationOrder.id.desc(),
        )
    )
    if asked.state == "running":
        rows = rows.where(RectificationOrder.state != "closed")
    elif asked.state:
        rows = rows.where(RectificationOrder.state == asked.state)
    if asked.overdue:
        rows = rows.where(overdue(asked.overdue, today))
    if asked.repeats:
        rows = rows.where(counts.c.repeats > 0)
    return rows


def overdue(level: str, today: date) -> ColumnElement[bool]:
    """Orders past their deadline today: all (`any`), or those of a level (`rules.level_of`)."""
    late = and_(RectificationOrder.state != "closed", RectificationOrder.deadline < today)
    if level not in ("town", "district"):
        return late
    cutoff = rules.escalated_before(today, workdays_known(), _escalate_days(today))
    far = RectificationOrder.deadline < cutoff
    return and_(late, far if level == "district" else not_(far))


def levels_of(orders: Collection[RectificationOrder], today: date) -> dict[int, Level]:
    """Who hears of each of these orders today, by order."""
    late = [one for one in orders if one.state != "closed" and one.deadline < today]
    if not late:
        return {}
    workdays = workdays_known(since=min(one.deadline for one in late))
    days = _escalate_days(today)
    return {
        one.id: Level(
            rules.level_of(one.deadline, today, workdays, days),
            workdays.between(one.deadline, today),
        )
        for one in late
    }


def owed_by(findings: Sequence[Finding]) -> dict[int, list[str]]:
    """What each of these findings still lacks, by finding (one query)."""
    done: defaultdict[int, set[str]] = defaultdict(set)
    for row in db.session.execute(
        select(FindingAct.finding_id, FindingAct.act).where(
            FindingAct.finding_id.in_([one.id for one in findings])
        )
    ):
        done[row.finding_id].add(row.act)
    return {
        one.id: rules.owed(
            rules.Facts(one.outcome, one.critical, one.state, one.found_at, done[one.id])
        )
        for one in findings
    }


def items_of(order_id: int) -> Sequence[Any]:
    """The items of an order, each with its finding and the finding that it repeats."""
    before = aliased(Finding)
    rows = (
        select(OrderItem, Finding, before.found_on.label("before_on"))
        .join(Finding, Finding.id == OrderItem.finding_id)
        .outerjoin(before, before.id == Finding.repeats)
        .where(OrderItem.order_id == order_id)
        .order_by(Finding.item, Finding.id)
    )
    return db.session.execute(rows).all()


def replies_of(order_id: int) -> dict[int, list[tuple[Reply, dict[str, list[Photo]]]]]:
    """By finding the replies in order, each with its photos by side (two queries)."""
    photos: defaultdict[int, dict[str, list[Photo]]] = defaultdict(
        lambda: {"before": [], "after": []}
    )
    pictures = (
        select(ReplyPhoto.reply_id, ReplyPhoto.side, Photo)
        .join(Photo, Photo.id == ReplyPhoto.photo_id)
        .join(Reply, Reply.id == ReplyPhoto.reply_id)
        .where(Reply.order_id == order_id)
        .order_by(Photo.id)
    )
    for reply_id, side, photo in db.session.execute(pictures):
        photos[reply_id][side].append(photo)
    found: defaultdict[int, list[tuple[Reply, dict[str, list[Photo]]]]] = defaultdict(list)
    rows = select(Reply).where(Reply.order_id == order_id).order_by(Reply.round)
    for row in db.session.scalars(rows):
        found[row.finding_id].append((row, photos[row.id]))
    return dict(found)


def re_inspections_of(order_id: int) -> list[tuple[Any, list[Any]]]:
    """The re-inspections in order, with the inspectors' names, and what each found (two queries)."""
    lead, second = aliased(Inspector), aliased(Inspector)
    rows = db.session.execute(
        select(ReInspection, lead.name.label("lead"), second.name.label("second"))
        .join(lead, lead.id == ReInspection.lead_id)
        .join(second, second.id == ReInspection.second_id)
        .where(ReInspection.order_id == order_id)
        .order_by(ReInspection.id)
    ).all()
    items: defaultdict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(
        select(ReInspectionItem, Finding.item)
        .join(Finding, Finding.id == ReInspectionItem.finding_id)
        .where(ReInspectionItem.re_inspection_id.in_([row.ReInspection.id for row in rows]))
        .order_by(Finding.item)
    ):
        items[row.ReInspectionItem.re_inspection_id].append(row)
    return [(row, items[row.ReInspection.id]) for row in rows]


def acts_of(finding_id: int) -> Sequence[FindingAct]:
    """Everything that was done about a finding, in order."""
    rows = select(FindingAct).where(FindingAct.finding_id == finding_id).order_by(FindingAct.id)
    return db.session.scalars(rows).all()


def closed_in_time(
    from_on: date, to_on: date, point_ids: Collection[int] | None = None
) -> dict[int, InTime]:
    """N13 by point: orders due in the period, and those of them closed by then.

    The deadline that counts is the first one: a later one that a re-inspection grants does not make
    an order one that was kept in time. `to_on` is the last day that is over.
    """
    first = RectificationOrder.first_deadline
    kept = and_(RectificationOrder.closed_on.is_not(None), RectificationOrder.closed_on <= first)
    rows = (
        select(
            RectificationOrder.point_id,
            func.count().label("due"),
            func.count().filter(kept).label("closed"),
        )
        .where(first.between(from_on, to_on))
        .group_by(RectificationOrder.point_id)
    )
    if point_ids is not None:
        rows = rows.where(RectificationOrder.point_id.in_(point_ids))
    found = db.session.execute(rows)
    return {row.point_id: InTime(row.due, row.closed) for row in found}


def to_do(principal: Principal, today: date) -> dict[str, int]:
    """How much waits for somebody: `owed_orders`, `owed_decisions`, `owed_acts` (findings),
    `to_reply`, `to_check`, `overdue`, `escalated` (orders). Two queries.
    """
    seen = points_seen_by(principal)
    steps = {
        "owed_orders": owes("order"),
        "owed_decisions": owes("referral_decision"),
        "owed_acts": owes("act"),
    }
    findings = _counted(Finding, steps, seen)
    states = {
        "to_reply": RectificationOrder.state == "issued",
        "to_check": RectificationOrder.state == "replied",
        "overdue": overdue("any", today),
        "escalated": overdue("district", today),
    }
    return findings | _counted(RectificationOrder, states, seen)


def findings_at(point: int, today: date) -> dict[str, int]:
    """What a point's own page shows: findings that run, orders that are overdue, repeats."""
    here = MealPoint.id == point
    wanted = {
        "running": Finding.state.not_in(rules.ENDED),
        "repeats": and_(Finding.state.not_in(rules.ENDED), Finding.repeats.is_not(None)),
    }
    late = {"overdue": overdue("any", today)}
    return _counted(Finding, wanted, here) | _counted(RectificationOrder, late, here)


def _counted(
    model: Any, wanted: Mapping[str, ColumnElement[bool]], seen: ColumnElement[bool]
) -> dict[str, int]:
    columns = [func.count().filter(when).label(name) for name, when in wanted.items()]
    rows = select(*columns).select_from(model).join(MealPoint, MealPoint.id == model.point_id)
    return dict(db.session.execute(rows.where(seen)).one()._mapping)


def _was_done(act: str) -> Any:
    return (
        select(FindingAct.id)
        .where(FindingAct.finding_id == Finding.id, FindingAct.act == act)
        .correlate(Finding)
        .exists()
    )


def _counts_of_items() -> Any:
    left = OrderItem.closed_on.is_(None)
    return (
        select(
            OrderItem.order_id,
            func.count().label("items"),
            func.count().filter(left).label("left"),
            func.count(Finding.repeats).label("repeats"),
            func.count().filter(Finding.critical).label("critical"),
        )
        .join(Finding, Finding.id == OrderItem.finding_id)
        .group_by(OrderItem.order_id)
        .subquery()
    )


def _places(asked: Asked) -> list[ColumnElement[bool]]:
    wanted = []
    if asked.point:
        wanted.append(MealPoint.code == asked.point)
    if asked.town:
        wanted.append(MealPoint.division.startswith(asked.town, autoescape=True))
    return wanted


def _escalate_days(today: date) -> int:
    return int(value_on("order.escalate_days", today))
