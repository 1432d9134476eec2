"""What a form is made of: its questions, and the sums that must hold between them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

Kind = Literal["count", "number", "money", "text", "long", "date", "choice", "choices", "rows"]
Answers = Mapping[str, Any]
"""By field code: int (count; money in fen), float (number), str (text, ISO date, an option's code),
list[str] (options' codes), list[dict] (rows). What was left blank is not in it."""

NUMBERS = ("count", "number", "money")


@dataclass(frozen=True, slots=True)
class Field:
    """A question. `code` stays with its question for good: never renumber, never use one again.

    `least` and `most` bound a number (money in yuan); `most` is also the longest text, the most
    options to choose and the most rows. `asked_if` names another field and the options after
    which this one is asked. `columns` are the questions of each row; a row's raw key is
    `C01.3.C12`, the rows counted from 1.
    """

    code: str
    label: str
    kind: Kind
    unit: str = ""
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    least: float | None = None
    most: float | None = None
    required: bool = False
    group: str = ""
    asked_if: tuple[str, tuple[str, ...]] | None = None
    columns: tuple["Field", ...] = ()

    @property
    def names(self) -> dict[str, str]:
        """What an option's code is called."""
        return dict(self.options)


@dataclass(frozen=True, slots=True)
class Sums:
    """`parts` add up to `whole`: exactly, or (`exact` False) to no more than it.

    `whole` may name several fields, which are added up too.
    """

    parts: tuple[str, ...]
    whole: tuple[str, ...]
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """A form of the survey. `unit` is what one sheet is about: community, point, person or town."""

    letter: str
    name: str
    unit: Literal["community", "point", "person", "town"]
    fields: tuple[Field, ...]
    intro: str = ""
    sums: tuple[Sums, ...] = ()

    def field(self, code: str) -> Field:
        """The question of this code. Raises KeyError."""
        for one in self.fields:
            if one.code == code:
                return one
        raise KeyError(code)

    @property
    def groups(self) -> list[tuple[str, list[Field]]]:
        """The questions under their headings, in the order of the paper."""
        found: dict[str, list[Field]] = {}
        for one in self.fields:
            found.setdefault(one.group, []).append(one)
        return list(found.items())


def in_group(group: str, *fields: Field) -> tuple[Field, ...]:
    """The fields under one heading."""
    return tuple(replace(one, group=group) for one in fields)
