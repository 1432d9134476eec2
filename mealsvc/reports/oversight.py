"""Reads inspections, rectification and logs of a time: counts by point, rows without a name of an
elder."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import case, func, or_, select

from mealsvc.kernel.meals import LOCAL, local_date
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.reports.oversight_facts import SELF_CHECK, DueItem, VisitFacts
from mealsvc.reports.period import Period
from mealsvc.supervision.checklist import rules as checklists
from mealsvc.supervision.checklist.models import ChecklistVersion
from mealsvc.supervision.findings.models import Finding, OrderItem, RectificationOrder
from mealsvc.supervision.visits.models import (
    Inspector,
    Visit,
    VisitInspector,
    VisitPlan,
    VisitResult,
    VisitSignature,
)
from mealsvc.supervision.visits.planning import read_chosen

Codes = Mapping[int, str]
PRICE_ITEMS = "PRC-"
OWED = ("open", "ordered", "replied")
SIGNERS = ("lead", "second")


def instants(period: Period) -> tuple[datetime, datetime]:
    """From when (inclusive) to when (exclusive) the local days last."""
    start = datetime.combine(period.first_day, time.min, LOCAL)
    return start, datetime.combine(period.last_day + timedelta(days=1), time.min, LOCAL)


def signed_in(period: Period) -> Any:
    """The condition for signed visits that took place in the time, whenever they were entered."""
    start, end = instants(period)
    return (Visit.status == "signed") & (Visit.ended_at >= start) & (Visit.ended_at < end)


def planned_in(period: Period) -> Any:
    """The condition for inspections that were due in the time; a unit's own check is none."""
    due = Visit.planned_on.between(period.first_day, period.last_day)
    return due & (Visit.status != "cancelled") & (Visit.kind != SELF_CHECK)


def visits_part(period: Period, codes: Codes) -> dict[str, Any]:
    """Inspections planned for the time or made in it, and each point's last grade."""
    ours = or_(signed_in(period), planned_in(period))
    rows = db.session.scalars(select(Visit).where(ours).order_by(Visit.ended_at, Visit.id)).all()
    failed, critical = _failed(ours), _critical()
    prices, signatures, inspectors = _prices(ours), _signatures(ours), _inspectors(ours)
    _, end = instants(period)
    visits = []
    for row in rows:
        done = row.status == "signed" and row.ended_at is not None and row.ended_at < end
        signed_on = local_date(row.ended_at) if done and row.ended_at else None
        passed, judged = prices.get(row.id, (0, 0))
        items = tuple(failed.get(row.id, ()))
        visits.append(
            VisitFacts(
                id=row.id,
                point=codes[row.point_id],
                number=row.number or "",
                kind=row.kind,
                due=row.planned_on in period and _counts_as_planned(row),
                planned_on=row.planned_on,
                signed_on=signed_on if signed_on and signed_on in period else None,
                done=done,
                grade=row.grade,
                score=row.score,
                failed=items,
                failed_key=tuple(i for i in items if i in critical.get(row.checklist, ())),
                price_passed=passed,
                price_judged=judged,
                signatures=signatures.get(row.id, 0),
                inspectors=tuple(inspectors.get(row.id, ())),
            )
        )
    visits += _not_arranged(period, codes)
    return {"visits": tuple(visits), "grades": _grades(end, codes)}


def _counts_as_planned(visit: Visit) -> bool:
    """Not what was entered from paper afterwards without a plan: nobody had planned it."""
    ahead = visit.plan_id is not None or local_date(visit.made_at) <= visit.planned_on
    return ahead and visit.status != "cancelled" and visit.kind != SELF_CHECK


def _not_arranged(period: Period, codes: Codes) -> list[VisitFacts]:
    """Points of approved plans that ended in the time, for which no visit was arranged."""
    ended = VisitPlan.to_on.between(period.first_day, period.last_day)
    plans = db.session.scalars(
        select(VisitPlan).where(VisitPlan.status == "approved", ended).order_by(VisitPlan.id)
    ).all()
    if not plans:
        return []
    rows = db.session.execute(
        select(Visit.plan_id, Visit.point_id).where(
            Visit.plan_id.in_([plan.id for plan in plans]), Visit.status != "cancelled"
        )
    )
    arranged = {(plan, codes.get(point)) for plan, point in rows}
    return [
        VisitFacts(0, code, plan.number, plan.kind, True, None, False, "", None)
        for plan in plans
        for code in read_chosen(plan).assigned
        if (plan.id, code) not in arranged and code in codes.values()
    ]


def orders_part(period: Period, codes: Codes) -> dict[str, Any]:
    """Items of rectification orders that were due in the time or open on its last day, and what was
    found by then, is not ended and stands on no order."""
    order, last, today = RectificationOrder, period.last_day, local_date(clock.now())
    due = order.first_deadline.between(period.first_day, last)
    still = or_(OrderItem.closed_on.is_(None), OrderItem.closed_on > last)
    rows = db.session.execute(
        select(OrderItem, order, Finding.item, Finding.fact, Finding.critical)
        .join(order, order.id == OrderItem.order_id)
        .join(Finding, Finding.id == OrderItem.finding_id)
        .where(order.issued_on <= last, or_(due, still))
        .order_by(order.deadline, order.id, Finding.item)
    )
    found = tuple(
        DueItem(
            point=codes[order.point_id],
            item=code,
            fact=fact,
            critical=critical,
            order_id=order.id,
            number=order.number,
            demand=item.demand,
            deadline=order.deadline,
            due=order.first_deadline in period
            and (item.closed_on is not None or order.first_deadline < today),
            in_time=item.closed_on is not None and item.closed_on <= order.first_deadline,
            open=item.closed_on is None or item.closed_on > last,
            ahead=order.deadline >= today,
        )
        for item, order, code, fact, critical in rows
    )
    return {"due": (*found, *_without_order(period, codes))}


def _without_order(period: Period, codes: Codes) -> tuple[DueItem, ...]:
    _, end = instants(period)
    ordered = select(OrderItem.finding_id).where(OrderItem.finding_id == Finding.id)
    rows = db.session.execute(
        select(Finding.point_id, Finding.item, Finding.fact, Finding.critical)
        .where(
            Finding.found_on <= period.last_day,
            Finding.state.in_(OWED),
            or_(Finding.closed_at.is_(None), Finding.closed_at >= end),
            ~ordered.exists(),
        )
        .order_by(Finding.found_on, Finding.id)
    )
    return tuple(
        DueItem(codes[point], item, fact, critical) for point, item, fact, critical in rows
    )


def _failed(ours: Any) -> dict[int, list[str]]:
    rows = db.session.execute(
        select(VisitResult.visit_id, VisitResult.item)
        .join(Visit, Visit.id == VisitResult.visit_id)
        .where(ours, VisitResult.result == "FAIL")
        .order_by(VisitResult.visit_id, VisitResult.item)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for visit, item in rows:
        found[visit].append(item)
    return found


def _critical() -> dict[str, frozenset[str]]:
    """The key items (★) of each version of the checklist."""
    rows = db.session.scalars(select(ChecklistVersion.document))
    read = [checklists.read(document) for document in rows]
    return {
        one.version: frozenset(item.code for item in one.items if item.critical) for one in read
    }


def _prices(ours: Any) -> dict[int, tuple[int, int]]:
    """Of each visit the price items that passed, and those that were judged."""
    passed = func.sum(case((VisitResult.result == "PASS", 1), else_=0))
    rows = db.session.execute(
        select(VisitResult.visit_id, passed, func.count())
        .join(Visit, Visit.id == VisitResult.visit_id)
        .where(ours, VisitResult.item.startswith(PRICE_ITEMS), VisitResult.result != "NA")
        .group_by(VisitResult.visit_id)
    )
    return {visit: (int(good), int(all_)) for visit, good, all_ in rows}


def _signatures(ours: Any) -> dict[int, int]:
    rows = db.session.execute(
        select(VisitSignature.visit_id, func.count())
        .join(Visit, Visit.id == VisitSignature.visit_id)
        .where(ours, VisitSignature.part.in_(SIGNERS))
        .group_by(VisitSignature.visit_id)
    )
    return {visit: int(count) for visit, count in rows}


def _inspectors(ours: Any) -> dict[int, list[str]]:
    """Who inspected, the leader first; those who kept away are left out."""
    rows = db.session.execute(
        select(VisitInspector.visit_id, Inspector.name)
        .join(Inspector, Inspector.id == VisitInspector.inspector_id)
        .join(Visit, Visit.id == VisitInspector.visit_id)
        .where(ours, VisitInspector.recused_why == "")
        .order_by(VisitInspector.visit_id, VisitInspector.lead.desc(), Inspector.id)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for visit, name in rows:
        found[visit].append(name)
    return found


def _grades(end: datetime, codes: Codes) -> dict[str, tuple[str, date]]:
    """Each point's last grade before an instant, with its day."""
    graded = (
        Visit.status == "signed",
        Visit.grade != "",
        Visit.kind != SELF_CHECK,
        Visit.ended_at < end,
    )
    last = (
        select(Visit.point_id, func.max(Visit.ended_at).label("at"))
        .where(*graded)
        .group_by(Visit.point_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Visit.point_id, Visit.grade, Visit.ended_at)
        .join(last, (last.c.point_id == Visit.point_id) & (last.c.at == Visit.ended_at))
        .where(*graded)
        .order_by(Visit.id)
    )
    return {codes[point]: (grade, local_date(at)) for point, grade, at in rows if at}
