"""Rows that come day by day and are wanted point by point: put aside in a file without a name."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

IN_MEMORY = 4 * 1024 * 1024  # bytes, before a file is made of them


def aside(folder: Path) -> AbstractContextManager[IO[bytes]]:
    """Room for a spool: memory, then a file in this folder that is gone with the process."""
    return SpooledTemporaryFile(IN_MEMORY, dir=str(folder))


class Spool:
    """Takes days, each sorted by point, and gives points, each in the order of its days."""

    def __init__(self, kinds: dict[str, str], file: IO[bytes]) -> None:
        self._row = np.dtype(list(kinds.items()))
        self._file = file
        self._pieces: dict[int, list[tuple[int, int]]] = {}
        self._end = self.rows = 0

    def add(self, points: NDArray[Any], columns: dict[str, NDArray[Any]]) -> None:
        """One day; `points` tells whose each row is, in ascending order."""
        rows = np.empty(len(points), self._row)
        for name in self._row.names or ():
            rows[name] = columns[name]
        self._file.write(rows.tobytes())
        whose, starts = np.unique(points, return_index=True)
        ends = [*starts.tolist(), len(points)][1:]
        for point, start, end in zip(whose.tolist(), starts.tolist(), ends, strict=True):
            place = self._end + start * self._row.itemsize
            self._pieces.setdefault(point, []).append((place, end - start))
        self._end += rows.nbytes
        self.rows += len(rows)

    def points(self) -> Iterator[int]:
        """The points that have rows, in ascending order."""
        return iter(sorted(self._pieces))

    def rows_of(self, point: int) -> NDArray[Any]:
        """All rows of a point."""
        pieces = self._pieces.get(point, [])
        rows = np.empty(sum(count for _, count in pieces), self._row)
        filled = 0
        for place, count in pieces:
            self._file.seek(place)
            size = count * self._row.itemsize
            rows[filled : filled + count] = np.frombuffer(self._file.read(size), self._row)
            filled += count
        return rows
