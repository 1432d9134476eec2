"""Tail probabilities, computed in logarithms so that tiny ones stay exact. Pure."""

from collections.abc import Callable
from math import erfc, exp, lgamma, log, log1p, sqrt


def normal_above(z: float) -> float:
    """The chance that a standard normal exceeds z."""
    return 0.5 * erfc(z / sqrt(2))


def poisson_above(number: int, mean: float) -> float:
    """The chance of `number` or more where `mean` are expected."""
    if number <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    if number <= mean:
        return 1.0 - sum(_poisson(k, mean) for k in range(number))
    return _tail(number, _poisson(number, mean), lambda k: mean / (k + 1))


def binomial_above(number: int, trials: int, share: float) -> float:
    """The chance of `number` or more hits in so many trials."""
    if number <= 0:
        return 1.0
    if number > trials or share <= 0:
        return 0.0
    if share >= 1:
        return 1.0
    first = exp(
        lgamma(trials + 1)
        - lgamma(number + 1)
        - lgamma(trials - number + 1)
        + number * log(share)
        + (trials - number) * log1p(-share)
    )
    if number <= trials * share:
        return max(0.0, 1.0 - binomial_above(trials - number + 1, trials, 1 - share))
    odds = share / (1 - share)
    return _tail(number, first, lambda k: (trials - k) / (k + 1) * odds)


def _poisson(k: int, mean: float) -> float:
    return exp(k * log(mean) - mean - lgamma(k + 1))


def _tail(start: int, first: float, ratio: Callable[[int], float]) -> float:
    """first + the terms after it, each the one before times ratio(k), until they vanish."""
    total = term = first
    k = start
    while term > total * 1e-12 and k < start + 10_000:
        term *= ratio(k)
        total += term
        k += 1
    return min(1.0, total)
