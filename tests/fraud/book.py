"""The servings of a district as columns, each with what is true of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

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

    def add(self, elder: np.ndarray, **columns: Any) -> None:
        """A batch; scalars are repeated."""
        rest: dict[str, Any] = {"mode": DINE_IN, "method": CARD}
        rest.update(columns, elder=elder)
        block = np.empty((len(elder), len(COLUMNS)), np.int64)
        for at, name in enumerate(COLUMNS):
            block[:, at] = rest.get(name, 0)
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
