"""Read a table in batches: all the good rows, and every bad row with its first wrong column."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from mealsvc.exchange.columns import Kind
from mealsvc.exchange.harmless import harmless_undone
from mealsvc.exchange.headings import Matched, match
from mealsvc.exchange.tables import Table
from mealsvc.exchange.values import Malformed
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy

BATCH = 2_000
KEPT = 1_000

EMPTY = "不能为空，请填写。"
BOTH = "两列金额不一致，请核对，只留一列也可以。"
TOO_WIDE = "这一行比表头多出几格。内容里有逗号时，请用英文双引号括起来。"
UNREADABLE = "从这一行起英文双引号没有成对，读不出来。请补全或删去引号。"


class Reject(NamedTuple):
    """One bad row: its cells as they were, a heading of the file, why, and what to do."""

    line: int
    cells: list[str]
    column: str
    code: str
    message: str


@dataclass
class Batch:
    """`rows` are the kind's records; `cells` keeps their original text, by line."""

    matched: Matched
    rows: list[Any] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    cells: dict[int, list[str]] = field(default_factory=dict)

    def reject(self, line: int, slot: str, code: str, message: str) -> Reject:
        """Report a good-looking row that the service refused, at a field of its record."""
        found = Reject(line, self.cells[line], self.matched.heading(slot), code, message)
        self.rejects.append(found)
        return found


class Cell(NamedTuple):
    """How to read one cell of a row: where it is and where its value goes."""

    place: int
    slot: int
    parse: Callable[[str], Any]
    filled: bool
    heading: str
    seen: dict[str, Any]  # the first good cells and their values: most columns repeat


class Twins(NamedTuple):
    """The same amount in fen and in yuan, both columns present: one filled cell is enough."""

    slot: int
    spare: int
    filled: bool
    lenient: bool
    heading: str


Problem = tuple[str, Refusal]  # heading and reason


class RowReader:
    """Reads one table as one kind of file; `count` is the number of data rows so far.

    `today` (local date) judges birth dates. A cell that starts with an apostrophe before a
    formula sign loses it: that is how our own exports make such cells harmless.
    """

    def __init__(self, kind: Kind, table: Table, today: date, size: int = BATCH) -> None:
        self.kind, self.table, self.size = kind, table, size
        self.matched = match(kind, table.headings)
        self.count = 0
        self._record = kind.record._make
        self._names = kind.record._fields
        self._blank = [kind.record._field_defaults.get(name) for name in self._names]
        self._width = len(table.headings)
        self._cells, self._twins = self._plan(today)

    @property
    def warnings(self) -> list[str]:
        """What the clerk should know about the headings."""
        return self.matched.warnings

    def batches(self) -> Iterator[Batch]:
        """Every row of the table, in the file's order, never stopping at a bad one."""
        batch = Batch(self.matched)
        for line, cells in self.table.rows:
            self.count += 1
            self._read(line, cells, batch)
            if len(batch.rows) + len(batch.rejects) >= self.size:
                yield batch
                batch = Batch(self.matched)
        if batch.rows or batch.rejects:
            yield batch

    def _plan(self, today: date) -> tuple[list[Cell], list[Twins]]:
        cells: list[Cell] = []
        twins: list[Twins] = []
        first: dict[int, int] = {}
        for place, column in self.matched.columns:
            slot = self._names.index(column.slot)
            heading = self.matched.headings[place]
            filled = column.required and not column.lenient
            if slot in first:
                spare = len(self._blank)
                self._blank.append(None)
                other = first[slot]
                twins.append(Twins(slot, spare, filled, column.lenient, cells[other].heading))
                cells[other] = cells[other]._replace(filled=False)
                slot, filled = spare, False
            first.setdefault(slot, len(cells))
            parse = partial(column.parse, today=today) if column.dated else column.parse
            cells.append(Cell(place, slot, parse, filled, heading, {}))
        return cells, twins

    def _read(self, line: int, cells: list[str] | None, batch: Batch) -> None:
        original = [] if cells is None else cells[: len(self.matched.headings)]
        row, problems = self._parse(line, cells)
        batch.cells[line] = original
        if not problems:
            batch.rows.append(row)
            return
        heading, first = problems[0]
        message = first.message
        if len(problems) > 1:
            message = "".join(f"{name}：{problem.message}" for name, problem in problems)
        batch.rejects.append(Reject(line, original, heading, first.code, message))

    def _parse(self, line: int, cells: list[str] | None) -> tuple[Any, list[Problem]]:
        try:
            cells = self._fitted(cells)
        except Malformed as refusal:
            return None, [(self.matched.headings[-1], refusal)]
        values = self._blank.copy()
        values[0] = line
        problems: list[Problem] = []
        for place, slot, parse, filled, heading, seen in self._cells:
            raw = cells[place]
            if raw in seen:
                values[slot] = seen[raw]
                continue
            try:
                values[slot] = value = _value(raw, parse, filled)
            except Refusal as refusal:
                problems.append((heading, refusal))
            else:
                if len(seen) < KEPT:
                    seen[raw] = value
        if self._twins:
            self._join_twins(values, problems)
        if problems:
            return None, problems
        row = self._record(values)
        wrong = self.kind.check(row)
        return row, [(self.matched.heading(wrong[0]), wrong[1])] if wrong else []

    def _fitted(self, cells: list[str] | None) -> list[str]:
        """As many cells as the heading row has; Malformed when that would lose something."""
        if cells is None:
            raise Malformed(reason=UNREADABLE)
        if any(cell.strip() for cell in cells[self._width :]):
            raise Malformed(reason=TOO_WIDE)
        return cells + [""] * (self._width - len(cells))

    def _join_twins(self, values: list[Any], problems: list[Problem]) -> None:
        for slot, spare, filled, lenient, heading in self._twins:
            one, other = values[slot], values[spare]
            if one is None:
                values[slot] = other
            elif other is not None and one != other:
                values[slot] = None
                if not lenient:
                    problems.append((heading, Malformed(reason=BOTH)))
            if one is None and other is None and filled and not problems:
                problems.append((heading, Malformed(reason=EMPTY)))
        del values[len(self._names) :]


def _value(raw: str, parse: Callable[[str], Any], filled: bool) -> Any:
    text = tidy(raw)
    if text:
        return parse(text if text[0] != "'" else harmless_undone(text))
    if filled:
        raise Malformed(reason=EMPTY)
    return None
