"""Pages of papers: geometry of GB/T 9704, heads on every page, nothing in the margins."""

from io import BytesIO

import pdfplumber
import pytest

from mealsvc.plumbing.paper import charts
from mealsvc.plumbing.paper.document import Column, Paper
from mealsvc.plumbing.paper.geometry import MM, OFFICIAL, SHEET, SHEET_LANDSCAPE, Geometry

COLUMNS = [
    Column("日期", 1.2),
    Column("姓名"),
    Column("区级", 1, "right", "补贴（元）"),
    Column("镇级", 1, "right", "补贴（元）"),
    Column("备注", 2),
]
LONG = "因刷卡重复，经镇（街道）审核同意冲减，原流水号20240430-000123。"
TOTAL = ("合计", "", "1,240.00", "620.00", "")


def pages_of(pdf: bytes):
    with pdfplumber.open(BytesIO(pdf)) as document:
        return [
            (page.chars, page.rects + page.lines, page.extract_text()) for page in document.pages
        ]


def filled(geometry: Geometry, rows: int = 120) -> Paper:
    paper = Paper(
        "老年助餐补贴结算单", number="武民助结〔2024〕0001号", geometry=geometry, demo=True
    )
    paper.heading_block("2024年5月", qr="MEALSVC:1")
    paper.facts([("助餐点", "丰乐社区助餐点"), ("运营单位", LONG), ("月份", "2024年5月")])
    paper.heading(1, "一、明细")
    paper.para("本月共供餐120份，" + LONG * 4)
    paper.chart(charts.bars([("湖塘镇", 120), ("前黄镇", 33.5)], width=paper.width), "图1")
    cells = (
        ("2024-05-06", "张*丰", f"{i * 10}.00", f"{i}.00", LONG if i % 9 == 0 else "")
        for i in range(rows)
    )
    paper.table(COLUMNS, cells, total=TOTAL)
    paper.note(f"注：{LONG}")
    paper.signatures(["制表人", "助餐点负责人", "镇（街道）审核", "区民政局审批"])
    paper.issued("武进区民政局", "2024年6月3日")
    return paper


GEOMETRIES = pytest.mark.parametrize("geometry", [OFFICIAL, SHEET, SHEET_LANDSCAPE])


@GEOMETRIES
def test_the_same_data_gives_the_same_bytes(geometry):
    assert filled(geometry).build() == filled(geometry).build()


@GEOMETRIES
def test_nothing_but_foot_and_ribbon_stands_in_the_margins(geometry):
    left, right = geometry.left - 0.1, geometry.width - geometry.right + 0.1
    top, bottom = geometry.top - 0.1, geometry.height - geometry.bottom + 0.1
    for chars, shapes, _ in pages_of(filled(geometry).build()):
        things = chars + shapes
        assert [t for t in things if t["x0"] < left or t["x1"] > right] == []
        body = [t for t in things if t["bottom"] > geometry.top + 1]  # below QR code and ribbon
        body = [t for t in body if t["top"] < geometry.height - geometry.bottom]
        assert [t for t in body if t["top"] < top or t["bottom"] > bottom] == []


@GEOMETRIES
def test_the_table_s_head_and_the_ribbon_are_on_every_page_of_the_table(geometry):
    pages = pages_of(filled(geometry).build())
    with_rows = [text for _, _, text in pages if "2024-05-06" in text]
    assert len(with_rows) > 2
    assert all("补贴（元）" in text and "镇级" in text for text in with_rows)
    assert all("演示数据" in text for _, _, text in pages)


def test_a_paper_without_demo_data_has_no_ribbon():
    paper = Paper("报告")
    paper.para("正文")
    assert "演示数据" not in pages_of(paper.build())[0][2]


def test_the_official_text_has_28_characters_a_line_and_22_lines_a_page():
    paper = Paper("报告")
    paper.para("老" * 28 * 23, indent=False)
    chars = pages_of(paper.build())[0][0]
    body = [c for c in chars if c["text"] == "老"]
    lines = sorted({round(c["top"], 1) for c in body})
    assert len(lines) == 22
    assert len(body) == 22 * 28
    assert lines[1] - lines[0] == pytest.approx(28.95, abs=0.06)
    assert min(c["x0"] for c in body) == pytest.approx(28 * MM, abs=0.1)
    assert max(c["x1"] for c in body) == pytest.approx(184 * MM, abs=0.3)


def test_page_numbers_stand_right_on_odd_and_left_on_even_pages_one_character_in():
    paper = Paper("报告")
    paper.para("一")
    paper.page_break()
    paper.para("二")
    odd, even = (chars for chars, _, _ in pages_of(paper.build()))
    odd = [c for c in odd if c["size"] == pytest.approx(14)]
    even = [c for c in even if c["size"] == pytest.approx(14)]
    assert "".join(c["text"] for c in odd) == "— 1 —"
    assert "".join(c["text"] for c in even) == "— 2 —"
    assert odd[-1]["x1"] == pytest.approx(184 * MM - 14, abs=0.1)
    assert even[0]["x0"] == pytest.approx(28 * MM + 14, abs=0.1)
    assert odd[0]["top"] > (297 - 35) * MM


def test_a_sheet_says_which_page_of_how_many():
    pages = pages_of(filled(SHEET).build())
    for number, (_, _, text) in enumerate(pages, start=1):
        assert f"第 {number} 页" in text
        assert f"共 {len(pages)} 页" in text


def test_money_ends_at_one_edge():
    paper = Paper("单", geometry=SHEET)
    paper.table([Column("项"), Column("元", align="right")], [("甲", "1.00"), ("乙", "12,345.61")])
    chars = pages_of(paper.build())[0][0]
    ends = [c["x1"] for c in chars if c["text"] in "01" and c["x1"] > 500]
    assert max(ends) == pytest.approx(SHEET.width - SHEET.right - 3, abs=0.1)
    tops = {round(c["top"]) for c in chars if c["x1"] == pytest.approx(max(ends), abs=0.05)}
    assert len(tops) == 2


@pytest.mark.parametrize("rows", range(33, 44))
def test_the_total_never_stands_alone_on_a_page(rows):
    paper = Paper("单", geometry=SHEET)
    paper.table(COLUMNS, [("2024-05-06", "张*丰", "2.00", "1.00", "")] * rows, total=TOTAL)
    text = pages_of(paper.build())[-1][2]
    assert "合计" in text
    assert "2024-05-06" in text


def test_every_row_is_printed_once_and_in_order():
    paper = Paper("单", geometry=SHEET)
    paper.table([Column("号"), Column("值")], ((f"R{i:05d}", LONG) for i in range(200)))
    text = "".join(text for _, _, text in pages_of(paper.build()))
    found = [word for word in text.split() if word.startswith("R0")]
    assert found == [f"R{i:05d}" for i in range(200)]


def test_a_cell_longer_than_a_page_goes_on_on_the_next():
    paper = Paper("单", geometry=SHEET)
    paper.table([Column("号"), Column("值")], [("1", "老" * 2000)])
    pages = pages_of(paper.build())
    assert len(pages) > 1
    assert sum(text.count("老") for _, _, text in pages) == 2000


def test_an_empty_table_says_so():
    paper = Paper("单", geometry=SHEET)
    paper.table(COLUMNS, [], empty="本月没有就餐记录")
    assert "本月没有就餐记录" in pages_of(paper.build())[0][2]


def test_no_column_rule_crosses_the_sentence_of_an_empty_table():
    paper = Paper("单", geometry=SHEET)
    paper.table(COLUMNS, [], total=TOTAL, empty="本月没有就餐记录")
    chars, shapes, _ = pages_of(paper.build())[0]
    sentence = [char for char in chars if char["text"] in "本月没有就餐记录"]
    left, right = sentence[0]["x0"], sentence[-1]["x1"]
    middle = (sentence[0]["top"] + sentence[0]["bottom"]) / 2
    upright = [shape for shape in shapes if shape["width"] < 1 and left < shape["x0"] < right]
    assert upright
    assert not [shape for shape in upright if shape["top"] < middle < shape["bottom"]]


def test_a_row_of_the_wrong_length_is_refused():
    paper = Paper("单", geometry=SHEET)
    with pytest.raises(ValueError, match="5 columns"):
        paper.table(COLUMNS, [("2024-05-06",)])


def test_signature_boxes_are_large_enough_for_a_pen_and_stay_together():
    paper = Paper("单", geometry=SHEET)
    paper.space(35)
    paper.signatures(["制表人", "负责人", "审核", "审批"])
    _, shapes, text = pages_of(paper.build())[-1]
    boxes = [s for s in shapes if s["height"] > 60]
    assert len(boxes) == 4
    assert all(box["width"] >= 40 * MM and box["height"] >= 25 * MM for box in boxes)
    assert all(f"{label}：" in text for label in ("制表人", "负责人", "审核", "审批"))


def test_the_paper_knows_its_title_author_and_language():
    pdf = Paper("督查报告", author="区民政局", subject="督查").build()
    with pdfplumber.open(BytesIO(pdf)) as document:
        assert document.metadata["Title"] == "督查报告"
        assert document.metadata["Author"] == "区民政局"
        assert document.metadata["Subject"] == "督查"
    assert b"/Lang (zh-CN)" in pdf


def test_bars_start_at_zero_and_are_as_long_as_their_values():
    drawing = charts.bars([("甲", 100), ("乙", 50), ("丙", 0)], width=300)
    bars = [shape for shape in drawing.contents if type(shape).__name__ == "Rect"]
    assert len({bar.x for bar in bars}) == 1
    assert bars[1].width == pytest.approx(bars[0].width / 2)
    assert bars[2].width == 0


def test_a_drawing_for_the_screen_names_the_page_s_fonts_and_escapes_its_title():
    drawing = charts.columns([("1月", 3), ("2月", 4)], width=300, unit="份")
    svg = charts.drawing_to_svg(drawing, "a<b")
    assert "PingFang SC" in svg
    assert "<title>a&lt;b</title>" in svg
    assert "2月" in svg


def test_a_chart_of_more_than_three_lines_is_refused():
    with pytest.raises(ValueError, match="three"):
        charts.lines(["1月"], {name: [1] for name in "甲乙丙丁"}, width=300)
