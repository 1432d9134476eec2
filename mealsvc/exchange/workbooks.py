"""The first sheet of an XLSX workbook as rows of text."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import IO, Any

from mealsvc.exchange.refusals import BadFile

MAX_UNPACKED = 1 << 30
MAX_CELLS = 20_000_000  # the reader makes room for every cell up to the last row and column
CHUNK, OVERLAP = 1 << 20, 1 << 12
_COUNT = re.compile(rb"ount\s*=\s*[\"']\s*\+?[0-9]{8}")  # … and for as many strings as a part says
# Rows from 100,000 on, columns from N on: where none is, there is nothing to reckon.
_FAR = re.compile(
    rb"\sr\s*=\s*[\"'](?:([A-Za-z]*)([0-9]{6,})|([N-Zn-z]|[A-Za-z]{2,})([0-9]*)[\"'])"
)
_ROW = re.compile(rb"row\b[^>]*?\br\s*=\s*[\"']([0-9]+)")
NEAR_COLUMNS = 13
# Doubles hold every integer up to here; above it digits are already lost.
EXACT = 1 << 53

OLD = "这是旧版 .xls 文件，无法读取。请用 Excel 或 WPS 打开，另存为“Excel 工作簿 (.xlsx)”后再导入。"
LOCKED = "这个工作簿设了打开密码，无法读取。请去掉密码，另存后再导入。"
BROKEN = "这个 XLSX 文件无法读取，可能已损坏。请用 Excel 或 WPS 打开，另存后再导入。"
NO_SHEET = "这个工作簿里没有工作表。请把数据放在第一张工作表，第一行是列名。"
HUGE = "这个工作簿解压后太大。请另存为 CSV，或分成几个文件导入。"

OLE_MARK = b"\xd0\xcf\x11\xe0"
ZIP_MARK = b"PK\x03\x04"


def refuse_ole(stream: IO[bytes]) -> None:
    """Refuse an OLE container: an encrypted XLSX or an old XLS."""
    locked = "EncryptedPackage".encode("utf-16-le") in stream.read()
    raise BadFile(reason=LOCKED if locked else OLD)


def open_workbook(stream: IO[bytes]) -> tuple[int, Iterator[tuple[int, list[str]]]]:
    """Height of the first sheet, and its rows with their sheet line numbers (from 1)."""
    _check_size(stream)
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_filelike(stream)
        if not workbook.sheet_names:
            raise BadFile(reason=NO_SHEET)
        sheet = workbook.get_sheet_by_index(0)
    except CalamineError as error:
        raise BadFile(reason=BROKEN) from error
    return sheet.total_height, _rows(sheet)


def _check_size(stream: IO[bytes]) -> None:
    """Raises `BadFile` for what would make the reader ask for more memory than there is, which
    ends the process and not only the import."""
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
            if not any(member.filename.lower() == "xl/workbook.xml" for member in members):
                raise BadFile(reason=BROKEN)
            if sum(member.file_size for member in members) > MAX_UNPACKED:
                raise BadFile(reason=HUGE)
            for member in members:
                if member.filename.lower().endswith(".xml"):
                    with archive.open(member) as part:
                        _check_part(part)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError) as error:
        raise BadFile(reason=BROKEN) from error
    stream.seek(0)


def _check_part(part: IO[bytes]) -> None:
    height, width, tail = 1, NEAR_COLUMNS, b""
    while chunk := part.read(CHUNK):
        text = tail + chunk
        if _COUNT.search(text):
            raise BadFile(reason=HUGE)
        for low, row, wide, line in _FAR.findall(text):
            height = max(height, int((row or line)[:9] or 1))
            width = max(width, _column(low), _column(wide))
        if width > NEAR_COLUMNS:
            height = max([height, *(int(row[:9]) for row in _ROW.findall(text))])
        if height * width > MAX_CELLS:
            raise BadFile(reason=HUGE)
        tail = text[-OVERLAP:]


def _column(letters: bytes) -> int:
    """The number of a column by its letters, from 1."""
    number = 0
    for letter in letters[:4].upper():
        number = number * 26 + letter - 64
    return number


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    for line, cells in enumerate(sheet.iter_rows(), start=1):
        yield line, [cell if type(cell) is str else cell_text(cell) for cell in cells]


def cell_text(cell: object) -> str:
    """A typed cell as a CSV file would hold it.

    Whole numbers lose their ".0"; a number too long for the sheet keeps its exponent, so that
    no invented digits pass for an ID number. A date-time has no zone in a sheet: it is Shanghai's.
    """
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return _number_text(cell)
    if isinstance(cell, datetime):
        return _rounded(cell).isoformat() + "+08:00"
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return cell.strftime("%H:%M:%S" if cell.second else "%H:%M")
    return "" if cell is None else str(cell)


def _number_text(number: float) -> str:
    if abs(number) > EXACT:
        return format(number, ".14E")
    return str(int(number)) if number.is_integer() else format(number, ".15g")


def _rounded(moment: datetime) -> datetime:
    """Sheets keep fractions of a day: the nearest millisecond is what somebody typed."""
    nearest = moment + timedelta(microseconds=500)
    return nearest.replace(microsecond=nearest.microsecond // 1000 * 1000)
