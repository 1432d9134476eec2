"""What official papers draw beside text: pictures, strokes, boxes, the letter form, joined grids."""

import pypdfium2
import pypdfium2.raw as raw
import pytest

from mealsvc.kernel.signatures import points
from mealsvc.plumbing.paper.geometry import FORM, MM, OFFICIAL, SHEET
from mealsvc.plumbing.paper.official import LONGEST_SIDE, OfficialPaper, Picture, SignBox, small
from mealsvc.reports.supervision import common
from tests.factories.inspected import STROKES, jpeg
from tests.support.papers import pages_of, words_of

OFFICIAL_HEIGHT, OFFICIAL_WIDTH = 225 * MM, 156 * MM


def paper(geometry=FORM, **more) -> OfficialPaper:
    return OfficialPaper("试印", geometry=geometry, number="SY-1", **more)


def images_of(pdf: bytes) -> list[tuple[int, int]]:
    """Pixels of every picture on every page."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [
            found.get_px_size()
            for page in document
            for found in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE])
            if isinstance(found, pypdfium2.PdfImage)
        ]
    finally:
        document.close()


def dark_of(pdf: bytes, page: int, box: tuple[float, float, float, float]) -> int:
    """How many dark pixels lie in a box (left, top, right, bottom in points from the upper left)."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        picture = document[page].render(scale=2, grayscale=True).to_pil().crop([2 * x for x in box])
        return sum(picture.histogram()[:128])
    finally:
        document.close()


def test_both_geometries_keep_the_official_text_area():
    for one in (OFFICIAL, FORM):
        assert abs(one.inner - OFFICIAL_WIDTH) < 0.01
        assert abs(one.height - one.top - one.bottom - OFFICIAL_HEIGHT) < 0.01
        assert (one.top, one.left) == (37 * MM, 28 * MM)
    assert OFFICIAL.size == 16 and OFFICIAL_HEIGHT // OFFICIAL.pitch == 22


def test_a_photo_is_made_small_and_keeps_its_shape():
    made = small(jpeg(80, (1600, 1200)))
    [size] = images_of(_with_pictures([Picture(made, "一")]))
    assert size == (LONGEST_SIDE, LONGEST_SIDE * 3 // 4)
    assert len(made) < 60_000


def test_the_same_photo_is_embedded_once():
    one, other = small(jpeg(10)), small(jpeg(90))
    thrice = _with_pictures([Picture(one, "一")] * 3)
    twice = _with_pictures([Picture(one, "一"), Picture(other, "二")])
    assert len(images_of(thrice)) == 3
    assert thrice.count(b"/DCTDecode") == 1 and twice.count(b"/DCTDecode") == 2


def _with_pictures(pictures: list[Picture]) -> bytes:
    made = paper()
    made.pictures(pictures)
    return made.build()


def test_strokes_read_back_as_the_points_that_were_drawn():
    assert points("1,2 3,4;5,6") == [[(1, 2), (3, 4)], [(5, 6)]]
    assert points("") == []


def test_a_drawn_signature_stays_within_its_box_and_an_empty_one_stays_white():
    made = paper()
    made.sign_boxes([SignBox("甲", strokes=STROKES), SignBox("乙")])
    pdf = made.build()
    left, top = FORM.left, FORM.top
    half = FORM.inner / 2
    label, day = 18, 14  # what stands above and below the strokes
    drawn = dark_of(pdf, 0, (left + 4, top + label, left + half - 4, top + 65 - day))
    empty = dark_of(pdf, 0, (left + half + 4, top + label, left + 2 * half - 4, top + 65 - day))
    assert drawn > 100 and empty == 0


def test_a_dot_and_a_straight_line_can_be_signatures():
    made = paper()
    made.sign_boxes([SignBox("甲", strokes="5,5"), SignBox("乙", strokes="0,300 900,300")])
    assert made.build().startswith(b"%PDF")


def test_the_strip_stands_on_every_page_and_text_never_runs_into_it():
    from dataclasses import replace

    from mealsvc.plumbing.paper.official import STRIP_BOX

    made = paper(replace(FORM, strip=STRIP_BOX + 2 * MM))
    made.strip([SignBox("检查人员", "甲", STROKES, "2024年5月6日"), SignBox("被检查单位人员")])
    for number in range(90):
        made.para(f"第{number}段：操作间地面干净。")
    pdf = made.build()
    assert words_of(pdf).count("被检查单位人员：") == pages_of(pdf) > 2
    above = FORM.height - FORM.bottom - STRIP_BOX
    assert dark_of(pdf, 0, (FORM.left, above - 2 * MM, FORM.width - FORM.right, above - 1)) == 0


def test_the_letter_form_has_its_red_rules_where_the_standard_says():
    made = paper(OFFICIAL)
    made.letter_head("武进区民政局", "关于移送\n有关问题的函", "武民测移〔2024〕1号")
    for number in range(60):
        made.para(f"第{number}段：请你单位收到后函告。")
    pdf = made.build()
    document = pypdfium2.PdfDocument(pdf)
    try:
        picture = document[0].render(scale=2).to_pil().convert("RGB")
        second = document[1].render(scale=2).to_pil().convert("RGB")
    finally:
        document.close()
    height = OFFICIAL.height

    def red(image, y: float) -> int:
        row = [image.getpixel((x, round(2 * y))) for x in range(0, image.width, 4)]
        return sum(one[0] > 180 and one[1] < 90 and one[2] < 90 for one in row)

    wide = 170 * MM * 2 / 4
    assert abs(red(picture, height - 20 * MM) - wide) < 6
    assert any(abs(red(picture, 30 * MM + 36 + 4 * MM + at) - wide) < 6 for at in (-0.5, 0, 0.5))
    assert red(second, height - 20 * MM) == 0
    assert "—1—" not in words_of(pdf) and "—2—" in words_of(pdf)


def test_grids_that_follow_each_other_share_their_line_and_others_do_not():
    made = paper()
    made.facts([("甲", "1"), ("乙", "2")])
    first = made._flow.y
    made.facts([("丙", "3")], per_row=1)
    row = FORM.table_pitch + 6
    assert abs(first - made._flow.y - row) < 0.01
    made.para("隔开")
    before = made._flow.y
    made.facts([("丁", "4")], per_row=1)
    assert before - made._flow.y > row + FORM.table_pitch / 2


def test_a_clause_runs_on_after_its_heading():
    made = paper(OFFICIAL)
    made.clause("一、检查单位：", "武进区民政局。")
    assert "一、检查单位：武进区民政局。" in words_of(made.build())


def test_the_same_calls_give_the_same_bytes():
    def drawn() -> bytes:
        made = paper(SHEET)
        made.office_head("武进区民政局", "检查通知书", "1号", qr="http://127.0.0.1/v/1/2")
        made.pictures([Picture(small(jpeg(3)), "照片1")])
        made.sign_boxes([SignBox("甲", strokes=STROKES)])
        return made.build()

    assert drawn() == drawn()


@pytest.mark.parametrize("lines", range(24))
def test_the_last_words_go_to_the_page_of_the_signatures(lines):
    ending = paper(OFFICIAL)
    for _ in range(lines):
        ending.para("一行")
    common.ending(ending, issued=True)
    ending.para("最后的话")
    ending.issued("武进区民政局", "2024年5月6日")
    ending.space(0.1)
    common.handed_over(ending, ["送达人（两人）"])
    document = pypdfium2.PdfDocument(ending.build())
    try:
        last = document[len(document) - 1].get_textpage().get_text_range()
    finally:
        document.close()
    assert all(word in last for word in ("最后的话", "武进区民政局", "送达人", "拒绝签名"))
