"""Order and time of servings: each fraud is found in full, each honest look-alike is left alone."""

import numpy as np
import pytest

from mealsvc.auditing.scanning.rules import beats, bursts, clock, hours, kept, manual, order
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.view import DELIVERY, DINNER, MANUAL, Habits
from tests.support.months import HOURS, Month, caught, told

LUNCH_ENDS = HOURS[1][1]
ALL = (
    bursts.bursts,
    bursts.punctual,
    beats.metronome,
    kept.kept_cards,
    order.replay,
    hours.off_hours,
    manual.by_hand,
    clock.clock_off,
)


def gaps(month, start, count, low, high):
    return start + np.cumsum(month.rng.uniform(low, high, count))


def absent(month, day, pool, count):
    here = {row[3] for row in month.rows if row[0] == day}
    return [who for who in pool if who not in here][:count]


# --- frauds --------------------------------------------------------------------------------------


def replayed(copies=3, size=25, backwards=False, spread=500.0):
    """The list of the third day, entered again after the rush for those who were not there."""
    month = Month(3).crowd(elders=6 * size, rate=0.4, spread=spread)
    listed = sorted((row for row in month.rows if row[0] == month.days[2]), key=lambda row: row[2])
    for day in month.days[5 : 5 + copies]:
        who = absent(month, day, [row[3] for row in listed], size)
        who = who[::-1] if backwards else who
        month.add(day, who, gaps(month, LUNCH_ENDS - 300, len(who), 4, 15), fraud=True)
    return month


def lunch_as_dinner():
    """Some lunch guests are entered for dinner too, at the list's pace."""
    month = Month(5).crowd(elders=60, rate=0.6)
    for day in month.days[::2]:
        listed = sorted((row for row in month.rows if row[0] == day), key=lambda row: row[2])[:20]
        at = [HOURS[DINNER][0] + 120 + (row[2] - listed[0][2]) * 0.5 for row in listed]
        month.add(day, [row[3] for row in listed], at, meal=DINNER, fraud=True)
    return month


def by_register():
    """Names in the register's order."""
    month = Month(6).crowd(elders=60, rate=0.6)
    for day in month.days[3:6]:
        who = list(range(600, 630))
        month.add(day, who, gaps(month, LUNCH_ENDS - 900, 30, 5, 20), fraud=True)
    return month


def cards(count=10, when="any", share=0.85, gap=(4, 20)):
    """Cards in the till, swiped in one go, shuffled; the cashier has days off."""
    month = Month(7).crowd()
    for number, day in enumerate(month.days):
        if number % 7 == 2:
            continue
        who = month.rng.permutation(np.arange(900, 900 + count)[month.rng.random(count) < share])
        start = {"any": month.rng.uniform(39_900, 45_500), "one": 43_800}[when]
        month.add(day, who, gaps(month, start, len(who), *gap), fraud=True)
    return month


def scattered(count=10, share=0.97):
    """Cards swiped between the guests, one here, one there; the cashier has days off."""
    month = Month(8).crowd()
    for number, day in enumerate(month.days):
        if number % 6 == 2:
            continue
        who = np.arange(900, 900 + count)[month.rng.random(count) < share]
        month.add(day, who, month.rng.uniform(40_000, 46_000, len(who)), fraud=True)
    return month


def after_closing():
    month = Month(9).crowd()
    for day in month.days[::3]:
        who = absent(month, day, range(100, 170), 8)
        start = LUNCH_ENDS + month.rng.uniform(1200, 3600)
        month.add(day, who, gaps(month, start, len(who), 10, 40), fraud=True)
    return month


def staff_early():
    """Two or three eat before the doors open, on the same four names."""
    month = Month(10).crowd()
    for day in month.days:
        who = month.rng.permutation(np.arange(900, 904))[: month.rng.integers(1, 4)]
        month.add(day, who, gaps(month, HOURS[1][0] - 1500, len(who), 5, 40), fraud=True)
    return month


def scripted(beat=30.0, noise=1.0):
    """Every so many seconds one, in the rush."""
    month = Month(11).crowd()
    for day in month.days[::4]:
        who = absent(month, day, range(100, 170), 24)
        at = 41_000 + beat * np.arange(len(who)) + month.rng.uniform(-noise, noise, len(who))
        month.add(day, who, at, fraud=True)
    return month


def to_the_second():
    """Six cards, each at its own second every day."""
    month = Month(12).crowd()
    own = month.rng.uniform(40_000, 46_000, 6)
    for day in month.days:
        who = np.flatnonzero(month.rng.random(6) < 0.8)
        month.add(day, who + 900, own[who] + month.rng.normal(0, 4, len(who)), fraud=True)
    return month


def burst():
    """Forty in two minutes on a quiet afternoon stretch of the lunch."""
    month = Month(13).crowd(elders=120)
    day = month.days[8]
    who = absent(month, day, range(100, 220), 40)
    month.add(day, who, gaps(month, 46_200, len(who), 1.5, 4), fraud=True)
    return month


def typed():
    """Absent people typed in, some each day."""
    month = Month(14).crowd()
    for day in month.days:
        who = month.rng.permutation(absent(month, day, range(100, 170), 70))[:6]
        at = month.rng.uniform(40_000, 46_000, len(who))
        month.add(day, who, at, method=MANUAL, fraud=True)
    return month


@pytest.mark.parametrize(
    ("rule", "fraud", "recall", "precision"),
    [
        (order.replay, replayed(), 0.9, 0.9),
        (order.replay, replayed(copies=1, size=40), 0.7, 0.9),
        (order.replay, replayed(copies=8), 0.85, 0.9),
        (order.replay, replayed(backwards=True, size=40), 0.9, 0.9),
        (order.replay, lunch_as_dinner(), 0.9, 0.95),
        (order.replay, by_register(), 0.9, 0.9),
        (kept.kept_cards, cards(), 0.9, 0.95),
        (kept.kept_cards, cards(count=5), 0.7, 0.8),
        (kept.kept_cards, cards(when="one"), 0.9, 0.9),
        (kept.kept_cards, cards(gap=(25, 60)), 0.9, 0.95),
        (kept.kept_cards, scattered(), 0.9, 0.85),
        (hours.off_hours, after_closing(), 1.0, 0.95),
        (hours.off_hours, staff_early(), 1.0, 0.95),
        (beats.metronome, scripted(), 0.9, 0.9),
        (beats.metronome, scripted(beat=12.0, noise=0.4), 0.9, 0.9),
        (bursts.punctual, to_the_second(), 0.9, 0.95),
        (bursts.bursts, burst(), 0.9, 0.9),
        (manual.by_hand, typed(), 0.75, 0.95),
    ],
)
def test_a_fraud_is_found_with_its_lines_and_hardly_any_other(rule, fraud, recall, precision):
    found, right = caught(fraud, rule)
    assert found >= recall
    assert right >= precision


# --- honest look-alikes --------------------------------------------------------------------------


def couples_and_daily():
    month = Month(21).crowd()
    for couple in range(10):
        own = month.rng.uniform(40_000, 45_000)
        for day in month.days:
            if month.rng.random() < 0.6:
                at = own + month.rng.normal(0, 400)
                pair = [700 + 2 * couple, 701 + 2 * couple]
                month.add(day, pair, [at, at + month.rng.uniform(3, 15)])
    for elder in range(12):
        own = month.rng.uniform(40_000, 45_000)
        for day in month.days:
            month.add(day, [800 + elder], [own + month.rng.normal(0, 400)])
    return month


def village():
    """Eighteen people at one table, all within three minutes of the gong, in any order."""
    month = Month(22, kind="neighbour_table")
    for day in month.days:
        who = month.rng.permutation(np.flatnonzero(month.rng.random(18) < 0.8) + 100)
        month.add(day, who, 39_600 + np.sort(month.rng.uniform(0, 180, len(who))))
    return month


def outage(method, mixed):
    """Half an hour without a serving; the missing are entered when the network is back."""
    month = Month(23).crowd(elders=90)
    day = month.days[9]
    gone = [row for row in month.rows if row[0] == day and 41_500 < row[2] < 43_600]
    month.rows = [row for row in month.rows if row not in gone]
    start = 43_700 if mixed else LUNCH_ENDS + 1500
    month.add(day, [row[3] for row in gone], gaps(month, start, len(gone), 2, 6), method=method)
    return month


def courier():
    """A route confirmed at its end, in the same order every day."""
    month = Month(24).crowd()
    for day in month.days:
        month.add(day, range(500, 530), gaps(month, 45_000, 30, 1, 4), mode=DELIVERY)
    return month


def strays():
    """Somebody else is a little late on most days."""
    month = Month(25).crowd()
    for day in month.days[::2]:
        who = absent(month, day, month.rng.permutation(np.arange(100, 170)), 1)
        month.add(day, who, [LUNCH_ENDS + month.rng.uniform(620, 900)])
    return month


def queue():
    """A rush at the till's own even pace, every day."""
    month = Month(26)
    for day in month.days:
        who = month.rng.permutation(np.flatnonzero(month.rng.random(80) < 0.6) + 100)
        month.add(day, who, gaps(month, 39_700, len(who), 5, 9))
    return month


def cardless():
    """Two elders have no card and are typed in, every time."""
    month = Month(27).crowd()
    for day in month.days:
        month.add(day, [900, 901], month.rng.normal(42_000, 300, 2), method=MANUAL)
    return month


HONEST = {
    "habits": Month(31).crowd(spread=500),
    "strong habits": Month(32).crowd(spread=60),
    "hardly any habit": Month(33).crowd(spread=1500),
    "lunch and dinner": Month(34).crowd().crowd(meal=DINNER, rate=0.3),
    "couples and daily guests": couples_and_daily(),
    "a village table": village(),
    "an outage, cards": outage(0, mixed=False),
    "an outage, typed": outage(MANUAL, mixed=False),
    "an outage, guests between": outage(0, mixed=True),
    "a courier": courier(),
    "late guests": strays(),
    "an even queue": queue(),
    "no card": cardless(),
    "one day": Month(35).crowd(days=Month().days[:1]),
}


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("look", HONEST)
def test_an_honest_look_alike_is_not_accused(look, rule):
    assert told(HONEST[look], rule) == []


def test_forty_honest_months_raise_no_alarm_of_chance():
    alarms = 0
    for seed in range(40):
        month = Month(1000 + seed).crowd(spread=200 + 40 * seed)
        alarms += sum(len(told(month, rule)) for rule in ALL)
    assert alarms == 0


# --- facts, limits, edges ------------------------------------------------------------------------


def test_the_list_is_told_with_the_day_it_resembles():
    (found,) = told(replayed(copies=1, size=40), order.replay)
    assert found.rule == "A07"
    assert found.severity == "high"
    assert found.chance is not None
    assert found.chance < 0.05
    (chain,) = found.evidence["chains"]
    assert chain["like_day"] == "2024-05-03"
    assert "2024-05-03" in found.summary


def test_a_clock_that_is_off_and_a_late_batch_are_told():
    month = Month(41).crowd()
    month.rows[:5] = [(*row[:7], 90_000, 0) for row in month.rows[:5]]
    (found,) = told(month, clock.clock_off)
    assert len(found.sequences) == 5
    assert found.evidence["oldest"] == 25


def test_lateness_means_nothing_where_most_lines_are_late():
    month = Month(42).crowd()
    month.rows = [(*row[:7], 900_000, 0) for row in month.rows]
    assert told(month, clock.clock_off) == []


def test_hours_that_nobody_stated_are_learnt():
    month = after_closing()
    month.point["hours"] = {}
    found, right = caught(month, hours.off_hours)
    assert found >= 0.9
    assert right >= 0.9


def test_a_closed_day_has_no_guests():
    month = Month(43).crowd()
    month.point["closed_days"] = frozenset({month.days[4]})
    (found,) = told(month, hours.off_hours)
    assert found.days == (month.days[4],)
    assert found.chance is None


def test_who_never_missed_a_day_is_telephoned_and_accused_of_nothing():
    month = couples_and_daily()
    seen, _ = month.made()
    daily = np.arange(800, 812)
    many = np.full(12, 50)
    zeros = np.zeros(12, np.int64)
    before = Habits(
        daily, zeros + 1, many, many * 850.0, many * 8.0, zeros, zeros, np.ones(12), days=50
    )
    with_past = type(seen)(
        seen.first_day, seen.last_day, seen.point, seen.lines, seen.people, before
    )
    (found,) = kept.every_day(with_past, Limits())
    assert found.severity == "watch"
    assert found.sequences == ()
    assert found.residents == tuple(daily.tolist())
    assert list(kept.every_day(with_past, Limits(every_day=90))) == []


@pytest.mark.parametrize("rule", [*ALL, kept.every_day], ids=lambda rule: rule.__name__)
def test_a_month_without_servings_shows_nothing(rule):
    seen, _ = Month(44).crowd().made()
    assert list(rule(seen.only(np.zeros(0, np.int64)), Limits())) == []


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.__name__)
def test_the_same_month_tells_the_same(rule):
    assert told(cards(), rule) == told(cards(), rule)
