"""How a survey report looks in Word: the official page (GB/T 9704), fonts by name with what stands in
for them, heading styles, page numbers. Only what is asked for of a DOCX by `survey_docx`."""

from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

LINE = 28.95
BODY, TITLE, HEI, KAI, SONG = "仿宋_GB2312", "方正小标宋简体", "黑体", "楷体_GB2312", "宋体"
LATIN = "Times New Roman"
# What Word takes where the first font is not there, in its own font table.
STAND_INS = {BODY: "仿宋", TITLE: "宋体", KAI: "楷体", HEI: "SimHei", SONG: "SimSun"}
CAPTION, CELL, SMALL, MARK, LETTERHEAD = "图表题", "表格文字", "表注", "发文机关标志", "发文字号"
NUMBER_OF_PAGE = "页码"
AFTER_BORDERS = ("w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")
FIRST_LINE = "200"  # hundredths of a character


def set_up(document: Any) -> None:
    """Styles, fonts and the page of a new document."""
    _normal(document)
    _heading(document, 1, HEI)
    _heading(document, 2, KAI)
    _title(document)
    for name, font, size, align in (
        (CAPTION, HEI, 11.5, WD_ALIGN_PARAGRAPH.CENTER),
        (CELL, SONG, 10.5, WD_ALIGN_PARAGRAPH.LEFT),
        (SMALL, SONG, 10.5, WD_ALIGN_PARAGRAPH.LEFT),
        (MARK, TITLE, 30, WD_ALIGN_PARAGRAPH.CENTER),
        (LETTERHEAD, BODY, 16, WD_ALIGN_PARAGRAPH.CENTER),
        (NUMBER_OF_PAGE, SONG, 14, WD_ALIGN_PARAGRAPH.RIGHT),
    ):
        _own(document, name, font, size, align)
    document.styles[MARK].font.color.rgb = RGBColor(0xCC, 0, 0)
    _fonts(document)
    document.settings.odd_and_even_pages_header_footer = True
    page(document.sections[0])


def page(section: Any) -> None:
    """A4 with the official margins and 22 lines of 28 characters."""
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.right_margin = Mm(37), Mm(26)
    section.bottom_margin, section.left_margin = Mm(35), Mm(28)
    section.footer_distance, section.header_distance = Mm(25), Mm(15)
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section._sectPr.append(grid)
    grid.set(qn("w:type"), "linesAndChars")
    grid.set(qn("w:linePitch"), str(round(LINE * 20)))
    grid.set(qn("w:charSpace"), str(round((442.2 / 28 - 16) * 4096)))


def page_numbers(section: Any) -> None:
    """`— 3 —`: right on odd pages, left on even ones, a character in."""
    for footer, align in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        footer.is_linked_to_previous = False
        line = footer.paragraphs[0]
        line.style = NUMBER_OF_PAGE
        line.alignment = align
        side = "right" if align == WD_ALIGN_PARAGRAPH.RIGHT else "left"
        setattr(line.paragraph_format, f"{side}_indent", Pt(14))
        line.add_run("— ")
        for kind, text in (("begin", ""), ("", " PAGE "), ("separate", ""), ("1", ""), ("end", "")):
            _field(line.add_run(), kind, text)
        line.add_run(" —")


def running_head(section: Any, words: str) -> None:
    """A word above the text on every page, such as that this is a draft."""
    for header in (section.header, section.even_page_header):
        header.is_linked_to_previous = False
        line = header.paragraphs[0]
        line.style = SMALL
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        line.add_run(words)


def red_rule(paragraph: Any) -> None:
    """The red rule of the letterhead, below a paragraph."""
    border = parse_xml(
        f'<w:pBdr {nsdecls("w")}><w:bottom w:val="single" w:sz="12" w:space="4"'
        ' w:color="CC0000"/></w:pBdr>'
    )
    paragraph._p.get_or_add_pPr().insert_element_before(border, *AFTER_BORDERS)


def _normal(document: Any) -> None:
    style = document.styles["Normal"]
    _font(style, BODY, 16)
    form = style.paragraph_format
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(LINE)
    form.space_before = form.space_after = Pt(0)
    form.widow_control = True
    form.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    _indent(style, FIRST_LINE)


def _heading(document: Any, level: int, font: str) -> None:
    style = document.styles[f"Heading {level}"]
    _font(style, font, 16)
    form = style.paragraph_format
    form.space_before = form.space_after = Pt(0)
    form.keep_with_next = True
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(LINE)
    _indent(style, FIRST_LINE)


def _title(document: Any) -> None:
    style = document.styles["Title"]
    _font(style, TITLE, 22)
    border = style.element.find(f"{qn('w:pPr')}/{qn('w:pBdr')}")
    if border is not None:
        border.getparent().remove(border)
    form = style.paragraph_format
    form.alignment = WD_ALIGN_PARAGRAPH.CENTER
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(34)
    form.space_before, form.space_after = Pt(LINE / 2), Pt(LINE)
    _indent(style, "0")


def _own(document: Any, name: str, font: str, size: float, align: Any) -> None:
    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Normal"]
    _font(style, font, size)
    form = style.paragraph_format
    form.alignment = align
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.SINGLE, 1.0
    form.keep_with_next = name == CAPTION
    _indent(style, "0")


def _font(style: Any, font: str, size: float) -> None:
    style.font.size, style.font.name = Pt(size), LATIN
    style.font.bold = style.font.italic = False
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        if name.endswith("Theme"):
            del fonts.attrib[name]
    for side in ("ascii", "hAnsi", "cs"):
        fonts.set(qn(f"w:{side}"), LATIN)
    fonts.set(qn("w:eastAsia"), font)


def _indent(style: Any, hundredths: str) -> None:
    properties = style.element.get_or_add_pPr()
    indent = properties.find(qn("w:ind"))
    if indent is None:
        style.paragraph_format.first_line_indent = Pt(0)  # puts the element where it belongs
        indent = properties.find(qn("w:ind"))
    for name in list(indent.attrib):
        del indent.attrib[name]
    indent.set(qn("w:firstLineChars"), hundredths)
    indent.set(qn("w:firstLine"), str(int(hundredths) * 16 * 20 // 100))


def _field(run: Any, kind: str, text: str) -> None:
    """A piece of a field: where it begins, what it asks for, what it last was, where it ends."""
    if text:
        element = OxmlElement("w:instrText")
        element.set(qn("xml:space"), "preserve")
        element.text = text
    elif kind.isdigit():
        run.text = kind
        return
    else:
        element = OxmlElement("w:fldChar")
        element.set(qn("w:fldCharType"), kind)
    run._r.append(element)


def _fonts(document: Any) -> None:
    """Names in Word's font table what to take instead of a font that is not installed."""
    for part in document.part.package.iter_parts():
        if str(part.partname) == "/word/fontTable.xml":
            added = "".join(
                f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
                for name, other in STAND_INS.items()
            )
            blob = part.blob.decode()
            part._blob = blob.replace("</w:fonts>", f"{added}</w:fonts>").encode()
