"""Open an uploaded CSV or XLSX file as a heading row and a stream of text cells.

Line numbers are those that the clerk sees: the sheet's row in XLSX; in CSV the line of the file
on which the record starts, so that blank lines and quoted line breaks count.
"""

import csv
import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

from mealsvc.exchange.encodings import detect
from mealsvc.exchange.refusals import BadFile
from mealsvc.exchange.workbooks import OLE_MARK, ZIP_MARK, open_workbook, refuse_ole

MAX_BYTES = 1 << 30
SPOOL = 1 << 20

EMPTY = "文件是空的。请选择有内容的 CSV 或 XLSX 文件，第一行是列名。"
TOO_BIG = "文件超过 1 GB。请分成几个文件导入。"
MISSING = "找不到文件 {name}。请检查路径和文件名。"

# One row: its line, and its cells; None when the record could not be taken apart.
Line = tuple[int, list[str] | None]


@dataclass(frozen=True)
class Table:
    """`rows` can be read once; `about` is close to the number of rows, for a progress bar."""

    headings: list[str]
    heading_line: int
    rows: Iterator[Line]
    about: int


@contextmanager
def open_table(source: str | os.PathLike[str] | BinaryIO) -> Iterator[Table]:
    """Open a path or a binary stream; refuse (`bad_file`) what is no table. Use in a `with`.

    The content decides between CSV and XLSX, not the name.
    """
    with _seekable(source) as stream, ExitStack() as after:
        yield _table(stream, after)


@contextmanager
def _seekable(source: str | os.PathLike[str] | BinaryIO) -> Iterator[IO[bytes]]:
    """A stream that can be read twice; the caller's own is left open."""
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        if not (path.is_file() and os.access(path, os.R_OK)):
            raise BadFile(reason=MISSING.format(name=path))
        with path.open("rb") as stream:
            yield stream
    elif source.seekable():
        yield source
    else:
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(source, copy, SPOOL)
            yield copy


def _table(stream: IO[bytes], after: ExitStack) -> Table:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    if size == 0:
        raise BadFile(reason=EMPTY)
    if size > MAX_BYTES:
        raise BadFile(reason=TOO_BIG)
    mark = stream.read(4)
    stream.seek(0)
    if mark == OLE_MARK:
        refuse_ole(stream)
    if mark == ZIP_MARK:
        height, rows = open_workbook(stream)
        return _headed(height, _filled(rows))
    shape = detect(stream)
    text = io.TextIOWrapper(cast(BinaryIO, stream), encoding=shape.encoding, newline="")
    after.callback(text.detach)  # the stream is the caller's to close
    return _headed(shape.lines, _filled(_records(text, _delimiter(text))))


def _headed(height: int, rows: Iterator[Line]) -> Table:
    line, cells = next(rows, (1, None))
    if cells is None:
        raise BadFile(reason=EMPTY)
    return Table([cell.strip() for cell in cells], line, rows, max(height - line, 0))


def _filled(rows: Iterator[Line]) -> Iterator[Line]:
    """Without the rows that hold nothing but blanks."""
    for line, cells in rows:
        if cells is None or any(cell and not cell.isspace() for cell in cells):
            yield line, cells


def _delimiter(text: io.TextIOWrapper) -> str:
    head = text.readline(1 << 16)
    text.seek(0)
    return "\t" if "\t" in head and "," not in head else ","


def _records(text: io.TextIOWrapper, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    start = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield start, None
        else:
            yield start, cells
        start = reader.line_num + 1
