"""The engine against a second reading of the contract that shares no code with it.

The oracle takes the policy file as plain dictionaries and money as a row of single coins.
"""

import tomllib
from calendar import isleap
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import example, given, settings
from hypothesis import strategies as st

from mealsvc.policies.document import read_policy
from mealsvc.policies.rules import (
    CategoryFact,
    Departure,
    Meal,
    ResidentFacts,
    Usage,
    decide,
    decide_under,
    governing,
)

MEALS = ["breakfast", "lunch", "dinner"]
MODES = ["dine_in", "take_away", "delivery"]
SOURCES = ["district", "town", "village", "lottery", "charity"]
DIVISIONS = ["320412", "320412100", "320412100001", "320412101", "320411", "3204"]
START = date(2024, 2, 26)
DAYS = [START + timedelta(days=n) for n in range(8)]


def to_toml(files):
    """The text of a policy from (heading, {key: value}) pairs."""
    lines = []
    for heading, table in files:
        lines.append(heading)
        lines += [f"{key} = {in_toml(value)}" for key, value in table.items()]
    return "\n".join(lines)


def in_toml(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {amount}" for key, amount in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(f'"{item}"' for item in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def some(values, **sizes):
    return st.lists(st.sampled_from(values), unique=True, **sizes)


def maybe(**strategies):
    return st.fixed_dictionaries({}, optional=strategies)


def often(value, *others):
    """Mostly the value that lets a case go on to the rules, sometimes another one."""
    return st.sampled_from([value] * 8 + list(others))


ages = st.integers(58, 63)
CONDITIONS = {
    "min_age": ages,
    "max_age": ages,
    "categories": some(["TK", "DB", "SN"], min_size=1),
    "meals": some(MEALS, min_size=1),
    "modes": some(MODES, min_size=1),
}


@st.composite
def conditions(draw):
    named = {key: draw(CONDITIONS[key]) for key in draw(some(sorted(CONDITIONS), max_size=2))}
    if named.get("min_age", 0) > named.get("max_age", 150):
        named["max_age"] = named["min_age"]
    return named


@st.composite
def amounts(draw):
    parts = {source: draw(st.integers(0, 6)) for source in draw(some(SOURCES, min_size=1))}
    return {"amount_fen": sum(parts.values()), "funding": parts}


@st.composite
def percentages(draw):
    shares = {source: draw(st.integers(1, 4)) for source in draw(some(SOURCES, min_size=1))}
    limit = draw(maybe(max_fen=st.integers(0, 9)))
    return {"percent": draw(st.integers(1, 100)), **limit, "funding": shares}


@st.composite
def policy_texts(draw, number):
    head = {
        "code": f"P{number}",
        "title": "演示",
        "division": draw(often("320412", *DIVISIONS)),
        "effective_from": draw(often(DAYS[0], *DAYS)),
    }
    head |= draw(
        maybe(
            exclude=some(["320412100", "320412100001", "3204111"]),
            effective_to=often(DAYS[-1], *DAYS),
            scope=often("hukou", "residence"),
            min_age=often(58, 59, 60, 61),
            age_counts_from=st.sampled_from(["birthday", "next_day", "month", "next_month"]),
            min_self_pay_fen=st.integers(0, 20),
            per_day=often(3, 1, 2),
            per_month=often(3, 1, 2),
            meals=some(MEALS, min_size=2),
        )
    )
    if head.get("effective_to", date.max) < head["effective_from"]:
        del head["effective_to"]
    files = [("[policy]", head)]
    for n in range(draw(st.integers(1, 5))):
        layer = draw(maybe(layer=st.sampled_from(["universal", "targeted", "festival"])))
        money = draw(st.one_of(amounts(), percentages()))
        files.append(("[[rule]]", {"code": f"R{n}"} | layer | draw(conditions()) | money))
    for n in range(draw(st.integers(0, 2))):
        files.append(("[[delivery]]", {"code": f"D{n}"} | draw(conditions()) | draw(amounts())))
    return to_toml(files)


@st.composite
def cases(draw):
    texts = [draw(policy_texts(n)) for n in range(draw(often(1, 0, 2, 2, 3, 3)))]
    dates = st.none() | st.sampled_from(DAYS)
    facts = {
        "birth_on": draw(
            st.sampled_from([date(1964, 2, 29), date(1964, 3, 1), date(1963, 2, 28)])
            | st.dates(date(1960, 1, 1), date(1966, 12, 31))
        ),
        "hukou": draw(often("320412101", *DIVISIONS)),
        "residence": draw(often("320412101", None, *DIVISIONS)),
        "categories": draw(st.lists(st.tuples(st.sampled_from(["TK", "DB", "SN"]), dates, dates))),
        "departures": draw(
            st.lists(
                st.tuples(
                    st.sampled_from(["deceased", "moved_out", "institution"]),
                    st.sampled_from(DAYS),
                    dates,
                ),
                max_size=draw(often(0, 2)),
            )
        ),
    }
    eaten = {
        "day": draw(st.sampled_from(DAYS)),
        "meal": draw(st.sampled_from(MEALS)),
        "mode": draw(st.sampled_from([*MODES, "delivery"])),
        "price": draw(st.integers(1, 40)),
    }
    used = (draw(often(False, True)), draw(often(0, 1, 2, 3)), draw(often(0, 1, 2, 3)))
    return texts, facts, eaten, used


# The oracle ------------------------------------------------------------------------------------


def counted_age(born, day, counts_from):
    """How many of the days on which a new age begins have come."""
    age = 0
    for year in range(born.year + 1, day.year + 1):
        leap_child = (born.month, born.day) == (2, 29)
        birthday = date(year, 3, 1) if leap_child and not isleap(year) else born.replace(year=year)
        if counts_from == "next_day":
            begins = birthday + timedelta(days=1)
        elif counts_from == "month":
            begins = date(year, born.month, 1)
        elif counts_from == "next_month":
            begins = (date(year, born.month, 1) + timedelta(days=31)).replace(day=1)
        else:
            begins = birthday
        age += begins <= day
    return age


def within(day, first, last):
    return not ((first and day < first) or (last and last < day))


def oracle(texts, facts, eaten, used):
    """(policy, reason, {(rule, source): fen} in order, delivery) by the letter of the contract."""
    day = eaten["day"]
    for event, reason in [("moved_out", "moved_out"), ("institution", "in_institution")]:
        for what, first, last in facts["departures"]:
            if what == event and within(day, first, last):
                return None, reason, {}, None
    current = [tomllib.loads(text) for text in texts]
    current = [
        found
        for found in current
        if within(day, found["policy"]["effective_from"], found["policy"].get("effective_to"))
    ]
    if not current:
        return None, "no_policy", {}, None
    covering = []
    for found in current:
        head = found["policy"]
        home = facts["residence"] if head.get("scope") == "residence" else facts["hukou"]
        inside = home is not None and home[: len(head["division"])] == head["division"]
        if inside and not any(home[: len(out)] == out for out in head.get("exclude", [])):
            covering.append(found)
    if not covering:
        return None, "out_of_scope", {}, None
    covering.sort(key=lambda found: found["policy"].get("scope") == "residence")
    chosen = sorted(covering, key=lambda found: -len(found["policy"]["division"]))[0]
    return chosen["policy"]["code"], *under(chosen, facts, eaten, used)


def before_any_rule(head, age, eaten, used):
    taken, today, month = used
    checks = {
        "meal_not_subsidised": eaten["meal"] not in head.get("meals", MEALS),
        "under_age": age < head.get("min_age", 0),
        "already_served": taken,
        "day_cap": today + 1 > head.get("per_day", 99),
        "month_cap": month + 1 > head.get("per_month", 99),
    }
    return next((reason for reason, holds in checks.items() if holds), None)


def under(chosen, facts, eaten, used):
    head = chosen["policy"]
    age = counted_age(facts["birth_on"], eaten["day"], head.get("age_counts_from"))
    early = before_any_rule(head, age, eaten, used)
    if early:
        return early, {}, None
    held = {code for code, first, last in facts["categories"] if within(eaten["day"], first, last)}

    def applies(entry):
        return not (
            age < entry.get("min_age", 0)
            or age > entry.get("max_age", 999)
            or ("categories" in entry and not held & set(entry["categories"]))
            or ("meals" in entry and eaten["meal"] not in entry["meals"])
            or ("modes" in entry and eaten["mode"] not in entry["modes"])
        )

    rules = chosen.get("rule", [])
    matching = [entry for entry in rules if applies(entry)]
    if not matching:
        return "no_rule", {}, None
    layers = list(dict.fromkeys(entry.get("layer", "universal") for entry in rules))
    coins = []
    for layer in layers:
        rivals = [entry for entry in matching if entry.get("layer", "universal") == layer]
        if rivals:
            # max() gives the first of equal ones.
            best = max(rivals, key=lambda entry: len(row_of_coins(entry, eaten["price"])))
            coins += row_of_coins(best, eaten["price"])
    kept = coins[: max(eaten["price"] - head.get("min_self_pay_fen", 0), 0)]
    if not kept:
        return "price_too_low", {}, None
    paid = {place: kept.count(place) for place in dict.fromkeys(kept)}
    brought = [entry for entry in chosen.get("delivery", []) if applies(entry)]
    earned = max(brought, key=lambda entry: entry["amount_fen"], default=None)
    if eaten["mode"] != "delivery" or earned is None or not earned["amount_fen"]:
        return None, paid, None
    return None, paid, (earned["code"], {s: fen for s, fen in earned["funding"].items() if fen})


def row_of_coins(entry, price):
    """One (rule, source) for each fen, in the order in which sources pay."""
    funding = entry["funding"]
    if "percent" in entry:
        amount = int(Fraction(price * entry["percent"], 100))
        amount = min(amount, entry.get("max_fen", amount))
        whole = sum(funding.values())
        exact = {source: Fraction(amount * part, whole) for source, part in funding.items()}
        funding = {source: int(value) for source, value in exact.items()}
        for source in sorted(exact, key=lambda source: funding[source] - exact[source]):
            if sum(funding.values()) < amount:
                funding[source] += 1
    return [(entry["code"], source) for source, fen in funding.items() for _ in range(fen)]


def test_next_month_s_january_is_counted_by_the_oracle_too():
    assert counted_age(date(1964, 12, 5), date(2024, 12, 31), "next_month") == 60 - 1
    assert counted_age(date(1964, 12, 5), date(2025, 1, 1), "next_month") == 60


# The comparison --------------------------------------------------------------------------------

TIED = """
[policy]
code = "P0"
division = "320412"
effective_from = 2024-02-26
min_self_pay_fen = 5
[[rule]]
code = "T"
layer = "targeted"
percent = 33
funding = { town = 1, district = 1, village = 1 }
[[rule]]
code = "U"
amount_fen = 9
funding = { village = 4, town = 5 }
[[rule]]
code = "U2"
amount_fen = 9
funding = { district = 9 }
"""
PLAIN = {
    "birth_on": date(1964, 2, 29),
    "hukou": "320412100",
    "residence": None,
    "categories": [],
    "departures": [],
}
LUNCH = {"day": date(2024, 2, 29), "meal": "lunch", "mode": "dine_in", "price": 20}


@settings(max_examples=300, deadline=None)
@given(cases())
@example(([TIED], PLAIN, LUNCH, (False, 0, 0)))
def test_decisions_equal_a_second_reading_of_the_contract(case):
    texts, facts, eaten, (taken, today, month) = case
    policies = [read_policy(text) for text in texts]
    resident = ResidentFacts(
        facts["birth_on"],
        facts["hukou"],
        facts["residence"],
        tuple(CategoryFact(*fact) for fact in facts["categories"]),
        tuple(Departure(*departure) for departure in facts["departures"]),
    )
    served = Meal(eaten["day"], eaten["meal"], eaten["mode"], eaten["price"])
    usage = Usage(taken, today, month)
    made = decide(served, resident, policies, usage)

    code, reason, paid, brought = oracle(*case)
    assert (made.policy_code, made.reason) == (code, reason)
    found = {(entry.code, source): fen for entry in made.rules for source, fen in entry.funding}
    assert list(found.items()) == list(paid.items())
    assert (made.delivery and (made.delivery.code, dict(made.delivery.funding))) == brought

    assert made.subsidy_fen == sum(paid.values())
    assert made.subsidy_fen + made.self_pay_fen == eaten["price"]
    assert (made.subsidy_fen > 0) == (made.reason is None) == (made.tier is not None)
    for entry in (*made.rules, *([made.delivery] if made.delivery else [])):
        assert entry.fen == sum(fen for _, fen in entry.funding) > 0
    halves = decide_under(
        governing(reversed(policies), resident, eaten["day"]), served, resident, usage
    )
    if len({len(policy.division) for policy in policies}) == len(policies):
        assert halves == made
