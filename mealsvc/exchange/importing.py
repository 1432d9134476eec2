"""Bring a file in: good rows are kept, every bad row is reported, one short transaction a batch."""

import gc
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Connection

from mealsvc.exchange.columns import KINDS, Kind
from mealsvc.exchange.counts import Counts, counts_for
from mealsvc.exchange.importers.base import Importer
from mealsvc.exchange.importers.kinds import IMPORTERS
from mealsvc.exchange.refusals import BadFile
from mealsvc.exchange.rejects import Rejects, open_rejects
from mealsvc.exchange.rows import Batch, Reject, RowReader
from mealsvc.exchange.spill import spill
from mealsvc.exchange.tables import open_table
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.policies.services import import_policy
from mealsvc.settlement.correction_queries import Touched, last_change, touched_since

SHOWN = 20  # rejected rows that a report shows itself; the file of rejects has them all
RUN = 20_000  # rows in memory while a file is put in order
COLLECT_AFTER = 100_000  # new objects
LARGEST_POLICY = 1 << 20

Source = str | os.PathLike[str] | BinaryIO
Item = tuple[Any, list[str]]  # a row, and its cells as they were
Watch = Callable[[int, int], bool]
"""Told after each batch how many rows are done and about how many there are; False stops."""


class _Rehearsed(Exception):
    """Rolls a rehearsal back."""


@dataclass(frozen=True)
class Report:
    """What an import did. `document` is the JSON of the interface; `first` some rejected rows;
    `touched` the recorded meals that its facts speak of."""

    document: dict[str, Any]
    warnings: list[str] = field(default_factory=list)
    first: list[Reject] = field(default_factory=list)
    stopped: bool = False
    touched: Touched | None = None


def import_file(
    kind: str,
    source: Source,
    by: Actor,
    *,
    filename: str = "",
    rehearse: bool = False,
    at_most: int | None = None,
    rejects_to: BinaryIO | None = None,
    watch: Watch = lambda done, total: True,
) -> Report:
    """Imports a table of one of the `KINDS`; raises `BadFile` when it cannot be read as one.

    `rehearse` judges the file with the full effect of earlier rows and then writes nothing; all
    other writers wait meanwhile, so pages rehearse `at_most` so many rows.
    """
    with open_table(source) as table:
        reader = RowReader(KINDS[kind], table, local_date(clock.now()))
        about = min(table.about, at_most or table.about)
        with open_rejects(reader.matched.headings) as rejects:
            job = _Import(reader, IMPORTERS[kind](reader.matched, filename), rejects, by)
            rehearsal = _rehearsal() if rehearse else nullcontext()
            before = last_change()
            with _few_collections(), rehearsal as connection:
                stopped = job.run(at_most, connection, lambda done: watch(done, about))
                touched = touched_since(before)
            if rejects_to is not None:
                rejects.write(rejects_to)
            first = list(islice(rejects, SHOWN))
        return Report(job.counts.document(), reader.warnings, first, stopped, touched)


def import_policy_file(source: Path, by: Actor, *, rehearse: bool = False) -> Report:
    """Puts a policy file into force; raises `BadFile` or what the policies room refuses."""
    try:
        content = source.read_bytes()
    except OSError as error:
        raise BadFile(reason=f"找不到或无法读取文件 {source}。请检查路径和文件名。") from error
    if len(content) > LARGEST_POLICY:
        raise BadFile(reason="政策文件过大。请选择 TOML 格式的政策文件。")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile(reason="政策文件不是 UTF-8 编码。请另存为 UTF-8 后再导入。") from error
    counts = counts_for("policy")
    with _rehearsal() if rehearse else writing():
        counts.add(import_policy(text, by, clock.now()))
    return Report(counts.document())


class _Import:
    """One file on its way in."""

    def __init__(self, reader: RowReader, importer: Importer, rejects: Rejects, by: Actor) -> None:
        self.reader, self.importer, self.rejects, self.by = reader, importer, rejects, by
        self.kind: Kind = reader.kind
        self.counts: Counts = counts_for(reader.kind.name)

    def run(
        self, at_most: int | None, connection: Connection | None, go_on: Callable[[int], bool]
    ) -> bool:
        """Takes all batches in; True when `go_on` stopped it before the end."""
        with self._items(at_most) as items:
            for batch in _batches(items, self.importer):
                with writing() if connection is None else nullcontext(connection) as writes:
                    self._take(writes, batch)
                if not go_on(self.counts.rows):
                    return True
        return False

    def _take(self, connection: Connection, batch: list[Item]) -> None:
        rows = [row for row, _ in batch]
        outcomes = self.importer.apply(connection, rows, self.by, clock.now())
        for (row, cells), outcome in zip(batch, outcomes, strict=True):
            self.counts.add(outcome)
            if isinstance(outcome, Refusal):
                column = self.reader.matched.heading(self._slot(outcome))
                rejected = Reject(row.line, cells, column, outcome.code, outcome.message)
                self.rejects.add([rejected])

    def _slot(self, refusal: Refusal) -> str:
        """The field that the refusal is about; the key column where it names none of the file."""
        slots = {column.slot for column in self.kind.columns}
        field = refusal.facts.get("column", refusal.field)
        return field if isinstance(field, str) and field in slots else self.kind.columns[0].slot

    @contextmanager
    def _items(self, at_most: int | None) -> Iterator[Iterable[Item]]:
        """The good rows in the order of evaluation."""
        found = islice(self._read(), at_most)
        first = next(found, None)
        if first is None:
            yield ()
        elif self.importer.order(first[0]) is None:
            yield _chain(first, found)
        else:
            with spill(self._order, RUN) as kept:
                for item in _chain(first, found):
                    kept.add(item)
                yield kept

    def _order(self, item: Item) -> Any:
        return self.importer.order(item[0])

    def _read(self) -> Iterator[Item]:
        for batch in self.reader.batches():
            self._reject(batch)
            for row in batch.rows:
                yield row, batch.cells[row.line]

    def _reject(self, batch: Batch) -> None:
        self.rejects.add(batch.rejects)
        for reject in batch.rejects:
            self.counts.reject(reject.code)


def _chain(first: Item, rest: Iterator[Item]) -> Iterator[Item]:
    yield first
    yield from rest


def _batches(items: Iterable[Item], importer: Importer) -> Iterator[list[Item]]:
    """Batches of about `size`; rows about the same thing stay together."""
    batch: list[Item] = []
    for item in items:
        if len(batch) >= importer.size and importer.identity(item[0]) != importer.identity(
            batch[-1][0]
        ):
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch


@contextmanager
def _few_collections() -> Iterator[None]:
    """Rows hold no reference cycles: looking for some after every 700 costs a sixth of the time."""
    usual = gc.get_threshold()
    gc.set_threshold(COLLECT_AFTER, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


@contextmanager
def _rehearsal() -> Iterator[Connection]:
    """A transaction that is always rolled back: nothing stays, and nobody is told."""
    with suppress(_Rehearsed), writing() as connection:
        yield connection
        raise _Rehearsed
