"""Who ate since when and how often, by the resident's number: two small columns over the register."""

import numpy as np

from mealsvc.auditing.scanning.rules.view import Ints


class Eaters:
    """Filled day by day, in the order of days."""

    def __init__(self) -> None:
        self._since = np.zeros(0, np.int32)
        self._times = np.zeros(0, np.int32)

    def add(self, residents: Ints, day: int) -> None:
        """These ate on this day, once for each time that they are named."""
        times = np.bincount(residents, minlength=len(self._times)).astype(np.int32)
        grown = len(times) - len(self._times)
        self._since = np.pad(self._since, (0, grown))
        times[: len(self._times)] += self._times
        self._since[(self._since == 0) & (times > 0)] = day
        self._times = times

    def ids(self) -> Ints:
        """Everybody who ate, in ascending order."""
        return np.flatnonzero(self._times)

    def since(self, residents: Ints) -> Ints:
        """The first day of each; 0 for who did not eat."""
        return _at(self._since, residents)

    def times(self, residents: Ints) -> Ints:
        """How often each ate."""
        return _at(self._times, residents)


def _at(column: np.ndarray, residents: Ints) -> Ints:
    values = np.zeros(len(residents), np.int64)
    known = residents < len(column)
    values[known] = column[residents[known]]
    return values
