"""老年助餐调研报告 as a PDF: the official geometry, headings that stay with their text, charts and maps
as vectors, annexes. Everything comes from the `Report`, so a locked one is the same for ever."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from math import ceil
from typing import TYPE_CHECKING

from mealsvc.kernel.dates import chinese_date
from mealsvc.papers.services import Stamp
from mealsvc.plumbing.paper.document import Paper
from mealsvc.plumbing.paper.geometry import OFFICIAL
from mealsvc.plumbing.paper.tables import PAD, Column
from mealsvc.reports.survey_drawings import drawing_of
from mealsvc.survey.writing.rules.blocks import Block, Chart, Grid, Head, Map, Para, Part, Report
from mealsvc.survey.writing.rules.tokens import told

if TYPE_CHECKING:
    from reportlab.graphics.shapes import Drawing

DRAFT = "征求意见稿"
SMALL_TABLE = 14  # rows; a table of so many is never cut
ISSUER_LINES = 5
FEW_ROWS = 3
LINE_LETTERS = 27  # of the 28 of a line: punctuation may hang over
Exhibit = Chart | Map | Grid


def draw(report: Report, stamp: Stamp | None, fonts: Mapping[str, str] | None = None) -> bytes:
    """The report; without a stamp it is a draft and says so on every page."""
    paper = Paper(
        report.title,
        number=stamp.number if stamp else f"数据截至{report.as_of}",
        digest=stamp.check_code if stamp else "",
        demo=report.demo,
        mark="" if stamp else DRAFT,
        author=report.issuer,
        subject=report.subject,
        fonts=fonts,
    )
    paper.letterhead(report.issuer, stamp.number if stamp else "〔　　　　〕　　　号")
    paper.heading_block(qr=stamp.url if stamp else "")
    writer = _Writer(paper, report)
    for part in report.sections:
        writer.section(part, last=part is report.sections[-1])
    writer.ending()
    for number, part in enumerate(report.annexes, 1):
        writer.annex(part, f"附件{number}　{part.title}")
    return paper.build()


def annex_lines(report: Report) -> list[str]:
    """附件：1. …… , each on a line of its own."""
    return [
        f"{'附件：' if number == 1 else '　　　'}{number}. {part.title}"
        for number, part in enumerate(report.annexes, 1)
    ]


class _Writer:
    """Puts a report's blocks on a paper. What does not fit on a page any more (a chart, a small
    table) waits while the text goes on, so that no page stays half empty before it."""

    def __init__(self, paper: Paper, report: Report):
        self._paper, self._report = paper, report
        self._waiting: list[Exhibit] = []
        self._drawings: dict[int, Drawing | None] = {}

    def section(self, part: Part, *, last: bool) -> None:
        """Everything of a section, down to what still waits."""
        if part.title:
            self._title(part)
        for place, block in enumerate(part.blocks):
            following = part.blocks[place + 1 :]
            match block:
                case Head(text):
                    self._heading(text, following, last)
                case Para(text):
                    self._place_fitting()
                    if last and not following:
                        self._flush()
                        self._paper.keep(self._end_height(text))
                    self._paper.para(told(text, self._report.figures))
                case _:
                    self._exhibit(block)
        self._flush()

    def annex(self, part: Part, heading: str) -> None:
        """An annex on pages of its own; nothing waits there."""
        self._paper.page_break()
        self._paper.heading(1, heading)
        for block in part.blocks:
            match block:
                case Head(text):
                    self._paper.heading(2, text)
                case Para(text):
                    self._paper.para(told(text, self._report.figures))
                case _:
                    self._paper.keep(self._height(block) if self._ends_badly(block) else 0)
                    self._put(block)

    def ending(self) -> None:
        """The list of annexes, then who issues the report and when."""
        lines, day = annex_lines(self._report), self._report.day
        self._paper.keep((len(lines) + ISSUER_LINES) * self._paper.pitch)
        for line in lines:
            self._paper.para(line)
        written = chinese_date(date.fromisoformat(day)) if day else "　　　　年　　月　　日"
        self._paper.issued(self._report.issuer, written)

    def _end_height(self, text: str) -> float:
        """Of the last paragraph, the list of annexes and the issuer."""
        lines = ceil((len(told(text, self._report.figures)) + 2) / LINE_LETTERS)
        return (lines + len(self._report.annexes) + ISSUER_LINES) * self._paper.pitch

    def _title(self, part: Part) -> None:
        """一、…… with the headings right below it and two lines of text."""
        self._turn_for((2 + _heads(part.blocks)) * self._paper.pitch)
        self._paper.heading(1, part.title)

    def _heading(self, text: str, following: Sequence[Block], last: bool) -> None:
        lines = 2 + _heads(following)
        end = following[0] if last and len(following) == 1 else None
        after = self._end_height(end.text) if isinstance(end, Para) else 0
        self._turn_for(lines * self._paper.pitch + after)
        self._place_fitting(after=lines * self._paper.pitch)
        self._paper.heading(2, text)

    def _turn_for(self, height: float) -> None:
        """Where a heading has to go to the next page, what waits comes first there."""
        if height > self._paper.room:
            self._paper.page_break()
            self._place_fitting(after=height)

    def _exhibit(self, block: Exhibit) -> None:
        if not _is_small(block):
            self._flush()
            self._put(block)
            return
        self._waiting.append(block)
        self._place_fitting()

    def _place_fitting(self, after: float = 0) -> None:
        while self._waiting and self._height(self._waiting[0]) + after <= self._paper.room:
            self._put(self._waiting.pop(0))

    def _flush(self) -> None:
        """What waits cannot wait any longer; a table is cut now, if enough of it stays together."""
        while self._waiting:
            block = self._waiting.pop(0)
            least = self._height(block)
            if isinstance(block, Grid) and not self._ends_badly(block):
                least = self._height(replace(block, rows=block.rows[:FEW_ROWS], note=""))
            self._paper.keep(least)
            self._put(block)

    def _put(self, block: Exhibit) -> None:
        paper = self._paper
        if isinstance(block, Grid):
            columns = [Column(col.head, col.share, col.align) for col in block.columns]
            paper.table(
                columns,
                block.rows,
                total=block.total or None,
                caption=block.caption,
                empty=block.empty,
            )
        elif (drawing := self._drawing(block)) is not None:
            paper.chart(drawing, block.caption)
        if block.note:
            paper.note(block.note)
            paper.space(0.4)

    def _height(self, block: Exhibit) -> float:
        """About how high the exhibit is with its caption and note."""
        geometry = OFFICIAL
        note = 2.4 * geometry.table_pitch if block.note else 0
        if isinstance(block, Grid):
            rows = len(block.rows) + bool(block.total) + 1
            head = max(len(col.head) for col in block.columns) > 4
            lines = rows + head + sum(map(_second_lines, block.rows))
            return lines * (geometry.table_pitch + 2 * PAD) + geometry.pitch + 8 + note
        drawing = self._drawing(block)
        return (drawing.height if drawing else 0) + geometry.table_pitch + geometry.pitch + note

    def _ends_badly(self, block: Exhibit) -> bool:
        """Whether only a row or two of a table would go over to the next page."""
        row = OFFICIAL.table_pitch + 2 * PAD
        missing = self._height(block) - self._paper.room
        return isinstance(block, Grid) and 0 < missing < FEW_ROWS * row + 2 * OFFICIAL.table_pitch

    def _drawing(self, block: Chart | Map) -> "Drawing | None":
        if id(block) not in self._drawings:
            self._drawings[id(block)] = drawing_of(block, self._paper.width)
        return self._drawings[id(block)]


def _is_small(block: Exhibit) -> bool:
    return not isinstance(block, Grid) or len(block.rows) <= SMALL_TABLE


def _heads(blocks: Iterable[Block]) -> int:
    """How many headings follow each other from here."""
    count = 0
    for block in blocks:
        if not isinstance(block, Head):
            break
        count += 1
    return count


def _second_lines(row: Sequence[str]) -> int:
    """Whether a row is likely to take a second line."""
    return int(max(map(len, row), default=0) > 14)
