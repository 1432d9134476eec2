"""The frauds on record, and those the trade tells of, each with numbers that vary."""

from collections.abc import Callable

import numpy as np

from mealsvc.auditing.scanning.rules.view import DELIVERY, DINNER, LUNCH, MANUAL
from tests.fraud.book import column
from tests.fraud.crook import Crook

MINUTE = 60


def cards_block(c: Crook) -> None:
    """The cashier keeps cards and swipes them in one go, most days."""
    kept = c.kept(c.number(6, 24))
    opens, closes = c.hours()
    start = c.rng.choice([opens + 240, opens + 0.6 * (closes - opens), closes - 15 * MINUTE])
    low = c.rng.uniform(2, 6)
    high, shuffled = low + c.rng.uniform(1, 9), c.rng.random() < 0.5
    often = c.rng.uniform(0.75, 1)
    for day in c.some_days(0.5):
        today = c.absent(kept[c.rng.random(len(kept)) < often], day)
        if shuffled:
            today = c.rng.permutation(today)
        begin = start + c.rng.uniform(-1, 1) * c.rng.choice([30, 400])
        c.swipe(day, today, c.gaps(begin, len(today), low, high))


def cards_spread(c: Crook) -> None:
    """Kept cards, swiped one by one between the real guests."""
    kept, often = c.kept(c.number(5, 16)), c.rng.uniform(0.85, 1)
    for day in c.some_days(0.6):
        today = c.absent(kept[c.rng.random(len(kept)) < often], day)
        opens, closes = c.hours()
        c.swipe(day, today, c.rng.uniform(opens + 60, closes - 60, len(today)))


def cards_small(c: Crook) -> None:
    """A few cards in twos and threes within seconds of each other, both meals."""
    kept = c.kept(c.number(3, 9))
    for day in c.some_days(0.7):
        for meal in c.spot.hours:
            today = c.rng.permutation(c.absent(kept, day, meal))
            times = np.repeat(c.meal_times(len(today) // 3 + 1, meal), 3)[: len(today)]
            c.swipe(day, today, times + np.arange(len(today)) % 3 * c.rng.uniform(3, 9), meal)


def replay(c: Crook, meal: int = LUNCH, target: int = LUNCH) -> None:
    """A list of one day is entered again on others, in its order, for those not there."""
    source = int(c.rng.choice(c.days[: max(3, len(c.days) // 2)]))
    template = c.listed(source, meal)
    size = c.number(25, 70)
    who, when = column(template, "elder")[:size], column(template, "second")[:size]
    when = when - when[:1].sum()
    lost, jitter = c.rng.uniform(0, 0.12), c.rng.choice([1.0, 4.0, 15.0])
    squeeze = c.rng.choice([1.0, 0.5, 0.15])
    later = [day for day in c.days if day != source]
    chosen = c.rng.permutation(later)[: c.number(3, 12)]
    opens, _ = c.hours(target)
    for day in chosen.tolist():
        here = c.present(day, target)
        keep = np.array([int(e) not in here for e in who], bool) & (c.rng.random(len(who)) > lost)
        times = opens + c.rng.uniform(60, 1500) + when[keep] * squeeze
        times = np.sort(times + c.rng.uniform(0, jitter, keep.sum()))
        c.swipe(day, who[keep], times, target)


def replay_dinner(c: Crook) -> None:
    """The lunch list of the day becomes the dinner list."""
    share, squeeze = c.rng.uniform(0.3, 0.8), c.rng.choice([1.0, 0.4, 0.1])
    opens, _ = c.hours(DINNER)
    for day in c.some_days(0.2, 0.7):
        lunch = c.listed(day)
        who = column(lunch, "elder")
        here = c.present(day, DINNER)
        keep = np.array([int(e) not in here for e in who], bool) & (c.rng.random(len(who)) < share)
        when = column(lunch, "second")[keep]
        if len(when):
            c.swipe(day, who[keep], opens + 120 + (when - when[0]) * squeeze, DINNER)


def replay_old(c: Crook) -> None:
    """One written list, entered day after day with a few names left out or put between."""
    names = c.kept(c.number(12, 30))
    for day in c.some_days(0.5):
        today = c.absent(names[c.rng.random(len(names)) > 0.08], day)
        start = c.meal_times(1)[0]
        c.swipe(day, today, c.gaps(start, len(today), 5, 40))


def after_closing(c: Crook) -> None:
    """Names are added when the doors are shut."""
    pool, meal = c.anyone(c.number(25, 80)), LUNCH
    _, closes = c.hours(meal)
    low = c.rng.uniform(3, 20)
    for day in c.some_days(0.3):
        today = c.rng.permutation(c.absent(pool, day, meal))[: c.number(4, 18)]
        start = closes + c.rng.uniform(14, 80) * MINUTE
        c.swipe(day, today, c.gaps(start, len(today), low, low * 3), meal)


def two_swipes(c: Crook) -> None:
    """One meal eaten, two swiped: the second a while after the first."""
    regulars = c.pool(c.number(10, 30), sleepers=False)
    wait, width = c.rng.uniform(20, 80) * MINUTE, c.rng.uniform(1, 20) * MINUTE
    for day in c.some_days(0.4):
        lunch = c.listed(day)
        those = np.isin(column(lunch, "elder"), regulars)
        who = column(lunch, "elder")[those]
        absent = np.isin(who, c.absent(who, day, DINNER))
        when = column(lunch, "second")[those][absent] + wait + c.rng.uniform(0, width, absent.sum())
        c.swipe(day, who[absent], when, DINNER)


def dinner_for_lunch(c: Crook) -> None:
    """Those who ate at noon are entered for the evening too, in one batch."""
    regulars = c.pool(c.number(10, 35), sleepers=False)
    opens, closes = c.hours(DINNER)
    low = c.rng.uniform(2, 12)
    for day in c.some_days(0.5):
        who = np.array([e for e in regulars if int(e) in c.present(day)], np.int64)
        who = c.rng.permutation(c.absent(who, day, DINNER))
        start = c.rng.uniform(opens, closes - 900)
        c.swipe(day, who, c.gaps(start, len(who), low, low * 2), DINNER)


def two_points(c: Crook) -> None:
    """An elder's card eats at a far point minutes before or after its owner at home."""
    spots = c.world.spots
    far = [
        i
        for i, s in enumerate(spots)
        if np.hypot(s.x - c.spot.x, s.y - c.spot.y) > 3300 and not s.weekdays_closed and i != c.at
    ]
    if not far:
        return
    other = int(c.rng.choice(far))
    borrowed = c.pool(c.number(5, 16), sleepers=False)
    for day in c.some_days(0.4):
        lunch = c.listed(day)
        those = np.isin(column(lunch, "elder"), borrowed) & (c.rng.random(len(lunch)) < 0.8)
        shift = c.rng.uniform(4, 22, those.sum()) * MINUTE * c.rng.choice([1, 1, -1])
        when = column(lunch, "second")[those] + shift
        c.swipe(day, column(lunch, "elder")[those], when, spot=other)


def departed(c: Crook) -> None:
    """The dead and the gone go on eating until somebody compares the lists."""
    first = c.world.span()[0]
    for elder in c.pool(c.number(3, 8), sleepers=False).tolist():
        day = first + c.number(-40, 12)
        kind = str(c.rng.choice(["deceased", "deceased", "institution"]))
        c.world.departures.append((elder, kind, day, None))
        c.gone.append((elder, day))


def ghosts(c: Crook) -> None:
    """A cohort enrolled in one go, few phones among them, all eating from one day on."""
    elders, first = c.world.elders, c.world.span()[0]
    cohort = c.pool(c.number(12, 36))
    start = first + c.number(1, 14)
    elders.enrolled[cohort] = start - c.rng.integers(0, 4, len(cohort))
    if c.rng.random() < 0.7:
        elders.phone[cohort] = 10**6 + c.at * 10 + np.arange(len(cohort)) % c.number(1, 4)
    block, often = c.rng.random() < 0.5, c.rng.uniform(0.6, 1)
    for day in [d for d in c.world.open_days(c.at) if d >= start]:
        today = cohort if day == start else cohort[c.rng.random(len(cohort)) < often]
        times = c.meal_times(len(today))
        if block:
            times = c.gaps(times[:1].sum(), len(today), 4, 14)
        c.swipe(day, today, times)


def invented(c: Crook) -> None:
    """Each day is filled up to the same figure with names that hardly ever come."""
    honest = [len(c.present(day)) for day in c.days]
    target = int(np.max(honest) * c.rng.uniform(1.02, 1.35)) + 3
    slack = c.number(0, 2)
    pool = c.pool(10**6)
    for day in c.days:
        missing = target - len(c.present(day)) - c.number(0, slack)
        today = c.rng.permutation(c.absent(pool, day))[: max(missing, 0)]
        c.swipe(day, today, c.meal_times(len(today)))


def unbought(c: Crook) -> None:
    """Servings rise by half, the kitchen buys what it always did."""
    pool, more = c.pool(10**6), c.rng.uniform(0.45, 0.9)
    for day in c.world.open_days(c.at):
        today = c.rng.permutation(c.absent(pool, day))
        today = today[: int(len(c.present(day)) * more * c.rng.uniform(0.85, 1.1))]
        c.swipe(day, today, c.meal_times(len(today)))


def metronome(c: Crook) -> None:
    """A script enters names at equal distances."""
    pool, beat = c.anyone(120), c.rng.uniform(9, 60)
    for day in c.some_days(0.3, 0.9):
        today = c.rng.permutation(c.absent(pool, day))[: c.number(18, 50)]
        start = c.hours()[0] + c.rng.uniform(0, 1500)
        times = start + beat * np.arange(len(today)) + c.rng.uniform(0, 1.2, len(today))
        c.swipe(day, today, times)


def punctual(c: Crook) -> None:
    """A script enters each kept card at its own minute, day after day."""
    kept, noise = c.kept(c.number(6, 18)), c.rng.uniform(1, 8)
    times = c.meal_times(len(kept))
    for day in c.some_days(0.7):
        today = c.absent(kept, day)
        held = times[np.isin(kept, today)]
        c.swipe(day, today, held + c.rng.normal(0, noise, len(held)))


def manual_absent(c: Crook) -> None:
    """One operator types in those who stayed away."""
    pool = c.anyone(c.number(20, 80))
    many, who = c.number(3, 12), c.at * 2 + 1 if c.world.style.operators else 0
    for day in c.some_days(0.5):
        today = c.rng.permutation(c.absent(pool, day))[: c.number(max(1, many - 2), many + 2)]
        c.swipe(day, today, c.meal_times(len(today)), method=MANUAL, operator=who)


def fake_delivery(c: Crook) -> None:
    """Deliveries that nobody made: at odd hours, or to those who dine in."""
    pool, odd = c.kept(c.number(8, 22)), c.rng.random() < 0.6
    opens, closes = c.hours()
    for day in c.some_days(0.5):
        today = c.absent(pool[c.rng.random(len(pool)) < 0.85], day)
        start = closes + c.rng.uniform(20, 150) * MINUTE if odd else c.rng.uniform(opens, closes)
        c.swipe(day, today, c.gaps(start, len(today), 3, 25), mode=DELIVERY)


def staff_meals(c: Crook) -> None:
    """The staff eats before or after the guests, on elders' names."""
    names = c.kept(c.number(4, 9))
    opens, closes = c.hours()
    early, wait = c.rng.random() < 0.5, c.rng.uniform(14, 45) * MINUTE
    for day in c.some_days(0.8):
        today = c.absent(names[c.rng.random(len(names)) < 0.85], day)
        start = opens - wait if early else closes + wait
        c.swipe(day, today, c.gaps(start + c.rng.uniform(-200, 200), len(today), 5, 60))


def twins(c: Crook) -> None:
    """Registered twice, fed twice: the double eats beside its original."""
    elders = c.world.elders
    originals = c.pool(c.number(4, 14), sleepers=False)
    doubles = c.pool(len(originals))
    originals = originals[: len(doubles)]
    for name in ("birth", "sex", "phone", "x", "y"):
        getattr(elders, name)[doubles] = getattr(elders, name)[originals]
    elders.twin_of[doubles] = originals
    for day in c.some_days(0.7):
        lunch = c.listed(day)
        for original, double in zip(originals.tolist(), doubles.tolist(), strict=True):
            mine = column(lunch, "elder") == original
            if mine.any() and len(c.absent(np.array([double]), day)):
                later = column(lunch, "second")[mine] + c.rng.uniform(4, 60)
                c.swipe(day, [double], later)


Fraud = Callable[[Crook], None]
FRAUDS: dict[str, tuple[Fraud, bool, int]] = {  # whether dinner is needed, regulars at least
    "cards_block": (cards_block, False, 10),
    "cards_spread": (cards_spread, False, 10),
    "cards_small": (cards_small, False, 10),
    "replay": (replay, False, 35),
    "replay_dinner": (replay_dinner, True, 20),
    "replay_old": (replay_old, False, 20),
    "after_closing": (after_closing, False, 10),
    "two_swipes": (two_swipes, True, 20),
    "dinner_for_lunch": (dinner_for_lunch, True, 20),
    "two_points": (two_points, False, 15),
    "departed": (departed, False, 15),
    "ghosts": (ghosts, False, 15),
    "invented": (invented, False, 15),
    "unbought": (unbought, False, 15),
    "metronome": (metronome, False, 25),
    "punctual": (punctual, False, 10),
    "manual_absent": (manual_absent, False, 10),
    "fake_delivery": (fake_delivery, False, 10),
    "staff_meals": (staff_meals, False, 10),
    "twins": (twins, False, 15),
}
