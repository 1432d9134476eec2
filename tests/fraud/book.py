"""The servings of a district as columns, each with what is true of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from mealsvc.auditing.scanning.rules.view import CARD, DINE_IN

COLUMNS = (
    "spot",
    "elder",
    "day",
    "second",
    "meal",
    "mode",
    "method",
    "price",
    "device",
    "operator",
    "fraud",
    "look",
)
HONEST = "honest"


@dataclass
class Book:
    """Lines in the making; `fraud` and `look` are numbers of names (0: none)."""

    rows: list[np.ndarray] = field(default_factory=list)
    names: list[str] = field(default_factory=lambda: [HONEST])

    def name(self, word: str) -> int:
        """The number of a pattern or look-alike."""
        if word not in self.names:
            self.names.append(word)
        return self.names.index(word)

    def add(self, **columns: object) -> None:
        """A batch; scalars are repeated."""
        n = len(columns["elder"])
        rest = {"mode": DINE_IN, "method": CARD, "device": 0, "operator": 0, "fraud": 0, "look": 0}
        rest.update(columns)
        block = np.empty((n, len(COLUMNS)), np.int64)
        for at, name in enumerate(COLUMNS):
            block[:, at] = rest[name]
        self.rows.append(block)

    def table(self) -> np.ndarray:
        """All lines, in the order in which a till would have sent them."""
        block = np.concatenate(self.rows) if self.rows else np.empty((0, len(COLUMNS)), np.int64)
        order = np.lexsort((block[:, 1], block[:, 3], block[:, 2]))
        return block[order]


def column(table: np.ndarray, name: str) -> np.ndarray:
    """One column of a table."""
    return table[:, COLUMNS.index(name)]


def where(table: np.ndarray, **values: int | Iterable[int]) -> np.ndarray:
    """The rows in which these columns hold these values (or one of them)."""
    mask = np.ones(len(table), bool)
    for name, value in values.items():
        held = column(table, name)
        mask &= held == value if isinstance(value, int) else np.isin(held, list(value))
    return table[mask]
