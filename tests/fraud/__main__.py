"""`python -m tests.fraud --seeds 1-20 [--patterns a,b|none] [--json] | --csv DIR --seed N`.

Seeds 1–100 are for tuning; nobody tunes on 1001–1100, whose scores are reported.
"""

import argparse
import json
from pathlib import Path

import click

from tests.fraud.files import write_files
from tests.fraud.plot import Plot, plot_of
from tests.fraud.scoring import Score, raw, score


def seeds_of(words: str) -> list[int]:
    """`1-3,7` is 1, 2, 3, 7."""
    found: list[int] = []
    for part in words.split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def detail(plot: Plot) -> None:
    """Each rule's finding with what is true of its lines."""
    fraud, look = plot.table[:, -2], plot.table[:, -1]
    for name, one in raw(plot):
        rows = [s - 1 for s in one.sequences]
        truth = [plot.names[fraud[r]] for r in rows]
        looks = ["-" + plot.names[look[r]] for r in rows]
        truth = [t if t != "honest" else word for t, word in zip(truth, looks, strict=True)]
        mix = {word: truth.count(word) for word in sorted(set(truth))}
        click.echo(f"  {name:16} {one.rule} {one.severity:5} {one.point} {one.chance} {mix}")


def main() -> None:
    """Scores the scan over seeds, or writes one seed's files."""
    parser = argparse.ArgumentParser(prog="python -m tests.fraud")
    parser.add_argument("--seeds", default="1-20")
    parser.add_argument("--patterns", default="")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--each", action="store_true", help="a line a seed")
    parser.add_argument("--detail", action="store_true", help="each finding")
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    wanted = tuple(p for p in args.patterns.split(",") if p and p != "none")
    patterns = wanted if args.patterns else None
    if args.csv:
        write_files(plot_of(args.seed, patterns), args.csv)
        return
    total = Score()
    for seed in seeds_of(args.seeds):
        plot = plot_of(seed, patterns)
        one = score(plot)
        total += one
        if args.each or args.detail:
            kept = {k: v for k, v in one.told().items() if k not in ("months", "right_by_rule")}
            words = f"{seed} {plot.world.style} {json.dumps(kept, ensure_ascii=False)}"
            click.echo(words, err=True)
        if args.detail:
            detail(plot)
    told = total.told()
    click.echo(json.dumps(told, ensure_ascii=False, indent=None if args.json else 1))


main()
