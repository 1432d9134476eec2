"""Facts of the papers that follow from a finding: order, reply, re-inspection, letters, measures."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from sqlalchemy import select

from mealsvc.kernel.meals import local_date
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.reports.supervision.facts_common import (
    head_on,
    inspectors_of,
    items_of,
    named,
    place_of,
    places_in,
    shots_of,
)
from mealsvc.reports.supervision.shapes import (
    Answer,
    Checked,
    Demand,
    InterviewFacts,
    MeasureFacts,
    OrderFacts,
    ReceiptFacts,
    ReferralFacts,
    ReInspectionFacts,
)
from mealsvc.supervision.findings.models import (
    DeliveryReceipt,
    Finding,
    FindingAct,
    Interview,
    Measure,
    OrderItem,
    RectificationOrder,
    Referral,
    ReferralFinding,
    ReInspection,
    ReInspectionItem,
    Reply,
    ReplyPhoto,
)
from mealsvc.supervision.findings.rules import BODIES, METHODS, RESULTS
from mealsvc.supervision.visits.models import Visit

INTERVIEW_BASIS = (
    "老年助餐服务协议；参照《食品生产经营监督检查管理办法》第四十条（未及时消除隐患的，约谈负责人）"
)


def order_facts(order: RectificationOrder, *, answers: bool = False) -> OrderFacts:
    """An order with its demands; `answers`: with the replies and their photos too."""
    rows = db.session.execute(
        select(Finding, OrderItem.demand)
        .join(OrderItem, OrderItem.finding_id == Finding.id)
        .where(OrderItem.order_id == order.id)
        .order_by(Finding.id)
    ).all()
    demands = _demands((finding, demand) for finding, demand in rows)
    visit = db.session.get(Visit, order.visit_id) if order.visit_id else None
    return OrderFacts(
        id=order.id,
        head=head_on(order.issued_on),
        place=place_of(order.point_id, order.issued_on),
        number=order.number,
        record=(visit.number or "") if visit else "",
        found_on=min((finding.found_on for finding, _ in rows), default=None),
        issued_on=order.issued_on,
        working_days=order.working_days,
        deadline=order.first_deadline,
        consequence=order.consequence,
        demands=demands,
        answers=_answers(order.id, demands) if answers else (),
    )


def _demands(rows: Iterable[tuple[Finding, str]]) -> tuple[Demand, ...]:
    """In the order of the checklist."""
    pairs = list(rows)
    versions = {one.checklist for one, _ in pairs}
    texts = {version: items_of(version) for version in versions}
    places = {version: places_in(version) for version in versions}
    pairs.sort(key=lambda pair: (places[pair[0].checklist].get(pair[0].item, 999), pair[0].id))
    return tuple(
        Demand(
            item=texts[one.checklist](one.item),
            fact=one.fact,
            demand=demand,
            critical=one.critical,
            repeat=one.repeats is not None,
            finding=one.id,
        )
        for one, demand in pairs
    )


def _answers(order_id: int, demands: tuple[Demand, ...]) -> tuple[Answer, ...]:
    by_finding = {one.finding: one for one in demands}
    replies = db.session.scalars(select(Reply).where(Reply.order_id == order_id)).all()
    photos = db.session.execute(
        select(ReplyPhoto.reply_id, ReplyPhoto.side, ReplyPhoto.photo_id)
        .where(ReplyPhoto.reply_id.in_([one.id for one in replies]))
        .order_by(ReplyPhoto.photo_id)
    ).all()
    shot = shots_of({photo_id for _, _, photo_id in photos})
    sides = defaultdict(list)
    for reply_id, side, photo_id in photos:
        sides[reply_id, side].append(shot(photo_id, ""))
    places = {one.finding: at for at, one in enumerate(demands)}
    return tuple(
        Answer(
            demand=by_finding[one.finding_id],
            round=one.round,
            cause=one.cause,
            measure=one.measure,
            done_on=one.done_on,
            person=one.person,
            replied_on=local_date(one.replied_at),
            before=tuple(sides[one.id, "before"]),
            after=tuple(sides[one.id, "after"]),
        )
        for one in sorted(replies, key=lambda one: (places[one.finding_id], one.round))
    )


def reinspection_facts(row: ReInspection) -> ReInspectionFacts:
    """A re-inspection with what it found of each item, and the new deadline that it set."""
    order = db.session.get_one(RectificationOrder, row.order_id)
    facts = order_facts(order)
    by_finding = {one.finding: one for one in facts.demands}
    found = db.session.scalars(
        select(ReInspectionItem).where(ReInspectionItem.re_inspection_id == row.id)
    ).all()
    results = {one.finding_id: one for one in found}
    people = inspectors_of([row.lead_id, row.second_id])
    return ReInspectionFacts(
        id=row.id,
        order=facts,
        number=row.number,
        checked_on=row.checked_on,
        people=tuple(people[one] for one in (row.lead_id, row.second_id)),
        present=row.present,
        checked=tuple(
            Checked(demand, RESULTS[results[key].result], results[key].evidence)
            for key, demand in by_finding.items()
            if key in results
        ),
        conclusion=row.conclusion,
        next_step=row.next_step,
        new_deadline=_new_deadline(row, list(results)),
    )


def _new_deadline(row: ReInspection, finding_ids: list[int]) -> date | None:
    """What this re-inspection gave for the rest; the order itself has only the latest."""
    acts = db.session.scalars(
        select(FindingAct.detail).where(
            FindingAct.finding_id.in_(finding_ids), FindingAct.act == "re_inspected"
        )
    )
    told = [one for one in map(json.loads, acts) if one["reinspection"] == row.number]
    days = {one["deadline"] for one in told if "deadline" in one}
    return date.fromisoformat(days.pop()) if days else None


def referral_facts(row: Referral) -> ReferralFacts:
    """A letter with the findings that it hands over."""
    findings = db.session.scalars(
        select(Finding)
        .join(ReferralFinding, ReferralFinding.finding_id == Finding.id)
        .where(ReferralFinding.referral_id == row.id)
        .order_by(Finding.id)
    ).all()
    visits = {one.visit_id for one in findings if one.visit_id}
    numbers = db.session.scalars(
        select(Visit.number).where(Visit.id.in_(visits)).order_by(Visit.id)
    )
    return ReferralFacts(
        id=row.id,
        head=head_on(row.sent_on),
        place=place_of(row.point_id, row.sent_on),
        number=row.number,
        body=BODIES.get(row.body, row.body),
        copy_only=row.copy_only,
        facts=row.facts,
        evidence=row.evidence,
        contact=row.contact,
        sent_on=row.sent_on,
        demands=_demands((one, "") for one in findings),
        record="、".join(filter(None, numbers)),
    )


def interview_facts(row: Interview) -> InterviewFacts:
    """An interview as it was recorded."""
    day = local_date(row.held_at)
    return InterviewFacts(
        id=row.id,
        head=head_on(day),
        place=place_of(row.point_id, day),
        number=row.number,
        held_at=row.held_at,
        where=row.place,
        hosts=row.hosts,
        attendees=row.attendees,
        matters=row.matters,
        commitments=row.commitments,
        basis=INTERVIEW_BASIS,
    )


def measure_facts(row: Measure) -> MeasureFacts:
    """A measure, and how it ended."""
    day = local_date(row.decided_at)
    return MeasureFacts(
        id=row.id,
        head=head_on(day),
        place=place_of(row.point_id, day),
        number=row.number,
        kind=row.kind,
        from_on=row.from_on,
        facts=row.facts,
        basis=row.basis,
        decided_on=day,
        resume_number=row.resume_number or "",
        resumed_on=row.resumed_on,
        resumed_why=row.resumed_why,
        ended_on=local_date(row.resumed_at) if row.resumed_at else None,
    )


def receipt_facts(row: DeliveryReceipt) -> ReceiptFacts:
    """How a paper was delivered."""
    day = local_date(row.delivered_at)
    return ReceiptFacts(
        id=row.id,
        head=head_on(day),
        place=place_of(row.point_id, day),
        number=row.number,
        paper=row.paper,
        title=row.title,
        method=METHODS[row.method],
        where=row.place,
        receiver=row.receiver,
        witness=row.witness,
        note=row.note,
        strokes=vault().open(row.strokes) if row.strokes else "",
        delivered_at=row.delivered_at,
        sender=named([row.by]).get(row.by, ""),
    )
