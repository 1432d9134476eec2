"""Subsidy policies, residents and meals for tests, with everything that a test does not say."""

from datetime import date

from mealsvc.policies.rules import (
    MEALS,
    Conditions,
    Delivery,
    Meal,
    Policy,
    ResidentFacts,
    Rule,
)

SAMPLE = """\
[policy]
code = "TN-2022"                 # unique for ever
title = "演示：按天宁区2022年标准"
division = "320412"
exclude = ["320412001", "320412104"]
effective_from = 2023-04-01
scope = "hukou"
min_age = 60
age_counts_from = "birthday"
min_self_pay_fen = 100
per_day = 2
per_month = 40
meals = ["lunch", "dinner"]

[[rule]]
code = "U60"
layer = "universal"
min_age = 60
max_age = 79                     # inclusive
amount_fen = 300
funding = { district = 200, town = 100 }

[[rule]]
code = "U80"
layer = "universal"
min_age = 80
amount_fen = 400
funding = { district = 200, town = 200 }

[[rule]]
code = "T1"
layer = "targeted"
categories = ["TK", "DB"]        # any of
amount_fen = 200
funding = { district = 200 }

[[delivery]]
code = "D1"
categories = ["SN"]
amount_fen = 100
funding = { lottery = 100 }

[[operating]]
code = "O1"
per_serving_fen = 50
min_daily_average = 50
min_days = 15
monthly_fen = 200000
funding = { district = 100 }
"""


def conditions(**named) -> Conditions:
    """Conditions with lists as sets: `conditions(min_age=60, categories=["TK"])`."""
    return Conditions(
        **{key: frozenset(value) if "age" not in key else value for key, value in named.items()}
    )


def rule(code="R", amount_fen=300, layer="universal", funding=None, **named) -> Rule:
    """A rule of a fixed amount, paid by the district unless `funding` says otherwise."""
    paid_by = tuple((funding or {"district": amount_fen}).items())
    return Rule(code, layer, conditions(**named), amount_fen, None, None, paid_by)


def percent_rule(code="P", percent=20, max_fen=None, layer="universal", shares=None, **named):
    """A rule of a share of the price, paid by the district unless `shares` says otherwise."""
    paid_by = tuple((shares or {"district": 1}).items())
    return Rule(code, layer, conditions(**named), None, percent, max_fen, paid_by)


def delivery(code="D", amount_fen=100, funding=None, **named) -> Delivery:
    """A delivery amount, paid by the lottery unless `funding` says otherwise."""
    paid_by = tuple((funding or {"lottery": amount_fen}).items())
    return Delivery(code, conditions(**named), amount_fen, paid_by)


def policy(*rules: Rule, **fields) -> Policy:
    """A policy of Wujin district for everybody, for ever, unless the fields say otherwise."""
    usual = {
        "code": "TEST",
        "title": "演示政策",
        "division": "320412",
        "exclude": (),
        "effective_from": date(2023, 4, 1),
        "effective_to": None,
        "scope": "hukou",
        "min_age": None,
        "age_counts_from": "birthday",
        "min_self_pay_fen": 0,
        "per_day": None,
        "per_month": None,
        "meals": frozenset(MEALS),
        "deliveries": (),
        "operating": (),
    }
    return Policy(**(usual | {"rules": rules or (rule(),)} | fields))


def resident(
    birth_on=date(1952, 3, 1), hukou="320412100001", residence=None, categories=(), departures=()
) -> ResidentFacts:
    """A resident of Hutang town, born on 1 March 1952."""
    return ResidentFacts(birth_on, hukou, residence, tuple(categories), tuple(departures))


def meal(day=date(2024, 5, 6), kind="lunch", mode="dine_in", price_fen=1200) -> Meal:
    """A lunch of 12 yuan, eaten at the point."""
    return Meal(day, kind, mode, price_fen)
