"""What stands behind a figure: lists of records, each a select or a look at the same facts.

An indicator names its lists (`Indicator.records`); the page reads one page of one of them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement

from mealsvc.places.models import MealPoint
from mealsvc.plumbing import pages
from mealsvc.plumbing.db import db
from mealsvc.reports.facts import Facts
from mealsvc.reports.period import Period
from mealsvc.reports.point_facts import DISTRICT, POINT, Place


class Cell(NamedTuple):
    """A cell of a list: words, and where they lead; `link` is (endpoint, values), which only shows
    to whoever has the `right`."""

    words: str
    link: tuple[str, Mapping[str, Any]] | None = None
    right: str = ""
    number: bool = False


Row = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Where:
    """The time and the place of a list."""

    period: Period
    place: Place

    @property
    def here(self) -> ColumnElement[bool]:
        """The condition for the place's points."""
        if self.place.level == POINT:
            return MealPoint.code == self.place.code
        digits = "" if self.place.level == DISTRICT else self.place.code
        return MealPoint.division.startswith(digits, autoescape=True)


@dataclass(frozen=True, slots=True)
class Listing:
    """One list: its title, its heads (a trailing # marks numbers), and its rows.

    Either `select` (rows of a database, made cells by `cells`), or `of` (rows of the facts).
    """

    title: str
    heads: tuple[str, ...]
    select: Callable[[Where], Any] | None = None
    cells: Callable[[Any], Row] | None = None
    of: Callable[[Facts], Iterable[Row]] | None = None


def page_of(listing: Listing, where: Where, facts: Facts, page: int) -> pages.Page:
    """One page of a list, as rows of cells."""
    size = pages.PER_PAGE
    if listing.select is not None and listing.cells is not None:
        found = db.session.execute(
            listing.select(where).limit(size + 1).offset((page - 1) * size)
        ).all()
        return pages.Page([listing.cells(row) for row in found[:size]], page, len(found) > size)
    rows = list(listing.of(facts)) if listing.of else []
    shown = rows[(page - 1) * size : page * size]
    return pages.Page(shown, page, len(rows) > page * size, len(rows))


def number(value: Any, unit: str = "") -> Cell:
    """A count in its column."""
    return Cell(f"{value:,}{unit}", number=True)


def to_point(code: str, name: str) -> Cell:
    """A point, leading to its page."""
    return Cell(name, ("places.point", {"code": code}), "points.read")
