"""Papers and people of units: a paper is entered once, a person's row adds what is new of hers."""

from collections.abc import Hashable, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, select

from mealsvc.exchange.importers.base import CREATED, UNCHANGED, UPDATED, KeyedImporter, Outcome
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.models import MealPoint
from mealsvc.places.units import services, staffing
from mealsvc.places.units.models import StaffMember
from mealsvc.plumbing.db import db
from mealsvc.servings.refusals import UnknownPoint

FOOD_POSTS = ("cook", "helper", "server", "courier")
FACTS = ("post", "handles_food", "volunteer", "left_on")
# Which column begins a paper of which kind.
PAPERS = {
    "health_from": "health",
    "trained_on": "training",
    "officer_from": "officer",
    "director_from": "director",
}


class AtUnit(KeyedImporter):
    """Rows that belong to a point, which is looked up once a batch."""

    _points: dict[str, MealPoint]
    _now: Any

    def apply(
        self, connection: Connection, rows: Sequence[Any], by: Actor, now: Any
    ) -> Sequence[Outcome]:
        codes = {row.point for row in rows if row.point}
        found = db.session.scalars(select(MealPoint).where(MealPoint.code.in_(codes)))
        self._points, self._now = {point.code: point for point in found}, now
        return super().apply(connection, rows, by, now)

    def point(self, code: str) -> MealPoint:
        """The point with this code. Raises `UnknownPoint`."""
        if code not in self._points:
            raise UnknownPoint(point=code)
        return self._points[code]


class DocumentImporter(AtUnit):
    """A paper with the same kind, number and days is there already; no point: the district's own."""

    def identity(self, row: Any) -> Hashable:
        days = (str(row.valid_from or ""), str(row.valid_to or ""))
        return row.point or "", row.kind, row.number or "", *days

    def put(self, row: Any, by: Actor) -> str:
        point = self.point(row.point) if row.point else None
        names = ("kind", "number", "issuer", "valid_from", "valid_to", "note")
        document: Mapping[str, Any] = {name: getattr(row, name) for name in names}
        if services.same_document(point, document) is not None:
            return UNCHANGED
        services.enter_document(point, document, by, self._now)
        return CREATED


class StaffImporter(AtUnit):
    """The last row of a person tells her facts; every row adds the certificates that it names."""

    def identity(self, row: Any) -> Hashable:
        return row.point, row.name, row.joined_on

    def apply(
        self, connection: Connection, rows: Sequence[Any], by: Actor, now: Any
    ) -> Sequence[Outcome]:
        facts = super().apply(connection, rows, by, now)
        told = dict(zip([row.line for row in rows], facts, strict=True))
        outcomes: list[Outcome] = []
        for _, group in groupby(rows, self.identity):
            for row in group:
                outcome = told[row.line]
                new = not isinstance(outcome, Refusal) and self._papers(row, by)
                outcomes.append(UPDATED if new and outcome == UNCHANGED else outcome)
        return outcomes

    def put(self, row: Any, by: Actor) -> str:
        point = self.point(row.point)
        member = staffing.member_of(point, row.name, row.joined_on)
        values = {name: getattr(row, name) for name in FACTS if name in self.present}
        if values.get("handles_food") is None:
            values["handles_food"] = row.post in FOOD_POSTS
        if member is None:
            key = {"name": row.name, "joined_on": row.joined_on}
            staffing.add_member(point, {"volunteer": False, **_told(values), **key}, by)
            return CREATED
        if "handles_food" not in self.present:
            del values["handles_food"]
        return UPDATED if staffing.change_member(member, _told(values), by) else UNCHANGED

    def _papers(self, row: Any, by: Actor) -> bool:
        """Whether the row told of any paper that was not there."""
        member = staffing.member_of(self.point(row.point), row.name, row.joined_on)
        assert member is not None
        entered = [self._paper(row, member, column, by) for column in PAPERS]
        return any(entered)

    def _paper(self, row: Any, member: StaffMember, column: str, by: Actor) -> bool:
        issued = getattr(row, column)
        if issued is None:
            return False
        kind = PAPERS[column]
        health = kind == "health"
        values = {
            "kind": kind,
            "issued_on": issued,
            "number": row.health_no if health else "",
            "valid_to": row.health_to if health else None,
        }
        return staffing.enter_paper(member, values, by, self._now) is not None


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    """An empty yes-or-no cell says no."""
    plain = dict(values)
    if "volunteer" in plain:
        plain["volunteer"] = bool(plain["volunteer"])
    return plain
