"""A visit as its page shows it: results by group, how the score comes about, signatures, calendar."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from mealsvc.kernel.months import Month
from mealsvc.kernel.signatures import strokes
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.plumbing.outlook import outlook
from mealsvc.settings.services import value_on
from mealsvc.supervision.checklist import fields
from mealsvc.supervision.checklist.items import NA, Checklist, Item
from mealsvc.supervision.checklist.rules import HALVES, Score, items_for, score
from mealsvc.supervision.checklist.services import checklist_of
from mealsvc.supervision.visits import queries, rules, traits
from mealsvc.supervision.visits.models import Visit, VisitResult, VisitSignature

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Line:
    """One item of a visit: what was found, measured (label, value with unit), photos, points."""

    item: Item
    result: VisitResult
    measured: Sequence[tuple[str, str]]
    photos: Sequence[Any]

    @property
    def earned(self) -> str:
        """`2.5 / 5`: the weight earned of the item's weight; a dash where it does not apply."""
        if self.result.result == NA:
            return "—"
        halves = HALVES[self.result.result] * self.item.weight
        return f"{halves // 2}{'.5' if halves % 2 else ''} / {self.item.weight}"


@dataclass(frozen=True, slots=True)
class SignedBy:
    """A signature: who, and the strokes as SVG takes them; none where it was signed on paper."""

    part: str
    name: str
    strokes: Sequence[str]


def groups(
    checklist: Checklist, results: Mapping[str, VisitResult], photos: Mapping[str, Sequence[Any]]
) -> list[tuple[str, list[Line]]]:
    """The results by group of the checklist; groups without any are left out."""
    lines = [
        Line(
            item, results[item.code], measured(item, results[item.code]), photos.get(item.code, ())
        )
        for item in checklist.items
        if item.code in results
    ]
    return [
        (name, own)
        for code, name in checklist.groups.items()
        if (own := [line for line in lines if line.item.group == code])
    ]


def measured(item: Item, result: VisitResult) -> list[tuple[str, str]]:
    """What was measured, as people read it."""
    values = queries.measured_of(result)
    return [
        (one.label, f"{(one.options or {}).get(values[one.name], values[one.name])}{one.unit}")
        for one in fields.fields_of(item)
        if one.name in values
    ]


def score_of(checklist: Checklist, results: Mapping[str, VisitResult]) -> Score:
    """The score again, from the rows."""
    return score(checklist, {code: row.result for code, row in results.items()})


def grouped(items: Iterable[Item]) -> list[tuple[str, list[Item]]]:
    """Items by the name of their group, in order."""
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(item.group_name, []).append(item)
    return list(found.items())


def signatures_of(visit_id: int) -> list[SignedBy]:
    """Who signed, in the order of the record."""
    rows = db.session.scalars(select(VisitSignature).where(VisitSignature.visit_id == visit_id))
    found = {row.part: row for row in rows}
    return [
        SignedBy(part, found[part].name, strokes(_opened(found[part])))
        for part in rules.PART_NAMES
        if part in found
    ]


def open_items(visit: Visit) -> frozenset[str]:
    """The items that are still to be put right at the visit's point."""
    return outlook().open_items([visit.point_id]).get(visit.point_id, frozenset())


def repeated(visit: Visit) -> list[tuple[rules.Earlier, tuple[str, ...]]]:
    """Recent visits of a higher office to the same point that checked some of the same items."""
    offices = [row.division for row in queries.inspectors_of([visit.id])[visit.id]]
    if not offices:
        return []
    months = int(value_on("visit.same_items_months", visit.planned_on))
    since = rules.months_before(visit.planned_on, months)
    earlier = queries.earlier_visits(visit.point_id, since, visit.planned_on)
    asked = items_for(
        checklist_of(visit.checklist), visit.mode, traits.read(visit.traits), open_items(visit)
    )
    codes = [item.code for item in asked]
    return rules.repeats(codes, min(offices, key=len), visit.planned_on, months, earlier)


def weeks(month: Month, entries: Iterable[tuple[date, Any]]) -> list[list[tuple[date, list[Any]]]]:
    """The month's weeks from Monday, each day with its entries."""
    by_day: dict[date, list[Any]] = {}
    for day, entry in entries:
        by_day.setdefault(day, []).append(entry)
    start = month.first_day - timedelta(days=month.first_day.weekday())
    found = []
    while start <= month.last_day:
        days = [start + timedelta(days=at) for at in range(7)]
        found.append([(day, by_day.get(day, [])) for day in days])
        start += WEEK
    return found


def _opened(row: VisitSignature) -> str:
    return "" if row.strokes is None else vault().open(row.strokes)
