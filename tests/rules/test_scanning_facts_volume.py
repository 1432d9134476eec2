"""Rules of counts, purchases and cohorts: what was added is found, honest swings are not."""

import numpy as np
import pytest

from mealsvc.auditing.scanning.rules import crowds, people, prices, purchases, volume
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.view import TAKE_AWAY, Habits
from tests.support.seen_months import FIRST, LAST, NOON, honest, month, with_point

LIMITS = Limits()
OPEN = [day for day in range(FIRST, LAST + 1) if day % 7 != 3]


def held(rule, seen):
    return {one for each in rule(seen, LIMITS) for one in each.sequences}


def shares(found, truth):
    """Recall and precision."""
    right = len(found & truth)
    return right / max(len(truth), 1), right / max(len(found), 1)


def sleepers(rng, number, first_id=500):
    """Registered elders who hardly come; used for what was never served."""
    return np.arange(first_id, first_id + number), lambda n: rng.integers(NOON, NOON + 5000, n)


def added(rng, base, days, count, number=60):
    """The honest lines and, after them, `count(day)` invented ones; and which those are."""
    pool, times = sleepers(rng, number)
    rows = list(base)
    for day in days:
        who = rng.permutation(pool)[: count(day)]
        seconds = times(len(who))
        rows += [
            {"resident": int(one), "day": day, "second": int(at)}
            for one, at in zip(who, seconds, strict=True)
        ]
    return rows, set(range(len(base) + 1, len(rows) + 1))


def habits_of(rows, days):
    """What these rows say of the months before."""
    who = np.array([row["resident"] for row in rows])
    at = np.array([row["second"] for row in rows], float)
    known, row, often = np.unique(who, return_inverse=True, return_counts=True)
    middle = np.bincount(row, at) / often
    spread = np.sqrt(np.bincount(row, (at - middle[row]) ** 2) / often)
    none = np.zeros(len(known), np.int64)
    return Habits(known, none + 1, often, middle, spread, none, none, np.ones(len(known)), days)


def test_only_what_exceeds_seats_and_turns_at_the_tables_is_held():
    rows = [
        {"resident": who, "day": FIRST + day, "second": NOON + 60 * who}
        for day in range(10)
        for who in range(1, 10)
    ]
    rows += [{"resident": 50 + who, "day": FIRST + 9, "second": NOON} for who in range(6)]
    carried = [{**row, "mode": TAKE_AWAY} for row in rows]
    surplus = {91, 92, 93, 94, 95, 96}  # beyond the usual too, once the limit is broken
    assert held(volume.over_capacity, month(rows, point={"seats": 4})) == surplus
    assert held(volume.over_capacity, month(carried, point={"seats": 4})) == set()
    assert held(volume.over_capacity, month(carried, point={"daily_capacity": 12})) == surplus
    assert held(volume.over_capacity, month(rows, point={"seats": 5})) == set()


def test_a_point_that_is_always_full_has_a_wrong_seat_number_and_holds_no_lines():
    rng = np.random.default_rng(5)
    rows = honest(rng)
    assert held(volume.over_capacity, month(rows, point={"seats": 11})) == set()


@pytest.mark.parametrize("seed", range(4))
def test_days_padded_far_above_the_usual_are_held_by_what_was_added(seed):
    rng = np.random.default_rng(seed)
    base = honest(rng)
    padded = set(OPEN[10:14])
    rows, truth = added(rng, base, sorted(padded), lambda day: 45)
    recall, precision = shares(held(volume.surges, month(rows)), truth)
    assert recall > 0.7
    assert precision > 0.85


@pytest.mark.parametrize("seed", range(4))
def test_a_festival_brings_more_of_the_same_and_accuses_nobody(seed):
    rng = np.random.default_rng(seed)
    elders, festival = 120, OPEN[12]
    rate, at = rng.uniform(0.1, 0.7, elders), NOON + rng.uniform(0, 4500, elders)
    rows = []
    for day in OPEN:
        come = np.minimum(1, rate * 1.8 + 0.1) if day == festival else rate
        for who in np.flatnonzero(rng.random(elders) < come).tolist():
            second = int(at[who] + rng.normal(0, 240))
            rows.append({"resident": who + 1, "day": day, "second": second})
    assert held(volume.surges, month(rows)) == set()


@pytest.mark.parametrize("seed", range(4))
def test_filling_up_to_a_figure_is_found_by_what_fills(seed):
    rng = np.random.default_rng(seed)
    base = honest(rng)
    counts = {day: sum(row["day"] == day for row in base) for day in OPEN}
    target = max(counts.values()) + 6
    rows, truth = added(rng, base, OPEN, lambda day: target - counts[day])
    seen = month(rows)
    recall, precision = shares(held(volume.too_even, seen), truth)
    assert recall > 0.7
    assert precision > 0.7


@pytest.mark.parametrize("seed", range(12))
def test_independent_elders_couples_and_weekday_habits_are_not_too_even(seed):
    rng = np.random.default_rng(seed)
    base = honest(rng)
    couples = base + [{**row, "resident": row["resident"] + 500} for row in base]
    fixed = [
        {"resident": who, "day": day, "second": NOON + who}
        for who in range(1, 60)
        for day in OPEN
        if (day + who) % 7 in (0, 1, 2, 4) and rng.random() < 0.97
    ]
    for rows in (base, couples, fixed):
        assert list(volume.too_even(month(rows), LIMITS)) == []


def shopping(counts, grams=150, every=3, seed=1):
    """Rice for the servings until the next shopping."""
    rng = np.random.default_rng(seed)
    return [
        (
            day,
            "大米",
            grams
            / 1000
            * sum(counts.get(day + i, 0) for i in range(every))
            * rng.uniform(0.93, 1.07),
        )
        for day in range(FIRST - 90, LAST + 1, every)
    ]


def kitchen(seed, added_a_day, days):
    """Three months before and one month at a point whose rice is bought for true servings only."""
    rng = np.random.default_rng(seed)
    past = honest(rng, days=[d for d in range(FIRST - 90, FIRST) if d % 7 != 3])
    rng = np.random.default_rng(seed)
    base = honest(rng)
    rows, truth = added(rng, base, days, lambda day: added_a_day)
    counts: dict[int, int] = {}
    for row in past + base:
        counts[row["day"]] = counts.get(row["day"], 0) + 1
    recent = [row for row in past if row["day"] >= FIRST - 62]
    habits = habits_of(recent, len({row["day"] for row in recent}))
    seen = month(rows, habits=habits)
    before = {(day, 1): number for day, number in counts.items() if day < FIRST}
    return with_point(seen, counts=before, purchases=tuple(shopping(counts))), truth


@pytest.mark.parametrize("seed", range(3))
def test_servings_without_food_are_found_by_who_should_not_have_come(seed):
    seen, truth = kitchen(seed, 30, OPEN)
    recall, precision = shares(held(purchases.unbought, seen), truth)
    assert recall > 0.8
    assert precision > 0.85


@pytest.mark.parametrize("seed", range(3))
def test_a_stretch_of_the_month_without_food_is_found(seed):
    seen, truth = kitchen(seed, 40, OPEN[14:22])
    recall, precision = shares(held(purchases.short_days, seen), truth)
    assert recall > 0.6
    assert precision > 0.85


@pytest.mark.parametrize("seed", range(8))
def test_bulk_shopping_for_true_servings_accuses_nobody(seed):
    seen, _ = kitchen(seed, 0, [])
    for every in (1, 3, 7, 14):
        counts = {day: n for (day, _), n in seen.point.counts.items()}
        days, often = np.unique(seen.lines.day, return_counts=True)
        counts |= dict(zip(days.tolist(), often.tolist(), strict=True))
        bought = with_point(seen, purchases=tuple(shopping(counts, every=every, seed=seed)))
        assert list(purchases.unbought(bought, LIMITS)) == []
        assert list(purchases.short_days(bought, LIMITS)) == []


def test_a_point_without_purchases_is_not_judged_by_them():
    seen, _ = kitchen(1, 30, OPEN)
    assert list(purchases.unbought(with_point(seen, purchases=()), LIMITS)) == []


def cohort(seed, rate, block=False, phones=None, start=OPEN[8]):
    """Honest elders since long, and twenty who are all there from one day on."""
    rng = np.random.default_rng(seed)
    base = honest(rng)
    rows = list(base)
    for day in [day for day in OPEN if day >= start]:
        for who in range(500, 520):
            if day == start or rng.random() < rate:
                second = NOON + 9 * (who - 500) if block else int(rng.integers(NOON, NOON + 5000))
                rows.append({"resident": who, "day": day, "second": second})
    ids = np.unique([row["resident"] for row in rows])
    new = ids >= 500
    told = {
        "first_day": np.where(new, start, FIRST - 300),
        "enrolled_day": np.where(new, start - 2, FIRST - 400),
        "phone": np.where(new, 1 + ids % (phones or 1000), 0),
    }
    return month(rows, told), set(range(len(base) + 1, len(rows) + 1))


@pytest.mark.parametrize(
    ("rate", "block", "phones"), [(0.98, False, None), (0.7, True, None), (0.7, False, 3)]
)
def test_a_cohort_that_acts_as_one_is_held_with_all_its_lines(rate, block, phones):
    seen, truth = cohort(1, rate, block, phones)
    assert held(people.newcomers, seen) == truth


@pytest.mark.parametrize("seed", range(6))
def test_a_community_that_joins_and_then_comes_as_it_likes_is_not_accused(seed):
    rng = np.random.default_rng(seed)
    seen, _ = cohort(seed, float(rng.uniform(0.35, 0.65)))
    assert list(people.newcomers(seen, LIMITS)) == []


def test_a_shared_phone_is_told_but_holds_lines_only_of_those_who_act_as_one():
    quiet, _ = cohort(2, 0.5, phones=2)
    (one,) = people.shared_phones(quiet, LIMITS)
    assert (one.severity, one.sequences, one.evidence["most"]) == ("watch", (), 10)
    acting, truth = cohort(2, 0.7, block=True, phones=2)
    assert held(people.shared_phones, acting) == truth
    assert list(people.shared_phones(cohort(2, 0.5)[0], LIMITS)) == []


def test_at_a_set_meal_a_part_of_the_lines_at_a_lifted_price_is_enough():
    rows = [
        {"resident": who, "day": day, "price": 1600 if day >= LAST - 4 and who % 3 == 0 else 1300}
        for day in range(FIRST, LAST + 1)
        for who in range(1, 13)
    ]
    seen = month(rows)
    dear = set(seen.lines.sequence[seen.lines.price == 1600].tolist())
    assert held(prices.lifted, seen) == dear


@pytest.mark.parametrize("seed", range(4))
def test_most_days_of_a_month_raised_by_a_half_are_found_by_who_came_only_then(seed):
    rng = np.random.default_rng(seed)
    base = honest(rng)
    raised = sorted(rng.permutation(OPEN)[:16].tolist())
    rows, truth = added(rng, base, raised, lambda day: int(rng.integers(15, 25)))
    recall, precision = shares(held(crowds.crowds, month(rows)), truth)
    assert recall > 0.7
    assert precision > 0.85


@pytest.mark.parametrize("seed", range(6))
def test_a_market_day_and_a_point_that_grew_are_not_accused(seed):
    rng = np.random.default_rng(seed)
    base = honest(rng)
    market = [day for day in OPEN if day % 7 == 0]
    rows, _ = added(rng, base, market, lambda day: 25, number=30)
    assert held(volume.surges, month(rows)) == set()
    assert held(crowds.crowds, month(rows)) == set()
    few = {(day, 1): 9 + day % 5 for day in range(FIRST - 90, FIRST)}
    assert held(volume.surges, month(base, point={"counts": few})) == set()


@pytest.mark.parametrize("seed", range(12))
def test_honest_elders_and_a_community_that_joins_are_no_crowd(seed):
    rng = np.random.default_rng(seed)
    joined = honest(rng, 30, [day for day in OPEN if day >= OPEN[9]], first_id=700)
    base = honest(rng, 80)
    for rows in (base, base + joined):
        assert list(crowds.crowds(month(rows), LIMITS)) == []
