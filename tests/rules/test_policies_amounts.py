"""Who pays what for a subsidised meal: layers, ties, percentages, the cut, deliveries."""

import pytest

from mealsvc.policies.document import read_policy
from mealsvc.policies.rules import CategoryFact, Paid, Usage, decide, tier_name
from tests.factories.policies import (
    SAMPLE,
    delivery,
    meal,
    percent_rule,
    policy,
    resident,
    rule,
)


def decision(*rules, price_fen=1200, mode="dine_in", categories=(), **fields):
    facts = resident(categories=[CategoryFact(code) for code in categories])
    return decide(meal(price_fen=price_fen, mode=mode), facts, [policy(*rules, **fields)], Usage())


def paid(made):
    return [(entry.code, dict(entry.funding)) for entry in made.rules]


def test_the_contract_s_own_policy_pays_both_layers_and_the_delivery():
    facts = resident(categories=[CategoryFact("TK"), CategoryFact("SN")])
    made = decide(meal(mode="delivery"), facts, [read_policy(SAMPLE)], Usage())
    assert (made.policy_code, made.reason, made.tier) == ("TN-2022", None, "U60+T1")
    assert (made.subsidy_fen, made.self_pay_fen, made.cut_fen) == (500, 700, 0)
    assert made.rules == (
        Paid("U60", 300, (("district", 200), ("town", 100))),
        Paid("T1", 200, (("district", 200),)),
    )
    assert made.delivery == Paid("D1", 100, (("lottery", 100),))


WINNERS = [
    # In one layer the largest wins, wherever it stands.
    ([rule("A", 100), rule("B", 300), rule("C", 200)], ["B"]),
    # Of equal ones the first in the file.
    ([rule("A", 200), rule("B", 200)], ["A"]),
    # A percentage and an amount that give the same: the first.
    ([percent_rule("P", 25), rule("A", 300)], ["P"]),
    ([rule("A", 300), percent_rule("P", 25)], ["A"]),
    # A percentage wins by what it gives for this price, after its own maximum.
    ([rule("A", 299), percent_rule("P", 25)], ["P"]),
    ([rule("A", 299), percent_rule("P", 25, max_fen=298)], ["A"]),
    # Layers add up, in the order of their first rule, not of their winners.
    (
        [rule("T", 100, "targeted"), rule("U", 100), rule("T2", 150, "targeted")],
        ["T2", "U"],
    ),
    # A layer that gives nothing is not named.
    ([rule("U", 100), rule("T", 0, "targeted", {"district": 0})], ["U"]),
    # A rule for others does not take part, however much it gives.
    ([rule("A", 900, min_age=73), rule("B", 900, max_age=71), rule("C", 100)], ["C"]),
    ([rule("A", 900, meals=["dinner"]), rule("B", 900, modes=["delivery"]), rule("C", 1)], ["C"]),
    ([rule("A", 900, categories=["SN", "DB"]), rule("C", 1)], ["C"]),
    # Ages are inclusive at both ends; meals and modes are any of the list.
    ([rule("A", 900, min_age=72, max_age=72), rule("C", 1)], ["A"]),
    ([rule("A", 900, meals=["dinner", "lunch"], modes=["dine_in"]), rule("C", 1)], ["A"]),
    # One of the categories is enough.
    ([rule("A", 900, categories=["SN", "TK"]), rule("C", 1)], ["A"]),
]


@pytest.mark.parametrize(("rules", "codes"), WINNERS)
def test_in_each_layer_the_largest_amount_wins(rules, codes):
    made = decision(*rules, categories=["TK"])
    assert [entry.code for entry in made.rules] == codes
    assert made.tier == "+".join(codes)


PERCENTAGES = [
    # Rounded down to the fen.
    (percent_rule(percent=20), 1204, {"district": 240}),
    (percent_rule(percent=33), 100, {"district": 33}),
    # At most max_fen, and no less than the percentage below it.
    (percent_rule(percent=20, max_fen=239), 1200, {"district": 239}),
    (percent_rule(percent=20, max_fen=241), 1200, {"district": 240}),
    # Shares by largest remainder: 100 fen in thirds give the odd fen to the first.
    (
        percent_rule(percent=10, shares={"town": 1, "district": 1, "village": 1}),
        1000,
        {"town": 34, "district": 33, "village": 33},
    ),
    # 101 fen by 2:1 are 67.33 and 33.67: the larger remainder takes it.
    (
        percent_rule(percent=10, shares={"district": 2, "town": 1}),
        1010,
        {"district": 67, "town": 34},
    ),
    # The split comes after the maximum.
    (
        percent_rule(percent=50, max_fen=101, shares={"district": 1, "town": 1}),
        1000,
        {"district": 51, "town": 50},
    ),
    # A source that gets nothing is not named.
    (percent_rule(percent=1, shares={"district": 1, "town": 1}), 100, {"district": 1}),
]


@pytest.mark.parametrize(("only", "price_fen", "funding"), PERCENTAGES)
def test_a_percentage_is_rounded_down_limited_and_then_split(only, price_fen, funding):
    made = decision(only, price_fen=price_fen)
    assert paid(made) == [("P", funding)]
    assert made.subsidy_fen == sum(funding.values())
    assert made.cut_fen == 0


UNIVERSAL = rule("U", 300, funding={"district": 200, "town": 100})
TARGETED = rule("T", 200, "targeted", {"lottery": 50, "charity": 150})
CUTS = [
    # 500 fen fit exactly: nothing is cut.
    (600, [("U", {"district": 200, "town": 100}), ("T", {"lottery": 50, "charity": 150})]),
    # The last layer's last source gives way first …
    (599, [("U", {"district": 200, "town": 100}), ("T", {"lottery": 50, "charity": 149})]),
    (450, [("U", {"district": 200, "town": 100}), ("T", {"lottery": 50})]),
    # … then its first source …
    (401, [("U", {"district": 200, "town": 100}), ("T", {"lottery": 1})]),
    # … and a rule that pays nothing is not named.
    (400, [("U", {"district": 200, "town": 100})]),
    (301, [("U", {"district": 200, "town": 1})]),
    (101, [("U", {"district": 1})]),
]


@pytest.mark.parametrize(("price_fen", "expected"), CUTS)
def test_the_cut_takes_from_the_last_source_of_the_last_layer(price_fen, expected):
    made = decision(UNIVERSAL, TARGETED, price_fen=price_fen, min_self_pay_fen=100)
    assert paid(made) == expected
    assert made.self_pay_fen == 100
    assert made.subsidy_fen + made.cut_fen == 500
    assert [entry.fen for entry in made.rules] == [sum(parts.values()) for _, parts in expected]


def test_the_last_layer_is_the_one_that_appears_last_in_the_file():
    """The targeted layer comes first here, though its winner is written at the end."""
    for_others = rule("T0", 1, "targeted", categories=["SN"])
    made = decision(for_others, UNIVERSAL, TARGETED, price_fen=250)
    assert paid(made) == [("T", {"lottery": 50, "charity": 150}), ("U", {"district": 50})]


def test_the_winner_is_the_largest_before_the_cut_even_if_the_cut_makes_them_equal():
    made = decision(rule("A", 300, funding={"town": 300}), rule("B", 400), price_fen=200)
    assert paid(made) == [("B", {"district": 200})]


def test_a_percentage_is_split_before_the_cut():
    """60 fen are 30 and 30; a cut of 10 takes them all from the town."""
    half = percent_rule(percent=60, shares={"district": 1, "town": 1})
    made = decision(half, price_fen=100, min_self_pay_fen=50)
    assert paid(made) == [("P", {"district": 30, "town": 20})]


def test_without_a_floor_a_meal_may_be_free():
    made = decision(rule(amount_fen=1200))
    assert (made.subsidy_fen, made.self_pay_fen) == (1200, 0)


DELIVERIES = [
    # The largest, of equal ones the first.
    ([delivery("A", 100), delivery("B", 200), delivery("C", 200)], "B"),
    # One for others does not take part.
    ([delivery("A", 100), delivery("B", 900, categories=["SN"])], "A"),
    ([delivery("A", 100), delivery("B", 900, min_age=73)], "A"),
    ([delivery("A", 100), delivery("B", 900, meals=["dinner"])], "A"),
    ([delivery("A", 100), delivery("B", 900, modes=["take_away"])], "A"),
    ([delivery("A", 1, categories=["TK"], max_age=72, modes=["delivery"])], "A"),
    # Nothing at all.
    ([delivery("A", 0, {"lottery": 0})], None),
    ([], None),
]


@pytest.mark.parametrize(("deliveries", "code"), DELIVERIES)
def test_a_delivered_meal_earns_the_largest_matching_amount(deliveries, code):
    made = decision(rule(), mode="delivery", categories=["TK"], deliveries=tuple(deliveries))
    assert (made.delivery and made.delivery.code) == code
    assert made.self_pay_fen == 900


def test_a_delivery_of_nothing_from_one_source_leaves_that_source_out():
    split = delivery(amount_fen=100, funding={"town": 0, "lottery": 100})
    made = decision(rule(), mode="delivery", deliveries=(split,))
    assert made.delivery == Paid("D", 100, (("lottery", 100),))


@pytest.mark.parametrize("mode", ["dine_in", "take_away"])
def test_only_a_delivered_meal_earns_delivery_money(mode):
    assert decision(rule(), mode=mode, deliveries=(delivery(),)).delivery is None


def test_a_delivered_meal_at_full_price_earns_none():
    made = decision(rule(min_age=99), mode="delivery", deliveries=(delivery(),))
    assert (made.reason, made.delivery) == ("no_rule", None)


TIERS = [
    (rule(min_age=60), "普惠60档"),
    (rule(max_age=79), "普惠档"),
    (rule(layer="targeted", categories=["TK"]), "特惠档"),
    (rule(layer="festival"), "叠加档"),
    (percent_rule(percent=20, min_age=80), "普惠80档（餐价20%）"),
]


@pytest.mark.parametrize(("only", "name"), TIERS)
def test_a_tier_s_name_tells_age_but_no_hardship(only, name):
    assert tier_name(only) == name
