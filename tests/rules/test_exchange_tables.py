"""Files of every encoding and kind come apart into the same rows; what is no table is refused."""

import io
import zipfile
from datetime import date, datetime

import pytest
import xlsxwriter

from mealsvc.exchange.refusals import BadFile
from mealsvc.exchange.tables import open_table

TEXT = "姓名,住址\n张三,湖塘镇花园路１号\n李四,\n"
NOON = datetime.fromisoformat("2024-05-06T11:30:07")  # a sheet knows no zone
ROWS = [(2, ["张三", "湖塘镇花园路１号"]), (3, ["李四", ""])]


def rows_of(content: bytes) -> list[tuple[int, list[str] | None]]:
    with open_table(io.BytesIO(content)) as table:
        return list(table.rows)


def why(content: bytes) -> str:
    with pytest.raises(BadFile) as refused:
        rows_of(content)
    return refused.value.message


def workbook(*rows: list[object]) -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    for line, row in enumerate(rows):
        for place, cell in enumerate(row):
            if isinstance(cell, datetime):
                sheet.write_datetime(line, place, cell, moment)
            elif isinstance(cell, date):
                sheet.write_datetime(line, place, cell, day)
            elif isinstance(cell, str):
                sheet.write_string(line, place, cell)
            elif cell is not None:
                sheet.write(line, place, cell)
    book.close()
    return stream.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_every_encoding_gives_the_same_rows(encoding: str) -> None:
    assert rows_of(TEXT.encode(encoding)) == ROWS


def test_a_rare_character_of_gb18030_is_read() -> None:
    assert rows_of("姓名\n𬀩䶮\n".encode("gb18030")) == [(2, ["𬀩䶮"])]


def test_the_encoding_is_judged_by_the_whole_file_not_by_its_beginning() -> None:
    plain = "name,address\n" + "a,b\n" * 400_000
    rows = rows_of(plain.encode() + "张三,湖塘\n".encode("gb18030"))
    assert rows[-1] == (400_002, ["张三", "湖塘"])


def test_a_damaged_utf8_file_is_refused_with_the_line_instead_of_read_as_gb18030() -> None:
    damaged = ("姓名,住址\n" + "张三,湖塘镇\n" * 5).encode() + b"\xe5\xbc,x\n"
    assert "第 7 行" in why(damaged)


def test_bytes_that_are_no_text_at_all_are_refused() -> None:
    assert "第 2 行" in why(b"name\n\xff\xff\xfe\n")


def test_tabs_separate_when_the_heading_has_no_comma() -> None:
    assert rows_of("姓名\t住址\n张三\t甲,乙\n".encode("utf-16")) == [(2, ["张三", "甲,乙"])]


def test_a_line_number_is_where_the_record_starts_in_the_file() -> None:
    content = b'a,b\r\n1,"x\r\ny"\r\n\r\n , \r\n2,z\r\n'
    assert rows_of(content) == [(2, ["1", "x\r\ny"]), (6, ["2", "z"])]


def test_an_unpaired_quote_spoils_its_record_only_and_is_reported() -> None:
    assert rows_of(b'a,b\n"1"x,2\n3,4\n') == [(2, None), (3, ["3", "4"])]
    assert rows_of(b'a,b\n1,"2\n3,4\n') == [(2, None)]


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n\n  \n", b",,\n"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    assert why(content).startswith("文件是空的")


def test_a_heading_alone_is_a_table_without_rows() -> None:
    assert rows_of(b"a,b") == []


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"%PDF\0\0", b"\0" * 99])
def test_binary_files_are_refused(content: bytes) -> None:
    assert "表" in why(content) or "文字" in why(content)


def test_old_locked_and_broken_workbooks_are_refused_with_what_to_do() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    assert "另存为" in why(ole)
    assert "密码" in why(ole + "EncryptedPackage".encode("utf-16-le"))
    assert "损坏" in why(b"PK\x03\x04 not a zip")
    assert "损坏" in why(workbook(["a"])[:-300])


def test_another_zip_is_no_workbook() -> None:
    import zipfile

    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert "XLSX" in why(stream.getvalue())


@pytest.mark.parametrize(
    ("part", "written", "instead"),
    [
        ("xl/sharedStrings.xml", b'uniqueCount="1"', b'uniqueCount="4294967295"'),
        ("xl/styles.xml", b'<cellXfs count="', b'<cellXfs count="4000000000'),
        ("xl/worksheets/sheet1.xml", b'r="A1"', b'r="XFD1048576"'),
        ("xl/worksheets/sheet1.xml", b'r="A1"', b"r = 'A4000000000'"),
        ("xl/worksheets/sheet1.xml", b'<row r="1"', b'<row r="99999999"'),
    ],
)
def test_a_workbook_that_asks_for_more_room_than_there_is_is_refused(part, written, instead):
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(["a"]))) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            assert name != part or written in text
            new.writestr(name, text.replace(written, instead) if name == part else text)
    assert "太大" in why(made.getvalue())


def test_a_workbook_that_unpacks_to_more_than_it_should_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mealsvc.exchange.workbooks.MAX_UNPACKED", 1000)
    assert "太大" in why(workbook(["a"]))


def test_a_file_beyond_the_bound_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mealsvc.exchange.tables.MAX_BYTES", 10)
    assert "分成几个文件" in why(b"a,b\n1,2\n3,4\n")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("张三", "张三"),
        (12, "12"),
        (12.5, "12.5"),
        (0.1 + 0.2, "0.3"),
        (-5, "-5"),
        (13800138000, "13800138000"),
        (320499400101001, "320499400101001"),
        (320499194001010024, "3.20499194001010E+17"),
        (True, "TRUE"),
        (date(2024, 5, 6), "2024-05-06"),
        (NOON, "2024-05-06T11:30:07+08:00"),
    ],
)
def test_a_typed_cell_of_a_sheet_becomes_the_text_a_csv_would_hold(cell: object, text: str) -> None:
    assert rows_of(workbook(["a"], [cell])) == [(2, [text])]


def test_lines_of_a_sheet_are_its_rows_and_blank_ones_are_skipped() -> None:
    assert rows_of(workbook([], ["a", "b"], [], [None, "x"])) == [(4, ["", "x"])]


def test_a_stream_that_cannot_seek_is_read_too() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    with open_table(Pipe(TEXT.encode())) as table:
        assert list(table.rows) == ROWS


def test_the_callers_stream_stays_open() -> None:
    stream = io.BytesIO(TEXT.encode())
    with open_table(stream) as table:
        assert (table.headings, table.about) == (["姓名", "住址"], 2)
        next(table.rows)
    assert not stream.closed


def test_a_missing_file_is_refused(tmp_path) -> None:
    with pytest.raises(BadFile, match="找不到文件"), open_table(tmp_path / "none.csv"):
        pass
