"""Names far from their own times in the order of another meal are found among real guests; parties,
late days, outages and newcomers are not."""

import numpy as np
import pytest

from mealsvc.auditing.scanning.rules.displaced import out_of_place
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.view import (
    DINNER,
    LUNCH,
    Anomaly,
    Habits,
    Lines,
    People,
    Point,
    PointMonth,
)

FIRST, DAYS, ELDERS = 19_844, 26, 90
OPENS, EVENING = 11 * 3600, 17 * 3600
LIMITS = Limits()
Rows = dict[tuple[int, int, int], float]  # elder, day, meal: second


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture
def rows(rng) -> Rows:
    """Ninety elders with times of their own, of whom twelve dine here as well."""
    usual = OPENS + rng.uniform(600, 6000, ELDERS)
    often = rng.uniform(0.4, 0.9, ELDERS)
    found: Rows = {}
    for day in range(DAYS):
        for elder in np.flatnonzero(rng.random(ELDERS) < often).tolist():
            found[elder, day, LUNCH] = usual[elder] + rng.normal(0, 300)
            if elder < 12:
                found[elder, day, DINNER] = EVENING + 200 * elder + rng.normal(0, 300)
    return found


def month(rows: Rows) -> PointMonth:
    """These rows as a month."""
    table = sorted((day, meal, int(at), elder) for (elder, day, meal), at in rows.items())
    day, meal, at, elder = (np.array(one, np.int64) for one in zip(*table, strict=True))
    same = np.ones(len(day), np.int64)
    lines = Lines(
        sequence=np.arange(1, len(day) + 1), resident=elder + 1, day=FIRST + day, second=at,
        meal=meal, mode=same * 0, method=same * 0, price=same * 1000, subsidy=same * 300,
        source=same, lateness=same,
    )  # fmt: skip
    people = np.unique(lines.resident)
    void, nothing = np.zeros(0, np.int64), np.zeros(0)
    return PointMonth(
        first_day=FIRST,
        last_day=FIRST + DAYS - 1,
        point=Point(1, "P1", "一号点", "serving_point", hours={LUNCH: (OPENS, OPENS + 7200)}),
        lines=lines,
        people=People(
            people, people * 0, people * 0 + 1, people * 0 + FIRST, people * 0, people,
            people.astype(np.float64), people.astype(np.float64),
        ),
        habits=Habits(void, void, void, nothing, nothing, void, void, nothing),
    )  # fmt: skip


def sequences(seen: PointMonth, names: set[tuple[int, int, int]]) -> set[int]:
    """The ledger's numbers of these elders, days and meals."""
    at = seen.lines
    return {
        int(s)
        for s, r, d, m in zip(at.sequence, at.resident, at.day, at.meal, strict=True)
        if (int(r) - 1, int(d) - FIRST, int(m)) in names
    }


def listed(rows: Rows, day: int, meal: int = LUNCH) -> list[int]:
    """Who came, in order."""
    return [
        e for _, e in sorted((at, e) for (e, d, m), at in rows.items() if (d, m) == (day, meal))
    ]


def enter(rows: Rows, rng, who: list[int], day: int, start: float, meal: int = LUNCH) -> set:
    """Enters these names one after the other, every 6 to 25 seconds, unless they are there."""
    put = set()
    for elder in who:
        start += rng.uniform(6, 25)
        if (elder, day, meal) not in rows:
            rows[elder, day, meal] = start
            put.add((elder, day, meal))
    return put


def found_in(rows: Rows) -> list[Anomaly]:
    return list(out_of_place(month(rows), LIMITS))


def test_honest_days_have_nobody_in_a_strange_order(rows) -> None:
    assert found_in(rows) == []


@pytest.mark.parametrize("start", [OPENS + 300, OPENS + 5200])
def test_a_copied_list_is_found_among_real_guests(rows, rng, start) -> None:
    who = listed(rows, 2)
    put = set().union(*(enter(rows, rng, who, day, start) for day in (9, 15, 21)))
    seen = month(rows)

    [found] = out_of_place(seen, LIMITS)

    truth = sequences(seen, put)
    assert (found.rule, found.severity) == ("A07", "high")
    assert found.days == (FIRST + 9, FIRST + 15, FIRST + 21)
    assert len(set(found.sequences) & truth) >= 0.75 * len(truth)
    assert len(set(found.sequences) - truth) <= 0.05 * len(truth)
    assert found.evidence["lists"] == 3
    assert found.chance is not None
    assert found.chance < 1e-4


def test_the_lunch_list_as_dinner_is_found_and_the_real_dinner_guests_are_not(rows, rng) -> None:
    who = [one for one in listed(rows, 18) if one >= 12][:40]
    put = enter(rows, rng, who, 18, EVENING + 600, DINNER)
    seen = month(rows)

    [found] = out_of_place(seen, LIMITS)

    truth = sequences(seen, put)
    assert set(found.sequences) <= truth
    assert len(found.sequences) >= 0.9 * len(truth)
    assert found.evidence["chains"][0] == {
        "day": "2024-05-19",
        "meal": DINNER,
        "like_day": "2024-05-19",
        "like_meal": LUNCH,
        "count": len(found.sequences),
    }


def party(rows: Rows, rng) -> None:
    """Twenty-five elders who otherwise stay away come together, in no order."""
    away = [e for e in range(ELDERS) if (e, 9, LUNCH) not in rows]
    enter(rows, rng, rng.permutation(away).tolist(), 9, OPENS + 300)


def late_day(rows: Rows, rng) -> None:
    """All are forty minutes late: a festival."""
    for one in [one for one in rows if one[1] == 12]:
        rows[one] += 2400


def outage(rows: Rows, rng) -> None:
    """Who came in a time without network is entered afterwards, in the order of coming."""
    begins, ends = OPENS + 1500, OPENS + 4200
    gone = sorted((at, one) for one, at in rows.items() if one[1] == 12 and begins < at < ends)
    for place, (_, one) in enumerate(gone):
        rows[one] = ends + 60 + 6 * place


def newcomers(rows: Rows, rng) -> None:
    """A community joins in the middle of the month, with habits of its own."""
    for elder in range(100, 130):
        at = OPENS + 600 + 150 * (elder - 100)
        for day in range(13, DAYS):
            rows[elder, day, LUNCH] = at + rng.normal(0, 300)


def new_dinner(rows: Rows, rng) -> None:
    """Thirty lunch guests begin to dine here, at times that go with those of their lunch."""
    for elder in range(20, 50):
        noon = float(np.median([at for (e, _, m), at in rows.items() if (e, m) == (elder, LUNCH)]))
        for day in rng.permutation(np.arange(15, DAYS))[:4].tolist():
            rows[elder, day, DINNER] = EVENING + (noon - OPENS) / 2 + rng.normal(0, 500)


@pytest.mark.parametrize("happens", [party, late_day, outage, newcomers, new_dinner])
def test_honest_look_alikes_are_excused(rows, rng, happens) -> None:
    happens(rows, rng)

    assert found_in(rows) == []


def test_a_month_of_next_to_nothing_is_no_error(rows) -> None:
    few = dict(sorted(rows.items())[:3])

    assert found_in(few) == []
