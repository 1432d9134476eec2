"""The fonts of papers: every character prints, is embedded and can be copied out again."""

from io import BytesIO

import pdfplumber
import pypdfium2
import pytest

from mealsvc.plumbing.asset_fonts import RARE_IN_NAMES, gb2312
from mealsvc.plumbing.paper.document import Column, Paper
from mealsvc.plumbing.paper.fonts import FOLDER, UNKNOWN, FontError, faces, to_unicode

NAMES = "张三丰、𬀩某、䶮某、喆堃犇、㛃𫖯、٣"


def extracted(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "".join(page.get_textpage().get_text_range() for page in document)


@pytest.mark.parametrize("role", ["body", "title", "hei", "kai", "table", "chart"])
def test_every_role_has_a_glyph_for_all_of_gb_2312_and_for_rare_names(role):
    face = faces()[role]
    wanted = [*map(chr, gb2312()), *RARE_IN_NAMES, *"☑☆★□√〔〕"]
    assert [c for c in wanted if face.font(c)[1] != c] == []


@pytest.mark.parametrize("role", ["body", "title", "hei", "kai", "table", "chart"])
def test_digits_are_equally_wide_so_that_money_stands_in_columns(role):
    assert len({faces()[role].widths[digit] for digit in "0123456789"}) == 1


def test_rare_names_can_be_copied_out_of_every_kind_of_text():
    paper = Paper("𬀩䶮报告")
    paper.heading_block("𬀩䶮副题")
    paper.heading(1, "𬀩䶮一级")
    paper.heading(2, "𬀩䶮二级")
    paper.para("𬀩䶮正文")
    paper.table([Column("𬀩䶮列")], [["𬀩䶮格"]])
    text = extracted(paper.build())
    for word in ("报告", "副题", "一级", "二级", "正文", "列", "格"):
        assert f"𬀩䶮{word}" in text


def test_two_readers_extract_the_same_name():
    paper = Paper("名单")
    paper.para("𬀩某、䶮某、喆堃犇")
    pdf = paper.build()
    with pdfplumber.open(BytesIO(pdf)) as document:
        text = document.pages[0].extract_text()
    assert "𬀩某、䶮某、喆堃犇" in text
    assert "𬀩某、䶮某、喆堃犇" in extracted(pdf)


def test_a_character_that_no_font_has_prints_as_a_mark_and_breaks_nothing():
    paper = Paper("名单")
    paper.para("A\U0010fffdB")
    assert f"A{UNKNOWN}B" in extracted(paper.build())


def test_all_fonts_are_embedded():
    paper = Paper("字体")
    paper.heading(1, "黑体")
    paper.para("正文☑堃")
    pdf = paper.build()
    assert pdf.count(b"/BaseFont") == pdf.count(b"/FontFile2") == 4


def test_the_unicode_map_writes_rare_characters_as_surrogates_in_blocks_of_a_hundred():
    text = to_unicode([0, 0x2C029, *range(0x4E00, 0x4E00 + 150)])
    assert "<01> <D870DC29>" in text
    assert "<00> <0000>" not in text
    assert "100 beginbfchar" in text
    assert "51 beginbfchar" in text


def test_a_unit_s_own_font_replaces_the_free_one():
    own = {"PAPER_FONT_BODY": str(FOLDER / "sans.ttf")}
    licensed = Paper("字体", fonts=own)
    licensed.para("正文")
    plain = Paper("字体")
    plain.para("正文")
    assert b"NotoSansSC-Regular" in licensed.build()
    assert b"NotoSansSC-Regular" not in plain.build()


def test_a_font_that_cannot_be_used_is_refused_with_what_to_do(tmp_path):
    wrong = tmp_path / "仿宋.otf"
    wrong.write_bytes(b"OTTO" + bytes(100))
    with pytest.raises(FontError, match="TrueType"):
        Paper("字体", fonts={"PAPER_FONT_BODY": str(wrong)})
