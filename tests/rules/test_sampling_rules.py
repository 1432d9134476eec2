"""Drawing that anybody can repeat, exact bounds, and what an answer costs."""

import hashlib
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mealsvc.auditing.sampling import wording
from mealsvc.auditing.sampling.rules import drawing
from mealsvc.auditing.sampling.rules.answers import Said, contradiction, error_of, state_of
from mealsvc.auditing.sampling.rules.drawing import Line, Stratum
from mealsvc.auditing.sampling.rules.projecting import Examined, Projection, project
from mealsvc.auditing.sampling.rules.quantiles import (
    beta_cdf,
    least_size,
    most_share,
    most_taint,
)

LINES = [
    Line(at * 3, f"K{at}", f"P{at % 4:02d}", (300, 400, 500, 800)[at % 4 - at % 3])
    for at in range(1, 201)
]


@pytest.mark.parametrize(
    ("errors", "size", "confidence", "published"),
    [  # one-sided Clopper–Pearson limits as tables of attribute sampling print them
        (0, 50, 0.95, 0.0582),
        (0, 60, 0.95, 0.0487),
        (1, 100, 0.95, 0.0466),
        (2, 100, 0.95, 0.0616),
        (3, 200, 0.95, 0.0383),
        (0, 100, 0.90, 0.0228),
        (1, 100, 0.90, 0.0383),
        (5, 5, 0.95, 1.0),
    ],
)
def test_the_largest_possible_share_is_that_of_the_tables(errors, size, confidence, published):
    assert most_share(errors, size, confidence) == pytest.approx(published, abs=6e-5)


@given(st.integers(1, 60), st.integers(0, 59), st.floats(0.01, 0.99))
def test_the_beta_function_sums_the_binomial_exactly(size, errors, share):
    errors = min(errors, size - 1)
    p = Fraction(share)
    few = sum(comb(size, k) * p**k * (1 - p) ** (size - k) for k in range(errors + 1))
    assert 1 - beta_cdf(share, errors + 1, size - errors) == pytest.approx(float(few), abs=1e-10)


def test_so_many_draws_without_an_error_show_the_tolerable_share():
    for tolerable, confidence, size in ((0.05, 0.95, 59), (0.02, 0.95, 149), (0.01, 0.90, 230)):
        assert least_size(tolerable, confidence) == size
        assert most_share(0, size, confidence) <= tolerable < most_share(0, size - 1, confidence)


def test_whole_errors_count_as_in_the_exact_limit_and_partial_ones_as_stringer_says():
    assert most_taint([], 100, 0.95) == most_share(0, 100, 0.95)
    assert most_taint([1, 1], 100, 0.95) == pytest.approx(most_share(2, 100, 0.95))
    steps = [most_share(k, 100, 0.95) for k in range(3)]
    expected = steps[0] + 0.9 * (steps[1] - steps[0]) + 0.25 * (steps[2] - steps[1])
    assert most_taint([0.25, 0, 0.9], 100, 0.95) == pytest.approx(expected)


def again_by_units(seed, rows, size):
    """The rule of the papers, written once more without looking: one fen after the other."""
    row = [sequence for sequence, _, _, fen in rows for _ in range(fen)]
    found = []
    for k in range(size):
        start, end = k * len(row) // size, (k + 1) * len(row) // size
        number = int(hashlib.sha256(f"{seed}|{k}".encode()).hexdigest(), 16)
        found.append(row[start + number % (end - start)])
    return found


def again_by_points(seed, rows, wanted):
    found = []
    for point in sorted(wanted):
        ranked = sorted(
            (hashlib.sha256(f"{seed}|{sequence}".encode()).hexdigest(), sequence)
            for sequence, _, at, _ in rows
            if at == point
        )
        found += [sequence for _, sequence in ranked[: wanted[point]]]
    return found


@pytest.mark.parametrize("seed", ["1", "福彩2024048", "a|b"])
def test_somebody_else_draws_the_same_by_money(seed):
    drawn = drawing.draw_units(seed, LINES, set(), 40)
    by_us = [one.line.sequence for one in drawn.items for _ in range(one.hits)]
    assert by_us == again_by_units(seed, LINES, 40)


@pytest.mark.parametrize("seed", ["1", "福彩2024048", "a|b"])
def test_somebody_else_draws_the_same_by_points(seed):
    wanted = {"P00": 3, "P01": 0, "P02": 7, "P03": 50}
    drawn = drawing.draw_points(seed, LINES, set(), wanted)
    assert [one.line.sequence for one in drawn.items] == again_by_points(seed, LINES, wanted)


def test_another_seed_draws_others():
    one, other = (drawing.draw_units(seed, LINES, set(), 40).items for seed in "ab")
    assert one != other


def test_what_must_be_examined_is_certain_and_never_drawn_as_well():
    must = {LINES[0].sequence, LINES[7].sequence}
    for drawn in (
        drawing.draw_units("1", LINES, must, 60),
        drawing.draw_points("1", LINES, must, {"P00": 99, "P01": 99, "P02": 99, "P03": 99}),
    ):
        certain = [one.line.sequence for one in drawn.items if one.why == "certain"]
        assert certain == sorted(must)
        assert len({one.line.sequence for one in drawn.items}) == len(drawn.items)
        assert sum(one.lines for one in drawn.strata) == len(LINES)
        assert sum(one.fen for one in drawn.strata) == sum(one.fen for one in LINES)


def test_lines_as_long_as_a_cell_are_taken_whatever_the_seed():
    lines = [Line(1, "A", "P", 50_000), *(Line(at, f"K{at}", "P", 300) for at in range(2, 300))]
    for seed in "abcdef":
        drawn = drawing.draw_units(seed, lines, set(), 10)
        assert (drawn.items[0].line.key, drawn.items[0].stratum) == ("A", "large")
        assert sum(one.hits for one in drawn.items) == 10


@given(st.lists(st.integers(1, 900), min_size=1, max_size=60), st.integers(1, 80))
def test_every_draw_falls_on_a_line_and_small_populations_are_taken_whole(amounts, size):
    lines = [Line(at, f"K{at}", "P", fen) for at, fen in enumerate(amounts)]
    drawn = drawing.draw_units("s", lines, set(), size)
    assert sum(one.hits for one in drawn.items) == min(size, sum(one.drawn for one in drawn.strata))
    assert {one.line.sequence for one in drawn.items} <= {one.sequence for one in lines}
    assert sum(one.lines for one in drawn.strata) == len(lines)


def test_each_fen_has_the_same_chance():
    counts = dict.fromkeys((300, 400, 500, 800), 0)
    lines = [Line(at, f"K{at}", "P", tuple(counts)[at % 4]) for at in range(400)]
    for seed in range(60):
        for one in drawing.draw_units(f"{seed}", lines, set(), 50).items:
            counts[one.line.fen] += one.hits
    for fen, hits in counts.items():
        assert hits / 3_000 == pytest.approx(fen / 2_000, abs=0.04)


def test_shares_are_rounded_up_with_so_many_at_least():
    counts = {"P02": 101, "P01": 3, "P00": 40, "P03": 100}
    wanted = drawing.wanted_by_share(counts, 0.05, 5)
    assert wanted == {"P00": 5, "P01": 3, "P02": 6, "P03": 5}


def test_the_digest_tells_any_change():
    digest = hashlib.sha256(b"3,K1,P01,300\n6,K2,P02,800\n").hexdigest()
    lines = [Line(3, "K1", "P01", 300), Line(6, "K2", "P02", 800)]
    assert drawing.digest_of(lines) == digest != drawing.digest_of(lines[:1])


UNITS = Stratum("units", "random", 900, 300_000, 800, 100)
SURE = Stratum("leads", "certain", 2, 1_000, 500, 2)


def answered(errors, silent=0, draws=100):
    good = draws - len(errors) - silent
    return [
        *(Examined("units", 1, 400, error) for error in errors),
        *(Examined("units", 1, 400, None) for _ in range(silent)),
        *(Examined("units", 1, 400, 0) for _ in range(good)),
    ]


def test_no_error_leaves_the_exact_limit_and_certain_lines_are_as_they_are():
    said = project([SURE, UNITS], [*answered([]), Examined("leads", 1, 500, 500)], 0.95)
    limit = 300_000 * most_share(0, 100, 0.95)
    assert (said.likely, said.found, said.wrong) == (500, 500, 1)
    assert said.upper == pytest.approx(500 + limit, abs=1) and said.upper == said.upper_answered


def test_errors_are_blown_up_by_their_share_of_the_line():
    said = project([UNITS], answered([400, 100]), 0.95)
    assert said.likely == 300_000 * 1.25 / 100
    assert said.upper == pytest.approx(300_000 * most_taint([1, 0.25], 100, 0.95), abs=1)


def test_what_nobody_could_verify_counts_as_wrong_in_the_bound_and_is_shown_both_ways():
    said = project([UNITS], answered([400], silent=4), 0.95)
    assert said.upper == pytest.approx(300_000 * most_share(5, 100, 0.95), abs=1)
    assert said.upper_answered == pytest.approx(300_000 * most_share(1, 96, 0.95), abs=30)
    assert (said.unverified, said.unverified_fen) == (4, 1_600)
    assert said.upper > said.upper_answered > said.likely


def test_points_are_blown_up_each_by_its_own_share():
    strata = [
        Stratum("P01", "random", 100, 40_000, 500, 10),
        Stratum("P02", "random", 20, 8_000, 500, 5),
        Stratum("P03", "random", 3, 1_200, 400, 3),
    ]
    items = [
        Examined("P01", 1, 400, 400),
        *(Examined("P01", 1, 400, 0) for _ in range(9)),
        Examined("P02", 1, 400, 100),
        *(Examined("P02", 1, 400, 0) for _ in range(4)),
        Examined("P03", 1, 400, 400),
        *(Examined("P03", 1, 400, 0) for _ in range(2)),
    ]
    said = project(strata, items, 0.95)
    assert said.likely == 4_000 + 400 + 400
    share = most_taint([4_000 / 5_000, 400 / 5_000], 15, 0.95)
    assert said.upper == pytest.approx(min(400 + 5_000 * 15 * share, 49_200), abs=1)


def test_a_bound_is_never_more_than_all_there_is():
    said = project([UNITS], answered([], silent=100), 0.95)
    assert said.upper == said.upper_answered == 300_000 == said.population


@pytest.mark.parametrize(
    ("tries", "state"),
    [
        ([], "call"),
        ([("call", "no_answer")] * 2, "call"),
        ([("call", "no_answer")] * 3, "visit"),
        ([("call", "wrong_number")], "visit"),
        ([("call", "unsure")], "visit"),
        ([("call", "refused")], "visit"),
        ([("call", "refused"), ("visit", "unsure")], "unverified"),
        ([("call", "unsure"), ("visit", "denied")], "denied"),
        ([("call", "denied"), ("papers", "confirmed")], "confirmed"),
        ([("call", "differs")], "differs"),
    ],
)
def test_a_line_is_called_then_visited_then_given_up(tries, state):
    assert state_of(tries, 3) == state


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (Said("confirmed", "P01", "meal", 900), 0),
        (Said("denied"), 300),
        (Said("differs", "P02"), 300),
        (Said("differs", "P01", "goods"), 300),
        (Said("differs", "P01", "meal", 1_000), 100),
        (Said("differs", "P01", "meal", 5_000), 300),
        (Said("differs", "", "", 500), 0),
        (Said("no_answer"), 0),
    ],
)
def test_an_answer_costs_what_was_wrongly_paid(said, error):
    assert error_of(said, "P01", 300, 900) == error


def test_answers_that_do_not_fit_their_outcome_are_told():
    assert contradiction(Said("confirmed", "P02"), "P01", 900) == "ate_at"
    assert contradiction(Said("confirmed", "", "goods"), "P01", 900) == "got"
    assert contradiction(Said("confirmed", "", "", 901), "P01", 900) == "paid"
    assert contradiction(Said("confirmed", "P01", "meal", 900), "P01", 900) == ""
    assert contradiction(Said("differs"), "P01", 900) == "outcome"


def test_the_statement_says_bound_share_and_likely_error_in_yuan():
    said = Projection(4_000_000, 600, 2, 1, 300, 73_282, 382_701, 335_344)
    assert wording.statement(said, 95) == (
        "有95%的把握，差错金额不超过 3,827.01 元（占补贴 9.57%）；最可能约 732.82 元。"
    )
    assert "1 笔（补贴 3.00 元）" in wording.unverified_words(said)
    assert wording.verdict(said, "2")[:2] == ("warn", "还不能断定")
    assert wording.verdict(said, "10")[0] == "good"
    assert wording.verdict(said, "1")[0] == "bad"
