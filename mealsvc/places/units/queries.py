"""How the papers of many points stand on a day: a few queries whatever their number, then rules."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, or_, select, true

from mealsvc.places.models import MealPoint
from mealsvc.places.units import rules
from mealsvc.places.units.models import StaffMember, StaffPaper, UnitDocument, UnitEvent
from mealsvc.places.units.rules import Span, Standing, UnitState
from mealsvc.plumbing.db import db
from mealsvc.settings.calendar import workdays_known
from mealsvc.settings.services import value_on

Spans = dict[tuple[int, str], list[Span]]  # by (point or person, kind of paper)


class Part(NamedTuple):
    """So many out of so many."""

    number: int
    of: int

    def plus(self, counts: bool) -> "Part":
        return Part(self.number + counts, self.of + 1)


class Person(NamedTuple):
    """Somebody on duty, as far as the rules ask."""

    id: int
    point_id: int
    post: str
    handles_food: bool
    joined_on: date


@dataclass(slots=True)
class _Holdings:
    """Everything that bears on the points asked about, read once."""

    points: Mapping[int, Any]
    suppliers: Mapping[str, int]
    documents: Spans
    people: Mapping[int, list[Person]]
    papers: Spans
    drills: Mapping[int, date]
    months: Mapping[str, int] = field(default_factory=dict)


def states_on(
    day: date,
    point_ids: Collection[int] | None = None,
    diners: Mapping[int, float] | None = None,
) -> dict[int, UnitState]:
    """What each of these points (all, if none are named) holds, lacks and will soon lack on a day.

    Points that have closed or not opened lack nothing. `diners`: average diners of a meal by point;
    with it, whether a food-safety director is needed is judged too. Ten small queries in all.
    """
    found = _holdings(day, point_ids)
    warn_until = max(warning_days(day).values())
    directed = _directed(found, day, diners or {})
    states = {}
    for point_id, point in found.points.items():
        states[point_id] = state = UnitState(point_id)
        if _runs(point, day):
            for kind, standing in _standings(found, point, day, point_id in directed):
                state.add(kind, standing, warn_until)
    return states


def warning_days(day: date) -> dict[int, date]:
    """The distances of warning in working days, each with the last day that it reaches."""
    calendar = workdays_known(since=day)
    edges = value_on("licence.warn_workdays", day).split(",")
    return {int(edge): calendar.add(day, int(edge)) for edge in edges}


def handlers_on(day: date, point_ids: Collection[int] | None = None) -> dict[int, Part]:
    """Of the people on duty who handle food, how many hold a valid health certificate (N15)."""
    papers = spans_of_people(day, point_ids, ("health",))
    found: dict[int, Part] = {}
    for person in people_on(day, point_ids):
        if person.handles_food:
            held = rules.standing(papers.get((person.id, "health"), []), day).state == "held"
            found[person.point_id] = found.get(person.point_id, Part(0, 0)).plus(held)
    return found


def people_on(day: date, point_ids: Collection[int] | None = None) -> list[Person]:
    """Everybody on duty on a day, volunteers apart unless they handle food."""
    rows = select(
        StaffMember.id,
        StaffMember.point_id,
        StaffMember.post,
        StaffMember.handles_food,
        StaffMember.joined_on,
    ).where(
        StaffMember.joined_on <= day,
        or_(StaffMember.left_on.is_(None), StaffMember.left_on >= day),
        or_(~StaffMember.volunteer, StaffMember.handles_food),
        _at(StaffMember.point_id, point_ids),
    )
    return [Person(*row) for row in db.session.execute(rows.order_by(StaffMember.id))]


def spans_of_people(
    day: date, point_ids: Collection[int] | None = None, kinds: Iterable[str] = ()
) -> Spans:
    """The papers of the people of these points that were issued by a day, by (person, kind)."""
    rows = (
        select(StaffPaper.staff_id, StaffPaper.kind, StaffPaper.issued_on, StaffPaper.valid_to)
        .join(StaffMember, StaffMember.id == StaffPaper.staff_id)
        .where(
            StaffPaper.withdrawn_at.is_(None),
            StaffPaper.issued_on <= day,
            _at(StaffMember.point_id, point_ids),
        )
    )
    wanted = tuple(kinds)
    return _spans(rows.where(StaffPaper.kind.in_(wanted)) if wanted else rows)


def spans_of_points(point_ids: Collection[int] | None = None, kinds: Iterable[str] = ()) -> Spans:
    """The papers of these points, by (point, kind).

    A point's record is the truth about its licence: a paper that would last longer than it says
    does not count, and where no paper tells of that day the record stands alone.
    """
    wanted = tuple(kinds)
    rows = select(
        UnitDocument.point_id, UnitDocument.kind, UnitDocument.valid_from, UnitDocument.valid_to
    ).where(UnitDocument.withdrawn_at.is_(None), _at(UnitDocument.point_id, point_ids))
    rows = rows.where(UnitDocument.kind.in_(wanted)) if wanted else rows
    spans = _spans(rows)
    if not wanted or "licence" in wanted:
        own = select(MealPoint.id, MealPoint.licence_expires_on).where(_at(MealPoint.id, point_ids))
        for point_id, last in db.session.execute(own):
            _bound_licence(spans, point_id, last)
    return spans


def last_drills(day: date, point_ids: Collection[int] | None = None) -> dict[int, date]:
    """The day of the last drill of each point by a day."""
    rows = (
        select(UnitEvent.point_id, UnitEvent.held_on)
        .where(
            UnitEvent.kind == "drill",
            UnitEvent.withdrawn_at.is_(None),
            UnitEvent.held_on <= day,
            _at(UnitEvent.point_id, point_ids),
        )
        .order_by(UnitEvent.held_on)
    )
    return dict(db.session.execute(rows).all())


def training_months(point_kind: str, day: date) -> int:
    """After how many months people of such a point are trained again."""
    key = "training.months" if point_kind in rules.SPECIFIC else "training.other_months"
    return int(value_on(key, day))


def licence_spans(spans: Spans, point: Any, suppliers: Mapping[str, int]) -> list[Span]:
    """The copies of the supplier's licence that a point keeps, or the licence of a supplier that is
    itself a point of the list."""
    own = spans.get((point.id, "supplier_licence"), [])
    supplier = suppliers.get(point.supplier) if point.supplier else None
    return own if supplier is None else [*own, *spans.get((supplier, "licence"), [])]


def suppliers_of(points: Iterable[Any]) -> dict[str, int]:
    """The ids of the suppliers that are points themselves, by code."""
    codes = {point.supplier for point in points if point.supplier}
    rows = select(MealPoint.code, MealPoint.id).where(MealPoint.code.in_(codes))
    return dict(db.session.execute(rows).all()) if codes else {}


def points_asked(point_ids: Collection[int] | None = None) -> dict[int, Any]:
    """Id, kind, supplier, way of catering and days of opening of these points, by id."""
    rows = select(
        MealPoint.id,
        MealPoint.kind,
        MealPoint.supplier,
        MealPoint.catering_mode,
        MealPoint.opened_on,
        MealPoint.closed_on,
    ).where(_at(MealPoint.id, point_ids))
    return {row.id: row for row in db.session.execute(rows)}


def _holdings(day: date, point_ids: Collection[int] | None) -> _Holdings:
    points = points_asked(point_ids)
    suppliers = suppliers_of(points.values())
    wanted = None if point_ids is None else {*points, *suppliers.values()}
    people: dict[int, list[Person]] = {}
    for person in people_on(day, point_ids):
        people.setdefault(person.point_id, []).append(person)
    kinds = {point.kind for point in points.values()}
    return _Holdings(
        points,
        suppliers,
        spans_of_points(wanted),
        people,
        spans_of_people(day, point_ids),
        last_drills(day, point_ids),
        {kind: training_months(kind, day) for kind in kinds}
        | {"drill": int(value_on("drill.months", day))},
    )


def _standings(
    found: _Holdings, point: Any, day: date, directed: bool
) -> Iterable[tuple[str, Standing]]:
    for kind in rules.required(point.kind, point.catering_mode):
        if kind == "supplier_licence":
            spans = licence_spans(found.documents, point, found.suppliers)
        else:
            spans = found.documents.get((point.id, kind), [])
        yield kind, rules.standing(spans, day)
    if point.kind != "neighbour_table":
        yield from _people_standings(found, point, day)
        months, last = found.months["drill"], found.drills.get(point.id)
        yield "drill", rules.standing([rules.lasting(last, months)] if last else [], day)
    if directed:
        yield "director", _appointed(found, point, "director", day)


def _people_standings(found: _Holdings, point: Any, day: date) -> Iterable[tuple[str, Standing]]:
    people = found.people.get(point.id, [])
    if not people:
        yield "staff", Standing("missing", None)
        return
    handlers = [person for person in people if person.handles_food]
    if handlers:
        spans = (found.papers.get((one.id, "health"), []) for one in handlers)
        yield "health", rules.together([rules.standing(each, day) for each in spans])
        months = found.months[point.kind]
        trained = (found.papers.get((one.id, "training"), []) for one in handlers)
        yield "training", rules.together([_trained(each, months, day) for each in trained])
    if point.kind in rules.COOKING:
        yield "officer", _appointed(found, point, "officer", day)


def _trained(spans: list[Span], months: int, day: date) -> Standing:
    return rules.standing([rules.lasting(one.first or day, months) for one in spans], day)


def _appointed(found: _Holdings, point: Any, kind: str, day: date) -> Standing:
    people = found.people.get(point.id, [])
    spans = [span for person in people for span in found.papers.get((person.id, kind), [])]
    return rules.standing(spans, day)


def _directed(found: _Holdings, day: date, diners: Mapping[int, float]) -> set[int]:
    """The points that need a food-safety director; a kitchen cooks for those it supplies."""
    if day < rules.DIRECTOR_SINCE or not diners:
        return set()
    threshold = int(value_on("officer.director_threshold", day))
    fed = dict(diners)
    for point in found.points.values():
        supplier = found.suppliers.get(point.supplier)
        if supplier is not None:
            fed[supplier] = fed.get(supplier, 0) + diners.get(point.id, 0)
    return {point_id for point_id, number in fed.items() if number >= threshold}


def _bound_licence(spans: Spans, point_id: int, last: date | None) -> None:
    known = spans.get((point_id, "licence"), [])
    kept = [one for one in known if one.last and last and one.last <= last]
    if last is not None and all(one.last != last for one in kept):
        kept.append(Span(None, last))
    spans[point_id, "licence"] = kept


def _runs(point: Any, day: date) -> bool:
    opened = point.opened_on is None or point.opened_on <= day
    return opened and (point.closed_on is None or point.closed_on >= day)


def _spans(rows: Any) -> Spans:
    spans: Spans = {}
    found: Sequence[Any] = db.session.execute(rows).all()
    for owner, kind, first, last in found:
        spans.setdefault((owner, kind), []).append(Span(first, last))
    return spans


def _at(column: Any, point_ids: Collection[int] | None) -> ColumnElement[bool]:
    return true() if point_ids is None else column.in_(point_ids)
