"""The half page of what is due this week, as plain values."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to do: what, a hint, the day by which, where there is one, and the page for it."""

    what: str
    hint: str = ""
    due: date | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Things of one kind; `more` did not fit."""

    title: str
    lines: tuple[Line, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one place has to do up to a day."""

    place: str
    day: date
    until: date
    sections: tuple[Section, ...]

    @property
    def count(self) -> int:
        return sum(len(one.lines) + one.more for one in self.sections)
