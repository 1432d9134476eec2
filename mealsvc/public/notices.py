"""Public notices as citizens read them: while they are posted, by point, with masked lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, true

from mealsvc.kernel.months import Month
from mealsvc.places.models import Division
from mealsvc.plumbing.db import db
from mealsvc.public.kept import kept
from mealsvc.public.rules import FEWEST, coarse
from mealsvc.settings.services import value_on
from mealsvc.settlement.models import PublicNotice
from mealsvc.settlement.notice_roster import Diners, amounts_of, diners_of
from mealsvc.settlement.notices import batches_in


@dataclass(frozen=True, slots=True)
class Line:
    """One point of a notice; figures are None where fewer than `FEWEST` elders ate."""

    code: str
    name: str
    servings: int | None
    subsidised: int | None
    payable_fen: int | None
    people: int | None


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice. `running`: lists of names are shown."""

    id: int
    number: str
    month: Month
    division: str
    from_on: date
    to_on: date
    place: str
    running: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a notice shows, and by point (code) who ate how often."""

    lines: tuple[Line, ...]
    rosters: dict[str, tuple[tuple[str, str, int], ...]]

    @property
    def complete(self) -> bool:
        """Whether no figure is withheld: else a total would tell it."""
        return all(line.people is not None for line in self.lines)


def on_show(day: date) -> Any:
    """The notices that have begun and did not end longer ago than they are kept, the newest first."""
    earliest = Month.of(day)
    for _ in range(int(value_on("public.notice_months", day))):
        earliest = earliest.previous
    return (
        select(PublicNotice, Division.name)
        .outerjoin(Division, Division.code == PublicNotice.division)
        .where(PublicNotice.from_on <= day, PublicNotice.to_on >= earliest.first_day)
        .order_by(PublicNotice.from_on.desc(), PublicNotice.id.desc())
    )


def last_over(day: date) -> PublicNotice | None:
    """The notice that ended last before a day."""
    rows = select(PublicNotice).where(PublicNotice.to_on < day)
    return db.session.scalar(
        rows.order_by(PublicNotice.to_on.desc(), PublicNotice.id.desc()).limit(1)
    )


def as_notices(rows: Sequence[Any], day: date) -> list[Notice]:
    """Rows of `on_show` as values."""
    return [
        Notice(
            row.id,
            row.number,
            Month.from_key(row.month),
            name or row.division,
            row.from_on,
            row.to_on,
            row.place,
            row.from_on <= day <= row.to_on,
        )
        for row, name in rows
    ]


def notice_by_number(number: str, day: date) -> Notice | None:
    """The notice of this number, if it is on show."""

    def read() -> Notice | None:
        found = db.session.execute(on_show(day).where(PublicNotice.number == number)).all()
        return next(iter(as_notices(found, day)), None)

    return kept(("notice by number", number, day), read)


def sheet_of(notice: Notice) -> Sheet:
    """What it shows; a minute old at most. Names leave this room masked, and villages only where
    `FEWEST` or more of the list live."""
    return kept(("notice", notice.id, notice.running), lambda: _sheet(notice))


def _sheet(notice: Notice) -> Sheet:
    row = db.session.get_one(PublicNotice, notice.id)
    amounts = amounts_of(notice.month, batches_in(row, true()))
    people = diners_of(notice.month, [one["point"].id for one in amounts])
    lines = tuple(_line(one, people.get(one["point"].id, ())) for one in amounts)
    rosters = {
        one["point"].code: tuple(coarse(people[one["point"].id]))
        for one in amounts
        if notice.running and len(people.get(one["point"].id, ())) >= FEWEST
    }
    return Sheet(lines, rosters)


def _line(one: dict[str, Any], people: Diners) -> Line:
    point = one["point"]
    if 0 < len(people) < FEWEST:
        return Line(point.code, point.name, None, None, None, None)
    return Line(
        point.code,
        point.name,
        one["servings"],
        one["subsidised"],
        one["payable_fen"],
        len(people),
    )
