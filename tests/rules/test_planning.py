"""Plans against every possible choice: on small grounds nothing is left to trust."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from mealsvc.coverage.planning.greedy import estimate
from mealsvc.coverage.planning.reduction import reduced
from mealsvc.coverage.planning.rules import Answer, Ground, Question, Site, within_reach
from mealsvc.coverage.planning.solver import counted, solve
from mealsvc.coverage.rules import Home
from mealsvc.kernel.distance import great_circle_m

SECONDS, RADIUS, COST_FEN = 30, 1000, 1_000_001
STEP = 0.004  # degrees: neighbours are within 1 km, the next but one mostly not
TOWNS = ("320412001", "320412002", "320412003")

_place = st.tuples(st.integers(0, 6), st.integers(0, 4)).map(
    lambda at: (119.9 + at[0] * STEP, 31.7 + at[1] * STEP)
)


def _made(drawn: Random, homes: int, sites: int) -> Ground:
    """Communities of a few elders around candidates and points on one grid; now and then one has
    no place, a site no known capacity or cost."""

    def place() -> tuple[float, float]:
        return 119.9 + drawn.randint(0, 6) * STEP, 31.7 + drawn.randint(0, 4) * STEP

    def some(letter: str, most: int) -> Iterator[Site]:
        for number in range(drawn.randint(0, most)):
            capacity = drawn.choice([None, 0, 1, 2, 3, 5])
            cost = drawn.choice([None, *range(1, 7)])
            yield Site(f"{letter}{number}", place(), capacity, cost and cost * COST_FEN)

    return Ground(
        tuple(
            Home(
                f"{drawn.choice(TOWNS)}{number:03d}",
                drawn.randint(0, 9),
                place() if drawn.random() > 0.1 else None,
            )
            for number in range(drawn.randint(0, homes))
        ),
        tuple(some("P", 2)),
        tuple(some("C", sites)),
    )


def grounds(homes: int = 12, sites: int = 6) -> st.SearchStrategy[Ground]:
    """From a seed: hypothesis alone draws too many that are nearly empty."""
    return st.integers(0, 2**32).map(lambda seed: _made(Random(seed), homes, sites))


def _reached(ground: Ground, question: Question, chosen: tuple[Site, ...]) -> dict[int, list[Site]]:
    points = () if question.scratch else ground.points
    return {
        number: near
        for number, home in enumerate(ground.homes)
        if home.position is not None
        and (
            near := [
                site
                for site in (*points, *chosen)
                if great_circle_m(*home.position, *site.position) <= question.radius_m
            ]
        )
    }


def by_town(ground: Ground, question: Question, chosen: tuple[Site, ...]) -> dict[str, int]:
    """Covered elders by town, straight from the definition (without capacities)."""
    towns = dict.fromkeys(sorted({home.town for home in ground.homes}), 0)
    for number in _reached(ground, question, chosen):
        towns[ground.homes[number].town] += ground.homes[number].pop60
    return towns


def fed(ground: Ground, question: Question, chosen: tuple[Site, ...]) -> int:
    """The most elders that seats and reach allow: Hall's condition over every set of sites."""
    assert question.uptake is not None
    reached = _reached(ground, question, chosen)
    sites = sorted({site.code for near in reached.values() for site in near})
    room = {
        site.code: 10**6
        if site.daily_capacity is None
        else int(site.daily_capacity / question.uptake)
        for near in reached.values()
        for site in near
    }
    return min(
        sum(room[code] for code in full)  # a cut: these sites are full, whom others reach is fed
        + sum(
            ground.homes[number].pop60
            for number, near in reached.items()
            if any(site.code not in full for site in near)
        )
        for size in range(len(sites) + 1)
        for full in combinations(sites, size)
    )


def choices(ground: Ground, question: Question) -> Iterator[tuple[Site, ...]]:
    """Every choice that the question allows."""
    most = len(ground.candidates) if question.add is None else question.add
    for size in range(min(most, len(ground.candidates)) + 1):
        for chosen in combinations(ground.candidates, size):
            if question.budget_fen is not None and (
                any(site.cost_fen is None for site in chosen)
                or sum(site.cost_fen or 0 for site in chosen) > question.budget_fen
            ):
                continue
            yield chosen


def covers(ground: Ground, question: Question, chosen: tuple[Site, ...]) -> int:
    """Elders covered by a choice, straight from the definition."""
    if question.uptake is not None:
        return fed(ground, question, chosen)
    return sum(by_town(ground, question, chosen).values())


def picked(ground: Ground, answer: Answer) -> tuple[Site, ...]:
    return tuple(site for site in ground.candidates if site.code in answer.sites)


def check(ground: Ground, question: Question, answer: Answer) -> None:
    """What holds for every answer: counts are right, the limits are kept, nothing is idle."""
    chosen = picked(ground, answer)
    assert list(answer.sites) == sorted(answer.sites)
    assert chosen in set(choices(ground, question))
    assert answer.covered_before == covers(ground, question, ())
    assert answer.covered_after == covers(ground, question, chosen)
    assert answer.eligible == sum(home.pop60 for home in ground.homes)
    assert answer.optimal
    assert answer.bound == answer.covered_after
    for site in chosen:
        rest = tuple(other for other in chosen if other != site)
        assert question.equity or covers(ground, question, rest) < answer.covered_after


@settings(max_examples=60, deadline=None)
@given(grounds(), st.integers(1, 4), st.booleans())
def test_a_plan_covers_as_many_as_the_best_of_all_choices(
    ground: Ground, add: int, scratch: bool
) -> None:
    question = Question(RADIUS, add, scratch=scratch)
    answer = solve(ground, question, SECONDS)
    check(ground, question, answer)
    assert answer.covered_after == max(
        covers(ground, question, chosen) for chosen in choices(ground, question)
    )


@settings(max_examples=40, deadline=None)
@given(grounds(), st.integers(1, 25), st.sampled_from([0, 1]), st.none() | st.integers(1, 3))
def test_a_budget_is_kept_to_the_fen(
    ground: Ground, budget: int, short: int, add: int | None
) -> None:
    question = Question(RADIUS, add, budget_fen=budget * COST_FEN - short)
    answer = solve(ground, question, SECONDS)
    check(ground, question, answer)
    assert answer.covered_after == max(
        covers(ground, question, chosen) for chosen in choices(ground, question)
    )
    assert answer.cost_fen == sum(site.cost_fen or 0 for site in picked(ground, answer))


@settings(max_examples=50, deadline=None)
@given(grounds(), st.integers(0, 10), st.none() | st.integers(1, 3))
def test_a_target_takes_the_fewest_sites_or_says_that_it_is_out_of_reach(
    ground: Ground, tenths: int, add: int | None
) -> None:
    target = Fraction(tenths, 10)
    question = Question(RADIUS, add, target)
    answer = solve(ground, question, SECONDS)
    check(ground, question, answer)
    every = {chosen: covers(ground, question, chosen) for chosen in choices(ground, question)}
    need = target * answer.eligible
    assert answer.met == (max(every.values()) >= need)
    wanted = need if answer.met else max(every.values())
    fewest = min(len(chosen) for chosen, covered in every.items() if covered >= wanted)
    assert answer.fewest == len(answer.sites) == fewest
    assert answer.covered_after == max(
        covered for chosen, covered in every.items() if len(chosen) == fewest
    )


@settings(max_examples=50, deadline=None)
@given(grounds(homes=7, sites=5), st.integers(1, 3), st.sampled_from(["1/2", "1", "2/3"]))
def test_seats_limit_who_is_covered(ground: Ground, add: int, uptake: str) -> None:
    question = Question(RADIUS, add, uptake=Fraction(uptake))
    answer = solve(ground, question, SECONDS)
    check(ground, question, answer)
    assert answer.covered_after == max(
        covers(ground, question, chosen) for chosen in choices(ground, question)
    )


@settings(max_examples=50, deadline=None)
@given(grounds(), st.integers(1, 4))
def test_equity_lifts_the_lowest_town_first_and_covers_most_then(ground: Ground, add: int) -> None:
    question = Question(RADIUS, add, equity=True)
    answer = solve(ground, question, SECONDS)
    check(ground, question, answer)
    # towns that no candidate can lift are left out of the comparison
    everything, nothing = ground.candidates, ()
    most, before = by_town(ground, question, everything), by_town(ground, question, nothing)
    towns = [town for town in most if most[town] > before[town]]
    eligible = {town: sum(h.pop60 for h in ground.homes if h.town == town) for town in towns}

    def worth(chosen: tuple[Site, ...]) -> tuple[Fraction, int]:
        covered = by_town(ground, question, chosen)
        rates = [Fraction(covered[town], eligible[town]) for town in towns]
        return min(rates, default=Fraction(1)), sum(covered.values())

    assert worth(picked(ground, answer)) == max(
        worth(chosen) for chosen in choices(ground, question)
    )


@settings(max_examples=60, deadline=None)
@given(grounds(), st.integers(1, 4), st.none() | st.integers(0, 25))
def test_the_estimate_is_a_choice_within_the_limits_and_never_above_the_best(
    ground: Ground, add: int, budget: int | None
) -> None:
    question = Question(RADIUS, add, budget_fen=None if budget is None else budget * COST_FEN)
    case = reduced(ground, question)
    guess = tuple(case.sites[site] for site in estimate(case))
    found = counted(case, estimate(case), {})
    assert guess in set(choices(ground, question))
    assert found is not None
    assert found[0] == covers(ground, question, guess)
    best = max(covers(ground, question, chosen) for chosen in choices(ground, question))
    assert found[0] <= best


@given(_place, _place, st.floats(1, 5000))
def test_reach_is_the_exact_distance_also_on_the_circle_itself(
    home: tuple[float, float], site: tuple[float, float], radius: float
) -> None:
    distance = great_circle_m(*home, *site)
    for asked in (radius, distance):
        found = within_reach([Home("320412001001", 1, home)], [Site("C", site)], asked)
        assert found == [[0] if distance <= asked else []]


def test_a_smaller_candidate_stays_when_the_larger_one_costs_more() -> None:
    def at(steps: int) -> tuple[float, float]:
        return 119.9 + steps * 2 * STEP, 31.7

    ground = Ground(
        tuple(
            Home(f"{TOWNS[0]}{steps:03d}", elders, at(steps))
            for steps, elders in ((0, 10), (2, 1), (9, 5))
        ),
        (),
        (
            Site("A", at(-1), None, COST_FEN),
            Site("B", at(1), None, 5 * COST_FEN),  # all that A reaches, and one elder more
            Site("C", at(9), None, 3 * COST_FEN),
        ),
    )
    assert solve(ground, Question(RADIUS, budget_fen=5 * COST_FEN), SECONDS).sites == ("A", "C")
    assert solve(ground, Question(RADIUS, add=1), SECONDS).sites == ("B",)


def test_out_of_time_nothing_is_called_proven() -> None:
    ground = _made(Random(10), 12, 6)
    proven, hasty = (solve(ground, Question(RADIUS, 2), seconds) for seconds in (SECONDS, 0.0))
    assert proven.optimal
    assert not hasty.optimal
    assert hasty.covered_after <= proven.covered_after <= hasty.bound
