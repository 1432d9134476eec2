"""老年助餐调研报告 as DOCX, for those who go on writing: the same sections as the PDF, real headings,
tables whose heads repeat. Word takes no vectors of ours, so charts and maps are PNG of the same drawing.

The same report gives the same bytes.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.document import Document as Doc
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt

from mealsvc.kernel.dates import chinese_date
from mealsvc.papers.services import Stamp
from mealsvc.reports import survey_docx_styles as styles
from mealsvc.reports.survey_drawings import drawing_of
from mealsvc.reports.survey_pictures import png
from mealsvc.reports.survey_report import DRAFT, annex_lines
from mealsvc.survey.writing.rules.blocks import Block, Chart, Grid, Head, Map, Para, Report
from mealsvc.survey.writing.rules.tokens import told

WIDTH = Mm(156)
INNER = 442.2  # points between the margins, for drawings
ALIGN = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
}
EPOCH = (1980, 1, 1, 0, 0, 0)
DAY_ONE = datetime(2000, 1, 1, tzinfo=UTC)


def draw(report: Report, stamp: Stamp | None = None) -> bytes:
    """The report as a Word document; without a stamp it is a draft and says so above every page."""
    document = Document()
    styles.set_up(document)
    _properties(document, report)
    first = document.sections[0]
    styles.page_numbers(first)
    words = [] if stamp else [DRAFT]
    words += ["演示数据"] if report.demo else []
    if words:
        styles.running_head(first, "　".join(words))
    _head(document, report, stamp)
    for part in report.sections:
        if part.title:
            _line(document, part.title, "Heading1")
        _blocks(document, report, part.blocks)
    _ending(document, report)
    for number, part in enumerate(report.annexes, 1):
        document.add_page_break()
        _line(document, f"附件{number}　{part.title}", "Heading1")
        _blocks(document, report, part.blocks)
    return _packed(document)


def _properties(document: Doc, report: Report) -> None:
    """Nothing of the moment or the machine; the template's own picture goes."""
    told_by = document.core_properties
    told_by.title, told_by.author = report.title.replace("\n", ""), report.issuer
    told_by.subject, told_by.last_modified_by = report.subject, report.issuer
    told_by.comments, told_by.keywords, told_by.language = "", "", "zh-CN"
    day = date.fromisoformat(report.day) if report.day else DAY_ONE.date()
    told_by.created = told_by.modified = datetime(day.year, day.month, day.day, tzinfo=UTC)
    told_by.revision = 1
    package: Any = document.part.package
    relations = package.rels
    for key, relation in list(relations.items()):
        if relation.reltype == RELATIONSHIP_TYPE.THUMBNAIL:
            del relations[key]


def _head(document: Doc, report: Report, stamp: Stamp | None) -> None:
    _line(document, report.issuer, styles.MARK)
    number = stamp.number if stamp else "〔　　　　〕　　　号"
    styles.red_rule(_line(document, number, styles.LETTERHEAD))
    title = document.add_paragraph(style="Title")
    for place, line in enumerate(report.title.split("\n")):
        if place:
            title.add_run().add_break()
        title.add_run(line)


def _blocks(document: Doc, report: Report, blocks: Sequence[Block]) -> None:
    for block in blocks:
        match block:
            case Head(text):
                _line(document, text, "Heading2")
            case Para(text):
                document.add_paragraph(told(text, report.figures))
            case Grid():
                _table(document, block)
            case _:
                _picture(document, block)


def _picture(document: Doc, block: Chart | Map) -> None:
    """The caption, then the drawing; both stay together."""
    drawing = drawing_of(block, INNER)
    if drawing is None:
        return
    _line(document, block.caption, styles.CAPTION)
    line = _line(document, "", styles.CELL)
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    shape = line.add_run().add_picture(BytesIO(png(drawing)), width=Pt(drawing.width))
    shape._inline.docPr.set("descr", block.caption)
    if block.note:
        line.paragraph_format.keep_with_next = True
        _line(document, block.note, styles.SMALL)


def _table(document: Doc, grid: Grid) -> None:
    """Thin rules, a head that repeats on every page, rows that no page end cuts."""
    _line(document, grid.caption, styles.CAPTION)
    rows = [*grid.rows, *([grid.total] if grid.total else [])]
    table = document.add_table(rows=1, cols=len(grid.columns), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    whole = sum(column.share for column in grid.columns)
    widths = [int(WIDTH * column.share / whole) for column in grid.columns]
    for place, wide in enumerate(widths):
        table.columns[place].width = Emu(wide)
    _row(table.rows[0], [column.head for column in grid.columns], grid, widths, head=True)
    for row in rows:
        _row(table.add_row(), row, grid, widths, bold=row is grid.total)
    if not rows:
        _row(table.add_row(), [grid.empty, *[""] * (len(grid.columns) - 1)], grid, widths)
    if grid.note:
        _line(document, grid.note, styles.SMALL)


def _row(
    row: Any,
    texts: Sequence[str],
    grid: Grid,
    widths: Sequence[int],
    *,
    head: bool = False,
    bold: bool = False,
) -> None:
    properties = row._tr.get_or_add_trPr()
    for name in ("w:cantSplit", *(["w:tblHeader"] if head else [])):
        properties.append(OxmlElement(name))
    for cell, text, column, width in zip(row.cells, texts, grid.columns, widths, strict=True):
        cell.width = width
        line = cell.paragraphs[0]
        line._p.style = styles.CELL
        line.alignment = ALIGN["center" if head else column.align]
        run = line.add_run(text)
        if head or bold:
            run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), styles.HEI)


def _line(document: Doc, text: str, style: str) -> Any:
    """A paragraph of one of our styles; python-docx looks a name up among hundreds, an id is set."""
    line = document.add_paragraph(text)
    line._p.style = style
    return line


def _ending(document: Doc, report: Report) -> None:
    """The list of annexes, who issues the report, and when."""
    document.add_paragraph()
    for line in annex_lines(report):
        document.add_paragraph(line)
    day = chinese_date(date.fromisoformat(report.day)) if report.day else "　　　　年　　月　　日"
    document.add_paragraph()
    for text in (report.issuer, day):
        line = document.add_paragraph(text)
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        line.paragraph_format.right_indent = Pt(4 * 16)


def _packed(document: Doc) -> bytes:
    """The file with every entry under the same date, so that the same text is the same file."""
    written = BytesIO()
    document.save(written)
    packed = BytesIO()
    with ZipFile(written) as old, ZipFile(packed, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = ZipInfo(name, EPOCH)
            entry.compress_type = ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return packed.getvalue()
