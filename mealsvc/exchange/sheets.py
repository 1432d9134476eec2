"""Write a table out as CSV or XLSX, row by row, so that our own import reads back the same."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal

from mealsvc.exchange.harmless import harmless
from mealsvc.exchange.refusals import BadFile
from mealsvc.kernel.dates import format_instant
from mealsvc.kernel.money import display

# text: also ID numbers and codes, never taken for a number; fen: integer fen; yuan: integer fen
# shown as 12.50; date: a local date; instant: aware, written with Shanghai's offset.
Shape = Literal["text", "number", "fen", "yuan", "date", "instant"]
WriteRow = Callable[[Sequence[object]], None]

# What a workbook says about its making: a fixed moment, so that the same rows give the same bytes.
MADE_AT = datetime(2000, 1, 1, tzinfo=UTC)

NO_ENDING = "不知道要导出成哪种文件。请让文件名以 .csv 或 .xlsx 结尾。"


@dataclass(frozen=True)
class SheetColumn:
    """One column of an export. XLSX shows `width` characters of it."""

    heading: str
    shape: Shape = "text"
    width: int = 14


def export_ending(name: str) -> Literal["csv", "xlsx"]:
    """The format asked for by a file's name; refuses any other ending."""
    ending = Path(name).suffix.lower()
    if ending == ".csv":
        return "csv"
    if ending == ".xlsx":
        return "xlsx"
    raise BadFile(reason=NO_ENDING)


def write_sheet(
    stream: BinaryIO,
    ending: Literal["csv", "xlsx"],
    columns: Sequence[SheetColumn],
    rows: Iterable[Sequence[object]],
) -> int:
    """Write headings and rows; None is an empty cell. Returns the number of rows."""
    opened = _csv_sheet if ending == "csv" else _xlsx_sheet
    count = 0
    with opened(stream, columns) as write:
        for row in rows:
            write(row)
            count += 1
    return count


@contextmanager
def _csv_sheet(stream: BinaryIO, columns: Sequence[SheetColumn]) -> Iterator[WriteRow]:
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    try:
        writer = csv.writer(text)
        writer.writerow([harmless(column.heading) for column in columns])
        shapes = [_AS_TEXT[column.shape] for column in columns]

        def write(row: Sequence[object]) -> None:
            pairs = zip(shapes, row, strict=True)
            writer.writerow(["" if cell is None else shape(cell) for shape, cell in pairs])

        yield write
        text.flush()
    finally:
        text.detach()


@contextmanager
def _xlsx_sheet(stream: BinaryIO, columns: Sequence[SheetColumn]) -> Iterator[WriteRow]:
    import xlsxwriter

    book = xlsxwriter.Workbook(stream, {"constant_memory": True})
    book.set_properties({"created": MADE_AT})
    sheet = book.add_worksheet()
    formats = {shape: book.add_format({"num_format": style}) for shape, style in _STYLES.items()}
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width, formats.get(column.shape))
    bold = book.add_format({"bold": True})
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, harmless(column.heading), bold)
    line = 0

    def write(row: Sequence[object]) -> None:
        nonlocal line
        line += 1
        for place, (column, cell) in enumerate(zip(columns, row, strict=True)):
            if cell is not None:
                _write_cell(sheet, line, place, column.shape, cell, formats.get(column.shape))

    yield write
    book.close()


def _write_cell(sheet: Any, line: int, place: int, shape: Shape, cell: Any, style: Any) -> None:
    if shape == "yuan":
        sheet.write_number(line, place, cell / 100, style)
    elif shape in ("number", "fen"):
        sheet.write_number(line, place, cell, style)
    elif shape == "date":
        sheet.write_datetime(line, place, cell, style)
    else:
        sheet.write_string(line, place, _AS_TEXT[shape](cell), style)


def _day(cell: date) -> str:
    return cell.isoformat()


def _moment(cell: datetime) -> str:
    return format_instant(cell)


def _text(cell: object) -> str:
    return harmless(str(cell))


_AS_TEXT: dict[Shape, Callable[[Any], str]] = {
    "text": _text,
    "number": str,
    "fen": str,
    "yuan": display,
    "date": _day,
    "instant": _moment,
}
_STYLES: dict[Shape, str] = {"text": "@", "fen": "0", "yuan": "0.00", "date": "yyyy-mm-dd"}
