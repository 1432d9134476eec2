"""How unlike an elder's own habits a line is: chooses which lines make up an excess. Pure."""

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules.arithmetic import (
    Floats,
    elder_meals,
    groups,
    middles,
    others_middle,
)
from mealsvc.auditing.scanning.rules.view import DELIVERY, MANUAL, Ints, PointMonth

LEAST_SPREAD = 60.0  # nobody is more punctual than that, as a scale of surprise
TAIL = 4  # degrees of freedom of Student's t: a far time surprises, but not without bound
PRIOR = 3.0  # an elder's own shares lean on the point's as much as on so many lines


def surprise(seen: PointMonth) -> Floats:
    """For each line how unlike its elder's own habits it is, in nats; about 0 for the usual.

    Time of day, attendance, method and mode count. The line itself is left out of what it is
    compared with. Where months before are known they weigh as much as they have lines.
    """
    if not len(seen.lines):
        return np.zeros(0)
    usual = _Usual(seen)
    return usual.time() - np.log(usual.attendance()) + usual.means()


def attendance(seen: PointMonth) -> Floats:
    """For each line the chance that its elder takes this meal here on an opening day."""
    return _Usual(seen).attendance() if len(seen.lines) else np.zeros(0)


def strangeness(seen: PointMonth) -> Floats:
    """For each line how far its time is from its elder's usual one, in spreads (signed)."""
    return _Usual(seen).distance() if len(seen.lines) else np.zeros(0)


def least_likely(
    seen: PointMonth, mask: NDArray[np.bool_], k: int, scores: Floats | None = None
) -> Ints:
    """The at most `k` lines of `mask` that surprise most; ties: the later in the ledger first."""
    scores = surprise(seen) if scores is None else scores
    which = np.flatnonzero(mask)
    order = np.lexsort((-seen.lines.sequence[which], -scores[which]))
    return np.sort(which[order[: max(k, 0)]])


class _Usual:
    """What is usual for each line's elder and meal, the line itself left out."""

    def __init__(self, seen: PointMonth) -> None:
        self.lines = lines = seen.lines
        self.number, self.count = elder_meals(seen)
        self.sizes = np.bincount(self.number, minlength=self.count)
        self.seconds = lines.second.astype(np.float64)
        self.before = _before(seen, self.number, self.count)
        self.days = max(len(np.unique(lines.day)), 1)
        self.days_before = seen.habits.days
        meal_number, meals = groups(lines.meal, lines.mode == DELIVERY)
        self.meal_middle = middles(self.seconds, meal_number, meals)[meal_number]
        self.meal_spread = (
            1.4826
            * middles(np.abs(self.seconds - self.meal_middle), meal_number, meals)[meal_number]
        )

    def distance(self) -> Floats:
        """Seconds from the usual time over the usual spread."""
        n_before, at, spread = (self.before[name][self.number] for name in ("n", "at", "spread"))
        own = others_middle(self.seconds, self.number, self.count)
        known = ~np.isnan(own)
        own = np.where(known, own, self.meal_middle)
        others = (self.sizes[self.number] - 1).astype(np.float64)
        # the past is clean of what is tested now, and so weighs double
        weight_before, weight_own, weight_point = 2 * n_before, others, 0.5
        whole = weight_before + weight_own + weight_point
        middle = (weight_before * at + weight_own * own + weight_point * self.meal_middle) / whole
        away = np.abs(self.seconds - own)
        deviation = 1.4826 * middles(away, self.number, self.count)[self.number]
        variance = (
            weight_before * spread**2
            + weight_own * deviation**2
            + PRIOR * self.typical(deviation, others) ** 2
        ) / (weight_before + weight_own + PRIOR)
        unsure = self.meal_spread**2 / (n_before + others + 1)
        scale = np.sqrt(variance + unsure + LEAST_SPREAD**2)
        return (self.seconds - middle) / scale

    def typical(self, deviation: Floats, others: Floats) -> float:
        """The middle of the spreads of those who come often; the point's own where nobody does."""
        often = deviation[others >= 4]
        return float(np.median(often)) if len(often) else float(np.median(self.meal_spread))

    def time(self) -> Floats:
        """Surprise of the time of day: zero at the usual time, growing as a logarithm far off."""
        z = self.distance()
        return (TAIL + 1) / 2 * np.log1p(z * z / TAIL)

    def attendance(self) -> Floats:
        """The share of opening days, without this one."""
        came = self.before["n"][self.number] + self.sizes[self.number] - 1.0
        days = self.days_before + self.days - 1.0
        return (came + 0.3) / (days + 1.0 + 0.3)

    def means(self) -> Floats:
        """Surprise of being entered by hand, and of being delivered."""
        found = np.zeros(len(self.lines))
        for flag, name in (
            (self.lines.method == MANUAL, "manual"),
            (self.lines.mode == DELIVERY, "delivered"),
        ):
            share = (flag.sum() + 0.5) / (len(flag) + 1.0)
            own = np.bincount(self.number, flag, self.count)[self.number] - flag
            own = own + self.before[name][self.number]
            others = self.before["n"][self.number] + self.sizes[self.number] - 1.0
            likely = (own + PRIOR * share) / (others + PRIOR)
            likely = np.where(flag, likely, 1 - likely)
            found -= np.log(np.clip(likely, 1e-3, 1.0))
        return found


def _before(seen: PointMonth, number: Ints, count: int) -> dict[str, Floats]:
    """The months before for each elder and meal of this month; n is 0 where nothing is known."""
    found = {name: np.zeros(count) for name in ("n", "at", "spread", "manual", "delivered")}
    habits = seen.habits
    if not len(habits.resident):
        return found
    first = np.full(count, -1, np.int64)
    first[number[::-1]] = np.arange(len(number))[::-1]
    wanted = seen.lines.resident[first] * 4 + seen.lines.meal[first]
    known = habits.resident * 4 + habits.meal
    order = np.argsort(known)
    row = np.minimum(np.searchsorted(known[order], wanted), len(known) - 1)
    row = order[row]
    same = known[row] == wanted
    columns = ("servings", "at", "spread", "manual", "delivered")
    for name, column in zip(found, columns, strict=True):
        found[name] = np.where(same, np.nan_to_num(getattr(habits, column)[row]), 0.0)
    return found
