"""Policy files from dice: gaps, nested towns, a residence scope, ties, shares, floors."""

from datetime import date, timedelta
from random import Random
from typing import Any

SOURCES = ["district", "town", "village", "lottery", "charity"]
CATEGORIES = ["TK", "DB", "DBB", "ZCX", "SN", "CJ", "JS", "YF", "DJ", "KC", "LS", "LM"]
MODES = ["dine_in", "take_away", "delivery"]


def toml(document: dict[str, Any]) -> str:
    lines = ["[policy]", *_pairs(document["policy"])]
    for table in ("rule", "delivery", "operating"):
        for entry in document.get(table, []):
            lines += ["", f"[[{table}]]", *_pairs(entry)]
    return "\n".join(lines) + "\n"


def _pairs(table: dict[str, Any]) -> list[str]:
    return [f"{name} = {_value(value)}" for name, value in table.items()]


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {part}" for name, part in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(part) for part in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def all_of(dice: Random, start: date, end: date) -> list[dict[str, Any]]:
    """The policies of one story: the district's two, a town's inside, a community's by home."""
    length = (end - start).days
    first = start - timedelta(days=dice.choice([40, 1, 0, -2]))
    change = start + timedelta(days=dice.randrange(length))
    after = change + timedelta(days=dice.choice([1, 1, 2, 4, 12]))
    found = [_policy(dice, "D1", "320412", first, change)]
    found.append(_policy(dice, "D2", "320412", after, None))
    if dice.random() < 0.5:
        begin = start + timedelta(days=dice.randrange(length) + dice.choice([0, -20]))
        last = begin + timedelta(days=dice.choice([0, 5, 40]))
        found.append(_policy(dice, "T1", dice.choice(["320412100", "320412003"]), begin, last))
    if dice.random() < 0.5:
        begin = start + timedelta(days=dice.randrange(length))
        community = _policy(dice, "R1", "320412101001", begin, None)
        community["policy"]["scope"] = "residence"
        found.append(community)
    begun: set[date] = set()
    for document in found:  # rules are shown in order of the first day: no two begin together
        while document["policy"]["effective_from"] in begun:
            document["policy"]["effective_from"] -= timedelta(days=1)
        begun.add(document["policy"]["effective_from"])
    last = found[0]["policy"].get("effective_to")
    if last and last < found[0]["policy"]["effective_from"]:
        found.pop(0)
    return found


def _policy(
    dice: Random, code: str, division: str, first: date, last: date | None
) -> dict[str, Any]:
    head: dict[str, Any] = {"code": code, "title": f"演示 {code}", "division": division}
    if dice.random() < 0.6:
        head["exclude"] = dice.choice([["320412003"], ["320412003", "320412100002"], []])
    head["effective_from"] = first
    if last:
        head["effective_to"] = max(last, first)
    head["scope"] = "hukou" if len(division) == 9 else dice.choice(["hukou", "hukou", "residence"])
    head["min_age"] = dice.choice([60, 60, 65, 59, 61])
    head["age_counts_from"] = dice.choice(["birthday", "next_day", "month", "next_month"])
    head["min_self_pay_fen"] = dice.choice([0, 1, 100, 100, 300])
    if dice.random() < 0.6:
        head["per_day"] = dice.choice([1, 1, 2])
    if dice.random() < 0.6:
        head["per_month"] = dice.choice([2, 3, 5, 8])
    if dice.random() < 0.7:
        head["meals"] = dice.choice([["lunch", "dinner"], ["lunch"], ["breakfast", "lunch"]])
    layers = dice.sample(["universal", "targeted", "extra"], dice.choice([1, 2, 2, 3]))
    rules = []
    for layer in layers:
        rules += [_rule(dice, layer) for _ in range(dice.choice([1, 2, 3]))]
    if dice.random() < 0.3:
        dice.shuffle(rules)
    codes = dice.sample(["U60", "U80", "T1", "T2", "A", "B", "C", "X9", "低保"], len(rules))
    rules = [{"code": name, **rule} for name, rule in zip(codes, rules, strict=True)]
    found = {"policy": head, "rule": rules}
    found["delivery"] = [_delivery(dice, f"DL{n}") for n in range(dice.choice([0, 1, 2, 3]))]
    found["operating"] = [_operating(dice, f"O{n}") for n in range(dice.choice([0, 1, 1, 2]))]
    return found


def _amount(dice: Random, amounts: list[int]) -> dict[str, Any]:
    amount, sources = dice.choice(amounts), dice.sample(SOURCES, dice.choice([1, 2, 2, 3]))
    parts = sorted(dice.sample(range(1, amount), len(sources) - 1)) if amount > 3 else []
    if not parts:
        return {"amount_fen": amount, "funding": {sources[0]: amount}}
    shares = [b - a for a, b in zip([0, *parts], [*parts, amount], strict=True)]
    return {"amount_fen": amount, "funding": dict(zip(sources, shares, strict=True))}


def _shares(dice: Random) -> dict[str, int]:
    sources = dice.sample(SOURCES, dice.choice([1, 2, 3]))
    return {source: dice.choice([1, 1, 2, 3, 7, 50]) for source in sources}


def _conditions(dice: Random) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if dice.random() < 0.6:
        found["min_age"] = dice.choice([60, 61, 63, 65, 70, 80])
    if dice.random() < 0.3:
        found["max_age"] = found.get("min_age", 60) + dice.choice([0, 5, 19])
    if dice.random() < 0.3:
        found["categories"] = dice.sample(CATEGORIES, 5)
    if dice.random() < 0.15:
        found["meals"] = [dice.choice(["lunch", "dinner"])]
    if dice.random() < 0.15:
        found["modes"] = dice.sample(MODES, 2)
    return found


def _rule(dice: Random, layer: str) -> dict[str, Any]:
    rule: dict[str, Any] = {} if layer == "universal" and dice.random() < 0.4 else {"layer": layer}
    rule |= _conditions(dice)
    if dice.random() < 0.7:
        return rule | _amount(dice, [1, 100, 300, 300, 400, 555, 1000])
    rule["percent"] = dice.choice([1, 1, 20, 33, 50, 99, 100])
    if dice.random() < 0.5:
        rule["max_fen"] = dice.choice([1, 99, 300, 500])
    return rule | {"funding": _shares(dice)}


def _delivery(dice: Random, code: str) -> dict[str, Any]:
    conditions = _conditions(dice)
    if dice.random() < 0.5:
        conditions = {}
    return {"code": code, **conditions, **_amount(dice, [100, 100, 150, 33])}


def _operating(dice: Random, code: str) -> dict[str, Any]:
    rule: dict[str, Any] = {"code": code}
    way = dice.choice(["each", "lump", "both"])
    if way != "lump":
        rule["per_serving_fen"] = dice.choice([1, 7, 50, 80])
    if way != "each":
        if dice.random() < 0.8:
            rule["min_daily_average"] = dice.choice([1, 1, 2, 3])
        if dice.random() < 0.5:
            rule["min_days"] = dice.choice([1, 2, 4, 7])
        rule["monthly_fen"] = dice.choice([100, 200000, 12345])
    return rule | {"funding": _shares(dice)}


def faulty(dice: Random, document: dict[str, Any]) -> dict[str, Any]:
    """The same policy with one thing that refuses it."""
    head = {**document["policy"], "code": "BAD"}
    head["effective_from"] = date(2030, 1, 1)
    head.pop("effective_to", None)
    rules = [dict(rule) for rule in document["rule"]]
    fault = dice.choice(["sum", "both", "none", "percent", "overlap", "code"])
    if fault == "sum":
        rules[0] = {"code": "Q", "amount_fen": 300, "funding": {"district": 200, "town": 99}}
    elif fault == "both":
        rules[0] |= {"amount_fen": 100, "percent": 10, "funding": {"district": 100}}
    elif fault == "none":
        rules[0] = {"code": "Q", "funding": {"district": 100}}
    elif fault == "percent":
        rules[0] = {"code": "Q", "percent": dice.choice([0, 101]), "funding": {"district": 1}}
    elif fault == "overlap":
        head["effective_from"] = document["policy"]["effective_from"]
    else:
        head["code"] = document["policy"]["code"]
    return {**document, "policy": head, "rule": rules}
