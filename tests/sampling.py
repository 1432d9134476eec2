"""How often the stated bound holds: `python -m tests.sampling [MONTHS]`.

Each simulated month has its own lines, errors, seed and draw; the bound must not lie below the true
error in more than 5 % of them, in any regime. Nothing here knows how the bound is reckoned.
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import click
import numpy as np

from mealsvc.auditing.sampling.rules import drawing
from mealsvc.auditing.sampling.rules.drawing import Drawn, Line
from mealsvc.auditing.sampling.rules.projecting import Examined, Projection, project

AMOUNTS, POINTS, CONFIDENCE = (300, 400, 500, 600, 800), 20, 0.95
SIZE = {"mus": 149, "stratified": 0}


@dataclass(frozen=True)
class Regime:
    """Months of one kind: how many lines are wrong, by how much, where, and who never answers."""

    name: str
    rate: float
    taint: str = "whole"  # whole | part | small
    where: str = "anywhere"  # anywhere | one_point | small_points | large_amounts
    silent: float = 0.0
    lines: int = 1_500


REGIMES = (
    Regime("没有差错", 0.0),
    Regime("极少 0.2%", 0.002),
    Regime("少 1%", 0.01),
    Regime("恰在可容忍 2%", 0.02),
    Regime("多 10%", 0.10),
    Regime("部分差错 2%", 0.02, "part"),
    Regime("小额差错 20%", 0.20, "small"),
    Regime("集中一点 2%", 0.02, "whole", "one_point"),
    Regime("集中小点 2%", 0.02, "whole", "small_points"),
    Regime("集中大额 1.5%", 0.015, "whole", "large_amounts"),
    Regime("少 1%，一成无应答", 0.01, "whole", "anywhere", 0.1),
    Regime("部分 3%，小总体", 0.03, "part", "anywhere", 0.0, 300),
    Regime("恰在可容忍 2%，大总体", 0.02, lines=6_000),
)


@dataclass(frozen=True)
class Outcome:
    """One simulated month: the true error and what the sample says of it."""

    true: int
    said: Projection


def months(regime: Regime, method: str, count: int, start: int) -> Iterator[Outcome]:
    """So many months of a regime, each from its own seed."""
    for number in range(start, start + count):
        yield _month(regime, method, np.random.default_rng(number), f"{regime.name}-{number}")


def _month(regime: Regime, method: str, chance: np.random.Generator, seed: str) -> Outcome:
    shares = np.arange(1, POINTS + 1) ** 1.5
    places = np.sort(chance.choice(POINTS, regime.lines, p=shares / shares.sum()))
    chance.shuffle(places)
    fen = chance.choice(AMOUNTS, regime.lines, p=(0.4, 0.3, 0.15, 0.1, 0.05))
    lines = [
        Line(at, f"K{at}", f"P{place:02d}", int(amount))
        for at, (place, amount) in enumerate(zip(places, fen, strict=True), 1)
    ]
    errors = _errors(regime, places, fen, chance)
    must = frozenset(int(at) + 1 for at in chance.choice(regime.lines, 5, replace=False))
    drawn = _draw(method, seed, lines, must)
    silent = chance.random(regime.lines) < regime.silent
    return Outcome(
        int(errors.sum()), project(drawn.strata, _examined(drawn, errors, silent), CONFIDENCE)
    )


def _errors(
    regime: Regime, places: np.ndarray, fen: np.ndarray, chance: np.random.Generator
) -> np.ndarray:
    wanted = round(regime.rate * regime.lines)
    order = chance.permutation(regime.lines)
    if regime.where == "one_point":
        order = order[
            np.argsort(places[order] != chance.integers(POINTS // 2, POINTS), kind="stable")
        ]
    elif regime.where == "small_points":
        order = order[np.argsort(places[order], kind="stable")]
    elif regime.where == "large_amounts":
        order = order[np.argsort(-fen[order], kind="stable")]
    wrong, errors = order[:wanted], np.zeros(regime.lines, dtype=int)
    taint = {"whole": 1.0, "part": chance.random(wanted), "small": chance.random(wanted) * 0.2}
    errors[wrong] = np.maximum(1, fen[wrong] * taint[regime.taint])
    return errors


def _draw(method: str, seed: str, lines: list[Line], must: frozenset[int]) -> Drawn:
    if method == "mus":
        return drawing.draw_units(seed, lines, must, SIZE["mus"])
    counts = {point: len(own) for point, own in drawing.by_point(lines, must).items()}
    return drawing.draw_points(seed, lines, must, drawing.wanted_by_share(counts, 0.05, 5))


def _examined(drawn: Drawn, errors: np.ndarray, silent: np.ndarray) -> list[Examined]:
    return [
        Examined(
            one.stratum,
            one.hits,
            one.line.fen,
            None if silent[one.line.sequence - 1] else int(errors[one.line.sequence - 1]),
        )
        for one in drawn.items
    ]


def coverage(regime: Regime, method: str, count: int, start: int = 0) -> tuple[float, float, float]:
    """How often the bound held, the mean bound and the mean true error in yuan."""
    seen = list(months(regime, method, count, start))
    held = sum(one.said.upper >= one.true for one in seen) / count
    bound = sum(one.said.upper for one in seen) / count / 100
    return held, bound, sum(one.true for one in seen) / count / 100


def main(count: int) -> int:
    worst, began = 1.0, time.perf_counter()
    click.echo(f"{count} 个模拟月，置信度 {CONFIDENCE:.0%}")
    for method in SIZE:
        for regime in REGIMES:
            held, bound, true = coverage(regime, method, count)
            worst = min(worst, held)
            click.echo(
                f"{method:<11}{held:7.1%}  上限均值 {bound:9.2f}  真值均值 {true:9.2f}  {regime.name}"
            )
    click.echo(f"最差 {worst:.1%}，用时 {time.perf_counter() - began:.0f} 秒")
    return 0 if worst >= CONFIDENCE else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000))
