"""What the rules that compare points look at: the lines of elders who ate at several points on one
day, the register's likely duplicates, and each point's month in a few numbers.

Filled while the points stream by, so it stays small: lines only where points meet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mealsvc.auditing.scanning.rules.view import Ints, Lines, Point

SAME_NAME, SAME_DIGITS, OTHER_SEX = "same_name_birth", "same_digits", "other_sex"


@dataclass(frozen=True, slots=True)
class Visits:
    """How often each elder of `District.lines` eats where, one row an elder and point."""

    resident: Ints
    point: Ints  # id
    month: Ints  # servings in the month
    before: Ints  # servings in the months that habits come from


@dataclass(frozen=True, slots=True)
class Twin:
    """Two registrations that seem to be one person: `younger` was registered later.

    why: the same name and birth date (`same_name_birth`), the same ID number but for the check
    digit or the century (`same_digits`), or but for the digit that tells the sex (`other_sex`).
    """

    older: int
    younger: int
    why: str


@dataclass(frozen=True, slots=True)
class Summary:
    """One point's month: `servings` of each elder who ate there, in any order."""

    point: Point
    servings: Ints
    kg: Mapping[str, float] = field(default_factory=dict)  # bought in the month, by item


@dataclass(frozen=True, slots=True)
class District:
    """All points of a month at once.

    `lines` hold, in the order of elder, day and second, (1) every line of an elder and day on which
    the elder ate at two points or more and (2) every line of the elders of `twins`; `where` is the
    id of each line's point.
    """

    first_day: int
    last_day: int
    points: Sequence[Summary]
    lines: Lines
    where: Ints
    visits: Visits
    twins: Sequence[Twin] = ()

    def point(self, number: int) -> Point:
        """The point with this id."""
        return next(one.point for one in self.points if one.point.id == number)
