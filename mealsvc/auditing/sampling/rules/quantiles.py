"""Exact upper bounds of shares: the few quantiles that samples need. Pure."""

from collections.abc import Iterable
from itertools import groupby
from math import ceil, exp, lgamma, log

TINY, STEPS, HALVINGS = 1e-300, 400, 60


def beta_cdf(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b), by its continued fraction."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_cdf(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x)) / a
    c, d = 1.0, 1 / _off_zero(1 - (a + b) * x / (a + 1))
    whole = d
    for m in range(1, STEPS):
        before = whole
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _off_zero(1 + term * d)
            c = _off_zero(1 + term / c)
            whole *= c * d
        if abs(whole - before) < 1e-14 * whole:
            break
    return front * whole


def most_share(errors: int, size: int, confidence: float) -> float:
    """The largest share of errors that `errors` of `size` leave possible (Clopper–Pearson)."""
    if errors >= size:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        seen_so_few = 1 - beta_cdf(middle, errors + 1, size - errors)
        low, high = (middle, high) if seen_so_few > 1 - confidence else (low, middle)
    return high


def most_taint(taints: Iterable[float], size: int, confidence: float) -> float:
    """Stringer's upper bound of the mean of `size` values in [0, 1], given those above zero.

    With no error, or with errors of 1 only, it is exactly `most_share`.
    """
    if size <= 0:
        return 1.0
    bound, seen = most_share(0, size, confidence), 0
    reached = bound
    for taint, same in groupby(sorted((one for one in taints if one > 0), reverse=True)):
        seen += sum(1 for _ in same)
        further = most_share(seen, size, confidence)
        bound += taint * (further - reached)
        reached = further
    return min(bound, 1.0)


def least_size(tolerable: float, confidence: float) -> int:
    """How many draws without an error show that the share of errors is at most `tolerable`."""
    return ceil(log(1 - confidence) / log(1 - tolerable))


def _off_zero(value: float) -> float:
    return value if abs(value) > TINY else TINY
