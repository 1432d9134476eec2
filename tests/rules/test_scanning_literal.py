"""What the catalogue says to the letter is found in little data; its honest look-alikes are not."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from mealsvc.auditing.scanning.rules import beats, bursts, delivery, hours, manual
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.streams import counter
from mealsvc.auditing.scanning.rules.view import DELIVERY, DINNER, MANUAL
from tests.support.months import HOURS, Month, caught, told

STRANGERS = range(900, 960)  # elders who come on one day only
LUNCH_ENDS = HOURS[1][1]


def small(seed: int) -> Month:
    """Some twenty-five lunches a day."""
    return Month(seed).crowd(elders=40)


def in_a_row(start: float, count: int, gap: float) -> np.ndarray:
    return start + gap * np.arange(count)


def burst(mode: int = 0) -> Month:
    """Twelve entries in 44 seconds on one day."""
    month = small(1)
    month.add(month.days[9], STRANGERS, in_a_row(43_200, 12, 4), mode=mode, fraud=True)
    return month


# --- A06: ten in sixty seconds, or a median gap below four seconds over twenty -------------------


def test_ten_entries_in_a_minute_on_one_day_are_found_with_just_their_lines():
    found, right = caught(burst(), bursts.bursts)
    assert found == 1.0
    assert right >= 0.9


def test_nine_entries_in_a_minute_are_no_burst():
    month = small(2)
    month.add(month.days[9], STRANGERS, in_a_row(46_700, 9, 5))
    assert told(month, bursts.bursts) == []


def test_twenty_entries_three_seconds_apart_are_found_with_just_their_lines():
    month = small(3)
    month.add(month.days[9], STRANGERS, in_a_row(43_200, 25, 3), fraud=True)
    found, right = caught(month, bursts.bursts)
    assert found == 1.0
    assert right >= 0.85


def test_deliveries_confirmed_in_a_row_are_no_burst():
    assert told(burst(mode=DELIVERY), bursts.bursts) == []


def test_a_counter_that_is_as_dense_on_other_days_shows_no_burst():
    month = small(4)
    for day in month.days[::3]:
        start = month.rng.uniform(40_000, 45_000)
        month.add(day, month.rng.permutation(np.arange(100, 140)), in_a_row(start, 11, 4.5))
    assert told(month, bursts.bursts) == []


def test_strangers_keyed_in_after_a_gap_are_not_those_who_were_missing():
    month = Month(5).crowd(elders=90)
    day = month.days[9]
    month.rows = [row for row in month.rows if row[0] != day or not 41_500 < row[2] < 43_600]
    month.add(day, STRANGERS, in_a_row(43_700, 14, 4), fraud=True)
    found, _ = caught(month, bursts.bursts)
    assert found == 1.0


# --- A08: outside the hours ----------------------------------------------------------------------


def test_one_dinner_entered_more_than_an_hour_before_opening_is_a_fact():
    month = small(6)
    month.add(month.days[9], [139], [HOURS[DINNER][0] - 5100], meal=DINNER, fraud=True)
    (found,) = told(month, hours.off_hours)
    assert found.chance is None
    assert len(found.sequences) == 1
    assert "17:00至18:30" in found.summary


@pytest.mark.parametrize(
    ("second", "mode"),
    [(LUNCH_ENDS + 3900, 0), (LUNCH_ENDS + 7200, DELIVERY)],
    ids=["within an hour after the grace", "a delivery"],
)
def test_one_late_guest_or_delivery_is_no_fact(second, mode):
    month = small(7)
    month.add(month.days[9], [139], [second], mode=mode)
    assert told(month, hours.off_hours) == []


def test_a_meal_entered_far_outside_its_hours_on_most_days_has_wrong_hours():
    month = small(8)
    for day in month.days[::2]:
        month.add(day, [950], [LUNCH_ENDS + 5400])
    for day in month.days[1::4]:
        month.add(day, [951], [LUNCH_ENDS + 5700])
    assert told(month, hours.off_hours) == []


def test_the_last_of_a_batch_after_an_outage_may_be_entered_much_later():
    month = Month(9).crowd(elders=90)
    day = month.days[9]
    gone = [row for row in month.rows if row[0] == day and row[2] > 42_500]
    month.rows = [row for row in month.rows if row not in gone]
    when = LUNCH_ENDS + 1500 + np.cumsum(month.rng.uniform(2, 6, len(gone)))
    when[-1] = LUNCH_ENDS + 7200
    month.add(day, [row[3] for row in gone], when, method=MANUAL)
    assert told(month, hours.off_hours) == []


def test_hours_learnt_too_narrow_accuse_nobody():
    month = Month(10, hours={})
    for day in month.days:
        month.add(day, range(100, 104), month.rng.uniform(40_000, 41_000, 4))
        month.add(day, range(104, 106), month.rng.uniform(36_000, 41_000, 2))
    assert told(month, hours.off_hours) == []


# --- A09: entered by hand ------------------------------------------------------------------------


def typed(a_day: float, days: int, elders: int = 40) -> Month:
    """So many strangers typed in, on so many days."""
    month = Month(11).crowd(elders=elders)
    for at in range(round(a_day * days)):
        when = month.rng.uniform(40_000, 46_000)
        month.add(month.days[at % days], [900 + at], [when], method=MANUAL, fraud=True)
    return month


@pytest.mark.parametrize("a_day", [3.3, 2.2])
def test_a_share_by_hand_above_the_threshold_is_found_where_no_past_excuses_it(a_day):
    (found,) = told(typed(a_day, 20), manual.by_hand, Limits(points=15))
    assert found.evidence["share"] > 3
    assert caught(typed(a_day, 20), manual.by_hand) == (1.0, 1.0)


def test_a_share_by_hand_at_the_threshold_is_left_alone():
    month = typed(0.8, 24)
    assert told(month, manual.by_hand, Limits(points=15)) == []


def test_more_than_ten_by_hand_on_one_day_are_found_at_a_point_that_types_little():
    month = typed(11, 1, elders=400)
    (found,) = told(month, manual.by_hand, Limits(points=15))
    assert found.days == (month.days[0],)
    assert found.evidence["share"] < 3


def test_eleven_by_hand_on_one_day_are_usual_at_a_busy_point_that_types_some_every_day():
    month = Month(12).crowd(elders=500)
    for number, day in enumerate(month.days):
        count = 11 if number == 9 else 7
        who = month.rng.choice(np.arange(100, 600), count, replace=False)
        month.add(day, who, month.rng.uniform(40_000, 46_000, count), method=MANUAL)
    assert told(month, manual.by_hand) == []


# --- A21: deliveries at odd hours ----------------------------------------------------------------


def lunches_delivered(after: float) -> Month:
    month = small(13)
    for at in range(10):
        month.add(month.days[5 + at], [900 + at], [LUNCH_ENDS + after], mode=DELIVERY, fraud=True)
    return month


def test_lunches_delivered_hours_after_closing_are_found_although_the_hour_is_steady():
    assert caught(lunches_delivered(3 * 3600), delivery.at_odd_hours) == (1.0, 1.0)


def test_a_steady_round_soon_after_closing_is_a_custom():
    assert told(lunches_delivered(2700), delivery.at_odd_hours) == []


# --- beats on coarse clocks ----------------------------------------------------------------------


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def test_a_chain_on_a_coarse_clock_ends_where_the_next_entry_would_be_the_last_itself():
    month = Month(14)
    for day in month.days[:6]:
        month.add(day, range(100, 130), in_a_row(40_000, 30, 10))
    stream = counter(month.made()[0])
    with at_most(5):
        for off in (2.0, 11.6, 61.6):
            heads, gaps = beats._chains(stream, off)
            assert len(heads) == len(gaps)
            assert (gaps > off).all()
