"""A judged month: an honest district, and the frauds that a seed puts into it."""

from dataclasses import dataclass

import numpy as np

from mealsvc.auditing.scanning.rules.view import DINNER, LUNCH
from tests.fraud.book import COLUMNS, Book, column
from tests.fraud.crook import Crook
from tests.fraud.district import District, district_of
from tests.fraud.frauds import FRAUDS
from tests.fraud.honest import honest_book


@dataclass
class Plot:
    """Everything about one seed: `table` holds history and month, `names` what labels mean."""

    world: District
    table: np.ndarray
    names: list[str]
    key: np.ndarray  # number of each line
    subsidised: np.ndarray  # whether it was

    def judged(self) -> np.ndarray:
        """Mask of the lines of the month judged."""
        return column(self.table, "day") >= self.world.span()[0]


def plot_of(seed: int, patterns: tuple[str, ...] | None = None) -> Plot:
    """The district of a seed with some of these patterns in it (none of them: an honest month)."""
    world = district_of(seed)
    rng = np.random.default_rng([seed, 7])
    book = honest_book(world, rng)
    honest = book.table()
    chosen = list(FRAUDS if patterns is None else patterns)
    if patterns is None:
        chosen = [str(p) for p in rng.permutation(chosen)[: int(rng.integers(7, 12))]]
    crooks = engaged(chosen, world, honest, book, rng)
    book.rows = [without(honest, crooks), *book.rows[len(book.rows) - added(book, honest) :]]
    table = relabelled(book.table(), crooks)
    table = table[at_one_place(table)]
    return Plot(world, table, book.names, np.arange(1, len(table) + 1), subsidised(table))


def added(book: Book, honest: np.ndarray) -> int:
    """How many of the book's batches came after the honest ones."""
    total, batches = 0, 0
    for block in book.rows:
        total += len(block)
        batches += 1
        if total == len(honest):
            break
    return len(book.rows) - batches


def engaged(
    chosen: list[str], world: District, honest: np.ndarray, book: Book, rng: np.random.Generator
) -> list[Crook]:
    """The frauds at work, at most two at a point."""
    busy: dict[int, int] = {}
    taken: set[int] = set()
    crooks = []
    for name in chosen:
        fraud, dinner, least = FRAUDS[name]
        spots = [
            i
            for i, spot in enumerate(world.spots)
            if (not dinner or DINNER in spot.hours)
            and world.elders.rate[world.elders.home == i, LUNCH].sum() >= least
            and busy.get(i, 0) < 2
        ]
        if not spots:
            continue
        spots.sort(key=lambda i: (busy.get(i, 0), rng.random()))
        busy[spots[0]] = busy.get(spots[0], 0) + 1
        crook = Crook(name, world, spots[0], honest, book, rng)
        crook.taken = taken
        fraud(crook)
        crooks.append(crook)
    return crooks


def without(honest: np.ndarray, crooks: list[Crook]) -> np.ndarray:
    """The honest lines less those of elders whose cards are kept, since they are."""
    drop = np.zeros(len(honest), bool)
    for crook in crooks:
        those = np.isin(column(honest, "elder"), crook.dropped)
        drop |= those & (column(honest, "day") >= crook.days[0])
    return honest[~drop]


def relabelled(table: np.ndarray, crooks: list[Crook]) -> np.ndarray:
    """Whoever was gone did not eat."""
    for crook in crooks:
        for elder, day in crook.gone:
            those = (column(table, "elder") == elder) & (column(table, "day") >= day)
            table[those, COLUMNS.index("fraud")] = crook.label
    return table


def at_one_place(table: np.ndarray) -> np.ndarray:
    """Honest elders don't eat one meal twice: keeps the first of each, and every fraud."""
    slot = np.stack([column(table, c) for c in ("elder", "day", "meal", "fraud")], axis=1)
    _, first = np.unique(slot, axis=0, return_index=True)
    keep = column(table, "fraud") > 0
    keep[first] = True
    return keep


def subsidised(table: np.ndarray) -> np.ndarray:
    """The first serving of an elder, day and meal."""
    slot = np.stack([column(table, c) for c in ("elder", "day", "meal")], axis=1)
    _, first = np.unique(slot, axis=0, return_index=True)
    paid = np.zeros(len(table), bool)
    paid[first] = True
    return paid
