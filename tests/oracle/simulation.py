"""Months under another policy, as a clerk with the ledger book would write them out again."""

import tomllib
from collections import Counter
from datetime import date
from typing import Any

from tests.oracle import values
from tests.oracle.contract import SOURCES, World
from tests.oracle.values import CATEGORIES

PARTS = ("servings", "subsidised", "subsidy_fen", "delivery_fen", "operating_fen")


class Again:
    """The unreversed lines of some months, decided once more under these policies."""

    def __init__(self, world: World, months: list[str], policies: list[dict[str, Any]]):
        self.book = World(world.now)
        self.book.divisions, self.book.points = world.divisions, world.points
        self.book.people, self.book.departures = world.people, world.departures
        self.book.policies, self.months = policies, months
        for line in standing(world, months):
            if not self.book._gone(line["person"], "deceased", line["date"]):
                self._decide(line)

    def _decide(self, line: dict[str, Any]) -> None:
        made = {**line, "subsidy": 0, "paid": [], "funding": {}, "delivery": 0, "policy": None}
        made["reason"] = self.book._decide(made)
        self.book._record(made, line["at"], line["own_month"])

    def cost(self) -> dict[str, Any]:
        """All months and points together."""
        pages = [page for month in self.months for page in self.book.settle(month)["points"]]
        found = {name: sum(page[name] for page in pages) for name in PARTS}
        found["total_fen"] = sum(found[name] for name in PARTS[2:])
        paid: Counter[str] = Counter()
        for page in pages:
            paid.update(page["funding"])
        return found | {"funding": {name: paid[name] for name in SOURCES if paid[name]}}

    def points(self) -> dict[str, tuple[int, int]]:
        """What each point costs, and of that operating money."""
        found: dict[str, tuple[int, int]] = {}
        for month in self.months:
            for page in self.book.settle(month)["points"]:
                cost, operating = found.get(page["point"], (0, 0))
                more = sum(page[name] for name in PARTS[2:])
                found[page["point"]] = cost + more, operating + page["operating_fen"]
        return found

    def subsidies(self) -> Counter[str]:
        """What each person got."""
        found: Counter[str] = Counter()
        for line in self.book.lines:
            found[line["person"]] += line["subsidy"]
        return found


def standing(world: World, months: list[str]) -> list[dict[str, Any]]:
    """The lines of meals eaten in these months that nobody took back, in order of recording."""
    gone = {line["reverses"] for line in world.lines if line["reversal"]}
    return [
        line
        for line in world.lines
        if line["own_month"] in months and not line["reversal"] and line["key"] not in gone
    ]


def with_draft(world: World, text: str) -> list[dict[str, Any]]:
    """The policies with the draft in place of its division's, for ever."""
    document = tomllib.loads(text)
    head = {**document["policy"], "from": date.min, "to": date.max}
    for name, table in (("rules", "rule"), ("delivery", "delivery"), ("operating", "operating")):
        head[name] = document.get(table, [])
    return [one for one in world.policies if one["division"] != head["division"]] + [head]


def groups(world: World, base: Again, trial: Again, text: str) -> dict[str, dict[Any, list[int]]]:
    """[residents, winners, losers, servings, base, trial] by age, category and town of the last meal."""
    head = tomllib.loads(text)["policy"]
    by_month = sorted(base.book.lines, key=lambda line: line["own_month"])
    last = {line["person"]: line for line in by_month}
    count = Counter(line["person"] for line in base.book.lines)
    before, after = base.subsidies(), trial.subsidies()
    found: dict[str, dict[Any, list[int]]] = {"age": {}, "category": {}, "town": {}}
    for who, line in last.items():
        person, on = world.people[who], line["date"]
        held = {code for code, first, end in person["categories"] if first <= on <= end}
        where = "residence_division" if head.get("scope") == "residence" else "hukou_division"
        keys = {
            "age": values.age(values.birth(who), on, head["age_counts_from"]),
            "category": next((code for code in CATEGORIES if code in held), None),
            "town": person[where][:9],
        }
        row = [1, before[who] < after[who], before[who] > after[who]]
        row += [count[who], before[who], after[who]]
        for name, key in keys.items():
            sums = found[name].setdefault(key, [0] * 6)
            found[name][key] = [a + b for a, b in zip(sums, row, strict=True)]
    return found
