"""What every importer is, and how rows that speak of the same thing are taken together."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Sequence
from itertools import groupby, pairwise
from typing import Any, Protocol

from sqlalchemy import Connection

from mealsvc.exchange.headings import Matched
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.refusals import Refusal
from mealsvc.servings.desk import Recorded

CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"
Outcome = str | Recorded | Refusal
Put = Callable[[Any], str]


class Importer(Protocol):
    """Takes the good rows of one file, `size` at a time, each batch in a transaction of its own.

    `order` is the order of evaluation where the file's own does not count; rows whose
    `identity` is the same are never parted between two batches.
    """

    size: int

    def __init__(self, matched: Matched, filename: str) -> None: ...

    def order(self, row: Any) -> Any: ...

    def identity(self, row: Any) -> Hashable: ...

    def apply(
        self, connection: Connection, rows: Sequence[Any], by: Actor, now: Any
    ) -> Sequence[Outcome]: ...


class KeyedImporter(ABC):
    """For kinds whose rows add or update one thing by its key.

    Of several rows about one thing the last one counts; so the same file twice changes nothing.
    """

    size = 500

    def __init__(self, matched: Matched, filename: str) -> None:
        self.present = {column.slot for _, column in matched.columns}
        self.filename = filename

    def order(self, row: Any) -> Any:
        return self.identity(row), row.line

    def identity(self, row: Any) -> Hashable:
        return row.code

    def apply(
        self, connection: Connection, rows: Sequence[Any], by: Actor, now: Any
    ) -> Sequence[Outcome]:
        outcomes: list[Outcome] = []
        for _, group in groupby(rows, self.identity):
            same = list(group)
            outcomes += shared(same, self._one(same[-1], by))
        return outcomes

    @abstractmethod
    def put(self, row: Any, by: Actor) -> str:
        """Adds or updates one thing; raises a `Refusal`."""

    def given(self, row: Any, texts: Sequence[str], others: Sequence[str]) -> dict[str, Any]:
        """The fields that the file has; an empty text is "", any other empty cell None."""
        values = {name: getattr(row, name) or "" for name in texts if name in self.present}
        return values | {name: getattr(row, name) for name in others if name in self.present}

    def _one(self, row: Any, by: Actor) -> str | Refusal:
        try:
            return self.put(row, by)
        except Refusal as refusal:
            return refusal


def shared(same: Sequence[Any], last: str | Refusal) -> list[Outcome]:
    """An outcome for each of the rows about one thing, when the last one had this outcome."""
    if isinstance(last, Refusal) or last == UNCHANGED:
        return [last] * len(same)
    later = [UNCHANGED if row[1:] == before[1:] else UPDATED for before, row in pairwise(same)]
    return [last, *later]
