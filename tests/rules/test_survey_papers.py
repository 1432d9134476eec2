"""The survey report as PDF and as a Word file, drawn from plain data."""

import io
import json
import zipfile
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import pypdfium2
import pytest
from docx import Document
from docx.oxml.ns import qn

from mealsvc.coverage.mapping.rules import Community, MapView, Outline, Planned, Site
from mealsvc.papers.services import Stamp
from mealsvc.reports import survey_docx, survey_report
from mealsvc.survey.writing.maps import plain_of, view_of
from mealsvc.survey.writing.rules.blocks import (
    Chart,
    Cited,
    Col,
    Grid,
    Head,
    Map,
    Para,
    Part,
    Report,
    numbered,
)
from tests.support.papers import words_of

MM = 72 / 25.4
RING = ((119.90, 31.70), (119.95, 31.70), (119.95, 31.75), (119.90, 31.75))
VIEW = MapView(
    day=date(2024, 5, 31),
    radius_m=1000.0,
    walk_m=550.0,
    gap_pop60=200,
    communities=(
        Community("320412100001", "丰乐社区", 900, 119.91, 31.71, 100.0, "甲点"),
        Community("320412100002", "和平村", 300, 119.94, 31.74, 4000.0),
    ),
    sites=(Site("P01", "甲点", "community_canteen", 119.911, 31.711),),
    planned=(Planned(1, "乙点", 119.94, 31.741),),
    offered=(Planned(0, "丙点", 119.93, 31.73),),
    outlines=(Outline("320412100", "湖塘镇", ((RING,),)),),
    towns=(("320412100", "湖塘镇"),),
    area="武进区",
)
TABLE = Grid(
    "各镇人口",
    (Col("镇", 2), Col("人数", 1, "right")),
    (("湖塘镇", "900"),) * 40,
    ("合计", "9"),
    "说明",
)
CHART = Chart(
    "供需", "pairs", "份", ("湖塘镇", "牛塘镇"), (("需求", (9.5, 3.0)), ("能力", (5.0, 0.0)))
)
ORDER = (
    "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr "
    "shd tabs suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE "
    "autoSpaceDN bidi adjustRightInd snapToGrid spacing ind contextualSpacing mirrorIndents "
    "suppressOverlap jc textDirection textAlignment textboxTightWrap outlineLvl divId cnfStyle rPr "
    "sectPr pPrChange"
)
STAMP = Stamp("武民助摸〔2024〕0001号", 1, "ABCD-1234", "http://127.0.0.1/v/x", False)


def a_report(day="", sections=None):
    said = "全区老人{eligible}，" + "说明情况。" * 30
    body = sections or (
        Part("intro", "", (Para(said),)),
        Part(
            "basics",
            "一、基本情况",
            (
                Head("（一）人口"),
                Para(said),
                Map("覆盖图", plain_of(VIEW)),
                Para(said * 3),
                CHART,
                TABLE,
            ),
        ),
        Part("advice", "八、对策建议", (Head("（一）经费"), Para(said))),
    )
    annexes = (Part("tables", "数据表", (TABLE,)), Part("charts", "数据图", (CHART,)))
    made = numbered([*body, *annexes])
    cited = {"eligible": Cited("老人", "217,000人", "口径", "时点", "来源")}
    title = "武进区老年助餐服务调研报告"
    return Report(
        title,
        "武进区民政局",
        title,
        "2024年5月31日",
        day,
        True,
        made[: len(body)],
        made[len(body) :],
        cited,
    )


def test_a_map_kept_as_plain_data_is_the_same_map():
    assert view_of(json.loads(json.dumps(plain_of(VIEW)))) == VIEW


def test_a_draft_says_so_and_the_issued_paper_carries_number_code_and_day():
    draft = words_of(survey_report.draw(a_report(), None))
    assert survey_report.DRAFT in draft and "217,000人" in draft
    issued = words_of(survey_report.draw(a_report("2024-06-01"), STAMP))
    assert survey_report.DRAFT not in issued
    assert all(one in issued for one in (STAMP.number, STAMP.check_code, "2024年6月1日"))
    assert "附件：1.数据表" in issued and "附件2" in issued


@pytest.mark.parametrize("lines", range(2, 24))
def test_no_heading_stands_last_on_a_page_and_the_issuer_never_alone(lines):
    """However full the page is, a heading goes with text, and the day with the last paragraph."""
    para = Para("一段话正好一行多一点，用来把这一页往下推。")
    sections = (
        Part("basics", "一、前文", (para,) * lines),
        Part(
            "advice",
            "二、标题",
            (
                Head("（一）小标题"),
                Head("（二）又一个小标题"),
                Para("小标题下面的话。"),
                Para("最后一段。"),
            ),
        ),
    )
    pdf = survey_report.draw(a_report(sections=sections), None)
    pages = _pages(pdf)
    for page in pages:
        assert not page[-1].startswith(("二、标题", "（一）小标题", "（二）又一个小标题"))
    [day] = [page for page in pages if "武进区民政局" in page[-3:]]
    assert "最后一段。" in day


def test_a_word_file_opens_has_real_headings_and_repeats_the_heads_of_its_tables():
    report = a_report()
    content = survey_docx.draw(report)
    assert content == survey_docx.draw(replace(report))
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for name in packed.namelist():
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(packed.read(name))
        assert not [name for name in packed.namelist() if "thumbnail" in name]
        assert "仿宋" in packed.read("word/fontTable.xml").decode()
    document = Document(io.BytesIO(content))
    heads = [one.text for one in document.paragraphs if one.style.name == "Heading 1"]
    assert heads == ["一、基本情况", "八、对策建议", "附件1　数据表", "附件2　数据图"]
    assert len(document.tables) == 2
    assert len(document.inline_shapes) == 3  # a map and two charts
    for table in document.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    page = document.sections[0]
    margins = (page.top_margin, page.left_margin, page.right_margin, page.bottom_margin)
    assert [round(one.mm) for one in margins] == [37, 28, 26, 35]
    assert "征求意见稿" in page.header.paragraphs[0].text
    assert "PAGE" in page.even_page_footer.paragraphs[0]._p.xml


def test_word_finds_the_properties_of_every_paragraph_in_the_order_that_it_asks_for():
    document = Document(io.BytesIO(survey_docx.draw(a_report("2024-06-01"), STAMP)))
    order = {qn(f"w:{tag}"): place for place, tag in enumerate(ORDER.split())}
    parts = [document.element.body, document.styles.element]
    parts += [document.sections[0].footer._element, document.sections[0].header._element]
    for part in parts:
        for properties in part.iter(qn("w:pPr")):
            places = [order[child.tag] for child in properties]
            assert places == sorted(places)


def _pages(pdf):
    """The lines of each page from top to bottom, without number, foot and running marks."""
    document = pypdfium2.PdfDocument(pdf)
    found = []
    for page in document:
        text = page.get_textpage()
        inside = text.get_text_bounded(bottom=35 * MM, top=page.get_height() - 37 * MM)
        found.append([line for line in inside.splitlines() if line.strip()])
        text.close()
        page.close()
    document.close()
    return found
