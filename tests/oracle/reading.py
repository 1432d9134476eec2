"""Reading a policy: whom it covers, which rule holds, what a rule is worth."""

from typing import Any


def covers(policy: dict[str, Any], division: str) -> bool:
    outside = [prefix for prefix in policy.get("exclude", []) if division.startswith(prefix)]
    return division.startswith(policy["division"]) and not outside


def holds(rule: dict[str, Any], line: dict[str, Any], years: int, names: set[str]) -> bool:
    return (
        rule.get("min_age", 0) <= years <= rule.get("max_age", 999)
        and ("categories" not in rule or bool(names & set(rule["categories"])))
        and line["meal"] in rule.get("meals", [line["meal"]])
        and line["mode"] in rule.get("modes", [line["mode"]])
    )


def layer_of(rule: dict[str, Any]) -> str:
    return rule.get("layer", "universal")


def worth(rule: dict[str, Any], price: int) -> int:
    """The rule's amount before any cut."""
    if "amount_fen" in rule:
        return rule["amount_fen"]
    return min(price * rule["percent"] // 100, rule.get("max_fen", price))
