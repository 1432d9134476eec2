"""The yearly budget: one line a source and division, and every change of it with its basis."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from mealsvc.kernel.actors import Actor
from mealsvc.places.models import Division
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.settlement import refusals
from mealsvc.settlement.area import district
from mealsvc.settlement.models import BudgetChange, BudgetLine
from mealsvc.trail.services import record

Lines = dict[tuple[str, str], int]  # fen by division and source


def put_budget(
    year: int, source: str, amount_fen: int, by: Actor, division: str = "", basis: str = ""
) -> str:
    """Sets what a source gives a division (the district, if none is named) for a year; tells
    `created`, `updated`, `unchanged`.

    A line that is there changes with a basis only, and what it was stays in its history.
    Raises `BudgetElsewhere`, `BasisMissing`.
    """
    here = district()
    place = division or here
    if division and division != here:
        _refuse_elsewhere(division, here)
    line = line_of(year, source, place)
    before = None if line is None else line.amount_fen
    if before == amount_fen:
        return "unchanged"
    if before is not None and not basis:
        raise refusals.BasisMissing()
    if line is None:
        line = BudgetLine(year=year, source=source)
        db.session.add(line)
    line.division, line.amount_fen = place, amount_fen
    db.session.flush()
    change = BudgetChange(
        line_id=line.id,
        before_fen=before,
        after_fen=amount_fen,
        basis=basis,
        made_by=str(by),
        made_at=clock.now(),
    )
    db.session.add(change)
    db.session.flush()
    subject = f"{year}/{source}" if place == here else f"{year}/{source}/{place}"
    record(by, "budget.write", subject, {"before": before, "after": amount_fen, "basis": basis})
    return "created" if before is None else "updated"


def line_of(year: int, source: str, division: str) -> BudgetLine | None:
    """The line of exactly this division. One that was entered before there were points, and so
    before there was a district, is the district's.
    """
    places = {division, ""} if division == district() else {division}
    return db.session.scalar(
        select(BudgetLine)
        .where(
            BudgetLine.year == year,
            BudgetLine.source == source,
            BudgetLine.division.in_(places),
        )
        .order_by(BudgetLine.division.desc())
        .limit(1)
    )


def lines_of(year: int) -> Lines:
    """The year's budget by division and source."""
    here = district()
    rows = db.session.execute(
        select(BudgetLine.division, BudgetLine.source, BudgetLine.amount_fen)
        .where(BudgetLine.year == year)
        .order_by(BudgetLine.division)
    )
    return {(row.division or here, row.source): row.amount_fen for row in rows}


def budget_years() -> list[int]:
    """The years that have a budget, the latest first."""
    years = select(BudgetLine.year).distinct().order_by(BudgetLine.year.desc())
    return list(db.session.scalars(years))


def history(year: int, division: str, source: str) -> Any:
    """The changes of a line, the latest first."""
    line = line_of(year, source, division)
    return (
        select(BudgetChange)
        .where(BudgetChange.line_id == (line.id if line else None))
        .order_by(BudgetChange.id.desc())
    )


def divisions_with_budget(within: str) -> Sequence[Division]:
    """The district and its towns, which may have lines of their own, in order."""
    return db.session.scalars(
        select(Division)
        .where(
            Division.code.startswith(within, autoescape=True),
            Division.level.in_(("district", "town")),
        )
        .order_by(Division.code)
    ).all()


def _refuse_elsewhere(division: str, here: str) -> None:
    known = db.session.get(Division, division)
    if known is None or not division.startswith(here):
        raise refusals.BudgetElsewhere(division=division)
