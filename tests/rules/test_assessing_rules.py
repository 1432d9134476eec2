"""An assessment by hand: demand with its range, catchments, break-even, sites, concentration."""

from fractions import Fraction as F
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mealsvc.survey.assessing.costing import cost_of_sheet
from mealsvc.survey.assessing.rules import demand, sites, supply
from mealsvc.survey.assessing.rules.breakeven import (
    ABOVE,
    BELOW,
    HOPELESS,
    Economics,
    sensitivity,
    with_volume,
)
from mealsvc.survey.assessing.rules.demand import Counted, Range, Told
from mealsvc.survey.assessing.rules.risks import largest
from mealsvc.survey.assessing.words import sentence

A, B = "320412100", "320412102"


def told(n, low, mid, high):
    return Told(n, Range(F(low), F(mid), F(high)))


def test_demand_is_elders_times_meals_a_week_over_seven():
    answers = {
        (A, "60"): told(20, 1, 2, 4),
        ("", "60"): told(30, 1, 2, 3),
        ("", ""): told(40, 1, 2, 3),
    }
    (cell,) = demand.cells_of({(A, "60"): 700}, answers)
    assert (cell.a_day.low, cell.a_day.mid, cell.a_day.high) == (100, 200, 400)
    assert cell.source == (A, "60")


@pytest.mark.parametrize("own", [told(4, 1, 2, 3), told(9, 2, 2, 2)])
def test_a_cell_with_few_or_equal_answers_borrows_those_of_its_band(own):
    answers = {(A, "60"): own, ("", "60"): told(30, 0, 7, 14), ("", ""): told(40, 1, 2, 3)}
    (cell,) = demand.cells_of({(A, "60"): 100}, answers)
    assert cell.source == ("", "60")
    assert (cell.answered, cell.a_day.mid) == (own.n, 100)


def test_ranges_of_independent_cells_add_up_as_squares_do_and_shared_ones_plainly():
    apart = {
        (A, "60"): told(9, 0, 7, 10),
        (B, "60"): told(9, 0, 7, 11),
        ("", ""): told(18, 1, 7, 9),
    }
    eligible = {(A, "60"): 7, (B, "60"): 7}
    whole = demand.total_of(demand.cells_of(eligible, apart), apart)
    assert whole.mid == 14
    assert float(whole.high) == pytest.approx(14 + sqrt(3**2 + 4**2))
    assert float(whole.low) == pytest.approx(14 - sqrt(7**2 + 7**2), abs=1e-5)
    shared = {("", "60"): told(18, 0, 7, 10), ("", ""): told(18, 1, 7, 9)}
    whole = demand.total_of(demand.cells_of(eligible, shared), shared)
    assert (whole.low, whole.high) == (0, 20)


SHEET = Counted(A + "001", 100, 50, 25, 28, (10, 10, 5), (5, 5, 5, 5, 5))


def test_villages_sheets_give_who_said_yes_up_to_what_all_would_say():
    found = demand.counted_demand([SHEET], 100)
    days = (F(10 + 30 + 25, 25), F(15 + 35 + 30, 25), F(20 + 40 + 35, 25))
    assert found == Range(28 * days[0] / 7, 28 * days[1] / 7 * 2, 28 * days[2] / 7 * 2)
    assert demand.paying_part([SHEET], F(982)) == F(3, 5)
    assert demand.counted_demand([SHEET], 100, F(3, 5)).mid == found.mid * F(3, 5)
    assert demand.counted_demand([Counted(A, 9, 0, 0, 0, (0, 0, 0), (0,) * 5)], 9) is None


@given(st.integers(0, 10**12))
def test_a_root_is_right_to_the_millionth(number):
    found = demand.root(F(number))
    assert found**2 <= number < (found + F(1, 10**6)) ** 2


def spot(code, lon, eligible=100, need=10):
    return supply.Spot(
        code, code, code[:9], eligible, F(need), None if lon is None else (lon, 31.7)
    )


def site(code, lon, capacity=15):
    return supply.Site(code, code, A, (lon, 31.7), capacity, 10, F(5))


def test_a_community_belongs_to_its_nearest_point_within_the_radius():
    spots = [
        spot(A + "001", 120.0),
        spot(A + "002", 120.004),
        spot(A + "003", 120.5, 300),
        spot(A + "004", None),
    ]
    found = supply.catchments(spots, [site("P2", 120.003), site("P1", 119.999)], 1000)
    one, two = found.points
    assert (one.point, one.communities, one.demand, one.overloaded) == ("P1", 1, 10, False)
    assert (two.point, two.communities, two.load) == ("P2", 1, F(1000, 15))
    assert [spot.division for spot in found.outside] == [A + "003", A + "004"]
    assert A + "004" not in found.nearest


def test_more_is_wanted_than_a_point_can_make():
    near = [spot(A + "001", 120.0), spot(A + "002", 120.0)]
    assert supply.catchments(near, [site("P1", 120.0)], 1000).points[0].overloaded
    assert supply.reaching(near, [site("P1", 120.0), site("P9", 121.0, 70)], 1000) == {A: 15}


def month(**changed):
    usual = {
        "point": "P01", "name": "丰乐", "month": 202405, "days": 20, "servings": 1000,
        "self_pay_fen": 900_000, "subsidy_fen": 300_000, "delivery_fen": 0, "operating_fen": 0,
        "by_serving_fen": 0, "fixed_fen": 600_000, "variable_fen": 700, "cost_month": 202405,
    }  # fmt: skip
    return Economics(**{**usual, **changed})


def test_break_even_is_fixed_over_price_and_subsidy_less_variable_cost():
    one = month()  # 9 + 3 - 7 = 5 yuan a serving: 1,200 servings, 60 a day
    assert (one.margin_fen, one.break_even_day, one.state, one.missing_day) == (500, 60, BELOW, 10)
    assert one.result_fen == -100_000
    assert "每天再多10份就不亏" in sentence(one)


def test_money_that_comes_once_a_month_lowers_what_servings_have_to_carry():
    one = month(operating_fen=150_000, by_serving_fen=50_000, other_fen=50_000)
    assert one.margin_fen == 550  # the rate a serving joins the margin, the lump does not
    assert one.to_carry_fen == 600_000 - 100_000 - 50_000
    assert one.break_even_day == 41  # 450,000 / 550 / 20 = 40.9
    assert one.state == ABOVE and one.missing_day == 0


def test_a_point_that_loses_with_each_serving_has_no_break_even():
    one = month(variable_fen=1300)
    assert (one.state, one.break_even_day, one.missing_day) == (HOPELESS, None, None)
    assert "没有保本点" in sentence(one) and "每份亏1.00元" in sentence(one)


def test_without_costs_or_servings_nothing_is_claimed():
    assert month(fixed_fen=None, variable_fen=None).state is None
    assert "还没有登记成本" in sentence(month(fixed_fen=None, variable_fen=None))
    none = month(servings=0, days=0, self_pay_fen=0, subsidy_fen=0)
    assert (none.state, none.break_even_day, sensitivity(none)) == (None, None, [])


def test_a_yuan_and_a_tenth_more_or_less():
    dearer, cheaper, more, fewer = sensitivity(month())
    assert (dearer.result_fen, dearer.break_even_day) == (0, 50)
    assert (cheaper.result_fen, cheaper.break_even_day) == (-200_000, 75)
    assert (more.result_fen, more.break_even_day) == (-50_000, 60)
    assert fewer.result_fen == -150_000
    assert with_volume(month(operating_fen=90, by_serving_fen=0), 10).operating_fen == 90


@given(
    st.integers(1, 5000), st.integers(1, 31), st.integers(0, 10**7), st.integers(0, 2000),
    st.integers(0, 2000), st.integers(0, 10**6),
)  # fmt: skip
def test_break_even_is_the_fewest_servings_a_day_that_lose_nothing(
    n, days, fixed, price, cost, lump
):
    one = month(
        servings=n, days=days, self_pay_fen=price * n, subsidy_fen=0, fixed_fen=fixed,
        variable_fen=cost, operating_fen=lump,
    )  # fmt: skip
    needed, carry = one.break_even_day, max(0, fixed - lump)
    if price > cost:
        assert needed * days * (price - cost) >= carry
        assert needed == 0 or (needed - 1) * days * (price - cost) < carry
    else:
        assert needed in (None, 0)
    assert (one.result_fen < 0) == (one.state in (BELOW, HOPELESS))


def test_costs_of_a_sheet_leave_other_diners_their_own_ingredients():
    sheet = {"B26": 100, "B27": 30, "B28": 10, "B31": 1300, "B32": 500, "B33": 200, "B34": 1000,
             "B35": 2000, "B36": 300, "B41": 120_000, "B42": 700}  # fmt: skip
    found = cost_of_sheet(sheet, 100_000, "账本")
    assert (found.fixed_fen, found.variable_fen) == (3300, 560)  # 200 × 30 of 100 servings
    assert found.other_fen == 700 + 120_000 - 100_000 - 10 * 500
    assert cost_of_sheet(sheet, 130_000, "账本").other_fen == 700


def test_candidates_are_ranked_by_elders_for_their_money():
    far = [spot(A + "001", 120.0, 500), spot(A + "002", 120.2, 300)]
    made = [
        sites.Candidate("C1", "", A + "001", (120.0, 31.7), None, 20_000_000),
        sites.Candidate("C2", "", A + "002", (120.2, 31.7), None, 10_000_000),
        sites.Candidate("C3", "", A + "002", (120.2, 31.7), None, None),
        sites.Candidate("C4", "", A + "003", (121.0, 31.7), None, 100),
    ]
    found = sites.ranked(made, far, [A + "002"], 1000)
    assert [one.code for one in found] == ["C2", "C1", "C3", "C4"]
    assert (found[0].per_ten_thousand, found[0].resources) == (30, 1)


def test_the_largest_part_of_a_whole():
    found = largest([("K", 30), ("L", 10), ("K", 20)], {"K": "中央厨房"})
    assert (found.name, found.percent, found.members) == ("中央厨房", F(500, 6), 2)
    assert largest([("K", 0)], {}) is None
