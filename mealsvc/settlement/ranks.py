"""Two small pieces of arithmetic for reviewers: how alike two orders are, and a sample that
anybody can draw again. Pure."""

import hashlib
from collections.abc import Iterable, Sequence
from math import ceil, sqrt
from statistics import fmean
from typing import Any

PERCENT, LEAST, MOST = 5, 10, 60


def correlation(one: Sequence[Any], other: Sequence[Any]) -> float | None:
    """Spearman's rank correlation of two orders; None where one of them has no order at all."""
    first, second = _ranks(one), _ranks(other)
    mean_first, mean_second = fmean(first), fmean(second)
    pairs = [(x - mean_first, y - mean_second) for x, y in zip(first, second, strict=True)]
    spread = sqrt(sum(x * x for x, _ in pairs) * sum(y * y for _, y in pairs))
    return sum(x * y for x, y in pairs) / spread if spread else None


def seed_of(month: object, code: str, digest: str) -> str:
    """What a month's sample is drawn with: printed, so that the draw can be repeated."""
    return f"{month}-{code}-{digest}"


def draw(seed: str, sequences: Iterable[int]) -> list[int]:
    """5 % of the lines, at least 10 and at most 60: those whose SHA-256 of `seed/line` is least."""
    known = list(sequences)
    wanted = max(LEAST, min(MOST, ceil(len(known) * PERCENT / 100)))
    ranked = sorted(known, key=lambda one: hashlib.sha256(f"{seed}/{one}".encode()).digest())
    return sorted(ranked[:wanted])


def _ranks(values: Sequence[Any]) -> list[float]:
    """The place of each value; equals share the middle of theirs."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for place in order[start : end + 1]:
            ranks[place] = (start + end) / 2
        start = end + 1
    return ranks
