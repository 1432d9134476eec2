"""The file of rejected rows: what came in, plus line, column, code and message, by line."""

import csv
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from mealsvc.exchange.harmless import harmless
from mealsvc.exchange.headings import REJECT_HEADINGS
from mealsvc.exchange.rows import Reject
from mealsvc.exchange.spill import Spill, spill


class Rejects:
    """Collects rejected rows in any order and writes them by line.

    Corrected, the file can be imported again: its four last columns are then left out.
    """

    def __init__(self, headings: list[str], kept: Spill[Reject]) -> None:
        self.headings, self._spill = headings, kept

    @property
    def count(self) -> int:
        """How many rows were rejected."""
        return self._spill.count

    def add(self, rejects: Iterable[Reject]) -> None:
        """Keep a batch's rejects."""
        for reject in rejects:
            self._spill.add(reject)

    def __iter__(self) -> Iterator[Reject]:
        return iter(self._spill)

    def write(self, stream: BinaryIO) -> None:
        """Write the CSV: UTF-8 with a byte order mark, so that Excel shows Chinese."""
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        writer = csv.writer(text)
        writer.writerow([harmless(heading) for heading in (*self.headings, *REJECT_HEADINGS)])
        width = len(self.headings)
        for reject in self._spill:
            cells = (reject.cells + [""] * width)[:width]
            row = (*cells, str(reject.line), reject.column, reject.code, reject.message)
            writer.writerow([harmless(cell) for cell in row])
        text.flush()
        text.detach()


@contextmanager
def open_rejects(headings: list[str]) -> Iterator[Rejects]:
    """An empty collection for a file with these headings."""
    with spill(_line) as kept:
        yield Rejects(headings, kept)


def _line(reject: Reject) -> int:
    return reject.line
