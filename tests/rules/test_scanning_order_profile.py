"""Which lines are unlike their elder's habits, and the arithmetic behind the rules."""

from math import comb, exp, log

import numpy as np
import pytest

from mealsvc.auditing.scanning.rules import arithmetic, profile
from mealsvc.auditing.scanning.rules.streams import from_outage, habit_strength
from mealsvc.auditing.scanning.rules.view import MANUAL, Habits
from tests.support.months import Month


def test_strangers_at_odd_times_are_the_least_likely():
    month = Month(1).crowd()
    day = month.days[5]
    month.add(day, range(900, 912), month.rng.uniform(45_500, 46_500, 12), fraud=True)
    seen, fraud = month.made()
    chosen = profile.least_likely(seen, seen.lines.day == day, 12)
    assert fraud[chosen].sum() >= 11


def test_a_line_entered_by_hand_surprises_of_one_with_a_card():
    month = Month(2).crowd()
    month.rows[10] = (*month.rows[10][:5], MANUAL, *month.rows[10][6:])
    seen, _ = month.made()
    typed = seen.lines.method == MANUAL
    plain = profile.surprise(Month(2).crowd().made()[0])
    assert (profile.surprise(seen) - plain)[typed].min() > 2


def test_the_past_tells_when_an_elder_comes():
    seen, _ = Month(3).crowd(days=Month().days[:2]).made()
    people = np.unique(seen.lines.resident)
    ones = np.ones(len(people), np.int64)
    past = Habits(
        people, ones, ones * 30, ones * 60_000.0, ones * 60.0, ones * 0, ones * 0, ones * 1.0, 40
    )
    before = np.abs(profile.strangeness(seen))
    after = np.abs(profile.strangeness(type(seen)(0, 1, seen.point, seen.lines, seen.people, past)))
    assert np.median(after) > 10 * np.median(before)


def test_least_likely_gives_no_more_than_there_are_and_the_same_each_time():
    seen, _ = Month(4).crowd().made()
    mask = seen.lines.day == seen.first_day
    assert len(profile.least_likely(seen, mask, 10_000)) == mask.sum()
    assert len(profile.least_likely(seen, mask, -1)) == 0
    again = profile.least_likely(seen, mask, 7)
    assert (profile.least_likely(seen, mask, 7) == again).all()


def test_habits_are_strong_where_people_come_at_their_time():
    strong, weak = (habit_strength(Month(5).crowd(spread=s).made()[0]) for s in (60, 3000))
    assert strong < 0.2
    assert weak > 0.5


def test_no_gap_explains_a_batch_of_those_who_never_come_then():
    month = Month(6).crowd(elders=90)
    day = month.days[9]
    kept = [row for row in month.rows if row[0] != day or not 41_500 < row[2] < 43_600]
    usual = {row[3]: row[2] for row in kept}
    late = [who for who, second in usual.items() if second > 44_000][:20]
    month.rows = kept
    month.add(day, late, 48_000 + 4 * np.arange(len(late)), fraud=True)
    seen, fraud = month.made()
    assert not from_outage(seen, fraud).any()


def test_groups_middles_and_others_middles():
    number, count = arithmetic.groups(np.array([5, 5, 7, 5]), np.array([1, 1, 1, 2]))
    assert number.tolist() == [0, 0, 2, 1]
    assert count == 3
    values = np.array([1.0, 9.0, 2.0, 3.0, 4.0])
    of = np.array([0, 0, 0, 0, 1])
    assert arithmetic.middles(values, of, 2).tolist() == [2.5, 4.0]
    others = arithmetic.others_middle(values, of, 2)
    assert others[:4].tolist() == [3.0, 2.0, 3.0, 2.0]
    assert np.isnan(others[4])


@pytest.mark.parametrize(("hits", "tries", "chance"), [(9, 10, 0.3), (30, 60, 0.2), (5, 5, 0.5)])
def test_bounds_of_tails_are_no_less_than_the_tails(hits, tries, chance):
    exact = sum(
        comb(tries, k) * chance**k * (1 - chance) ** (tries - k) for k in range(hits, tries + 1)
    )
    bound = exp(arithmetic.log_binomial_tail(hits, tries, chance))
    assert exact <= bound <= 30 * exact


def test_the_chi_square_bound_holds_in_simulation():
    rng = np.random.default_rng(1)
    for degrees, value in ((8, 2.0), (20, 9.0)):
        share = (rng.chisquare(degrees, 200_000) <= value).mean()
        bound = exp(arithmetic.log_chi_square_below(value, degrees))
        assert share <= bound * 1.1
        assert bound <= 3 * share


def test_logs_add_as_numbers_do():
    assert arithmetic.log_sum([log(2), log(3)]) == pytest.approx(log(5))
    assert arithmetic.log_choose(10, 3) == pytest.approx(log(120))
