"""A09: too much entered by hand. Pure.

Some points type more than others and some elders have no card; what counts is more than the
point's own past, for elders who use a card otherwise.
"""

from collections.abc import Iterator
from math import exp, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules.arithmetic import Floats, groups, log_poisson_tail
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.profile import least_likely, surprise
from mealsvc.auditing.scanning.rules.streams import from_outage
from mealsvc.auditing.scanning.rules.telling import finding, iso
from mealsvc.auditing.scanning.rules.view import DELIVERY, MANUAL, Anomaly, Ints, PointMonth

LEAST_SHARE = 0.01  # of entries by hand that every point may have
SWAY = 1.5  # so much more than its past a point may type
MOST = 2.0  # thresholds
KNOWN = 300  # servings before the month from which its own share is taken
EACH = 0.3  # the chance under which a day of a bad month counts
DOUBT = 0.01  # the chance under which a share is above the threshold beyond doubt
PRIOR = 3.0  # so many typed lines the other days may have had besides
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
    days, day = np.unique(lines.day, return_inverse=True)
    number = np.bincount(day[hand], minlength=len(days))
    whole = np.bincount(day[counter], minlength=len(days))
    beyond = number.sum() > limits.manual_share * whole.sum() or number.max() > limits.manual_a_day
    if not beyond:
        return
    judge = _by_past if certain else _by_threshold
    chance, excess = judge(number, whole, usual, limits)
    if chance >= limits.false_chance:
        return
    hit = np.zeros(len(lines), bool)
    scores = surprise(seen)
    for at in np.flatnonzero(excess):
        hit[least_likely(seen, hand & (day == at), int(excess[at]), scores)] = True
    if not hit.any():
        return
    share = 100 * number.sum() / max(int(whole.sum()), 1)
    compared = "按本点往常约" if certain else "本点没有往月可比，上限"
    summary = (
        f"手工登记{number.sum()}笔，占{share:.1f}%，{compared}{100 * usual:.1f}%；"
        f"{len(np.unique(lines.day[hit]))}天多出{hit.sum()}笔，一天最多{number.max()}笔。"
    )
    honest = "先核对当天读卡器、网络是否故障，老人是否没带卡，有无纸质签到。"
    yield finding(
        seen, "A09", "case", np.flatnonzero(hit), summary, honest,
        evidence={
            "share": round(float(share), 1),
            "usual": round(100 * usual, 1),
            "days": iso(lines.day[hit].tolist()),
        },
        chance=limits.in_district(chance),
    )  # fmt: skip


def _by_past(number: Ints, whole: Ints, usual: float, limits: Limits) -> tuple[float, Ints]:
    """Against the point's own share: the chance, and by how much each day exceeds it."""
    expected = usual * whole
    of_day = _tails(number, SWAY * expected)
    single = float(of_day.min()) + log(len(number))
    # one bad day does not make a bad month
    rest = np.arange(len(number)) != int(of_day.argmin())
    month = log_poisson_tail(int(number[rest].sum()), SWAY * float(expected[rest].sum()))
    # where the whole month is beyond chance a day needs less to stand out
    wanted = log(EACH if 2 * exp(month) < limits.false_chance else limits.false_chance)
    excess = np.where((of_day < wanted) & (number >= 2), number - np.floor(expected), 0)
    return 2 * exp(min(0.0, month, single)), excess.astype(np.int64)


def _by_threshold(number: Ints, whole: Ints, usual: float, limits: Limits) -> tuple[float, Ints]:
    """Against the threshold, as nothing is known of the point's past: the same.

    The threshold tells what is too much; what is normal is less. A month must be above the first
    beyond doubt, and above the middle of the two beyond chance; a day must be above the other days.
    """
    typed, entered = int(number.sum()), int(whole.sum())
    normal = min(LEAST_SHARE, usual)
    month = log_poisson_tail(typed, (usual + normal) / 2 * entered)
    if (
        log_poisson_tail(typed, usual * entered) < log(DOUBT)
        and 2 * exp(month) < limits.false_chance
    ):
        expected = normal * whole
        hit = _tails(number, expected) < log(EACH)
        return 2 * exp(month), np.where(hit, number - np.floor(expected), 0).astype(np.int64)
    others = (typed - number + PRIOR) / np.maximum(entered - whole, 1)
    expected = np.minimum(others, 1.0) * whole
    of_day = np.where(number > limits.manual_a_day, _tails(number, SWAY * expected), 0.0)
    excess = np.where(of_day < log(limits.false_chance), number - np.floor(expected), 0)
    single = float(of_day.min()) + log(len(number))
    return 2 * exp(min(0.0, single)), excess.astype(np.int64)


def _tails(number: Ints, expected: NDArray[np.floating[Any]]) -> Floats:
    """ln of the chance of so many or more, for each day."""
    return np.array(
        [log_poisson_tail(int(k), float(m)) for k, m in zip(number, expected, strict=True)]
    )


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
