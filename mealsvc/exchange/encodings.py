"""Which encoding a CSV file is written in, decided by reading all of it once."""

import codecs
from dataclasses import dataclass
from typing import IO

from mealsvc.exchange.refusals import BadFile

CHUNK = 1 << 20
# GB18030 text is accidentally valid UTF-8 for a character or two, never for so many.
SURELY_UTF8 = 8

DAMAGED = (
    "第 {line} 行附近有无法识别的文字，文件可能已损坏。"
    "请用 Excel 或 WPS 重新打开，另存为“CSV UTF-8”后再导入。"
)
BINARY = "这不是表格文件。请选择 CSV 或 XLSX 文件，第一行是列名。"


@dataclass(frozen=True)
class TextShape:
    """How to read a text file: codec name and number of line feeds (about its rows)."""

    encoding: str
    lines: int


@dataclass(frozen=True)
class Flaw:
    """The first place that one codec cannot read: its line, and the characters read before."""

    line: int
    foreign_before: int


def detect(stream: IO[bytes]) -> TextShape:
    """Read the stream to its end and say how it is encoded, or refuse it (`bad_file`).

    A byte order mark decides. Without one the whole file is UTF-8, else the whole is GB18030.
    The stream is left at its start.
    """
    marked = _by_mark(stream)
    flaws: list[Flaw] = []
    for encoding in [marked] if marked else ["utf-8", "gb18030"]:
        outcome = _try(stream, encoding)
        stream.seek(0)
        if isinstance(outcome, TextShape):
            return outcome
        flaws.append(outcome)
        if outcome.foreign_before >= SURELY_UTF8:
            break
    raise BadFile(reason=DAMAGED.format(line=flaws[0].line))


def _by_mark(stream: IO[bytes]) -> str | None:
    head = stream.read(4)
    stream.seek(0)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return None


def _try(stream: IO[bytes], encoding: str) -> TextShape | Flaw:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    lines = foreign = 0
    while True:
        chunk = stream.read(CHUNK)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            good = error.object[: error.start].decode(encoding, "ignore")
            return Flaw(lines + good.count("\n") + 1, foreign + _foreign(good))
        if "\0" in text:
            raise BadFile(reason=BINARY)
        lines += text.count("\n")
        if not chunk:
            return TextShape(encoding, lines)
        if foreign < SURELY_UTF8:
            foreign += _foreign(text)


def _foreign(text: str) -> int:
    return 0 if text.isascii() else sum(character > "\x7f" for character in text)
