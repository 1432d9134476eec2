"""Lists entered at their own rhythm, and elders there daily at any time, stand out; habits do not."""

import numpy as np
import pytest

from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.pace import same_pace
from mealsvc.auditing.scanning.rules.restless import restless
from mealsvc.auditing.scanning.rules.view import LUNCH, Habits, Lines, People, Point, PointMonth

FIRST, DAYS, ELDERS = 19_844, 26, 60
OPENS = 11 * 3600
LIMITS = Limits()


def month(second: np.ndarray, came: np.ndarray) -> PointMonth:
    """A lunch of 26 days; `second` and `came` by elder and day."""
    elder, day = np.nonzero(came)
    at = second[elder, day].astype(np.int64)
    order = np.lexsort((at, day))
    elder, day, at = elder[order], day[order], at[order]
    n = len(at)
    same = np.ones(n, np.int64)
    lines = Lines(
        sequence=np.arange(1, n + 1),
        resident=elder + 1,
        day=FIRST + day,
        second=at,
        meal=same * LUNCH,
        mode=same * 0,
        method=same * 0,
        price=same * 1000,
        subsidy=same * 300,
        source=same,
        lateness=same,
    )
    people = np.arange(1, len(second) + 1)
    void, nothing = np.zeros(0, np.int64), np.zeros(0)
    return PointMonth(
        first_day=FIRST,
        last_day=FIRST + DAYS - 1,
        point=Point(1, "P1", "一号点", "serving_point", hours={LUNCH: (OPENS, OPENS + 7200)}),
        lines=lines,
        people=People(
            people, people * 0, people * 0 + 1, people * 0 + FIRST, people * 0, people, people * 1.0, people * 1.0
        ),
        habits=Habits(void, void, void, nothing, nothing, void, void, nothing),
    )  # fmt: skip


@pytest.fixture
def honest() -> tuple[np.ndarray, np.ndarray]:
    """Sixty elders with a time of their own, who come every other day or daily."""
    rng = np.random.default_rng(5)
    usual = OPENS + rng.uniform(600, 5400, (ELDERS, 1))
    second = usual + rng.normal(0, rng.uniform(60, 600, (ELDERS, 1)), (ELDERS, DAYS))
    return second, rng.random((ELDERS, DAYS)) < rng.uniform(0.3, 0.95, (ELDERS, 1))


def test_honest_days_agree_by_habit_only(honest) -> None:
    assert list(same_pace(month(*honest), LIMITS)) == []
    assert list(restless(month(*honest), LIMITS)) == []


def test_a_list_entered_again_at_its_rhythm_is_found_among_real_guests(honest) -> None:
    second, came = honest
    absent = np.flatnonzero(came[:, 3] & ~came[:, 9])
    second[absent, 9] = (
        second[absent, 3] + 1500 + np.random.default_rng(1).uniform(0, 3, len(absent))
    )
    came[absent, 9] = True
    seen = month(second, came)

    [found] = same_pace(seen, LIMITS)

    entered = {
        int(s)
        for s, r, d in zip(seen.lines.sequence, seen.lines.resident, seen.lines.day, strict=True)
        if d == FIRST + 9 and r - 1 in absent
    }
    assert len(absent) >= 8
    # some of them look like couples, one of whom speaks for both
    assert len(set(found.sequences) & entered) >= 0.75 * len(entered)
    assert len(found.sequences) <= len(entered) + 2
    assert found.days == (FIRST + 9,)
    assert found.severity == "high"


def test_a_whole_day_that_is_late_is_no_list(honest) -> None:
    second, came = honest
    second[:, 12] += 1200

    assert list(same_pace(month(second, came), LIMITS)) == []


def test_cards_swiped_here_and_there_every_day_are_found(honest) -> None:
    second, came = honest
    rng = np.random.default_rng(2)
    kept = np.arange(8)
    second[kept] = OPENS + rng.uniform(60, 7140, (8, DAYS))
    came[kept] = rng.random((8, DAYS)) < 0.9

    [found] = restless(month(second, came), LIMITS)

    assert set(found.residents) >= {1, 2, 3, 4, 5, 6, 7, 8} - {int(r) for r in kept[:2] + 1}
    assert set(found.residents) <= {1, 2, 3, 4, 5, 6, 7, 8}


def test_those_who_drop_in_seldom_at_any_time_are_no_kept_cards(honest) -> None:
    second, came = honest
    rng = np.random.default_rng(2)
    second[:8] = OPENS + rng.uniform(60, 7140, (8, DAYS))
    came[:8] = rng.random((8, DAYS)) < 0.35

    assert list(restless(month(second, came), LIMITS)) == []
