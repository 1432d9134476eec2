"""Facts of the papers of a plan and of a visit, a few questions each."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select

from mealsvc.kernel.meals import local_date
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.plumbing.outlook import outlook
from mealsvc.reports.supervision.facts_common import (
    head_on,
    inspectors_of,
    named,
    place_of,
    places_of,
    shots_of,
)
from mealsvc.reports.supervision.shapes import (
    Candidate,
    Found,
    Person,
    PlanFacts,
    PlannedVisit,
    Shot,
    Sign,
    VisitFacts,
)
from mealsvc.settings.services import value_on
from mealsvc.supervision.checklist.fields import fields_of
from mealsvc.supervision.checklist.items import MODE_NAMES, Checklist, Item
from mealsvc.supervision.checklist.rules import items_for
from mealsvc.supervision.checklist.services import checklist_of, checklist_on
from mealsvc.supervision.findings.models import RectificationOrder
from mealsvc.supervision.findings.rules import OUTCOME_NAMES
from mealsvc.supervision.visits import planning, rules, traits
from mealsvc.supervision.visits.models import (
    Visit,
    VisitInspector,
    VisitPhoto,
    VisitPlan,
    VisitResult,
    VisitSignature,
)

# What a visit rests on where it has no plan that says so.
BASES = {
    rules.ADMIN: "《中华人民共和国食品安全法》第五十七条和《养老机构行政检查办法》等规定",
    rules.PATROL: "老年助餐服务协议和区助餐服务建设实施意见",
    rules.NPC: "区人大常委会监督工作安排",
    rules.JOINT: "联合检查方案和各部门的法定职责",
    rules.AUDIT: "区老年助餐补贴办法和服务协议",
    rules.SELF: "《中华人民共和国食品安全法》第四十七条和服务协议",
}
DRAWN = (
    "把候选助餐点按编号排列，各占与权重相等的一段；第k次抽取时，对“种子|points|k”取SHA-256，除以剩余权重之和"
    "取余数，余数落在哪一段就抽中哪一个。检查人员同理抽取。任何人用本表的种子和权重都能复算。"
)


def plan_facts(plan: VisitPlan) -> PlanFacts:
    """The plan with its points, how they were drawn, and this year's count of each."""
    made_on = local_date(plan.made_at)
    chosen = planning.read_chosen(plan)
    order = planning.order_of(chosen, plan.seed)
    names = named([plan.made_by, plan.decided_by])
    codes = {*order, *(one.key for one in chosen.candidates)}
    points = {
        point.code: point
        for point in db.session.scalars(select(MealPoint).where(MealPoint.code.in_(codes)))
    }
    drawn = {code: at for at, code in enumerate(order, 1)} if chosen.candidates else {}
    checklist = checklist_on(plan.from_on)
    asked = Counter(item.group_name for item in _whole_mode(checklist, plan.mode))
    return PlanFacts(
        id=plan.id,
        head=head_on(made_on),
        number=plan.number,
        title=plan.title,
        kind=rules.KIND_NAMES[plan.kind],
        mode=MODE_NAMES[plan.mode],
        source=rules.SOURCES.get(plan.source, plan.source),
        basis=plan.basis or BASES[plan.kind],
        from_on=plan.from_on,
        to_on=plan.to_on,
        seed=plan.seed,
        candidates=tuple(
            Candidate(
                f"{points[one.key].name}（{one.key}）" if one.key in points else one.key,
                str(one.weight),
                "；".join(one.reasons),
                drawn.get(one.key, 0),
            )
            for one in chosen.candidates
        ),
        draw_note=DRAWN,
        visits=_planned(plan, chosen, order, points),
        subjects=tuple(asked.items()),
        status=plan.status,
        made_by=names.get(plan.made_by, ""),
        made_on=made_on,
        decided_by=names.get(plan.decided_by, ""),
        decided_on=local_date(plan.decided_at) if plan.decided_at else None,
        opinion=plan.opinion,
    )


def _whole_mode(checklist: Checklist, mode: str) -> tuple[Item, ...]:
    """What the mode asks where every item applies."""
    return items_for(checklist, mode, {item.applies for item in checklist.items})


def _planned(
    plan: VisitPlan, chosen: Any, order: list[str], points: Mapping[str, MealPoint]
) -> tuple[PlannedVisit, ...]:
    ids = [points[code].id for code in order if code in points]
    places = places_of(ids, plan.from_on)
    people = inspectors_of({one for pair in chosen.assigned.values() for one in pair})
    visits = {
        visit.point_id: visit
        for visit in db.session.scalars(select(Visit).where(Visit.plan_id == plan.id))
    }
    counted = counted_in(plan.from_on.year, ids)
    cap = int(value_on("visit.cap_a_year", plan.from_on))
    counts = plan.kind == rules.ADMIN
    found = []
    for code in order:
        if code not in points:
            continue
        key = points[code].id
        visit = visits.get(key)
        here = counted.get(key, 0) + (0 if visit else 1)
        pair = tuple(people[one] for one in chosen.assigned.get(code, ()) if one in people)
        cancelled = visit is not None and visit.status == rules.CANCELLED
        when = visit.planned_on if visit else None
        found.append(PlannedVisit(places[key], when, pair, here, cap, counts, cancelled))
    return tuple(found)


def counted_in(year: int, point_ids: Collection[int]) -> dict[int, int]:
    """Administrative inspections of each point in a year, made or still to be made."""
    rows = (
        select(Visit.point_id, func.count().label("visits"))
        .where(
            Visit.point_id.in_(point_ids),
            Visit.kind == rules.ADMIN,
            Visit.status != rules.CANCELLED,
            Visit.planned_on.between(date(year, 1, 1), date(year, 12, 31)),
        )
        .group_by(Visit.point_id)
    )
    return {row.point_id: row.visits for row in db.session.execute(rows)}


def visit_facts(visit: Visit) -> VisitFacts:
    """Everything that notice, record, result and blank sheet say of a visit."""
    day = local_date(visit.started_at) if visit.started_at else visit.planned_on
    checklist = checklist_of(visit.checklist)
    plan = db.session.get(VisitPlan, visit.plan_id) if visit.plan_id else None
    shots, numbers = _shots(visit.id)
    return VisitFacts(
        id=visit.id,
        head=head_on(day),
        place=place_of(visit.point_id, day),
        number=visit.number or "",
        notice_number=visit.notice_number,
        status=visit.status,
        kind=rules.KIND_NAMES[visit.kind],
        mode=MODE_NAMES[visit.mode],
        basis=(plan.basis if plan else "") or BASES[visit.kind],
        reason=visit.reason or (rules.SOURCES.get(plan.source, "") if plan else ""),
        checklist=visit.checklist,
        planned_on=visit.planned_on,
        noticed_on=local_date(visit.noticed_at) if visit.noticed_at else None,
        unannounced=visit.unannounced,
        people=_people(visit.id),
        items=_asked(visit, checklist),
        bans=tuple(value_on("paper.five_bans", day).replace(";", "；").split("；")),
        started=visit.started_at,
        ended=visit.ended_at,
        present=visit.present,
        cards_shown=visit.cards_shown,
        recusal=visit.recusal,
        found=_found(visit.id, checklist, numbers),
        shots=shots,
        counts={
            "counted": visit.counted,
            "till": visit.till_count,
            "system": visit.system_count,
        },
        counted_at=visit.counted_at,
        statement=visit.statement,
        refused_why=visit.refused_why,
        score=visit.score,
        grade=visit.grade,
        conclusion=visit.conclusion,
        signatures=_signatures(visit.id),
        signed_on=local_date(visit.signed_at) if visit.signed_at else None,
        own=rules.KINDS[visit.kind].own,
        order=db.session.scalar(
            select(RectificationOrder.number)
            .where(RectificationOrder.visit_id == visit.id)
            .order_by(RectificationOrder.id)
            .limit(1)
        )
        or "",
    )


def _asked(visit: Visit, checklist: Checklist) -> tuple[Item, ...]:
    open_items = outlook().open_items([visit.point_id]).get(visit.point_id, ())
    return items_for(checklist, visit.mode, traits.read(visit.traits), open_items)


def _people(visit_id: int) -> tuple[Person, ...]:
    rows = db.session.scalars(
        select(VisitInspector)
        .where(VisitInspector.visit_id == visit_id)
        .order_by(VisitInspector.lead.desc(), VisitInspector.inspector_id)
    ).all()
    known = inspectors_of(row.inspector_id for row in rows)
    return tuple(
        Person(one.name, one.card, one.office, row.lead, row.recused_why)
        for row in rows
        for one in [known[row.inspector_id]]
    )


def _found(
    visit_id: int, checklist: Checklist, numbers: Mapping[str, list[int]]
) -> tuple[Found, ...]:
    """Results in the order of the checklist."""
    rows = {
        row.item: row
        for row in db.session.scalars(select(VisitResult).where(VisitResult.visit_id == visit_id))
    }
    return tuple(
        Found(
            item=item,
            result=row.result,
            note=row.note,
            measured=measured_in_words(item, json.loads(row.measured)),
            outcome=OUTCOME_NAMES.get(row.outcome, row.outcome),
            shots=tuple(numbers.get(item.code, ())),
        )
        for item in checklist.items
        if (row := rows.get(item.code)) is not None
    )


def measured_in_words(item: Item, values: Mapping[str, Any]) -> str:
    """中心温度72.5℃，… in the order of the item's fields."""
    known = {one.name: one for one in fields_of(item)}
    told = []
    for name in [*(name for name in known if name in values), *(values.keys() - known.keys())]:
        one, value = known.get(name), str(values[name])
        if one is None:
            told.append(f"{name}：{value}")
            continue
        label = one.label.partition("（")[0]
        told.append(f"{label}{(one.options or {}).get(value, value)}{one.unit}")
    return "，".join(told)


def _shots(visit_id: int) -> tuple[tuple[Shot, ...], dict[str, list[int]]]:
    """Each photo once, in order, with the items that it shows; and the photos' numbers by item."""
    rows = db.session.execute(
        select(VisitPhoto.photo_id, VisitPhoto.item)
        .where(VisitPhoto.visit_id == visit_id)
        .order_by(VisitPhoto.photo_id, VisitPhoto.item)
    ).all()
    shown: dict[int, list[str]] = defaultdict(list)
    for photo_id, item in rows:
        shown[photo_id].append(item)
    shot: Callable[[int, str], Shot] = shots_of(list(shown))
    numbers: dict[str, list[int]] = defaultdict(list)
    for at, items in enumerate(shown.values(), 1):
        for item in items:
            numbers[item].append(at)
    return tuple(shot(key, "、".join(items)) for key, items in shown.items()), numbers


def _signatures(visit_id: int) -> dict[str, Sign]:
    rows = db.session.scalars(select(VisitSignature).where(VisitSignature.visit_id == visit_id))
    return {
        row.part: Sign(row.name, vault().open(row.strokes) if row.strokes else "", row.signed_at)
        for row in rows
    }
