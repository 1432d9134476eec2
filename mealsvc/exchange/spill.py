"""Sort more rows than memory should hold: sorted runs in an unnamed file, merged at the end."""

import heapq
import pickle
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, Generic, TypeVar

RUN = 50_000
BLOCK = 500

Item = TypeVar("Item")


class Spill(Generic[Item]):
    """Add items in any order, then iterate in the order of `key` (ties as they came)."""

    def __init__(self, file: IO[bytes], key: Callable[[Item], Any], run: int) -> None:
        self._file, self._key, self._size = file, key, run
        self._items: list[Item] = []
        self._runs: list[list[int]] = []  # where the blocks of each run start
        self.count = 0

    def add(self, item: Item) -> None:
        """Keep one item."""
        self._items.append(item)
        self.count += 1
        if len(self._items) >= self._size:
            self._write_run()

    def __iter__(self) -> Iterator[Item]:
        self._items.sort(key=self._key)
        runs = [self._read_run(starts) for starts in self._runs]
        return heapq.merge(*runs, iter(self._items), key=self._key)

    def _write_run(self) -> None:
        self._items.sort(key=self._key)
        starts: list[int] = []
        self._file.seek(0, 2)
        for first in range(0, len(self._items), BLOCK):
            starts.append(self._file.tell())
            pickle.dump(self._items[first : first + BLOCK], self._file, pickle.HIGHEST_PROTOCOL)
        self._runs.append(starts)
        self._items = []

    def _read_run(self, starts: list[int]) -> Iterator[Item]:
        for start in starts:
            self._file.seek(start)
            yield from pickle.load(self._file)  # only ever what _write_run wrote


@contextmanager
def spill(key: Callable[[Item], Any], run: int = RUN) -> Iterator[Spill[Item]]:
    """A new sorter. Its file has no name and goes away at the end: rows may hold ID numbers."""
    with tempfile.TemporaryFile() as file:
        yield Spill(file, key, run)
