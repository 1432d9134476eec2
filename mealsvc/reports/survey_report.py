"""老年助餐调研报告 as a PDF: the official geometry, headings that stay with their text, charts and maps
as vectors, annexes. Everything comes from the `Report`, so a locked one is the same for ever."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from mealsvc.kernel.dates import chinese_date
from mealsvc.papers.services import Stamp
from mealsvc.plumbing.paper.document import Paper
from mealsvc.plumbing.paper.geometry import OFFICIAL
from mealsvc.plumbing.paper.tables import Column
from mealsvc.reports.report_annexes import OFFICIAL_LANDSCAPE
from mealsvc.reports.survey_drawings import drawing_of
from mealsvc.survey.writing.rules.blocks import Block, Chart, Grid, Head, Map, Para, Part, Report
from mealsvc.survey.writing.rules.tokens import told

DRAFT = "征求意见稿"
ENDING_LINES = 11  # the last paragraph, the list of annexes, who issues the report
WIDE_COLUMNS = 8  # a table of more stands on a turned page
CAPTION_POINTS = 52.0


def draw(report: Report, stamp: Stamp | None, fonts: Mapping[str, str] | None = None) -> bytes:
    """The report; without a stamp it is a draft and says so on every page."""
    paper = Paper(
        report.title,
        number=_foot(report, stamp),
        digest=stamp.check_code if stamp else "",
        demo=report.demo,
        mark="" if stamp else DRAFT,
        author=report.issuer,
        subject=report.subject,
        fonts=fonts,
    )
    paper.letterhead(report.issuer, stamp.number if stamp else "〔　　　　〕　　　号")
    paper.heading_block(qr=stamp.url if stamp else "")
    for place, part in enumerate(report.sections):
        _section(paper, report, part, last=place == len(report.sections) - 1)
    _ending(paper, report)
    for number, part in enumerate(report.annexes, 1):
        _annex(paper, report, part, f"附件{number}　{part.title}")
    return paper.build()


def _foot(report: Report, stamp: Stamp | None) -> str:
    return stamp.number if stamp else f"数据截至{report.as_of}"


def _section(paper: Paper, report: Report, part: Part, *, last: bool) -> None:
    paper.heading(1, part.title)
    waiting: list[Chart | Map] = []
    for place, block in enumerate(part.blocks):
        _place_fitting(paper, waiting)
        final = last and place == len(part.blocks) - 1
        if isinstance(block, Chart | Map):
            waiting.append(block)
            _place_fitting(paper, waiting)
            continue
        if final and isinstance(block, Para):  # no page holds the annexes' list and issuer alone
            paper.keep(ENDING_LINES * paper.pitch)
        _put(paper, report, block, part.blocks[place + 1 : place + 2])
    for block in waiting:
        _picture(paper, block)


def _place_fitting(paper: Paper, waiting: list[Chart | Map]) -> None:
    """Charts and maps that fit here now; the others wait while the text goes on, so that no page
    stays half empty before them."""
    while waiting and _height(paper, waiting[0]) <= paper.room:
        _picture(paper, waiting.pop(0))


def _height(paper: Paper, block: Chart | Map) -> float:
    drawing = drawing_of(block, paper.width)
    return (drawing.height if drawing else 0) + CAPTION_POINTS


def _picture(paper: Paper, block: Chart | Map) -> None:
    drawing = drawing_of(block, paper.width)
    if drawing is not None:
        paper.chart(drawing, block.caption)
    if block.note:
        paper.note(block.note)


def _put(paper: Paper, report: Report, block: Block, following: Sequence[Block]) -> None:
    match block:
        case Head(text):
            if following and isinstance(following[0], Grid):
                paper.keep(7 * paper.pitch)
            paper.heading(2, text)
        case Para(text):
            paper.para(told(text, report.figures))
        case Grid():
            _grid(paper, block)
        case _:
            _picture(paper, block)


def _grid(paper: Paper, grid: Grid) -> None:
    columns = [Column(col.head, col.share, col.align) for col in grid.columns]
    paper.table(
        columns, grid.rows, total=grid.total or None, caption=grid.caption, empty=grid.empty
    )
    if grid.note:
        paper.note(grid.note)
        paper.space(0.4)


def _ending(paper: Paper, report: Report) -> None:
    """The list of annexes, then who issues the report and when."""
    for line in annex_lines(report):
        paper.para(line)
    day = chinese_date(date.fromisoformat(report.day)) if report.day else "　　　　年　　月　　日"
    paper.issued(report.issuer, day)


def annex_lines(report: Report) -> Iterable[str]:
    """附件：1. …… , each on a line of its own."""
    for number, part in enumerate(report.annexes, 1):
        yield f"{'附件：' if number == 1 else '　　　'}{number}. {part.title}"


def _annex(paper: Paper, report: Report, part: Part, heading: str) -> None:
    wide = any(isinstance(one, Grid) and len(one.columns) > WIDE_COLUMNS for one in part.blocks)
    paper.page_break(OFFICIAL_LANDSCAPE if wide else OFFICIAL)
    paper.heading(1, heading)
    for place, block in enumerate(part.blocks):
        _put(paper, report, block, part.blocks[place + 1 : place + 2])
