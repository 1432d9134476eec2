"""Rectification orders: issued, replied to item by item, re-inspected until every item is closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.settings.calendar import add_working_days
from mealsvc.supervision.findings import refusals, rules
from mealsvc.supervision.findings.acts import end, next_number, note
from mealsvc.supervision.findings.models import (
    Finding,
    OrderItem,
    RectificationOrder,
    ReInspection,
    ReInspectionItem,
    Reply,
    ReplyPhoto,
)
from mealsvc.supervision.visits.models import Inspector, InspectorInterest
from mealsvc.trail.services import record

MOST_DAYS = 60


@dataclass(frozen=True, slots=True)
class Done:
    """What the unit says of one item: why it was wrong, what was done, when, by whom."""

    cause: str
    measure: str
    done_on: date
    person: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A re-inspection as it was made; `items` holds result and evidence by finding.

    `working_days` is the new deadline of what is still wrong, from the day of the re-inspection.
    """

    checked_on: date
    lead_id: int
    second_id: int
    present: str
    items: Mapping[int, tuple[str, str]]
    next_step: str = ""
    working_days: int = 5


def issue_order(
    demands: Mapping[int, str], working_days: int, consequence: str, by: Actor, now: datetime
) -> RectificationOrder:
    """Orders a point to put these findings right (整改通知书); `demands` says what, by finding."""
    day = local_date(now)
    findings = _open_findings(demands)
    if not 1 <= working_days <= MOST_DAYS:
        raise refusals.BadDays()
    for one in findings:
        if not demands[one.id].strip():
            raise refusals.DemandMissing(item=one.item)
    visits = {one.visit_id for one in findings}
    deadline = add_working_days(day, working_days)
    order = RectificationOrder(
        number=next_number("order", day),
        point_id=findings[0].point_id,
        visit_id=visits.pop() if len(visits) == 1 else None,
        issued_on=day,
        issued_at=now,
        issued_by=str(by),
        working_days=working_days,
        first_deadline=deadline,
        deadline=deadline,
        consequence=consequence,
    )
    db.session.add(order)
    db.session.flush()
    for one in findings:
        one.state = "ordered"
        demand = demands[one.id].strip()
        db.session.add(OrderItem(order_id=order.id, finding_id=one.id, demand=demand))
    told = {"order": order.number, "deadline": str(deadline)}
    note([one.id for one in findings], "ordered", told, by, now)
    db.session.flush()
    point = db.session.get_one(MealPoint, order.point_id)
    items = [one.item for one in findings]
    record(by, "orders.issue", order.number, {"point": point.code, "items": items, **told})
    return order


def reply(
    order_id: int,
    finding_id: int,
    done: Done,
    photos: Sequence[tuple[int, str]],
    by: Actor,
    now: datetime,
) -> Reply:
    """The unit's reply on one item; `photos` are (photo, before or after), kept already.

    Once every open item has a reply since the last re-inspection, the order waits for the next one.
    """
    order, item = _open_item(order_id, finding_id)
    if not order.issued_on <= done.done_on <= local_date(now):
        raise refusals.DoneLater()
    finding = db.session.get_one(Finding, item.finding_id)
    last = _last_reply(order_id, finding_id)
    told = (done.cause, done.measure, done.done_on, done.person)
    if last is not None and finding.state == "replied":
        same = (last.cause, last.measure, last.done_on, last.person) == told
        if same and _photos_of(last.id) >= set(photos):
            return last  # the same form sent twice
    row = Reply(
        order_id=order_id,
        finding_id=finding_id,
        round=last.round + 1 if last else 1,
        cause=done.cause,
        measure=done.measure,
        done_on=done.done_on,
        person=done.person,
        replied_at=now,
        by=str(by),
    )
    db.session.add(row)
    db.session.flush()
    for photo_id, side in photos:
        db.session.add(ReplyPhoto(reply_id=row.id, photo_id=photo_id, side=side))
    finding.state = "replied"
    note([finding_id], "replied", {"order": order.number, "round": row.round}, by, now)
    db.session.flush()
    if "ordered" not in _states_of(order_id):
        order.state = "replied"
        db.session.flush()
    kept = {"item": finding.item, "round": row.round, "photos": len(photos)}
    record(by, "orders.reply", order.number, kept)
    return row


def re_inspect(order_id: int, checked: Checked, by: Actor, now: datetime) -> ReInspection:
    """Looks again at every open item (复查): what is done closes, the rest gets a new deadline."""
    order = db.session.get_one(RectificationOrder, order_id)
    if order.state == "closed":
        raise refusals.OrderClosed(number=order.number)
    if not order.issued_on <= checked.checked_on <= local_date(now):
        raise refusals.CheckedLater()
    _check_inspectors(order.point_id, checked, by)
    findings = _still_open(order_id)
    for one in findings:
        result, evidence = checked.items.get(one.id, ("", ""))
        if result not in rules.RESULTS or not evidence.strip():
            raise refusals.EvidenceMissing(item=one.item)
    left = [one for one in findings if checked.items[one.id][0] != "done"]
    if left and not 1 <= checked.working_days <= MOST_DAYS:
        raise refusals.BadDays()
    row = ReInspection(
        number=next_number("reinspection", checked.checked_on),
        order_id=order_id,
        checked_on=checked.checked_on,
        lead_id=checked.lead_id,
        second_id=checked.second_id,
        present=checked.present,
        conclusion=rules.conclusion([checked.items[one.id][0] for one in findings]),
        next_step=checked.next_step,
        checked_at=now,
        by=str(by),
    )
    db.session.add(row)
    db.session.flush()
    if left:
        order.state = "issued"
        order.deadline = add_working_days(checked.checked_on, checked.working_days)
    else:
        order.state, order.closed_on, order.closed_at = "closed", checked.checked_on, now
    for one in findings:
        _judge(row, order, one, *checked.items[one.id], by, now)
    db.session.flush()
    told = {
        "order": order.number,
        "done": len(findings) - len(left),
        "left": [one.item for one in left],
        "deadline": str(order.deadline) if left else None,
    }
    record(by, "orders.re_inspect", row.number, told)
    return row


def recused(point_id: int, inspector_ids: Sequence[int]) -> set[int]:
    """Which of these inspectors keep away from the point, or from all points of its unit."""
    point = db.session.get_one(MealPoint, point_id)
    about = InspectorInterest.point_id == point_id
    if point.operator_id is not None:
        about = or_(about, InspectorInterest.operator_id == point.operator_id)
    rows = select(InspectorInterest.inspector_id).where(
        InspectorInterest.inspector_id.in_(inspector_ids),
        InspectorInterest.ended_at.is_(None),
        about,
    )
    return set(db.session.scalars(rows))


def _check_inspectors(point_id: int, checked: Checked, by: Actor) -> None:
    """Two who do not keep away from the point; nor does who enters what they found."""
    pair = [checked.lead_id, checked.second_id]
    active = select(Inspector).where(Inspector.id.in_(pair), Inspector.active)
    names = {one.id: one.name for one in db.session.scalars(active)}
    if len(names) != len(pair):
        raise refusals.TwoInspectors()
    if by.kind == "user":
        own = select(Inspector.id, Inspector.name).where(Inspector.login == by.name)
        names |= {row.id: row.name for row in db.session.execute(own)}
    away = recused(point_id, list(names))
    if away:
        raise refusals.Recused(name="、".join(names[one] for one in names if one in away))


def _judge(
    row: ReInspection,
    order: RectificationOrder,
    finding: Finding,
    result: str,
    evidence: str,
    by: Actor,
    now: datetime,
) -> None:
    db.session.add(
        ReInspectionItem(
            re_inspection_id=row.id, finding_id=finding.id, result=result, evidence=evidence
        )
    )
    told = {"reinspection": row.number, "result": result}
    if result != "done":  # the opinion names it, also after a later one
        told["deadline"] = str(order.deadline)
    note([finding.id], "re_inspected", told, by, now)
    if result == "done":
        item = db.session.get_one(OrderItem, (order.id, finding.id))
        item.closed_on = row.checked_on
        end(finding, "closed", now)
    else:
        finding.state = "ordered"


def _open_findings(demands: Mapping[int, str]) -> Sequence[Finding]:
    """The findings to be ordered, in order of their items: all open, all of one point."""
    rows = select(Finding).where(Finding.id.in_(demands)).order_by(Finding.item, Finding.id)
    findings = db.session.scalars(rows).all()
    if not findings or len(findings) != len(demands) or len({f.point_id for f in findings}) > 1:
        raise refusals.NothingChosen()
    for one in findings:
        if one.state != "open":
            raise refusals.FindingEnded(item=one.item)
    return findings


def _open_item(order_id: int, finding_id: int) -> tuple[RectificationOrder, OrderItem]:
    order = db.session.get_one(RectificationOrder, order_id)
    if order.state == "closed":
        raise refusals.OrderClosed(number=order.number)
    item = db.session.get(OrderItem, (order_id, finding_id))
    if item is None:
        raise refusals.NotInOrder()
    if item.closed_on is not None:
        raise refusals.ItemClosed()
    return order, item


def _last_reply(order_id: int, finding_id: int) -> Reply | None:
    rows = select(Reply).where(Reply.order_id == order_id, Reply.finding_id == finding_id)
    return db.session.scalar(rows.order_by(Reply.round.desc()).limit(1))


def _photos_of(reply_id: int) -> set[tuple[int, str]]:
    rows = select(ReplyPhoto.photo_id, ReplyPhoto.side).where(ReplyPhoto.reply_id == reply_id)
    return {(photo_id, side) for photo_id, side in db.session.execute(rows)}


def _still_open(order_id: int) -> Sequence[Finding]:
    rows = (
        select(Finding)
        .join(OrderItem, OrderItem.finding_id == Finding.id)
        .where(OrderItem.order_id == order_id, OrderItem.closed_on.is_(None))
        .order_by(Finding.item, Finding.id)
    )
    return db.session.scalars(rows).all()


def _states_of(order_id: int) -> set[str]:
    return {one.state for one in _still_open(order_id)}
