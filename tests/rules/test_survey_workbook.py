"""Forms as workbooks: what goes out comes back, and nothing hostile comes in."""

import io
import zipfile

import pytest

from mealsvc.survey.forms.catalogue import FORMS
from mealsvc.survey.forms.rules import read
from mealsvc.survey.rounds import cells
from mealsvc.survey.rounds.refusals import BadFile
from mealsvc.survey.rounds.workbook import (
    Out,
    bad_cells,
    harmless,
    read_workbook,
    workbook,
)

UNIT = "320412100001"
FILLED = {
    "A": {"A01": 123, "A81": ["site", "few"], "A91": "=1+1"},
    "B": {"B01": "community_canteen", "B06": "2026-06-30", "B31": 1250, "B44": -120050},
    "C": {"C03": "yes", "C01": [{"C11": "旧校舍", "C12": "idle_room", "C14": 120.5}]},
    "D": {"D00": "done", "D04": ["salt", "soft"]},
    "E": {"E01": "2024-05-20", "E21": "一行\n两行"},
}


def out(letter="A", **more):
    return Out(letter, UNIT, "丰乐社区", f"摸〔2024〕1号/{letter}/{UNIT}", **more)


def changed(content, part, old, new):
    """The workbook with something else in one of its parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(made, "w") as other:
        for member in archive.infolist():
            body = archive.read(member)
            if member.filename == part:
                assert old in body
                body = body.replace(old, new)
            other.writestr(member.filename, body)
    return made.getvalue()


def test_what_was_answered_comes_back():
    sheets = [out(letter, answers=given) for letter, given in FILLED.items()]
    returned = read_workbook(workbook(sheets))
    assert not returned.bad
    for sheet in returned.sheets:
        assert (sheet.unit, sheet.key.split("/")[1]) == (UNIT, sheet.form)
        found, errors = read(FORMS[sheet.form], sheet.raw, whole=False)
        assert (found, errors) == (FILLED[sheet.form], {})


def test_the_same_sheets_give_the_same_bytes():
    assert workbook([out()]) == workbook([out()])


def test_reasons_go_out_and_come_back_beside_their_answers():
    sheet = read_workbook(workbook([out(remarks={"A05": "登记簿上多三人"})])).sheets[0]
    assert sheet.remarks == {"A05": "登记簿上多三人"}


def test_a_bad_answer_is_told_at_its_cell():
    content = workbook([out(answers={"A01": 777})])
    part = "xl/worksheets/sheet1.xml"
    sheet = read_workbook(changed(content, part, b"<v>777</v>", b"<v>-7</v>")).sheets[0]
    _, errors = read(FORMS["A"], sheet.raw, whole=False)
    assert [(one.sheet, one.cell) for one in bad_cells(sheet, errors)] == [("A 丰乐社区", "C5")]


def test_a_lost_column_of_codes_is_made_up_by_the_wording():
    content = workbook([out(answers={"A01": 777})])
    part = "xl/sharedStrings.xml"
    sheet = read_workbook(changed(content, part, b"<t>A01</t>", b"<t></t>")).sheets[0]
    assert sheet.raw["A01"] == "777"


def test_formulas_leave_as_text():
    for text in ("=1+1", "+cmd", "@x", "-a", " =1"):
        assert harmless(text).startswith("'")
    assert harmless("-12.5") == "-12.5"
    book = zipfile.ZipFile(io.BytesIO(workbook([out(answers={"A91": "=HYPERLINK(1)"})])))
    sheet = book.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert "'=HYPERLINK(1)" in book.read("xl/sharedStrings.xml").decode()


def test_two_sheets_of_one_unit_and_a_foreign_sheet_are_not_taken():
    returned = read_workbook(workbook([out(), out()]))
    assert len(returned.sheets) == 1
    assert "同一张" in returned.bad[0].reason
    content = workbook([out()])
    key = f"key:摸〔2024〕1号/A/{UNIT}".encode()
    returned = read_workbook(changed(content, "xl/sharedStrings.xml", key, b"hello"))
    assert (len(returned.sheets), len(returned.bad)) == (0, 1)


def test_a_town_full_of_communities_fits():
    sheets = [Out("A", str(n), f"同名社区{n // 2}", f"1号/A/{n}") for n in range(40)]
    assert [sheet.unit for sheet in read_workbook(workbook(sheets)).sheets] == [
        str(n) for n in range(40)
    ]


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 no archive", b"a,b\n1,2", b"\xd0\xcf\x11\xe0 old"]
)
def test_what_is_no_workbook_is_refused(content):
    with pytest.raises(BadFile):
        read_workbook(content)


@pytest.mark.parametrize("place", [b'r="XFD7"', b'r="C1048576"', b"r='xfd1'"])
def test_a_cell_far_out_is_refused_before_it_is_read(place):
    content = workbook([out(answers={"A01": 777})])
    far = changed(content, "xl/worksheets/sheet1.xml", b'r="C5"', place)
    with pytest.raises(BadFile, match="太多"):
        read_workbook(far)


def test_a_workbook_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(cells, "MAX_UNPACKED", 10_000)
    with pytest.raises(BadFile, match="太多"):
        read_workbook(workbook([out()]))


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/sharedStrings.xml", b'uniqueCount="', b'uniqueCount="4294967'),
        ("xl/worksheets/sheet1.xml", b"<sheetData>", b"<sheetData>" + b"<row></row>" * 601),
        ("xl/worksheets/sheet1.xml", b"<sheetData>", b"<sheetData><row><c><v>1</v></c></row>"),
        ("xl/worksheets/sheet1.xml", b'<c r="C5"', b"<c x='r=\"C5\"'"),
    ],
)
def test_what_would_make_the_reader_allocate_without_end_is_refused(part, old, new):
    content = workbook([out(answers={"A01": 777})])
    with pytest.raises(BadFile):
        read_workbook(changed(content, part, old, new))


def test_a_damaged_file_is_refused():
    content = bytearray(workbook([out()]))
    content[200:240] = bytes(40)
    with pytest.raises(BadFile, match="损坏"):
        read_workbook(bytes(content))
