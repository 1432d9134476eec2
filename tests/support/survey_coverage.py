"""How often the intervals of a drawn questionnaire hold the truth, over many made-up districts.

`python -m tests.support.survey_coverage 1000` prints the shares; they should be near 95 %.
"""

import random
import sys
from collections import defaultdict

from mealsvc.survey.sampling.estimates import Asked, gathered, mean, share
from mealsvc.survey.sampling.rules import Cell, Person, drawn_from

TOWNS = [f"3204121{number:02d}" for number in range(10)]
FIGURES = ("share", "rare", "mean", "domain", "town")


def covered(seed: int, people: int = 6_000, size: int = 384) -> dict[str, bool | None]:
    """One district: whether each interval holds the true figure; None where there is none."""
    dice = random.Random(seed)
    own = _district(dice, people)
    drawn = drawn_from([person for person, _ in own], f"seed {seed}", size, 0.3)
    answers = dict(zip((person.id for person, _ in own), (said for _, said in own), strict=True))
    refuses = {person.id for person, _ in own if dice.random() < 0.15}
    strata = gathered(_asked(drawn, answers, refuses), {s.code: s.population for s in drawn.strata})
    inside = [said for _, said in own if said is not None]
    found: dict[str, bool | None] = {}
    for name, of in (("share", share), ("rare", share), ("mean", mean)):
        estimate = of(strata, lambda one, name=name: one.answers[name] if one.answers else None)
        truth = sum(said[name] for said in inside) / len(inside)
        found[name] = _holds(estimate, truth)
    some = [said for said in inside if said["share"]]
    estimate = mean(strata, lambda one: _if(one, lambda told: told["share"]))
    found["domain"] = _holds(estimate, sum(said["mean"] for said in some) / len(some))
    town = TOWNS[1]
    lived = [said for person, said in own if said and person.cell.town == town]
    estimate = share(
        strata, lambda one: one.answers["share"] if one.answers and one.cell.town == town else None
    )
    found["town"] = _holds(estimate, sum(said["share"] for said in lived) / len(lived))
    return found


def shares(populations: int, first: int = 0, people: int = 6_000) -> dict[str, float]:
    """For each figure the share of districts whose interval held the truth."""
    held: dict[str, list[bool]] = defaultdict(list)
    for seed in range(first, first + populations):
        for name, was in covered(seed, people).items():
            if was is not None:
                held[name].append(was)
    return {name: sum(held[name]) / len(held[name]) for name in FIGURES}


def _if(one, asked):
    return one.answers["mean"] if one.answers and asked(one.answers) else None


def _holds(estimate, truth: float) -> bool | None:
    if estimate.low is None or estimate.high is None:
        return None
    return estimate.low - 1e-12 <= truth <= estimate.high + 1e-12


def _district(dice: random.Random, people: int):
    """People with answers that differ by town, age and living state; 3 % do not belong in it."""
    towns = {town: (dice.uniform(1, 9), dice.uniform(0.15, 0.5)) for town in TOWNS}
    weights = [towns[town][0] for town in TOWNS]
    own = []
    for number in range(1, people + 1):
        town = dice.choices(TOWNS, weights)[0]
        band = dice.choices((60, 70, 80, 90), (50, 32, 15, 3))[0]
        living = dice.choices(("DJ", "KC", "QT"), (15, 30, 55))[0]
        wish = towns[town][1] + (band - 60) / 200 + (0.2 if living == "DJ" else 0)
        said = {
            "share": float(dice.random() < wish),
            "rare": float(dice.random() < 0.03),
            "mean": dice.choice((1, 2, 3, 5, 7)) + (band - 60) / 20,
        }
        cell = Cell(town, band, living)
        person = Person(number, cell, f"{town}{number % 9 + 1:03d}")
        own.append((person, None if dice.random() < 0.03 else said))
    return own


def _asked(drawn, answers, refuses) -> list[Asked]:
    """Who refuses is replaced from the reserve of the stratum as long as it lasts."""
    owner = {cell: one for one in drawn.strata for cell in one.cells}
    by: dict[str, list[Person]] = defaultdict(list)
    for place in drawn.places:
        by[owner[place.person.cell].code].append(place.person)
    found: list[Asked] = []
    for stratum in drawn.strata:
        met = 0
        for person in by[stratum.code]:
            if met == stratum.drawn:
                break
            if person.id not in refuses:
                met += 1
                found.append(Asked(stratum.code, person.cell, answers[person.id]))
    return found


if __name__ == "__main__":
    for figure, part in shares(int(sys.argv[1])).items():
        sys.stdout.write(f"{figure}: {part:.1%}\n")
