"""Tables of any length: rows are measured once and written page by page as they come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from mealsvc.plumbing.paper.flow import Flow
from mealsvc.plumbing.paper.ink import ASCENT, THICK, THIN
from mealsvc.plumbing.paper.lines import break_lines, clean

PAD = 3.0  # points between a rule and text


@dataclass(frozen=True)
class Column:
    """`share` is the width relative to the other columns; neighbours of one `group` get a
    common head above their own."""

    head: str
    share: float = 1
    align: str = "left"  # or right (money, counts) or center
    group: str = ""


Row = list[list[str]]  # the lines of each cell
Roles = Sequence[str]  # the font of each cell


class TableWriter:
    """One table on one flow."""

    def __init__(self, flow: Flow, columns: Sequence[Column]):
        self._flow = flow
        self._columns = columns
        geometry = flow.geometry
        self._size, self._pitch = geometry.table_size, geometry.table_pitch
        whole = sum(column.share for column in columns)
        self._edges = [flow.left]
        for column in columns:
            self._edges.append(self._edges[-1] + geometry.inner * column.share / whole)
        self._edges[-1] = flow.right
        self._plain, self._bold = ["table"] * len(columns), ["hei"] * len(columns)
        heads = [column.head for column in columns]
        self._head = self._cells(heads, self._bold) if any(heads) else None
        self._spans = [
            (name, [i for i, _ in members])
            for name, members in groupby(enumerate(columns), lambda pair: pair[1].group)
        ]
        self._group_height = self._pitch + 2 * PAD if any(name for name, _ in self._spans) else 0
        self._operators: list[str] = []
        self._top = 0.0
        self._ruled = 0.0  # down to where the columns are ruled

    def write(self, rows: Iterable[Sequence[str]], total: Sequence[str] | None, empty: str) -> None:
        """All rows, then the total, which never stands alone on a page."""
        last = self._cells(total, self._bold) if total else None
        reserve = self._height(last) if last else 0
        self._flow.need(self.least(total))
        self._open()
        held: Row | None = None
        for cells in rows:
            if held is not None:
                self._place(held, self._plain)
            held = self._cells(cells, self._plain)
        if held is None:
            self._note(empty)
        else:
            self._place(held, self._plain, reserve)
        if last:
            self._place(last, self._bold)
        self._close()

    def least(self, total: Sequence[str] | None) -> float:
        """How much of it stays together: the head, two rows of a line, and the total."""
        rows = 2 * (self._pitch + 2 * PAD)
        last = self._height(self._cells(total, self._bold)) if total else 0
        return self._head_height() + rows + last

    def write_grid(self, rows: Iterable[Sequence[str]]) -> None:
        """Rows of labels and values, taken in turn."""
        roles = [("hei", "table")[number % 2] for number in range(len(self._columns))]
        measured = [self._cells(cells, roles) for cells in rows]
        self._flow.need(self._height(measured[0]) if measured else 0)
        self._open()
        for row in measured:
            self._place(row, roles)
        self._close()

    def _cells(self, texts: Sequence[str], roles: Roles) -> Row:
        if len(texts) != len(self._columns):
            raise ValueError(f"{len(self._columns)} columns, but a row of {len(texts)}: {texts!r}")
        return [self._lines(i, text, roles[i]) for i, text in enumerate(texts)]

    def _lines(self, number: int, text: str, role: str) -> list[str]:
        widths = self._flow.ink.faces[role].widths
        room = self._edges[number + 1] - self._edges[number] - 2 * PAD
        if text.isprintable() and sum(map(widths.__getitem__, text)) * self._size <= room:
            return [text]
        pieces = clean(text).split("\n")
        return [line for piece in pieces for line in break_lines(piece, widths, self._size, room)]

    def _height(self, row: Row) -> float:
        return max(map(len, row)) * self._pitch + 2 * PAD

    def _head_height(self) -> float:
        return (self._height(self._head) if self._head else 0) + self._group_height

    def _place(self, row: Row, roles: Roles, after: float = 0) -> None:
        """One row; on the next page if it (with `after` points more) does not fit here."""
        flow = self._flow
        if self._height(row) + after > flow.room:
            self._turn_page()
        while self._height(row) > flow.room:
            fit = max(1, int((flow.room - 2 * PAD) / self._pitch))
            self._draw([lines[:fit] for lines in row], roles)
            row = [lines[fit:] for lines in row]
            self._turn_page()
        self._draw(row, roles)

    def _turn_page(self) -> None:
        self._close()
        self._flow.next_page()
        self._open()

    def _draw(self, row: Row, roles: Roles, centred: bool = False) -> None:
        flow = self._flow
        height = self._height(row)
        self._write(row, roles, flow.y, height, centred)
        flow.y -= height
        self._across(flow.y, flow.left, flow.right)

    def _write(self, row: Row, roles: Roles, top: float, height: float, centred: bool) -> None:
        flow, size, pitch = self._flow, self._size, self._pitch
        text_operators = flow.ink.text_operators
        for number, lines in enumerate(row):
            role = roles[number]
            y = top - (height - len(lines) * pitch) / 2 - (pitch - size) / 2 - ASCENT * size
            for line in lines:
                if line:
                    x = self._start(number, line, role, centred)
                    self._operators.append(text_operators(x, y, line, role, size))
                y -= pitch

    def _start(self, number: int, line: str, role: str, centred: bool) -> float:
        align = "center" if centred else self._columns[number].align
        if align == "left":
            return self._edges[number] + PAD
        width = sum(map(self._flow.ink.faces[role].widths.__getitem__, line)) * self._size
        if align == "right":
            return self._edges[number + 1] - PAD - width
        return (self._edges[number] + self._edges[number + 1] - width) / 2

    def _across(self, y: float, left: float, right: float) -> None:
        self._operators.append(f"{left:.2f} {y:.2f} m {right:.2f} {y:.2f} l S")

    def _open(self) -> None:
        """Begin the table's part on this page with its head."""
        flow = self._flow
        self._top = self._ruled = flow.y
        self._operators = [f"{THIN} w"]
        self._across(flow.y, flow.left, flow.right)
        if self._head:
            self._draw_head(self._head)

    def _draw_head(self, head: Row) -> None:
        """Heads in the middle of their height, which is both lines where there is no group."""
        flow, size = self._flow, self._size
        top, below = flow.y, flow.y - self._group_height
        height = self._head_height()
        inner = [
            lines if column.group else [] for lines, column in zip(head, self._columns, strict=True)
        ]
        outer = [
            [] if column.group else lines for lines, column in zip(head, self._columns, strict=True)
        ]
        self._write(outer, self._bold, top, height, centred=True)
        self._write(inner, self._bold, below, height - self._group_height, centred=True)
        for name, members in self._spans:
            if name:
                left, right = self._edges[members[0]], self._edges[members[-1] + 1]
                x = (left + right - flow.ink.faces["hei"].width(name, size)) / 2
                y = flow.baseline(size, self._group_height)
                self._operators.append(flow.ink.text_operators(x, y, name, "hei", size))
                self._across(below, left, right)
        flow.y = top - height
        self._across(flow.y, flow.left, flow.right)

    def _close(self) -> None:
        """Rule the columns of the part on this page and write it out."""
        flow = self._flow
        self._rule_columns()
        flow.ink.put(self._operators)
        flow.ink.box(flow.left, flow.y, flow.right - flow.left, self._top - flow.y, THICK)

    def _rule_columns(self) -> None:
        """From where they are ruled already down to here."""
        flow = self._flow
        inside = self._inside_groups() if self._ruled == self._top else set()
        if flow.y < self._ruled:
            for number, x in enumerate(self._edges):
                top = self._ruled - (self._group_height if number in inside else 0)
                self._operators.append(f"{x:.2f} {top:.2f} m {x:.2f} {flow.y:.2f} l S")
        self._ruled = flow.y

    def _inside_groups(self) -> set[int]:
        return {i for name, members in self._spans if name for i in members[1:]}

    def _note(self, text: str) -> None:
        """One row across all columns."""
        flow = self._flow
        self._rule_columns()
        height = self._pitch + 2 * PAD
        width = flow.ink.faces["table"].width(text, self._size)
        x, y = (flow.left + flow.right - width) / 2, flow.baseline(self._size, height)
        self._operators.append(flow.ink.text_operators(x, y, text, "table", self._size))
        flow.y -= height
        self._ruled = flow.y
        self._across(flow.y, flow.left, flow.right)
