"""A09: too much entered by hand. Pure.

Some points type more than others and some elders have no card; what counts is more than the
point's own past, for elders who use a card otherwise.
"""

from collections.abc import Iterator
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules.arithmetic import groups, log_poisson_tail
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.profile import least_likely, surprise
from mealsvc.auditing.scanning.rules.streams import from_outage
from mealsvc.auditing.scanning.rules.telling import finding, iso
from mealsvc.auditing.scanning.rules.view import DELIVERY, MANUAL, Anomaly, PointMonth

LEAST_SHARE = 0.01  # of entries by hand that every point may have
SWAY = 1.5  # so much more than its past a point may type
MOST = 2.0  # thresholds
KNOWN = 300  # servings before the month from which its own share is taken
EACH = 0.3  # the chance under which a day of a bad month counts
FEW, FEW_SHARE = 3, 0.05
ALWAYS, TIMES = 0.8, 4  # who is typed in so often, so many times, has no card


def by_hand(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """More entries by hand than the point's own past or the threshold leads to expect.

    Evidence: `share`, `usual` (of the month's lines at the counter), `days` (some of them).
    """
    lines = seen.lines
    counter = lines.mode != DELIVERY
    hand = counter & (lines.method == MANUAL)
    hand &= ~from_outage(seen, hand)
    hand &= ~_cardless(seen, hand)
    if hand.sum() < limits.manual_a_day:
        return
    usual, certain = _usual_share(seen, limits)
    sway = SWAY if certain else 1.0
    days, day = np.unique(lines.day, return_inverse=True)
    number = np.bincount(day[hand], minlength=len(days))
    expected = usual * np.bincount(day[counter], minlength=len(days))
    whole = int(number.sum())
    of_day = np.array(
        [log_poisson_tail(int(k), sway * m) for k, m in zip(number, expected, strict=True)]
    )
    single = float(of_day.min()) + log(len(days))
    # one bad day does not make a bad month
    rest = np.arange(len(days)) != int(of_day.argmin())
    month = log_poisson_tail(int(number[rest].sum()), sway * float(expected[rest].sum()))
    chance = 2 * exp(min(0.0, month, single))
    beyond = whole > limits.manual_share * counter.sum() or number.max() > limits.manual_a_day
    if chance >= limits.false_chance or not beyond:
        return
    # where the whole month is beyond chance a day needs less to stand out
    wanted = log(EACH if 2 * exp(month) < limits.false_chance else limits.false_chance)
    hit = np.zeros(len(lines), bool)
    scores = surprise(seen)
    # the threshold tells what is too much; what is normal is less
    normal = 1.0 if certain else LEAST_SHARE / usual
    for at in np.flatnonzero((of_day < wanted) & (number >= 2)):
        excess = int(number[at] - np.floor(expected[at] * normal))
        hit[least_likely(seen, hand & (day == at), excess, scores)] = True
    if not hit.any():
        return
    share = 100 * whole / max(int(counter.sum()), 1)
    summary = (
        f"手工登记{whole}笔，占{share:.1f}%，按本点往常约{100 * usual:.1f}%；"
        f"{len(np.unique(lines.day[hit]))}天多出{hit.sum()}笔，一天最多{number.max()}笔。"
    )
    honest = "先核对当天读卡器、网络是否故障，老人是否没带卡，有无纸质签到。"
    yield finding(
        seen, "A09", "case", np.flatnonzero(hit), summary, honest,
        evidence={
            "share": round(share, 1),
            "usual": round(100 * usual, 1),
            "days": iso(lines.day[hit].tolist()),
        },
        chance=limits.in_district(chance),
    )  # fmt: skip


def _usual_share(seen: PointMonth, limits: Limits) -> tuple[float, bool]:
    """The share of the months before, if there are enough, else the threshold; and which."""
    before = int(seen.habits.servings.sum())
    if before >= KNOWN:
        share = (float(seen.habits.manual.sum()) + 1) / before
        # what was always too much is no excuse
        return min(max(LEAST_SHARE, share), MOST * limits.manual_share), True
    return limits.manual_share, False


def _cardless(seen: PointMonth, hand: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Lines of elders who are always entered by hand, and were before."""
    lines, habits = seen.lines, seen.habits
    number, count = groups(lines.resident)
    own = np.bincount(number, minlength=count).astype(np.float64)
    typed = np.bincount(number, hand, count)
    people = np.unique(lines.resident)
    if len(habits.resident):
        own, typed = np.zeros(count), np.zeros(count)
        known = np.isin(habits.resident, people)
        at = np.searchsorted(people, habits.resident[known])
        np.add.at(own, at, habits.servings[known])
        np.add.at(typed, at, habits.manual[known])
    always = (typed >= TIMES) & (typed >= ALWAYS * own)
    # a few elders without a card are believed
    always &= always.sum() <= max(FEW, FEW_SHARE * count)
    return always[number]
