"""Keeping the boundaries that somebody supplied, and taking one out."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from mealsvc.coverage.mapping.models import DivisionBoundary
from mealsvc.coverage.mapping.outlines import BadFile, Known, Polygon, Said, read
from mealsvc.coverage.mapping.refusals import BadBoundaries, NoBoundary
from mealsvc.kernel.actors import Actor
from mealsvc.places.models import Division
from mealsvc.plumbing.db import db
from mealsvc.trail.rules import canonical
from mealsvc.trail.services import record


@dataclass(frozen=True, slots=True)
class Report:
    """What an upload did: how many outlines were new or changed, how many stood there already."""

    changed: int
    same: int
    bad: list[Said]
    odd: list[Said]


def read_boundaries(content: bytes, within: str = "") -> tuple[dict[str, list[Polygon]], Report]:
    """What a file holds for the divisions of an area, before anything is kept; no transaction.

    Raises `BadBoundaries` when nothing of it can be used.
    """
    divisions = db.session.execute(
        select(Division.code, Division.name, Division.lon, Division.lat)
        .where(Division.code.startswith(within, autoescape=True))
        .order_by(Division.code)
    ).all()
    lons = [row.lon for row in divisions if row.lon is not None]
    lats = [row.lat for row in divisions if row.lat is not None]
    box = (min(lons), min(lats), max(lons), max(lats)) if lons and lats else None
    try:
        found = read(content, Known({row.code: row.name for row in divisions}, box))
    except BadFile as error:
        raise BadBoundaries(reason=str(error)) from error
    return found.outlines, Report(0, 0, found.bad, found.odd)


def keep(
    outlines: dict[str, list[Polygon]], report: Report, source: str, by: Actor, now: datetime
) -> Report:
    """Keeps outlines that differ from what stands there; the same file again changes nothing."""
    kept = {
        row.code: row
        for row in db.session.scalars(
            select(DivisionBoundary).where(DivisionBoundary.code.in_(outlines))
        )
    }
    changed = []
    for code, polygons in outlines.items():
        rings = canonical(polygons).decode()
        row = kept.get(code)
        if row is not None and (row.rings, row.source) == (rings, source):
            continue
        if row is None:
            row = DivisionBoundary(code=code)
            db.session.add(row)
        row.rings, row.source, row.put_at, row.put_by = rings, source, now, str(by)
        changed.append(code)
    if changed:
        detail = {"changed": len(changed), "bad": len(report.bad), "source": source}
        record(by, "coverage.put_boundaries", changed[0], detail)
        db.session.flush()
    return Report(len(changed), len(outlines) - len(changed), report.bad, report.odd)


def drop_boundary(code: str, by: Actor) -> None:
    """Takes a boundary out; the map goes on without it. Raises `NoBoundary`."""
    row = db.session.get(DivisionBoundary, code)
    if row is None:
        raise NoBoundary()
    db.session.delete(row)
    record(by, "coverage.drop_boundary", code, {"source": row.source})
    db.session.flush()


def boundaries(within: str) -> Any:
    """Boundaries with the name and level of their division, in order of code."""
    return (
        select(DivisionBoundary, Division.name, Division.level)
        .join(Division, Division.code == DivisionBoundary.code)
        .where(DivisionBoundary.code.startswith(within, autoescape=True))
        .order_by(DivisionBoundary.code)
    )


def vertices(row: DivisionBoundary) -> int:
    return sum(len(ring) for polygon in json.loads(row.rings) for ring in polygon)
