"""The worksheets of an uploaded XLSX as rows of text, within bounds that no honest one reaches."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime

from mealsvc.survey.rounds.refusals import BadFile

MAX_BYTES = 8 << 20
MAX_UNPACKED = 64 << 20
MAX_SHEETS = 400
MAX_ROWS, MAX_COLUMNS = 600, 60
CELL_LENGTH = 2_000

ZIP_MARK, OLE_MARK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
NO_XLSX = "请上传 .xlsx 文件：先在本页导出表，填好后原样上传。"
OLD = "这是旧版 .xls 文件或设了打开密码，无法读取。请另存为不带密码的“Excel 工作簿 (.xlsx)”。"
BROKEN = "这个文件无法读取，可能已损坏。请用 Excel 或 WPS 打开，另存后再上传。"
HUGE = "这个文件的行列或内容太多，不是系统导出的摸排表。请把内容填到系统导出的表里再上传。"
MAX_COUNTED = 100_000  # strings, styles
_COUNT = re.compile(rb"ount\s*=\s*[\"']\s*\+?([0-9]+)")
_ANY_ROW, _ANY_CELL = re.compile(rb"<(?:\w+:)?row[\s/>]"), re.compile(rb"<(?:\w+:)?c[\s/>]")
_CELL = re.compile(rb"<(?:\w+:)?c(?:\s+[a-z]{1,4}=[\"'][A-Za-z0-9]*[\"'])*\s*/?>")
_PLACE = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]*)([0-9]+)[\"']")


def tables_of(content: bytes) -> Iterator[tuple[str, list[list[str]]]]:
    """Each worksheet's name and rows. Raises `BadFile` before anything large is unpacked."""
    _check(content)
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        if len(book.sheet_names) > MAX_SHEETS:
            raise BadFile(reason=HUGE)
        for place, name in enumerate(book.sheet_names):
            sheet = book.get_sheet_by_index(place)
            rows = sheet.to_python(skip_empty_area=False)
            yield name, [[text_of(cell) for cell in row] for row in rows]
    except CalamineError as error:
        raise BadFile(reason=BROKEN) from error


def text_of(cell: object) -> str:
    """A cell as somebody would type it: whole numbers without .0, dates as 2024-05-20."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else format(cell, ".15g")
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell)[:CELL_LENGTH]


def _check(content: bytes) -> None:
    if content[:4] == OLE_MARK:
        raise BadFile(reason=OLD)
    if content[:4] != ZIP_MARK:
        raise BadFile(reason=NO_XLSX)
    if len(content) > MAX_BYTES:
        raise BadFile(reason=HUGE)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if not any(one.filename.lower() == "xl/workbook.xml" for one in members):
                raise BadFile(reason=BROKEN)
            if sum(one.file_size for one in members) > MAX_UNPACKED:
                raise BadFile(reason=HUGE)
            for one in members:
                part = archive.read(one)
                _check_counts(part)
                _check_places(part)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError) as error:
        raise BadFile(reason=BROKEN) from error


def _check_counts(part: bytes) -> None:
    """The reader makes room for as many strings or styles as a part says it has, and dies if it
    cannot: it must not say that it has very many."""
    for found in _COUNT.finditer(part):
        if len(found[1]) > 6 or int(found[1]) > MAX_COUNTED:
            raise BadFile(reason=HUGE)


def _check_places(part: bytes) -> None:
    """A cell far out makes the reader allocate everything up to it: none may lie there, and each
    must say where it lies, as spreadsheets write it."""
    if b"sheetData" not in part:
        return
    cells = len(_ANY_CELL.findall(part))
    if len(_ANY_ROW.findall(part)) > MAX_ROWS or cells > MAX_ROWS * MAX_COLUMNS:
        raise BadFile(reason=HUGE)
    if cells != sum(1 for found in _CELL.finditer(part) if _PLACE.search(found[0])):
        raise BadFile(reason=BROKEN)
    for found in _PLACE.finditer(part):
        letters, line = found[1].upper(), found[2]
        if len(line) > 4 or int(line) > MAX_ROWS or _column(letters) > MAX_COLUMNS:
            raise BadFile(reason=HUGE)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters[:4]:
        number = number * 26 + letter - 64
    return number
