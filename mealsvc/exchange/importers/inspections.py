"""Inspections on paper, from a file: the rows of a key make one visit, signed as it is entered."""

import json
from collections.abc import Hashable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, or_, select

from mealsvc.exchange.headings import Matched
from mealsvc.exchange.importers.base import CREATED, UNCHANGED, Outcome
from mealsvc.exchange.inspection_rows import (
    Inspection,
    InspectionIncomplete,
    UnknownInspector,
    UnknownPlan,
    began,
    gathered,
)
from mealsvc.exchange.values import Malformed
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.plumbing.outlook import outlook
from mealsvc.servings.refusals import KeyConflict, UnknownPoint
from mealsvc.supervision.checklist import measures
from mealsvc.supervision.checklist.services import checklist_of, checklist_on
from mealsvc.supervision.inspecting.services import conclude
from mealsvc.supervision.visits import rules, services, signing, traits
from mealsvc.supervision.visits.document import Problem, check
from mealsvc.supervision.visits.models import (
    Inspector,
    Visit,
    VisitPlan,
    VisitResult,
    VisitSignature,
)

FROM_PAPER = "纸质检查记录补录"
# Where a problem of the document stands in the file, if not in the column of its own name.
COLUMNS = {"headcount": "counted", "till": "till_count", "at": "counted_at", "unit": "present"}
OF_ITEMS = ("result", "note", "outcome", "counted", "till_count", "counted_at")


class InspectionImporter:
    """In the order in which the inspections took place; those of a row that is wrong stay out."""

    size = 300

    def __init__(self, matched: Matched, filename: str) -> None:
        self._out: set[str] = set()

    def order(self, row: Any) -> Any:
        return began(row), row.key, row.line

    def identity(self, row: Any) -> Hashable:
        return row.key

    def apply(
        self, connection: Connection, rows: Sequence[Any], by: Actor, now: datetime
    ) -> Sequence[Outcome]:
        outcomes: list[Outcome] = []
        for key, group in groupby(rows, self.identity):
            same = list(group)
            outcomes += self._one(str(key), same, by, now)
        return outcomes

    def _one(self, key: str, rows: list[Any], by: Actor, now: datetime) -> list[Outcome]:
        found = gathered(rows)
        if key in self._out and not found.wrong:
            found.wrong[rows[0].line] = InspectionIncomplete(reason="这次检查另有不能导入的行。")
        outcome: Outcome = CREATED
        if not found.wrong:
            try:
                outcome = self._take(key, found, by, now)
            except InspectionIncomplete as refusal:
                found.wrong = {row.line: refusal for row in rows}
            except Refusal as refusal:
                line = refusal.facts.get("line", rows[0].line)
                found.wrong[int(str(line))] = refusal
        if not found.wrong:
            return [outcome] * len(rows)
        self._out.add(key)
        rest = InspectionIncomplete(reason="同一次检查有不能导入的行，改好后一起再导入。")
        return [found.wrong.get(row.line, rest) for row in rows]

    def _take(self, key: str, found: Inspection, by: Actor, now: datetime) -> str:
        """One whole inspection. Raises the first refusal; `line` among its facts says where."""
        facts = found.facts
        point = db.session.scalar(select(MealPoint).where(MealPoint.code == facts["point"]))
        if point is None:
            raise UnknownPoint(point=facts["point"])
        own = rules.KINDS[facts["kind"]].own
        going = [] if own else [_inspector(facts, "lead"), *_second(facts)]
        names = [one.name for one in going]
        lead, second, *_ = [*names, "", ""]
        document = found.document(lead, second)
        known = db.session.scalar(select(Visit).where(Visit.key == key))
        if known is not None:
            if _same(known, point, found, names):
                return UNCHANGED
            raise KeyConflict(key=key)
        _check(point, found, document, now)
        day = local_date(facts["started_at"])
        visit = services.make_visit(
            point,
            facts["kind"],
            facts["mode"],
            day,
            [one.id for one in going],
            going[0].id if going else None,
            by,
            now,
            key=key,
            plan_id=_plan(facts),
            reason=FROM_PAPER,
            unannounced=rules.KINDS[facts["kind"]].planned,
            late=True,
        )
        if rules.KINDS[facts["kind"]].planned:
            services.notice(visit.id, by, now)
        conclude(visit.id, document, by, now)
        return CREATED


def _check(point: MealPoint, found: Inspection, document: dict[str, Any], now: datetime) -> None:
    """What the signing would refuse, before anything is written."""
    facts = found.facts
    if facts["ended_at"] > now:
        raise Malformed(reason="结束时间晚于现在，请核对。", column="ended_at")
    day = local_date(facts["started_at"])
    entered = check(
        document,
        checklist_on(day),
        facts["mode"],
        traits.traits_of([point.id], day)[point.id],
        outlook().open_items([point.id]).get(point.id, ()),
        kind=facts["kind"],
        limits=signing.limits_on(day),
    )
    problems = (
        entered if isinstance(entered, list) else signing.count_problems(point.id, entered, day)
    )
    _refuse(found, problems)


def _refuse(found: Inspection, problems: Sequence[Problem]) -> None:
    missing = [one.item for one in problems if one.item and one.item not in found.lines]
    if missing:
        listed = "、".join(missing[:5]) + ("等" if len(missing) > 5 else "")
        raise InspectionIncomplete(reason=f"这次检查还缺{len(missing)}项的结果：{listed}。")
    for one in problems:
        column = COLUMNS.get(one.field, one.field)
        if one.item and column not in OF_ITEMS:
            column = "measured"
        refusal = Malformed(reason=one.message, column=column)
        if one.item:
            refusal.facts["line"] = found.lines[one.item]
        raise refusal


def _same(known: Visit, point: MealPoint, found: Inspection, names: Sequence[str]) -> bool:
    """Whether the visit of this key is the very same inspection."""
    facts = found.facts
    told = ("kind", "mode", "started_at", "ended_at")
    counts = [facts.get(name) for name in ("counted", "till_count")]
    return (
        known.status == rules.SIGNED
        and known.point_id == point.id
        and all(getattr(known, name) == facts[name] for name in told)
        and [known.counted, known.till_count] == counts
        and _signers(known) == list(names)
        and _kept(known) == _wanted(known, found)
    )


def _signers(known: Visit) -> list[str]:
    rows = select(VisitSignature.name).where(
        VisitSignature.visit_id == known.id, VisitSignature.part.in_((rules.LEAD, rules.SECOND))
    )
    return list(db.session.scalars(rows.order_by(VisitSignature.part)))


def _kept(known: Visit) -> dict[str, tuple[Any, ...]]:
    rows = select(VisitResult).where(VisitResult.visit_id == known.id)
    return {
        one.item: (one.result, one.note, json.loads(one.measured or "{}"), one.outcome)
        for one in db.session.scalars(rows)
    }


def _wanted(known: Visit, found: Inspection) -> dict[str, tuple[Any, ...]]:
    items = checklist_of(known.checklist).by_code
    wanted = {}
    for code, given in found.results.items():
        kept, _ = (
            measures.read_measured(items[code], given.get("measured") or {}, False)
            if code in items
            else ({}, [])
        )
        failed = given["result"] in ("FAIL", "PARTIAL")
        outcome = (given.get("outcome") or rules.USUAL_OUTCOME) if failed else ""
        wanted[code] = (given["result"], tidy(given.get("note") or ""), kept, outcome)
    return wanted


def _inspector(facts: dict[str, Any], part: str) -> Inspector:
    """The active inspector with this card, or the only one of this name."""
    given = facts.get(part)
    if not given:
        raise Malformed(reason="请填写检查人员的姓名或证件号。", column=part)
    named = select(Inspector).where(
        Inspector.active, or_(Inspector.card_no == given, Inspector.name == given)
    )
    rows = db.session.scalars(named.limit(3)).all()
    by_card = [one for one in rows if one.card_no == given]
    chosen = by_card or rows
    if len(chosen) != 1:
        raise UnknownInspector(column=part)
    return chosen[0]


def _second(facts: dict[str, Any]) -> list[Inspector]:
    if not facts.get("second") and not rules.KINDS[facts["kind"]].two:
        return []
    second = _inspector(facts, "second")
    if second.id == _inspector(facts, "lead").id:
        raise Malformed(reason="两名检查人员应是不同的人。", column="second")
    return [second]


def _plan(facts: dict[str, Any]) -> int | None:
    if not facts.get("plan"):
        return None
    number = db.session.scalar(select(VisitPlan.id).where(VisitPlan.number == facts["plan"]))
    if number is None:
        raise UnknownPlan(column="plan")
    return number
