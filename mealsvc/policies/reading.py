"""Reading the tables of a policy file key by key, so that every wrong line can be named at once."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from mealsvc.policies.lines import Lines
from mealsvc.policies.rules import SOURCES, Funding

LARGEST = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in the file, with its line from 1."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"第{self.line}行：{self.message}"


class Document:
    """The parsed file with the lines of its keys; problems gather here."""

    def __init__(self, content: dict[str, Any], lines: Lines, tables: Collection[str]) -> None:
        self._content = content
        self._lines = lines
        self.problems: list[Problem] = []
        for name in content:
            if name not in tables:
                self.refuse(name, 0, "", f"不认识“{name}”，请删去或改正")

    def refuse(self, table: str, entry: int, key: str, message: str) -> None:
        """Note a problem at the line of that key."""
        self.problems.append(Problem(self._lines.of(table, entry, key), message))

    def table(self, name: str) -> "Table | None":
        """The table `[name]`; a missing one is a problem."""
        value = self._content.get(name)
        if isinstance(value, dict):
            return Table(self, name, 0, value)
        self.refuse(name, 0, "", f"请写一节 [{name}]，一层方括号")
        return None

    def tables(self, name: str) -> list["Table"]:
        """The entries `[[name]]`, none if absent."""
        value = self._content.get(name, [])
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return [Table(self, name, entry, item) for entry, item in enumerate(value)]
        self.refuse(name, 0, "", f"请写成 [[{name}]]，两层方括号")
        return []


class Table:
    """One table. A wrong value is noted and then read as if it were absent."""

    def __init__(
        self, document: Document, name: str, entry: int, values: dict[str, Any], within: str = ""
    ) -> None:
        self._document, self._name, self._entry = document, name, entry
        self._values, self._within = values, within
        self._unread = dict.fromkeys(values)
        code = values.get("code")
        self._label = f"{code} 的 " if isinstance(code, str) and name != "policy" else ""

    def has(self, key: str) -> bool:
        """Whether the file writes the key, rightly or wrongly."""
        return key in self._values

    def refuse(self, key: str, message: str) -> None:
        """Note a problem at the line of the key, else of the table's heading."""
        place = self._within or key
        self._document.refuse(self._name, self._entry, place, f"{self._label}{message}")

    def text(self, key: str, shape: re.Pattern[str], hint: str, default: str = "") -> str:
        """A text of that shape; mandatory unless there is a default."""
        value = self._take(key)
        if value is None and default:
            return default
        if isinstance(value, str) and shape.fullmatch(value) and _printable(value):
            return value
        self.refuse(key, f"{key} 请填写{hint}，两边加引号")
        return default

    def choice(self, key: str, allowed: Collection[str], default: str) -> str:
        """One of the allowed words."""
        value = self._take(key)
        if value is None:
            return default
        if isinstance(value, str) and value in allowed:
            return value
        self.refuse(key, f"{key} 只能是 {'、'.join(allowed)}")
        return default

    def choices(self, key: str, allowed: Collection[str]) -> frozenset[str] | None:
        """Any of the allowed words; None if absent."""
        values = self._list(key, allowed.__contains__, "、".join(allowed))
        if values == []:
            self.refuse(key, f"{key} 不能是空的；不限制时请删去这一项")
        return frozenset(values) if values else None

    def prefixes(self, key: str, shape: re.Pattern[str]) -> tuple[str, ...]:
        """Prefixes of division codes; none if absent."""
        values = self._list(key, lambda item: shape.fullmatch(item) is not None, "区划代码的前几位")
        return tuple(values or ())

    def whole(self, key: str, low: int, high: int = LARGEST) -> int | None:
        """A whole number; None if absent."""
        value = self._take(key)
        if value is None or (type(value) is int and low <= value <= high):
            return value
        self.refuse(key, f"{key} 请填写{low}至{high}的整数")
        return None

    def day(self, key: str) -> date | None:
        """A local date; None if absent."""
        value = self._take(key)
        # A datetime is a date too: only a bare date names a day.
        if value is None or type(value) is date:
            return value
        self.refuse(key, f"{key} 请填写日期，如 2023-04-01，不加引号，不带时间")
        return None

    def funding(self) -> Funding | None:
        """Sources in the order of the file, none if absent; None when something in it is wrong."""
        value = self._take("funding")
        if value is None:
            return ()
        if not isinstance(value, dict):
            self.refuse("funding", "funding 请写成 { district = 200, town = 100 }")
            return None
        wrong = False
        for source, amount in value.items():
            if source not in SOURCES:
                self.refuse("funding", f"funding 里不认识“{source}”，只能是 {'、'.join(SOURCES)}")
                wrong = True
            elif type(amount) is not int or not 0 <= amount <= LARGEST:
                self.refuse("funding", f"funding 的 {source} 请填写0至{LARGEST}的整数")
                wrong = True
        return None if wrong else tuple(value.items())

    def items(self, key: str, hint: str) -> list["Table"]:
        """The tables in the list of a key, none if absent; a problem in one stands on its line."""
        values = self._take(key)
        if values is None:
            return []
        if not (
            isinstance(values, list) and values and all(isinstance(item, dict) for item in values)
        ):
            self.refuse(key, f"{key} 请写成列表，如 {hint}")
            return []
        items = []
        for number, item in enumerate(values):
            table = Table(self._document, self._name, self._entry, item, f"{key}.{number}")
            table._label = f"{self._label}{key} 第{number + 1}项的 "
            items.append(table)
        return items

    def finish(self) -> None:
        """Note every key that nobody read: a misspelt condition must not be silently dropped."""
        for key in self._unread:
            self.refuse(key, f"不认识“{key}”，请删去或改正")

    def _take(self, key: str) -> Any:
        self._unread.pop(key, None)
        return self._values.get(key)

    def _list(self, key: str, fits: Callable[[str], bool], hint: str) -> list[str] | None:
        values = self._take(key)
        if values is None:
            return None
        if isinstance(values, list) and all(
            isinstance(item, str) and fits(item) for item in values
        ):
            return values
        self.refuse(key, f'{key} 请写成列表，如 ["…", "…"]，其中只能有：{hint}')
        return None


def _printable(text: str) -> bool:
    """Whether a text holds no control characters; the wide Chinese space is welcome."""
    return text.replace("\u3000", " ").isprintable()
